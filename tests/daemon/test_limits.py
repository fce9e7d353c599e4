#!/usr/bin/env python3
"""What one client may take, and what happens when there is no more."""
import re
import time

from mingle_client import SocketClient
from mingle_test import DaemonTest, main, wait_until


class LimitsTest(DaemonTest):
    def test_limits_connections_per_address(self):
        daemon = self.start({"limits.per_address": 3})
        clients = [self.enter(daemon, f"p{i}") for i in range(3)]
        for _ in range(2):
            refused = self.connect(daemon)
            self.assertEqual(refused.rest(), "*** There are too many connections from your address."
                                             " Close one, then try again. Bye.\n")
        daemon.wait_log("closed reason=per-address", 2)
        clients[0].line("/quit")
        clients[0].rest()
        clients[0].close()
        daemon.wait_log("session=1 closed")
        self.enter(daemon, "p0")

    def test_limits_connections_in_all(self):
        daemon = self.start({"limits.sessions": 2})
        self.enter(daemon, "alice")
        bob = self.enter(daemon, "bob")
        refused = self.connect(daemon)
        refused.line("carol")
        self.assertEqual(refused.rest(), "*** The server is full. Try again later. Bye.\n")
        bob.reset()
        daemon.wait_log("session=2 closed")
        self.enter(daemon, "carol")

    def test_limits_time_to_choose_a_name(self):
        daemon = self.start({"limits.name_timeout": "200ms", "greeting.delay": "0s"})
        client = self.connect(daemon)
        self.assertEqual(client.rest_lines()[-1], "*** Timed out waiting for a name. Bye.")
        daemon.wait_log("closed reason=name-timeout")

    def test_limits_paste_is_delayed_but_not_lost(self):
        daemon = self.start({"limits.flood": "50 burst 5"})
        alice, bob = self.enter(daemon, "alice"), self.enter(daemon, "bob")
        alice.sync()
        start = time.monotonic()
        bob.line(*[f"line {i}" for i in range(20)])
        self.assertEqual(alice.read_lines(20), [f"HH:MM <bob> line {i}" for i in range(20)])
        # Five at once, fourteen at least after 20 ms each; a slow machine only takes longer.
        self.assertGreaterEqual(time.monotonic() - start, 14 * 0.02)

    def test_limits_flood_holds_back_nobody_else(self):
        daemon = self.start({"limits.flood": "0.01 burst 20"})
        alice, bob, carol = (self.enter(daemon, name) for name in ("alice", "bob", "carol"))
        bob.line(*[f"line {i}" for i in range(1000)])
        alice.expect("<bob> line 10\n")
        carol.line("not me")
        alice.expect("<carol> not me\n")

    def test_limits_flood_ends_with_its_sender(self):
        # What is left of the paste would take over half an hour at this rate.
        daemon = self.start({"limits.flood": "1 burst 5"})
        alice, bob = self.enter(daemon, "alice"), self.enter(daemon, "bob")
        bob.line(*["x"] * 2000)
        alice.expect("<bob> x\n")
        bob.reset()
        alice.expect("-- bob left")

    def test_limits_rooms_of_one_user(self):
        daemon = self.start({"limits.rooms_per_user": 2})
        alice = self.enter(daemon, "alice")
        alice.line("/join #a")
        alice.sync()
        alice.line("/join #b")
        self.assertEqual(alice.sync(), ["*** You can be in 2 rooms at once, no more. Leave one first:"
                                        " /part #ROOM"])

    def churn(self, address, number):
        """One short visit, each of another kind."""
        client = SocketClient(address)
        if number % 4 == 1:
            client.send("short\n")
        elif number % 4 == 2:
            client.send(f"visitor{number}\nhello\n")
            client.expect("You are visitor")
        if number % 2:
            client.reset()
        else:
            client.close()

    def test_limits_two_thousand_visits_leave_nothing(self):
        daemon = self.start({"rooms.quiet_above": 1})
        alice = self.enter(daemon, "alice")
        files = daemon.fd_count()
        for number in range(2000):
            self.churn(daemon.address, number)
        daemon.wait_log("session=.* closed", 2000, timeout=60)
        daemon.await_fds(files)
        alice.sync()
        alice.line("/names")
        self.assertEqual(alice.sync(), ["--- 1 person in #lobby ---", "      | alice (you)"])

    def table_size(self, daemon):
        with open(f"/proc/{daemon.pid}/status") as file:
            return int(re.search(r"FDSize:\s+(\d+)", file.read())[1])

    def test_limits_room_for_all_files_is_made_at_the_start(self):
        """The kernel stops a process with threads for a while whenever it makes its table of files larger."""
        for settings, sizes in (({}, (3000, 6000)), ({"limits.sessions": 300}, (364, 1024))):
            daemon = self.start(settings, launcher=("prlimit", "--nofile=3000:3000"))
            size = self.table_size(daemon)
            self.assertIn(size, range(*sizes))
            crowd = [self.connect(daemon) for _ in range(290)]
            daemon.wait_log(" open from=", 290)
            self.assertEqual(self.table_size(daemon), size)
            for client in crowd:
                client.close()

    def test_limits_no_more_files(self):
        daemon = self.start({"rooms.quiet_above": 1}, launcher=("prlimit", "--nofile=64:64"))
        clients = [self.connect(daemon, label=f"p{i}") for i in range(70)]
        for client in clients:
            try:
                client.line(client.label)
            except ConnectionError:
                pass  # it has been refused already
        start, cpu = time.monotonic(), daemon.cpu_seconds()
        texts = [client.expect(r"You are p\d+,|The server is full\. Try again in a few minutes\.\n")
                 for client in clients]
        refused = [client for client, text in zip(clients, texts) if "full" in text]
        self.assertGreater(len(refused), 5)
        self.assertGreater(len(clients) - len(refused), 30)
        for client in refused:
            client.rest()
        # Accepting pauses after each; a loop that spins would use all of the time.
        busy = daemon.cpu_seconds() - cpu
        self.assertLess(busy, 0.2 + 0.5 * (time.monotonic() - start))
        for client in clients:
            client.close()
        wait_until(lambda: daemon.fd_count() < 30, "the files are closed")
        self.enter(daemon, "late").sync()


if __name__ == "__main__":
    main()
