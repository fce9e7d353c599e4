"""Allocations that fail: whichever it is, at most what needed it fails, and everyone else goes on."""
import mmap
import os
import struct
import unittest

from mingle_test import DaemonTest, is_sanitized

LIBRARY = os.environ.get("FAIL_MALLOC_LIBRARY", "")


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

    @staticmethod
    def talk(connect, *lines):
        """A function that has a client say this, and returns everything that it got until the server closed
        it, or how it failed: its connection may be ended in the middle of a handshake or of a line."""
        data = b"".join(line if isinstance(line, bytes) else line.encode() + b"\n" for line in lines)

        def run(daemon):
            client = None
            try:
                client = connect(daemon)
                client.send(data)
                return client.rest()
            except (OSError, AssertionError) as error:
                return str(error)
            finally:
                if client:
                    client.close()
        return run

    def fail_each(self, run, wanted="Bye", span=1, is_told=True, step=1, settings=None, **more):
        """Does something again and again; each time another of its allocations is the first that fails."""
        daemon = self.start(settings, env=self.plan.environment(), **more)
        watch = self.enter(daemon, "watch")
        # Whatever is made once and kept is made now.
        for _ in range(2):
            self.assertIn(wanted, run(daemon))
        watch.sync()
        files = daemon.fd_count()

        count, tries, told = 0, 0, 0
        while True:
            self.plan.fail(count, span)
            text = run(daemon)
            failed = self.plan.stop()
            watch.sync()
            if not failed:
                break
            count += step
            tries += 1
            told += "memory" in text
        self.assertIn(wanted, text)
        self.assertGreater(tries, 3, "hardly anything was allocated: the library is not at work")
        if span == 1 and is_told:
            self.assertGreater(told, 0, "nobody was told of it")
        daemon.await_fds(files)
        print(f"{tries} allocations failed in turn, {told} clients were told")
