#!/usr/bin/env python3
"""Who sends faster than is let through: what waits, what is refused, and that nothing is reordered."""
import shutil
import socket

from mingle_telnet import PROMPT, TelnetDaemonTest
from mingle_test import main

# A line in hand waits, and 20 behind it.
BURST, WAITING = 5, 1 + 20


def words(count):
    return [f"word {i}" for i in range(count)]


def warning(count):
    return f"*** Slow down: {count} lines wait, but only 20 may. Those behind them are not sent."


def refusal(count):
    lines = "1 line was" if count == 1 else f"{count} lines were"
    return f"*** Slow down: {lines} not sent, for only 20 may wait."


class FloodTest(TelnetDaemonTest):
    def flood(self, rate="100"):
        return self.start({"limits.flood": f"{rate} burst {BURST}"})

    def listener(self, daemon):
        bob = self.connect(daemon)
        bob.line("bob")
        bob.expect("You are bob.*\n.*\n")
        return bob

    def heard(self, listener, count):
        return [listener.expect(r"<alice> [^\n]*\n").split("<alice> ", 1)[1][:-1] for _ in range(count)]

    def pipe(self, daemon, *lines):
        """As "printf ... | nc -N"."""
        nc = self.nc(daemon, "-N")
        nc.line("alice", *lines)
        nc.end_input()
        return [line for line in nc.rest_lines() if line.startswith("*** Slow down")]

    def test_flood_what_may_wait_arrives(self):
        daemon = self.flood()
        bob = self.listener(daemon)
        sent = words(BURST + WAITING)
        self.assertEqual(self.pipe(daemon, *sent), [])
        self.assertEqual(self.heard(bob, len(sent)), sent)

    def test_flood_what_may_not_wait_is_refused(self):
        daemon = self.flood()
        bob = self.listener(daemon)
        for more in (1, 100):
            sent = words(BURST + WAITING + more)
            self.assertEqual(self.pipe(daemon, *sent), [warning(20 + more), refusal(more)])
            self.assertEqual(self.heard(bob, BURST + WAITING), sent[:-more])
            bob.expect("-- alice left\n")
            self.assertNotIn(b"<alice>", bob.buffer)

    def test_flood_later_lines_are_sent_again(self):
        daemon = self.flood()
        alice, bob = self.connect(daemon), self.listener(daemon)
        sent = words(BURST + WAITING + 10)
        alice.line("alice", *sent)
        alice.expect("10 lines were not sent")
        alice.line("afterwards")
        self.assertEqual(self.heard(bob, BURST + WAITING + 1), sent[:-10] + ["afterwards"])

    def test_flood_who_wants_to_leave_may(self):
        daemon = self.flood()
        self.listener(daemon)
        alice = self.connect(daemon)  # whose input has no end: only /quit ends it
        alice.line("alice", *words(60), "/quit")
        self.assertEqual(alice.rest_lines()[-2:], [refusal(60 - BURST - WAITING), "*** Bye."])

    def test_flood_long_lines_are_held_back_by_tcp(self):
        daemon = self.flood("200")
        bob = self.listener(daemon)
        sent = [f"{i:04} " + "x" * 1000 for i in range(60)]  # the input holds 8 of them
        self.assertEqual(self.pipe(daemon, *sent), [])
        self.assertEqual(self.heard(bob, len(sent)), sent)

    def test_flood_program_without_end_is_held_back(self):
        daemon = self.flood("0.01")
        bob = self.listener(daemon)
        alice = self.connect(daemon)
        alice.line("alice")
        alice.sock.settimeout(1)
        chunk = "".join(f"{i}\n" for i in range(2000)).encode()
        sent = 0
        with self.assertRaises(socket.timeout):
            while sent < 1 << 26:
                sent += alice.sock.send(chunk)
        self.assertEqual(self.heard(bob, BURST), [str(i) for i in range(BURST)])
        alice.expect(r"Slow down: \d+ lines wait")

    def test_flood_on_a_terminal(self):
        daemon = self.flood("50")
        alice, bob = self.alice(daemon), self.listener(daemon)
        alice.wait_end("HH:MM -- bob joined", PROMPT.rstrip())
        sent = words(BURST + WAITING + 4)
        alice.type("".join(word + "\r" for word in sent))
        alice.wait_row("Slow down: 2[1-4] lines wait|word 29")
        alice.line("afterwards")
        rows = self.heard(bob, BURST + WAITING + 1)
        self.assertEqual(rows[:BURST + WAITING], sent[:BURST + WAITING])


if __name__ == "__main__":
    if not (shutil.which("tmux") and shutil.which("telnet")):
        print("tmux and telnet are needed")
        raise SystemExit(77)
    main()
