"""No allocation is one that the daemon cannot do without: whichever fails, at most the session or the
command that needed it does, it is told, and everyone else talks on. At start the daemon may give up, in
words."""
import mmap
import os
import struct
import subprocess
import unittest

from mingle_client import SocketClient, TlsClient
from mingle_test import DEADLINE, MINGLED, DaemonTest, certificate, is_sanitized, main

LIBRARY = os.environ.get("FAIL_MALLOC_LIBRARY", "")

SCRIPT = ("bob", "hello all", "/join #ops", "/topic hi", "/msg watch psst", "/me waves", "/who", "/names",
          "/history", "/nick rob", "/set time iso", "/away x", "/back", "/ignore watch", "/ban carol 1h", "/rooms",
          "/whois watch", "/help", "/part", "/invite watch #ops", "/quit")


class Plan:
    """The memory that the library shares with us, see tests/support/fail_malloc.c."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "plan")
        with open(self.path, "wb") as file:
            file.write(struct.pack("qqq", -1, 0, 0))
        with open(self.path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 24)

    def environment(self):
        return {"LD_PRELOAD": LIBRARY, "FAIL_MALLOC": self.path}

    def fail(self, after, span=1):
        self.memory[8:24] = struct.pack("qq", span, 0)
        self.memory[0:8] = struct.pack("q", after)

    def stop(self):
        """How many failed."""
        self.memory[0:8] = struct.pack("q", -1)
        return struct.unpack("q", self.memory[16:24])[0]


@unittest.skipIf(is_sanitized(), "a sanitizer has an allocator of its own")
@unittest.skipUnless(LIBRARY, "needs $FAIL_MALLOC_LIBRARY")
class MemoryTest(DaemonTest):
    def setUp(self):
        super().setUp()
        self.plan = Plan(self.keep_folder())

    def run_session(self, daemon, connect):
        """Everything that a client got, until the server closed it."""
        client = None
        try:
            client = connect(daemon)
            client.line(*SCRIPT)
            return client.rest()
        except (OSError, AssertionError) as error:
            # The connection was ended in the middle of a handshake or of a line.
            return str(error)
        finally:
            if client:
                client.close()

    def fail_each(self, connect, span):
        """Runs the session again and again; each time another of its allocations is the first that fails."""
        daemon = self.start(tls=True, env=self.plan.environment())
        watch = self.enter(daemon, "watch")
        # Whatever is made once and kept is made now.
        self.assertIn("Bye", self.run_session(daemon, connect))
        watch.sync()
        files = daemon.fd_count()

        count, told = 0, 0
        while True:
            self.plan.fail(count, span)
            text = self.run_session(daemon, connect)
            failed = self.plan.stop()
            watch.sync()
            if not failed:
                break
            count += 1
            told += "memory" in text
        self.assertIn("Bye", text)
        self.assertGreater(count, 10, "hardly anything was allocated: the library is not at work")
        if span == 1:
            self.assertGreater(told, 0, "nobody was told of it")
        daemon.await_fds(files)
        print(f"{count} allocations failed in turn, {told} clients were told")

    def test_no_allocation_of_a_session_ends_the_daemon(self):
        self.fail_each(lambda daemon: SocketClient(daemon.address), 1)

    def test_no_allocation_of_a_tls_session_ends_the_daemon(self):
        self.fail_each(lambda daemon: TlsClient(daemon.address, certificate()[0]), 1)

    def test_daemon_lives_through_a_time_without_memory(self):
        self.fail_each(lambda daemon: SocketClient(daemon.address), 100)

    def test_start_without_memory_ends_in_words(self):
        arguments = [MINGLED, "--check-config", "--set", "listen.address=127.0.0.1:0"]
        environment = os.environ | self.plan.environment()
        count, failed = 0, 1
        while failed:
            self.plan.fail(count)
            done = subprocess.run(arguments, env=environment, capture_output=True, text=True, timeout=DEADLINE)
            failed = self.plan.stop()
            if done.returncode:
                self.assertIn(done.returncode, (1, 2, 78, -6), f"allocation {count}: {done.stderr}")
                self.assertIn("memory", done.stderr.lower(), f"allocation {count}")
            count += 1
        self.assertEqual(done.returncode, 0)
        self.assertGreater(count, 10)


if __name__ == "__main__":
    main()
