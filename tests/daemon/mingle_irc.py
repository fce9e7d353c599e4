"""An IRC client for the tests: it takes messages apart as RFC 1459 and IRCv3 have them, and believes nothing else.

Whatever the server sends has to be a message that ends in CR LF and keeps the limits; otherwise the test fails."""
import dataclasses
import itertools
import re

from mingle_client import SocketClient, TlsClient
from mingle_test import DaemonTest, certificate

LINE = re.compile(r"(?:@([^ ]+) )?((?::([^ ]+) )?([A-Z]+|\d{3})((?: [^ :][^ ]*)*)(?: :(.*))?)")
TIMED = re.compile(r"^(:[^ ]+ (?:317|329|333|003) .*?)(?: \d+)+( :.*|$)")
STAMPED = re.compile(r"( :|\001ACTION )\[(?:\d{4}-\d\d-\d\d )?\d\d:\d\d UTC\] ")
UNESCAPED = {"\\:": ";", "\\s": " ", "\\\\": "\\", "\\r": "\r", "\\n": "\n"}

_fences = itertools.count(1)


@dataclasses.dataclass
class Message:
    text: str  # without its tags, and with TIME for what a test cannot know
    tags: dict
    source: str
    command: str
    params: list

    @property
    def nick(self):
        return self.source.partition("!")[0]


def unescape(value):
    return re.sub(r"\\.?", lambda match: UNESCAPED.get(match[0], match[0][1:]), value)


def parse(line):
    """Of a line as it came, without CR LF."""
    match = LINE.fullmatch(line)
    assert match, f"no message: {line!r}"
    tags, text, source, command, middle, last = match.groups()
    assert len(text.encode()) <= 510, f"{len(text.encode())} bytes: {line!r}"
    assert len((tags or "").encode()) <= 4094, f"too many tags: {line!r}"
    pairs = (tag.partition("=") for tag in tags.split(";")) if tags else ()
    params = middle.split() + ([last] if last is not None else [])
    text = STAMPED.sub(r"\1[TIME UTC] ", TIMED.sub(r"\1 TIME\2", text))
    return Message(text, {key: unescape(value) for key, _, value in pairs}, source or "", command, params)


class IrcMixin:
    """For a Client: messages instead of lines."""

    def line(self, *lines):
        self.send("".join(text + "\r\n" for text in lines))

    def message(self, **more):
        line = self.read_line(**more)
        assert line.endswith("\r") and "\r" not in line[:-1], f"not one CR LF: {line!r}"
        return parse(line[:-1])

    def until(self, command, *params):
        """The messages up to the first with this command that begins with these parameters, with it."""
        messages = [self.message()]
        while messages[-1].command != command or tuple(messages[-1].params[:len(params)]) != params:
            messages.append(self.message())
        return messages

    def sync_messages(self):
        """All messages from before now: the server answers in the order of what happened."""
        word = f"zz{next(_fences)}zz"
        self.line(f"PING {word}")
        return self.until("PONG", "localhost.mingle", word)[:-1]

    def sync(self):
        """Their texts."""
        return [message.text for message in self.sync_messages()]

    def register(self, name, *caps):
        """Comes in; the messages from 001 to the end of the names of the lobby."""
        if caps:
            self.line("CAP LS 302", f"CAP REQ :{' '.join(caps)}")
            self.until("CAP", "*", "ACK")
        self.line(f"NICK {name}", f"USER {name} 0 * :{name}", *(["CAP END"] if caps else []))
        messages = self.until("366", name)
        assert messages[0].command == "001", messages[0].text
        return messages + self.sync_messages()

    def ask(self, *lines):
        """What these lines bring, as texts."""
        self.line(*lines)
        return self.sync()

    def ask_messages(self, *lines):
        """The same, as messages."""
        self.line(*lines)
        return self.sync_messages()

    def last_messages(self):
        """Those up to the end of the stream."""
        return [parse(line) for line in self.rest().replace("\r\n", "\n").splitlines()]

    def last_words(self):
        """Their texts."""
        return [message.text for message in self.last_messages()]


class IrcClient(IrcMixin, SocketClient):
    pass


class IrcTlsClient(IrcMixin, TlsClient):
    pass


class IrcTest(DaemonTest):
    def irc(self, daemon, name=None, *caps, **more):
        """A client, which has come in if it has a name."""
        client = self.keep(IrcClient(daemon.address, label=name or "irc", **more))
        if name:
            client.register(name, *caps)
        return client

    def irc_tls(self, daemon, name, *caps):
        client = self.keep(IrcTlsClient(daemon.address, certificate()[0], label=name))
        client.register(name, *caps)
        return client
