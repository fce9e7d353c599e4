#!/usr/bin/env python3
"""What IRC clients know of single messages: their ids, what was said before, labels, and messages of several lines."""
from mingle_irc import IrcTest
from mingle_test import main

SERVER = ":localhost.mingle"
HISTORY = ("batch", "draft/chathistory", "message-tags", "server-time", "standard-replies")
LABELS = ("batch", "labeled-response", "echo-message", "message-tags")
LINES = ("batch", "draft/multiline", "message-tags", "echo-message")


def by(name, what):
    return f":{name}!u@{name}.mingle {what}"


class HistoryTest(IrcTest):
    def setUp(self):
        super().setUp()
        self.daemon = self.start()
        self.alice = self.irc(self.daemon, "alice", *HISTORY, "echo-message")

    def say(self, *texts):
        """What alice says, as messages that come back to her."""
        self.alice.line(*(f"PRIVMSG #lobby :{text}" for text in texts))
        return self.alice.sync_messages()[-len(texts):]

    def read(self, client, command, target="#lobby"):
        """The messages in the batch that answers; the batch has to be whole."""
        client.line(f"CHATHISTORY {command}")
        begin, *inside, end = client.sync_messages()
        self.assertEqual((begin.command, begin.params[1:]), ("BATCH", ["chathistory", target]))
        self.assertEqual((end.command, end.params), ("BATCH", ["-" + begin.params[0][1:]]))
        self.assertEqual({message.tags["batch"] for message in inside} - {begin.params[0][1:]}, set())
        return inside

    def texts(self, *args):
        return [message.params[1] for message in self.read(*args)]

    def test_irc_history_ids_are_the_same_everywhere(self):
        bob = self.irc(self.daemon, "bob", *HISTORY)
        self.alice.sync()
        echo, = self.say("one")
        heard, = bob.sync_messages()
        again, = self.read(bob, "LATEST #lobby * 10")
        self.assertEqual(echo.tags, heard.tags)
        self.assertEqual({key: again.tags[key] for key in ("msgid", "time")}, heard.tags)
        self.assertEqual(again.text, heard.text)
        self.alice.line("PRIVMSG bob :psst")
        echo, = self.alice.sync_messages()
        heard, = bob.sync_messages()
        self.assertEqual(echo.tags, heard.tags)
        self.assertIn("msgid", heard.tags)
        self.assertEqual(self.texts(bob, "LATEST #lobby * 10"), ["one"])

    def test_irc_history_gives_the_part_that_is_asked_for(self):
        ids = [message.tags["msgid"] for message in self.say("one", "two", "three", "four", "five")]
        plain = self.enter(self.daemon, "carol")
        plain.line("six", "/me waves")
        plain.sync()
        bob = self.irc(self.daemon, "bob", *HISTORY)
        six = self.read(bob, "LATEST #lobby * 2")[0].tags["msgid"]
        for command, want in (
                ("LATEST #lobby * 2", ["six", "\001ACTION waves\001"]),
                (f"LATEST #lobby msgid={six} 9", ["\001ACTION waves\001"]),
                (f"BEFORE #lobby msgid={ids[3]} 2", ["two", "three"]),
                (f"AFTER #lobby msgid={ids[3]} 2", ["five", "six"]),
                (f"AROUND #lobby msgid={ids[2]} 3", ["two", "three", "four"]),
                (f"BETWEEN #lobby msgid={ids[0]} msgid={ids[4]} 9", ["two", "three", "four"]),
                (f"BETWEEN #lobby msgid={ids[4]} msgid={ids[0]} 2", ["three", "four"]),
                ("AFTER #lobby timestamp=2020-01-01T00:00:00.000Z 2", ["one", "two"]),
                ("BEFORE #lobby timestamp=2020-01-01T00:00:00.000Z 2", [])):
            with self.subTest(command):
                self.assertEqual(self.texts(bob, command), want)

    def test_irc_history_is_in_its_place(self):
        """What is said before the question is in the answer, what is said later comes later."""
        self.alice.line("PRIVMSG #lobby :before", "CHATHISTORY LATEST #lobby * 9", "PRIVMSG #lobby :after")
        texts = [message.params[-1] for message in self.alice.sync_messages()]
        self.assertEqual([text for text in texts if text in ("before", "after")], ["before", "before", "after"])

    def test_irc_history_is_only_for_who_is_there(self):
        bob = self.irc(self.daemon, "bob", *HISTORY)
        self.alice.ask("JOIN #ops", "PRIVMSG #ops :secret")
        refused = "INVALID_TARGET LATEST {} :Only the history of the rooms you are in can be read"
        for room in ("#ops", "#none"):
            self.assertEqual(bob.ask(f"CHATHISTORY LATEST {room} * 9"),
                             [f"{SERVER} FAIL CHATHISTORY {refused.format(room)}"])
        self.assertEqual(bob.ask("CHATHISTORY LATEST alice * 9", "CHATHISTORY NONE"), [
            f"{SERVER} FAIL CHATHISTORY INVALID_TARGET LATEST alice :Only what is said in rooms is kept",
            f"{SERVER} FAIL CHATHISTORY UNKNOWN_COMMAND NONE "
            ":There are AFTER, AROUND, BEFORE, BETWEEN, LATEST and TARGETS"])
        bob.ask("JOIN #ops")
        self.assertEqual(self.texts(bob, "LATEST #ops * 9", "#ops"), ["secret"])

    def test_irc_history_tells_where_something_was_said(self):
        self.alice.ask("JOIN #quiet", "JOIN #ops", "PRIVMSG #ops :one", "PRIVMSG #lobby :two")
        self.alice.line("CHATHISTORY TARGETS timestamp=2020-01-01T00:00:00.000Z "
                        "timestamp=2999-01-01T00:00:00.000Z 9")
        begin, *rooms, end = self.alice.sync_messages()
        self.assertEqual(begin.params[1:], ["draft/chathistory-targets"])
        self.assertEqual([(room.command, *room.params[:2]) for room in rooms],
                         [("CHATHISTORY", "TARGETS", "#ops"), ("CHATHISTORY", "TARGETS", "#lobby")])
        self.assertEqual(end.params, ["-" + begin.params[0][1:]])

    def test_irc_history_comes_by_itself_only_to_who_does_not_ask(self):
        self.say("one")
        shown = self.irc(self.daemon).register("bob", "batch", "server-time")
        self.assertIn(by("alice", "PRIVMSG #lobby :one"), [message.text for message in shown])
        asked = self.irc(self.daemon).register("carol", *HISTORY)
        self.assertNotIn(by("alice", "PRIVMSG #lobby :one"), [message.text for message in asked])


class RedactTest(IrcTest):
    def test_irc_redact_takes_it_from_everybody(self):
        daemon = self.start()
        bob = self.irc(daemon, "bob", *HISTORY, "echo-message", "draft/message-redaction")
        alice = self.irc(daemon, "alice", *HISTORY, "draft/message-redaction")
        other, plain = self.irc(daemon, "carol"), self.enter(daemon, "dave")
        bob.line("PRIVMSG #lobby :oops", "PRIVMSG #lobby :stays")
        oops = [message for message in bob.sync_messages() if message.command == "PRIVMSG"][0].tags["msgid"]
        for client in (alice, other, plain):
            client.sync()
        self.assertEqual(alice.ask(f"REDACT #lobby {oops}"), [
            f"{SERVER} FAIL REDACT REDACT_FORBIDDEN #lobby {oops} "
            ":Only who said it, and operators of the room, take it back"])
        told = by("bob", f"REDACT #lobby {oops} :wrong room")
        self.assertEqual(bob.ask(f"REDACT #lobby {oops} :wrong room"), [told])
        self.assertEqual(alice.sync(), [told])
        self.assertRegex("".join(other.sync()), r"^:localhost\.mingle NOTICE #lobby "
                         r":bob took back what bob said \d seconds? ago: wrong room$")
        self.assertEqual(plain.sync(), ["HH:MM -- bob took back a message (wrong room)"])
        self.assertEqual(bob.ask(f"REDACT #lobby {oops}"), [
            f"{SERVER} FAIL REDACT UNKNOWN_MSGID #lobby {oops} :That message is not there any more"])
        alice.line("CHATHISTORY LATEST #lobby * 9")
        self.assertEqual([message.params[-1] for message in alice.sync_messages()[1:-1]], ["stays"])
        plain.line("/history")
        self.assertNotIn("oops", "".join(plain.sync()))


class ReadTest(IrcTest):
    def test_irc_read_marks_are_there_on_entering(self):
        client = self.irc(self.start(), "bob", "draft/read-marker")
        mark = "timestamp=2026-11-21T14:05:03.120Z"
        self.assertEqual(client.ask("JOIN #a")[:2], [by("bob", "JOIN #a"), f"{SERVER} MARKREAD #a *"])
        self.assertEqual(client.ask(f"MARKREAD #a {mark}", "MARKREAD #a", "MARKREAD"), [
            f"{SERVER} MARKREAD #a {mark}", f"{SERVER} MARKREAD #a {mark}",
            f"{SERVER} FAIL MARKREAD NEED_MORE_PARAMS :Give a room or a person"])
        self.assertEqual(client.ask("PART #a", "JOIN #a")[1:3],
                         [by("bob", "JOIN #a"), f"{SERVER} MARKREAD #a {mark}"])


class LabelTest(IrcTest):
    def setUp(self):
        super().setUp()
        self.daemon = self.start()
        self.bob = self.irc(self.daemon, "bob", *LABELS)

    def ask(self, line):
        """The messages that answer the line, with the label."""
        self.bob.line(f"@label=l1 {line}")
        messages = self.bob.sync_messages()
        self.assertEqual([message.tags.get("label") for message in messages],
                         ["l1"] + [None] * (len(messages) - 1))
        return messages

    def test_irc_label_of_one_answer(self):
        for line, want in (("PONG x", f"{SERVER} ACK"),
                           ("TAGMSG #lobby", f"{SERVER} ACK"),
                           ("PING x", f"{SERVER} PONG localhost.mingle :x"),
                           ("PRIVMSG #lobby :hi", by("bob", "PRIVMSG #lobby :hi")),
                           ("PRIVMSG nobody :hi", f"{SERVER} 401 bob nobody :Nobody of that name is here"),
                           ("NOTICE nobody :hi", f"{SERVER} ACK"),
                           ("NONSENSE", f"{SERVER} 421 bob NONSENSE :Unknown command"),
                           ("NICK bob", f"{SERVER} ACK"),
                           ("OPER bob x", f"{SERVER} 464 bob :There is no such operator with that password"),
                           ("CAP REQ :away-notify", f"{SERVER} CAP bob ACK :away-notify")):
            with self.subTest(line):
                message, = self.ask(line)
                self.assertEqual(message.text, want)

    def test_irc_label_of_several_answers_is_on_their_batch(self):
        for line, commands in (("WHOIS bob", {"311", "319", "312", "317", "318"}),
                               ("JOIN #a,#b", {"JOIN", "353", "366"}),
                               ("PRIVMSG #lobby,nobody :hi", {"PRIVMSG", "401"})):
            with self.subTest(line):
                begin, *inside, end = self.ask(line)
                reference = begin.params[0][1:]
                self.assertEqual(begin.text, f"{SERVER} BATCH +{reference} labeled-response")
                self.assertLessEqual(commands, {message.command for message in inside})
                self.assertEqual({message.tags["batch"] for message in inside}, {reference})
                self.assertEqual(end.text, f"{SERVER} BATCH -{reference}")

    def test_irc_label_of_a_batch_is_on_that_batch(self):
        self.bob.ask("PRIVMSG #lobby :hi")
        begin, said, end = self.ask("CHATHISTORY LATEST #lobby * 5")
        self.assertEqual(begin.params[1:], ["chathistory", "#lobby"])
        self.assertEqual((said.tags["batch"], end.params[0][1:]), (begin.params[0][1:],) * 2)

    def test_irc_label_is_not_on_what_others_do(self):
        alice = self.irc(self.daemon, "alice")
        self.bob.sync()
        alice.ask("PRIVMSG #lobby :one", "PRIVMSG bob :two")
        answers = self.bob.ask("@label=l1 PRIVMSG #lobby :three")
        self.assertEqual(answers, [by("alice", "PRIVMSG #lobby :one"), by("alice", "PRIVMSG bob :two"),
                                   by("bob", "PRIVMSG #lobby :three")])

    def test_irc_label_of_what_is_said_to_oneself_is_on_the_echo(self):
        self.bob.line("@label=l1 PRIVMSG bob :memo")
        messages = self.bob.sync_messages()
        self.assertEqual([message.text for message in messages], [by("bob", "PRIVMSG bob :memo")] * 2)
        self.assertEqual([message.tags.get("label") for message in messages], [None, "l1"])

    def test_irc_label_before_there_is_a_name(self):
        client = self.irc(self.daemon)
        client.line("CAP LS 302", "CAP REQ :batch labeled-response")
        client.until("CAP", "*", "ACK")
        for line, want in (("NICK 1", "432"), ("USER a 0 * :a", "ACK"), ("NICK bob", "ACK"), ("JOIN #a", "451"),
                           ("CAP END", "433")):
            client.line(f"@label={want} {line}")
            message = client.message()
            self.assertEqual((message.command, message.tags), (want, {"label": want}))

    def test_irc_label_needs_both_capabilities(self):
        for caps in (("batch",), ("labeled-response",), ()):
            client = self.irc(self.daemon, None)
            client.register("carol", *caps)
            client.line("@label=l1 PING x")
            message = client.message()
            self.assertEqual((message.command, message.tags), ("PONG", {}))
            client.line("QUIT")
            client.last_words()


class MultilineTest(IrcTest):
    def setUp(self):
        super().setUp()
        self.daemon = self.start()
        self.bob = self.irc(self.daemon, "bob", *LINES)

    def batch(self, *lines, target="#lobby"):
        return [f"BATCH +b1 draft/multiline {target}", *lines, "BATCH -b1"]

    def line(self, text, more="", target="#lobby"):
        return f"@batch=b1{more} PRIVMSG {target} :{text}"

    def test_irc_multiline_is_one_message_for_all(self):
        plain = self.enter(self.daemon, "alice")
        other = self.irc(self.daemon, "carol", "message-tags")
        knows = self.irc(self.daemon, "dave", *LINES)
        for client in (self.bob, plain, other, knows):
            client.sync()
        self.bob.line(*self.batch(self.line("one "), self.line("and more", ";draft/multiline-concat"),
                                  self.line(""), self.line("three")))
        echo = self.bob.sync_messages()
        heard = knows.sync_messages()
        self.assertEqual([message.text for message in heard],
                         [by("bob", f"BATCH {heard[0].params[0]} draft/multiline #lobby"),
                          by("bob", "PRIVMSG #lobby :one and more"), by("bob", "PRIVMSG #lobby :"),
                          by("bob", "PRIVMSG #lobby :three"),
                          f"{SERVER} BATCH -{heard[0].params[0][1:]}"])
        self.assertEqual([message.tags for message in echo], [message.tags for message in heard])
        fallback = other.sync_messages()
        self.assertEqual([message.text for message in fallback], [by("bob", "PRIVMSG #lobby :one and more"),
                                                                  by("bob", "PRIVMSG #lobby :three")])
        self.assertEqual([message.tags.get("msgid") for message in fallback], [heard[0].tags["msgid"], None])
        self.assertEqual(plain.sync()[0], "HH:MM <bob> one and more")

    def test_irc_multiline_goes_to_people_too(self):
        alice = self.irc(self.daemon, "alice", *LINES)
        self.bob.line(*self.batch(self.line("a", target="alice"), self.line("b", target="alice"), target="alice"))
        self.assertEqual([message.params[-1] for message in self.bob.sync_messages()[-3:-1]], ["a", "b"])
        self.assertEqual([message.params[-1] for message in alice.sync_messages()[1:-1]], ["a", "b"])

    def test_irc_multiline_has_the_tags_of_its_beginning(self):
        knows, other = self.irc(self.daemon, "dave", *LINES), self.irc(self.daemon, "carol", "message-tags")
        self.bob.sync(), knows.sync()
        begin, *lines = self.batch(self.line("a", more=";+a=1"), self.line("b"))
        self.bob.line("@+draft/reply=x " + begin, *lines)
        for client in (self.bob, knows, other):
            first, *more = client.sync_messages()[-4:]
            self.assertEqual(first.tags["+draft/reply"], "x", client.label)
            self.assertEqual([key for message in more for key in message.tags if key[0] == "+"], [])

    def test_irc_multiline_with_mistakes_says_nothing(self):
        alice = self.irc(self.daemon, "alice")
        self.bob.sync()
        invalid = f"{SERVER} FAIL BATCH MULTILINE_"
        self.assertEqual(self.bob.ask(*self.batch(self.line("a"), self.line("b", target="#other"), self.line("c"))),
                         [invalid + "INVALID_TARGET #lobby #other :All lines go where the batch goes"])
        self.assertEqual(self.bob.ask(*self.batch(*[self.line("x")] * 51)),
                         [invalid + "MAX_LINES 50 :Too many lines"])
        self.assertEqual(self.bob.ask(*self.batch(*[self.line("x" * 400)] * 11)),
                         [invalid + "MAX_BYTES 4096 :Too many bytes"])
        self.assertEqual(self.bob.ask(*self.batch(self.line(""))), [invalid + "INVALID :There was nothing in it"])
        self.assertEqual(alice.sync(), [])
        self.assertEqual(len(self.bob.ask(*self.batch(*[self.line("x")] * 50))), 52)
        self.assertEqual(len(alice.sync()), 50)
        self.assertEqual(alice.ask(*self.batch(self.line("a")))[0], f"{SERVER} 421 alice BATCH :Unknown command")

    def test_irc_multiline_has_a_label_as_a_whole(self):
        bob = self.irc(self.daemon, "rob", *LINES, "labeled-response")
        begin, *lines = self.batch(self.line("a"), self.line("b"))
        bob.line("@label=l1 " + begin, *lines)
        messages = bob.sync_messages()
        self.assertEqual([message.tags.get("label") for message in messages], ["l1", None, None, None])
        begin, *lines = self.batch(self.line("a"), self.line("b", target="#x"), self.line("c"))
        bob.line("@label=l2 " + begin, *lines)
        message, = bob.sync_messages()
        self.assertEqual((message.command, message.tags), ("FAIL", {"label": "l2"}))


if __name__ == "__main__":
    main()
