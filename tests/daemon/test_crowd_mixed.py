#!/usr/bin/env python3
"""Thirty people with clients of all kinds talk at once in one room: each is told everything once, all in one order."""
import itertools
import random
import re

from mingle_crowd import Crowd
from mingle_irc import IrcTest, parse
from mingle_telnet import DO_TTYPE, TelnetDaemonTest, type_is
from mingle_test import main

ROUNDS = 20
LINES = 3  # of a client in each round; 1 of who has an editor, as people type
IRC_CAPS = [(), ("echo-message",), ("server-time", "batch"), ("message-tags",), ("away-notify", "chghost", "setname"),
            ("extended-join", "multi-prefix"), ("userhost-in-names", "standard-replies"),
            ("echo-message", "server-time", "message-tags"), ("draft/no-implicit-names", "cap-notify"),
            ("batch", "echo-message", "extended-join", "message-tags", "server-time", "chghost", "away-notify")]
TELNET_KINDS = [b"dumb", b"unknown", b"", b"TINTIN++", b"MUDLET", b"xterm", b"xterm-256color", b"linux", b"screen",
                b"putty"]

TELNET = re.compile(rb"\xff\xfa.*?\xff\xf0|\xff[\xfb-\xfe].|\xff[\xef-\xf9]|\x07|\x1b\[[0-9;?]*[A-Za-z]", re.DOTALL)
PROMPTS = re.compile(r"(?:\[#lobby\] \S+> ?)+")  # a new line follows that the client itself has shown
NEWS = (  # at the beginning of a row: what it is, and of whom or what
    (r"\d\d:\d\d (?:<\S+>|\* \S+) (t\d+)$", "said"), (r"\d\d:\d\d \[(?!-> )\S+\] (p\d+)$", "private"),
    (r"\d\d:\d\d -- \S+ is now known as (\S+)$", "nick"), (r"\*\*\* You are (\S+) now\.$", "nick"),
    (r"\d\d:\d\d -- (visitor\d+) joined$", "came"), (r"\d\d:\d\d -- (visitor\d+) left$", "left"))


def news_of_people(data):
    """What a plain or telnet client was told, in its order."""
    news = []
    for row in re.split(r"[\r\n]+", TELNET.sub(b"", data).decode()):
        row = PROMPTS.sub("", row)
        for pattern, kind in NEWS:
            if match := re.match(pattern, row):
                news.append((kind, match[1]))
    return news


def news_of_irc(data):
    news = []
    for line in bytes(data).decode().split("\r\n")[:-1]:
        message = parse(line)
        said = re.fullmatch(r"(?:\001ACTION )?([tp]\d+)\001?", message.params[-1]) if message.params else None
        if message.command == "PRIVMSG" and said:
            if said[1][0] == "t" or not message.params[0].startswith("#"):
                news.append(("said" if said[1][0] == "t" else "private", said[1]))
        elif message.command == "NICK":
            news.append(("nick", message.params[0]))
        elif message.command in ("JOIN", "QUIT") and message.nick.startswith("visitor"):
            news.append(("came" if message.command == "JOIN" else "left", message.nick))
    return news


class Talker:
    """A member of the crowd, what it said itself, and what was said to it alone."""

    def __init__(self, member, kind, has_echo=False):
        self.member, self.name, self.kind, self.has_echo = member, member.name, kind, has_echo
        self.own, self.letters = set(), []

    def write(self, crowd, *lines):
        end = {"plain": "\n", "editor": "\r"}.get(self.kind, "\r\n")
        crowd.send(self.member, "".join(line + end for line in lines).encode())

    def news(self):
        return (news_of_irc if self.kind == "irc" else news_of_people)(self.member.data)


class CrowdTest(IrcTest, TelnetDaemonTest):
    def telnet_talker(self, daemon, name, kind):
        client = self.connect(daemon, label=name)
        client.send(name + "\r\n")
        self.expect_bytes(client, DO_TTYPE)
        self.expect_bytes(client, b"*** You are")
        client.send(type_is(kind))
        is_editor = kind.islower() and kind not in (b"dumb", b"unknown")
        if is_editor:
            client.send(b"\xff\xfd\x01\xff\xfd\x03\xff\xfb\x1f\xff\xfa\x1f\x00\xc8\x00\x32\xff\xf0")
            self.expect_bytes(client, b"\x1b[?2004h")
        return Talker(self.crowd.add(name, client), "editor" if is_editor else "telnet", is_editor)

    def gather(self, daemon):
        self.crowd = Crowd()
        self.addCleanup(self.crowd.close)
        plain = self.crowd.join(daemon.address, [f"plain{i}" for i in range(10)])
        talkers = [Talker(member, "plain") for member in plain]
        talkers += [self.telnet_talker(daemon, f"telnet{i}", kind) for i, kind in enumerate(TELNET_KINDS)]
        for i, caps in enumerate(IRC_CAPS):
            client = self.irc(daemon)
            client.line("CAP LS 302", f"CAP REQ :{' '.join(caps)}", f"NICK irc{i}", "USER u 0 * :u", "CAP END")
            client.until("422")
            talkers.append(Talker(self.crowd.add(f"irc{i}", client), "irc", "echo-message" in caps))
        return talkers

    def fence(self, talkers, word):
        """All lines so far have been done; a second one: and told to everybody."""
        for talker in talkers:
            talker.write(self.crowd, f"PING {word}" if talker.kind == "irc" else f"/{word}")
        wanted = (f"PONG localhost.mingle :{word}\r\n".encode(), f"Unknown command /{word}".encode())
        self.crowd.wait([talker.member for talker in talkers],
                        lambda member: any(text in member.data for text in wanted), word)

    def say(self, talker, talkers):
        """A line for the room, for one, or another name."""
        is_irc, number = talker.kind == "irc", next(self.numbers)
        which = self.random.random()
        if which < 0.1 and talker.name not in self.steady:
            talker.name = f"{talker.name.partition('_')[0]}_{number}"
            return f"{'NICK ' if is_irc else '/nick '}{talker.name}"
        if which < 0.25:
            other = self.random.choice([one for one in talkers if one is not talker])
            if other.name in self.steady:
                other.letters.append(f"p{number}")
                return f"{'PRIVMSG' if is_irc else '/msg'} {other.name} {':' if is_irc else ''}p{number}"
        talker.own.add(f"t{number}")
        if which < 0.4:
            return f"PRIVMSG #lobby :\001ACTION t{number}\001" if is_irc else f"/me t{number}"
        return f"PRIVMSG #lobby :t{number}" if is_irc else f"t{number}"

    def test_crowd_of_all_kinds_hears_everything_in_one_order(self):
        seed = random.randrange(1 << 32)
        print(f"  seed {seed}")
        self.random, self.numbers = random.Random(seed), itertools.count(1)
        daemon = self.start({"rooms.quiet_above": "0", "rooms.history": "0"})
        talkers = self.gather(daemon)
        words = (f"zz{number}zz" for number in itertools.count(1))
        self.fence(talkers, next(words))
        for talker in talkers:
            talker.member.forget()
        for number in range(ROUNDS):
            chatters = self.random.sample(talkers, len(talkers))
            self.steady = {talker.name for talker in chatters[:15]}  # who keep their names, so that letters reach them
            visitor = (self.connect if number % 2 else self.irc)(daemon)
            for talker in chatters:
                lines = [self.say(talker, talkers) for _ in range(1 if talker.kind == "editor" else LINES)]
                talker.write(self.crowd, *lines)
                if self.random.random() < 0.5:  # the others' lines go out together
                    self.crowd.turn()
            visitor.line(*([f"visitor{number}"] if number % 2 else [f"NICK visitor{number}", "USER u 0 * :u"]),
                         "/quit" if number % 2 else "QUIT")
            visitor.rest()
            self.fence(talkers, next(words))
            self.fence(talkers, next(words))
        self.check(talkers)

    def compare(self, name, wanted, got):
        for i, (one, other) in enumerate(itertools.zip_longest(wanted, got)):
            if one != other:
                self.fail(f"{name}: item {i} of {len(wanted)} is {other}, not {one}; "
                          f"{wanted[max(0, i - 3):i + 4]} were wanted, {got[max(0, i - 3):i + 4]} came")

    def check(self, talkers):
        news = {talker: [item for item in talker.news() if item[0] != "private"] for talker in talkers}
        scribe = next(talker for talker in talkers if talker.kind == "irc" and talker.has_echo)
        order = news[scribe]
        self.assertEqual(len(order), len(set(order)), "something was told twice")
        self.assertLessEqual({("said", token) for talker in talkers for token in talker.own}, set(order))
        self.assertEqual(sum(kind == "came" for kind, _ in order), ROUNDS)
        self.assertEqual(sum(kind == "left" for kind, _ in order), ROUNDS)
        for talker in talkers:
            is_own_left_out = talker.kind != "editor" and not talker.has_echo
            own = {("said", token) for token in talker.own}
            wanted = [item for item in order if item not in own or not is_own_left_out]
            self.compare(talker.member.name, wanted, news[talker])
            letters = [token for kind, token in talker.news() if kind == "private"]
            if not (talker.kind == "irc" and talker.has_echo):  # what it wrote comes back as well
                self.assertEqual(sorted(letters), sorted(talker.letters), talker.member.name)
        letter_count = sum(len(talker.letters) for talker in talkers)
        print(f"  {len(order)} lines of the room to each of {len(talkers)}, {letter_count} to one")


if __name__ == "__main__":
    main()
