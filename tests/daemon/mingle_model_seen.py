"""What really came, as lines that can be held against those of the model.

Before a line stands what its tags are about: the label that it answers ("[label] "), and the tags of other clients
("@+typing=active "). Batches of answers with a label are taken apart, and a message of several lines becomes one
line; that both are whole is asserted here."""
import collections
import dataclasses
import re

from mingle_client import untimed
from mingle_model_wire import SERVER

ESCAPES = {"\\": "\\\\", ";": "\\:", " ": "\\s"}
SHOWN_BATCHES = ("chathistory", "draft/chathistory-targets")
LISTED_ONLY = ("312", "317", "321", "378", "671")  # the model knows nothing about these


@dataclasses.dataclass
class Batch:
    kind: str
    label: str
    count: int = 0
    lines: list = dataclasses.field(default_factory=list)  # (text, whether the next is more of it)
    start: object = None


def client_tags(message):
    def escaped(value):
        return "".join(ESCAPES.get(c, c) for c in value)

    tags = [key + (f"={escaped(value)}" if value else "") for key, value in message.tags.items() if key[0] == "+"]
    return f"@{';'.join(tags)} " if tags else ""


class Sight:
    """Of the messages that one client got. `heard` gets each of them with the id that it has, if it has one."""

    def __init__(self, heard):
        self.heard = heard
        self.batches = {}
        self.labels = collections.Counter()
        self.lines = []

    def take_all(self, messages):
        for message in messages:
            self.take(message)
        assert not self.batches, f"without an end: {self.batches}"
        assert all(count == 1 for count in self.labels.values()), f"answered more than once: {self.labels}"
        return self.lines

    def label_of(self, message):
        """Its own, or that of the batch that it is in."""
        if "label" in message.tags:
            self.labels[message.tags["label"]] += 1
            return f"[{message.tags['label']}] "
        if "batch" not in message.tags:
            return ""
        batch = self.batches[message.tags["batch"]]
        batch.count += 1
        return batch.label

    def take(self, message):
        label = self.label_of(message)
        batch = self.batches.get(message.tags.get("batch"))
        if message.command == "BATCH" and message.params[0][0] == "+":
            self.batches[message.params[0][1:]] = Batch(message.params[1], label, start=message)
            if message.params[1] in SHOWN_BATCHES:
                self.lines.append(f"{label}{SERVER} BATCH + {' '.join(message.params[1:])}")
        elif message.command == "BATCH":
            self.end(self.batches.pop(message.params[0][1:]))
        elif batch is not None and batch.kind == "draft/multiline":
            batch.lines.append(message)
        else:
            self.heard(message)
            self.add(label, message)

    def end(self, batch):
        if batch.kind in SHOWN_BATCHES:
            self.lines.append(f"{batch.label}{SERVER} BATCH -")
        elif batch.kind == "labeled-response":
            assert batch.count > 1, f"a batch for {batch.count} answers"
        else:
            self.end_multiline(batch)

    def end_multiline(self, batch):
        """Its text is that of all lines."""
        first, text = batch.lines[0], batch.lines[0].params[-1]
        for line in batch.lines[1:]:
            text += ("" if "draft/multiline-concat" in line.tags else "\n") + line.params[-1]
            assert (line.source, line.command, line.params[0]) == (first.source, first.command, first.params[0])
        assert batch.start.params[2] == first.params[0], "lines that go somewhere else"
        self.heard(dataclasses.replace(batch.start, command=first.command, params=[first.params[0], text]))
        self.lines.append(f"{batch.label}{client_tags(batch.start)}MULTILINE {first.text.partition(' :')[0]} :{text}")

    def add(self, label, message):
        text, command = message.text, message.command
        if command == "353" and self.lines:
            start = label + text.partition(" :")[0].partition(" ")[2] + " :"
            if self.lines[-1].startswith(start):
                self.lines[-1] += " " + message.params[-1]
                return
        if command == "353":
            text = text.partition(" ")[2]
        elif command in ("254", "265", "266") or "400" <= command < "700":
            text = " ".join([command, *message.params[:-1]])
        elif command == "CHATHISTORY":
            text = text.rpartition(" ")[0] + " TIME"
        elif command == "FAIL":
            text = " ".join(["FAIL", *message.params[1:-1]])
        elif command == "NOTICE" and message.source == SERVER[1:] and message.params[0][0] == "#":
            text = re.sub(r"\d+ seconds? ago", "TIME ago", text)
        elif command == "NOTICE" and message.source == SERVER[1:]:
            text = f"REFUSED {message.params[1].partition(':')[0]}"
        if command not in LISTED_ONLY:
            self.lines.append(label + client_tags(message) + text)


def seen_by_irc(messages, heard=lambda message: None):
    return Sight(heard).take_all(messages)


def seen_by_plain(texts):
    """Lists become one line, and so does what has several."""
    lines = []
    for text in texts:
        text = re.sub(r", idle for [\w ]+|\bsince .*?(\d\d:\d\d)", lambda match: "since HH:MM" if match[1] else "",
                      untimed(text))
        if text.startswith("      | "):
            lines[-1] += " " + text[8:]
        else:
            lines.append(text)
    return lines


def is_same(expected, line):
    return expected.match(line) is not None if isinstance(expected, re.Pattern) else expected == line
