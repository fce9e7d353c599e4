"""Clients of mingled for the tests: sockets, TLS sockets, and programs run on pipes or on a terminal.

All have one surface. What arrives is read only while somebody waits for it, and every wait has a
deadline that a slow machine does not reach: a test waits for a condition, never for a time."""
import itertools
import os
import pty
import re
import select
import signal
import socket
import ssl
import struct
import subprocess
import termios
import time

DEADLINE = 20  # seconds until a wait has failed; nothing good takes so long

_fences = itertools.count(1)


def untimed(line):
    """The time and the date are the only things in a line that a test cannot know."""
    line = re.sub(r"^\d\d:\d\d ", "HH:MM ", line)
    return re.sub(r"^--- \w{3} \d{1,2} \w{3} \d{4}", "--- DATE", line)


class Client:
    """Text in, text out. A subclass has send(), _read() and close()."""

    def __init__(self, label):
        self.label = label
        self.buffer = bytearray()
        self.has_ended = False

    def send(self, data):
        raise NotImplementedError

    def close(self):
        raise NotImplementedError

    def _read(self, seconds):
        """Some bytes; b"" at the end; None when nothing came in time."""
        raise NotImplementedError

    def line(self, *lines):
        self.send("".join(text + "\n" for text in lines))

    def _fill(self, deadline, wanted):
        """Reads once more, or fails because `wanted` did not come."""
        seconds = deadline - time.monotonic()
        data = None if self.has_ended or seconds <= 0 else self._read(seconds)
        if data:
            self.buffer += data
        elif data == b"":
            self.has_ended = True
        if not data:
            why = "the end came" if self.has_ended else "nothing more came"
            got = bytes(self.buffer[-2000:])
            raise AssertionError(f"{self.label}: {why} instead of {wanted!r} after {got!r}")

    def _take(self, count):
        text = bytes(self.buffer[:count]).decode("utf-8", "backslashreplace")
        del self.buffer[:count]
        return text

    def expect(self, pattern, timeout=DEADLINE):
        """Takes everything up to the end of the first match, and returns it."""
        deadline = time.monotonic() + timeout
        regex = re.compile(pattern.encode(), re.MULTILINE)
        while True:
            match = regex.search(self.buffer)
            if match:
                return self._take(match.end())
            self._fill(deadline, pattern)

    def read_line(self, timeout=DEADLINE):
        return self.expect(r"\A[^\n]*\n", timeout)[:-1]

    def read_lines(self, count):
        return [untimed(self.read_line()) for _ in range(count)]

    def rest(self, timeout=DEADLINE):
        """Everything up to the end of the stream."""
        deadline = time.monotonic() + timeout
        while not self.has_ended:
            try:
                self._fill(deadline, "the end")
            except AssertionError:
                if not self.has_ended:
                    raise
        return self._take(len(self.buffer))

    def rest_lines(self, timeout=DEADLINE):
        return [untimed(line) for line in self.rest(timeout).splitlines()]

    def sync(self):
        """All lines from before now. There is one order of events: with the answer to a command that
        nobody else knows, everything has arrived that happened before it."""
        word = f"zz{next(_fences)}zz"
        self.line("/" + word)
        text = self.expect(rf"^\*\*\* Unknown command /{word}\.[^\n]*\n")
        return [untimed(line.rstrip("\r")) for line in text.split("\n")[:-2]]

    def enter(self, name):
        """Takes a name; returns the lines of the welcome, from "*** You are" on."""
        self.line(name)
        self.expect(r"Your name\?[^\n]*\n")
        return self.sync()


class SocketClient(Client):
    def __init__(self, address, label="socket", receive_bytes=None, source=None):
        """source: the address that it comes from, if not the usual one."""
        super().__init__(label)
        family = socket.AF_UNIX if isinstance(address, str) else \
            socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.sock = socket.socket(family, socket.SOCK_STREAM)
        if receive_bytes:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        if source:
            self.sock.bind((source, 0))
        self.sock.settimeout(DEADLINE)
        self.sock.connect(address)

    def send(self, data):
        self.sock.settimeout(DEADLINE)
        self.sock.sendall(data.encode() if isinstance(data, str) else data)

    def _read(self, seconds):
        self.sock.settimeout(seconds)
        try:
            return self.sock.recv(1 << 16)
        except TimeoutError:
            return None
        except ConnectionError:
            return b""

    def end_input(self):
        self.sock.shutdown(socket.SHUT_WR)

    def reset(self):
        """Closes without a goodbye: the server gets a RST."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def close(self):
        self.sock.close()


class TlsClient(SocketClient):
    def __init__(self, address, certificate, label="tls", own=None, **more):
        """certificate: the server's; own: paths of a certificate to show, and of its key."""
        super().__init__(address, label, **more)
        context = ssl.create_default_context(cafile=certificate)
        if own:
            context.load_cert_chain(*own)
        self.sock = context.wrap_socket(self.sock, server_hostname="localhost")

    def _read(self, seconds):
        """The end must be a close_notify: ssl.SSLEOFError is not caught."""
        self.sock.settimeout(seconds)
        try:
            return self.sock.recv(1 << 16)
        except TimeoutError:
            return None


class ProgramClient(Client):
    """A program on pipes, or, with on_terminal, on a terminal that does not echo."""

    def __init__(self, argv, on_terminal=False):
        super().__init__(os.path.basename(argv[0]))
        if on_terminal:
            master, slave = pty.openpty()
            modes = termios.tcgetattr(slave)
            modes[3] &= ~termios.ECHO
            termios.tcsetattr(slave, termios.TCSANOW, modes)
            self.process = subprocess.Popen(argv, stdin=slave, stdout=slave, stderr=slave,
                                            start_new_session=True)
            os.close(slave)
            self.input = self.output = master
        else:
            self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                            stderr=subprocess.STDOUT, start_new_session=True)
            self.input = os.dup(self.process.stdin.fileno())
            self.output = os.dup(self.process.stdout.fileno())
            self.process.stdin.close()
            self.process.stdout.close()

    def send(self, data):
        data = data.encode() if isinstance(data, str) else data
        while data:
            data = data[os.write(self.input, data):]

    def end_input(self):
        os.close(self.input)
        self.input = -1

    def _read(self, seconds):
        if not select.select([self.output], [], [], seconds)[0]:
            return None
        try:
            return os.read(self.output, 1 << 16)
        except OSError:  # EIO: the last user of the terminal has gone
            return b""

    def wait(self):
        """The program's exit status."""
        return self.process.wait(DEADLINE)

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        for fd in {self.input, self.output} - {-1}:
            os.close(fd)
        self.input = self.output = -1
