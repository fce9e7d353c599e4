"""Telnet for the tests: its bytes, and the real client at its prompt."""
import re

from mingle_screen import Screen
from mingle_test import DaemonTest

DO_TTYPE = b"\xff\xfd\x18"
SEND_TTYPE = b"\xff\xfa\x18\x01\xff\xf0"
WILL_ECHO = b"\xff\xfb\x01"
WILL_SGA = b"\xff\xfb\x03"
DO_NAWS = b"\xff\xfd\x1f"
DO_ENVIRON = b"\xff\xfd\x27"
PROMPT = "[#lobby] alice> "
FIRST_WORDS = "*** Type to talk, /help for commands."


def type_is(name):
    return b"\xff\xfb\x18" + b"\xff\xfa\x18\x00" + name + b"\xff\xf0"


class TelnetDaemonTest(DaemonTest):
    def screen(self, daemon, width=60, height=16, client=("telnet",)):
        return self.keep(Screen([*client, *map(str, daemon.address)], width, height))

    def alice(self, daemon, **more):
        """At the prompt."""
        alice = self.screen(daemon, **more)
        alice.wait_row(r"^Your name\?")
        alice.line("alice")
        alice.wait_row(re.escape(FIRST_WORDS))
        alice.wait_end(PROMPT.rstrip())  # busybox has said something of its own in between
        return alice

    def expect_bytes(self, client, wanted):
        """Reads until the bytes have come; returns all up to their end."""
        while wanted not in client.buffer:
            data = client._read(20)
            self.assertTrue(data, f"{wanted!r} did not come: {bytes(client.buffer)!r}")
            client.buffer += data
        end = client.buffer.index(wanted) + len(wanted)
        taken = bytes(client.buffer[:end])
        del client.buffer[:end]
        return taken
