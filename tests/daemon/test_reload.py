#!/usr/bin/env python3
"""Reloading: what changes, for whom, and that a bad file changes nothing.

TEST_RELOADS: how many reloads the long one of these does."""
import json
import os
import re
import shutil
import signal
import socket
import time

from mingle_client import DEADLINE, SocketClient, TlsClient
from mingle_crowd import Crowd
from mingle_test import DaemonTest, certificate, config_text, main, wait_until

RELOADS = int(os.environ.get("TEST_RELOADS", "40"))
VERDICT = re.compile(r"reload: (settings reloaded|reload refused)")


class Reloader:
    """Changes a daemon's file and waits for what it makes of it."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.seen = 0  # lines of the log

    def ask(self, text):
        self.daemon.configure(text if isinstance(text, str) else config_text(self.daemon.settings | text))
        self.daemon.signal(signal.SIGHUP)

    def verdict(self):
        """Whether the next run succeeded, and the lines of its report."""
        daemon = self.daemon

        def find():
            for i in range(self.seen, len(daemon.log)):
                if VERDICT.search(daemon.log[i]):
                    return i
            return None

        with daemon.log_grew:
            daemon.log_grew.wait_for(lambda: find() is not None or not daemon.reader.is_alive(), DEADLINE)
            at = find()
        assert at is not None, "no verdict of a reload"
        is_good = "settings reloaded" in daemon.log[at]
        if is_good:  # what it says of the differences comes after, in the same step
            while self.more_to_come(at):
                at += 1
        lines = daemon.log[self.seen:at + 1]
        self.seen = at + 1
        return is_good, [line.split(" reload: ", 1)[1] for line in lines if " reload: " in line]

    def more_to_come(self, at):
        return at + 1 < len(self.daemon.log) and re.search("reload: (changed|needs)", self.daemon.log[at + 1])

    def __call__(self, text):
        self.ask(text)
        return self.verdict()


class ReloadTest(DaemonTest):
    def address_of(self, daemon, count):
        host, port = daemon.wait_log(r"listening on ([\d.]+):(\d+)", count).groups()
        return host, int(port)

    def welcome(self, daemon, address=None):
        """The greeting that a new client gets."""
        client = SocketClient(address or daemon.address)
        client.line("stranger")
        text = client.expect(r"Your name\?")
        client.close()
        return text

    def check_refused(self, reload, text, *words):
        is_good, lines = reload(text)
        self.assertFalse(is_good, lines)
        self.assertEqual(lines[-1], "reload refused: the settings are as they were")
        for word in words:
            self.assertIn(word, "\n".join(lines))

    def check_good(self, reload, text):
        is_good, lines = reload(text)
        self.assertTrue(is_good, lines)
        return lines

    # ---- settings ----

    def test_reload_takes_effect_for_those_who_are_here_and_those_who_come(self):
        daemon = self.start({"server.welcome": "Old words."})
        reload = Reloader(daemon)
        alice = self.enter(daemon, "alice")
        self.assertIn("Old words.", self.welcome(daemon))
        self.check_good(reload, {"server.welcome": "New words.", "limits.rooms_per_user": "2"})
        daemon.wait_log("reload: changed: server.welcome, limits.rooms_per_user$")
        self.assertIn("New words.", self.welcome(daemon))
        alice.line("/join #two", "/join #three")
        self.assertIn("2", "\n".join(line for line in alice.sync() if "room" in line))
        alice.line("/names #three")
        self.check_good(reload, {})
        self.assertNotIn("words", self.welcome(daemon).replace("Old words.", ""))

    def test_reload_of_a_broken_file_changes_nothing(self):
        daemon = self.start({"server.welcome": "Old words."})
        reload = Reloader(daemon)
        alice = self.enter(daemon, "alice")
        text = config_text(daemon.settings | {"server.welcome": "New words."})
        lines = text.count("\n")
        self.check_refused(reload, text + "[limits]\nlinne = 4K\nline = 4\n",
                           f'{daemon.config}:{lines + 2}: unknown setting "limits.linne"; did you mean "limits.line"?',
                           f'{daemon.config}:{lines + 3}: bad value "4" for limits.line: expected ')
        self.check_refused(reload, text + "[rooms]\nhistory = 1000\nlog = 16\n",
                           f"{daemon.config}:{lines + 2}: rooms.history (1000) must not be above rooms.log (16)")
        self.assertIn("Old words.", self.welcome(daemon))
        alice.sync()
        os.unlink(daemon.config)
        daemon.signal(signal.SIGHUP)
        is_good, lines = reload.verdict()
        self.assertFalse(is_good)
        self.assertEqual(lines[0], f"{daemon.config}: cannot be read: No such file or directory")

    def test_reload_names_what_needs_a_restart(self):
        daemon = self.start({"rooms.log": "100"})
        reload = Reloader(daemon)
        self.check_good(reload, {"rooms.lobby": "#other", "rooms.history": "7", "rooms.log": "200"})
        daemon.wait_log("reload: changed: rooms.history$")
        daemon.wait_log("reload: needs a restart, and is as it was until then: rooms.lobby, rooms.log$")
        self.assertEqual(self.connect(daemon).enter("alice")[0], "*** You are alice, in #lobby, alone so far.")
        # The history must fit the log that is there, not the one that the file speaks of.
        self.check_refused(reload, {"rooms.history": "150", "rooms.log": "200"},
                           "rooms.history (150) must not be above rooms.log (100)")

    def test_reload_follows_includes(self):
        daemon = self.start()
        reload = Reloader(daemon)
        folder = os.path.join(daemon.folder, "mingled.conf.d")
        os.mkdir(folder)
        text = config_text(daemon.settings) + "include_directory = mingled.conf.d\n"
        for name, words in (("20-b.conf", "Second."), ("10-a.conf", "First."), ("30-c.conf~", "No.")):
            with open(os.path.join(folder, name), "w") as file:
                file.write(f"[server]\nwelcome = {words}\n")
        self.check_good(reload, text)
        self.assertIn("Second.", self.welcome(daemon))
        with open(os.path.join(folder, "20-b.conf"), "w") as file:
            file.write("include = 20-b.conf\n[server]\nwelcom = x\n")
        self.check_refused(reload, text, f"{folder}/20-b.conf:1: cannot include ", "in a circle",
                           f'{folder}/20-b.conf:3: unknown setting "server.welcom"')

    def test_reload_reads_the_texts_again(self):
        path = os.path.join(self.keep_folder(), "rules")
        daemon = self.start()
        reload = Reloader(daemon)
        alice = self.enter(daemon, "alice")
        for words in ("Be kind.", "Be brief."):
            with open(path, "w") as file:
                file.write(words + "\n")
            self.check_good(reload, {"server.rules": path})
            alice.line("/rules")
            self.assertIn(words, "\n".join(alice.sync()))
        os.unlink(path)
        self.check_refused(reload, {"server.rules": path}, f"server.rules = {path}: cannot be read: ")
        alice.line("/rules")
        self.assertIn("Be brief.", "\n".join(alice.sync()))

    def test_reload_changes_the_log_level(self):
        daemon = self.start()
        reload = Reloader(daemon)
        self.check_good(reload, {"log.level": "debug"})
        self.enter(daemon, "alice")
        daemon.wait_log(r"debug session=1 state=talk")
        self.check_good(reload, {"log.level": "notice"})
        mark = len(daemon.log)
        self.enter(daemon, "bob")
        self.check_good(reload, {})
        self.assertFalse([line for line in daemon.log[mark:] if "session=2" in line])

    def test_reload_changes_the_log_format(self):
        daemon = self.start()
        daemon.configure(config_text(daemon.settings | {"log.format": "json"}))
        daemon.signal(signal.SIGHUP)
        line = daemon.wait_log('^{.*"event":"reloaded".*').string
        self.assertEqual(json.loads(line)["line"], "settings reloaded")
        daemon.configure(config_text(daemon.settings | {"log.format": "text"}))
        daemon.signal(signal.SIGHUP)
        daemon.wait_log("Z notice reload: changed: log.format$")
        reload = Reloader(daemon)
        reload.seen = len(daemon.log)
        if not os.path.exists("/run/systemd/journal/socket"):
            self.check_refused(reload, {"log.format": "journal"}, "cannot connect to /run/systemd/journal")

    def test_reload_of_many_requests_ends_with_the_last(self):
        daemon = self.start()
        reload = Reloader(daemon)
        for i in range(50):
            reload.ask({"server.welcome": f"Number {i}."})
        wait_until(lambda: "Number 49." in self.welcome(daemon), "the last file is in effect")
        self.assertLessEqual(len([line for line in daemon.log if "reload: settings reloaded" in line]), 50)

    # ---- addresses ----

    def test_reload_opens_and_closes_addresses(self):
        path = os.path.join(self.keep_folder(), "mingled.sock")
        daemon = self.start()
        reload = Reloader(daemon)
        files = daemon.fd_count()
        alice = self.enter(daemon, "alice")
        self.check_good(reload, {"listen.address": ["127.0.0.1:0", "unix:" + path, "127.0.0.2:0"]})
        daemon.wait_log(f"listening on unix:{path}$")
        second = self.address_of(daemon, 2)
        bob = self.keep(SocketClient(path))
        bob.enter("bob")
        carol = self.keep(SocketClient(second))
        carol.enter("carol")
        self.assertEqual(daemon.address, self.address_of(daemon, 1))
        self.check_good(reload, {"listen.address": "127.0.0.2:0"})
        daemon.wait_log(f"no longer listening on unix:{path}$")
        self.assertFalse(os.path.exists(path))
        with self.assertRaises(ConnectionRefusedError):
            SocketClient(daemon.address)
        self.keep(SocketClient(second)).enter("dave")
        alice.sync()
        bob.line("still here")
        bob.sync()
        alice.expect("<bob> still here\n")
        carol.expect("<bob> still here\n")
        self.check_good(reload, {})
        for client in (alice, bob, carol):
            client.close()
        daemon.await_fds(files + 1)  # dave

    def test_reload_changes_options_of_an_address(self):
        daemon = self.start()
        reload = Reloader(daemon)
        alice = self.enter(daemon, "alice")
        waiting = self.connect(daemon)
        self.check_good(reload, {"listen.address": "127.0.0.1:0 greeting=off proxy=127.0.0.1"})
        self.assertEqual(self.address_of(daemon, 2), daemon.address)  # the same socket
        late = self.connect(daemon)
        late.send("PROXY TCP4 192.0.2.9 192.0.2.1 1 2\r\nlate\n")
        late.expect("You are late")
        waiting.expect("Your name")
        waiting.line("early")
        waiting.expect("You are early")
        alice.sync()
        self.check_good(reload, {})
        self.enter(daemon, "bob").sync()

    def test_reload_that_cannot_open_an_address_changes_nothing(self):
        path = os.path.join(self.keep_folder(), "mingled.sock")
        daemon = self.start({"server.welcome": "Old words."})
        reload = Reloader(daemon)
        files = daemon.fd_count()
        with socket.create_server(("127.0.0.1", 0)) as other:
            taken = "127.0.0.1:{}".format(other.getsockname()[1])
            self.check_refused(reload, {"listen.address": ["127.0.0.1:0", "unix:" + path, taken],
                                        "server.welcome": "New words."},
                               f"cannot listen on {taken}: Address already in use")
        self.assertFalse(os.path.exists(path))
        self.assertEqual(daemon.fd_count(), files)
        self.assertIn("Old words.", self.welcome(daemon))

    # ---- certificates ----

    def test_reload_serves_the_new_certificate_to_new_clients(self):
        folder = self.keep_folder()
        paths = [os.path.join(folder, name) for name in ("certificate.pem", "key.pem")]

        def install(*from_paths):
            for source, target in zip(from_paths, paths):
                shutil.copy(source, target + ".new")
                os.replace(target + ".new", target)

        first, second = certificate(), certificate("second")
        install(*first)
        settings = {"tls.certificate": paths[0], "tls.key": paths[1]}
        daemon = self.start(settings)
        reload = Reloader(daemon)
        alice = self.keep(TlsClient(daemon.address, first[0]))
        alice.enter("alice")
        install(*second)
        self.check_good(reload, {})
        daemon.wait_log("reload: settings reloaded, certificates included$")
        bob = self.keep(TlsClient(daemon.address, second[0]))
        bob.enter("bob")
        alice.sync()
        install(first[0], second[1])
        self.check_refused(reload, {}, f"the key in {paths[1]} does not belong to the certificate in {paths[0]}")
        for path in paths:
            install(*second)
            with open(path, "w"):
                pass
            self.check_refused(reload, {}, path)
        os.unlink(paths[0])
        self.check_refused(reload, {}, f"cannot read the certificate file {paths[0]}: No such file or directory")
        self.keep(TlsClient(daemon.address, second[0])).enter("carol")
        self.check_good(reload, {"tls.certificate": "", "tls.key": ""})
        with self.assertRaises(OSError):
            TlsClient(daemon.address, second[0])
        bob.line("still here")
        alice.expect("<bob> still here\n")

    # ---- the service manager ----

    def test_reload_tells_the_service_manager(self):
        path = os.path.join(self.keep_folder(), "notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(path)
            manager.settimeout(DEADLINE)
            daemon = self.start(env={"NOTIFY_SOCKET": path})

            def told(pattern):
                """The first message with it; the order of the others does not matter."""
                deadline = time.monotonic() + DEADLINE
                while time.monotonic() < deadline:
                    text = manager.recv(4096).decode()
                    if re.search(pattern, text):
                        return text
                raise AssertionError(f"the service manager was not told {pattern!r}")

            told(r"\AREADY=1\Z")
            reload = Reloader(daemon)
            self.check_good(reload, {})
            self.assertRegex(told("RELOADING"), r"\ARELOADING=1\nMONOTONIC_USEC=\d+\Z")
            told(r"\AREADY=1\Z")
            self.check_refused(reload, "[nothing]\nx = 1\n")
            told("RELOADING")
            told("STATUS=last reload refused: .*mingled.conf:2: unknown setting")
            told(r"\AREADY=1\Z")

    # ---- again and again ----

    def variant(self, number, daemon, taken, unix, other_key):
        """A file and whether it is good; each kind comes in its turn, good and broken alternate."""
        good = daemon.settings | {"server.welcome": f"Number {number}.", "limits.inbox": str(100 + number % 50)}
        if number % 2 == 0:
            address = [{"listen.address": ["127.0.0.1:0", "unix:" + unix]}, {},
                       {"listen.address": "127.0.0.1:0 greeting=off"},
                       {"listen.address": ["127.0.0.2:0", "127.0.0.1:0"]}][number // 2 % 4]
            return config_text(good | address), True
        bad = [{"tls.key": other_key}, {"listen.address": ["127.0.0.1:0", "unix:" + unix + "x", taken]},
               {"rooms.history": "many"}, {"tls.certificate": "/nowhere/certificate.pem"}][number // 2 % 4]
        return config_text(good | bad), False

    def test_reload_again_and_again_loses_nobody(self):
        folder = self.keep_folder()
        unix = os.path.join(folder, "mingled.sock")
        daemon = self.start(tls=True)
        reload = Reloader(daemon)
        files = daemon.fd_count()
        crowd = Crowd()
        self.addCleanup(crowd.close)
        plain = crowd.join(daemon.address, [f"p{i}" for i in range(10)])
        crowd.join(daemon.address, [f"s{i}" for i in range(10)], certificate()[0])
        everyone = list(crowd.members)
        sent = 0
        with socket.create_server(("127.0.0.1", 0)) as other:
            taken = "127.0.0.1:{}".format(other.getsockname()[1])
            for number in range(RELOADS):
                text, is_good = self.variant(number, daemon, taken, unix, certificate("other")[1])
                reload.ask(text)
                for member in plain:  # meanwhile everybody talks
                    crowd.send(member, f"{member.name} says {number}\n".encode())
                sent += len(plain)
                came = SocketClient(daemon.address)  # and somebody comes
                came.line(f"guest{number}")
                result, lines = reload.verdict()
                self.assertEqual(result, is_good, lines)
                came.expect("Your name")
                came.close()
                crowd.turn()
        self.await_lines(crowd, everyone, sent)
        self.assertFalse([member.name for member in everyone if member.has_ended])
        self.check_good(reload, {})
        self.assertEqual(len(set(re.findall(r"session=\d+ failed", "\n".join(daemon.log)))), 0)
        crowd.close()
        daemon.await_fds(files)
        self.assertFalse(os.path.exists(unix))

    def await_lines(self, crowd, everyone, sent):
        """Each has everything that the others said, each line once; its own it does not see."""
        def said(member):
            return re.findall(rb"<(p\d+)> \1 says (\d+)\n", bytes(member.data))

        def has_all(member):
            return len(said(member)) >= sent * (9 if member.name[0] == "p" else 10) // 10

        crowd.wait(everyone, has_all, "all that was said", timeout=60)
        for member in everyone:
            lines = said(member)
            self.assertEqual(len(lines), len(set(lines)), member.name)


if __name__ == "__main__":
    main()
