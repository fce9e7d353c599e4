#!/usr/bin/env python3
"""Starting: the command line, the settings, listeners, certificates, the service manager."""
import os
import re
import socket

from mingle_client import DEADLINE, SocketClient
from mingle_test import DaemonTest, certificate, main, run_mingled

EX_CONFIG = 78  # the settings are wrong: to start again would not help

# Does what a service manager does: passes its standard input, a listening socket, as file 3.
ACTIVATE = ("sh", "-c", 'exec 3<&0 </dev/null; export LISTEN_FDS=1 LISTEN_PID=$$; exec "$0" "$@"')


class StartTest(DaemonTest):
    def write(self, text):
        path = os.path.join(self.keep_folder(), "test.conf")
        with open(path, "w") as file:
            file.write(text)
        return path

    def check_refused(self, settings, *words, status=1, **more):
        """It does not start, and its last word says why."""
        daemon = self.start(settings, is_listening=False, **more)
        self.assertEqual(daemon.wait(), status)
        daemon.check_log()
        for word in words:
            self.assertIn(word, daemon.log[-1])
        self.assertRegex(daemon.log[-1], r"^\S+ error ")

    # ---- command line and settings ----

    def test_start_help_and_version(self):
        status, out, err = run_mingled("--help")
        self.assertEqual((status, err), (0, ""))
        self.assertIn("Usage: mingled [OPTION]...\n", out)
        for option in ("--config FILE", "--set SECTION.KEY=VALUE", "--check-config", "--version"):
            self.assertIn(option, out)
        status, out, err = run_mingled("--version")
        self.assertEqual((status, err), (0, ""))
        self.assertRegex(out, r"^mingled \S+\n$")

    def test_start_wrong_command_line(self):
        for arguments, why in ((["--nonsense"], "unknown or ambiguous option '--nonsense'"),
                               (["-x"], "unknown option '-x'"),
                               (["now"], "unexpected argument 'now'"),
                               (["--config"], "option '--config' needs a value"),
                               (["--set", "x.y"], "--set needs SECTION.KEY=VALUE, not 'x.y'")):
            status, out, err = run_mingled(*arguments)
            self.assertEqual((status, out), (2, ""))
            self.assertIn(f"{why}; Try 'mingled --help'\n", err)

    def test_start_good_configuration(self):
        path = self.write("[server]\nname = chat.example.org\n")
        status, out, err = run_mingled("--config", path, "--check-config")
        self.assertEqual((status, out, err), (0, "The configuration is good.\n", ""))

    def test_start_bad_configuration_names_every_line(self):
        path = self.write("[limits]\nlin = 4K\nline = 4\n\n[sever]\nname = x\n[server\n")
        status, out, err = run_mingled("--config", path, "--check-config")
        self.assertEqual((status, out), (EX_CONFIG, ""))
        lines = [re.sub(r"^\S+ error ", "", line) for line in err.splitlines()]
        self.assertEqual(lines[0], f'{path}:2: unknown setting "limits.lin"; did you mean "limits.line"?')
        self.assertRegex(lines[1], f'^{path}:3: bad value "4" for limits.line: expected ')
        self.assertEqual(lines[2], f'{path}:6: unknown setting "sever.name"; did you mean "server.name"?')
        self.assertEqual(lines[3], f"{path}:7: the ] after the section is missing")
        self.assertEqual(len(lines), 4)

    def test_start_missing_configuration(self):
        status, out, err = run_mingled("--config", "/nowhere/mingled.conf")
        self.assertEqual((status, out), (EX_CONFIG, ""))
        self.assertIn("/nowhere/mingled.conf: cannot be read: No such file or directory", err)

    def test_start_set_wins_over_the_file(self):
        path = self.write("[limits]\noutbox_high = 8K\noutbox_low = 4K\n")
        arguments = ["--config", path, "--check-config", "--set"]
        self.assertEqual(run_mingled(*arguments, "limits.outbox_low=6K")[0], 0)
        status, _, err = run_mingled(*arguments, "limits.outbox_low=16K")
        self.assertEqual(status, EX_CONFIG)
        self.assertIn("--set: limits.outbox_low (16384) must be below limits.outbox_high (8192)", err)

    def test_start_dump_says_where_values_come_from(self):
        path = self.write("[limits]\nline = 8K\ninbox = 20\ninclude = more.conf\n")
        more = os.path.join(os.path.dirname(path), "more.conf")
        with open(more, "w") as file:
            file.write("[limits]\ninbox = 30\n[listen]\naddress = 127.0.0.1:0\n")
        status, out, err = run_mingled("--config", path, "--dump-config", "--set", "rooms.history=5",
                                       env={"MINGLE_LIMITS_QUEUE": "64"})
        self.assertEqual((status, err), (0, ""))
        for place, line in ((f"{path}:2", "line = 8K"), (f"{more}:2", "inbox = 30"), ("--set", "history = 5"),
                            (f"{more}:4", "address = 127.0.0.1:0"), ("MINGLE_LIMITS_QUEUE", "queue = 64")):
            self.assertIn(f"# From {place}.\n{line}\n", out)
        self.assertIn("\n#lobby = #lobby\n", out)
        again = self.write(out)
        status, out_again, _ = run_mingled("--config", again, "--dump-config")
        self.assertEqual(status, 0)
        self.assertEqual(*(re.sub("# From .*\n", "", text) for text in (out, out_again)))

    def test_start_environment_wins_over_the_file(self):
        path = self.write("[limits]\nline = 8K\n")
        arguments = ["--config", path, "--check-config"]
        status, _, err = run_mingled(*arguments, env={"MINGLE_LIMITS_LINES": "4K", "MINGLE_ROOMS_LOG": "x"})
        self.assertEqual(status, EX_CONFIG)
        self.assertIn('unknown variable "MINGLE_LIMITS_LINES" in the environment; did you mean '
                      '"MINGLE_LIMITS_LINE"?', err)
        self.assertIn('MINGLE_ROOMS_LOG: bad value "x" for rooms.log: expected ', err)

    def test_start_check_looks_at_certificates(self):
        path = self.write("[tls]\nkey = /nowhere/key.pem\ncertificate = /nowhere/certificate.pem\n")
        status, _, err = run_mingled("--config", path, "--check-config")
        self.assertEqual(status, EX_CONFIG)
        self.assertIn(f"{path}:3: cannot read the certificate file /nowhere/certificate.pem: ", err)

    # ---- listeners ----

    def test_start_taken_port(self):
        daemon = self.start()
        address = "{}:{}".format(*daemon.address)
        self.check_refused({"listen.address": address},
                           f"cannot listen on {address}: Address already in use; is another mingled running?")

    def test_start_impossible_address(self):
        self.check_refused({"listen.address": "192.0.2.1:0"}, "Cannot assign requested address",
                           "this machine has no such address")
        self.check_refused({"listen.address": "127.0.0.1:port"}, "listen.address = 127.0.0.1:port: ", status=EX_CONFIG)

    def test_start_unix_socket(self):
        path = os.path.join(self.keep_folder(), "mingled.sock")
        daemon = self.start({"listen.address": "unix:" + path})
        daemon.wait_log(f"listening on unix:{path}$")
        client = self.keep(SocketClient(path))
        self.assertEqual(client.enter("alice")[0], "*** You are alice, in #lobby, alone so far.")
        nc = self.program("nc", "-U", "-N", path)
        nc.send("bob\nhi\n")
        nc.end_input()
        self.assertIn("*** You are bob, in #lobby with alice.", nc.rest())
        client.expect("<bob> hi\n")
        daemon.kill()  # leaves its socket behind
        daemon = self.start({"listen.address": "unix:" + path})
        self.keep(SocketClient(path)).enter("alice")
        self.check_refused({"listen.address": "unix:" + path}, "Address already in use")
        self.keep(SocketClient(path)).enter("bob")
        daemon.stop()
        self.assertFalse(os.path.exists(path))

    def test_start_several_addresses_and_ipv6(self):
        path = os.path.join(self.keep_folder(), "mingled.sock")
        daemon = self.start({"listen.address": ["[::1]:0", "127.0.0.1:0", "unix:" + path]})
        port = int(daemon.wait_log(r"listening on \[::1\]:(\d+)$")[1])
        self.keep(SocketClient(("::1", port))).enter("alice")
        daemon.wait_log(r"session=1 open from=\[::1\]:\d+$")
        self.enter(daemon, "bob")
        carol = self.keep(SocketClient(path))
        self.assertEqual(carol.enter("carol")[0], "*** You are carol, in #lobby with alice, bob.")

    # ---- certificates ----

    def test_start_missing_certificate(self):
        path = "/nowhere/certificate.pem"
        self.check_refused({"tls.certificate": path, "tls.key": certificate()[1]}, path, status=EX_CONFIG)

    def test_start_missing_key(self):
        path = "/nowhere/key.pem"
        self.check_refused({"tls.certificate": certificate()[0], "tls.key": path}, path, status=EX_CONFIG)

    def test_start_key_of_another_certificate(self):
        key = certificate("other")[1]
        self.check_refused({"tls.certificate": certificate()[0], "tls.key": key}, key, status=EX_CONFIG)

    def test_start_certificate_that_is_none(self):
        path = self.write("hello\n")
        self.check_refused({"tls.certificate": path, "tls.key": certificate()[1]}, path, status=EX_CONFIG)

    # ---- the service manager ----

    def test_start_socket_activation(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            address = listener.getsockname()
            early = self.keep(SocketClient(address))  # connects before there is a daemon
            early.line("early")
            daemon = self.start({"listen.address": "192.0.2.1:7000"}, stdin=listener, launcher=ACTIVATE)
        daemon.wait_log("listening on {}:{}$".format(*address))
        early.expect("You are early, in #lobby, alone so far")
        self.keep(SocketClient(address)).enter("late")

    def test_start_socket_activation_with_options_of_its_address(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            address = "{}:{}".format(*listener.getsockname())
            daemon = self.start({"listen.address": ["192.0.2.1:7000", address + " proxy=127.0.0.0/8"]},
                                stdin=listener, launcher=ACTIVATE)
            daemon.wait_log(f"listening on {address} behind a proxy$")
            client = self.keep(SocketClient(listener.getsockname()))
        client.send("PROXY TCP4 192.0.2.9 192.0.2.1 1 2\r\nalice\n")
        daemon.wait_log(r"session=1 client=192\.0\.2\.9:1$")
        client.expect("You are alice")

    def test_start_bad_options_of_an_address(self):
        status, _, err = run_mingled("--check-config", "--set", "listen.address=127.0.0.1:0 proxy=10.0.0.1/8")
        self.assertEqual(status, EX_CONFIG)
        self.assertIn("the address has bits behind its prefix", err)
        status, _, err = run_mingled("--check-config", "--set", "listen.address=127.0.0.1:0 tls=required")
        self.assertEqual(status, EX_CONFIG)
        self.assertIn("needs tls.certificate and tls.key", err)

    def test_start_socket_activation_keeps_a_unix_socket(self):
        path = os.path.join(self.keep_folder(), "mingled.sock")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
            listener.listen()
            daemon = self.start(stdin=listener, launcher=ACTIVATE)
            self.keep(SocketClient(path)).enter("alice")
            daemon.stop()
        self.assertTrue(os.path.exists(path))

    def test_start_socket_activation_with_something_else(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wrong:
            self.check_refused({}, "a socket from the service manager cannot be used", stdin=wrong,
                               launcher=ACTIVATE)

    def test_start_service_manager_is_notified(self):
        path = os.path.join(self.keep_folder(), "notify")
        manager = self.keep(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        manager.bind(path)
        manager.settimeout(DEADLINE)

        def until(wanted):
            states = []
            while not any(re.fullmatch(wanted, state) for state in states):
                states += manager.recv(4096).decode().splitlines()
            return states

        daemon = self.start(env={"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "200000"})
        self.assertNotIn("STOPPING=1", until("READY=1"))
        for _ in range(3):
            until("WATCHDOG=1")
        self.enter(daemon, "alice")
        until("STATUS=1 people in 1 rooms, 1 connections")
        daemon.signal()
        until("STOPPING=1")
        self.assertEqual(daemon.wait(), 0)


if __name__ == "__main__":
    main()
