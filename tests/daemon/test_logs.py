#!/usr/bin/env python3
"""The log: its formats, what it tells of a session, and that a flood does not flood it."""
import fcntl
import json
import os
import re
import socket
import subprocess

from mingle_client import DEADLINE
from mingle_test import DaemonTest, MINGLED, main, wait_until

LINE = re.compile(r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (error|warning|notice|info|debug) (.*)$")
FIELD = re.compile(r'([a-z_]+)=("(?:[^"\\]|\\["\\]|\\x[0-9a-f]{2})*"|[^\s"=]+)(?: |$)')


def fields(line):
    return {key: value for key, value in FIELD.findall(LINE.match(line)[3])}


class LogsTest(DaemonTest):
    def test_logs_text_tells_a_session(self):
        daemon = self.start()
        client = self.enter(daemon, "alice")
        client.line("hi", "/quit bye")
        client.rest()
        daemon.wait_log("session=1 closed")
        daemon.stop()
        for line in daemon.log:
            self.assertRegex(line, LINE)
        closed = fields(next(line for line in daemon.log if " closed " in line))
        self.assertEqual((closed["session"], closed["reason"], closed["name"]), ("1", "quit", "alice"))
        self.assertEqual(closed["lines"], "4")  # the name, enter()'s fence, and two
        self.assertGreater(int(closed["in"]), len("alice\nhi\n"))
        self.assertGreater(int(closed["out"]), 0)
        self.assertGreaterEqual(int(closed["ms"]), 0)
        self.assertRegex(closed["address"], r"^127\.0\.0\.1:\d+$")
        self.assertIn("stopped sessions=1", daemon.log[-1])

    def test_logs_json_is_an_object_a_line(self):
        daemon = self.start({"log.format": "json", "log.level": "debug"})
        client = self.enter(daemon, "alice")
        client.line("/quit")
        client.rest()
        daemon.wait_log('"session-closed"')
        daemon.stop()
        events = [json.loads(line) for line in daemon.log]
        for event in events:
            self.assertRegex(event["time"], r"^\d{4}-.*Z$")
            self.assertIn(event["level"], ("notice", "info", "debug"))
            self.assertTrue(event["message"])
        by_kind = {event.get("event"): event for event in events}
        self.assertEqual(by_kind["session-named"]["name"], "alice")
        self.assertEqual(by_kind["session-closed"]["reason"], "quit")
        self.assertEqual(by_kind["session-closed"]["session"], 1)
        self.assertEqual(by_kind["stopped"]["sessions"], 1)

    def test_logs_level_is_obeyed(self):
        daemon = self.start({"log.level": "notice"})
        self.enter(daemon, "alice")
        daemon.stop()
        self.assertFalse([line for line in daemon.log if " info " in line or " debug " in line])

    def test_logs_journal_that_is_missing_is_an_error(self):
        """In a namespace of its own, where there is no journal for sure."""
        daemon = self.start({"log.format": "journal"}, is_listening=False,
                            launcher=("unshare", "-rm", "sh", "-c",
                                      'mount -t tmpfs none /run && exec "$0" "$@"'))
        status = daemon.wait()
        if status == 1 and "unshare" in "".join(daemon.log):
            self.skipTest("no namespaces here")
        self.assertEqual(status, 1)
        self.assertIn("log.format = journal: cannot connect to /run/systemd/journal/socket: ", daemon.log[-1])
        self.assertIn("use log.format = auto", daemon.log[-1])

    def test_logs_flood_is_bounded_and_counts_add_up(self):
        burst, refused = 20, 10000
        daemon = self.start({"log.limit": f"1 burst {burst}", "limits.per_address": "1",
                             "log.level": "info"})
        alice = self.enter(daemon, "alice")
        for start in range(0, refused, 100):
            clients = [socket.create_connection(daemon.address, timeout=DEADLINE) for _ in range(100)]
            for client in clients:
                while client.recv(4096):
                    pass
                client.close()
        alice.line("/ping")
        alice.sync()
        daemon.stop()

        def told(kind):
            return sum(int(match[1]) for match in
                       (re.search(rf" suppressed=(\d+) kind={kind}$", line) for line in daemon.log) if match)

        closed = [line for line in daemon.log if "closed reason=per-address" in line]
        opened = [line for line in daemon.log if " open from=" in line]
        self.assertEqual(len(closed) + told("session-refused"), refused)
        self.assertEqual(len(opened) + told("session-open"), refused + 1)
        seconds = 400  # no machine takes longer
        self.assertLess(len(closed), burst + seconds)
        self.assertGreater(told("session-refused"), 0)

    def test_logs_watchdog_tells_of_a_loop_that_hangs(self):
        """Nobody reads the log: when its pipe is full, the loop hangs in the middle of writing a line."""
        reader, writer = os.pipe()
        fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
        daemon = subprocess.Popen([MINGLED, "--config", "/dev/null", "--set", "listen.address=127.0.0.1:0",
                                   "--set", "limits.per_address=1", "--set", "log.limit=off"],
                                  stdin=subprocess.DEVNULL, stderr=writer, cwd=self.keep_folder())
        os.close(writer)
        self.addCleanup(daemon.kill)
        text = b""
        while not (match := re.search(rb"listening on 127\.0\.0\.1:(\d+)\n", text)):
            text += os.read(reader, 4096)
        sockets = []
        for _ in range(100):  # more lines than the pipe takes
            sockets.append(socket.create_connection(("127.0.0.1", int(match[1])), timeout=DEADLINE))
        self.addCleanup(lambda: [sock.close() for sock in sockets])

        def threads_that_write():
            count = 0
            for task in os.listdir(f"/proc/{daemon.pid}/task"):
                with open(f"/proc/{daemon.pid}/task/{task}/syscall") as file:
                    count += file.read().split()[:2] == ["1", "0x2"]
            return count

        wait_until(lambda: threads_that_write() == 2, "the loop and the watchdog write to the full pipe")
        daemon.terminate()
        while more := os.read(reader, 65536):
            text += more
        os.close(reader)
        self.assertEqual(daemon.wait(DEADLINE), 0)
        log = text.decode()
        self.assertRegex(log, r" error the loop hangs, for \d+ ms so far\n")
        self.assertRegex(log, r" error task server_stages \(")
        self.assertRegex(log, r" error task .*\) running\n")


if __name__ == "__main__":
    main()
