#!/usr/bin/env python3
"""The port for monitoring: what it answers, that the numbers are right, and that the manual tells of all."""
import calendar
import json
import os
import re
import signal
import socket
import subprocess
import time

from mingle_client import DEADLINE
from mingle_test import TOP, DaemonTest, certificate, config_text, main, wait_until

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)\}})? (-?[0-9.]+(?:e[+-]?[0-9]+)?|\+Inf|NaN)")


def parse(text):
    """The text format 0.0.4, strictly: returns types and samples {name{labels}: value}."""
    assert text.endswith("\n")
    types, helps, samples, family = {}, {}, {}, None
    for line in text[:-1].split("\n"):
        if match := re.fullmatch(rf"# HELP ({NAME}) (\S.*)", line):
            family = match[1]
            assert family not in helps, f"{family} comes twice"
            helps[family] = match[2]
        elif match := re.fullmatch(rf"# TYPE ({NAME}) (counter|gauge|histogram)", line):
            assert match[1] == family and family not in types, line
            types[family] = match[2]
        else:
            match = SAMPLE.fullmatch(line)
            assert match, f"not in the format: {line!r}"
            suffixes = ("_bucket", "_sum", "_count") if types[family] == "histogram" else ("",)
            assert match[1] in [family + suffix for suffix in suffixes], f"{line!r} in {family}"
            key = match[1] + (f"{{{match[2]}}}" if match[2] else "")
            assert key not in samples, f"{key} comes twice"
            samples[key] = float(match[3])
            if types[family] == "counter":
                assert family.endswith("_total") and samples[key] >= 0, line
    assert types.keys() == helps.keys()
    for name in [name for name, kind in types.items() if kind == "histogram"]:
        check_histogram(name, samples)
    return types, samples


def check_histogram(name, samples):
    buckets = [(float(re.search(r'le="([^"]+)"', key)[1].replace("+Inf", "inf")), value)
               for key, value in samples.items() if key.startswith(name + "_bucket{")]
    assert buckets == sorted(buckets) and buckets[-1][0] == float("inf"), name
    assert all(a[1] <= b[1] for a, b in zip(buckets, buckets[1:])), name
    assert buckets[-1][1] == samples[name + "_count"], name


class MetricsTest(DaemonTest):
    def begin(self, settings=None, **more):
        daemon = self.start({"metrics.address": "127.0.0.1:0"} | (settings or {}), **more)
        host, port = daemon.wait_log(r"metrics on ([\d.]+):(\d+)$").groups()
        daemon.metrics = host, int(port)
        return daemon

    def raw(self, daemon):
        sock = socket.create_connection(daemon.metrics, timeout=DEADLINE)
        self.addCleanup(sock.close)
        return sock

    @staticmethod
    def read(sock):
        data = b""
        while more := sock.recv(65536):
            data += more
        return data

    def ask(self, daemon, request):
        """Status, headers and body of the answer."""
        sock = self.raw(daemon)
        sock.sendall(request.encode("latin-1"))
        answer = self.read(sock).decode()
        sock.close()
        head, _, body = answer.partition("\r\n\r\n")
        lines = head.split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines[1:])
        return int(re.match(r"HTTP/1\.1 (\d{3}) ", lines[0])[1]), headers, body

    def get(self, daemon, path, host="localhost", method="GET"):
        return self.ask(daemon, f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n\r\n")

    def scrape(self, daemon):
        status, headers, body = self.get(daemon, "/metrics")
        self.assertEqual(status, 200)
        self.assertEqual(headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
        self.assertEqual(int(headers["Content-Length"]), len(body.encode()))
        return parse(body)[1]

    # ---- the numbers ----

    def test_metrics_count_what_happens(self):
        daemon = self.begin(tls=True)
        alice = self.enter(daemon, "alice")
        bob = self.keep(self.connect_tls(daemon))
        bob.enter("bob")
        silent = self.connect(daemon)
        before = self.scrape(daemon)
        self.assertEqual(before['mingle_sessions{dialect="plain",tls="no"}'], 1)
        self.assertEqual(before['mingle_sessions{dialect="plain",tls="yes"}'], 1)
        self.assertEqual(before["mingle_sessions_unnamed"], 1)
        self.assertEqual(before["mingle_sessions_opened_total"], 3)
        self.assertEqual((before["mingle_users"], before["mingle_rooms"]), (2, 1))
        for number in range(10):
            alice.line(f"hi {number}")
        bob.expect("<alice> hi 9\n")
        alice.sync()
        after = self.scrape(daemon)

        def rise(name):
            return after[name] - before[name]

        self.assertEqual(rise("mingle_messages_total"), 10)
        self.assertEqual(rise("mingle_received_lines_total"), 11)  # and sync()'s
        self.assertGreaterEqual(rise("mingle_received_bytes_total"), 10 * len("hi 0\n"))
        self.assertGreaterEqual(rise("mingle_sent_bytes_total"), 10 * len("<alice> hi 0\n"))
        self.assertEqual(rise("mingle_events_total"), 11)
        self.assertGreaterEqual(rise("mingle_deliveries_total"), 11)
        self.assertGreater(rise("mingle_loop_turn_seconds_count"), 0)
        self.assertGreater(after["process_resident_memory_bytes"], 1 << 20)
        self.assertGreater(after["process_open_fds"], 8)
        alice.line("/quit")
        alice.rest()
        silent.close()
        daemon.wait_log("closed reason=", 2)
        after = self.scrape(daemon)
        self.assertEqual(after['mingle_sessions_closed_total{reason="quit"}'], 1)
        self.assertEqual(after['mingle_sessions{dialect="plain",tls="no"}'], 0)
        self.assertEqual(after["mingle_sessions_unnamed"], 0)
        self.assertEqual(after["mingle_healthy"], 1)

    def test_metrics_count_refusals_and_suppressed_lines(self):
        daemon = self.begin({"limits.per_address": "1", "log.limit": "0.001 burst 5"})
        self.enter(daemon, "alice")
        for _ in range(20):
            self.connect(daemon).rest()
        wait_until(lambda: self.scrape(daemon)['mingle_sessions_refused_total{reason="per-address"}'] == 20,
                   "20 refusals")
        samples = self.scrape(daemon)
        self.assertEqual(samples['mingle_log_suppressed_total{event="session-refused"}'], 15)

    def test_metrics_tell_of_slow_readers(self):
        daemon = self.begin({"limits.outbox_high": "8K", "limits.outbox_low": "4K", "rooms.log": "64"})
        alice = self.enter(daemon, "alice")
        self.enter(daemon, "deaf", receive_bytes=2048)
        line = "x" * 2000
        wait_until(lambda: alice.line(*[line] * 50) or alice.sync() is not None and
                   self.scrape(daemon)["mingle_behind_readers"] == 1, "a slow reader")
        self.assertGreaterEqual(self.scrape(daemon)["mingle_behind_seconds"], 0)

    # ---- the port ----

    def test_metrics_are_off_by_default(self):
        daemon = self.start()
        self.enter(daemon, "alice")
        daemon.stop()
        self.assertFalse([line for line in daemon.log if "metrics" in line])

    def test_metrics_answers(self):
        daemon = self.begin({"server.name": "chat.example.org"})
        for path, status in (("/metrics", 200), ("/healthz", 200), ("/metrics?x=y", 200), ("/", 404)):
            self.assertEqual(self.get(daemon, path)[0], status, path)
        for host, status in (("127.0.0.1:9700", 200), ("[::1]", 200), ("chat.example.org", 200),
                             ("evil.example", 421), ("", 421)):
            self.assertEqual(self.get(daemon, "/metrics", host)[0], status, host)
        status, headers, body = self.get(daemon, "/metrics", method="HEAD")
        self.assertEqual((status, body), (200, ""))
        self.assertGreater(int(headers["Content-Length"]), 1000)
        status, headers, _ = self.get(daemon, "/metrics", method="POST")
        self.assertEqual((status, headers["Allow"]), (405, "GET, HEAD"))
        self.assertEqual(self.get(daemon, "/healthz")[2], "ok\n")
        self.assertEqual(self.ask(daemon, "GET /metrics HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")[0], 400)
        self.assertEqual(self.ask(daemon, "GET /metrics HTTP/1.1\r\nX: " + "x" * 5000)[0], 431)

    def test_metrics_request_byte_by_byte(self):
        daemon = self.begin()
        sock = self.raw(daemon)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n":
            sock.send(bytes([byte]))
        self.assertTrue(self.read(sock).endswith(b"\r\n\r\nok\n"))

    def test_metrics_who_does_not_ask_is_closed_and_few_are_served(self):
        daemon = self.begin()
        self.enter(daemon, "alice")  # it serves: from now on the number of files stays
        files = daemon.fd_count()
        idle = [self.raw(daemon) for _ in range(8)]  # accepted in this order
        self.assertTrue(self.read(self.raw(daemon)).startswith(b"HTTP/1.1 503 "))
        for sock in idle:  # closed without a word after five seconds
            self.assertEqual(self.read(sock), b"")
            sock.close()
        daemon.await_fds(files)
        self.assertEqual(self.get(daemon, "/healthz")[0], 200)

    def test_metrics_taken_port(self):
        daemon = self.begin()
        address = "{}:{}".format(*daemon.metrics)
        other = self.start({"metrics.address": address}, is_listening=False)
        self.assertEqual(other.wait(), 1)
        self.assertIn(f"cannot listen on {address} for metrics: ", other.log[-1])

    def test_metrics_health_says_no_while_the_server_stops(self):
        daemon = self.begin({"server.shutdown_timeout": "20s", "limits.outbox_high": "8K",
                             "limits.outbox_low": "4K"})
        alice = self.enter(daemon, "alice")
        deaf = self.enter(daemon, "deaf", receive_bytes=2048)
        wait_until(lambda: alice.line(*["x" * 2000] * 50) or alice.sync() is not None and
                   self.scrape(daemon)["mingle_behind_readers"] == 1, "somebody who keeps it from stopping")
        daemon.signal()
        daemon.wait_log("stopping: ")
        wait_until(lambda: self.get(daemon, "/healthz")[0] == 503, "no")
        self.assertEqual(self.get(daemon, "/healthz")[2], "stopping\n")
        self.assertEqual(self.scrape(daemon)["mingle_stopping"], 1)
        deaf.close()
        self.assertEqual(daemon.wait(), 0)

    # ---- what a reload does ----

    def test_metrics_of_reloads_and_certificates(self):
        daemon = self.begin()
        samples = self.scrape(daemon)
        self.assertEqual((samples['mingle_reloads_total{result="good"}'], samples["mingle_last_reload_good"]), (0, 1))
        self.assertNotIn("mingle_tls_certificate_end_time_seconds", samples)
        chain, key = certificate()
        end = subprocess.run(["openssl", "x509", "-in", chain, "-noout", "-enddate", "-dateopt", "iso_8601"],
                             capture_output=True, text=True, check=True).stdout
        seconds = calendar.timegm(time.strptime(end.strip(), "notAfter=%Y-%m-%d %H:%M:%SZ"))
        tls = {"tls.certificate": chain, "tls.key": key}
        for settings, good, refused, end in ((tls, 1, 0, seconds), (tls | {"tls.key": chain}, 1, 1, seconds),
                                             ({}, 2, 1, None)):
            daemon.configure(config_text(daemon.settings | settings))
            daemon.signal(signal.SIGHUP)
            daemon.wait_log("reload: (settings reloaded|reload refused)", good + refused)
            samples = self.scrape(daemon)
            self.assertEqual([samples[f'mingle_reloads_total{{result="{word}"}}'] for word in ("good", "refused")],
                             [good, refused])
            self.assertEqual(samples.get("mingle_tls_certificate_end_time_seconds"), end)
            self.assertEqual(samples["mingle_last_reload_good"], "tls.key" not in settings or settings is tls)

    # ---- the manual ----

    def test_metrics_manual_dashboard_and_alerts_match_the_code(self):
        daemon = self.begin()
        types, samples = parse(self.get(daemon, "/metrics")[2])
        with open(os.path.join(TOP, "docs", "metrics.md")) as file:
            manual = dict(re.findall(r"^\| `([a-z_]+)` \| (gauge|counter|histogram) \|", file.read(), re.M))
        self.assertEqual(manual, types)
        known = set(types) | {key.partition("{")[0] for key in samples}
        with open(os.path.join(TOP, "docs", "grafana", "mingle.json")) as file:
            dashboard = json.load(file)
        expressions = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
        with open(os.path.join(TOP, "docs", "alerts.yml")) as file:
            alerts = file.read()
        used = set(re.findall(r"\b((?:mingle|process)_[a-z_]+)", " ".join(expressions) + alerts))
        self.assertGreater(len(used), 20)
        self.assertEqual(used - known, set())


if __name__ == "__main__":
    main()
