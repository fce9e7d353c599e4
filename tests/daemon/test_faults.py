#!/usr/bin/env python3
"""Faults that an administrator fears: descriptors that run out, passwords that are guessed, TLS that is
abused, logs that are flooded, clocks that jump. docs/reliability.md says what is promised; memory that runs
out is for test_faults_memory.py."""
import json
import mmap
import os
import re
import socket
import ssl
import struct
import subprocess
import threading
import time
import unittest

from mingle_attack import MIB, SOON, AttackTest, client_hello
from mingle_client import DEADLINE, SocketClient, TlsClient
from mingle_test import certificate, is_sanitized, main, wait_until
from test_metrics import parse
from test_oper import PASSWORD, WELCOME, WRONG, hash_of

FULL = "The server is full"
MANY = {"metrics.address": "127.0.0.1:0", "control.socket": "control.sock"}
SHIFT_CLOCK = os.environ.get("SHIFT_CLOCK_LIBRARY", "")
DAY = 24 * 3600


def come_from(daemon, source, tls=False):
    """A client with this address."""
    if tls:
        return TlsClient(daemon.address, certificate()[0], source, source=source)
    return SocketClient(daemon.address, source, source=source)


class FaultTest(AttackTest):
    def ask_control(self, daemon, command):
        client = SocketClient(os.path.join(daemon.folder, "control.sock"))
        client.line(command)
        client.end_input()
        text = client.rest()
        client.close()
        self.assertTrue(text.endswith("\nok\n"), text)
        return text

    def ask_metrics(self, daemon):
        host, port = daemon.wait_log(r"metrics on ([\d.]+):(\d+)$").groups()
        return self.metrics_at((host, int(port)))

    def metrics_at(self, address):
        client = SocketClient(address)
        client.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
        head, _, body = client.rest().partition("\r\n\r\n")
        client.close()
        self.assertTrue(head.startswith("HTTP/1.1 200 OK\r\n"), head)
        return parse(body)[1]


class DescriptorsTest(FaultTest):
    """5: connections beyond the descriptors."""

    def test_faults_flood_beyond_the_descriptors(self):
        """Everybody hears something; others talk on, and the administrator gets in by its own doors."""
        def rehearse(address):
            for sock in self.connections(address, 1000):
                sock.close()

        daemon = self.calm(MANY | {"rooms.quiet_above": 1, "greeting.delay": "0s"}, rehearse,
                           launcher=("prlimit", "--nofile=256:256"))
        sockets = self.sockets(daemon, 1000)
        self.await_closed(daemon, "server-full", 1000 - (256 - 64 - 3))  # the witness and the pair
        self.assertIn("connections", self.ask_control(daemon, "status"))
        samples = self.ask_metrics(daemon)
        self.assertGreaterEqual(samples['mingle_sessions_refused_total{reason="server-full"}'], 811)
        self.assertLess(samples["process_open_fds"], 256)
        told = 0
        for sock in sockets:
            sock.settimeout(DEADLINE)
            text = sock.recv(4096).decode()
            told += FULL in text
            self.assertTrue(FULL in text or "Your name?" in text, text)
        self.assertEqual(told, 811)
        for sock in sockets:
            sock.close()
        wait_until(lambda: self.closed(daemon, "eof") >= 189, "the end of the others")
        self.enter(daemon, "late").close()
        self.check_calm(daemon)

    def trace(self, when):
        """A daemon of which accept4() fails for want of descriptors, as `when` says, and what it calls."""
        path = os.path.join(self.keep_folder(), "calls")
        launcher = ("strace", "-D", "-f", "-q", "-o", path, "-e", "trace=accept4", "-e", "signal=none",
                    "-e", f"inject=accept4:error=EMFILE:when={when}")
        try:
            subprocess.run(["strace", "-o", "/dev/null", "true"], check=True, capture_output=True)
        except (OSError, subprocess.SubprocessError):
            self.skipTest("strace is not there, or may not trace here")
        if is_sanitized():
            self.skipTest("a sanitizer's own tracing is in the way")

        def calls():
            with open(path) as file:
                return file.read().count("EMFILE")

        return self.start({"greeting.delay": "0s"}, launcher=launcher), calls

    def test_faults_accept_fails_and_each_is_told(self):
        """Each first call fails; with the descriptor that is kept for it each client is told."""
        daemon, _ = self.trace("1+2")
        for _ in range(5):
            self.assertIn(FULL, self.connect(daemon).rest())
        self.assertEqual(len([line for line in daemon.log if "cannot accept clients" in line]), 1)

    def test_faults_accept_fails_for_a_while(self):
        """Two calls and a pause of 100 ms, again and again; then all who have waited are served."""
        daemon, calls = self.trace("1..20")
        start = time.monotonic()
        clients = [self.connect(daemon) for _ in range(10)]
        for client in clients:
            client.expect(r"Your name\?")
        self.assertGreaterEqual(time.monotonic() - start, 0.9)  # nine pauses or more
        self.assertEqual(calls(), 20)


class GuessingTest(FaultTest):
    """16: passwords of operators that are guessed."""

    def begin(self, settings):
        return self.calm(MANY | {"operators.operator": f"alice {hash_of(PASSWORD)}"} | settings)

    def test_faults_ten_thousand_guesses(self):
        daemon = self.begin({"log.limit": "0.001 burst 50", "rooms.quiet_above": 1})
        start = time.monotonic()
        wrong = held = 0
        for number in range(100):
            client = come_from(daemon, "127.0.0.2")
            client.line(f"guest{number}", *[f"/oper {'alice' if number % 2 else 'nobody'} guess{i}"
                                            for i in range(100)], "/quit")
            text = client.rest()
            client.close()
            self.assertIn("Bye", text)
            wrong += text.count(WRONG)
            held += text.count("Not checked: there were too many wrong passwords from your address.")
            if number == 50:
                self.check_operator_gets_in(daemon)
        passed = time.monotonic() - start
        # Five, then one after 1, 2, 4 … seconds.
        self.assertIn(wrong, range(5, 7 + int(passed)))
        self.assertEqual(wrong + held, 10000 - 95)  # those behind the fifth of the first were not heard
        samples = self.ask_metrics(daemon)
        self.assertEqual(samples['mingle_operator_logins_total{result="wrong"}'], wrong)
        self.assertEqual(samples['mingle_operator_logins_total{result="held"}'], held)
        told = [line for line in daemon.log if "password" in line]
        self.assertLess(len(told), 110)
        self.assertGreater(samples['mingle_log_suppressed_total{event="oper-held"}'], 9000)
        self.assertNotIn("guess1", "\n".join(line for line in daemon.log if "password" in line))
        self.check_calm(daemon, 8 * MIB)  # a hundred guests in the history, and the threads that make hashes

    def check_log_lines(self, daemon):
        for line in list(daemon.log):
            self.assertNotRegex(line, " error ")

    def check_operator_gets_in(self, daemon):
        client = come_from(daemon, "127.0.0.3")
        client.line("boss", f"/oper alice {PASSWORD}", "/quit")
        self.assertIn(WELCOME, client.rest())
        client.close()

    def test_faults_an_address_is_told_when_to_come_back(self):
        daemon = self.start({"operators.operator": f"alice {hash_of(PASSWORD)}"})
        client = come_from(daemon, "127.0.0.2")
        client.line("bob", *["/oper alice wrong"] * 5)
        self.assertIn("Too many wrong passwords. Bye.", client.rest())
        client.close()
        client = self.keep(come_from(daemon, "127.0.0.2"))
        client.line("bob", "/oper alice " + PASSWORD)
        client.expect(r"from your address\. Try again in 1 s\.\n")
        # Nothing of it is said in the room, however it was given.
        client.line("/oper alice", PASSWORD)
        client.expect(r"Password \(Enter = cancel\):\n")
        self.assertNotIn("sesame", client.expect(WELCOME.replace("*", r"\*") + r"|from your address.*\n"))

        def gets_in():
            client.line("/oper alice " + PASSWORD)
            return "You are an operator" in client.expect(r"operator of the server now.*\n|Not checked.*\n")

        wait_until(gets_in, "the end of the pause")

    def test_faults_names_that_there_are_not_cost_as_much(self):
        """The work is compared, not the time: others may keep the machine busy."""
        daemon = self.start({"operators.operator": f"alice {hash_of(PASSWORD, log2_n=14, p=8)}"})
        costs = []
        for source, name in (("127.0.0.2", "alice"), ("127.0.0.3", "nobody")):
            client = self.keep(come_from(daemon, source))
            client.enter("bob" + name)
            before = daemon.cpu_seconds()
            for _ in range(4):
                client.line(f"/oper {name} wrong-one")
                client.expect(re.escape(WRONG))
            costs.append(daemon.cpu_seconds() - before)
        self.assertGreater(min(costs), 0.05)
        self.assertLess(max(costs), 2 * min(costs))


class TlsAbuseTest(FaultTest):
    """17: what TLS is abused for."""

    def s_client(self, daemon, *options):
        return self.program("openssl", "s_client", "-connect", "%s:%d" % daemon.address, "-CAfile",
                            certificate()[0], *options)

    def test_faults_renegotiation_is_refused(self):
        daemon = self.start(tls=True)
        client = self.s_client(daemon, "-tls1_2")
        client.expect("Verify return code: 0")
        client.line("alice")
        client.expect("You are alice")
        client.line("R")
        client.expect("RENEGOTIATING")
        self.assertRegex(client.rest(), "no renegotiation")
        daemon.wait_log("session=1 closed")
        self.connect_tls(daemon).enter("bob")

    def test_faults_old_versions_and_null_ciphers_are_refused(self):
        daemon = self.start(tls=True)
        for options, why in ((("-tls1",), "protocol version"), (("-tls1_1",), "protocol version"),
                             (("-tls1_2", "-cipher", "eNULL:aNULL:@SECLEVEL=0"), "handshake failure")):
            cipher = () if "-cipher" in options else ("-cipher", "DEFAULT:@SECLEVEL=0")
            text = self.s_client(daemon, *options, *cipher).rest()
            self.assertRegex(text, f"(?i)alert {why}", options)
            self.assertIn("New, (NONE), Cipher is (NONE)", text)
        daemon.wait_log("closed reason=tls-failed", 3)

    def test_faults_tiny_records(self):
        """Sixteen thousand records of a byte: what they say arrives, and nobody is held up."""
        daemon = self.calm({"rooms.quiet_above": 1}, tls=True)
        client = self.connect_tls(daemon)
        client.enter("mallory")
        text = ("x" * 99 + "\n") * 160
        for byte in text:
            client.sock.send(byte.encode())
        client.line("/quit")
        self.assertIn("Bye", client.rest())
        client.close()
        heard = [line for line in self.witness.sync() if "<mallory> " + "x" * 99 in line]
        self.assertEqual(len(heard), 160)
        self.check_calm(daemon)

    def test_faults_client_hello_in_parts(self):
        """No handshake begins, and takes no place among those that may begin at a time, before all of it is
        there: not in two parts, and not in many records."""
        daemon = self.start({"log.level": "debug", "greeting.delay": "1m"}, tls=True)
        talker = self.enter(daemon, "talker")
        hello = client_hello()
        body, records = hello[5:], b""
        for start in range(0, len(body), 50):
            part = body[start:start + 50]
            records += hello[:3] + struct.pack(">H", len(part)) + part
        for number, (data, first) in enumerate(((hello, 6), (hello, len(hello) - 1), (records, 60),
                                                (records, len(records) - 1)), 2):
            client = self.connect(daemon)
            client.send(data[:first])
            daemon.wait_log(f"session={number} open")
            for _ in range(3):
                talker.sync()
            self.assertFalse([line for line in daemon.log if f"session={number} state=handshake" in line])
            client.send(data[first:])
            daemon.wait_log(f"session={number} state=handshake")
            client.expect(r"\A\x16\x03")  # a ServerHello
            client.close()

    def test_faults_client_hello_that_is_too_long(self):
        daemon = self.start(tls=True)
        client = self.connect(daemon)
        client.send(b"\x16\x03\x01\x40\x00\x01\x00\xff\xff")
        self.assertEqual(client.rest(), "\x15\x03\x03\x00\x02\x02(")  # handshake_failure
        daemon.wait_log("closed reason=tls-failed")

    def test_faults_handshake_loop(self):
        """One address may make so many handshakes; others may go on."""
        daemon = self.calm(MANY | {"tls.handshakes_per_address": "0.001 burst 20"}, tls=True)
        done = refused = 0
        for _ in range(200):
            try:
                come_from(daemon, "127.0.0.2", tls=True).close()
                done += 1
            except ssl.SSLError as error:
                self.assertIn("INTERNAL_ERROR", str(error).upper().replace(" ", "_"))
                refused += 1
        self.assertEqual((done, refused), (20, 180))
        self.await_closed(daemon, "tls-handshakes", 180)
        come_from(daemon, "127.0.0.3", tls=True).close()
        plain = come_from(daemon, "127.0.0.2")  # only TLS is refused
        plain.enter("plain")
        plain.close()
        samples = self.ask_metrics(daemon)
        self.assertEqual(samples['mingle_sessions_refused_total{reason="tls-handshakes"}'], 180)
        self.check_calm(daemon)


class LogFloodTest(FaultTest):
    """22: one event is one line, escaped, and there are only so many."""

    FORGED = "<3>\r2026-11-21T00:00:00.000Z error forged \x1b]52;c;Zm9yZ2Vk\a\x9b31m"
    COUNT = 100_000

    def flood(self, daemon):
        """A hundred thousand failures, each with what would forge a line."""
        client = come_from(daemon, "127.0.0.2")
        client.line("troll", *[f"/oper {self.FORGED} wrong"] * 5)
        client.rest()
        client.close()
        client = come_from(daemon, "127.0.0.2")
        client.line("troll")
        client.expect("You are troll")
        for _ in range(self.COUNT // 500):
            client.line(*[f"/oper {self.FORGED} wrong"] * 500)
            client.sync()
        try:
            client.send("n" * (1 << 20))  # no line, and no name
        except ConnectionError:
            pass
        client.close()
        samples = self.ask_metrics(daemon)
        self.assertFalse([key for key in samples if "forged" in key or "troll" in key])
        self.assertEqual(samples['mingle_operator_logins_total{result="held"}']
                         + samples['mingle_operator_logins_total{result="wrong"}'], self.COUNT + 5)

    def begin(self, form, **more):
        return self.start(MANY | {"log.format": form, "log.limit": "0.01 burst 20", "limits.line": "4K",
                                  "operators.operator": f"alice {hash_of(PASSWORD)}"}, **more)

    def check_counts(self, told, suppressed, wrong):
        self.assertLess(told, 40)
        self.assertEqual(told + suppressed + wrong, self.COUNT + 5)

    def test_faults_flood_of_the_log_as_text(self):
        daemon = self.begin("text")
        self.flood(daemon)
        daemon.stop()
        for line in daemon.log:
            self.assertRegex(line, r"\A\d{4}-\d\d-\d\dT[\d:.]{12}Z (warning|notice|info) [ -~]{1,2000}\Z")
        log = "\n".join(daemon.log)
        self.assertNotIn("forged", log)
        suppressed = sum(map(int, re.findall(r"suppressed=(\d+) kind=oper-held", log)))
        self.check_counts(log.count("password not checked"), suppressed, log.count("wrong password"))

    def test_faults_flood_of_the_log_as_json(self):
        daemon = self.begin("json", is_listening=False)
        daemon.wait_log('"listening"')
        daemon.address = tuple(json.loads(line)["address"].rsplit(":", 1) for line in daemon.log
                               if '"listening"' in line)[0]
        daemon.address = (daemon.address[0], int(daemon.address[1]))
        self.ask_metrics = lambda daemon: self.metrics_of_json(daemon)
        self.flood(daemon)
        daemon.stop()
        events = [json.loads(line) for line in daemon.log]
        self.assertNotIn("forged", json.dumps(events))
        held = [event for event in events if event.get("event") == "oper-held"]
        wrong = [event for event in events if event.get("event") == "oper-refused"]
        suppressed = sum(event["count"] for event in events if event.get("kind") == "oper-held")
        self.check_counts(len(held), suppressed, len(wrong))

    def test_faults_flood_of_the_log_in_the_journal(self):
        """In a namespace in which the journal's socket is ours."""
        folder = self.keep_folder()
        journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(journal.close)
        journal.bind(os.path.join(folder, "socket"))
        entries, ended = [], threading.Event()

        def read():
            journal.settimeout(0.1)
            while True:
                try:
                    entries.append(journal.recv(1 << 16))
                except TimeoutError:
                    if ended.is_set():
                        return

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        daemon = self.begin("journal", is_listening=False, launcher=(
            "unshare", "-rm", "sh", "-c", "mount -t tmpfs none /run && mkdir -p /run/systemd/journal &&"
            f' mount --bind {folder} /run/systemd/journal && exec "$0" "$@"'))
        try:
            def address(kind):
                pattern = rb"MINGLE_EVENT=%s\n(?:.*\n)*?MINGLE_ADDRESS=([\d.]+):(\d+)\n" % kind
                match = next(filter(None, (re.search(pattern, entry) for entry in entries)), None)
                return match and (match[1].decode(), int(match[2]))

            wait_until(lambda: address(b"listening") and address(b"metrics-on") or daemon.process.poll(),
                       "the journal's first entries")
            if daemon.process.poll():
                self.skipTest("no namespaces here")
            daemon.address, daemon.metrics = address(b"listening"), address(b"metrics-on")
            self.ask_metrics = lambda daemon: self.metrics_at(daemon.metrics)
            self.flood(daemon)
            daemon.stop()
        finally:
            ended.set()
            reader.join(DEADLINE)
        counts = {b"oper-held": 0, b"oper-refused": 0, b"suppressed": 0}
        for entry in entries:
            lines = entry.split(b"\n")
            self.assertEqual(lines.pop(), b"")
            for line in lines:
                self.assertRegex(line, rb"\A[A-Z_]+=[ -~]*\Z")
            self.assertEqual(sum(line.startswith(b"MESSAGE=") for line in lines), 1)
            values = dict(line.split(b"=", 1) for line in lines)
            self.assertIn(int(values[b"PRIORITY"]), (4, 5, 6))
            kind = values.get(b"MINGLE_EVENT")
            if kind == b"suppressed":
                counts[kind] += int(values[b"MINGLE_COUNT"]) * (values[b"MINGLE_KIND"] == b"oper-held")
            elif kind in counts:
                counts[kind] += 1
        self.assertNotIn(b"forged", b"".join(entries))
        # What the journal does not take at once is written as lines.
        log = "\n".join(daemon.log)
        self.assertNotIn("forged", log)
        counts[b"oper-held"] += log.count("password not checked")
        counts[b"oper-refused"] += log.count("wrong password")
        counts[b"suppressed"] += sum(map(int, re.findall(r"suppressed=(\d+) kind=oper-held", log)))
        self.check_counts(counts[b"oper-held"], counts[b"suppressed"], counts[b"oper-refused"])

    def metrics_of_json(self, daemon):
        address = next(json.loads(line)["address"] for line in daemon.log if '"metrics-on"' in line)
        host, port = address.rsplit(":", 1)
        return self.metrics_at((host, int(port)))


@unittest.skipIf(is_sanitized(), "a sanitizer has to be loaded first")
@unittest.skipUnless(SHIFT_CLOCK, "needs $SHIFT_CLOCK_LIBRARY")
class ClockTest(FaultTest):
    """25: the clock is set while the server runs."""

    def day(self, client):
        client.line("what day is it?")
        return client.expect(r"\d{4}-\d\d-\d\dT\S+ <alice> what day is it\?\n")[:10]

    def check_timers(self, daemon):
        """Greetings and deadlines come when they are due."""
        start = time.monotonic()
        client = self.connect(daemon)
        client.expect(r"Your name\?")
        self.assertIn("Timed out waiting for a name", client.rest())
        self.assertGreater(time.monotonic() - start, 0.9)
        client.close()

    def test_faults_clock_jumps_by_a_day(self):
        path = os.path.join(self.keep_folder(), "clock")
        with open(path, "wb") as file:
            file.write(bytes(8))
        with open(path, "r+b") as file:
            ahead = mmap.mmap(file.fileno(), 8)
        daemon = self.start({"limits.name_timeout": "1s", "greeting.delay": "200ms"},
                            env=SOON | {"LD_PRELOAD": SHIFT_CLOCK, "SHIFT_CLOCK": path})
        self.watch(daemon)
        alice = self.enter(daemon, "alice")
        alice.line("/set time iso", "/set echo on")
        alice.sync()
        for days in (0, 1, -1, 0):
            ahead[:] = struct.pack("q", days * DAY)
            around = (time.time() + days * DAY + seconds for seconds in (0, DEADLINE))
            today = self.day(alice)
            self.assertIn(today, {time.strftime("%Y-%m-%d", time.gmtime(second)) for second in around})
            self.check_timers(daemon)
            self.assertEqual(daemon.log[-1][:10], today)
        alice.close()
        self.check_calm(daemon)


if __name__ == "__main__":
    main()
