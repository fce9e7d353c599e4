#!/usr/bin/env python3
"""What attackers do. Each attack leaves the others' chat alone, is ended at its deadline or its limit with a
reason, costs bounded memory and log, and leaves nothing behind."""
import re
import socket
import ssl
import struct
import time

from mingle_client import DEADLINE, SocketClient
from mingle_test import DaemonTest, certificate, is_sanitized, main, wait_until

MIB = 1 << 20
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
LOG_LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (error|warning|notice|info|debug) [ -~]*")
CONTROLS = "[\x00-\x09\x0b-\x1f\x7f\x80-\x9f]"

V1 = b"PROXY TCP4 203.0.113.9 10.0.0.1 8080 7000\r\n"
V2 = SIGNATURE + b"\x21\x11\0\x0c" + socket.inet_aton("203.0.113.9") + bytes(4) + struct.pack(">HH", 1, 2)


def client_hello():
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.create_default_context()
    try:
        context.wrap_bio(incoming, outgoing, server_hostname="localhost").do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


class AttacksTest(DaemonTest):
    def calm(self, settings=None, **more):
        """A daemon with somebody in it who notices nothing of all that follows."""
        daemon = self.start(settings, **more)
        self.witness = self.enter(daemon, "witness")
        self.files = daemon.fd_count()
        self.rss = daemon.rss_bytes()
        return daemon

    def check_unaffected(self):
        self.witness.sync()

    def check_calm(self, daemon, growth=8 * MIB):
        """After the attack it is as it was."""
        self.check_unaffected()
        daemon.await_fds(self.files)
        if not is_sanitized():
            self.assertLess(daemon.rss_bytes() - self.rss, growth)
        for line in daemon.log:
            self.assertRegex(line, rf"\A{LOG_LINE.pattern}\Z")
            self.assertNotRegex(line, r" (error|warning) ")

    def closed(self, daemon, reason):
        return sum(f"closed reason={reason} " in line for line in list(daemon.log))

    def await_closed(self, daemon, reason, count):
        wait_until(lambda: self.closed(daemon, reason) >= count, f"{count} closed for {reason}", 60)
        self.assertEqual(self.closed(daemon, reason), count)

    def sockets(self, daemon, count, source=None):
        result = []
        for _ in range(count):
            result.append(socket.create_connection(daemon.address, DEADLINE, source))
            self.addCleanup(result[-1].close)
        return result

    def drip(self, daemon, sockets, data, reason):
        """Each sends a byte after the other until it is closed: bytes must not move its deadline."""
        for sock in sockets:
            sock.setblocking(False)
        for byte in data:
            for sock in sockets:
                try:
                    sock.send(bytes([byte]))
                except (BlockingIOError, ConnectionError):
                    pass
            self.check_unaffected()
            if self.closed(daemon, reason) >= len(sockets):
                break
            time.sleep(0.05)
        self.await_closed(daemon, reason, len(sockets))
        for sock in sockets:
            sock.close()

    # ---- slow ----

    def test_attacks_slowloris_at_the_name(self):
        daemon = self.calm({"limits.name_timeout": "2s", "greeting.delay": "100ms"})
        self.drip(daemon, self.sockets(daemon, 200), b"N" * 500, "name-timeout")
        self.check_calm(daemon)

    def test_attacks_slowloris_tells_why(self):
        daemon = self.calm({"limits.name_timeout": "300ms", "greeting.delay": "0s"})
        client = self.connect(daemon)
        client.send("half a na")
        self.assertEqual(client.rest_lines()[-1], "*** Timed out waiting for a name. Bye.")

    def test_attacks_slow_tls_handshake(self):
        daemon = self.calm({"tls.handshake_timeout": "1s"}, tls=True)
        hello = client_hello()
        self.drip(daemon, self.sockets(daemon, 100), hello[:-1], "tls-failed")
        self.check_calm(daemon)

    def test_attacks_half_a_client_hello_and_silence(self):
        daemon = self.calm({"tls.handshake_timeout": "500ms"}, tls=True)
        hello = client_hello()
        for sock in self.sockets(daemon, 200):
            sock.sendall(hello[:len(hello) // 2])
        self.check_unaffected()
        self.await_closed(daemon, "tls-failed", 200)
        self.check_calm(daemon, 64 * MIB)  # what OpenSSL keeps for the next handshakes

    def test_attacks_many_who_never_read(self):
        people, high = 50, 16384
        path = self.keep_folder() + "/sock"
        daemon = self.start({"listen.address": ["unix:" + path, "127.0.0.1:0"], "limits.stalled": "300ms",
                             "limits.outbox_high": high, "limits.outbox_low": 4096, "rooms.log": 64,
                             "server.shutdown_timeout": "300ms", "rooms.quiet_above": 1})
        self.witness = self.enter(daemon, "witness")
        self.files = daemon.fd_count()
        for number in range(people):
            self.keep(SocketClient(path)).line(f"deaf{number}")
        daemon.wait_log("named user=deaf", people)
        self.rss = daemon.rss_bytes()
        peak = 0

        def all_cut():
            nonlocal peak
            self.witness.line(*["x" * 3000] * 50)
            self.witness.sync()
            peak = max(peak, daemon.rss_bytes())
            return self.closed(daemon, "not-reading") >= people

        wait_until(all_cut, "the end of those who do not read", 60)
        if not is_sanitized():
            self.assertLess(peak - self.rss, people * 2 * high + 8 * MIB)
        self.assertEqual(self.closed(daemon, "not-reading"), people)  # each once
        self.check_calm(daemon)

    # ---- many ----

    def test_attacks_reset_at_every_stage(self):
        daemon = self.calm({"listen.address": ["127.0.0.1:0 proxy=127.0.0.2"], "rooms.quiet_above": 1}, tls=True)
        hello = client_hello()
        stages = [b"", b"x", hello[:3], hello[:100], hello, b"GET / HTTP/1.1\r\n", b"7up\n", b"mallory\nhi\n",
                  V1[:20], b"\xff\xfd", b"nam"]
        seen = 1

        def storm():
            nonlocal seen
            for _ in range(50):
                for number, data in enumerate(stages):
                    source = ("127.0.0.2", 0) if data == V1[:20] else None
                    sock, = self.sockets(daemon, 1, source)
                    sock.sendall(data)
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    sock.close()
                    seen += 1
            wait_until(lambda: sum(" closed reason=" in line for line in list(daemon.log)) == seen - 1,
                       "the end of all", 60)

        storm()
        self.rss = daemon.rss_bytes()
        storm()
        self.check_calm(daemon, 4 * MIB)

    def test_attacks_one_address_takes_all_places(self):
        daemon = self.start({"limits.per_address": 10, "limits.sessions": 50})
        hog = self.sockets(daemon, 100)
        self.await_closed(daemon, "per-address", 90)
        other = self.keep(SocketClient(daemon.address))  # the same address: not even one more
        self.assertIn("too many connections from your address", other.rest())
        friend, = self.sockets(daemon, 1, ("127.0.0.2", 0))
        friend.sendall(b"friend\n")
        data = b""
        while b"You are friend, in" not in data:
            piece = friend.recv(4096)
            self.assertTrue(piece, data)
            data += piece
        for sock in hog:
            sock.close()
        self.await_closed(daemon, "eof", 10)
        self.connect(daemon).enter("late")

    def test_attacks_one_network_of_ipv6_is_one_address(self):
        daemon = self.start({"listen.address": "127.0.0.1:0 proxy=127.0.0.1", "limits.per_address": 3})
        for number in range(6):
            client = self.connect(daemon)
            client.send(f"PROXY TCP6 2001:db8:0:1::{number + 1} ::1 1 2\r\np{number}\n")
            client.expect("You are" if number < 3 else "too many connections from your address")
        client = self.connect(daemon)
        client.send("PROXY TCP6 2001:db8:0:2::1 ::1 1 2\r\nother\n")
        client.expect("You are other")

    # ---- malformed ----

    def test_attacks_endless_lines_cost_no_memory(self):
        daemon = self.calm()
        talkers = [self.enter(daemon, f"p{i}") for i in range(10)]
        for _ in range(16):
            for talker in talkers:
                talker.send(b"x" * (MIB // 4))
            self.check_unaffected()
        if not is_sanitized():
            self.assertLess(daemon.rss_bytes() - self.rss, 8 * MIB)
        for talker in talkers:
            talker.line("")
            self.assertIn("*** Not sent: the line is longer than 4096 bytes. Send it in parts.", talker.sync())
            talker.close()
        self.check_calm(daemon)

    def test_attacks_endless_tags_before_the_name(self):
        daemon = self.calm()
        for data in (b"@" + b"t" * 8190, b"@" + b"t" * 8190 + b" NICK x\r\n", b":" + b"s" * 8190, b"\0" * 8191):
            client = self.connect(daemon)
            client.send(data)
            self.assertEqual(client.rest(), "*** That is no line of text. Use nc or telnet. Bye.\n")
        self.await_closed(daemon, "not-text", 4)
        self.check_calm(daemon)

    # Both ends of lines, and what looks like them; ends in a whole line.
    LINE_ENDS = (b"a\0b\r\n", b"a\rb\n", b"a\r\0b\r\r\n", b"\r\n\n\r\0c\n", b"d\n\re\r\n", b"f\0\n\0g\r\0",
                 b"h\r\n12:00 <witness> forged\r*** x\n", b"\x0b\x0ci\xc2\x85j\xe2\x80\xa8k\n")

    def check_splits(self, daemon, connect):
        sender = connect(daemon)
        sender.enter("mallory")
        self.witness.sync()
        sender.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for data in self.LINE_ENDS:
            lines = self.collect(sender, [data])
            self.assertTrue(lines)
            for line in lines:
                self.assertTrue(line.startswith("HH:MM <mallory> "), line)
                self.assertNotRegex(line, CONTROLS)
            for at in range(1, len(data)):
                self.assertEqual(self.collect(sender, [data[:at], data[at:]]), lines, (data, at))
        sender.close()

    def collect(self, sender, parts):
        lines = []
        for part in parts:
            sender.send(part)
            lines += self.witness.sync()  # a round trip: the part has been read
        sender.sync()
        return lines + self.witness.sync()

    def test_attacks_line_ends_split_at_every_byte(self):
        daemon = self.calm()
        self.check_splits(daemon, self.connect)
        self.check_calm(daemon)

    def test_attacks_line_ends_split_at_every_byte_over_tls(self):
        daemon = self.calm(tls=True)
        self.check_splits(daemon, self.connect_tls)

    # After Markus Kuhn's "UTF-8 decoder capability and stress test".
    BAD_UTF8 = (b"\x80", b"\xbf\xbf\xbf", b"\xc0\xaf", b"\xe0\x80\xaf", b"\xf0\x80\x80\xaf", b"\xf8\x80\x80\x80\xaf",
                b"\xfc\x80\x80\x80\x80\xaf", b"\xc1\xbf", b"\xe0\x9f\xbf", b"\xf0\x8f\xbf\xbf", b"\xc0\x80",
                b"\xed\xa0\x80", b"\xed\xaf\xbf\xed\xbf\xbf", b"\xf4\x90\x80\x80", b"\xfe", b"\xff\xff",
                b"\xc3", b"\xe2\x82", b"\xf0\x9f\x98", b"\xc3(", b"\xe2\x82(", b"\xf0\x9f\x98(", b"\xc0\x8a",
                b"\xe0\x80\x8a", b"\xc0\x9b[2J", bytes(range(0x80, 0x100)))

    def test_attacks_bad_utf8_never_comes_out(self):
        daemon = self.calm()
        sender = self.enter(daemon, "mallory")
        self.witness.sync()
        for bad in self.BAD_UTF8:
            sender.send(b"<" + bad + b">\n/me " + bad + b".\n/topic " + bad + b".\n/msg witness " + bad + b".\n")
            sender.sync()
            self.witness.line("/zzendzz")
            while b"Unknown command /zzendzz" not in self.witness.buffer:
                self.witness.buffer += self.witness.sock.recv(1 << 16)
            self.witness.sync()
            text = bytes(self.witness.buffer).decode("utf-8")  # valid, or this fails
            self.witness.buffer.clear()
            self.assertNotRegex(text, CONTROLS)

    def test_attacks_bad_utf8_is_replaced(self):
        daemon = self.calm()
        sender = self.enter(daemon, "mallory")
        self.witness.sync()
        for bad in self.BAD_UTF8:
            sender.send(b"<" + bad + b">\n")
            sender.sync()
            line, = self.witness.sync()
            self.assertIn("\ufffd", line, bad)
            self.assertTrue(line.startswith("HH:MM <mallory> <"), line)
        sender.send("\ufeffa\ufeffb\n".encode())
        sender.sync()
        self.assertEqual(self.witness.sync(), ["HH:MM <mallory> ab"])

    ESCAPES = ("\x1b[2J", "\x1b]52;c;QUFB\x07", "\x1b]8;;http://x\x1b\\", "\x9b31m", "\x07\x07", "a\x08\x08b",
               "\u202egnp.exe", "\x1bP1;2x\x1b\\", "\x05", "\x0e\x0f", "\x7f")

    def test_attacks_escapes_reach_no_terminal_and_no_log(self):
        daemon = self.calm({"log.level": "debug"})
        for number, bad in enumerate(self.ESCAPES):
            sender = self.enter(daemon, f"mallory{number}")
            sender.line("/nick m" + bad, "/join #r" + bad, "/msg witness " + bad + "x", "/me " + bad + "x",
                        "/part #lobby " + bad, "/help " + bad, "/msg " + bad + " x", "/" + bad)
            sender.sync()
            sender.line("/quit " + bad)
            self.assertNotRegex(sender.rest(), CONTROLS)
            unnamed = self.connect(daemon)
            unnamed.line("m" + bad)
            unnamed.expect(r"\*\*\* Names have|You are|is taken")
            unnamed.close()
        seen = "\n".join(self.witness.sync())
        self.assertNotRegex(seen, CONTROLS)
        for line in seen.split("\n"):  # overrides are closed where they were opened
            self.assertEqual(line.count("\u202e"), line.count("\u202c"), line)
        for line in daemon.log:
            self.assertRegex(line, rf"\A{LOG_LINE.pattern}\Z")

    STORMS = (b"\xff\xfd\x18" * 100000, b"\xff\xfb\x01\xff\xfc\x01" * 50000, b"\xff\xfa\x18" + b"x" * 300000,
              b"\xff" * 300000, b"\xff\xf6" * 100000)

    def test_attacks_telnet_options_are_answered_within_bounds(self):
        daemon = self.calm()
        for data in self.STORMS:
            client = self.connect(daemon, receive_bytes=65536)
            client.sock.setblocking(False)
            waiting, answer, has_ended = memoryview(data), 0, False
            while waiting and not has_ended:
                try:
                    waiting = waiting[client.sock.send(waiting[:8192]):]
                except BlockingIOError:
                    pass
                except ConnectionError:
                    break
                try:
                    piece = client.sock.recv(65536)
                    has_ended = not piece
                    answer += len(piece)
                except BlockingIOError:
                    pass
                except ConnectionError:
                    break
            self.check_unaffected()
            self.assertLess(answer, 16384)
            client.close()
        self.check_calm(daemon)

    # ---- half-closed ----

    def test_attacks_half_closed_at_every_stage(self):
        daemon = self.calm({"listen.address": "127.0.0.1:0 proxy=127.0.0.2", "greeting.delay": "100ms",
                            "limits.name_timeout": "5s"}, tls=True)
        bye = "*** Bye.\n"
        for data, wanted in ((b"", ""), (b"7up\n", bye), (b"mallory\n", bye), (b"mallory\nhi", bye),
                             (b"mallory\n/quit", bye), (b"/quit\n", bye)):
            client = self.connect(daemon)
            client.send(data)
            client.end_input()
            text = client.rest()
            self.assertTrue(text.endswith(wanted), text)
        silent = self.connect(daemon)
        silent.expect(r"Your name\?[^\n]*\n")
        silent.end_input()
        self.assertEqual(silent.rest(), bye)
        for part in (b"", V1[:10], V2[:14]):
            sock, = self.sockets(daemon, 1, ("127.0.0.2", 0))
            sock.sendall(part)
            sock.shutdown(socket.SHUT_WR)
            try:
                self.assertEqual(sock.recv(100), b"")
            except ConnectionResetError:
                pass  # with half of a header unread
            sock.close()
        self.await_closed(daemon, "proxy", 2)
        nc = self.nc(daemon, "-q1")
        nc.send("late\n/names\n")
        nc.end_input()
        self.assertIn("(you)", nc.rest())
        self.check_calm(daemon)

    # ---- hash flooding ----

    def names(self, pairs, blocks):
        for number in range(1 << blocks):
            yield "#" + "".join(pairs[number >> bit & 1] for bit in range(blocks))

    def test_attacks_names_that_collide_cost_no_more(self):
        daemon = self.calm({"limits.rooms_per_user": 10000})
        blocks, costs = 12, []
        # "a|" and "b[" are the same to h * 33 + c, which many tables use; the others are like nothing.
        for number, pairs in enumerate((("a|", "c["), ("a|", "b["))):
            client = self.enter(daemon, f"mallory{number}")
            before = daemon.cpu_seconds()
            for start in range(0, 1 << blocks, 256):
                names = list(self.names(pairs, blocks))[start:start + 256]
                client.line(*[f"/join {name}" for name in names])
                client.sync()
            costs.append(daemon.cpu_seconds() - before)
        self.assertLess(costs[1], 3 * costs[0] + 0.5)

    # ---- PROXY ----

    SPOOFS = (V1, V2, V1 + V1, SIGNATURE + b"\x20\0\0\0", SIGNATURE + b"\x21\x11\xff\xff" + bytes(70000),
              b"PROXY UNKNOWN\r\n")

    def check_spoofs(self, daemon, spoofs, reason="proxy", before=b""):
        for number, spoof in enumerate(spoofs, 1):
            client = self.connect(daemon)
            try:
                client.send(before + spoof + b"mallory\n")
            except ConnectionError:
                pass  # closed before it had all
            self.assertEqual(client.rest(), "", spoof)
        self.await_closed(daemon, reason, len(spoofs))

    def test_attacks_proxy_header_where_none_is_expected(self):
        daemon = self.calm()
        self.check_spoofs(daemon, self.SPOOFS)
        self.check_calm(daemon)
        self.assertNotIn("203.0.113.9", "\n".join(daemon.log))

    def test_attacks_proxy_header_from_a_stranger(self):
        daemon = self.calm({"listen.address": "127.0.0.1:0 proxy=127.0.0.2,10.0.0.0/8"})
        self.check_spoofs(daemon, self.SPOOFS)
        self.check_calm(daemon)
        self.assertNotIn("203.0.113.9", "\n".join(daemon.log))

    def test_attacks_proxy_header_from_a_stranger_inside_of_tls(self):
        daemon = self.calm(tls=True)
        for count, spoof in enumerate((V1, V2), 1):
            client = self.connect_tls(daemon)
            client.send(spoof + b"mallory\n")
            self.assertEqual(client.rest(), "")
            self.await_closed(daemon, "proxy", count)

    def test_attacks_proxy_headers_of_a_trusted_peer_that_are_wrong(self):
        daemon = self.start({"listen.address": "127.0.0.1:0 proxy=127.0.0.1", "tls.handshake_timeout": "500ms"})
        wrong = (V1 + V1, V2 + V2, V1 + V2, SIGNATURE + b"\x21\x11\xff\xff" + bytes(70000),
                 SIGNATURE + b"\x21\x11\0\x04" + bytes(4), b"PROXY TCP4 nonsense\r\n", b"bob\n",
                 b"GET / HTTP/1.1\r\n\r\n", client_hello(), b"PROXY " + b"x" * 200)
        self.check_spoofs(daemon, wrong)
        files = daemon.fd_count()
        for sock in self.sockets(daemon, 20):  # and those that never come to an end
            sock.sendall(V2[:20])
        self.await_closed(daemon, "proxy", len(wrong) + 20)
        client = self.connect(daemon)
        client.send(V1 + b"alice\n")
        client.expect("You are alice, in")
        daemon.await_fds(files + 1)

    # ---- the log ----

    def test_attacks_log_is_bounded_and_holds_no_text_of_users(self):
        daemon = self.calm({"rooms.quiet_above": 1})
        forged = "\r2026-11-21T00:00:00.000Z error forged"
        count = 100
        for number in range(count):
            client = self.connect(daemon)
            client.line(f"<3>forged{forged}", f"m{number}", f"/nick <3>{forged}", f"/join #x{forged}",
                        f"say{forged}", f"/topik{forged}", f"/quit {forged}")
            client.rest()
            client.close()
        big = self.connect(daemon)
        try:
            big.send("n" * MIB)
        except ConnectionError:
            pass
        self.await_closed(daemon, "not-text", 1)
        self.check_calm(daemon)
        log = list(daemon.log)
        self.assertNotIn("forged", "\n".join(log))
        self.assertLess(max(map(len, log)), 2048)
        self.assertLess(len(log), 5 * count + 20)  # open, named and closed for each, and a few of its own


if __name__ == "__main__":
    main()
