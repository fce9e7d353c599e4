#!/usr/bin/env python3
"""IRC clients: coming in, capabilities, rooms shared with everybody else, and how it ends."""
import itertools

from mingle_irc import IrcTest
from mingle_test import main

ALL_CAPS = ("batch", "echo-message", "extended-join", "message-tags", "multi-prefix", "server-time",
            "standard-replies", "userhost-in-names")
SERVER = ":localhost.mingle"


def by(name, what):
    return f":{name}!u@{name}.mingle {what}"


def commands(messages):
    return [message.command for message in messages]


class ComingInTest(IrcTest):
    def test_irc_register_in_any_order(self):
        daemon = self.start()
        lines = ("NICK bob", "USER bob 0 * :Bob B", "PASS secret")
        for order in itertools.permutations(lines):
            client = self.irc(daemon)
            client.line(*order)
            self.assertEqual(commands(client.until("366")),
                             "001 002 003 004 005 005 251 254 255 265 266 422 JOIN 353 366".split())
            late = [f"{SERVER} 462 bob :You have done that already"] if order[-1] == lines[2] else []
            self.assertEqual(client.sync(), late)
            client.line("QUIT")
            self.assertEqual(client.last_words(), ["ERROR :Closing link: Bye"])
        self.assertEqual(self.irc(daemon).ask("PASS x", "JOIN #a", "USER a"),
                         [f"{SERVER} 451 * JOIN :Give a name first: NICK and USER",
                          f"{SERVER} 461 * USER :Not enough parameters"])

    def test_irc_register_waits_for_the_end_of_caps(self):
        client = self.irc(self.start())
        client.line("CAP LS 302", "NICK bob", "USER bob 0 * :Bob")
        listed = client.message()
        self.assertEqual(listed.params[:2], ["*", "LS"])
        self.assertLessEqual(set(ALL_CAPS), set(listed.params[2].split()))
        self.assertEqual(client.ask("CAP REQ :server-time nonsense", "CAP REQ server-time", "CAP LIST"),
                         [f"{SERVER} CAP * NAK :server-time nonsense", f"{SERVER} CAP * ACK :server-time",
                          f"{SERVER} CAP * LIST :cap-notify server-time"])
        client.line("CAP END")
        self.assertEqual(client.until("366")[0].command, "001")

    def test_irc_register_tries_another_name(self):
        daemon = self.start()
        self.irc(daemon, "bob")
        client = self.irc(daemon)
        client.line("NICK BOB", "USER bob 0 * :Bob", "NICK 1bob", "NICK bob", "NICK :", "NICK bob_")
        messages = client.until("366")
        self.assertEqual([(message.command, message.params[1]) for message in messages[:4]],
                         [("433", "BOB"), ("432", "1bob"), ("433", "bob"), ("431", "No name given")])
        self.assertEqual(messages[4].params[0], "bob_")

    def test_irc_register_has_its_time_and_its_lines(self):
        daemon = self.start({"limits.name_timeout": "300ms"})
        client = self.irc(daemon)
        client.line("NICK bob")
        self.assertEqual(client.last_words(), ["ERROR :Closing link: Registration took too long"])
        daemon.wait_log("closed reason=name-timeout")
        daemon = self.start()
        client = self.irc(daemon)
        client.line(*["PING x"] * 99)
        self.assertEqual(len(client.until("PONG")), 1)
        client.line("PING last")
        self.assertEqual(client.last_words()[-2:],
                         [f"{SERVER} PONG localhost.mingle :last",
                          "ERROR :Closing link: Registration took too many lines"])

    def test_irc_register_is_welcomed(self):
        daemon = self.start({"server.name": "chat.example.org", "rooms.lobby": "#hall",
                             "limits.rooms_per_user": "7"})
        client = self.irc(daemon)
        client.line("NICK bob", "USER bob 0 * :Bob")
        texts = [message.text for message in client.until("366")]
        self.assertEqual(texts[0], ":chat.example.org 001 bob :Welcome, bob")
        self.assertRegex(texts[3], r"^:chat\.example\.org 004 bob chat\.example\.org mingle-[^ ]+ o \w+$")
        self.assertIn(" CHANLIMIT=#:7 ", texts[4])
        self.assertIn(" NETWORK=chat.example.org ", texts[4])
        self.assertEqual(texts[-4:], [":chat.example.org 422 bob :There is no message of the day",
                                     by("bob", "JOIN #hall"), ":chat.example.org 353 bob = #hall :bob",
                                     ":chat.example.org 366 bob #hall :End of NAMES list"])


class SharedRoomsTest(IrcTest):
    def test_irc_and_plain_hear_each_other(self):
        daemon = self.start()
        irc = self.irc(daemon, "bob")
        plain = self.enter(daemon, "alice")
        self.assertEqual(irc.sync(), [by("alice", "JOIN #lobby")])
        plain.line("hello", "/me waves", "/msg bob psst")
        plain.sync()
        self.assertEqual(irc.sync(), [by("alice", "PRIVMSG #lobby :hello"),
                                      by("alice", "PRIVMSG #lobby :\001ACTION waves\001"),
                                      by("alice", "PRIVMSG bob :psst")])
        self.assertEqual(irc.ask("PRIVMSG #lobby :hi", "PRIVMSG #lobby :\001ACTION nods\001",
                                 "PRIVMSG alice :psst too", "NOTICE #lobby :by a program"), [])
        self.assertEqual(plain.sync(), ["HH:MM <bob> hi", "HH:MM * bob nods", "HH:MM [bob] psst too",
                                        "HH:MM <bob> by a program"])
        self.assertEqual(irc.ask("PRIVMSG alice :\001VERSION\001"),
                         [f"{SERVER} NOTICE bob :Not sent: of CTCP only ACTION is passed on here"])
        irc.line("QUIT :gone fishing")
        self.assertEqual(irc.last_words(), ["ERROR :Closing link: Bye"])
        plain.expect(r"-- bob left \(gone fishing\)\n")

    def test_irc_rooms_are_those_of_everybody(self):
        daemon = self.start()
        irc, plain = self.irc(daemon, "bob"), self.enter(daemon, "alice")
        irc.sync()
        self.assertEqual(irc.ask("JOIN #a,nonsense,#b ,key", "NAMES #a", "TOPIC #a :All of it", "TOPIC #a"), [
            f"{SERVER} 403 bob nonsense :There is no such room",
            by("bob", "JOIN #a"), f"{SERVER} 353 bob = #a :@bob", f"{SERVER} 366 bob #a :End of NAMES list",
            by("bob", "JOIN #b"), f"{SERVER} 353 bob = #b :@bob", f"{SERVER} 366 bob #b :End of NAMES list",
            f"{SERVER} 353 bob = #a :@bob", f"{SERVER} 366 bob #a :End of NAMES list",
            by("bob", "TOPIC #a :All of it"), f"{SERVER} 332 bob #a :All of it",
            f"{SERVER} 333 bob #a bob!u@bob.mingle TIME"])
        plain.line("/join #a")
        self.assertIn("*** You are alice, in #a with @bob. Topic: All of it", plain.sync())
        self.assertEqual(irc.sync(), [by("alice", "JOIN #a")])
        self.assertEqual(irc.ask("PRIVMSG #b :alone", "PRIVMSG #nowhere :x", "PART #b :enough", "PART #b"), [
            f"{SERVER} 403 bob #nowhere :There is no such room",
            by("bob", "PART #b"), f"{SERVER} 403 bob #b :There is no such room"])


if __name__ == "__main__":
    main()
