#!/usr/bin/env python3
"""One port for all: which protocol a client speaks, behind a balancer or not, with TLS or without."""
import contextlib
import socket
import ssl
import struct
import subprocess

from mingle_client import DEADLINE
from mingle_test import DaemonTest, certificate, main

QUESTION = "Your name? (or: /help, /quit)"
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
IRC_ANSWER = "ERROR :Closing link: Bye\r\n"  # to who says no more than the beginning
SSH_ANSWER = "This is not SSH; use nc or telnet\r\n"


def header_v2(peer=("192.0.2.7", 8080), command=0x21, more=b""):
    family, size = (0x21, 16) if ":" in peer[0] else (0x11, 4)
    ip = socket.inet_pton(socket.AF_INET6 if size == 16 else socket.AF_INET, peer[0])
    rest = ip + bytes(size) + struct.pack(">HH", peer[1], 7000) + more
    return SIGNATURE + struct.pack(">BBH", command, family, len(rest)) + rest


class ProtocolsTest(DaemonTest):
    def ask(self, daemon, data, connect=None):
        """All that is answered to a client that sends this and then waits."""
        client = (connect or self.connect)(daemon)
        client.send(data)
        return client.rest()

    def check_http(self, text):
        head, _, body = text.partition("\r\n\r\n")
        self.assertTrue(head.startswith("HTTP/1.1 501 Not Implemented\r\n"), text)
        self.assertIn("\r\nConnection: close", head)
        self.assertIn(f"\r\nContent-Length: {len(body)}\r\n", head)

    # ---- protocols that are not served ----

    def test_protocols_http_is_answered_once_and_closed(self):
        daemon = self.start()
        # The lines of IRC and the second request are a body's, and nobody's.
        for count, data in enumerate((
                GET, GET * 2, b"POST / HTTP/1.1\r\nContent-Length: 30\r\n\r\nNICK bob\r\nUSER b 0 * :b\r\n",
                b"POST / HTTP/1.1\r\nContent-Length: 1048576\r\n\r\n" + bytes(1 << 20),
                b"GET /", b"OPTIONS * HTTP/1.1\r\n\r\n" + b"/quit\n" * 1000), 1):
            self.check_http(self.ask(daemon, data))
            daemon.wait_log("closed reason=http", count)
        head = self.ask(daemon, b"HEAD / HTTP/1.1\r\n\r\n")
        self.assertTrue(head.startswith("HTTP/1.1 501 ") and head.endswith("\r\n\r\n"))

    def test_protocols_http_prior_knowledge_is_closed(self):
        daemon = self.start()
        self.assertEqual(self.ask(daemon, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), "")
        daemon.wait_log("closed reason=http")

    def ask_irc(self, daemon, data, connect=None):
        """All that is answered to one that sends this and no more."""
        client = (connect or self.connect)(daemon)
        client.send(data)
        client.end_input()
        return client.rest()

    def test_protocols_irc_and_ssh_are_answered_in_their_words(self):
        daemon = self.start()
        for data in (b"NICK bob\r\n", b"nick bob\n", b"@t :x PASS a\r\n", b"CAP END\n"):
            self.assertEqual(self.ask_irc(daemon, data), IRC_ANSWER)
        daemon.wait_log("closed reason=eof", 4)
        self.assertEqual(self.ask(daemon, b"SSH-2.0-OpenSSH_9.2\r\n"), SSH_ANSWER)
        daemon.wait_log("closed reason=ssh")

    def test_protocols_same_however_it_is_split(self):
        daemon = self.start({"greeting.delay": "20s"})
        for data, wanted in ((b"NICK b\nQUIT\n", IRC_ANSWER), (b"SSH-", SSH_ANSWER)):
            client = self.connect(daemon)
            client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for byte in data:
                client.send(bytes([byte]))
            self.assertEqual(client.rest(), wanted)

    def test_protocols_after_the_greeting_only_capitals_are_irc(self):
        daemon = self.start({"greeting.delay": "0s"})
        person, program = self.connect(daemon), self.connect(daemon)
        for client in (person, program):
            client.expect(r"Your name\?[^\n]*\n")
        person.line("Nick Smith")
        person.expect(r"\*\*\* Names have")
        person.line("nick")
        person.expect("You are nick, in #lobby")
        program.line("NICK bob", "QUIT")
        self.assertEqual(program.rest(), IRC_ANSWER)

    def test_protocols_half_a_line_is_greeted_and_then_a_name(self):
        daemon = self.start({"greeting.delay": "50ms"})
        client = self.connect(daemon)
        client.send("NICK")
        client.expect(r"Your name\?[^\n]*\n")
        client.send("o\n")
        client.expect("You are NICKo, in #lobby")

    def test_protocols_first_line_of_the_longest_size(self):
        daemon = self.start()
        longest = self.connect(daemon)
        longest.line("x" * 511)
        longest.expect(r"\*\*\* Names have")
        self.assertIn("no line of text", self.ask(daemon, b"x" * 512))
        daemon.wait_log("closed reason=not-text")

    # ---- TLS ----

    def tls(self, daemon, protocols):
        context = ssl.create_default_context(cafile=certificate()[0])
        context.set_alpn_protocols(protocols)
        client = self.connect(daemon)
        client.sock = context.wrap_socket(client.sock, server_hostname="localhost")
        return client

    def test_protocols_inside_of_tls_are_the_same(self):
        daemon = self.start({"greeting.delay": "1s"}, tls=True)
        self.check_http(self.ask(daemon, GET, self.connect_tls))
        self.assertEqual(self.ask(daemon, b"NICK bob\r\nQUIT\r\n", self.connect_tls), IRC_ANSWER)
        self.assertEqual(self.ask(daemon, b"SSH-2.0-x\r\n", self.connect_tls), SSH_ANSWER)
        silent = self.connect_tls(daemon)
        silent.expect(r"Your name\?[^\n]*\n")
        self.assertEqual(self.ask(daemon, b"\x16\x03\x01\x00\x05\x01", self.connect_tls), "")
        daemon.wait_log("closed reason=tls-failed")

    def test_protocols_alpn_decides(self):
        daemon = self.start(tls=True)
        client = self.tls(daemon, ["irc"])
        client.line("hello", "QUIT")  # the same
        self.assertEqual(client.rest(), ":localhost.mingle 451 * hello :Give a name first: NICK and USER\r\n" + IRC_ANSWER)
        client = self.tls(daemon, ["h2", "http/1.1"])
        self.assertEqual(client.sock.selected_alpn_protocol(), "http/1.1")
        client.send("hello\n")  # HTTP it is, whatever it looks like
        self.check_http(client.rest())
        with self.assertRaisesRegex(ssl.SSLError, "(?i)no.application.protocol"):
            self.tls(daemon, ["h2", "imap"])
        daemon.wait_log("closed reason=tls-failed")

    def test_protocols_alpn_http_is_never_greeted(self):
        daemon = self.start({"greeting.delay": "1s", "limits.name_timeout": "3s"}, tls=True)
        self.assertEqual(self.tls(daemon, ["http/1.1"]).rest(), "")
        daemon.wait_log("closed reason=name-timeout")

    # ---- silence ----

    def test_protocols_silent_connections_of_a_browser_are_not_greeted(self):
        daemon = self.start({"greeting.delay": "50ms", "limits.name_timeout": "1s"})
        early = self.connect(daemon)
        early.expect(r"Your name\?[^\n]*\n")
        self.check_http(self.ask(daemon, GET))
        late, typing = self.connect(daemon), self.connect(daemon)
        typing.line("alice")  # a byte still opens plain
        typing.expect("You are alice, in #lobby")
        self.assertEqual(late.rest(), "")  # not even at the deadline: nobody was asked
        daemon.wait_log("closed reason=name-timeout", 2)

    def listen(self, options, **more):
        daemon = self.start({"listen.address": "127.0.0.1:0 " + options,
                             **more.pop("settings", {})}, **more)
        return daemon

    def test_protocols_greeting_off(self):
        daemon = self.listen("greeting=off", settings={"greeting.delay": "0s", "limits.name_timeout": "1s"})
        silent, alice = self.connect(daemon), self.connect(daemon)
        alice.line("alice")
        self.assertEqual(alice.read_lines(2)[1], QUESTION)
        alice.expect("You are alice, in #lobby")
        guest = self.connect(daemon)
        guest.send("\r\n")
        guest.expect("You are guest-")
        self.assertEqual(silent.rest(), "")

    # ---- options of a listener ----

    def test_protocols_tls_required(self):
        daemon = self.listen("tls=required", settings={"greeting.delay": "1s"}, tls=True)
        daemon.wait_log(r"listening on \S+ \(TLS\)$")
        self.connect_tls(daemon).enter("alice")
        for data in (b"", b"bob\n", GET):
            self.assertEqual(self.ask(daemon, data), "*** This port takes TLS only: openssl s_client -quiet"
                                                     " -connect HOST:PORT. Bye.\n")
        daemon.wait_log("closed reason=tls-required", 3)

    def test_protocols_tls_off(self):
        daemon = self.listen("tls=off", settings={"greeting.delay": "50ms"}, tls=True)
        client = self.connect(daemon)
        self.assertNotIn("TLS", client.expect(r"Your name\?"))
        with self.assertRaises(ssl.SSLError):
            self.connect_tls(daemon)

    # ---- PROXY ----

    def check_client(self, daemon, number, address):
        daemon.wait_log(rf"session={number} client={address}$")

    def test_protocols_proxy_header_tells_the_client(self):
        daemon = self.listen("proxy=192.0.2.0/24,127.0.0.0/8", tls=True)
        daemon.wait_log("behind a proxy$")
        headers = ((b"PROXY TCP4 192.0.2.7 10.0.0.1 8080 7000\r\n", r"192\.0\.2\.7:8080"),
                   (b"PROXY TCP6 2001:db8::7 ::1 8080 7000\r\n", r"\[2001:db8::7\]:8080"),
                   (b"PROXY UNKNOWN\r\n", r"127\.0\.0\.1:\d+"),
                   (header_v2(), r"192\.0\.2\.7:8080"),
                   (header_v2(("2001:db8::7", 1)), r"\[2001:db8::7\]:1"),
                   (header_v2(command=0x20), r"127\.0\.0\.1:\d+"),
                   (header_v2(more=b"\x04\x0f\x00" + bytes(3840)), r"192\.0\.2\.7:8080"))
        for number, (header, address) in enumerate(headers, 1):
            client = self.connect(daemon)
            client.send(header + f"p{number}\n".encode())
            self.check_client(daemon, number, address)
            client.expect(f"You are p{number}, in")

    def test_protocols_proxy_header_may_come_byte_by_byte(self):
        daemon = self.listen("proxy=127.0.0.1")
        for number, header in enumerate((b"PROXY TCP4 192.0.2.7 10.0.0.1 8080 7000\r\n",
                                         header_v2(more=bytes(60))), 1):
            client = self.connect(daemon)
            client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for byte in header:
                client.send(bytes([byte]))
            client.line(f"p{number}")
            client.expect(f"You are p{number}, in")
            self.check_client(daemon, number, r"192\.0\.2\.7:8080")

    def test_protocols_proxy_header_before_tls(self):
        daemon = self.listen("proxy=127.0.0.1", tls=True)
        client = self.connect(daemon)
        client.send(header_v2())
        context = ssl.create_default_context(cafile=certificate()[0])
        client.sock = context.wrap_socket(client.sock, server_hostname="localhost")
        client.enter("alice")

    def test_protocols_proxy_limits_go_by_the_client(self):
        daemon = self.listen("proxy=127.0.0.1", settings={"limits.per_address": 2})
        clients = []
        for number in range(6):
            client = self.connect(daemon)
            client.send(header_v2((f"192.0.2.{number % 3}", 1)) + f"p{number}\n".encode())
            clients.append(client)
        for number, client in enumerate(clients):
            client.expect(f"You are p{number}, in")
        client = self.connect(daemon)
        client.send(header_v2(("192.0.2.1", 9)) + b"p7\n")
        self.assertIn("too many connections from your address", client.rest())

    # ---- few without a name ----

    def test_protocols_few_connections_without_a_name(self):
        daemon = self.start({"limits.unnamed_per_address": 2})
        first, second = self.connect(daemon), self.connect(daemon)
        daemon.wait_log("open from=", 2)
        refusal = "*** Too many connections from your address have no name yet. Name or close one first. Bye.\n"
        self.assertEqual(self.connect(daemon).rest(), refusal)
        daemon.wait_log("closed reason=unnamed-per-address")
        first.enter("alice")
        self.enter(daemon, "bob")
        self.connect(daemon)
        self.assertEqual(self.ask(daemon, b"carol\n"), refusal)
        second.enter("dave")

    # ---- real programs ----

    def test_protocols_curl_tells_its_user(self):
        daemon = self.start(tls=True)
        port = daemon.address[1]
        for url in (f"http://127.0.0.1:{port}/", f"https://localhost:{port}/"):
            with contextlib.suppress(FileNotFoundError):
                done = subprocess.run(["curl", "-sS", "--http1.1", "--cacert", certificate()[0], "-w",
                                       "%{http_code}", url], capture_output=True, text=True, timeout=DEADLINE)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn("nc or telnet", done.stdout)
                self.assertTrue(done.stdout.endswith("501"))


if __name__ == "__main__":
    main()
