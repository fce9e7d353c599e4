#!/usr/bin/env python3
"""Attacks by what is sent: lines without end, bytes that are no text, controls of terminals and of telnet,
headers of balancers that are none. What others read and what is logged stays clean, however it was split."""
import select
import socket
import time

from mingle_attack import CONTROLS, LOG_LINE, MIB, SIGNATURE, V1, V2, AttackTest, client_hello
from mingle_test import is_sanitized, main


class AttackBytesTest(AttackTest):
    # ---- malformed ----

    def test_attacks_endless_lines_cost_no_memory(self):
        """8: megabytes without a newline cost no memory; the line is refused, and the next one is read."""
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
        self.witness.sync()
        for length in (4095, 4096, 4097):
            talkers[0].line("y" * length)
            talkers[0].sync()
            self.assertEqual(self.witness.sync(), ["HH:MM <p0> " + "y" * length] if length <= 4096 else [])
        for talker in talkers:
            talker.close()
        self.check_calm(daemon)

    def test_attacks_endless_tags_before_the_name(self):
        """8: before the name, 512 bytes and no line are no text, whatever they look like: closed, with the
        reason."""
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
        """9: NUL, bare CR, LF and CR LF, split at every byte: the same lines come out however it was split,
        all of them begin with their author, and none can be forged."""
        daemon = self.calm()
        self.check_splits(daemon, self.connect)
        self.check_calm(daemon)

    def test_attacks_line_ends_split_at_every_byte_over_tls(self):
        """9: the same over TLS."""
        daemon = self.calm(tls=True)
        self.check_splits(daemon, self.connect_tls)

    # After Markus Kuhn's "UTF-8 decoder capability and stress test".
    BAD_UTF8 = (b"\x80", b"\xbf\xbf\xbf", b"\xc0\xaf", b"\xe0\x80\xaf", b"\xf0\x80\x80\xaf", b"\xf8\x80\x80\x80\xaf",
                b"\xfc\x80\x80\x80\x80\xaf", b"\xc1\xbf", b"\xe0\x9f\xbf", b"\xf0\x8f\xbf\xbf", b"\xc0\x80",
                b"\xed\xa0\x80", b"\xed\xaf\xbf\xed\xbf\xbf", b"\xf4\x90\x80\x80", b"\xfe", b"\xff\xff",
                b"\xc3", b"\xe2\x82", b"\xf0\x9f\x98", b"\xc3(", b"\xe2\x82(", b"\xf0\x9f\x98(", b"\xc0\x8a",
                b"\xe0\x80\x8a", b"\xc0\x9b[2J", bytes(range(0x80, 0x100)))

    def test_attacks_bad_utf8_never_comes_out(self):
        """10: whatever bytes come in, by any command, what others get is UTF-8 without control characters."""
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
        """10: the rule: bad bytes become U+FFFD, a byte order mark nothing; the rest of the line stays."""
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
        """11: escape sequences, C1 bytes, bells, backspaces and overrides of direction in names, rooms,
        topics, texts and reasons reach neither a reader nor the log."""
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
        """12: storms of options, an endless subnegotiation, IACs: few answers, and no memory."""
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

    def test_attacks_two_servers_do_not_talk_for_ever(self):
        """12: what the server says is fed to the server itself, and back: one end is closed before much is
        said."""
        daemon = self.calm()
        one, other = self.connect(daemon), self.connect(daemon)
        one.send("\r\n")
        other.send(b"\xff\xfb\x18\xff\xfd\x01")
        relayed, ends, deadline = 0, {one.sock: other.sock, other.sock: one.sock}, time.monotonic() + 30
        has_ended = False
        while not has_ended:
            self.assertLess(time.monotonic(), deadline)
            for sock in select.select(list(ends), [], [], 1)[0]:
                try:
                    data = sock.recv(1 << 16)
                    ends[sock].sendall(data)
                except ConnectionError:
                    data = b""
                relayed += len(data)
                has_ended = has_ended or not data
        self.assertLess(relayed, 8192)
        one.close()
        other.close()
        self.check_calm(daemon)

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
        """21: a PROXY header from somebody who is no balancer of this listener: closed, and its address used
        nowhere."""
        daemon = self.calm()
        self.check_spoofs(daemon, self.SPOOFS)
        self.check_calm(daemon)
        self.assertNotIn("203.0.113.9", "\n".join(daemon.log))

    def test_attacks_proxy_header_from_a_stranger(self):
        """21: the same where balancers are configured, but others."""
        daemon = self.calm({"listen.address": "127.0.0.1:0 proxy=127.0.0.2,10.0.0.0/8"})
        self.check_spoofs(daemon, self.SPOOFS)
        self.check_calm(daemon)
        self.assertNotIn("203.0.113.9", "\n".join(daemon.log))

    def test_attacks_proxy_header_from_a_stranger_inside_of_tls(self):
        """21: nor inside of TLS."""
        daemon = self.calm(tls=True)
        for count, spoof in enumerate((V1, V2), 1):
            client = self.connect_tls(daemon)
            client.send(spoof + b"mallory\n")
            self.assertEqual(client.rest(), "")
            self.await_closed(daemon, "proxy", count)

    def test_attacks_proxy_headers_of_a_trusted_peer_that_are_wrong(self):
        """21: even from a balancer: headers that come twice, are too long, broken, late or absent end the
        connection."""
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


if __name__ == "__main__":
    main()
