#!/usr/bin/env python3
"""What a session that rests costs in memory: of twice as many sessions, half of the growth. docs/performance.md
has the figures for thousands of them."""
import socket
import ssl
import unittest

from mingle_test import DEADLINE, DaemonTest, certificate, is_sanitized, main, wait_until

PLAIN_BYTES_MAX = 1850
TLS_BYTES_MAX = 14 * 1024
IRC_BYTES_MAX = 2500

PLAIN = "p{0}\n", b"/help for commands"
IRC = "NICK p{0}\r\nUSER p 0 * :p\r\n", b" 366 "


@unittest.skipIf(is_sanitized(), "a sanitizer has memory of its own for each allocation")
class IdleMemoryTest(DaemonTest):
    def enter_some(self, daemon, numbers, dialect, context):
        """Everybody has a name, is in the lobby, and says nothing."""
        people = []
        for number in numbers:
            sock = socket.create_connection(daemon.address, DEADLINE)
            self.addCleanup(sock.close)
            if context:
                sock = context.wrap_socket(sock, server_hostname="localhost")
                self.addCleanup(sock.close)
            sock.sendall(dialect[0].format(number).encode())
            people.append(sock)
        for sock in people:
            text = b""
            while dialect[1] not in text:
                more = sock.recv(4096)
                self.assertTrue(more, text)
                text += more

    def check_growth(self, daemon, count, most_bytes, dialect=PLAIN, context=None):
        """Whoever is not resting yet does after some seconds."""
        def bytes_each():
            return (daemon.rss_bytes() - before) / count

        self.enter_some(daemon, range(count), dialect, context)
        before = daemon.rss_bytes()
        self.enter_some(daemon, range(count, 2 * count), dialect, context)
        wait_until(lambda: bytes_each() <= most_bytes, f"{most_bytes} bytes or less for each idle session")
        print(f"  {bytes_each():.0f} bytes for each idle session")

    def test_idle_plain_session_is_small(self):
        daemon = self.start()
        self.check_growth(daemon, 1000, PLAIN_BYTES_MAX)

    def test_idle_irc_session_is_small(self):
        daemon = self.start()
        self.check_growth(daemon, 1000, IRC_BYTES_MAX, IRC)

    def test_idle_tls_session_is_small(self):
        daemon = self.start(tls=True)
        self.check_growth(daemon, 400, TLS_BYTES_MAX, context=ssl.create_default_context(cafile=certificate()[0]))


if __name__ == "__main__":
    main()
