#!/usr/bin/env python3
"""Terminals and MUD clients: prompts in line mode, keepalive, giving the terminal back."""
import re
import shutil
import time

from mingle_telnet import DO_NAWS, DO_TTYPE, PROMPT, WILL_ECHO, WILL_SGA, TelnetDaemonTest, type_is
from mingle_test import main

WILL_EOR, DO_EOR, DONT_EOR = b"\xff\xfb\x19", b"\xff\xfd\x19", b"\xff\xfe\x19"
WILL_BINARY, DO_BINARY = b"\xff\xfb\x00", b"\xff\xfd\x00"
GA, EOR, NOP = b"\xff\xf9", b"\xff\xef", b"\xff\xf1"


class TerminalTest(TelnetDaemonTest):
    def raw(self, daemon, name=b"alice"):
        client = self.connect(daemon)
        client.send(name + b"\r\n")
        self.expect_bytes(client, DO_TTYPE)
        self.expect_bytes(client, b"/help for commands.\r\n")
        return client

    def mud(self, daemon, answer=b"", kind=b"TINTIN++"):
        alice = self.raw(daemon)
        alice.send(type_is(kind))
        self.expect_bytes(alice, DO_NAWS + WILL_EOR)
        alice.send(answer)
        return alice

    # ---- line mode ----

    def check_prompts(self, daemon, alice, mark):
        bob = self.enter(daemon, "bob")
        text = self.expect_bytes(alice, b"bob joined\r\n" + PROMPT.encode() + mark)
        bob.line("hello")  # nothing was typed behind the prompt: it is left
        text += self.expect_bytes(alice, b"<bob> hello\r\n" + PROMPT.encode() + mark)
        self.assertRegex(text, rb"> " + re.escape(mark) + rb"\r\n\d\d:\d\d <bob>")
        alice.send("half\r\n")
        bob.expect("<alice> half")
        bob.line("again")  # the client has ended the row
        text = self.expect_bytes(alice, b"<bob> again\r\n" + PROMPT.encode() + mark)
        self.assertTrue(re.match(rb"\d\d:\d\d <bob>", text), text)
        alice.send(b"\xff\xf6")
        self.expect_bytes(alice, b"\r\n[yes]\r\n" + PROMPT.encode() + mark)
        alice.send("/quit\r\n")
        self.expect_bytes(alice, b"*** Bye.\r\n")
        for unwanted in (WILL_ECHO, WILL_SGA, b"\x1b"):
            self.assertNotIn(unwanted, text)

    def test_terminal_mud_client_gets_prompts_that_end_with_eor(self):
        daemon = self.start()
        self.check_prompts(daemon, self.mud(daemon, DO_EOR), EOR)

    def test_terminal_mud_client_without_eor_gets_ga(self):
        daemon = self.start()
        self.check_prompts(daemon, self.mud(daemon, DONT_EOR, b"MUDLET"), GA)

    def test_terminal_mud_client_with_sga_gets_no_ga(self):
        daemon = self.start()
        alice = self.mud(daemon, DONT_EOR + b"\xff\xfd\x03")
        self.expect_bytes(alice, WILL_SGA)
        bob = self.enter(daemon, "bob")
        bob.line("hello")
        text = self.expect_bytes(alice, b"<bob> hello\r\n" + PROMPT.encode())
        self.assertNotIn(GA, text)
        alice.send("/quit\r\n")
        self.expect_bytes(alice, b"*** Bye.\r\n")

    def test_terminal_is_binary(self):
        daemon = self.start()
        alice = self.raw(daemon)
        alice.send(type_is(b"xterm"))
        self.expect_bytes(alice, WILL_BINARY + DO_BINARY)

    # ---- silence ----

    def test_terminal_silent_telnet_client_is_kept_alive(self):
        daemon = self.start({"telnet.keepalive": "200ms"})
        alice = self.raw(daemon)
        self.expect_bytes(alice, NOP)
        self.expect_bytes(alice, NOP)
        alice.send(type_is(b"xterm"))
        self.expect_bytes(alice, PROMPT.encode())
        self.expect_bytes(alice, NOP)
        alice.send("still here\r")
        self.expect_bytes(alice, b"> still here")

    def test_terminal_nc_is_sent_no_telnet(self):
        daemon = self.start({"telnet.keepalive": "100ms"})
        alice, bob = self.raw(daemon), self.enter(daemon, "bob")
        for _ in range(3):
            self.expect_bytes(alice, NOP)
        bob.line("/quit")
        self.assertNotIn("\\xff", bob.rest())

    # ---- leaving ----

    def check_given_back(self, alice, *last):
        rows = alice.wait_row("^ended")
        self.assertEqual(rows[-1], "ended, icanon echo")
        self.assertEqual(tuple(rows[-2 - len(last):-2]), last, rows)
        alice.paste("a, b")  # marks would be seen now
        alice.wait(lambda seen: seen[-1] == "a, b", "what is pasted, without marks")

    def test_terminal_is_given_back_after_quit(self):
        for client in ("telnet",), ("busybox", "telnet"):
            alice = self.alice(self.start(), client=client)
            alice.line("/quit")
            self.check_given_back(alice, "*** Bye.")

    def test_terminal_is_given_back_by_who_does_not_choose_a_name(self):
        daemon = self.start({"limits.name_timeout": "2s", "greeting.delay": "0s"})
        alice = self.screen(daemon)
        alice.wait_row(r"^Your name\?")
        alice.line("no name")  # an editor from now on
        alice.wait_row("^>$")
        self.check_given_back(alice, "*** Timed out waiting for a name. Bye.")

    def test_terminal_is_given_back_when_the_server_stops(self):
        for client in ("telnet",), ("busybox", "telnet"):
            daemon = self.start()
            alice = self.alice(daemon, client=client)
            alice.type("half")
            alice.wait_end(PROMPT + "half")
            daemon.stop()
            self.check_given_back(alice, "*** The server is shutting down. Bye.")
            self.assertFalse([row for row in alice.rows() if "half" in row])

    def test_terminal_leaves_colours_and_paste_marks_as_before(self):
        daemon = self.start()
        alice = self.raw(daemon)
        alice.send(type_is(b"xterm") + b"\xff\xfd\x01\xff\xfd\x03")
        self.expect_bytes(alice, b"\x1b[?2004h")
        self.expect_bytes(alice, PROMPT.encode())
        alice.send("half\x15\x04")
        self.expect_bytes(alice, b"\r\x1b[J\x1b[0m\x1b[?2004l*** Bye.\r\n")

    # ---- keys ----

    def test_terminal_tab_offers_rooms_that_may_be_seen(self):
        daemon = self.start()
        alice, bob = self.alice(daemon), self.enter(daemon, "bob")
        bob.line("/join #ops", "/join #Office", "/join #oslo", "/mode secret on")
        bob.expect("#oslo")
        bob.sync()
        alice.type("/join #o")
        for wanted in "#Office", "#ops", "#Office":
            alice.keys("Tab")
            alice.wait_end(PROMPT + "/join " + wanted)
        alice.keys("C-c")
        alice.type("#")
        alice.keys("Tab")
        alice.wait_end(PROMPT + "#lobby")

    def test_terminal_endless_keys_are_held_back(self):
        daemon = self.start({"limits.stalled": "20s"})
        alice, bob = self.raw(daemon), self.enter(daemon, "bob")
        alice.send(type_is(b"xterm"))
        self.expect_bytes(alice, PROMPT.encode())
        alice.send(b"x\x7f" * 100000)  # takes three seconds, in which others talk
        bob.line("hello")
        self.expect_bytes(alice, b"> hello")
        self.assertEqual(bob.sync(), [])
        alice.send("done\r")
        self.expect_bytes(alice, b"> done\r\n")

    # ---- while others talk ----

    def test_terminal_others_lines_come_in_one_write_for_each_turn(self):
        daemon = self.start({"limits.flood": "off"})
        alice, bob = self.raw(daemon), self.enter(daemon, "bob")
        alice.send(type_is(b"xterm"))
        self.expect_bytes(alice, PROMPT.encode())
        alice.send("typing")
        self.expect_bytes(alice, b"typing")
        bob.send("".join(f"word {i}\n" for i in range(400)))
        text = self.expect_bytes(alice, b"word 399\r\n" + PROMPT.encode() + b"typing")
        # Drawn once for each write, and 16 of a client's lines are handled in a turn.
        self.assertLessEqual(text.count(PROMPT.encode()), 400 / 16 + 5)
        self.assertEqual(text.count(PROMPT.encode() + b"typing"), text.count(b"\r\x1b[J"))

    def test_terminal_half_typed_line_is_whole_while_fifty_lines_a_second_come(self):
        for client in ("telnet",), ("busybox", "telnet"):
            daemon = self.start()
            alice, bob = self.alice(daemon, client=client), self.enter(daemon, "bob")
            keys = iter("some text, typed")
            for i in range(100):
                bob.line(f"word {i}")
                if i % 6 == 0:
                    alice.type(next(keys, ""))
                if i % 25 == 24:  # what was typed so far is there, below what has come
                    alice.wait_end(f"HH:MM <bob> word {i}", PROMPT + "some text, typed"[:i // 6 + 1].rstrip())
                time.sleep(0.02)
            alice.keys("Home", "Right", "DC", "End", "!")
            alice.wait_end("HH:MM <bob> word 99", PROMPT + "sme text, typed!")
            alice.keys("Enter")
            bob.expect("<alice> sme text, typed!\n")


if __name__ == "__main__":
    if not (shutil.which("tmux") and shutil.which("telnet") and shutil.which("busybox")):
        print("tmux, telnet and busybox are needed")
        raise SystemExit(77)
    main()
