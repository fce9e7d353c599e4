"""Runs inside the box: the package is installed, used, upgraded and purged as an administrator would.

    in_box.py PACKAGE NEXT_PACKAGE      two .deb files; the second has a higher version

Each test prints a line; the first that fails ends the run. The tests share one system, in this order.
"""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time

PORT = 7000
DEADLINE_S = 30
CONF = "/etc/mingle/mingled.conf"


def run(*command, check=True, input=None):
    """The output of a command; both streams, since tools disagree where they write."""
    done = subprocess.run(command, input=input, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=120)
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(command)}: exit status {done.returncode}\n{done.stdout}")
    return done.stdout


def wait_for(what, condition):
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {DEADLINE_S} s: {what}\n{run('systemctl', 'status', 'mingled.service', check=False)}")
        time.sleep(0.02)


def prop(name):
    return run("systemctl", "show", "-P", name, "mingled.service").strip()


def is_active():
    return prop("ActiveState") == "active"


class Client:
    """Someone at nc."""

    def __init__(self, name=None):
        self.socket = socket.create_connection(("127.0.0.1", PORT), timeout=DEADLINE_S)
        self.seen = b""
        if name:
            self.say(name)
            self.expect(f"*** You are {name}")

    def say(self, line):
        self.socket.sendall(line.encode() + b"\n")

    def expect(self, text):
        while text.encode() not in self.seen:
            piece = self.socket.recv(65536)
            assert piece, f"closed before {text!r} came; got {self.seen!r}"
            self.seen += piece

    def read_to_end(self):
        while piece := self.socket.recv(65536):
            self.seen += piece
        return self.seen.decode()

    def close(self):
        self.socket.close()


@contextlib.contextmanager
def drop_in(unit, text):
    """A change of the administrator: `systemctl edit`, and its revert."""
    folder = f"/etc/systemd/system/{unit}.d"
    os.makedirs(folder, exist_ok=True)
    path = f"{folder}/box.conf"
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    run("systemctl", "daemon-reload")
    try:
        yield
    finally:
        os.unlink(path)
        os.rmdir(folder)
        run("systemctl", "daemon-reload")


@contextlib.contextmanager
def settings(text):
    """A change of mingled.conf, and its revert."""
    with open(CONF, encoding="utf-8") as file:
        before = file.read()
    with open(CONF, "w", encoding="utf-8") as file:
        file.write(before + "\n" + text)
    try:
        yield
    finally:
        with open(CONF, "w", encoding="utf-8") as file:
            file.write(before)


def restart():
    run("systemctl", "reset-failed", "mingled.service", "mingled.socket")
    run("systemctl", "restart", "mingled.service")


# --- tests --------------------------------------------------------------------------------------------


def test_install_starts_the_service(package):
    run("apt-get", "install", "-y", "-qq", "--no-install-recommends", package)
    wait_for("active", is_active)
    assert run("systemctl", "is-enabled", "mingled.service", "mingled.socket").split() == ["enabled", "enabled"]
    alice, bob = Client("alice"), Client("bob")
    alice.say("hello from the package")
    bob.expect("<alice> hello from the package")
    alice.close()
    bob.close()


def test_tls_works_with_the_self_made_certificate():
    said = run("openssl", "s_client", "-quiet", "-connect", f"127.0.0.1:{PORT}", input="carol\n/quit\n", check=False)
    assert "*** You are carol" in said, said


def test_status_is_told_to_systemd():
    with contextlib.closing(Client("alice")):
        wait_for("a status with one session", lambda: re.search(r"\b1\b", prop("StatusText")))
    assert prop("Type") == "notify"


def test_sandbox_is_tight():
    print(run("systemd-analyze", "security", "--no-pager", "--threshold=12", "mingled.service").splitlines()[-1])
    run("systemd-analyze", "verify", "mingled.service", "mingled.socket")
    status = open(f"/proc/{prop('MainPID')}/status", encoding="utf-8").read()
    assert re.search(r"^CapEff:\s0+$", status, re.M), "it has capabilities"
    assert re.search(r"^Seccomp:\s2$", status, re.M), "no system call filter"
    assert not re.search(r"^Uid:\s0\s", status, re.M), "it runs as root"


def test_first_client_starts_the_service():
    run("systemctl", "stop", "mingled.service")
    assert not is_active()
    client = Client("early")
    assert is_active()
    client.close()


def test_stopped_process_is_aborted_and_restarted():
    with drop_in("mingled.service", "[Service]\nWatchdogSec=2\nLimitCORE=0\n"):
        restart()
        pid = prop("MainPID")
        os.kill(int(pid), signal.SIGSTOP)
        wait_for("the watchdog's restart", lambda: prop("MainPID") not in (pid, "0") and is_active())
        assert int(prop("NRestarts")) >= 1
        Client("again").close()
    restart()


def test_stop_with_500_clients_keeps_its_deadline():
    with settings("[limits]\nper_address = 0\n"):
        restart()
        clients = [Client(f"c{i}") for i in range(500)]
        began = time.monotonic()
        run("systemctl", "stop", "mingled.service")
        assert time.monotonic() - began < 15
        assert prop("Result") == "success", prop("Result")
        for client in clients:
            assert "***" in client.read_to_end().splitlines()[-1]
    restart()


def test_upgrade_restarts_and_keeps_the_settings(next_package):
    with open(CONF, "a", encoding="utf-8") as file:
        file.write("\n[server]\nname = kept.example.org\n")
    pid = prop("MainPID")
    run("apt-get", "install", "-y", "-qq", next_package)
    wait_for("the new process", lambda: prop("MainPID") not in (pid, "0") and is_active())
    client = Client()
    client.expect("Welcome to kept.example.org")
    client.close()


def test_purge_leaves_nothing():
    run("apt-get", "purge", "-y", "-qq", "mingled")
    with contextlib.suppress(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", PORT), timeout=1)
        raise AssertionError("the port is still open")
    left = run("find", "/", "-xdev", "-not", "-path", "/box*", "-not", "-path", "/proc*", "-iname", "*mingle*")
    known = ("/var/lib/dpkg", "/var/cache/apt", "/var/lib/apt", "/var/log")
    assert not [path for path in left.split() if not path.startswith(known)], left


def main():
    package, next_package = sys.argv[1:]
    arguments = {"package": package, "next_package": next_package}
    for name, test in list(globals().items()):
        if name.startswith("test_"):
            began = time.monotonic()
            test(*[arguments[a] for a in test.__code__.co_varnames[:test.__code__.co_argcount]])
            print(f"ok {name} ({time.monotonic() - began:.1f} s)", flush=True)


main()
