#!/usr/bin/env python3
"""mingle-bench: tiny runs against the real daemon and the baseline lose nothing; servers that lie are found
out; limits give the exit status; the manual page has every option."""
import collections
import concurrent.futures
import json
import os
import pty
import re
import subprocess
import sys
import unittest
import xml.etree.ElementTree

from mingle_irc import IrcClient
from mingle_test import DaemonTest, MINGLED, TOP, certificate, is_sanitized, main, wait_until

FOLDER = os.path.dirname(MINGLED)
BENCH = os.path.join(FOLDER, "mingle-bench")
BASELINE = os.path.join(FOLDER, "bench", "baseline")
LYING = os.path.join(TOP, "tests", "daemon", "lying_server.py")
TIMEOUT = 100

SMALL = ("--members", "10", "--senders", "3", "--window", "4", "--duration", "1", "--warmup", "0")
# A steady trickle: what is wrong does not depend on how fast the machine is.
TRICKLE = ("--members", "4", "--senders", "2", "--rate", "100", "--duration", "1", "--warmup", "0")


class BenchTest(DaemonTest):
    def launch(self, *command):
        """A server that prints where it listens; ended with the test."""
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stdin.close)
        self.addCleanup(process.wait, TIMEOUT)
        self.addCleanup(process.kill)
        return process.pid, int(re.fullmatch(rb"listening on (\d+)\n", process.stdout.readline())[1])

    def lying(self, kind, dialect="raw"):
        return self.launch(sys.executable, LYING, kind, dialect)

    def bench(self, port, *words, stderr=subprocess.PIPE):
        """The exit status, stdout and stderr."""
        done = subprocess.run([BENCH, *words, f"127.0.0.1:{port}"], stdout=subprocess.PIPE, stderr=stderr,
                              text=True, timeout=TIMEOUT, stdin=subprocess.DEVNULL)
        return done.returncode, done.stdout, done.stderr

    def measure(self, port, pid, *words):
        """The JSON of a run in which all was well. Its clients have gone then: those of the next run have the
        same names."""
        fds = f"/proc/{pid}/fd"
        before = len(os.listdir(fds))
        status, out, err = self.bench(port, *words, "--json", "--max-lost", "0", "--server-pid", str(pid))
        self.assertEqual(status, 0, err)
        result = json.loads(out)
        self.assertEqual((result["lost"], result["repeated"], result["closed"]), (0, 0, 0))
        self.assertGreater(result["server_rss_bytes"], 0)
        wait_until(lambda: len(os.listdir(fds)) <= before, "all clients gone")
        return result

    # ---- honest servers ----

    def check_scenarios(self, port, pid, *more):
        for words in (("fanout",), ("fanout", "--rooms", "3"), ("fanout", "--rate", "200"), ("slow",),
                      ("churn",), ("churn", "--rate", "50"), ("mixed",), ("mixed", "--rate", "100")):
            with self.subTest(words=words):
                result = self.measure(port, pid, *words, *SMALL, *more)
                self.assertEqual(result["scenario"], words[0])
                self.assertGreater(result["sent"], 0)
                self.assertGreater(result["delivered"], result["sent"])
                self.assertEqual(result["latency_ns"]["count"], result["delivered"])
                self.assertGreater(result["latency_ns"]["max"], 0)
                if words[0] == "churn":
                    self.assertEqual(result["visit_ns"]["count"], result["visits"])
        for words in (("connect",), ("idle", "--sources", "3")):
            with self.subTest(words=words):
                result = self.measure(port, pid, *words, "--members", "50", "--duration", "1", *more)
                self.assertEqual(result["connections"], 50)
                self.assertEqual(result["connect_ns"]["count"], 50)
                self.assertGreater(result["connect_cpu_us"], 0)

    def test_bench_mingled_plain(self):
        daemon = self.start()
        self.check_scenarios(daemon.address[1], daemon.pid)

    def test_bench_mingled_tls(self):
        daemon = self.start(tls=True)
        for scenario in ("fanout", "churn", "mixed", "connect"):
            self.measure(daemon.address[1], daemon.pid, scenario, *SMALL, "--tls")

    def test_bench_mingled_irc(self):
        daemon = self.start()
        self.check_scenarios(daemon.address[1], daemon.pid, "--dialect", "irc")

    def test_bench_mingled_irc_tls(self):
        daemon = self.start(tls=True)
        for scenario in ("fanout", "churn", "mixed", "connect"):
            self.measure(daemon.address[1], daemon.pid, scenario, *SMALL, "--dialect", "irc", "--tls")

    def test_bench_irc_clients_leave_the_lobby(self):
        daemon = self.start()
        watcher = self.keep(IrcClient(daemon.address))
        watcher.register("watcher")
        self.measure(daemon.address[1], daemon.pid, "idle", "--members", "10", "--duration", "1", "--dialect",
                     "irc")
        seen = collections.Counter(message.command for message in watcher.sync_messages())
        self.assertEqual(seen, {"JOIN": 10, "PART": 10})

    def test_bench_baseline(self):
        pid, port = self.launch(BASELINE, "0")
        self.check_scenarios(port, pid, "--dialect", "raw")

    def test_bench_baseline_that_writes_each_line(self):
        pid, port = self.launch(BASELINE, "--each", "0")
        self.measure(port, pid, "fanout", *SMALL, "--dialect", "raw")

    def test_bench_baseline_tls(self):
        pid, port = self.launch(BASELINE, "--tls", *certificate(), "0")
        for scenario in ("fanout", "churn", "connect"):
            self.measure(port, pid, scenario, *SMALL, "--dialect", "raw", "--tls")

    def test_bench_slow_compares(self):
        daemon = self.start()
        result = self.measure(daemon.address[1], daemon.pid, "slow", *SMALL, "--slow", "30")
        self.assertEqual(result["slow_percent"], 30)
        self.assertGreater(result["without_slow"]["delivered"], 0)
        status, out, _ = self.bench(daemon.address[1], "slow", *SMALL)
        self.assertEqual(status, 0)
        self.assertRegex(out, r"compared: deliveries a second x \d+\.\d\d, p99 x \d+\.\d\d")

    def test_bench_the_payload_reaches_its_size(self):
        daemon = self.start()
        for size in ("31", "32", "33", "3000"):
            self.measure(daemon.address[1], daemon.pid, "fanout", *TRICKLE, "--payload", size)
        for size in ("31", "32", "33", "400"):
            self.measure(daemon.address[1], daemon.pid, "fanout", *TRICKLE, "--payload", size, "--dialect", "irc")
        status, _, err = self.bench(daemon.address[1], "fanout", "--payload", "401", "--dialect", "irc")
        self.assertEqual(status, 2)
        self.assertIn("--payload 401 is too much: with --dialect irc a message has room for 400", err)

    # ---- servers that lie ----

    def check_lie(self, kind, scenario="fanout", dialect="raw", *more):
        _, port = self.lying(kind, dialect)
        status, out, err = self.bench(port, scenario, *TRICKLE, *more, "--dialect", dialect, "--json",
                                      "--max-lost", "0")
        self.assertTrue(out, err)
        return status, json.loads(out), err

    @staticmethod
    def lies(result):
        """Every tenth message, from the fifth on, to three others each."""
        return 3 * len(range(5, result["sent"] + 1, 10))

    def test_bench_believes_an_honest_server(self):
        status, result, _ = self.check_lie("honest")
        self.assertEqual((status, result["lost"], result["repeated"], result["closed"]), (0, 0, 0, 0))
        self.assertGreater(result["sent"], 10)

    def test_bench_finds_dropped_messages(self):
        scenarios = ("fanout", "churn", "mixed")
        with concurrent.futures.ThreadPoolExecutor() as pool:  # each waits for what does not come
            found = dict(zip(scenarios, pool.map(lambda name: self.check_lie("drop", name), scenarios)))
        for status, result, err in found.values():
            self.assertEqual(status, 1)
            self.assertGreater(result["lost"], 0)
            self.assertIn("lost, repeated or closed, above 0", err)
        _, result, _ = found["fanout"]
        self.assertEqual((result["lost"], result["repeated"]), (self.lies(result), 0))

    def test_bench_finds_repeated_messages(self):
        status, result, _ = self.check_lie("repeat")
        self.assertEqual((status, result["lost"], result["repeated"]), (1, 0, self.lies(result)))

    def test_bench_finds_reordered_messages(self):
        # The two senders take turns, so that only with one sender neighbours are of the same.
        status, result, _ = self.check_lie("reorder", "fanout", "raw", "--senders", "1")
        self.assertEqual(status, 1)
        self.assertGreater(result["repeated"], 0)

    def test_bench_finds_messages_that_are_cut(self):
        status, result, _ = self.check_lie("cut")
        self.assertEqual((status, result["lost"]), (1, self.lies(result)))

    def test_bench_finds_closed_connections(self):
        status, result, _ = self.check_lie("close")
        self.assertEqual(status, 1)
        self.assertEqual(result["closed"], 1)

    def test_bench_finds_what_irc_servers_do_wrong(self):
        with concurrent.futures.ThreadPoolExecutor() as pool:
            kinds = ("honest", "drop", "repeat", "cut", "close")
            found = dict(zip(kinds, pool.map(lambda kind: self.check_lie(kind, "fanout", "irc"), kinds)))
        for kind, (status, result, err) in found.items():
            with self.subTest(kind=kind):
                self.assertEqual(status, 0 if kind == "honest" else 1, err)
                self.assertGreater(result["sent"], 10)
                if kind != "close":
                    self.assertEqual(result["lost"], self.lies(result) if kind in ("drop", "cut") else 0)
                self.assertEqual(result["repeated"], self.lies(result) if kind == "repeat" else 0)
                self.assertEqual(result["closed"], int(kind == "close"))
        status, result, _ = self.check_lie("reorder", "fanout", "irc", "--senders", "1")
        self.assertEqual(status, 1)
        self.assertGreater(result["repeated"], 0)

    # ---- limits, mistakes ----

    def test_bench_limits_give_the_exit_status(self):
        _, port = self.lying("drop")
        words = ("fanout", *TRICKLE, "--dialect", "raw")
        self.assertEqual(self.bench(port, *words)[0], 0)
        self.assertEqual(self.bench(port, *words, "--max-lost", "1000")[0], 0)
        self.assertEqual(self.bench(port, *words, "--max-p99", "60000")[0], 0)
        status, _, err = self.bench(port, *words, "--max-p99", "0")
        self.assertEqual(status, 1)
        self.assertIn("the p99 of the latency is ", err)

    def test_bench_says_what_is_wrong(self):
        status, _, err = self.bench(1, "fanout", *SMALL)
        self.assertEqual(status, 1)
        self.assertIn("cannot connect: Connection refused (0 of 10 clients were in", err)
        status, _, err = self.bench(1, "nonsense")
        self.assertEqual(status, 2)
        self.assertIn("no scenario 'nonsense'; --help lists them", err)
        status, _, err = self.bench(1, "churn", "--members", "3", "--senders", "3")
        self.assertEqual(status, 2)
        self.assertIn("--senders 3 is too many: 3 members of each room read", err)

    def test_bench_shows_a_bar_on_a_terminal_only(self):
        _, port = self.lying("honest")
        words = ("fanout", *TRICKLE, "--dialect", "raw")
        self.assertEqual(self.bench(port, *words)[2], "")
        ours, theirs = pty.openpty()
        try:
            status, _, _ = self.bench(port, *words, stderr=theirs)
            shown = os.read(ours, 65536).decode()
        finally:
            os.close(ours)
            os.close(theirs)
        self.assertEqual(status, 0)
        self.assertRegex(shown, r"\rmeasuring  \[[#.]{30}\] +\d+ %")
        self.assertTrue(shown.endswith("\r\033[K"))

    # ---- the scripts ----

    def script(self, *words):
        """The exit status, stdout and stderr of a script of bench/."""
        done = subprocess.run([os.path.join(TOP, "bench", words[0]), *words[1:]], capture_output=True, text=True,
                              timeout=TIMEOUT, stdin=subprocess.DEVNULL, env=os.environ | {"BUILD": FOLDER})
        return done.returncode, done.stdout, done.stderr

    # Nothing of the scripts is instrumented, and they take a minute.
    @unittest.skipIf(is_sanitized(), "the scripts are tried without sanitizers")
    def test_bench_scripts_run(self):
        for words in (("fanout.sh", *SMALL), ("slow.sh", *SMALL), ("connect.sh", "--rooms", "2"),
                      ("arrivals.sh", "100", "--duration", "1"), ("idle.sh", "100", "--duration", "1")):
            with self.subTest(words=words):
                status, out, err = self.script("scripts/" + words[0], *words[1:])
                self.assertEqual(status, 0, err)
                self.assertRegex(out, r"(?m)^server .* of processor time")
        status, out, err = self.script("scripts/handshakes.sh", "1", "1")
        self.assertEqual(status, 0, err)
        self.assertRegex(out, r"(?m)^medians: s_server \d+\.\d us, mingled \d+\.\d us .*; ratio \d+\.\d\d$")
        status, _, err = self.script("scripts/idle.sh", "99")
        self.assertEqual(status, 2)
        self.assertIn("'99' is not a number of clients", err)

    @unittest.skipIf(is_sanitized(), "the scripts are tried without sanitizers")
    def test_bench_compare_updates_a_document(self):
        folder = self.keep_folder()
        document, results, picture = (os.path.join(folder, name) for name in ("a.md", "results", "a.svg"))
        with open(document, "w") as file:
            file.write("before\n<!-- table -->\nold\n<!-- end of table -->\nafter\n")
        status, _, err = self.script("scripts/compare.sh", "--rounds", "1", "--duration", "1", "--servers",
                                     "baseline mingled mingled-irc asyncio", "--workloads", "paced idle",
                                     "--save", results, "--update", document)
        self.assertEqual(status, 0, err)
        with open(document) as file:
            text = file.read()
        self.assertTrue(text.startswith("before\n<!-- table -->\n"))
        self.assertTrue(text.endswith("<!-- end of table -->\nafter\n"))
        self.assertNotIn("old", text)
        self.assertRegex(text, r"(?m)^\| the floor \| \d+\.\d\d us \| 1\.00 \| ")
        self.assertRegex(text, r"(?m)^\| \*\*mingled\*\* \| [\d,-]+ bytes \| ")
        self.assertRegex(text, r"(?m)^\| \*\*mingled\*\*, as IRC \| [\d,-]+ bytes \| ")
        self.assertEqual(self.script("plot", results, picture)[0], 0)
        names = [bar.text for bar in xml.etree.ElementTree.parse(picture).iter("{http://www.w3.org/2000/svg}text")]
        self.assertIn("mingled", names)
        self.assertIn("the floor", names)

    def test_bench_compare_refuses_what_it_does_not_know(self):
        for words, why in ((("--rounds", "0"), "--rounds: '0' is not a number"), (("--nonsense",), "is no option"),
                           (("--servers", "x"), "no server 'x'"), (("--workloads", "x"), "no workload 'x'"),
                           (("--update", "/nowhere/x"), "cannot write to /nowhere/x")):
            status, _, err = self.script("scripts/compare.sh", *words)
            self.assertEqual(status, 2)
            self.assertIn(why, err)

    # ---- the manual page ----

    def test_bench_manual_has_what_help_has(self):
        help_text = subprocess.run([BENCH, "--help"], capture_output=True, text=True, check=True).stdout
        with open(os.path.join(TOP, "man", "mingle-bench.1")) as file:
            page = file.read()
        options = set(re.findall(r"--([a-z0-9-]+)", help_text))
        self.assertGreater(len(options), 15)
        self.assertEqual(options, set(re.findall(r"^\.It Fl -([a-z0-9-]+)", page, re.M)))
        sections = help_text.split("\n\n")
        for section in ("Scenarios:", "Dialects,"):
            lines = next(part for part in sections if part.startswith(section)).split("\n")[1:]
            for line in lines:
                self.assertRegex(page, rf"(?m)^\.It Cm {line.split()[0]}$")
        # The defaults are the same, too.
        for name, initial in re.findall(r"^  --([a-z0-9-]+) N .*\((\d+)\)$", help_text, re.M):
            self.assertRegex(page, rf"(?m)^\.It Fl -{name} Ar number Pq {initial}$")


if __name__ == "__main__":
    main()
