#!/usr/bin/env python3
"""A thousand readers: every line reaches all, once, in one order; who reads slowly harms nobody."""
import re
import socket

from mingle_client import SocketClient
from mingle_crowd import Crowd
from mingle_test import DaemonTest, certificate, is_sanitized, main, wait_until

MIB = 1 << 20
SENDERS, LINES = 10, 100


def kernel_send_bytes():
    """The most that the kernel keeps for one connection."""
    with open("/proc/sys/net/ipv4/tcp_wmem") as file:
        return int(file.read().split()[2])


class FanoutTest(DaemonTest):
    def crowd(self):
        return self.keep(Crowd())

    def check_order(self, readers, senders):
        told = bytes(readers[0].data)
        for reader in readers:
            self.assertTrue(reader.data == told, f"{reader.name} and {readers[0].name} read different things")
        lines = told.decode().splitlines()
        for sender in senders:
            mark = f" <{sender.name}> "
            own = [line.partition(mark)[2] for line in lines if mark in line]
            self.assertEqual(own, [f"line {i}" for i in range(LINES)])
            others = "".join(line + "\n" for line in lines if mark not in line)
            self.assertTrue(sender.data == others.encode(), f"{sender.name} reads another order")
        self.assertEqual(len(lines), len(senders) * LINES)

    def check_fanout(self, people, certificate_path=None):
        daemon = self.start({"rooms.quiet_above": 1, "rooms.log": 4096}, tls=bool(certificate_path))
        crowd = self.crowd()
        everyone = crowd.join(daemon.address, [f"p{i}" for i in range(people)], certificate_path)
        senders, readers = everyone[:SENDERS], everyone[SENDERS:]
        for sender in senders:
            crowd.send(sender, "".join(f"line {i}\n" for i in range(LINES)).encode())
        crowd.wait(readers, lambda member: member.line_count >= SENDERS * LINES, "all lines")
        crowd.wait(senders, lambda member: member.line_count >= (SENDERS - 1) * LINES, "the others' lines")
        self.check_order(readers, senders)

    def test_fanout_a_thousand_read_one_order(self):
        self.check_fanout(1000)

    def test_fanout_over_tls(self):
        self.check_fanout(100, certificate()[0])

    def writes(self, daemon):
        """How often the daemon has written to readers."""
        host, port = daemon.wait_log(r"metrics on ([\d.]+):(\d+)$").groups()
        client = self.keep(SocketClient((host, int(port))))
        client.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
        found = re.findall(r"^mingle_delivery_writes_total\{.*\} (\d+)$", client.rest(), re.M)
        self.assertEqual(len(found), 2)
        return sum(map(int, found))

    def test_fanout_what_one_says_in_a_row_stays_together_in_many_rooms(self):
        """All say 16 lines at once, far more than the queue takes: still one write for each reader."""
        rooms, members = 40, 3
        daemon = self.start({"metrics.address": "127.0.0.1:0", "limits.queue": 16, "rooms.quiet_above": 1,
                             "rooms.history": 0})
        crowd = self.crowd()
        everyone = crowd.join(daemon.address, [f"p{i}" for i in range(rooms * members)])
        for i, member in enumerate(everyone):
            crowd.send(member, f"/join #r{i % rooms}\n".encode())
        crowd.wait(everyone, lambda member: b", in #r" in member.data, "the rooms")
        for member in everyone:
            member.forget()
        before = self.writes(daemon)
        senders, readers = everyone[:rooms], everyone[rooms:]
        for sender in senders:
            crowd.send(sender, b"line\n" * 16)
        crowd.wait(readers, lambda member: member.line_count >= 16, "all lines")
        self.assertLess(self.writes(daemon) - before, 2 * len(readers))

    # ---- slow readers ----

    def slow_clients(self, daemon, count, connect=None):
        """They take the welcome, and then nothing more."""
        connect = connect or self.connect
        clients = [connect(daemon, label=f"slow{i}", receive_bytes=4096) for i in range(count)]
        for client in clients:
            client.enter(client.label)
        for client in clients:
            client.sync()
        return clients

    def round(self, crowd, sender, readers, number, lines, size):
        """The sender says some lines; returns when the readers have them."""
        first = number * lines
        text = "".join(f"{first + i} ".ljust(size - 1, "x") + "\n" for i in range(lines))
        wanted = {reader: reader.line_count + lines for reader in readers}
        crowd.send(sender, text.encode())
        crowd.wait(readers, lambda member: member not in wanted or member.line_count >= wanted[member],
                   f"round {number}")
        for reader in readers:
            reader.forget()

    def check_gaps(self, client, total):
        """The client reads again: lines in order, none twice, and a word about each that is missing."""
        client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        expected, skipped = 0, 0
        while expected < total:
            line = client.read_line()
            gap = re.fullmatch(r"\*\*\* (\d+) lines? in #lobby (?:was|were) skipped: you were reading too"
                               r" slowly\.", line)
            if gap:
                expected += int(gap[1])
                skipped += int(gap[1])
                continue
            match = re.fullmatch(r"\d\d:\d\d <talker> (\d+) x+", line)
            self.assertTrue(match, line[:100])
            self.assertEqual(int(match[1]), expected)
            expected += 1
        self.assertEqual(expected, total)
        self.assertEqual(client.sync(), [])
        return skipped

    def check_slow_readers(self, connect=None, certificate_path=None):
        high, log, lines, size = 65536, 64, 32, 4000
        volume = kernel_send_bytes() * 3 // 2 + 2 * MIB
        rounds = volume // (lines * size)
        daemon = self.start({"rooms.quiet_above": 1, "rooms.log": log, "limits.outbox_high": high,
                             "limits.stalled": "24h"}, tls=bool(certificate_path))
        crowd = self.crowd()
        names = ["talker"] + [f"p{i}" for i in range(10)]
        talker, *readers = crowd.join(daemon.address, names, certificate_path)
        slow = self.slow_clients(daemon, 10, connect)
        self.round(crowd, talker, readers, 0, lines, size)
        before = daemon.rss_bytes()
        for number in range(1, rounds):
            self.round(crowd, talker, readers, number, lines, size)
        grown = daemon.rss_bytes() - before

        people = len(slow) + len(readers) + 1
        bound = people * 2 * high + log * 2 * size + 8 * MIB
        self.assertLess(bound, len(slow) * volume // 2, "the test proves nothing")
        if not is_sanitized():
            self.assertLess(grown, bound)
        for client in slow:
            self.assertGreater(self.check_gaps(client, rounds * lines), 0)
        crowd.send(talker, b"/zzyzx\n")
        crowd.wait([talker], lambda member: b"Unknown command /zzyzx" in member.data, "an answer")

    def test_fanout_slow_readers_delay_nobody_and_cost_little(self):
        self.check_slow_readers()

    def test_fanout_slow_readers_over_tls(self):
        self.check_slow_readers(self.connect_tls, certificate()[0])

    def check_closed(self, daemon, line):
        """A talker says `line` again and again until the client that does not read has left. That one then
        reads what was still on its way, and why it is closed."""
        talker = self.enter(daemon, "talker")
        slow = self.slow_clients(daemon, 1)[0]

        def left():
            talker.line(*[line] * 100)
            return [line for line in talker.sync() if " -- slow0 left" in line]

        self.assertEqual(wait_until(left, "the end of a client that does not read"),
                         ["HH:MM -- slow0 left (did not read)"])
        talker.line("/names")
        self.assertEqual(talker.sync(), ["--- 1 person in #lobby ---", "      | talker (you)"])
        slow.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.assertEqual(slow.rest_lines()[-1],
                         "*** You were reading too slowly: too much was waiting for you. Bye.")
        slow.close()
        daemon.wait_log("session=2 closed reason=not-reading")

    def test_fanout_who_takes_nothing_is_closed(self):
        daemon = self.start({"limits.stalled": "200ms", "server.shutdown_timeout": "60s"})
        self.check_closed(daemon, "x" * 4000)

    def test_fanout_whose_inbox_is_full_is_closed(self):
        daemon = self.start({"limits.stalled": "24h", "limits.inbox": 100, "server.shutdown_timeout": "60s"})
        self.check_closed(daemon, "/msg slow0 " + "x" * 3900)

    def test_fanout_who_never_reads_again_is_cut(self):
        daemon = self.start({"limits.stalled": "200ms", "server.shutdown_timeout": "200ms"})
        talker = self.enter(daemon, "talker")
        self.slow_clients(daemon, 1)
        files = daemon.fd_count()

        def is_cut():
            talker.line(*["x" * 4000] * 100)
            talker.sync()
            return any("session=2 closed reason=not-reading" in line for line in daemon.log)

        wait_until(is_cut, "the end of a client that does not read")
        daemon.await_fds(files - 1)


if __name__ == "__main__":
    main()
