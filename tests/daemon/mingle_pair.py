#!/usr/bin/env python3
"""Two people who talk all the time while something else is going on, and a measure of what they notice.

The pair is a process of its own, so that what the test itself does does not delay it. One says numbered
lines, the other answers each; a line that is lost, doubled or out of order ends the process with an error.
Between the lines the same two ends talk through a bare echo process: what that costs is the machine's doing,
and not the server's. And what the server or the pair could run and had to wait for a processor is taken off, for
others have it then. So nothing here depends on how fast the machine is, or how busy."""
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time

DEADLINE = 20
PAUSE = 0.001  # between two lines: a conversation, not a flood


class End:
    """One end of the conversation."""

    def __init__(self, sock):
        self.sock = sock
        self.sock.settimeout(DEADLINE)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.data = b""

    def read_until(self, pattern):
        """All up to the end of the match; the match."""
        while not (match := pattern.search(self.data)):
            piece = self.sock.recv(1 << 16)
            if not piece:
                raise SystemExit(f"the end came instead of {pattern.pattern!r} after {self.data[-500:]!r}")
            self.data += piece
        self.data = self.data[match.end():]
        return match

    def expect_line(self, speaker, line):
        """The next line of that speaker must be this one."""
        said = self.read_until(re.compile(rb"<%s> ([^\n]*)\n" % speaker))[1]
        if said != line:
            raise SystemExit(f"{said!r} instead of {line!r}")


def enter(address, name):
    end = End(socket.create_connection(address, DEADLINE))
    end.sock.sendall(name + b"\n/join #pair\n/part #lobby\n")
    end.read_until(re.compile(rb"\*\*\* You left #lobby[^\n]*\n"))
    return end


def bare_echo():
    """An end whose bytes come back from another process, through TCP as well; and that process."""
    listener = socket.create_server(("127.0.0.1", 0))
    pid = os.fork()
    if pid == 0:
        try:
            other = listener.accept()[0]
            listener.close()
            other.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while data := other.recv(4096):
                other.sendall(data)
        finally:
            os._exit(0)
    sock = socket.create_connection(listener.getsockname(), DEADLINE)
    listener.close()
    return End(sock), pid


class Waiting:
    """For how long two threads have waited for a processor, as the kernel counts it; 0 where it does not."""

    def __init__(self, pid):
        try:
            self.files = [open(path, "rb", buffering=0) for path in (f"/proc/{pid}/schedstat",
                                                                     "/proc/thread-self/schedstat")]
        except OSError:
            self.files = []

    def seconds(self):
        return sum(int(os.pread(file.fileno(), 100, 0).split()[1]) for file in self.files) / 1e9


def run(address, pid):
    """Talks until stdin ends; a line there begins a new phase. Prints what each took, at the end."""
    ping, pong, (bare, bare_pid) = enter(address, b"ping"), enter(address, b"pong"), bare_echo()
    waiting, waiting_bare = Waiting(pid), Waiting(bare_pid)
    phases, current = {}, []

    def follow():
        nonlocal current
        for name in sys.stdin:
            current = phases.setdefault(name.strip(), [])
        current = None

    threading.Thread(target=follow, daemon=True).start()
    number = 0
    print("ready", flush=True)
    while current is not None:
        number += 1
        samples, line = current, b"line %d" % number
        start, waited = time.monotonic(), waiting.seconds()
        ping.sock.sendall(line + b"\n")
        pong.expect_line(b"ping", line)
        pong.sock.sendall(line + b"\n")
        ping.expect_line(b"pong", line)
        middle, waited = time.monotonic(), waiting.seconds() - waited
        waited_bare = waiting_bare.seconds()
        for _ in range(2):  # a round trip has two hops
            bare.sock.sendall(line + b"\n")
            bare.read_until(re.compile(re.escape(line) + b"\n"))
        end, waited_bare = time.monotonic(), waiting_bare.seconds() - waited_bare
        samples.append((max(middle - start - waited, 0), max(end - middle - waited_bare, 0), middle - start))
        if number % 50 == 0:
            print(number, flush=True)  # the test sees that it goes on
        time.sleep(PAUSE)
    for speaker in (ping, pong):  # each has had all: nothing is left but the goodbye
        speaker.sock.sendall(b"/quit\n")
    print(json.dumps(phases), flush=True)


def p99(samples, column):
    values = sorted(sample[column] for sample in samples)
    return values[(len(values) * 99 - 1) // 100]


class Pair:
    """Talks from its making to stop(). Phases are named by what goes on."""

    def __init__(self, daemon):
        words = [sys.executable, __file__, *map(str, daemon.address), str(daemon.pid)]
        self.process = subprocess.Popen(words, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)
        self.lines = []
        self.grew = threading.Condition()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        self._await(lambda: "ready" in self.lines, "the pair's first words")

    def _read(self):
        for line in self.process.stdout:
            with self.grew:
                self.lines.append(line.strip())
                self.grew.notify_all()
        with self.grew:
            self.grew.notify_all()

    def _await(self, condition, what):
        with self.grew:
            self.grew.wait_for(lambda: condition() or not self.reader.is_alive(), DEADLINE)
        if not condition():
            self.process.kill()
            raise AssertionError(f"not in time: {what}: {self.process.stderr.read()}")

    def phase(self, name):
        self.process.stdin.write(name + "\n")
        self.process.stdin.flush()

    def await_lines(self, count):
        """Until so many more have gone there and back, or a few more."""
        wanted = len(self.lines) + 1 + count // 50
        self._await(lambda: len(self.lines) >= wanted, f"{count} lines of the pair")

    def stop(self):
        """The samples of each phase, in seconds, each (by the server, by the bare echo, by the server with what it
        waited for a processor)."""
        self.process.stdin.close()
        self._await(lambda: self.lines and self.lines[-1].startswith("{"), "the pair's last words")
        assert self.process.wait(DEADLINE) == 0, self.process.stderr.read()
        return json.loads(self.lines[-1])

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            try:
                stream.close()
            except BrokenPipeError:
                pass


if __name__ == "__main__":
    run((sys.argv[1], int(sys.argv[2])), int(sys.argv[3]))
