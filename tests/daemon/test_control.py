#!/usr/bin/env python3
"""The control socket and minglectl: every command, who may use it, and clients that misbehave."""
import json
import os
import pwd
import re
import shlex
import shutil
import signal
import socket
import stat
import subprocess
import time

from mingle_client import SocketClient
from mingle_crowd import Crowd
from mingle_test import DEADLINE, MINGLED, TOP, DaemonTest, config_text, is_sanitized, main, wait_until

MINGLECTL = os.path.abspath(os.environ.get("MINGLECTL") or os.path.join(os.path.dirname(MINGLED), "minglectl"))


class ControlTest(DaemonTest):
    def serve(self, settings=None, **more):
        daemon = self.start({"control.socket": "control.sock"} | (settings or {}), **more)
        daemon.control = os.path.join(daemon.folder, "control.sock")
        return daemon

    def run_ctl(self, daemon, *words, options=(), launcher=()):
        done = subprocess.run([*launcher, MINGLECTL, "--socket", daemon.control, *options, *words],
                              capture_output=True, text=True, timeout=DEADLINE, stdin=subprocess.DEVNULL)
        return done.returncode, done.stdout, done.stderr

    def ctl(self, daemon, *words, **more):
        """For commands that succeed."""
        status, out, err = self.run_ctl(daemon, *words, **more)
        self.assertEqual((status, err), (0, ""), (words, out))
        return out

    def json(self, daemon, *words):
        return json.loads(self.ctl(daemon, *words, options=["--json"]))

    def assert_refused(self, daemon, words, status, pattern):
        got, out, err = self.run_ctl(daemon, *words)
        self.assertEqual((got, out), (status, ""), words)
        self.assertRegex(err, pattern)

    def control(self, daemon):
        return self.keep(SocketClient(daemon.control, label="control"))

    def table(self):
        """The rows of the command table, as the source has them."""
        with open(os.path.join(TOP, "src", "daemon", "control_command.c")) as file:
            return re.findall(r'^    \{"(\w+)", "', file.read(), re.MULTILINE)


class CommandsTest(ControlTest):
    def test_status(self):
        daemon = self.serve(tls=True)
        self.enter(daemon, "alice")
        self.connect_tls(daemon).enter("bob")
        self.connect(daemon)
        daemon.wait_log("open", 3)
        status = self.json(daemon, "status")
        self.assertEqual(status["state"], "serving")
        self.assertEqual(status["pid"], daemon.pid)
        self.assertEqual((status["people"], status["connections"], status["unnamed"]), (2, 3, 1))
        self.assertEqual((status["tls"], status["by_dialect"]), (1, "plain 2"))
        self.assertEqual(status["listeners"], "%s:%d" % daemon.address)
        self.assertGreater(status["memory_bytes"], 100000)
        self.assertRegex(self.ctl(daemon, "status"), r"(?m)^people +2$")

    def test_sessions_and_kick(self):
        daemon = self.serve()
        alice, bob = self.enter(daemon, "alice"), self.enter(daemon, "bob")
        sessions = self.json(daemon, "sessions")
        self.assertEqual([row["name"] for row in sessions], ["alice", "bob"])
        self.assertEqual({row["state"] for row in sessions}, {"talk"})
        self.assertEqual(sessions[0]["from"].split(":")[0], "127.0.0.1")
        self.assertRegex(self.ctl(daemon, "sessions"), r"(?m)^ID +NAME .*\n +\d+ +alice ")
        self.ctl(daemon, "kick", "BOB", "not", "today")
        self.assertEqual(bob.rest_lines()[-2:],
                         ["*** not today", "*** The administrator has ended this connection. Bye."])
        alice.expect(r"-- bob left.*not today")
        self.ctl(daemon, "kick", str(sessions[0]["id"]))
        self.assertIn("The administrator has ended", alice.rest())
        daemon.wait_log("closed reason=kicked", 2)
        wait_until(lambda: self.json(daemon, "sessions") == [], "no session left")
        self.assert_refused(daemon, ["kick", "bob"], 1, "no session or name bob")

    def test_rooms(self):
        daemon = self.serve()
        alice = self.enter(daemon, "alice")
        alice.line("/join #hidden", "/topic \x1b[2Jtopic")
        alice.sync()
        rooms = {row["name"]: row for row in self.json(daemon, "rooms")}
        self.assertEqual(set(rooms), {"#lobby", "#hidden"})
        self.assertEqual(rooms["#hidden"]["people"], 1)
        self.assertIn("topic", rooms["#hidden"]["topic"])
        self.assertNotIn("\x1b", self.ctl(daemon, "rooms"))

    def test_settings_stats_and_log(self):
        daemon = self.serve()
        settings = {row["name"]: row["value"] for row in self.json(daemon, "settings")}
        self.assertEqual(settings["limits.flood"], "off")
        self.assertEqual(settings["control.socket"], "control.sock")
        self.assertEqual([row["name"] for row in self.json(daemon, "settings", "rooms.l")],
                         ["rooms.lobby", "rooms.log"])
        self.assert_refused(daemon, ["settings", "rom"], 1, "no setting begins with rom")
        self.enter(daemon, "alice")
        stats = {row["name"]: row["value"] for row in self.json(daemon, "stats")}
        self.assertEqual(stats["mingle_sessions_opened_total"], 1)
        self.assertEqual(stats['mingle_sessions_closed_total{reason="quit"}'], 0)
        memory = {row["part"]: row for row in self.json(daemon, "stats", "memory")}
        self.assertEqual((memory["sessions"]["count"], memory["people"]["count"], memory["rooms"]["count"]),
                         (1, 1, 1))
        self.assertGreater(memory["sessions"]["bytes"], 1000)
        if not is_sanitized():  # a sanitizer has an allocator of its own
            self.assertGreater(memory["other"]["bytes"], 0)
        self.assert_refused(daemon, ["stats", "memories"], 2, "try `stats` or `stats memory`")
        self.assertEqual(self.ctl(daemon, "log", "level"), "info\n")
        self.ctl(daemon, "log", "level", "debug")
        self.assertEqual(self.ctl(daemon, "log", "level"), "debug\n")
        daemon.wait_log("notice log level is now debug before=info")
        self.enter(daemon, "bob")
        daemon.wait_log(" debug session=")
        self.assert_refused(daemon, ["log", "level", "loud"], 2, "loud is no level")

    def test_stats_are_the_metrics(self):
        daemon = self.serve({"metrics.address": "127.0.0.1:0"})
        alice = self.enter(daemon, "alice")
        alice.line("hello")
        alice.sync()
        host, port = daemon.wait_log(r"metrics on ([\d.]+):(\d+)").groups()
        sock = self.keep(socket.create_connection((host, int(port)), DEADLINE))
        sock.sendall(b"GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n")
        text = b"".join(iter(lambda: sock.recv(65536), b"")).decode()
        metrics = {line.rpartition(" ")[0] for line in text.partition("\r\n\r\n")[2].splitlines()
                   if not line.startswith(("#", "process_", "mingle_heap_")) and "_bucket{" not in line}
        rows = {row["name"]: row["value"] for row in self.json(daemon, "stats")}
        self.assertEqual(set(rows) - {"process_start_time_seconds"}, metrics)
        self.assertEqual(rows["mingle_messages_total"], 1)
        self.assertEqual(rows['mingle_sessions{dialect="plain",tls="no"}'], 1)
        self.assertGreater(rows["mingle_loop_turn_seconds_sum"], 0)
        self.assertRegex(self.ctl(daemon, "stats"), r"(?m)^mingle_users +1$")

    # ---- reload ----

    def test_reload_waits_for_the_verdict(self):
        daemon = self.serve({"server.welcome": "Old words."})
        alice = self.enter(daemon, "alice")
        self.assertEqual(self.json(daemon, "status")["last_reload"], "none since the start")
        daemon.configure(config_text(daemon.settings | {"server.welcome": "New words.", "rooms.log": "99"}))
        self.assertEqual(self.ctl(daemon, "reload"),
                         "settings reloaded\nchanged: server.welcome\n"
                         "needs a restart, and is as it was until then: rooms.log\n")
        self.assertEqual(self.json(daemon, "settings", "server.w")[0]["value"], "New words.")
        self.assertRegex(self.json(daemon, "status")["last_reload"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ good$")
        daemon.wait_log("notice minglectl: reloading")
        alice.sync()

    def test_reload_tells_every_error_and_fails(self):
        daemon = self.serve({"server.welcome": "Old words."})
        alice = self.enter(daemon, "alice")
        text = config_text(daemon.settings | {"server.welcome": "New words."})
        lines = text.count("\n")
        daemon.configure(text + "[limits]\nlinne = 4K\nline = 4 \x1b[31m\n")
        status, out, err = self.run_ctl(daemon, "reload")
        self.assertEqual((status, out), (1, ""))
        self.assertIn(f'{daemon.config}:{lines + 2}: unknown setting "limits.linne"', err)
        self.assertIn(f"{daemon.config}:{lines + 3}: bad value", err)
        self.assertTrue(err.endswith("reload refused: the settings are as they were\n"), err)
        self.assertNotIn("\x1b", err)
        self.assertEqual(self.json(daemon, "settings", "server.w")[0]["value"], "Old words.")
        self.assertRegex(self.json(daemon, "status")["last_reload"],
                         r"Z refused: \S+mingled\.conf:%d: unknown setting" % (lines + 2))
        alice.sync()
        daemon.configure(config_text(daemon.settings))
        self.ctl(daemon, "reload")
        self.assertTrue(self.json(daemon, "status")["last_reload"].endswith("Z good"))
        reloads = {row["name"]: row["value"] for row in self.json(daemon, "stats") if "reload" in row["name"]}
        self.assertEqual(reloads, {'mingle_reloads_total{result="good"}': 1, "mingle_last_reload_good": 1,
                                   'mingle_reloads_total{result="refused"}': 1})

    def test_reload_for_many_and_for_one_who_does_not_wait(self):
        daemon = self.serve()
        hasty = self.control(daemon)
        hasty.line("reload")
        hasty.close()
        clients = [self.control(daemon) for _ in range(5)]
        for client in clients:
            client.line("reload")
        for client in clients:
            client.expect("settings reloaded\nok\n")
        self.ctl(daemon, "reload")

    # ---- traces ----

    def test_trace(self):
        daemon = self.serve()
        alice = self.enter(daemon, "alice")
        number = str(self.json(daemon, "sessions")[0]["id"])
        self.assertIn(f"MINGLE_SESSION={number}", self.ctl(daemon, "trace", number))
        alice.line("hello there")
        daemon.wait_log(f'notice session={number} in "hello there"')
        self.assertEqual(self.ctl(daemon, "trace", number, "off"), f"Session {number} is not traced.\n")
        alice.line("and this not")
        alice.sync()
        self.assertNotIn("and this not", "\n".join(daemon.log))
        for words in [["trace", "0"], ["trace", "4000000000"]]:
            self.assert_refused(daemon, words, 1, "no session")
        for words in [["trace"], ["trace", "alice"], ["trace", number, "on"], ["trace", number, "off", "x"]]:
            self.assert_refused(daemon, words, 2, "usage: trace SESSION")

    def test_trace_of_a_session_to_come(self):
        daemon = self.serve()
        self.ctl(daemon, "trace", "--next", "127.0.0.1")
        self.ctl(daemon, "trace", "--next", "off")
        self.enter(daemon, "alice")
        self.ctl(daemon, "trace", "--next", "127.0.0.1")
        self.enter(daemon, "bob")
        daemon.wait_log("notice session=2 in bob")
        self.enter(daemon, "carol")
        self.assertFalse([line for line in daemon.log if re.search(r"session=[13] (in|trace)\b", line)])
        self.assert_refused(daemon, ["trace", "--next"], 2, "needs an address")
        self.assert_refused(daemon, ["trace", "--next", "example.org"], 2, "needs an address")

    def test_say(self):
        daemon = self.serve()
        alice, bob = self.enter(daemon, "alice"), self.enter(daemon, "bob")
        bob.line("/join #ops")
        bob.sync()
        alice.sync()
        self.assertEqual(self.ctl(daemon, "say", "lunch is", "ready"), "Told 2.\n")
        alice.expect(r"^\*\*\* The administrator says: lunch is ready\n")
        self.assertEqual(self.ctl(daemon, "say", "#ops", "\x1b[2Jyou \"there\" \\o/"), "Told 1.\n")
        self.assertNotIn("\x1b", bob.expect(r"says to #ops: .*you \"there\" \\o/\n"))
        self.assertEqual(alice.sync(), [])
        self.assert_refused(daemon, ["say", "#nowhere", "hi"], 1, "no room #nowhere")

    def test_bans(self):
        daemon = self.serve()
        alice = self.enter(daemon, "alice")
        troll = self.enter(daemon, "troll1")
        self.ctl(daemon, "ban", "Troll*", "2h", "be", "nice")
        self.assertEqual(troll.rest_lines()[-2:-1], ["*** be nice"])
        late = self.connect(daemon)
        late.line("troll2")
        self.assertIn("You are banned from this server.", late.rest())
        ban, = self.json(daemon, "bans")
        self.assertEqual((ban["mask"], ban["why"]), ("Troll*", "be nice"))
        self.assertTrue(3600000 < ban["left_ms"] <= 7200000)
        self.assertIn("Admitted: 127.0.0.1", self.ctl(daemon, "why", "127.0.0.1"))
        self.ctl(daemon, "unban", "troll*")
        self.enter(daemon, "troll3")
        self.ctl(daemon, "ban", "127.0.0.0/8")
        self.assertIn("banned", alice.rest())
        self.assertIn("You are banned", self.connect(daemon).rest())
        self.assertEqual(self.json(daemon, "bans")[0]["left_ms"], None)
        self.assertIn("Refused: banned by 127.0.0.0/8", self.ctl(daemon, "why", "127.0.0.1"))
        self.assert_refused(daemon, ["unban", "nobody"], 1, "no ban nobody")
        self.assert_refused(daemon, ["ban", "10.0.0.1/8"], 2, "write 10.0.0.0/8")

    def test_ban_ends_by_itself(self):
        daemon = self.serve()
        self.ctl(daemon, "ban", "127.0.0.1", "1s")
        wait_until(lambda: self.json(daemon, "bans") == [], "the end of the ban")
        self.enter(daemon, "alice")

    def test_why_names_the_limit(self):
        daemon = self.serve({"limits.per_address": 2, "limits.unnamed_per_address": 1})
        self.assertIn("Admitted", self.ctl(daemon, "why", "127.0.0.1"))
        alice = self.connect(daemon)
        daemon.wait_log("open")
        self.assertIn("limits.unnamed_per_address", self.ctl(daemon, "why", "127.0.0.1"))
        alice.enter("alice")
        self.enter(daemon, "bob")
        self.assertIn("limits.per_address", self.ctl(daemon, "why", "127.0.0.1"))
        self.assertIn("Admitted", self.ctl(daemon, "why", "192.0.2.1"))
        self.assert_refused(daemon, ["why", "here"], 2, "here is no address")

    def test_drain(self):
        daemon = self.serve()
        alice = self.enter(daemon, "alice")
        self.assertIn("1 go on", self.ctl(daemon, "drain"))
        self.assertIn("draining", self.json(daemon, "status")["state"])
        self.assertIn("takes no new connections now", self.connect(daemon).rest())
        self.assertIn("drain off", self.ctl(daemon, "why", "127.0.0.1"))
        self.assertEqual(alice.sync(), [])
        self.ctl(daemon, "drain", "off")
        self.enter(daemon, "bob")
        self.assertEqual(self.json(daemon, "status")["state"], "serving")
        self.assert_refused(daemon, ["drain", "on"], 2, "usage: drain")

    def test_shutdown_now(self):
        daemon = self.serve()
        alice = self.enter(daemon, "alice")
        self.assertEqual(self.ctl(daemon, "shutdown", "new", "kernel"), "The server stops.\n")
        self.assertEqual(alice.rest_lines(), ["*** The server shuts down now: new kernel",
                                              "*** The server is shutting down. Bye."])
        self.assertEqual(daemon.wait(), 0)
        daemon.check_log()
        self.assertFalse(os.path.exists(daemon.control))

    def test_shutdown_later(self):
        daemon = self.serve()
        alice = self.enter(daemon, "alice")
        self.assert_refused(daemon, ["shutdown", "cancel"], 1, "no shutdown is announced")
        self.ctl(daemon, "shutdown", "--in", "1h", "new kernel")
        alice.expect(r"^\*\*\* The server shuts down in 1h00m: new kernel\n")
        self.assertIn("shuts down in", self.json(daemon, "status")["state"])
        self.ctl(daemon, "shutdown", "cancel")
        alice.expect(r"^\*\*\* The shutdown is called off.\n")
        self.assertEqual(self.json(daemon, "status")["state"], "serving")
        self.ctl(daemon, "shutdown", "--in", "1s")
        self.assertEqual(alice.rest_lines(), ["*** The server shuts down in 1s.",
                                              "*** The server is shutting down. Bye."])
        self.assertEqual(daemon.wait(), 0)
        daemon.check_log()

    def test_help_and_bad_input(self):
        daemon = self.serve()
        rows = self.json(daemon, "help")
        self.assertEqual([row["usage"].split()[0] for row in rows], self.table())
        for name in self.table():
            self.assertIn(name, self.ctl(daemon, "help", name))
        self.assertIn("Usage: minglectl", self.ctl(daemon))
        self.assertIn("kick SESSION|NAME", self.ctl(daemon))
        self.assert_refused(daemon, ["statsu"], 2, "did you mean")
        self.assert_refused(daemon, ["status", "now"], 2, "usage: status")
        self.assert_refused(daemon, ["\x1b[2J"], 2, r"no command \?\[2J;")
        self.assert_refused(daemon, ["say", "two\nlines"], 2, "line's end")
        self.assert_refused(daemon, ["say", "x" * 5000], 2, "too long")
        self.assert_refused(daemon, ["--jsn"], 2, "no option --jsn")

    def test_tables_fit_the_terminal(self):
        daemon = self.serve()
        wide = self.ctl(daemon, "tasks")
        self.assertIn("server_stages (daemon/stages.c:", wide)
        client = self.program("sh", "-c", f"stty cols 70; exec {MINGLECTL} --socket {daemon.control} tasks",
                              on_terminal=True)
        lines = client.rest().replace("\r", "").splitlines()
        self.assertEqual(len(lines), len(wide.splitlines()))
        self.assertEqual(max(map(len, lines)), 70)


class CompletionTest(ControlTest):
    def complete(self, *words):
        script = ('source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _minglectl; '
                  'printf "%s\\n" "${COMPREPLY[@]}"')
        path = os.path.join(TOP, "completions", "minglectl.bash")
        done = subprocess.run(["bash", "-c", script, "bash", path, "minglectl", *words], capture_output=True,
                              text=True, timeout=DEADLINE)
        self.assertEqual(done.stderr, "")
        return done.stdout.split()

    def test_bash(self):
        table = self.table()
        options = ["--socket", "--json", "--help", "--version"]
        self.assertEqual(sorted(self.complete("")), sorted(table + options))
        self.assertEqual(self.complete("--json", "--socket", "/x", "sta"), ["status", "stats"])
        self.assertEqual(sorted(self.complete("help", "")), sorted(table))
        self.assertEqual(self.complete("log", ""), ["level"])
        self.assertEqual(self.complete("log", "level", "d"), ["debug"])
        self.assertEqual(self.complete("shutdown", "c"), ["cancel"])
        self.assertEqual(self.complete("status", ""), [])

    def test_zsh(self):
        with open(os.path.join(TOP, "completions", "_minglectl")) as file:
            text = file.read()
        self.assertEqual(re.findall(r"^    '([a-z]+):", text, re.MULTILINE), self.table())
        if shutil.which("zsh"):
            subprocess.run(["zsh", "-n", os.path.join(TOP, "completions", "_minglectl")], check=True,
                           timeout=DEADLINE)

    def test_what_the_readme_shows(self):
        with open(os.path.join(TOP, "README.md")) as file:
            block = re.search(r"## Operate it\n.*?```\n(.*?)```", file.read(), re.DOTALL)[1]
        daemon = self.serve()
        troll = self.enter(daemon, "troll1")
        lines = block.splitlines()
        self.assertGreater(len(lines), 5)
        for line in lines:
            program, *words = shlex.split(re.split(r" {3,}", line)[0])
            self.assertEqual(program, "minglectl")
            self.ctl(daemon, *words)
        self.assertIn("not here", troll.rest())
        self.ctl(daemon, "shutdown", "cancel")

    def test_every_command_is_tested(self):
        with open(__file__) as file:
            text = file.read()
        for name in self.table():
            self.assertRegex(text, rf'ctl\(daemon, "{name}"|json\(daemon, "{name}"|wait_until.*"{name}"', name)


class TasksTest(ControlTest):
    def test_a_thousand_sessions(self):
        daemon = self.serve()
        crowd = self.keep(Crowd())
        crowd.join(daemon.address, [f"p{i}" for i in range(1000)])
        took = {}
        for command in "tasks", "sessions":
            start = time.monotonic()
            text = self.ctl(daemon, command)
            took[command] = time.monotonic() - start
            self.assertGreater(len(text.splitlines()), 1000)
        print("; ".join(f"minglectl {name}: {seconds * 1000:.0f} ms" for name, seconds in took.items()))
        tasks = self.json(daemon, "tasks")
        sessions = [row for row in tasks if row["task"] == "session_run"]
        self.assertEqual(len(sessions), 1000)
        self.assertTrue(all(re.search(r"session_run \(session/session\.c:\d+\)", row["where"])
                            for row in sessions))
        self.assertEqual({row["waits"] for row in sessions}, {"conn.rest"})
        self.assertEqual({row["name"] for row in self.json(daemon, "sessions")},
                         {f"p{i}" for i in range(1000)})
        self.assertEqual(self.ctl(daemon, "say", "hello"), "Told 1000.\n")
        crowd.wait(crowd.members, lambda member: member.line_count, "what the administrator says")
        # One turn of the loop does a piece, not all: 128 sessions are looked at, or 128 rows printed.
        turns = [{row["name"]: row["value"] for row in self.json(daemon, "stats")}["mingle_loop_turn_seconds_count"]
                 for _ in range(2) if self.ctl(daemon, "sessions")]
        self.assertGreater(turns[1] - turns[0], 2 * (1000 // 128))
        gone = sum(str(i)[0] == "1" for i in range(1000))
        self.assertEqual(self.ctl(daemon, "ban", "p1*"),
                         f"p1* is banned; {gone} of those who are here had to go.\n")

    def test_a_task_says_how_long_it_waits(self):
        daemon = self.serve()
        self.enter(daemon, "alice")

        def waits():
            return [row for row in self.json(daemon, "tasks")
                    if row["task"] == "session_run" and row["waits_ms"] >= 50]
        wait_until(waits, "a session that waits for 50 ms")


class ProtocolTest(ControlTest):
    def test_by_hand(self):
        daemon = self.serve()
        client = self.control(daemon)
        client.line('say "hello  there"')
        self.assertEqual(client.expect(r"^\w+\n"), " Told 0.\nok\n")
        client.line("")
        self.assertEqual(client.expect(r"^\w+\n"), "-there is no command; try help\nusage\n")
        client.line('say "open')
        self.assertEqual(client.expect(r"^\w+\n"), "-a quote (\") is not closed\nusage\n")
        client.line("x" * 4097)
        self.assertEqual(client.expect(r"^\w+\n"), "-the line is too long; 4096 bytes are the most\nusage\n")
        client.send(b"\x00\xff\x1b\n")
        self.assertRegex(client.expect(r"^\w+\n"), r"^-there is no command")
        client.line("--json status")
        answer = client.expect(r"^\w+\n")
        self.assertEqual(json.loads(answer.splitlines()[0])["state"], "serving")
        client.send("log level")  # the end of the stream ends the line, too
        client.end_input()
        self.assertEqual(client.rest(), " info\nok\n")

    def test_many_requests_in_one_go(self):
        daemon = self.serve()
        client = self.control(daemon)
        client.line(*["log level"] * 500)
        client.end_input()
        self.assertEqual(client.rest(), " info\nok\n" * 500)

    def test_silent_client_is_let_go(self):
        daemon = self.serve({"control.timeout": "200ms"})
        self.assertEqual(self.control(daemon).rest(), "")
        half = self.control(daemon)
        half.send("stat")
        self.assertEqual(half.rest(), "")
        self.ctl(daemon, "status")

    def test_client_that_does_not_read_is_let_go(self):
        daemon = self.serve({"control.timeout": "500ms"})
        crowd = self.keep(Crowd())
        crowd.join(daemon.address, [f"p{i}" for i in range(300)])
        client = self.control(daemon)
        client.sock.setblocking(False)
        try:
            client.sock.send(b"tasks\n" * 600)
        except BlockingIOError:
            pass
        daemon.wait_log("did not read for too long")
        self.ctl(daemon, "status")
        daemon.wait_log("control=1 closed")

    def test_number_of_clients_is_bounded(self):
        daemon = self.serve({"control.clients": 2})
        clients = [self.control(daemon) for _ in range(2)]
        for client in clients:
            client.line("log level")
            client.expect("ok\n")
        self.assertIn("too many control clients", self.control(daemon).rest())
        status, _, err = self.run_ctl(daemon, "status")
        self.assertEqual(status, 1)
        self.assertIn("control.clients", err)
        clients[0].close()
        wait_until(lambda: self.run_ctl(daemon, "status")[0] == 0, "a place that is free again")

    def test_stop_with_clients(self):
        daemon = self.serve()
        silent, busy = self.control(daemon), self.control(daemon)
        half = self.control(daemon)
        half.send("say he")
        busy.sock.setblocking(False)
        try:
            busy.sock.send(b"stats\n" * 3000)
        except BlockingIOError:
            pass
        daemon.wait_log("request: stats", 5)
        start = time.monotonic()
        daemon.stop()
        self.assertLess(time.monotonic() - start, 5)  # of server.shutdown_timeout
        self.assertEqual(silent.rest() + half.rest(), "")
        self.assertFalse(os.path.exists(daemon.control))


class AccessTest(ControlTest):
    def test_mode(self):
        daemon = self.serve()
        self.assertEqual(stat.S_IMODE(os.stat(daemon.control).st_mode), 0o660)
        daemon = self.serve({"control.mode": "0600"})
        self.assertEqual(stat.S_IMODE(os.stat(daemon.control).st_mode), 0o600)

    def as_nobody(self, daemon, *groups):
        """minglectl as another user, who can get to the socket."""
        if os.geteuid() != 0 or not shutil.which("setpriv"):
            self.skipTest("needs root and setpriv")
        os.chmod(daemon.folder, 0o755)
        folder = self.keep_folder()
        os.chmod(folder, 0o755)
        copy = shutil.copy(MINGLECTL, folder)
        nobody = pwd.getpwnam("nobody")
        keep = ["--groups", ",".join(groups)] if groups else ["--clear-groups"]
        done = subprocess.run(["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", *keep, copy,
                               "--socket", daemon.control, "status"], capture_output=True, text=True,
                              timeout=DEADLINE)
        return done.returncode, done.stdout + done.stderr

    def test_others_cannot_connect(self):
        status, text = self.as_nobody(self.serve())
        self.assertEqual(status, 3)
        self.assertRegex(text, "Permission denied\n.*sudo.*control.group")

    def test_others_are_refused_even_when_the_file_lets_them(self):
        daemon = self.serve({"control.mode": "0666"})
        status, text = self.as_nobody(daemon)
        self.assertEqual(status, 1)
        self.assertIn("may not use this socket", text)
        daemon.wait_log(r"warning control=1 refused pid=\d+ uid=%d" % pwd.getpwnam("nobody").pw_uid)

    def test_members_of_the_group(self):
        daemon = self.serve({"control.group": "games"})
        status, text = self.as_nobody(daemon, "games")
        self.assertEqual(status, 0, text)
        status, text = self.as_nobody(daemon, "mail")
        self.assertEqual(status, 3, text)

    def test_socket_of_a_dead_daemon_is_replaced(self):
        daemon = self.serve()
        folder = self.keep_folder()
        path = os.path.join(folder, "control.sock")
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(path)
        daemon = self.start({"control.socket": path})
        daemon.control = path
        self.ctl(daemon, "status")

    def fails(self, settings):
        daemon = self.start(settings, is_listening=False)
        self.assertEqual(daemon.wait(), 1)
        return "\n".join(daemon.log)

    def test_socket_of_a_living_daemon_is_refused(self):
        daemon = self.serve()
        self.assertIn("another mingled that runs has it", self.fails({"control.socket": daemon.control}))
        self.ctl(daemon, "status")
        folder = self.keep_folder()
        path = os.path.join(folder, "file")
        with open(path, "w"):
            pass
        self.assertIn("a file is in the way", self.fails({"control.socket": path}))
        self.assertTrue(os.path.exists(path))

    def test_bad_settings(self):
        self.assertIn("its folder does not exist", self.fails({"control.socket": "no/such/folder"}))
        self.assertIn("there is no such group", self.fails({"control.socket": "s", "control.group": "no-such"}))

    def test_without_a_daemon(self):
        folder = self.keep_folder()
        path = os.path.join(folder, "s")
        for _ in range(2):  # no file; a file that nobody listens on
            done = subprocess.run([MINGLECTL, "--socket", path, "status"], capture_output=True, text=True,
                                  timeout=DEADLINE)
            self.assertEqual(done.returncode, 3)
            self.assertIn("Is it running?", done.stderr)
            if not os.path.exists(path):
                with socket.socket(socket.AF_UNIX) as dead:
                    dead.bind(path)
        done = subprocess.run([MINGLECTL, "--socket", path], capture_output=True, text=True, timeout=DEADLINE)
        self.assertEqual(done.returncode, 0)
        self.assertIn("Usage: minglectl", done.stdout)

    def test_daemon_that_dies(self):
        daemon = self.serve()
        daemon.signal(signal.SIGSTOP)
        client = subprocess.Popen([MINGLECTL, "--socket", daemon.control, "status"], text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        daemon.kill()
        out, err = client.communicate(timeout=DEADLINE)
        self.assertEqual((client.returncode, out), (3, ""))
        self.assertRegex(err, "closed the connection|cannot reach")


if __name__ == "__main__":
    main()
