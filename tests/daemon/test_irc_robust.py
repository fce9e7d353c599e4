#!/usr/bin/env python3
"""Bytes and commands by chance from clients that begin like IRC clients: whatever they send, they get whole messages
or an end, two others go on talking, and nothing of it stays. ROBUST_SEED=N does the same again."""
import itertools
import os
import random

from mingle_attack import MIB, AttackTest
from mingle_crowd import Crowd
from mingle_irc import IrcClient, IrcTest, parse
from mingle_test import is_sanitized, main

SEED = int(os.environ.get("ROBUST_SEED") or random.randrange(1 << 32))
BOTS = 8  # at the same time
TURNS = int(os.environ.get("ROBUST_TURNS") or (3 if is_sanitized() else 6))
LINES = 120  # of a bot

CAPS = ["away-notify", "batch", "cap-notify", "chghost", "draft/no-implicit-names", "echo-message", "extended-join",
        "labeled-response", "message-tags", "multi-prefix", "server-time", "setname", "standard-replies",
        "draft/multiline", "draft/chathistory", "draft/message-redaction", "draft/read-marker", "invite-notify",
        "userhost-in-names", "extended-monitor"]
COMMANDS = """AWAY BATCH CAP CHATHISTORY INVITE ISON JOIN KICK KILL LIST LUSERS MARKREAD MODE MONITOR MOTD NAMES NICK NOTICE
PART PASS PING PONG PRIVMSG REDACT SETNAME TAGMSG TIME TOPIC USER USERHOST VERSION WHO WHOIS WHOWAS HELP INFO ADMIN
AUTHENTICATE WALLOPS STATS LINKS KNOCK""".split()
MODES = "bqovkliWstmnI"
BYTES = [b"\0", b"\r", b"\n", b"\r\n", b"\n\r", b"\r\r\n", b" ", b":", b"@", b"#", b",", b"\xff", b"\xc3", b"\xf0\x9f\x98",
         b"\xed\xa0\x80", b"\xc0\xaf", b"\x01", b"\x1b[2J", b"\x7f", b"\xe2\x80\xa8", b"\xef\xbb\xbf", b"abc", b"%s%n"]


class RobustTest(IrcTest, AttackTest):
    def setUp(self):
        super().setUp()
        self.random, self.numbers = random.Random(SEED), itertools.count(1)
        print(f"  ROBUST_SEED={SEED}")

    # ---- what is sent ----

    def some(self, things):
        return self.random.choice(things)

    def word(self):
        return self.some([
            "#lobby", "#a", "#pair", "#b,#a,#lobby", "@#lobby", "+#a", "witness", "bot1", "bot2,bot9", "*", "*!*@*", "*!*@witness.mingle",
            "b*!*@*",
            "+" + "".join(self.random.choices(MODES + "+-", k=5)), "-" + "".join(self.random.choices(MODES, k=12)), "0", "1",
            "4294967296", "-1", "LS", "302", "REQ", "LIST", "END", "ACK", "+1", "-1", ":", "::", ":two words", "#" + "r" * 80,
            "n" * 200, "\u00fc" * 30, "LATEST", "BEFORE", "BETWEEN", "timestamp=2026-01-01T00:00:00.000Z", "msgid=1-2", "*,*",
            "draft/multiline", "+5", "S", "C", "%tcuihsnfdlaor,42", ",,,,", "k", "off", "\x01ACTION x\x01", "\x01VERSION\x01",
            ":" + self.some(CAPS) + " -" + self.some(CAPS)])

    def command(self):
        tags = self.some(["", "", "", "@label=1 ", "@+typing=active;a=\\s\\\\\\ ", "@batch=5 ", "@" + "t" * 4090 + " "])
        words = [self.word() for _ in range(self.some([0, 1, 1, 2, 2, 3, 4, 20]))]
        return (tags + " ".join([self.some(COMMANDS), *words])).encode() + self.some([b"\r\n", b"\r\n", b"\n"])

    def garbage(self):
        kind = self.some(["pieces", "random", "long", "tags", "text", "many"])
        if kind == "pieces":
            return b"".join(self.random.choices(BYTES, k=self.random.randint(1, 60))) + b"\r\n"
        if kind == "random":
            return self.random.randbytes(self.random.randint(1, 600)) + b"\r\n"
        if kind == "long":
            return b"PRIVMSG #lobby :" + self.some(BYTES) * self.some([493, 494, 495, 5000, 20000]) + b"\r\n"
        if kind == "tags":
            return b"@" + b"a=b;" * self.some([1, 1000, 1023, 1024, 5000]) + b" PRIVMSG #lobby :hi\r\n"
        if kind == "many":
            return b"MODE #lobby " + b"x " * 300 + b"\r\n"
        return b"PRIVMSG #lobby :" + b"".join(self.random.choices(BYTES, k=20)) + b"\r\n"

    def pour(self, make):
        return b"".join(make() for _ in range(LINES))

    def check_pair(self, phases, grace):
        """That the pair lost nothing is enough: nothing holds these bots back, so what they cost is not looked at."""

    # ---- bots ----

    def bots(self, daemon, first):
        """Clients that send this first, as members of the crowd."""
        bots = []
        for _ in range(BOTS):
            name = f"bot{next(self.numbers)}"
            bots.append(self.crowd.add(name, self.keep(IrcClient(daemon.address, label=name))))
            self.crowd.send(bots[-1], first(name).encode())
        return bots

    def registered(self, daemon):
        def first(name):
            wishes = [f"CAP REQ {cap}\r\n" for cap in self.random.sample(CAPS, self.random.randint(0, len(CAPS)))]
            return f"CAP LS 302\r\n{''.join(wishes)}NICK {name}\r\nUSER b 0 * :b\r\nCAP END\r\n"

        bots = self.bots(daemon, first)
        self.crowd.wait(bots, lambda bot: b" 422 " in bot.data, "the welcome")
        return bots

    def check_messages(self, bot):
        """Whole messages, to the last one."""
        lines = bytes(bot.data).decode().split("\r\n")
        for line in lines[:-1]:
            self.assertNotRegex(line, "[\0\r\n]")
            parse(line)
        self.assertEqual(lines[-1], "", "half a message")

    def attack(self, first, make):
        """Some of the bots leave as one should; the others' connections are cut in the middle of it."""
        daemon = self.calm({"limits.name_timeout": "20s"})
        irc_witness = self.irc(daemon, "ircwit", *CAPS[:3], "server-time", "message-tags")
        self.files += 1
        self.crowd = Crowd()
        self.addCleanup(self.crowd.close)
        for _ in range(TURNS):
            bots = first(daemon)
            for bot in bots[BOTS // 2:]:
                self.crowd.send(bot, self.pour(make)[:-self.random.randint(3, 60)])
            for bot in bots[:BOTS // 2]:
                self.crowd.send(bot, self.pour(make) + b"\r\nQUIT :enough\r\n")
            self.crowd.wait(bots[:BOTS // 2], lambda bot: bot.has_ended, "the end")
            for bot in bots[BOTS // 2:]:
                if not bot.has_ended:
                    self.crowd.selector.unregister(bot.client.sock)
                    bot.client.reset()
            for bot in bots[:BOTS // 2]:
                self.check_messages(bot)
            self.check_unaffected()
            irc_witness.sync()
        self.check_calm(daemon, 6 * MIB)

    def test_irc_robust_bytes_before_the_name(self):
        beginnings = ["CAP LS 302\r\n", "PING x\r\n", "USER a 0 * :b\r\n"]
        self.attack(lambda daemon: self.bots(daemon, lambda name: self.some(beginnings)), self.garbage)

    def test_irc_robust_bytes_in_the_room(self):
        self.attack(self.registered, self.garbage)

    def test_irc_robust_commands_before_the_name(self):
        self.attack(lambda daemon: self.bots(daemon, lambda name: f"NICK {name}\r\n"), self.command)

    def test_irc_robust_commands_in_the_room(self):
        self.attack(self.registered, self.command)


if __name__ == "__main__":
    main()
