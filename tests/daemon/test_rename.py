#!/usr/bin/env python3
"""A room gets another name: people on nc, programs, and IRC clients with and without the word for it."""
import json
import os
import subprocess

from mingle_irc import IrcTest
from mingle_test import DEADLINE, MINGLED, main

MINGLECTL = os.path.abspath(os.environ.get("MINGLECTL") or os.path.join(os.path.dirname(MINGLED), "minglectl"))

READ = ("batch", "draft/chathistory", "message-tags", "server-time", "draft/read-marker")
MARK = "timestamp=2026-11-21T14:05:03.120Z"


def by(name, what):
    return f":{name}!u@{name}.mingle {what}"


class RenameTest(IrcTest):
    def setUp(self):
        super().setUp()
        self.daemon = self.start({"control.socket": "control.sock"})
        self.alice = self.enter(self.daemon, "alice")
        self.alice.line("/join #ops", "/topic Release", "hello")
        self.alice.sync()

    def enter_ops(self, client):
        client.line("JOIN #ops")
        client.sync()

    def rename(self, new, why=""):
        self.alice.line(f"/rename {new} {why}")
        return self.alice.sync()

    def test_rename_is_told_to_people_and_programs(self):
        bob, bot = self.nc(self.daemon), self.enter(self.daemon, "bot")
        bob.enter("bob")
        bob.line("/join #ops")
        bot.line("/join #ops")
        bot.sync()
        bot.line("/set format json")
        bot.expect(r"option-set[^\n]*\n")
        bob.sync()
        line = "*** alice renamed #ops to #devops: more than one team"
        bob.line("before")
        self.alice.expect("<bob> before\n")
        self.assertEqual(self.rename("#devops", "more than one team"), [line])
        self.alice.line("after")
        self.assertEqual(bob.sync()[-2:], [line, "HH:MM <alice> after"])
        bot.line("/history 2", "/ping")
        events = []
        while not events or events[-1]["type"] != "pong":
            events.append(json.loads(bot.read_line()))
        told, = (event for event in events if event["type"] == "room-renamed")
        self.assertEqual({key: told[key] for key in ("room", "from", "to", "reason")},
                         {"room": "#ops", "from": "alice", "to": "#devops", "reason": "more than one team"})
        said = [(event["text"], event["room"]) for event in events if event["type"] == "message"]
        self.assertEqual(said, [("before", "#ops"), ("after", "#devops"),
                                ("before", "#devops"), ("after", "#devops")])
        socket = os.path.join(self.daemon.folder, "control.sock")
        shown = subprocess.run([MINGLECTL, "--socket", socket, "rooms"], check=True, timeout=DEADLINE,
                               capture_output=True, text=True).stdout
        self.assertIn("#devops", shown)
        self.assertNotIn("#ops", shown)

    def test_rename_leaves_all_else_and_the_old_name(self):
        bob = self.enter(self.daemon, "bob")
        bob.line("/join #ops")
        bob.sync()
        self.rename("#devops")
        bob.line("/part #devops", "/join #devops")
        shown = bob.sync()
        self.assertIn("*** You are bob, in #devops with @alice. Topic: Release", shown)
        self.assertIn("HH:MM <alice> hello", shown)
        bob.line("/join #ops")
        self.assertIn("*** You are bob, in #ops, alone so far.", bob.sync())
        self.assertEqual(self.rename("#OPS")[-1], "*** There is a room #OPS already. Try another name: /rename #NEW")
        bob.line("/switch #devops", "/rename #mine")
        self.assertEqual(bob.sync()[-1], "*** Only operators of #devops can do that. Ask one (@alice).")

    def test_rename_is_told_to_irc_clients(self):
        knows = self.irc(self.daemon, "carol", "draft/channel-rename")
        other = self.irc(self.daemon, "dave")
        for client in knows, other:
            self.enter_ops(client)
        knows.sync()
        self.rename("#devops", "why")
        self.assertEqual(knows.sync(), [by("alice", "RENAME #ops #devops :why")])
        self.assertEqual(other.sync(), [
            by("dave", "PART #ops :why"), by("dave", "JOIN #devops"),
            ":localhost.mingle 332 dave #devops :Release",
            ":localhost.mingle 333 dave #devops alice!u@alice.mingle TIME",
            ":localhost.mingle 353 dave = #devops :@alice carol dave",
            ":localhost.mingle 366 dave #devops :End of NAMES list"])
        self.rename("#DevOps")
        self.assertEqual(knows.sync(), [by("alice", "RENAME #devops #DevOps :")])
        self.assertEqual(other.sync(), [])
        other.line("PRIVMSG #devops :hi", "PRIVMSG #ops :nobody")
        self.assertEqual(knows.sync(), [by("dave", "PRIVMSG #DevOps :hi")])
        self.assertTrue(other.sync()[0].startswith(":localhost.mingle 403 dave #ops "))

    def test_rename_by_irc_clients(self):
        carol = self.irc(self.daemon, "carol", "draft/channel-rename", "batch", "labeled-response")
        dave = self.irc(self.daemon, "dave")
        self.enter_ops(carol)
        refused = carol.ask("RENAME #ops", "RENAME #ops #new", "RENAME #no #new", "RENAME #new")
        self.assertEqual([text.split()[1] for text in refused], ["461", "482", "403", "461"])
        self.assertEqual(dave.ask("RENAME #ops #new")[0].split()[1], "442")
        self.alice.line("/op carol")
        self.alice.sync()
        carol.sync()
        for name, code in (("#lobby", "CHANNEL_NAME_IN_USE"), ("#a!b", "CANNOT_RENAME")):
            text, = carol.ask(f"RENAME #ops {name} :why")
            self.assertTrue(text.startswith(f":localhost.mingle FAIL RENAME {code} #ops {name} :"), text)
        carol.line("@label=x RENAME #ops #new :why")
        answer, = carol.sync_messages()
        self.assertEqual((answer.text, answer.tags), (by("carol", "RENAME #ops #new :why"), {"label": "x"}))
        self.assertEqual(self.alice.sync()[-1], "*** carol renamed #ops to #new: why")

    def test_rename_keeps_history_and_how_far_one_has_read(self):
        carol = self.irc(self.daemon, "carol", "draft/channel-rename", *READ)
        dave = self.irc(self.daemon, "dave", *READ)
        for client in carol, dave:
            self.enter_ops(client)
            client.ask(f"MARKREAD #ops {MARK}")
        self.rename("#new")
        self.assertEqual([text for text in dave.sync() if "MARKREAD" in text],
                         [f":localhost.mingle MARKREAD #new {MARK}"])
        carol.sync()
        self.assertEqual(carol.ask("MARKREAD #new", "MARKREAD #ops"),
                         [f":localhost.mingle MARKREAD #new {MARK}", ":localhost.mingle MARKREAD #ops *"])
        carol.line("CHATHISTORY LATEST #new * 5")
        begin, said, _ = carol.sync_messages()
        self.assertEqual((begin.params[2], said.text), ("#new", by("alice", "PRIVMSG #new :hello")))
        carol.line("CHATHISTORY TARGETS timestamp=2020-01-01T00:00:00Z timestamp=2100-01-01T00:00:00Z 5")
        _, target, _ = carol.sync_messages()
        self.assertEqual(target.params[:2], ["TARGETS", "#new"])


if __name__ == "__main__":
    main()
