#!/usr/bin/env python3
"""Stopping: everyone is told, nobody can hold it up; and a look into the running daemon."""
import re
import signal
import ssl

from mingle_crowd import Crowd
from mingle_test import DaemonTest, main, wait_until

GOODBYE = b"*** The server is shutting down. Bye.\n"

# Only the deadline of the stop can end what waits for these.
PATIENT = {"tls.handshake_timeout": "300s", "limits.stalled": "24h", "limits.name_timeout": "1h"}


class ShutdownTest(DaemonTest):
    def dump(self, daemon):
        """The task tree, as the daemon logs it on SIGUSR1."""
        start = len(daemon.log)
        daemon.signal(signal.SIGUSR1)
        # Signals of one kind may be merged, lines of the tree may not: it ends with the last signal_watch.
        wait_until(lambda: sum("signal_watch (" in line for line in daemon.log[start:]) == 4, "the task tree")
        return [line.partition(" task ")[2] for line in daemon.log[start:] if " task " in line]

    def stuck_client(self, daemon):
        """Asks for more and more help, and does not listen."""
        client = self.enter(daemon, "stuck", receive_bytes=4096)
        client.sync()
        client.sock.setblocking(False)

        def is_stuck():
            try:
                while True:
                    client.sock.send(b"/help\n" * 1000)
            except BlockingIOError:
                return any("conn.drain" in line for line in self.dump(daemon))

        wait_until(is_stuck, "a client that waits to get rid of its output", 60)
        return client

    def half_handshake(self, daemon):
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        try:
            context = ssl.create_default_context()
            context.wrap_bio(incoming, outgoing, server_hostname="localhost").do_handshake()
        except ssl.SSLWantReadError:
            pass
        client = self.connect(daemon)
        client.send(outgoing.read()[:100])
        return client

    def test_shutdown_tells_a_thousand(self):
        daemon = self.start({"rooms.quiet_above": 1})
        crowd = self.keep(Crowd())
        crowd.join(daemon.address, [f"p{i}" for i in range(1000)])
        daemon.signal()
        crowd.wait(crowd.members, lambda member: member.has_ended, "the end")
        self.assertEqual({bytes(member.data) for member in crowd.members}, {GOODBYE})
        self.assertEqual(daemon.wait(), 0)
        self.assertEqual(sum("closed reason=shutdown" in line for line in daemon.log), 1000)
        daemon.check_log()

    def test_shutdown_is_not_held_up(self):
        daemon = self.start(PATIENT | {"server.shutdown_timeout": "1s", "greeting.delay": "60s"}, tls=True)
        alice = self.enter(daemon, "alice")
        tls = self.connect_tls(daemon)
        tls.enter("tls")
        self.stuck_client(daemon)
        self.half_handshake(daemon)
        self.connect(daemon)  # has not said a word
        daemon.wait_log("session=.* open", 5)
        daemon.signal()
        self.assertTrue(alice.rest().encode().endswith(GOODBYE))
        self.assertTrue(tls.rest().encode().endswith(GOODBYE))
        self.assertEqual(daemon.wait(), 0)
        daemon.check_log()
        self.assertEqual(sum("closed reason=shutdown" in line for line in daemon.log), 5)

    def test_shutdown_asked_for_twice_is_at_once(self):
        daemon = self.start(PATIENT | {"server.shutdown_timeout": "600s"})
        alice = self.enter(daemon, "alice")
        self.stuck_client(daemon)
        daemon.signal()
        self.assertTrue(alice.rest().encode().endswith(GOODBYE))
        daemon.wait_log("session=1 closed reason=shutdown")
        self.assertIsNone(daemon.process.poll())
        daemon.signal()
        self.assertEqual(daemon.wait(), 0)
        daemon.wait_log("asked to stop again")
        daemon.check_log()

    def test_shutdown_asked_for_all_the_time(self):
        for _ in range(10):
            daemon = self.start()
            self.enter(daemon, "alice")
            while daemon.process.poll() is None:
                daemon.signal()
            self.assertEqual(daemon.wait(), 0)
            daemon.check_log()

    def test_shutdown_by_ctrl_c(self):
        daemon = self.start()
        alice = self.enter(daemon, "alice")
        daemon.signal(signal.SIGINT)
        self.assertEqual(alice.rest().encode(), GOODBYE)
        self.assertEqual(daemon.wait(), 0)
        daemon.check_log()

    def test_shutdown_not_by_hangup(self):
        daemon = self.start()
        alice = self.enter(daemon, "alice")
        daemon.signal(signal.SIGHUP)
        daemon.wait_log("notice reload: settings reloaded$")
        self.assertEqual(alice.sync(), [])

    def test_shutdown_nobody_is_let_in_any_more(self):
        daemon = self.start(PATIENT | {"server.shutdown_timeout": "600s"})
        alice = self.enter(daemon, "alice")
        self.stuck_client(daemon)
        daemon.signal()
        alice.rest()
        with self.assertRaises(ConnectionRefusedError):
            self.connect(daemon)
        daemon.signal()
        self.assertEqual(daemon.wait(), 0)

    def test_shutdown_tasks_can_be_looked_at(self):
        daemon = self.start()
        self.enter(daemon, "bob")
        alice = self.enter(daemon, "alice")
        for _ in range(5):  # who goes on talking does not rest
            alice.sync()
        self.connect(daemon)
        daemon.wait_log("session=.* open", 3)
        tree = "\n".join(self.dump(daemon))
        place = r"\([a-z_/]+\.c:\d+\)"
        for task in (rf"^server_stages {place} waits: event",
                     rf"^ +broadcaster {place} waits: queue\.get$",
                     rf"^ +catch_up {place} waits: event",
                     rf"^ +sweeper {place} waits: sleep",
                     rf"^ +heartbeat {place} waits: sleep",
                     rf"^ +acceptor {place} waits: listener",
                     rf"^ +session_run {place} > session_talk {place} > session_line {place}"
                     r" waits: conn\.readline$",
                     rf"^ +session_run {place} waits: conn\.rest$"):
            self.assertRegex(tree, re.compile(task, re.MULTILINE))
        self.assertEqual(sum("session_run (" in line for line in tree.split("\n")), 3)


if __name__ == "__main__":
    main()
