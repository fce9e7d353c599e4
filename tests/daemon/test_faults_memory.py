#!/usr/bin/env python3
"""Memory that runs out, beyond the plain session of test_memory.py: editors, operators, pastes, balancers,
certificates of clients, the control socket, the metrics; and an address space that a crowd fills."""
import itertools
import os
import re
import signal
import socket
import subprocess
import unittest
from collections import Counter

from mingle_client import DEADLINE, SocketClient, TlsClient
from mingle_memory import MemoryTest
from mingle_telnet import type_is
from mingle_test import DaemonTest, certificate, is_sanitized, main
from test_oper import PASSWORD, hash_of
from test_protocols import header_v2

GAVE_UP = "mingled: out of memory"
VERDICT = re.compile(f"reload: settings reloaded|reload: reload refused|no memory to reload|{GAVE_UP}")
ROOM = 2 << 20  # bytes of address space that are left, for some hundreds of people
PEOPLE = 3000
WINDOW = b"\xff\xfb\x1f\xff\xfa\x1f\x00\x50\x00\x18\xff\xf0"
KEYS = (b"hello\x1b[D\x1b[D\x7fy\r", b"\x1b[A\x1b[B/jo\t #ops\r", b"\x12hello\r", b"/msg wa\tpsst\x17\x19\r",
        b"\x1b[200~one\ntwo\x1b[201~\r", b"w\xc3\xa4hrend\x0c\r", b"/quit\r")


def plain(daemon):
    return SocketClient(daemon.address)


def come_from(number):
    """Connects from another address each time, so that none of them fails often."""
    return lambda daemon: SocketClient(daemon.address, source=f"127.1.{number >> 8}.{number & 255}")


class FaultsMemoryTest(MemoryTest):
    def test_memory_telnet_with_an_editor(self):
        self.fail_each(self.talk(plain, b"bob\r\n", type_is(b"XTERM"), WINDOW, *KEYS), is_told=False)

    def test_memory_password_of_an_operator(self):
        """Each time another operator from another address: otherwise they would soon have to wait."""
        numbers = itertools.count(256)

        def run(daemon):
            number = next(numbers)
            name = f"oper{number % 64}"
            return self.talk(come_from(number), "bob", f"/oper {name} wrong-one", f"/oper {name}", PASSWORD,
                             "/wall hello", "/deoper", "/quit")(daemon)

        operators = [f"oper{number} {hash_of(PASSWORD)}" for number in range(64)]
        self.fail_each(run, settings={"operators.operator": operators})

    def test_memory_paste(self):
        lines = [f"line {number}" for number in range(40)]
        self.fail_each(self.talk(plain, "bob", "/paste", *lines, ".", "/paste", "x", "/cancel", "/quit"))

    def test_memory_behind_a_balancer(self):
        run = self.talk(plain, header_v2(peer=("192.0.2.7", 1234)), "bob", "hello", "/quit")
        # The one who watches is behind it as well.
        daemon = {"listen.address": ["127.0.0.1:0 proxy=127.0.0.1/32"]}
        self.enter = self.enter_behind
        self.fail_each(run, settings=daemon)

    def enter_behind(self, daemon, name):
        client = self.connect(daemon, label=name)
        client.send(header_v2(peer=("192.0.2.8", 4321)))
        client.enter(name)
        return client

    def test_memory_client_with_a_certificate(self):
        own = certificate("member")

        def connect(daemon):
            return TlsClient(daemon.address, certificate()[0], own=own)

        self.fail_each(self.talk(connect, "bob", "hello", "/quit"), tls=True,
                       settings={"tls.client_certificates": "optional"})

    def test_memory_commands_of_the_control_socket(self):
        requests = ("status", "--json status", "sessions", "rooms", "tasks", "settings", "stats", "bans",
                    "ban 192.0.2.0/24 1h why", "ban troll*", "bans", "unban troll*", "unban 192.0.2.0/24",
                    "why 127.0.0.1", "say hello", "say #lobby hello", "kick nobody", "drain", "drain off",
                    "shutdown --in 1h x", "shutdown cancel", "log level", "help", "nonsense")

        def run(daemon):
            try:
                client = SocketClient(os.path.join(daemon.folder, "control.sock"))
            except OSError as error:
                return str(error)
            try:
                client.line(*requests)
                client.end_input()
                return client.rest()
            except (OSError, AssertionError) as error:
                return str(error)
            finally:
                client.close()
                # What was half done is taken back, with memory.
                self.plan.memory[0:8] = b"\xff" * 8
                after = self.keep(SocketClient(os.path.join(daemon.folder, "control.sock")))
                after.line("drain off", "shutdown cancel", "unban troll*", "unban 192.0.2.0/24")
                after.end_input()
                after.rest()

        self.fail_each(run, wanted="there is no command", settings={"control.socket": "control.sock"})

    def reload(self, daemon):
        """What the log says of a reload, up to its verdict or to the end of the daemon."""
        before = len(daemon.log)
        daemon.signal(signal.SIGHUP)
        with daemon.log_grew:
            daemon.log_grew.wait_for(lambda: any(map(VERDICT.search, daemon.log[before:]))
                                     or not daemon.reader.is_alive(), DEADLINE)
        return "\n".join(daemon.log[before:])

    def test_memory_reload(self):
        """For the settings themselves the daemon may give up, in words, as at its start. Whatever else fails,
        the reload is refused and the settings are as they were."""
        settings = {"operators.operator": f"alice {hash_of(PASSWORD)}", "log.limit": "5 burst 50"}
        daemon, count, verdicts, failed = None, 0, Counter(), 1
        while failed:
            if not daemon:
                daemon = self.start(settings, tls=True, env=self.plan.environment())
                for _ in range(2):  # whatever is made once and kept is made now
                    self.assertIn("settings reloaded", self.reload(daemon))
            self.plan.fail(count)
            text = self.reload(daemon)
            failed = self.plan.stop()
            verdict = VERDICT.search(text)
            self.assertTrue(verdict, text)
            verdicts[verdict[0]] += 1
            if verdict[0] == GAVE_UP:
                self.assertEqual(daemon.wait(), -signal.SIGABRT)
                daemon = None
            count += 1
        print(f"{count} reloads:", dict(verdicts))
        self.assertEqual(verdict[0], "reload: settings reloaded")
        self.assertGreater(verdicts["reload: reload refused"], 10)
        self.enter(daemon, "alice").close()

    def test_memory_requests_of_metrics(self):
        def run(daemon):
            host, port = daemon.wait_log(r"metrics on ([\d.]+):(\d+)$").groups()
            text = ""
            for path in ("/metrics", "/healthz", "/nothing"):
                client = SocketClient((host, int(port)))
                try:
                    client.send(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    text += client.rest()
                except (OSError, AssertionError) as error:
                    text += str(error)
                client.close()
            return text

        self.fail_each(run, wanted="Here are: GET /metrics", settings={"metrics.address": "127.0.0.1:0"},
                       is_told=False)


@unittest.skipIf(is_sanitized(), "a sanitizer needs an address space without limits")
class AddressSpaceTest(DaemonTest):
    def test_memory_address_space_is_full(self):
        """People come until there is no room for more. Some sessions fail, maybe that of somebody who was
        there before; the daemon lives, and when they have left all is well."""
        daemon = self.start({"rooms.quiet_above": 1, "greeting.delay": "1m"})
        self.enter(daemon, "first").close()
        daemon.wait_log("session=1 closed")
        with open(f"/proc/{daemon.pid}/statm") as file:
            now = int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
        subprocess.run(["prlimit", "--pid", str(daemon.pid), f"--as={now + ROOM}"], check=True)
        files = daemon.fd_count()
        crowd = []
        for number in range(PEOPLE):
            crowd.append(socket.create_connection(daemon.address, DEADLINE))
            self.addCleanup(crowd[-1].close)
            try:
                crowd[-1].sendall(b"member%d\nhello\n" % number)
            except ConnectionError:
                pass  # closed already
        daemon.wait_log("no memory|reason=no-memory")
        for sock in crowd:
            sock.close()
        daemon.await_fds(files)
        alice, bob = self.enter(daemon, "alice"), self.enter(daemon, "bob")
        bob.line("hello again")
        alice.expect("<bob> hello again\n")


if __name__ == "__main__":
    main()
