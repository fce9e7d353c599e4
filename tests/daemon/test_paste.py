#!/usr/bin/env python3
"""Messages of several lines: /paste from any client, and a terminal's own paste."""
import shutil

from mingle_telnet import FIRST_WORDS, PROMPT, TelnetDaemonTest
from mingle_test import main

BEGIN = '*** Paste now. End with a line that is only "." (/cancel drops it).'


class PasteTest(TelnetDaemonTest):
    def pasted(self, client, *lines):
        client.line("/paste", *lines)
        return client.sync()

    def test_paste_is_one_message_and_forges_nothing(self):
        daemon = self.start()
        alice, bob = self.enter(daemon, "alice"), self.enter(daemon, "bob")
        carol = self.connect(daemon)
        carol.send("carol\r\n")
        carol.expect("You are carol")
        alice.sync()
        self.assertEqual(self.pasted(alice, "  one", "", "14:05 <bob> I agree", "/quit", "*** \x1b[2Jtwo", "."),
                         [BEGIN])
        wanted = ["HH:MM <alice>   one", "      | ", "      | 14:05 <bob> I agree", "      | /quit",
                  "      | *** [2Jtwo"]
        self.assertEqual(bob.sync()[-5:], wanted)
        carol.expect(r"\d\d:\d\d <alice>   one\r\n      \| \r\n      \| 14:05 <bob> I agree\r\n")
        erin = self.nc(daemon)
        self.assertIn(wanted[3], erin.enter("erin"))  # and so it is in the history

    def test_paste_that_is_dropped_empty_or_without_an_end(self):
        daemon = self.start()
        alice, bob = self.enter(daemon, "alice"), self.enter(daemon, "bob")
        alice.sync()
        self.assertEqual(self.pasted(alice, "one", "/cancel"),
                         [BEGIN, "*** The paste is dropped. Nothing was sent."])
        self.assertEqual(self.pasted(alice, "."), [BEGIN, '*** There was nothing before the ".". Nothing was sent.'])
        self.assertEqual(self.pasted(alice, "", " ", "."),
                         [BEGIN, "*** Not sent: nothing in it can be shown. Type some text."])
        alice.line("/paste", "one", "two")
        alice.end_input()
        self.assertEqual(alice.rest_lines(), [
            BEGIN, '*** Not sent: the paste had no end. Put a line that is only "." behind it.', "*** Bye."])
        self.assertEqual(bob.sync(), ["HH:MM -- alice left"])

    def test_paste_has_limits(self):
        daemon = self.start()
        alice, bob = self.enter(daemon, "alice"), self.enter(daemon, "bob")
        alice.sync()
        self.assertEqual(self.pasted(alice, *["x"] * 50, "."), [BEGIN])
        self.assertEqual(bob.sync(), ["HH:MM <alice> x"] + ["      | x"] * 49)
        refusal = "*** Not sent: a message has at most 50 lines and 4096 bytes, this paste has {}. Send it in parts."
        self.assertEqual(self.pasted(alice, *["x"] * 51, "."), [BEGIN, refusal.format("51 and 101")])
        self.assertEqual(self.pasted(alice, "x" * 2048, "y" * 2047, "."), [BEGIN])
        self.assertEqual(len("".join(bob.sync())), len("HH:MM <alice> " + "      | ") + 4095)
        self.assertEqual(self.pasted(alice, "x" * 2048, "y" * 2048, "."), [BEGIN, refusal.format("2 and 4097")])
        self.assertEqual(self.pasted(alice, "x", "y" * 5000, "z", "."),
                         [BEGIN, refusal.format("3 and 3 and more")])
        self.assertEqual(bob.sync(), [])

    def test_paste_needs_a_room(self):
        daemon = self.start()
        alice = self.enter(daemon, "alice")
        alice.line("/part")
        alice.sync()
        self.assertEqual(self.pasted(alice, "x")[0], "*** You are in no room. To enter one: /join #ROOM (/rooms lists them)")

    def test_paste_counts_as_its_lines(self):
        daemon = self.start({"limits.flood": "0.01 burst 6"})
        alice, bob = self.enter(daemon, "alice"), self.enter(daemon, "bob")  # 1 each, to see the answer
        alice.line("/paste", "one", "two", "three", ".", "four", "five")  # 1 + 3 + 1 + 1
        bob.expect("<alice> one\n      \\| two\n      \\| three\n")
        bob.expect("<alice> four\n")
        self.assertEqual(bob.sync(), [])

    def test_paste_above_the_burst_is_sent_when_nothing_else_was(self):
        daemon = self.start({"limits.flood": "50 burst 2"})
        alice, bob = self.enter(daemon, "alice"), self.enter(daemon, "bob")
        alice.line("/paste", *["x"] * 50, ".", "last")
        bob.expect("<alice> last\n")

    def test_paste_on_a_terminal(self):
        daemon = self.start()
        alice, bob = self.alice(daemon), self.enter(daemon, "bob")
        alice.wait_end("HH:MM -- bob joined", PROMPT.rstrip())
        alice.line("/paste")
        alice.wait_row("^paste>$")
        alice.line("one")
        alice.wait_end("paste> one", "paste>")
        alice.paste("two\nthree\n")
        alice.wait_end("Send these 2 lines as one message? (y/n)")
        alice.type("y")
        alice.wait_end("paste>")
        alice.line(".")
        alice.wait_end("HH:MM <alice> one", "      | two", "      | three", PROMPT.rstrip())
        self.assertEqual(bob.sync(), ["HH:MM <alice> one", "      | two", "      | three"])

    def test_paste_that_is_too_large_for_a_terminal(self):
        daemon = self.start()
        alice = self.alice(daemon, width=100)
        alice.paste("x\n" * 51)
        alice.wait_end(FIRST_WORDS,
                       "*** Not sent: a message has at most 50 lines and 4096 bytes, this paste has 51 and 102. Send it in",
                       "      parts.", PROMPT.rstrip())
        alice.paste("x\n" * 50)
        alice.wait_end("Send these 50 lines as one message? (y/n)")


if __name__ == "__main__":
    if not (shutil.which("tmux") and shutil.which("telnet")):
        print("tmux and telnet are needed")
        raise SystemExit(77)
    main()
