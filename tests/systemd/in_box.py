"""Runs inside the box: the package is installed, used, upgraded and purged as an administrator would.

    in_box.py PACKAGE NEXT_PACKAGE      two .deb files; the second has a higher version

Each test prints a line; the first that fails ends the run. The tests share one system, in this order.
"""

import contextlib
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.request

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

    def check(self):
        """The connection lives: an answer comes."""
        self.seen = b""
        self.say("/names")
        self.expect("#lobby")

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


def fails(*command):
    """The output of a command that has to fail."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
    assert done.returncode != 0, f"{' '.join(command)} did not fail\n{done.stdout}"
    return done.stdout


def journal(*matches):
    """The daemon's entries in the journal, oldest first."""
    run("journalctl", "--sync")
    lines = run("journalctl", "-o", "json", "-u", "mingled", "--no-pager", *matches, check=False).splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]


def status():
    return json.loads(run("minglectl", "--json", "status"))


def certificate(name, folder, owner="root:root"):
    """A new certificate for this name, where the daemon looks for it."""
    os.makedirs(folder, exist_ok=True)
    paths = f"{folder}/cert.pem", f"{folder}/key.pem"
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
        "-subj", f"/CN={name}", "-out", paths[0], "-keyout", paths[1])
    run("chown", owner, paths[1])
    os.chmod(paths[1], 0o640)
    return paths


def subject():
    said = run("openssl", "s_client", "-connect", f"127.0.0.1:{PORT}", input="/quit\n", check=False)
    return re.search(r"subject=CN = (\S+)", said)[1]


def test_reload_takes_new_settings_and_keeps_who_is_here():
    pid, alice = prop("MainPID"), Client("alice")
    with settings("[server]\nwelcome = New words.\n"):
        run("systemctl", "reload", "mingled")
        greeted = Client()
        greeted.expect("New words.")
        greeted.close()
        alice.check()
        assert (prop("MainPID"), is_active()) == (pid, True)
        assert status()["last_reload"].endswith(" good")
    run("systemctl", "reload", "mingled")
    alice.close()


def test_reload_of_a_bad_file_fails_and_changes_nothing():
    pid, alice = prop("MainPID"), Client("alice")
    with settings("[server]\nwelcome = New words.\nwelcom = Newer words.\n"):
        fails("systemctl", "reload", "mingled")
        assert 'unknown setting "server.welcom"' in fails("minglectl", "reload")
        assert "New words" not in run("minglectl", "settings", "server.welcome")
        alice.check()
        assert (prop("MainPID"), is_active()) == (pid, True)
        assert "last reload refused: " in prop("StatusText"), prop("StatusText")
        refused = journal("MESSAGE_ID=" + log_id("reload-refused"))
        assert 'unknown setting "server.welcom"' in refused[-1]["MINGLE_PROBLEM"], refused
        assert run("journalctl", "--no-pager", "-u", "mingled").count("unknown setting") >= 2
        assert " refused: " in status()["last_reload"]
    run("systemctl", "reload", "mingled")
    assert status()["last_reload"].endswith(" good")
    alice.close()


def log_id(kind):
    """As the manual has it."""
    with open("/box/logs.md", encoding="utf-8") as file:
        return re.search(rf"^\| `{kind}` \| `(\w+)`", file.read(), re.M)[1]


def test_reload_reads_a_renewed_certificate():
    folder = "/etc/ssl/private/box"
    cert, key = certificate("first.test", folder, "root:ssl-cert")
    os.chmod("/etc/ssl/private", 0o710)
    run("chgrp", "ssl-cert", folder)
    with settings(f"[tls]\ncertificate = {cert}\nkey = {key}\n"), own_certificate_only():
        run("systemctl", "reload", "mingled")
        assert subject() == "first.test"
        alice = Client("alice")
        certificate("second.test", folder, "root:ssl-cert")
        run("systemctl", "reload", "mingled")
        assert subject() == "second.test"
        os.truncate(cert, 10)
        fails("systemctl", "reload", "mingled")
        assert subject() == "second.test"
        alice.check()
        alice.close()
    run("systemctl", "reload", "mingled")
    run("rm", "-r", folder)


@contextlib.contextmanager
def own_certificate_only():
    """Without the certificate of the package, whose lines stand further up."""
    with open(CONF, encoding="utf-8") as file:
        text = file.read()
    with open(CONF, "w", encoding="utf-8") as file:
        file.write(re.sub(r"(?m)^(certificate|key) = .*snakeoil.*$", r"#\g<0>", text))
    try:
        yield
    finally:
        with open(CONF, "w", encoding="utf-8") as file:
            file.write(text)


def test_credentials_are_read_at_the_start():
    cert, key = certificate("credential.test", "/root/tls")
    os.chmod(key, 0o600)
    os.chmod("/root/tls", 0o700)
    with settings("[tls]\ncertificate = credential:cert.pem\nkey = credential:key.pem\n"), \
            own_certificate_only():
        assert "there are no credentials" in fails("minglectl", "reload")
        with drop_in("mingled.service", f"[Service]\nLoadCredential=cert.pem:{cert}\nLoadCredential=key.pem:{key}\n"):
            restart()
            assert subject() == "credential.test"
            certificate("renewed.test", "/root/tls")
            run("systemctl", "reload", "mingled")  # systemd has not copied it again
            assert subject() == "credential.test"
            run("systemctl", "try-restart", "mingled")
            assert subject() == "renewed.test"
    restart()


def test_journal_has_the_fields():
    client = Client("fielder")
    number = [row["id"] for row in json.loads(run("minglectl", "--json", "sessions")) if row["name"] == "fielder"][0]
    client.say("/quit")
    client.read_to_end()
    client.close()
    wait_for("the end in the journal", lambda: any(
        "MINGLE_REASON" in entry for entry in journal(f"MINGLE_SESSION={number}", f"_PID={prop('MainPID')}")))
    life = {entry["MESSAGE_ID"]: entry for entry in journal(f"MINGLE_SESSION={number}", f"_PID={prop('MainPID')}")}
    assert life[log_id("session-named")]["MINGLE_NAME"] == "fielder"
    assert life[log_id("session-closed")]["MINGLE_REASON"] == "quit"
    assert life[log_id("session-open")]["MINGLE_ADDRESS"].startswith("127.0.0.1:")
    starting = journal("MESSAGE_ID=" + log_id("starting"))[-1]
    assert starting["SYSLOG_IDENTIFIER"] == "mingled" and starting["PRIORITY"] == "5", starting


def test_control_socket_is_for_root_and_nobody_else():
    path = "/run/mingle/control.sock"
    assert (os.stat(path).st_mode & 0o777, os.stat(path).st_uid != 0) == (0o660, True)
    done = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "minglectl", "status"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 3 and "Permission denied" in done.stdout, done
    for page in ("/usr/share/man/man1/minglectl.1.gz", "/usr/share/man/man8/mingled.8.gz",
                 "/usr/share/man/man5/mingled.conf.5.gz", "/usr/share/bash-completion/completions/minglectl",
                 "/usr/share/zsh/site-functions/_minglectl"):
        assert os.path.getsize(page) > 200, page


def test_everything_that_the_readme_shows():
    with open("/box/README.md", encoding="utf-8") as file:
        block = re.search(r"## Operate it\n.*?```\n(.*?)```", file.read(), re.DOTALL)[1]
    troll, alice = Client("troll1"), Client("alice")
    commands = [shlex.split(re.split(r" {3,}", line)[0]) for line in block.splitlines()]
    assert {"status", "sessions", "tasks", "say", "kick", "reload", "drain", "shutdown"} <= {c[1] for c in commands}
    for command in commands:
        assert run(*command), command
    assert "not here" in troll.read_to_end()
    alice.expect("The administrator says: lunch is ready")
    alice.expect("new kernel")
    assert status()["state"].startswith("draining")
    run("minglectl", "shutdown", "cancel")
    run("minglectl", "drain", "off")
    run("minglectl", "unban", "*@192.0.2.*")
    run("minglectl", "trace", "--next", "off")
    troll.close()
    pid = prop("MainPID")
    run("minglectl", "shutdown", "new", "kernel")
    assert "new kernel" in alice.read_to_end()
    alice.close()
    wait_for("the stop", lambda: prop("ActiveState") == "inactive")
    assert prop("Result") == "success"
    Client("bob").close()  # the socket starts the next one
    assert prop("MainPID") not in (pid, "0")


def test_metrics_port():
    with settings("[metrics]\naddress = 127.0.0.1:9700\n"):
        restart()
        with contextlib.closing(Client("alice")):
            wait_for("one user", lambda: "\nmingle_users 1\n" in
                     urllib.request.urlopen("http://127.0.0.1:9700/metrics", timeout=DEADLINE_S).read().decode())
        assert urllib.request.urlopen("http://127.0.0.1:9700/healthz", timeout=DEADLINE_S).read() == b"ok\n"
    restart()


def test_crashed_process_is_restarted():
    with drop_in("mingled.service", "[Service]\nLimitCORE=0\n"):
        restart()
        pid = prop("MainPID")
        os.kill(int(pid), signal.SIGSEGV)
        wait_for("another process", lambda: prop("MainPID") not in (pid, "0") and is_active())
        Client("again").close()
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
    run("minglectl", "reload")
    assert "kept.example.org" in run("minglectl", "settings", "server.name")


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
