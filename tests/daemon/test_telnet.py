#!/usr/bin/env python3
"""Telnet: the real client on a real terminal, to the row; and what others say by telnet's bytes."""
import shutil
import socket
import sys

from mingle_telnet import DO_ENVIRON, DO_NAWS, DO_TTYPE, FIRST_WORDS, PROMPT, SEND_TTYPE, WILL_ECHO, WILL_SGA, \
    TelnetDaemonTest, type_is
from mingle_client import SocketClient
from mingle_test import main


class TelnetTest(TelnetDaemonTest):
    # ---- the real client ----

    def test_telnet_half_typed_line_stays_while_others_talk(self):
        daemon = self.start()
        alice, bob = self.alice(daemon), self.enter(daemon, "bob")
        alice.type("half typed")
        alice.wait_end("HH:MM -- bob joined", PROMPT + "half typed")
        alice.keys("Left", "Left")
        bob.line(*(f"line {i}" for i in range(30)))
        alice.wait_end(*(f"HH:MM <bob> line {i}" for i in range(15, 30)), PROMPT + "half typed")
        self.assertEqual(alice.cursor(), (len(PROMPT + "half typ"), 15))
        alice.type("-")
        alice.keys("Enter")
        alice.wait_end("HH:MM <bob> line 29", "HH:MM <alice> half typ-ed", PROMPT.rstrip())
        bob.expect(r"<alice> half typ-ed\n")

    def test_telnet_long_lines_are_wrapped_at_words(self):
        daemon = self.start()
        alice, bob = self.alice(daemon, width=40), self.enter(daemon, "bob")
        bob.line("the quick brown fox jumps over the lazy dog and away")
        alice.wait_end("HH:MM <bob> the quick brown fox jumps", "      over the lazy dog and away",
                       PROMPT.rstrip())

    def test_telnet_keys(self):
        daemon = self.start()
        alice, bob = self.alice(daemon), self.enter(daemon, "bob")
        alice.wait_row("bob joined")
        for keys, wanted in (
                (["a", "b", "c", "Home", "x", "End", "y", "Enter"], "xabcy"),
                (["a", "b", "c", "BSpace", "Left", "DC", "z", "Enter"], "az"),
                (["o", "n", "e", "Space", "t", "w", "o", "C-w", "C-y", "C-y", "Enter"], "one twotwo"),
                (["Up", "Up", "C-a", "C-k", "C-y", "!", "Enter"], "az!"),
                (["o", "o", "p", "s", "C-c", "h", "i", "Enter"], "hi"),
                (["b", "Tab", "y", "o", "u", "Enter"], "bob: you")):
            alice.keys(*keys)
            alice.wait_end(f"HH:MM <alice> {wanted}", PROMPT.rstrip())
            self.assertEqual(bob.sync(), [f"HH:MM <alice> {wanted}"])
        alice.keys("C-l")
        alice.wait(lambda rows: rows == [PROMPT.rstrip()], "a clear screen")
        alice.type("é日本😀")
        alice.wait_end(PROMPT + "é日本😀")
        alice.keys("BSpace", "Left", "BSpace", "Enter")
        alice.wait_end("HH:MM <alice> é本", PROMPT.rstrip())

    def test_telnet_tab_goes_round_names_commands_and_rooms(self):
        daemon = self.start()
        alice = self.alice(daemon)
        for name in ("carol", "Carsten", "bob"):
            self.enter(daemon, name)
            alice.wait_row(f"{name} joined")
        alice.type("hello c")
        for wanted in ("carol", "Carsten", "carol"):
            alice.keys("Tab")
            alice.wait_end(PROMPT + "hello " + wanted)
        alice.keys("C-c")
        alice.type("/na")
        alice.keys("Tab")
        alice.wait_end(PROMPT + "/names")
        alice.type("#lo")
        alice.keys("Tab", "Enter")
        alice.wait_end(PROMPT + "/names #lobby", "--- 4 people in #lobby ---",
                       "      | alice (you), bob, carol, Carsten", PROMPT.rstrip())

    def test_telnet_prompt_follows(self):
        daemon = self.start()
        alice = self.alice(daemon)
        alice.line("/join #ops")
        alice.wait_end(FIRST_WORDS, "[#ops] alice>")
        alice.line("/nick amy")
        alice.wait_end("*** You are amy now.", "[#ops] amy>")
        alice.line("/part")
        alice.wait_end("*** You left #ops. What you type goes to #lobby now.", "[#lobby] amy>")
        alice.line("/part")
        alice.wait_end("*** You left #lobby and are in no room now. To enter one:", "      /join #ROOM",
                       "amy>")

    def test_telnet_said_line_stays_when_it_does_not_come_back(self):
        daemon = self.start()
        alice = self.alice(daemon)
        alice.line("/set echo off")
        alice.wait_end("*** echo is off now.", PROMPT.rstrip())
        alice.line("hello")
        alice.wait_end(PROMPT + "hello", PROMPT.rstrip())

    def test_telnet_resizing_draws_anew(self):
        daemon = self.start()
        alice, bob = self.alice(daemon), self.enter(daemon, "bob")
        alice.wait_row("bob joined")
        text = "0123456789 0123456789 0123456789"
        alice.type(text)
        alice.wait_end("HH:MM -- bob joined", PROMPT + text)
        whole = PROMPT + text
        for width in (30, 20, 50, 25, 60):
            alice.resize(width, 16)
            rows = [whole[i:i + width - 1].rstrip() for i in range(0, len(whole), width - 1)]
            alice.wait_end("HH:MM -- bob joined", *rows)
        bob.line("still there?")
        alice.wait_end("HH:MM <bob> still there?", whole)

    def test_telnet_narrow_terminal_wraps_what_comes(self):
        daemon = self.start()
        alice, bob = self.alice(daemon), self.enter(daemon, "bob")
        alice.wait_row("bob joined")
        alice.resize(30, 16)
        alice.wait_end("HH:MM -- bob joined", PROMPT.rstrip())
        wrapped = ["HH:MM <bob> seven words that", "      take two rows here", PROMPT.rstrip()]
        # Nothing tells when the server has heard of the new size.
        alice.wait(lambda seen: bob.line("seven words that take two rows here") or seen[-3:] == wrapped, wrapped)

    def test_telnet_paste_of_several_lines_is_asked_about(self):
        daemon = self.start()
        alice, bob = self.alice(daemon), self.enter(daemon, "bob")
        alice.wait_row("bob joined")
        alice.paste("one\n/quit\nthree\n")
        alice.wait_end("Send these 3 lines as one message? (y/n)")
        alice.type("n")
        alice.wait_end(PROMPT.rstrip())
        alice.paste("one\n/quit\nthree\n")
        alice.wait_end("Send these 3 lines as one message? (y/n)")
        alice.type("y")
        alice.wait_end("HH:MM <alice> one", "      | /quit", "      | three", PROMPT.rstrip())
        alice.paste("just one")
        alice.wait_end(PROMPT + "just one")
        alice.keys("C-c")
        self.assertEqual(bob.sync(), ["HH:MM <alice> one", "      | /quit", "      | three"])

    def check_left(self, alice):
        rows = alice.wait_row("^ended")
        self.assertEqual(rows[-3:], ["*** Bye.", "Connection closed by foreign host.", "ended, icanon echo"])
        self.assertFalse([row for row in rows if row.startswith(PROMPT + "half")])

    def test_telnet_leaving_gives_the_terminal_back(self):
        daemon = self.start()
        alice, bob = self.alice(daemon), self.enter(daemon, "bob")
        alice.keys("C-d")
        self.check_left(alice)
        bob.expect("-- alice left\n")
        alice = self.alice_again(daemon)
        alice.line("/quit see you")
        self.check_left(alice)
        bob.expect(r"-- alice left \(see you\)\n")

    def alice_again(self, daemon):
        alice = self.screen(daemon)
        alice.wait_row(r"^Your name\?")
        alice.line("alice")
        alice.wait_end(PROMPT.rstrip())
        return alice

    def test_telnet_shutdown_clears_the_line(self):
        daemon = self.start()
        alice = self.alice(daemon)
        alice.type("half")
        alice.wait_end(PROMPT + "half")
        daemon.stop()
        rows = alice.wait_row("^ended")
        self.assertEqual(rows[-4:], [FIRST_WORDS, "*** The server is shutting down. Bye.",
                                     "Connection closed by foreign host.", "ended, icanon echo"])

    def test_telnet_name_is_asked_for_again_at_the_prompt(self):
        daemon = self.start()
        self.enter(daemon, "alice")
        alice = self.screen(daemon)
        alice.wait_row(r"^Your name\?")
        alice.line("alice")
        alice.wait_end('*** "alice" is taken. Try alice2 or another name:', ">")
        alice.line("amy")
        alice.wait_end("> amy", "*** You are amy, in #lobby with alice.", FIRST_WORDS, "[#lobby] amy>")

    # ---- bytes ----

    def test_telnet_is_asked_for_once_after_the_first_line(self):
        daemon = self.start()
        alice = self.connect(daemon)
        alice.send("a b\r\nalice\r\nhi\r\n/quit\r\n")
        text = self.expect_bytes(alice, b"*** Bye.\r\n")
        self.assertEqual(text.count(b"\xff"), 1)
        self.assertIn(b"\n" + DO_TTYPE + b"\r*** Names have", text)
        self.assertNotIn(b"\x1b", text)

    def test_telnet_is_not_asked_for_when_lines_end_in_lf(self):
        daemon = self.start()
        alice = self.connect(daemon)
        alice.send("alice\n/quit\n")
        self.assertNotIn(b"\xff", self.expect_bytes(alice, b"*** Bye.\n"))

    def test_telnet_client_that_begins_is_asked_with_the_greeting(self):
        daemon = self.start()
        alice = self.connect(daemon)
        alice.send(b"\xff\xfb\x1f\xff\xfb\x18")  # PuTTY: WILL NAWS, WILL TTYPE …
        self.expect_bytes(alice, DO_TTYPE + b"\rWelcome")
        self.expect_bytes(alice, b"Your name? (or: /help, /quit)\r\n")
        self.expect_bytes(alice, SEND_TTYPE)
        alice.send(type_is(b"xterm"))
        self.expect_bytes(alice, WILL_ECHO + WILL_SGA + DO_ENVIRON)
        self.expect_bytes(alice, b"> ")
        alice.send(b"\xff\xfd\x01\xff\xfd\x03\xff\xfb\x27\xff\xfa\x27\x00\x00USER\x01alice\xff\xf0")
        self.expect_bytes(alice, b"*** You are alice, in #lobby, alone so far.\x1b[0m\r\n")
        self.expect_bytes(alice, PROMPT.encode())

    def test_telnet_client_that_begins_late_is_seen(self):
        daemon = self.start()
        alice = self.connect(daemon)
        self.expect_bytes(alice, b"Your name?")
        alice.send(b"\xff\xfb\x18")
        self.expect_bytes(alice, SEND_TTYPE)
        alice.send("alice\r\n")
        self.expect_bytes(alice, b"*** You are alice, in #lobby, alone so far.\r\n")

    def test_telnet_other_clients_stay_in_line_mode(self):
        daemon = self.start()
        bob = self.enter(daemon, "bob")
        for name in (b"dumb", b"", b"unknown"):
            alice = self.connect(daemon)
            alice.send("alice\r\n")
            self.expect_bytes(alice, DO_TTYPE)
            alice.send(type_is(name))
            self.expect_bytes(alice, DO_NAWS)
            alice.sync()  # the history is read
            bob.sync()
            alice.send(b"h\xff\xfff\xff\xf1i\r\nwith\xff\xf8out\r\0\x1b[A\r\n/quit\r\n")
            text = self.expect_bytes(alice, b"*** Bye.\r\n") + alice.rest().encode()
            self.assertNotIn(b"\xff\xfb", text)
            self.assertNotIn(b"\x1b", text)
            self.assertNotIn(b"<alice>", text)
            self.assertEqual(bob.sync(), ["HH:MM <alice> h\ufffdfi", "HH:MM <alice> out", "HH:MM <alice> [A",
                                          "HH:MM -- alice left"])

    def test_telnet_terminal_that_refuses_goes_back_to_lines(self):
        daemon = self.start()
        alice = self.connect(daemon)
        alice.send("alice\r\n")
        self.expect_bytes(alice, DO_TTYPE)
        alice.send(type_is(b"XTERM"))
        self.expect_bytes(alice, WILL_ECHO)
        alice.send(b"\xff\xfe\x01")
        self.expect_bytes(alice, b"\x1b[?2004l")
        alice.send("hello\r\n/names\r\n")
        names = self.expect_bytes(alice, b"| alice (you)\x1b[0m\r\n")
        self.assertNotIn(b"\x1b[J", names)

    def test_telnet_interrupt_drops_the_line(self):
        daemon = self.start()
        alice, bob = self.connect(daemon), self.enter(daemon, "bob")
        alice.send("alice\r\n")
        self.expect_bytes(alice, b"*** You are alice")
        for _ in range(2):  # in line mode, then with an editor
            alice.send(b"dropped\xff\xf4\xff")
            alice.sock.send(b"\xf2", socket.MSG_OOB)  # a Synch
            alice.send(b"\xff\xfd\x06said\r\n")
            self.expect_bytes(alice, b"\xff\xfb\x06")
            bob.expect("<alice> said\n")
            alice.send(type_is(b"XTERM"))
        self.expect_bytes(alice, b"malice\x1b[0m> said")

    def test_telnet_terminal_that_takes_nothing_is_closed(self):
        # The kernel takes little for a Unix socket, but megabytes for a TCP connection.
        path = self.keep_folder() + "/sock"
        daemon = self.start({"listen.address": ["unix:" + path, "127.0.0.1:0"], "limits.stalled": "300ms"})
        alice = self.keep(SocketClient(path))
        alice.send("alice\r\n")
        self.expect_bytes(alice, b"*** You are alice")
        alice.send(type_is(b"XTERM") + b"0123456789" * 300)
        alice.sock.settimeout(0.1)
        try:
            for _ in range(20000):
                alice.sock.send(b"\x01\x06" * 2000)
        except OSError:  # it is not read any more
            pass
        daemon.wait_log("closed reason=not-reading")

    def test_telnet_are_you_there(self):
        daemon = self.start()
        alice = self.connect(daemon)
        alice.send("alice\r\n")
        self.expect_bytes(alice, DO_TTYPE)
        alice.send(b"\xff\xf6" * 10)
        self.expect_bytes(alice, b"[yes]\r\n")
        alice.send(type_is(b"XTERM"))
        self.expect_bytes(alice, WILL_ECHO)
        alice.send(b"half\xff\xf6")
        self.expect_bytes(alice, b"\r\x1b[J[yes]\r\n" + PROMPT.encode() + b"half")

    def test_telnet_what_others_say_comes_in_one_piece(self):
        daemon = self.start()
        alice, bob = self.connect(daemon), self.enter(daemon, "bob")
        alice.send("alice\r\n")
        self.expect_bytes(alice, DO_TTYPE)
        alice.send(type_is(b"XTERM") + b"\xff\xfd\x01\xff\xfd\x03")
        self.expect_bytes(alice, b"\x1b[?2004h\r\x1b[J" + PROMPT.encode())
        alice.send("typing")
        self.expect_bytes(alice, b"typing")
        bob.line("hello")
        text = self.expect_bytes(alice, b"typing")
        self.assertRegex(text, rb"\A\r\x1b\[J\x1b\[2m\d\d:\d\d \x1b\[0m<\x1b\[36mbob\x1b\[0m> hello\r\n"
                               rb"\[#lobby\] alice> typing\Z")

    def test_telnet_two_servers_do_not_talk_for_ever(self):
        daemon = self.start()
        one, other = self.connect(daemon), self.connect(daemon)
        one.send("one\r\n")
        other.send("other\r\n")
        self.expect_bytes(one, b"*** You are one")
        self.expect_bytes(other, b"*** You are other")
        one.send(DO_TTYPE + WILL_ECHO + WILL_SGA + DO_NAWS)
        self.expect_bytes(one, b"\xff\xfc\x18\xff\xfe\x01\xff\xfd\x03\xff\xfc\x1f")
        one.send(b"\xff\xfd\x22" * 5000)
        self.assertLess(len(self.flushed(one)), 64 * 3 + 200)

    def flushed(self, client):
        """All that came up to the answer to a command."""
        client.send("/zzyzx\r\n")
        return self.expect_bytes(client, b"*** Unknown command /zzyzx")

    def test_telnet_garbage_harms_nobody(self):
        daemon = self.start()
        alice = self.enter(daemon, "alice")
        for garbage in (b"\xff\xfa" + b"x" * 5000, b"\xff",
                        b"\xff\xfa\x1f" + b"\xff\xff" * 3000 + b"\xff\xf0",
                        b"\x1b[200~" + b"y\r" * 30000 + b"\x1b[201~n", b"\x1b[" * 3000, b"\x02\x7f" * 5000,
                        b"\xcc\x81" * 4000, b"\t" * 5000, b"\xff\xfa\x1f\x00\x01\x00\x01\xff\xf0" * 500,
                        b"\x1b[A" * 3000, b"\xff\xf6" * 3000, bytes(range(256)) * 20):
            client = self.connect(daemon)
            client.send("bob\r\n")
            self.expect_bytes(client, DO_TTYPE)
            client.send(type_is(b"XTERM") + b"\xff\xfd\x01")
            self.expect_bytes(client, b"bob> ")
            client.send(garbage)
            client.reset()
            alice.expect("-- bob left")
        alice.sync()


if __name__ == "__main__":
    if not (shutil.which("tmux") and shutil.which("telnet")):
        print("tmux and telnet are needed")
        sys.exit(77)
    main()
