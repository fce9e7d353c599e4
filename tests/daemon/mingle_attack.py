"""What every attack on the running daemon is measured by: others who go on with their conversation meanwhile,
and the daemon's memory, files and log, which are afterwards as they were.

test_attacks.py is about patience and numbers, test_attacks_bytes.py about what is sent."""
import functools
import re
import socket
import ssl
import struct
import time

from mingle_client import DEADLINE
from mingle_pair import Pair, p99
from mingle_sink import Sink
from mingle_test import DaemonTest, is_sanitized, wait_until

MIB = 1 << 20
PHASE_LINES = 150  # of the pair, in each quiet phase

# What malloc keeps of a crowd that has gone, and code that has run for the first time.
GROWTH = 4 * MIB

# For a watchdog the daemon looks after itself more often: so it gives memory back soon.
SOON = {"WATCHDOG_USEC": "1000000"}

# The p99 of the pair under attack is compared with the worst of what the machine alone does to it in the same
# run: when nothing happens, when the same attack goes to a listener that does nothing with it (rehearsal), and
# to the echo process under the attack itself. What the server waited for a processor is taken off. So it does
# not depend on how fast the machine is, or how busy.
SLOWER_AT_MOST = 2
GRACE = 0.004  # seconds: a turn of the loop for each of the four hops; with sanitizers it takes so long
TRIES = 3  # somebody else may have needed the machine just then

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
V1 = b"PROXY TCP4 203.0.113.9 10.0.0.1 8080 7000\r\n"
V2 = SIGNATURE + b"\x21\x11\0\x0c" + socket.inet_aton("203.0.113.9") + bytes(4) + struct.pack(">HH", 1, 2)

LOG_LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (error|warning|notice|info|debug) [ -~]*")
CONTROLS = "[\x00-\x09\x0b-\x1f\x7f\x80-\x9f]"


def client_hello():
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.create_default_context()
    try:
        context.wrap_bio(incoming, outgoing, server_hostname="localhost").do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


class Delayed(AssertionError):
    pass


def repeated(test):
    """A test that is begun again when the pair was slow, but not for anything else."""
    @functools.wraps(test)
    def run(self):
        for tries_left in reversed(range(TRIES)):
            try:
                return test(self)
            except Delayed as delayed:
                if not tries_left:
                    raise
                print(f"  once more, for {delayed}")
                self.doCleanups()
                self.setUp()
    return run


class AttackTest(DaemonTest):
    def __init_subclass__(cls):
        for name, test in list(vars(cls).items()):
            if name.startswith("test_"):
                setattr(cls, name, repeated(test))

    def calm(self, settings=None, rehearsal=None, **more):
        """A daemon with people in it who notice nothing of all that follows."""
        daemon = self.start(settings, env=SOON, **more)
        self.watch(daemon, rehearsal)
        return daemon

    def watch(self, daemon, rehearsal=None):
        """The attack begins when this returns. `rehearsal` does with an address what will be done with the
        daemon's."""
        self.witness = self.enter(daemon, "witness")
        self.files = daemon.fd_count()
        self.pair = self.keep(Pair(daemon))
        for phase in ("quiet", "quiet again"):
            self.pair.phase(phase)
            self.pair.await_lines(PHASE_LINES)
        if rehearsal:
            sink = self.keep(Sink())
            self.pair.phase("rehearsal")
            rehearsal(sink.address)
            self.pair.await_lines(PHASE_LINES // 3)
        self.witness.sync()
        self.rss = self.peak = daemon.rss_bytes()
        self.pair.phase("attack")

    def check_unaffected(self):
        self.witness.sync()

    def check_calm(self, daemon, growth=GROWTH, grace=GRACE):
        """After the attack it is as it was, and nobody has lost a line or waited for one."""
        self.check_unaffected()
        self.pair.await_lines(PHASE_LINES // 3)  # however short it was, some were said in it
        self.peak = max(self.peak, daemon.rss_bytes())
        self.pair.phase("quiet after")
        self.pair.await_lines(PHASE_LINES)
        self.check_pair(self.pair.stop(), grace)
        daemon.await_fds(self.files)
        self.check_memory(daemon, growth)
        self.check_log_lines(daemon)

    def check_pair(self, phases, grace):
        noise = {name: p99(samples, 0) for name, samples in phases.items() if name != "attack"}
        attack, noise["bare echo under attack"], with_waits = (p99(phases["attack"], column) for column in range(3))
        most = SLOWER_AT_MOST * max(noise.values()) + grace
        told = (f"p99 {attack * 1e3:.2f} ms, {with_waits * 1e3:.2f} with waits for a processor, of"
                f" {len(phases['attack'])} round trips under attack; at most {most * 1e3:.2f};"
                f" noise: {', '.join(f'{name} {value * 1e3:.2f}' for name, value in noise.items())} ms")
        print(f"  pair: {told}")
        if attack > most:
            raise Delayed(told)

    def check_memory(self, daemon, growth):
        """Back to the start; pages are given back when the allocator gets round to it."""
        after = daemon.rss_bytes()
        print(f"  memory: {self.rss / MIB:.1f} MiB before, {self.peak / MIB:.1f} at the end of the attack,"
              f" {after / MIB:.1f} after")
        if not is_sanitized():
            wait_until(lambda: daemon.rss_bytes() - self.rss < growth, f"{growth} bytes of growth at most")

    def check_log_lines(self, daemon):
        for line in list(daemon.log):
            self.assertRegex(line, rf"\A{LOG_LINE.pattern}\Z")
            self.assertNotRegex(line, r" (error|warning) ")

    def closed_in_all(self, daemon):
        return sum(" closed reason=" in line for line in list(daemon.log))

    def closed(self, daemon, reason):
        return sum(f"closed reason={reason} " in line for line in list(daemon.log))

    def await_closed(self, daemon, reason, count):
        wait_until(lambda: self.closed(daemon, reason) >= count, f"{count} closed for {reason}", 60)
        self.assertEqual(self.closed(daemon, reason), count)

    def sockets(self, daemon, count, source=None):
        return self.connections(daemon.address, count, source)

    def connections(self, address, count, source=None):
        result = []
        for _ in range(count):
            result.append(socket.create_connection(address, DEADLINE, source))
            self.addCleanup(result[-1].close)
        return result

    def send_slowly(self, sockets, data, is_over=lambda: False):
        """A byte to each now and then, and at the end they are closed."""
        for sock in sockets:
            sock.setblocking(False)
        for byte in data:
            for sock in sockets:
                try:
                    sock.send(bytes([byte]))
                except (BlockingIOError, ConnectionError):
                    pass
            if is_over():
                break
            time.sleep(0.05)
        for sock in sockets:
            sock.close()

    def drip(self, daemon, sockets, data, reason):
        """Each sends a byte after the other until it is closed: bytes must not move its deadline."""
        def is_over():
            self.check_unaffected()
            return self.closed(daemon, reason) >= len(sockets)

        self.send_slowly(sockets, data, is_over)
        self.await_closed(daemon, reason, len(sockets))
