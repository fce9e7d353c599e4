#!/usr/bin/env python3
"""A room of very many who say nothing: it costs nothing while nothing happens, and who comes and goes does not
cost more than in a small one.

LARGE_ROOM_PEOPLE says how many; for 18,000 descriptors have to be allowed: `ulimit -n 20000`."""
import os
import resource
import socket
import time

from mingle_client import DEADLINE
from mingle_test import DaemonTest, is_sanitized, main, wait_until

PEOPLE = int(os.environ.get("LARGE_ROOM_PEOPLE", 300 if is_sanitized() else 4000))
FILES_BESIDE = 200  # of this program and of the daemon, besides the people's
PEOPLE_OF_SOURCE = 10000  # an address has no more than 28,000 ports
VISITS = 100
ROUNDS = 10


def allow_files(count):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count:
        return False
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, count), hard))
    return True


class LargeRoomTest(DaemonTest):
    def setUp(self):
        super().setUp()
        if not allow_files(PEOPLE + FILES_BESIDE):
            self.skipTest(f"{PEOPLE} people need as many open files")

    def join_one(self, daemon, number):
        sock = socket.socket()
        self.addCleanup(sock.close)
        sock.bind((f"127.1.0.{1 + number // PEOPLE_OF_SOURCE}", 0))
        sock.settimeout(DEADLINE)
        sock.connect(daemon.address)
        sock.sendall(f"p{number}\n".encode())
        return sock

    def fill_lobby(self, daemon):
        """All connect and take a name. Returns once they are in."""
        people = [self.join_one(daemon, number) for number in range(PEOPLE)]
        for sock in people:
            text = b""
            while b"/help for commands" not in text:
                more = sock.recv(4096)
                self.assertTrue(more, text)
                text += more
        return people

    @staticmethod
    def cpu_ns(daemon):
        """Finer than the ticks of /proc/PID/stat; of its only thread that does anything here."""
        with open(f"/proc/{daemon.pid}/schedstat") as file:
            return int(file.read().split()[0])

    def is_idle(self, daemon, seconds):
        before = self.cpu_ns(daemon)
        time.sleep(seconds)
        return (self.cpu_ns(daemon) - before) / 1e9 < seconds / 100

    def cost_of_visits(self, daemon, visitor, room):
        before = self.cpu_ns(daemon)
        for _ in range(VISITS):
            visitor.line(f"/join {room}")
            visitor.sync()
            visitor.line(f"/leave {room}")
            visitor.sync()
        return (self.cpu_ns(daemon) - before) / VISITS

    def test_large_room_idles_and_takes_visitors(self):
        daemon = self.start({"limits.sessions": PEOPLE + 100, "greeting.delay": "0s"})
        self.fill_lobby(daemon)
        wait_until(lambda: self.is_idle(daemon, 2), "less than 1 % of a core while nobody does anything")

        visitor = self.enter(daemon, "visitor")
        visitor.line("/join #home", "/leave #lobby")
        host = self.enter(daemon, "host")
        for number in range(40):  # as many as the lines about a room tell of
            self.enter(daemon, f"guest{number}").line("/join #small", "/leave #lobby")
        host.line("/join #small")
        host.sync()
        visitor.sync()
        # Walking over all of them would be some 30 ns for each, and several walks for a visit. What else the machine
        # does makes a visit dearer, never cheaper.
        small, large = [], []
        for _ in range(ROUNDS):
            small.append(self.cost_of_visits(daemon, visitor, "#small"))
            large.append(self.cost_of_visits(daemon, visitor, "#lobby"))
            if min(large) < 2 * min(small) + 20000:
                return
        self.fail(f"{min(small):.0f} ns a visit of a small room, {min(large):.0f} of a large")


if __name__ == "__main__":
    main()
