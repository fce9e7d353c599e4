#!/usr/bin/env python3
"""docs/protocol.md is what the server does: its transcripts are replayed, line by line; and what /help says
is what docs/commands.md says."""
import os
import re

from mingle_client import SocketClient, untimed
from mingle_test import TOP, DaemonTest, main

ISO_TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d ")
JSON_TIME = re.compile(r'"time":"[^"]*"')
CLOCK = re.compile(r"(?<=^\\x1b\[2m)\d\d:\d\d")
UNTIL = re.compile(r"until (\w{3} \d{1,2} \w{3} \d{4} )?\d\d:\d\d")


def document(name):
    with open(os.path.join(TOP, "docs", name), encoding="utf-8") as file:
        return file.read()


def masked(line):
    line = JSON_TIME.sub('"time":"ISO"', CLOCK.sub("HH:MM", line))
    return UNTIL.sub("until HH:MM", ISO_TIME.sub("ISO ", untimed(line)))


def escaped(data):
    """As the document shows bytes: what is text as it is, all else as in C."""
    text = data.decode("utf-8", "backslashreplace").replace("\r", "\\r").replace("\t", "\\t")
    return re.sub(r"[\x00-\x1f\x7f]", lambda match: f"\\x{ord(match[0]):02x}", text)


def bytes_of(text):
    data = text.encode()
    for escape, byte in ((rb"\\r", b"\r"), (rb"\\t", b"\t")):
        data = re.sub(escape, byte, data)
    return re.sub(rb"\\x([0-9a-f]{2})", lambda match: bytes([int(match[1], 16)]), data)


class Transcript:
    """One block of the document against a daemon of its own."""

    def __init__(self, test, daemon, lines):
        self.test, self.daemon, self.lines, self.clients = test, daemon, lines, {}

    def client(self, name):
        if name not in self.clients:
            self.clients[name] = self.test.keep(SocketClient(self.daemon.address, name))
        return self.clients[name]

    def receive(self, client, wanted):
        if wanted == "^D":
            self.test.assertEqual(client.rest(), "")
            return
        while b"\n" not in client.buffer and (data := client._read(20)):
            client.buffer += data
        line, _, rest = bytes(client.buffer).partition(b"\n")
        client.buffer[:] = rest
        self.test.assertEqual(masked(escaped(line)), masked(wanted), client.label)

    def step(self, line):
        name, direction, text = re.fullmatch(r"(\w+)([<>]) ?(.*)", line).groups()
        client = self.client(name)
        if direction == "<":
            self.receive(client, text)
        elif text == "^D":
            client.end_input()
        else:
            client.send(bytes_of(text) + b"\n")

    def replay(self):
        for line in self.lines:
            self.step(line)
        for client in self.clients.values():
            if not client.has_ended:
                self.test.assertEqual(client.sync(), [], f"{client.label} got more than is shown")


class ProtocolDocTest(DaemonTest):
    def replay(self, name):
        blocks = re.findall(r"^```session\n(.*?)^```$", document(name), re.MULTILINE | re.DOTALL)
        for block in blocks:
            Transcript(self, self.start(), block.splitlines()).replay()
        return len(blocks)

    def test_protocol_doc_transcripts(self):
        self.assertGreaterEqual(self.replay("protocol.md"), 7)

    def test_protocol_doc_notices_a_difference(self):
        """The replay fails for a line that differs, one that does not come, and one too many."""
        good = ["bob> bob", "bob< Welcome to localhost (mingle). Nobody else is here yet.",
                "bob< Your name? (or: /help, /quit)", "bob< *** You are bob, in #lobby, alone so far.",
                "bob< *** Type to talk, /help for commands."]
        Transcript(self, self.start(), good).replay()
        for bad in (good[:-1], good + ["bob> /quit", "bob< *** Good bye."], good + ["bob> /quit", "bob< ^D"]):
            with self.assertRaises(AssertionError):
                Transcript(self, self.start(), bad).replay()

    # ---- /help and docs/commands.md ----

    def rows(self):
        """name, arguments, aliases, who, summary."""
        pattern = r"^\| `/(\S+?)(?: (.*?))?` \| (.*?) ?\| (.*?) \| (.*?) \|$"
        text = document("commands.md")
        for cells in re.findall(pattern, text, re.MULTILINE):
            name, arguments, aliases, who, summary = (cell.replace("\\|", "|") for cell in cells)
            yield name, arguments, re.findall(r"`/(\w+)`", aliases), who, summary

    def ask(self, client, line):
        client.line(line)
        return client.sync()

    def test_protocol_doc_help_says_what_commands_md_says(self):
        alice = self.enter(self.start(), "alice")
        overview = " ".join(self.ask(alice, "/help"))
        rows, said = list(self.rows()), []
        self.assertGreater(len(rows), 30)
        for name, arguments, aliases, who, summary in rows:
            syntax = f"/{name} {arguments}".rstrip()
            answer = self.ask(alice, f"/help {name}")
            said += answer
            self.assertEqual(answer[0], f"*** {syntax}: {summary}")
            also = [line for line in answer if line.startswith("      | Also: ")]
            names = ", ".join("/" + alias for alias in aliases)
            self.assertEqual(also, ["      | Also: " + names] if aliases else [])
            for alias in aliases:
                self.assertEqual(self.ask(alice, f"/help /{alias}"), answer)
            for line in answer[1:]:  # an example is of this command
                example = re.match(r"      \| Example: \"?/(\w+)", line)
                self.assertTrue(not example or example[1] in (name, *aliases), line)
            self.assertEqual(re.search(rf"/{name}\b", overview) is not None, who != "server operators", name)
        self.assertLessEqual(set(re.findall(r"(?<![\w/])/(\w+)", overview)), {row[0] for row in rows})
        shown = re.search(r"^```help\n(.*?)^```$", document("commands.md"), re.MULTILINE | re.DOTALL)[1]
        self.assertEqual(shown.splitlines(), said, "what docs/commands.md shows of /help and what it says")

    def test_protocol_doc_roles_are_those_of_commands_md(self):
        daemon = self.start()
        dave = self.enter(daemon, "dave")
        dave.line("/join #ops")
        dave.sync()
        for name, arguments, _, who, _ in self.rows():
            if name in ("quit", "oper", "paste"):  # these end the connection, or want more lines
                continue
            bob = self.enter(daemon, "bob")
            bob.line("/join #ops")
            bob.sync()
            words = {"NAME": "dave", "SECONDS": "5", "N": "5", "#ROOM": "#ops", "MODE": "secret"}
            wanted = [words.get(word, word) for word in re.findall(r"#?\w+", arguments.replace("|", " | "))]
            more = ["on"] if name == "mode" else []
            answer = "\n".join(self.ask(bob, " ".join([f"/{name}", *wanted[:1], *more])))
            is_refused = "Only operators of #ops can do that" in answer
            self.assertEqual(is_refused, who.startswith("operators"), f"/{name}: {answer}")
            is_refused = f"/{name} is for operators of the server" in answer
            self.assertEqual(is_refused, who == "server operators", f"/{name}: {answer}")
            bob.line("/quit")
            bob.rest()
            dave.sync()


if __name__ == "__main__":
    main()
