#!/usr/bin/env python3
"""/set: what each option does, with the real clients: zones, JSON, colours and bells, plain and edit."""
import datetime
import json
import os
import re
import shutil

from mingle_client import untimed
from mingle_screen import Screen
from mingle_test import DaemonTest, main
from test_oper import PASSWORD, hash_of

FAST = {"limits.flood": "1000 burst 1000"}
ZONES = "/usr/share/zoneinfo"


class SetTest(DaemonTest):
    def at_nc(self, daemon, name, *lines):
        client = self.nc(daemon)
        client.enter(name)
        client.line(*lines)
        client.sync()
        return client

    def check(self, client, command, *lines):
        client.line(command)
        self.assertEqual(client.sync(), list(lines))

    # ---- zones ----

    def test_set_tz(self):
        if not os.path.exists(os.path.join(ZONES, "Europe/Paris")):
            self.skipTest("no tzdata")
        daemon = self.start(FAST)
        alice, bob = self.at_nc(daemon, "alice"), self.at_nc(daemon, "bob")
        alice.sync()
        self.check(alice, "/set tz Asia/Kathmandu", "*** tz is Asia/Kathmandu now.")
        self.check(alice, "/set time iso", "*** time is iso now.")
        self.check(bob, "/set tz UTC", "*** tz is UTC now.")
        self.check(bob, "/set time iso", "*** time is iso now.")
        carol = self.at_nc(daemon, "carol", "hello")
        seen = [re.search(r"(\S+) <carol> hello", "\n".join(client.sync())).group(1) for client in (alice, bob)]
        self.assertTrue(seen[0].endswith("+05:45"), seen)
        self.assertTrue(seen[1].endswith("+00:00"), seen)
        self.assertEqual(*map(datetime.datetime.fromisoformat, seen))
        carol.line("/set tz europe/paris")  # in any case, as the database writes it
        self.assertEqual(carol.sync(), ["*** tz is Europe/Paris now."])
        self.check(carol, "/set tz Kathmandu", "*** tz is Asia/Kathmandu now.")
        carol.line("/time")
        self.assertRegex(carol.sync()[0], r"^\*\*\* It is \d\d:\d\d on .*, Asia/Kathmandu\.$")

    def test_set_tz_names_that_are_none(self):
        daemon = self.start(FAST)
        alice = self.at_nc(daemon, "alice")
        for name in ("../../etc/passwd", "/etc/passwd", "Europe/../../passwd", "zone.tab", "right/UTC", "Europe",
                     "tzdata.zi", "Nowhere/Land", "x" * 300):
            alice.line(f"/set tz {name}")
            self.assertRegex(alice.sync()[0], r"^\*\*\* There is no time zone \S+ Names are like Europe/Paris: ", name)
        self.check(alice, "/set tz Europe/Pari", "*** There is no time zone Europe/Pari. Did you mean Europe/Paris?")
        self.check(alice, "/set tz", "*** To change an option: /set OPTION VALUE (more: /help set)",
                   "      | tz      server        (server, UTC, or a name like Europe/Paris)")

    # ---- JSON ----

    def objects(self, text):
        lines = text.split("\n")
        self.assertEqual(lines.pop(), "")
        for line in lines:
            self.assertTrue(line.startswith("{"), line)
        return [json.loads(line) for line in lines]

    def test_set_format_json_is_nothing_but_json(self):
        daemon = self.start(FAST)
        dave = self.at_nc(daemon, "dave", "/join #ops", "/part #lobby")
        bot = self.enter(daemon, "bot")
        bot.line("/set format json")
        first = bot.expect(r"^\{[^\n]*\n")
        self.assertEqual(json.loads(first)["value"], "json")
        carol = self.at_nc(daemon, "carol", "/join #ops")
        dave.sync()
        self.check(dave, "/invite bot", "*** You invited bot to #ops.")
        bot.line("/set joins on", "/set echo on", "/join #ops", "hello", "/me waves", "/msg carol hi", "/msg nobody x",
                 "/names", "/who", "/who z*", "/whois carol", "/whois nobody", "/rooms", "/topic", "/topic news", "/help",
                 "/help nick", "/nosuch", "/history", "/away tea", "/back", "/ignore carol", "/ignore", "/unignore carol",
                 "/set", "/set time", "/set x y", "/set tz Nowhere/Land", "/set tz UTC", "/set time off", "/time", "/ping",
                 "/version", "/uptime", "/mode", "/nick bot2", "/kick", "/join #x y z", " /part", "quit",
                 "x" * 5000, "/switch #lobby", "/fence")
        text = self.read_until(bot, lambda o: o["type"] == "refused" and o["subject"] == "fence")
        carol.line("text \x02bold\x02 and \x0304red", "/me nods", "/msg bot2 psst", "/nick Carol2")
        carol.sync()
        dave.line("/mute Carol2 10m why", "/unmute Carol2", "/slow 5", "/slow 0", "/key k", "/mode secret on",
                  "/kick Carol2 out", "/topic more news", "/op bot2")
        carol.sync()
        dave.sync()
        bot.line("/switch #ops", "/ban zed 1h spam", "/ban", "/mute", "/unban zed", "/limit 5", "/mode")
        carol.line("/quit gone")
        carol.expect(r"\*\*\* Bye\.\n")
        bot.line("/fence2")
        text += self.read_until(bot, lambda o: o["type"] == "refused" and o["subject"] == "fence2")
        dave.line("/deop bot2", "/kick bot2 enough")
        dave.sync()
        bot.line("/part #lobby")
        text += self.read_until(bot, lambda o: o["type"] == "left")
        daemon.signal()
        text += bot.rest()
        objects = self.objects(text)
        seen = {o["type"] for o in objects}
        self.assertEqual(objects[-1]["type"], "goodbye")
        self.assertEqual(objects[-1]["reason"], "shutdown")
        self.assertLessEqual({
            "message", "action", "joined", "quit", "renamed", "topic", "kicked", "changed", "private",
            "private-sent", "entered", "left", "switched", "nick", "topic-is", "names", "rooms", "help",
            "refused", "change-done", "kicked-out", "invited", "modes", "restricted", "who", "whois", "away",
            "ignored", "ignores", "history", "option-set", "options", "time", "pong", "version", "uptime",
            "goodbye"}, seen)
        said = [o for o in objects if o["type"] == "message" and o["from"] == "carol"]
        self.assertEqual(said[0]["text"], "text bold and red")
        self.assertEqual(said[0]["room"], "#ops")
        for o in objects:
            if o["type"] not in ("gap", "goodbye"):
                self.assertRegex(o["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        ids = [o["id"] for o in objects if o.get("room") == "#ops" and "id" in o and "replay" not in o]
        self.assertEqual(ids, sorted(set(ids)))

    def test_set_format_json_of_what_operators_do(self):
        """Pastes and their refusals, floods, passwords, texts of the administrator, /wall, /kill, succession."""
        folder = self.keep_folder()
        motd = os.path.join(folder, "motd")
        with open(motd, "w", encoding="utf-8") as file:
            file.write("first line\nsecond line\n")
        texts = {"server.motd": motd, "server.rules": motd}
        daemon = self.start(FAST | texts | {"operators.operator": f"alice {hash_of(PASSWORD)}"})
        bot, carol = self.enter(daemon, "bot"), self.at_nc(daemon, "carol")
        bot.line("/join #ops", "/set format json", "/set echo on", "/paste", ".", "/paste", "a", "/cancel",
                 "/paste", "one \"quoted\"", "", "/two", ".", "/paste", *["x"] * 51, ".", "/oper alice", "", "/oper alice",
                 "wrong", "/wall no", "/oper alice", PASSWORD, "/wall hear", "/motd", "/rules", "/fence")
        bot.expect(r"You are bot, in #ops[^\n]*\n[^\n]*\n")
        text = self.read_until(bot, lambda o: o["type"] == "refused" and o["subject"] == "fence")
        carol.line("/join #ops")
        carol.sync()
        bot.line("/op carol", "/part #ops", "/join #ops", "/fence2")
        text += self.read_until(bot, lambda o: o["type"] == "refused" and o["subject"] == "fence2")
        carol.line("/part #ops")
        carol.sync()
        bot.line("/kill carol enough", "/deoper", "/paste", "cut off")
        bot.end_input()
        text += bot.rest()
        objects = self.objects(text)
        notices = [o["text"] for o in objects if o["type"] == "notice"]
        self.assertIn('Paste now. End with a line that is only "." (/cancel drops it).', notices)
        self.assertIn('There was nothing before the ".". Nothing was sent.', notices)
        self.assertIn("The paste is dropped. Nothing was sent.", notices)
        self.assertTrue([text for text in notices if text.startswith("Not sent: a message has at most 50 lines")], notices)
        self.assertTrue([text for text in notices if text.startswith("Not sent: the paste had no end.")], notices)
        self.assertIn('one "quoted"\n\n/two', [o["text"] for o in objects if o["type"] == "message"])
        self.assertLessEqual({"password-ask", "server-operator", "motd", "rules", "kill-done", "change-done", "goodbye"},
                             {o["type"] for o in objects})
        self.assertEqual({o["code"] for o in objects if o["type"] == "refused"},
                         {"password-cancelled", "password-wrong", "not-server-operator", "unknown-command"})
        self.assertIn("succeed", [o.get("change") for o in objects])
        motd = next(o for o in objects if o["type"] == "motd")
        self.assertEqual(motd["text"].rstrip("\n"), "first line\nsecond line")

    def test_set_format_json_of_wall_and_kill_for_others(self):
        daemon = self.start(FAST | {"operators.operator": f"alice {hash_of(PASSWORD)}"})
        bot, alice = self.enter(daemon, "bot"), self.at_nc(daemon, "alice")
        bot.line("/set format json")
        bot.expect(r"^\{[^\n]*\n")
        alice.line(f"/oper alice {PASSWORD}")
        alice.expect(r"operator of the server now[^\n]*\n")
        alice.line("/wall hear me", "/kill bot enough")
        alice.sync()
        objects = [o for o in self.objects(bot.rest()) if o["type"] in ("wall", "killed", "goodbye")]
        self.assertEqual([o["type"] for o in objects], ["wall", "killed", "goodbye"])
        self.assertEqual(objects[2]["reason"], "killed")

    def test_set_format_json_says_slow_down(self):
        daemon = self.start({"limits.flood": "10 burst 4"})
        bot = self.enter(daemon, "bot")
        bot.line("/set format json")
        bot.expect(r"^\{[^\n]*\n")
        bot.send("".join(f"line {i}\n" for i in range(60)) + "/quit\n")
        notices = [o["text"] for o in self.objects(bot.rest()) if o["type"] == "notice"]
        self.assertRegex(notices[0], r"^Slow down: \d+ lines wait, but only 20 may\.")
        self.assertRegex(notices[1], r"^Slow down: \d+ lines were not sent")

    def telnet_bot(self, daemon, terminal):
        bot = self.connect(daemon)
        bot.send(b"bot\r\n")
        bot.expect(r"Your name\?[^\n]*\n")
        bot.send(b"\xff\xfb\x18\xff\xfa\x18\x00" + terminal + b"\xff\xf0")
        bot.send(b"/ping\r\n")
        bot.expect(r"pong(\x1b\[0m)?\r\n[^\n]*#lobby\] bot> ")
        return bot

    def test_set_format_json_over_telnet(self):
        """No prompt, no empty line for the password's Enter; "are you there?" is answered in JSON."""
        daemon = self.start(FAST | {"operators.operator": f"alice {hash_of(PASSWORD)}"})
        for terminal in (b"TINTIN++", b"xterm"):
            bot = self.telnet_bot(daemon, terminal)
            bot.send(b"/set format json\r\n")
            bot.expect(r'\{"type":"option-set"[^\n]*\n')
            bot.send(b"\xff\xf6/oper alice\r\n" + PASSWORD.encode() + b"\r\n/ping\r\n\xff\xf6/quit\r\n")
            text = re.sub(r"(\\xff|\ufffd)\S*?(?=\{|\r?\n|$)", "", bot.rest())
            lines = [line.rstrip("\r") for line in text.split("\n")[:-1]]
            kinds = [json.loads(line)["type"] for line in lines if not line.startswith("\x1b")]
            self.assertEqual(kinds.count("alive"), 2, text)
            self.assertLessEqual({"password-ask", "server-operator", "pong", "goodbye"}, set(kinds))

    def test_set_plain_on_over_telnet_has_no_prompts(self):
        daemon = self.start(FAST)
        bot, alice = self.telnet_bot(daemon, b"TINTIN++"), self.at_nc(daemon, "alice")
        bot.send(b"/set plain on\r\n")
        bot.expect(r"plain is on now\.\r\n")
        alice.line("hello", "again")
        text = bot.expect(r"<alice> again\r\n")
        self.assertNotIn("bot> ", text)
        bot.send(b"/set plain off\r\n")
        bot.expect(r"plain is off now\.\r\n\[#lobby\] bot> ")

    def test_set_format_with_a_paste_question_open(self):
        """The mode changes when the question is answered: half of a paste is neither said nor lost."""
        daemon = self.start(FAST)
        for key, is_sent in ((b"y", True), (b"n", False)):
            bob = self.enter(daemon, "bob")
            bot = self.telnet_bot(daemon, b"xterm")
            bot.send(b"/set format json\r\x1b[200~one\r/two\x1b[201~")
            bot.expect(r"Send these 2 lines as one message\? \(y/n\) ")
            bot.send(key)
            bot.send(b"\r" if is_sent else b"")
            if is_sent:
                bob.expect(r"<bot> one\n      \| /two\n")
            bot.expect(r"\x1b\[\?2004l")
            bot.send(b"/ping\r\n")
            bot.expect(r'\{"type":"pong"[^\n]*\n')
            bot.send(b"in lines\r\n/quit\r\n")
            bob.expect(r"<bot> in lines\n")
            if not is_sent:
                self.assertNotIn("one", bot.rest())
            else:
                self.assertIn('{"type":"goodbye"', bot.rest())
            bob.line("/quit")
            bob.expect(r"Bye\.\n")

    def read_until(self, client, condition):
        """All whole lines up to the first object that fits."""
        text = ""
        while True:
            line = client.expect(r"^[^\n]*\n")
            text += line
            if condition(json.loads(line)):
                return text

    def test_set_format_text_goes_back(self):
        daemon = self.start(FAST)
        bot = self.at_nc(daemon, "bot")
        bot.line("/set format json", "/set format text", "/ping")
        text = bot.expect(r"pong\n")
        self.assertEqual([line for line in text.split("\n") if not line.startswith("{")],
                         ["*** format is text now.", "*** pong", ""])

    def test_set_format_json_examples_of_the_document(self):
        path = os.path.join(os.environ["TOP_SRCDIR"], "docs", "json.md")
        with open(path, encoding="utf-8") as file:
            document = file.read()
        examples = re.findall(r"^```json\n(.*?)^```", document, re.M | re.S)
        self.assertGreater(len(examples), 2)
        for line in "".join(examples).splitlines():
            example = json.loads(line)
            row = re.search(rf"^\| `{example['type']}` \|[^|]*\|", document, re.M)
            self.assertIsNotNone(row, line)
            for key in example.keys() - {"type", "time", "id", "room", "replay"}:
                self.assertIn(f"`{key}`", row.group(), line)

    # ---- colours ----

    def test_set_colour_and_bell_at_nc(self):
        daemon = self.start(FAST)
        alice, bob = self.at_nc(daemon, "alice"), self.at_nc(daemon, "bob")
        plain = self.at_nc(daemon, "plain")
        alice.line("/set colour on", "/set bell on", "/set joins off")
        alice.expect(r"joins is off now\.\x1b\[0m\n")
        bob.line("hi alice, \x02look\x0f", "nothing", "/msg alice psst")
        text = alice.expect(r"psst\x07?\n")
        lines = [re.sub(r"\d\d:\d\d", "HH:MM", line) for line in text.split("\n")[:-1]]
        self.assertEqual(lines, [
            "\x1b[2mHH:MM \x1b[0m<\x1b[36mbob\x1b[0m> hi \x1b[0;1malice\x1b[0m, \x1b[0;1mlook\x1b[0m\a",
            "\x1b[2mHH:MM \x1b[0m<\x1b[36mbob\x1b[0m> nothing",
            "\x1b[2mHH:MM \x1b[0m[\x1b[36mbob\x1b[0m] psst\a"])
        self.assertEqual(plain.sync(), ["HH:MM <bob> hi alice, look", "HH:MM <bob> nothing"])

    # ---- a terminal ----

    def screen(self, daemon, width=70, height=16, term="xterm-256color"):
        if shutil.which("tmux") is None or shutil.which("telnet") is None:
            self.skipTest("no tmux or telnet")
        screen = self.keep(Screen(["env", f"TERM={term}", "telnet", *map(str, daemon.address)], width, height))
        screen.wait_row(r"^Your name\?")
        screen.line("alice")
        screen.wait_end("*** Type to talk, /help for commands.", "[#lobby] alice>")
        return screen

    def test_set_colours_show_on_a_terminal(self):
        daemon = self.start(FAST)
        alice, bob = self.screen(daemon), self.at_nc(daemon, "bob")
        bob.line("hi alice", "\x02bold\x02 " + "long words " * 10)
        bob.sync()
        alice.wait(lambda rows: any("words" in row for row in rows), "the words")
        alice.wait_end("[#lobby] alice>")
        coloured = alice._tmux("capture-pane", "-p", "-e")
        self.assertRegex(coloured, r"\x1b\[38;5;\d+mbob\x1b\[(39|0)m")
        self.assertRegex(coloured, r"\x1b\[1malice")
        self.assertRegex(coloured, r"\x1b\[1mbold")
        self.assertRegex(coloured, r"\x1b\[2m.*bob joined")
        rows = alice.rows()
        start = next(i for i, row in enumerate(rows) if "bold long" in row)
        self.assertEqual(rows[start], ("HH:MM <bob> bold " + "long words " * 5)[:len(rows[start])])
        self.assertLessEqual(len(rows[start]), 69)
        self.assertTrue(rows[start + 1].startswith("      "), rows)
        alice.line("/set colour off")
        alice.wait_end("*** colour is off now.", "[#lobby] alice>")
        alice.keys("C-l")
        alice.wait(lambda rows: rows == ["[#lobby] alice>"], "a clear screen")
        bob.line("grey alice")
        alice.wait_end("HH:MM <bob> grey alice", "[#lobby] alice>")
        self.assertNotIn("\x1b[", alice._tmux("capture-pane", "-p", "-e"))

    def test_set_edit_off_and_on_at_a_terminal(self):
        daemon = self.start(FAST)
        alice, bob = self.screen(daemon), self.at_nc(daemon, "bob")
        alice.wait_row("bob joined")
        for option in ("edit", "plain"):
            off, on = ("off", "on") if option == "edit" else ("on", "off")
            alice.line(f"/set {option} {off}")
            alice.wait(lambda rows: rows[-1] == f"*** {option} is {off} now.", f"{option} {off}")
            alice.type("half")  # the client's terminal shows it, and there is no redrawing
            alice.wait(lambda rows: rows[-1] == "half", "half")
            bob.line("between")
            alice.wait(lambda rows: rows[-1].endswith("HH:MM <bob> between") or
                       re.search(r"half\d\d:\d\d <bob> between", rows[-1]), "between")
            alice.line(" a line")
            bob.expect(r"<alice> half a line\n")
            alice.line(f"/set {option} {on}")
            alice.wait_end(f"*** {option} is {on} now.", "[#lobby] alice>")
            alice.type("edit")
            alice.keys("C-a")
            alice.type("can ")
            alice.wait_end("[#lobby] alice> can edit")
            alice.keys("Enter")
            bob.expect(r"<alice> can edit\n")
        alice.line("/set format json")
        alice.wait(lambda rows: '"format"' in "".join(rows), "JSON")
        bob.line("in json")
        alice.wait(lambda rows: '"text":"in json"}' in "".join(rows), "a message")
        self.assertNotIn("[#lobby] alice>", alice.rows()[-1])
        alice.line("/set format text")
        alice.wait_end("*** format is text now.", "[#lobby] alice>")

    def test_set_mud_client_stays_without_colours(self):
        daemon = self.start(FAST)
        mud = self.connect(daemon)
        mud.send(b"mud\r\n")
        mud.expect(r"Your name\?[^\n]*\n")
        mud.send(b"\xff\xfb\x18\xff\xfa\x18\x00TINTIN++\xff\xf0")
        bob = self.at_nc(daemon, "bob", "hi mud")
        text = mud.expect(r"hi mud[^\n]*\n")
        self.assertNotIn("\x1b", text)
        self.assertNotIn("\a", text)
        self.assertEqual(untimed(text.split("\n")[-2].rstrip("\r")), "HH:MM <bob> hi mud")
        bob.sync()


if __name__ == "__main__":
    main()
