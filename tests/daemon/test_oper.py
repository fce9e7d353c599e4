#!/usr/bin/env python3
"""Operators of the server: passwords, who may give one, what it is worth; texts of the administrator."""
import base64
import functools
import hashlib
import os
import pty
import select
import ssl
import subprocess

from mingle_client import DEADLINE
from mingle_irc import IrcTest
from mingle_screen import Screen
from mingle_test import MINGLED, certificate, config_text, main, run_mingled
from test_protocols import header_v2

PASSWORD = "open sesame"
ASKED = r"^\*\*\* Password \(Enter = cancel\):\r?\n"
WELCOME = "*** You are an operator of the server now. To give it up: /deoper"
WRONG = "*** That is not the name and password of an operator. Try again: /oper NAME"


def hash_of(password, log2_n=10, r=8, p=1):
    """As mingled makes them, at any cost; by another implementation."""
    salt = bytes(range(16))
    key = hashlib.scrypt(password.encode(), salt=salt, n=1 << log2_n, r=r, p=p, dklen=32, maxmem=1 << 30)
    text = [base64.b64encode(part).decode().rstrip("=") for part in (salt, key)]
    return f"$scrypt$ln={log2_n},r={r},p={p}${text[0]}${text[1]}"


# A second or more of one processor.
slow_hash = functools.cache(lambda: hash_of(PASSWORD, log2_n=14, p=64))


class OperTest(IrcTest):
    def start_with(self, more=None, hash_text=None, **options):
        entry = f"alice {hash_text or hash_of(PASSWORD)}"
        return self.start({"operators.operator": entry} | (more or {}), **options)

    def assert_secret(self, daemon):
        self.assertFalse([line for line in daemon.log if "sesame" in line or "wrong-one" in line])

    # ---- becoming one ----

    def test_oper_nc_asks_for_the_password(self):
        daemon = self.start_with()
        bob = self.nc(daemon)
        bob.enter("bob")
        bob.line("/wall hello")
        self.assertEqual(bob.sync(), ["*** /wall is for operators of the server. If you are one, first: "
                                      "/oper NAME"])
        bob.line("/oper ALICE")
        bob.expect(ASKED)
        bob.line(PASSWORD)
        self.assertEqual(bob.read_lines(1), [WELCOME])
        daemon.wait_log(r"notice session=\d+ user=bob from=127.0.0.1:\d+ operator=alice is an operator")
        self.assert_secret(daemon)

    def test_oper_lines_of_a_script_need_no_waiting(self):
        daemon = self.start_with()
        client = self.connect(daemon)
        client.line("bob", "/oper alice", PASSWORD, "/wall hello", "/deoper", "/wall hello", "/quit")
        text = client.rest()
        for wanted in (WELCOME, "[bob -> everybody] hello\n",
                       "*** You are no operator of the server any more.\n",
                       "*** /wall is for operators"):
            self.assertIn(wanted, text)
        self.assertEqual(text.count("everybody] hello"), 1)

    def test_oper_enter_cancels_and_the_end_ends(self):
        daemon = self.start_with()
        bob = self.enter(daemon, "bob")
        bob.line("/oper alice", "")
        self.assertEqual(bob.read_lines(2)[1], "*** Cancelled. To try again: /oper NAME")
        bob.line("/oper alice", "x" * 5000)  # longer than a line may be, and no password
        self.assertEqual(bob.read_lines(2)[1], WRONG)
        bob.line("/oper alice")
        bob.end_input()
        bob.rest()
        daemon.wait_log("closed reason=eof")

    def test_oper_five_wrong_ones_end_the_connection(self):
        daemon = self.start_with()
        bob, carol = self.enter(daemon, "bob"), self.enter(daemon, "carol")
        bob.sync()
        for line in ("/oper alice wrong-one", "/oper wrong-one " + PASSWORD, "/oper alice " + PASSWORD + "x",
                     "/oper alice " + "x" * 256):
            bob.line(line)
            self.assertEqual(bob.read_lines(1), [WRONG])
        bob.line("/oper alice wrong-one", "/wall never")
        self.assertEqual(bob.rest_lines(), [WRONG, "*** Too many wrong passwords. Bye."])
        self.assertEqual(carol.sync(), ["HH:MM -- bob left"])
        daemon.wait_log(r"warning session=\d+ user=bob from=\S+ operator=\(unknown\) wrong password, 2 of 5")
        daemon.wait_log(r"operator=alice wrong password, 5 of 5")
        daemon.wait_log("closed reason=passwords")
        self.assert_secret(daemon)

    def test_oper_success_forgives_failures(self):
        daemon = self.start_with()
        bob = self.enter(daemon, "bob")
        for _ in range(2):
            bob.line(*["/oper alice wrong-one"] * 4, "/oper alice " + PASSWORD)
            self.assertEqual(bob.read_lines(5), [WRONG] * 4 + [WELCOME])

    def test_oper_others_are_served_while_a_hash_is_made(self):
        daemon = self.start_with(hash_text=slow_hash())
        alice, bob = self.enter(daemon, "alice"), self.enter(daemon, "bob")
        alice.sync()
        alice.send(f"/ping\n/oper alice {PASSWORD}\n")
        alice.expect("pong\n")
        bob.line("are you there?")
        bob.sync()
        self.assertEqual(alice.read_lines(2), ["HH:MM <bob> are you there?", WELCOME])

    def test_oper_who_leaves_during_a_check_and_a_stop_meanwhile(self):
        daemon = self.start_with(hash_text=slow_hash())
        clients = [self.enter(daemon, f"user{i}") for i in range(6)]
        for client in clients:
            client.line(f"/oper alice {PASSWORD}")
        for client in clients[:4]:
            client.reset()
        daemon.stop()

    # ---- where passwords are taken ----

    def behind(self, daemon, peer, name):
        client = self.connect(daemon)
        client.send(header_v2(peer=peer))
        client.line(name)
        client.expect(r"help for commands.*\n")
        return client

    def test_oper_passwords_are_not_taken_in_the_clear(self):
        daemon = self.start_with({"listen.address": "127.0.0.1:0 proxy=127.0.0.1"})
        bob = self.behind(daemon, ("192.0.2.7", 1234), "bob")
        bob.line("/oper alice", "/oper alice " + PASSWORD)
        self.assertEqual(bob.sync(), ["*** Passwords are only taken over TLS, which this server does not "
                                      "have, or from its own machine."] * 2)
        carol = self.behind(daemon, ("::1", 1234), "carol")
        carol.line("/oper alice " + PASSWORD)
        self.assertEqual(carol.read_lines(1), [WELCOME])

    def test_oper_hint_names_the_port_with_tls(self):
        daemon = self.start_with({"listen.address": "127.0.0.1:0 proxy=127.0.0.1",
                                  "server.name": "chat.test"}, tls=True)
        bob = self.behind(daemon, ("192.0.2.7", 1234), "bob")
        bob.line("/oper alice")
        self.assertEqual(bob.sync(), ["*** Passwords are only taken over TLS: openssl s_client -quiet "
                                      f"-connect chat.test:{daemon.address[1]}"])

    def test_oper_tls_from_elsewhere_is_enough(self):
        daemon = self.start_with({"listen.address": "127.0.0.1:0 proxy=127.0.0.1"}, tls=True)
        bob = self.connect(daemon)
        bob.send(header_v2(peer=("192.0.2.7", 1234)))
        context = ssl.create_default_context(cafile=certificate()[0])
        bob.sock = context.wrap_socket(bob.sock, server_hostname="localhost")
        bob.enter("bob")
        bob.line("/oper alice " + PASSWORD)
        self.assertEqual(bob.read_lines(1), [WELCOME])
        daemon.wait_log(r"from=192.0.2.7:1234 operator=alice is an operator")

    def test_oper_s_client_and_unix_socket(self):
        folder = self.keep_folder()
        path = os.path.join(folder, "sock")
        daemon = self.start_with({"listen.address": ["127.0.0.1:0", f"unix:{path}"]}, tls=True)
        for name, client in (("bob", self.s_client(daemon)), ("carol", self.program("nc", "-U", path))):
            client.enter(name)
            client.line("/oper alice")
            client.expect(ASKED)
            client.line(PASSWORD)
            client.expect(r"^" + WELCOME.replace("*", "\\*"))

    # ---- telnet ----

    def screen(self, daemon, *before):
        screen = self.keep(Screen([*before, "telnet", *map(str, daemon.address)]))
        screen.wait_row(r"^Your name\?")
        screen.line("bob")
        screen.wait_row("help for commands")
        return screen

    def test_oper_password_is_not_on_the_screen_of_an_editor(self):
        daemon = self.start_with()
        screen = self.screen(daemon)
        screen.line("/oper alice")
        screen.wait_end("*** Password (Enter = cancel):", "password>")
        screen.type("open sesamx")
        screen.keys("BSpace")
        screen.type("e")
        screen.keys("Enter")
        rows = screen.wait_end(WELCOME, "[#lobby] bob>")
        self.assertFalse([row for row in rows if "sesam" in row], rows)
        screen.keys("Up")
        screen.wait_end(WELCOME, "[#lobby] bob> /oper alice")
        screen.type(" wrong-one")
        screen.keys("Enter")
        screen.wait_end(WRONG, "[#lobby] bob>")
        screen.keys("Up")
        screen.wait_end(WRONG, "[#lobby] bob> /oper alice")

    def test_oper_password_is_not_on_the_screen_of_line_mode(self):
        daemon = self.start_with()
        screen = self.screen(daemon, "env", "TERM=dumb")
        screen.line("/oper alice")
        screen.wait_end("*** Password (Enter = cancel):")
        screen.line(PASSWORD)
        rows = screen.wait_end(WELCOME)
        self.assertFalse([row for row in rows if "sesam" in row], rows)
        screen.type("shown again")
        screen.wait_end("shown again")

    def test_oper_crlf_without_telnet_gets_no_telnet_bytes(self):
        daemon = self.start_with()
        client = self.connect(daemon)
        client.send("bob\r\n/oper alice\r\n" + PASSWORD + "\r\n/quit\r\n")
        data = client.rest()
        self.assertIn(WELCOME, data)
        self.assertNotIn("\\xff\\xfb", data)

    # ---- what it is worth ----

    def operator(self, daemon, name="bob"):
        client = self.enter(daemon, name)
        client.line("/oper alice " + PASSWORD)
        client.expect("deoper\n")
        return client

    def test_oper_reload_is_told_when_it_is_done(self):
        """By /reload and REHASH: good, refused, and for operators only; those who ask together are told of one run."""
        daemon = self.start_with()
        bob, carol, dave = self.operator(daemon), self.irc(daemon, "carol"), self.enter(daemon, "dave")
        dave.line("/reload")
        self.assertEqual(dave.sync()[-1], "*** /reload is for operators of the server. If you are one, first: "
                                          "/oper NAME")
        carol.sync()
        self.assertEqual(carol.ask("REHASH"), [":localhost.mingle 481 carol :Only operators of the server do that"])
        bob.sync()
        daemon.configure(config_text(daemon.settings | {"limits.rooms_per_user": "7"}))
        bob.line("/reload now", "/rehash")
        self.assertEqual(bob.read_lines(4), [
            "*** /reload stands alone on its line. More: /help reload",
            "*** The settings are being read again. You are told how it went.",
            "*** Reload: settings reloaded", "*** Reload: changed: limits.rooms_per_user"])
        daemon.wait_log("reload: settings reloaded")
        self.assertEqual(carol.ask(f"OPER alice :{PASSWORD}", "STATS o")[1:], [
            ":localhost.mingle 381 carol :You are an operator of the server now",
            ":localhost.mingle 243 carol O * * alice", ":localhost.mingle 219 carol o :End of STATS report"])
        self.assertIn(" CHANLIMIT=#:7 ", " ".join(carol.ask("VERSION")))
        daemon.configure(config_text(daemon.settings | {"limits.rooms_per_user": "many"}))
        carol.line("REHASH")
        self.assertEqual(carol.message().text, ":localhost.mingle 382 carol mingled.conf :The settings are being read again")
        self.assertRegex(carol.message().text, r"^:localhost.mingle NOTICE carol :Reload refused, the settings are as they "
                                               r"were: \S+:\d+: bad value \"many\" for limits.rooms_per_user: ")
        self.assertIn(" CHANLIMIT=#:7 ", " ".join(carol.ask("VERSION")))
        self.assertEqual(bob.sync(), [])

    def test_oper_reload_outlives_who_asked(self):
        daemon = self.start_with()
        bob = self.operator(daemon)
        bob.line("/reload", "/quit")
        bob.rest()
        daemon.wait_log("reload: settings reloaded")
        self.enter(daemon, "carol").sync()

    def test_oper_kill_disconnects_with_the_reason(self):
        daemon = self.start_with()
        bob, carol, troll = self.operator(daemon), self.enter(daemon, "carol"), self.enter(daemon, "troll")
        carol.sync(), bob.sync()
        bob.line("before", "/kill troll spamming")
        self.assertEqual(bob.sync(), ["*** You disconnected troll.",
                                      "HH:MM -- troll left (disconnected by bob: spamming)"])
        self.assertEqual(troll.rest_lines(), [
            "HH:MM <bob> before", "*** bob, an operator of the server, disconnects you: spamming",
            "*** Bye."])
        self.assertEqual(carol.sync()[-1], "HH:MM -- troll left (disconnected by bob: spamming)")
        daemon.wait_log("closed reason=killed")
        self.enter(daemon, "troll")  # the name is free

    def test_oper_irc_clients(self):
        daemon = self.start_with()
        bob, troll, carol = self.irc(daemon, "bob"), self.irc(daemon, "troll"), self.enter(daemon, "carol")
        bob.sync(), troll.sync()
        server = ":localhost.mingle"
        self.assertEqual(bob.ask("KILL troll :no", "OPER alice", "OPER alice wrong-one", f"OPER ALICE :{PASSWORD}"), [
            f"{server} 481 bob :Only operators of the server do that",
            f"{server} 461 bob OPER :Not enough parameters",
            f"{server} 464 bob :There is no such operator with that password",
            f"{server} MODE bob +o", f"{server} 381 bob :You are an operator of the server now"])
        self.assertIn(f"{server} 378 bob troll :is connecting from 127.0.0.1", bob.ask("WHOIS troll"))
        self.assertEqual(bob.ask("KILL troll :spam"), [
            f"{server} NOTICE bob :You disconnected troll",
            ":troll!u@troll.mingle QUIT :disconnected by bob: spam"])
        self.assertEqual(troll.last_words(), [
            ":bob!u@bob.mingle KILL troll :spam", "ERROR :Closing link: An operator has ended this connection"])
        self.assertEqual(carol.sync()[-1], "HH:MM -- troll left (disconnected by bob: spam)")
        bob.line(*["OPER alice wrong-one"] * 5)
        self.assertEqual(bob.last_words()[-1], "ERROR :Closing link: Too many wrong passwords")
        self.assert_secret(daemon)

    def test_oper_kill_of_one_that_does_not_read(self):
        daemon = self.start_with({"limits.outbox_high": "8K", "limits.outbox_low": "4K"})
        bob, deaf = self.operator(daemon), self.enter(daemon, "deaf", receive_bytes=4096)
        for _ in range(40):
            bob.line("x" * 3000)
        bob.sync()
        bob.line("/kill deaf", "/kill deaf")
        self.assertEqual(bob.sync()[0], "*** You disconnected deaf.")
        deaf.close()
        daemon.wait_log("closed reason=killed")

    def test_oper_moderates_rooms_of_others(self):
        daemon = self.start_with()
        bob, carol = self.operator(daemon), self.enter(daemon, "carol")
        carol.line("/join #den", "/mode secret on", "/key sesame", "/mode invite-only on")
        carol.sync()
        dave = self.enter(daemon, "dave")
        dave.line("/join #den")
        self.assertEqual(dave.sync(), ["*** #den is not open to you. With its key: /join #den KEY. Without "
                                       "one, somebody in it has to /invite you."])
        bob.line("/join #den", "/kick carol enough", "/whois carol")
        answers = bob.sync()
        self.assertIn("*** You kicked carol", answers[-3])
        self.assertEqual(answers[-2], "*** You became an operator of #den.")
        self.assertIn(", from 127.0.0.1.", answers[-1])

    def test_oper_last_operator_of_a_room_is_succeeded(self):
        daemon = self.start()
        bob, carol, dave = (self.enter(daemon, name) for name in ("bob", "carol", "dave"))
        for client in (bob, carol, dave):
            client.line("/join #den")
            client.sync()
        carol.sync()
        bob.reset()
        self.assertEqual(carol.read_lines(2), ["HH:MM -- bob left (connection lost)",
                                               "*** You became an operator of #den."])
        self.assertEqual(dave.read_lines(2)[1], "HH:MM -- carol became an operator")
        carol.line("/kick dave")
        self.assertIn("kicked", dave.read_line())

    # ---- the administrator ----

    def test_oper_hash_password_from_a_pipe_is_taken(self):
        made = subprocess.run([MINGLED, "--hash-password"], input="sesame\nmore\n", capture_output=True,
                              text=True, timeout=DEADLINE, check=True)
        self.assertRegex(made.stdout, r"\Aoperator = NAME \$scrypt\$ln=\d+,r=\d+,p=\d+\$\S+\n\Z")
        self.assertNotIn("sesame", made.stdout + made.stderr)
        text = made.stdout.split(" ")[-1].strip()
        bob = self.enter(self.start_with(hash_text=text), "bob")
        bob.line("/oper alice sesame")
        self.assertEqual(bob.read_lines(1), [WELCOME])
        empty = subprocess.run([MINGLED, "--hash-password"], input="\n", capture_output=True, text=True,
                               timeout=DEADLINE)
        self.assertEqual((empty.returncode, empty.stdout), (1, ""))
        self.assertIn("a password has 1 to 255 bytes", empty.stderr)

    def hash_on_terminal(self, *answers):
        """What is on the terminal in the end, stdout, and the exit status."""
        master, slave = pty.openpty()
        process = subprocess.Popen([MINGLED, "--hash-password"], stdin=slave, stderr=slave,
                                   stdout=subprocess.PIPE)
        os.close(slave)
        seen = b""
        for question, answer in zip(("Password: ", "The same again: "), answers):
            while not seen.endswith(question.encode()):
                self.assertTrue(select.select([master], [], [], DEADLINE)[0], seen)
                seen += os.read(master, 4096)
            os.write(master, answer.encode())
        out = process.communicate(timeout=DEADLINE)[0].decode()
        while select.select([master], [], [], 0)[0]:
            try:
                seen += os.read(master, 4096)
            except OSError:
                break
        os.close(master)
        return seen.decode(), out, process.returncode

    def test_oper_hash_password_is_hidden_on_a_terminal(self):
        seen, out, status = self.hash_on_terminal("sesame\n", "sesame\n")
        self.assertEqual(status, 0, seen)
        self.assertNotIn("sesame", seen + out)
        self.assertIn("operator = NAME $scrypt$", out)
        seen, out, status = self.hash_on_terminal("sesame\n", "sesam\n")
        self.assertEqual((status, out), (1, ""))
        self.assertIn("not the same", seen)
        seen, out, status = self.hash_on_terminal("sesa\x03")
        self.assertEqual((status, out), (1, ""))
        self.assertIn("cancelled", seen)

    def test_oper_broken_entries_are_told_without_the_hash(self):
        good = hash_of("x")
        status, _, errors = run_mingled("--check-config", "--set", f"operators.operator=alice {good}x",
                                        "--set", f"operators.operator=bob {good}",
                                        "--set", f"operators.operator=BOB {good}")
        self.assertEqual(status, 78)
        self.assertIn('operators.operator "alice": is cut off or broken at its end', errors)
        self.assertIn('operators.operator "BOB" is given twice', errors)
        self.assertNotIn(good[-20:], errors)

    def test_oper_motd_and_rules(self):
        folder = self.keep_folder()
        motd, rules = os.path.join(folder, "motd"), os.path.join(folder, "rules")
        with open(motd, "wb") as file:
            file.write(b"Hello \x1b[31mall\r\n\n\tof you\xff\n\n\n")
        with open(rules, "w") as file:
            file.write("Be kind.")
        daemon = self.start({"server.motd": motd, "server.rules": rules})
        shown = ["--- message of the day ---", "      | Hello [31mall", "      | ", "      |  of you\ufffd"]
        bob = self.connect(daemon)
        self.assertEqual(bob.enter("bob")[:5], [*shown, "*** You are bob, in #lobby, alone so far."])
        bob.line("/motd", "/rules")
        self.assertEqual(bob.sync(), [*shown, "--- rules of this server ---", "      | Be kind."])
        bob = self.enter(self.start(), "bob")
        bob.line("/motd", "/rules")
        self.assertEqual(bob.sync(), ["*** There is no message of the day.",
                                      "*** This server has no written rules."])

    def test_oper_motd_that_cannot_be_read_is_an_error_at_start(self):
        folder = self.keep_folder()
        path = os.path.join(folder, "motd")
        daemon = self.start({"server.motd": path}, is_listening=False)
        self.assertEqual(daemon.wait(), 78)
        daemon.wait_log(f"server.motd = {path}: cannot be read: No such file")
        status, _, errors = run_mingled("--check-config", "--set", f"server.motd={path}")
        self.assertEqual(status, 78)
        self.assertIn("cannot be read: No such file", errors)
        for size, status in ((16 * 1024, 0), (16 * 1024 + 1, 78)):
            with open(path, "w") as file:
                file.write("x" * size)
            daemon = self.start({"server.rules": path}, is_listening=False)
            if status:
                self.assertEqual(daemon.wait(), status)
                daemon.wait_log("the file is longer than 16384 bytes")
            else:
                daemon.wait_log("listening on")

    # ---- dialects of a port ----

    def answer(self, daemon, data):
        client = self.connect(daemon)
        client.send(data)
        return client.rest()

    def test_oper_port_takes_only_its_dialects(self):
        daemon = self.start({"listen.address": "127.0.0.1:0 dialects=telnet,irc"}, tls=True)
        self.assertEqual(self.answer(daemon, "bob\n"),
                         "*** This port does not take nc and the like. Use telnet. Bye.\r\n")
        self.assertIn("HTTP/1.1 403 ", self.answer(daemon, "GET / HTTP/1.1\r\n\r\n"))
        self.assertIn("ERROR :Closing link: Bye", self.answer(daemon, "NICK bob\r\nQUIT\r\n"))
        daemon.wait_log("closed reason=dialect", 2)
        self.assertEqual(self.answer(daemon, bytes.fromhex("160301002001") + bytes(32)).encode("latin-1")[:4],
                         b"\x15\x03\x03\0")
        daemon.wait_log("closed reason=dialect", 3)
        client = self.connect(daemon)
        client.send("bob\r\n")
        client.expect("You are bob")

    def test_oper_port_for_nc_refuses_telnet_that_says_so(self):
        daemon = self.start({"listen.address": "127.0.0.1:0 dialects=plain"})
        self.assertEqual(self.answer(daemon, b"\xff\xfb\x18"),
                         "*** This port does not take telnet. Use nc. Bye.\r\n")
        self.assertIn("ERROR :This port does not take IRC. Use nc.", self.answer(daemon, "NICK bob\r\n"))
        client = self.connect(daemon)
        client.send("bob\r\n/quit\r\n")
        text = client.rest()
        self.assertIn("You are bob", text)
        self.assertNotIn("\\xff", text)

    def test_oper_port_without_people_greets_nobody(self):
        daemon = self.start({"listen.address": "127.0.0.1:0 dialects=irc,http", "greeting.delay": "10ms",
                             "limits.name_timeout": "300ms"})
        self.assertNotIn("Your name?", self.connect(daemon).rest())
        self.assertEqual(self.answer(daemon, "bob\n"),
                         "*** This port does not take nc and the like. Use an IRC client. Bye.\r\n")


if __name__ == "__main__":
    main()
