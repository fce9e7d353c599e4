#!/usr/bin/env python3
"""IRC clients: coming in, capabilities, rooms shared with everybody else, and how it ends."""
import itertools
import signal

from mingle_irc import IrcTest
from mingle_test import config_text, main

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
                             "001 002 003 004 005 005 005 251 254 255 265 266 422 JOIN 353 366".split())
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
        daemon = self.start({"limits.name_timeout": "1s"})
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
        self.assertRegex(texts[3], r"^:chat\.example\.org 004 bob chat\.example\.org mingle-[^ ]+ Biow \w+$")
        self.assertIn(" CHANLIMIT=#:7 ", texts[4])
        self.assertIn(" NETWORK=chat.example.org ", texts[4] + texts[5])
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
            by("bob", "PART #b :enough"), f"{SERVER} 403 bob #b :There is no such room"])

    def test_irc_operators_and_modes(self):
        daemon = self.start()
        bob, plain = self.irc(daemon, "bob"), self.enter(daemon, "alice")
        bob.ask("JOIN #a")
        plain.line("/join #a")
        plain.sync()
        carol = self.irc(daemon, "carol")
        carol.ask("JOIN #a")
        bob.sync(), plain.sync()
        self.assertEqual(carol.ask("MODE #a +m", "KICK #a alice", "MODE #a", "MODE carol", "MODE bob"), [
            f"{SERVER} 482 carol #a :Only operators of the room do that",
            f"{SERVER} 482 carol #a :Only operators of the room do that",
            f"{SERVER} 324 carol #a +n", f"{SERVER} 329 carol #a TIME", f"{SERVER} 221 carol +",
            f"{SERVER} 502 carol :Modes of others cannot be seen or changed"])
        changes = ("MODE #a +mk sesame", "MODE #a +vl alice 7", "MODE #a +b *!*@192.0.2.*", "MODE #a b", "MODE #a")
        self.assertEqual(bob.ask(*changes), [
            by("bob", "MODE #a +m"), by("bob", "MODE #a +k sesame"), by("bob", "MODE #a +v alice"),
            by("bob", "MODE #a +l 7"), by("bob", "MODE #a +b *!*@192.0.2.*"),
            f"{SERVER} 367 bob #a *!*@192.0.2.*", f"{SERVER} 368 bob #a :End of ban list",
            f"{SERVER} 324 bob #a +nmkl * 7", f"{SERVER} 329 bob #a TIME"])
        self.assertEqual(carol.sync(), [
            by("bob", "MODE #a +m"), by("bob", "MODE #a +k *"), by("bob", "MODE #a +v alice"),
            by("bob", "MODE #a +l 7"), by("bob", "MODE #a +b *!*@192.0.2.*")])
        self.assertEqual(carol.ask("MODE #a b", "MODE #a e"), [
            f"{SERVER} 368 carol #a :End of ban list", f"{SERVER} 349 carol #a :End of ban exception list"])
        self.assertEqual(carol.ask("PRIVMSG #a :may I?"), [
            f"{SERVER} 404 carol #a :Only operators and who has voice talk there (+m)"])
        self.assertEqual(len(plain.sync()), 5)
        bob.line("KICK #a carol,alice :enough")
        self.assertEqual(bob.sync(), [by("bob", "KICK #a carol :enough"), by("bob", "KICK #a alice :enough")])
        self.assertEqual(carol.sync(), [by("bob", "KICK #a carol :enough")])
        self.assertEqual(plain.sync(), [
            "HH:MM -- bob kicked carol (enough)",
            "*** bob kicked you from #a (enough). What you type goes to #lobby now."])
        self.assertEqual(carol.ask("JOIN #a", "JOIN #a wrong", "JOIN #a sesame")[:3], [
            f"{SERVER} 475 carol #a :The room needs a key (+k): JOIN #room key",
            f"{SERVER} 475 carol #a :That is not the key of the room (+k)", by("carol", "JOIN #a")])

    def test_irc_hears_what_people_do(self):
        daemon = self.start()
        plain = self.enter(daemon, "alice")
        plain.line("/join #a")
        bob = self.irc(daemon, "bob")
        bob.ask("JOIN #a")
        for line, heard in {
                "/op bob": "MODE #a +o bob", "/topic Friday": "TOPIC #a :Friday", "/slow 5s": "MODE #a +W 5",
                "/nick al": "NICK al"}.items():
            plain.line(line)
            plain.sync()
            self.assertEqual(bob.sync(), [by("alice", heard)], line)
        plain.line("/deop bob", "/kick bob enough")
        plain.sync()
        self.assertEqual(bob.sync(), [by("al", "MODE #a -o bob"), by("al", "KICK #a bob :enough")])
        plain.line("/part #a done", "/join #lobby", "/quit bye")
        plain.rest()
        self.assertEqual(bob.sync(), [by("al", "QUIT :bye")])

    def test_irc_who_does_it_is_told_what_the_others_are(self):
        daemon = self.start()
        bob, plain = self.irc(daemon, "bob"), self.enter(daemon, "alice")
        bob.ask("JOIN #a")
        plain.line("/join #a")
        plain.sync()
        bob.sync()
        self.assertEqual(bob.ask("MODE #a +b alice", "PART #a :enough of it"), [
            by("bob", "MODE #a +b alice!*@*"), by("bob", "KICK #a alice :bob"), by("bob", "PART #a :enough of it")])

    def test_irc_who_comes_and_goes_at_once_is_shown_what_was_said(self):
        daemon = self.start()
        plain, bob = self.enter(daemon, "alice"), self.irc(daemon, "bob", "server-time")
        plain.line("/join #a", "hello")
        plain.sync()
        bob.sync()
        self.assertIn(by("alice", "PRIVMSG #a :[TIME UTC] hello"), bob.ask("JOIN #a", "PART #a"))

    def test_irc_asks_who_is_there(self):
        daemon = self.start()
        bob, plain = self.irc(daemon, "bob"), self.enter(daemon, "alice")
        plain.line("/away lunch")
        plain.sync()
        bob.sync()
        whois = bob.ask("WHOIS alice")
        self.assertEqual([line.split()[1] for line in whois], ["311", "319", "312", "301", "317", "318"])
        self.assertIn(f"{SERVER} 312 bob alice localhost.mingle :plain", whois)
        self.assertEqual(bob.ask("PRIVMSG alice :there?", "PRIVMSG alice :?", "WHOIS nobody"), [
            f"{SERVER} 301 bob alice :lunch", f"{SERVER} 401 bob nobody :Nobody of that name is here",
            f"{SERVER} 318 bob nobody :End of WHOIS list"])
        self.assertEqual(bob.ask("WHO #lobby", "LIST", "INVITE alice #lobby", "AWAY :out", "AWAY"), [
            f"{SERVER} 352 bob #lobby u alice.mingle localhost.mingle alice G :0 alice",
            f"{SERVER} 352 bob #lobby u bob.mingle localhost.mingle bob H :0 bob",
            f"{SERVER} 315 bob #lobby :End of WHO list",
            f"{SERVER} 321 bob Channel :Users  Name", f"{SERVER} 322 bob #lobby 2 :",
            f"{SERVER} 323 bob :End of LIST",
            f"{SERVER} 443 bob alice #lobby :is in that room already",
            f"{SERVER} 306 bob :You are marked as away", f"{SERVER} 305 bob :You are no longer marked as away"])
        plain.sync()
        plain.line("/whois bob")
        self.assertIn("irc", " ".join(plain.sync()))
        bob.ask("JOIN #a", "INVITE alice #a")
        self.assertIn("invites you to #a", " ".join(plain.sync()))
        self.assertEqual(bob.ask("NICK alice", "NICK 2", "NICK rob", "PRIVMSG rob :me"), [
            f"{SERVER} 433 bob alice :That name is taken",
            f"{SERVER} 432 bob 2 :Names have 1-30 letters, digits or -_[]{{}}|^ and start with a letter or one of _[]{{}}|^",
            by("bob", "NICK rob"), by("rob", "PRIVMSG rob :me")])


class CapsTest(IrcTest):
    def test_irc_tags_and_echo(self):
        daemon = self.start()
        bob, carol = self.irc(daemon, "bob", *ALL_CAPS), self.irc(daemon, "carol")
        joined = bob.sync_messages()[0]
        self.assertEqual((joined.command, joined.params), ("JOIN", ["#lobby", "*", "carol"]))
        self.assertRegex(joined.tags["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        bob.line("PRIVMSG #lobby :one", "NOTICE carol :two", "@+typing=active TAGMSG #lobby")
        said = bob.sync_messages()
        self.assertEqual([message.text for message in said],
                         [by("bob", "PRIVMSG #lobby :one"), by("bob", "NOTICE carol :two"),
                          by("bob", "TAGMSG #lobby")])
        self.assertTrue(said[0].tags["msgid"])
        heard = carol.sync_messages()
        self.assertEqual([(message.text, message.tags) for message in heard],
                         [(by("bob", "PRIVMSG #lobby :one"), {}), (by("bob", "NOTICE carol :two"), {})])

    def test_irc_caps_change_at_their_place(self):
        daemon = self.start()
        bob, plain = self.irc(daemon, "bob"), self.enter(daemon, "alice")
        bob.line("PRIVMSG #lobby :1", "CAP REQ echo-message", "PRIVMSG #lobby :2", "CAP REQ -echo-message",
                 "PRIVMSG #lobby :3", "CAP REQ :server-time userhost-in-names", "NAMES #lobby", "CAP LIST")
        messages = bob.sync_messages()
        self.assertEqual([message.text for message in messages][1:], [
            f"{SERVER} CAP bob ACK :echo-message", by("bob", "PRIVMSG #lobby :2"),
            f"{SERVER} CAP bob ACK :-echo-message", f"{SERVER} CAP bob ACK :server-time userhost-in-names",
            f"{SERVER} 353 bob = #lobby :alice!u@alice.mingle bob!u@bob.mingle",
            f"{SERVER} 366 bob #lobby :End of NAMES list",
            f"{SERVER} CAP bob LIST :server-time userhost-in-names"])
        plain.line("hi")
        plain.sync()
        self.assertIn("time", bob.sync_messages()[0].tags)

    def test_irc_history(self):
        daemon = self.start()
        plain = self.enter(daemon, "alice")
        plain.line("one", "/me two")
        plain.sync()
        said = [by("alice", "PRIVMSG #lobby :one"), by("alice", "PRIVMSG #lobby :\001ACTION two\001")]
        batched = self.irc(daemon)
        batched.line("CAP REQ :server-time batch", "NICK bob", "USER bob 0 * :Bob", "CAP END")
        messages = batched.until("366")[-5 - 1:-1]
        self.assertEqual(commands(messages), ["BATCH", "PRIVMSG", "PRIVMSG", "BATCH", "353"])
        reference = messages[0].params[0][1:]
        self.assertEqual(messages[0].params[1:], ["chathistory", "#lobby"])
        self.assertEqual([message.text for message in messages[1:3]], said)
        self.assertEqual({message.tags["batch"] for message in messages[1:3]}, {reference})
        self.assertEqual(messages[3].params, ["-" + reference])
        timed = self.irc(daemon)
        timed.line("CAP REQ server-time", "NICK carol", "USER c 0 * :C", "CAP END")
        messages = [message for message in timed.until("366") if message.command == "PRIVMSG"]
        self.assertEqual([message.text for message in messages], [
            by("alice", "PRIVMSG #lobby :[TIME UTC] one"), by("alice", "PRIVMSG #lobby :\001ACTION [TIME UTC] two\001")])
        self.assertEqual({tuple(message.tags) for message in messages}, {("time",)})
        bare = self.irc(daemon)
        bare.line("NICK dave", "USER d 0 * :D")
        self.assertNotIn("PRIVMSG", commands(bare.until("366")))


class LimitsTest(IrcTest):
    def test_irc_longest_lines(self):
        daemon = self.start({"limits.line": "512"})  # of the others: IRC has its own
        bob, plain = self.irc(daemon, "bob"), self.enter(daemon, "alice")
        bob.sync()
        too_long = f"{SERVER} 417 bob :Input line was too long"
        said = "x" * (510 - len("PRIVMSG #lobby :"))
        tags = "@a=" + "t" * (4094 - 2)
        self.assertEqual(bob.ask(f"PRIVMSG #lobby :{said}"), [])
        self.assertEqual(bob.ask(f"{tags} PRIVMSG #lobby :{said}"), [])
        self.assertEqual(bob.ask(f"{tags}t PRIVMSG #lobby :hi", f"PRIVMSG #lobby :{said}x",
                                 f"{tags} PRIVMSG #lobby :{said}x", "y" * 9000, "", "\0", ":a"),
                         [too_long] * 4 + [f"{SERVER} 421 bob * :Unknown command"] * 2)
        self.assertEqual(plain.sync(), [f"HH:MM <bob> {said}"] * 2)

    def test_irc_long_texts_are_several_messages(self):
        daemon = self.start()
        bob, plain = self.irc(daemon, "bob"), self.enter(daemon, "alice")
        bob.sync()
        text = "\u00e9" * 600  # 1200 bytes
        plain.line(text, "/paste", "one", "two", ".")
        plain.sync()
        messages = bob.sync_messages()
        self.assertEqual("".join(message.params[1] for message in messages[:-2]), text)
        self.assertEqual([message.params[1] for message in messages[-2:]], ["one", "two"])

    def test_irc_flood_is_held_back_and_told(self):
        daemon = self.start({"limits.flood": "20 burst 5"})
        bob = self.irc(daemon, "bob")
        carol = self.irc(daemon, "carol")
        carol.line(*[f"PRIVMSG #lobby :{i}" for i in range(60)])
        words = [message.params[1] for message in carol.until("NOTICE", "carol")]
        self.assertRegex(words[-1], r"^Slow down: \d+ lines wait, but only 20 may\.")
        self.assertRegex(carol.until("NOTICE", "carol")[-1].params[1],
                         r"^Slow down: \d+ lines were not sent, for only 20 may wait\.$")
        carol.line("QUIT")
        carol.last_words()
        heard = [message.params[1] for message in bob.until("QUIT") if message.command == "PRIVMSG"]
        self.assertEqual(heard, [str(i) for i in range(len(heard))])
        self.assertIn(len(heard), range(25, 60))
        # Who leaves is no flood; and several requests of one line are several.
        dave = self.irc(daemon, "dave")
        dave.line(*["PING x"] * 60, "QUIT :enough")
        self.assertEqual(dave.last_words()[-1], "ERROR :Closing link: Bye")


    def test_irc_coming_in_costs_nothing(self):
        daemon = self.start({"limits.flood": "0.01 burst 1"})  # the second line that costs comes tomorrow
        rooms = [f"#r{i}" for i in range(10)]
        client = self.irc(daemon)
        client.line("NICK bob", "USER bob 0 * :Bob", "JOIN " + ",".join(rooms),
                    *[line.format(room) for room in rooms
                      for line in ("MODE {}", "WHO {}", "MODE {} b", "MODE {} e", "MODE {} I", "MODE {} q")], "PRIVMSG #r9 :here")
        got = commands(client.until("729", "bob", "#r9"))
        self.assertEqual([got.count(command) for command in ("JOIN", "324", "315", "368", "349", "347", "729")],
                         [11] + [10] * 6)
        client.line("MODE #lobby", "WHO #lobby", *[f"MODE #lobby {letter}" for letter in "beIq"], *["WHO #lobby"] * 60)
        client.until("368", "bob", "#lobby"), client.until("729", "bob", "#lobby")  # and from here on it waits
        self.assertRegex(client.message().params[1], "^Slow down: ")


class EndTest(IrcTest):
    def test_irc_silence_is_asked_and_then_an_end(self):
        daemon = self.start({"irc.keepalive": "300ms"})
        bob, plain = self.irc(daemon), self.enter(daemon, "alice")
        bob.line("NICK bob", "USER bob 0 * :Bob")
        self.assertEqual(bob.last_words()[-2:], ["PING :localhost.mingle", "ERROR :Closing link: Ping timeout"])
        daemon.wait_log("closed reason=ping-timeout")
        plain.expect(r"-- bob left \(ping timeout\)\n")
        plain.sync()

    def test_irc_who_answers_stays(self):
        bob = self.irc(self.start({"irc.keepalive": "1500ms"}), "bob")
        for _ in range(2):
            self.assertEqual([message.text for message in bob.until("PING")], ["PING :localhost.mingle"])
            bob.line("PONG :localhost.mingle")

    def test_irc_server_gets_another_name(self):
        daemon = self.start()
        bob = self.irc(daemon, "bob")
        daemon.configure(config_text(daemon.settings | {"server.name": "chat.example.org"}))
        daemon.signal(signal.SIGHUP)
        daemon.wait_log("reload: changed: server.name$")
        bob.line("PING x", "FOO")
        self.assertEqual([bob.message().text, bob.message().text],
                         [":chat.example.org PONG chat.example.org :x", ":chat.example.org 421 bob FOO :Unknown command"])

    def test_irc_shutdown_is_told(self):
        daemon = self.start()
        bob, early = self.irc(daemon, "bob"), self.irc(daemon)
        early.line("NICK carol", "PING x")
        early.until("PONG")
        daemon.stop()
        self.assertEqual(bob.last_words(), ["ERROR :Closing link: The server is shutting down"])
        self.assertEqual(early.last_words(), ["ERROR :Closing link: The server is shutting down"])

    def test_irc_exceptions(self):
        daemon = self.start()
        bob, carol, plain = self.irc(daemon, "bob"), self.irc(daemon, "carol"), self.enter(daemon, "alice")
        bob.ask("JOIN #a")
        plain.line("/join #a")
        plain.sync(), bob.sync(), carol.sync()
        self.assertEqual(bob.ask("MODE #a +beI car*!*@* *!*@nobody.mingle dave", "MODE #a e", "MODE #a I"), [
            by("bob", "MODE #a +b car*!*@*"), by("bob", "MODE #a +e *!*@nobody.mingle"),
            by("bob", "MODE #a +I dave!*@*"),
            f"{SERVER} 348 bob #a *!*@nobody.mingle", f"{SERVER} 349 bob #a :End of ban exception list",
            f"{SERVER} 346 bob #a dave!*@*", f"{SERVER} 347 bob #a :End of invite exception list"])
        self.assertEqual([line[6:] for line in plain.sync()], [
            "-- bob banned car*", "-- bob excepted *@nobody from bans and mutes", "-- bob admitted dave"])
        self.assertEqual(carol.ask("JOIN #a"), [f"{SERVER} 474 carol #a :You are banned from that room (+b)"])
        self.assertEqual(bob.ask("MODE #a +ei carol"), [by("bob", "MODE #a +e carol!*@*"), by("bob", "MODE #a +i")])
        self.assertEqual(carol.ask("JOIN #a"), [f"{SERVER} 473 carol #a :Only who is invited comes in (+i)"])
        self.assertEqual(bob.ask("MODE #a +I c*!*@*"), [by("bob", "MODE #a +I c*!*@*")])
        self.assertEqual(carol.ask("JOIN #a")[0], by("carol", "JOIN #a"))
        bob.sync()
        self.assertEqual(bob.ask("MODE #a +b m:carol", "MODE #a b", "MODE #a q"), [
            by("bob", "MODE #a +q carol!*@*"),
            f"{SERVER} 367 bob #a car*!*@*", f"{SERVER} 368 bob #a :End of ban list",
            f"{SERVER} 728 bob #a q carol!*@*", f"{SERVER} 729 bob #a q :End of mute list"])
        carol.sync()
        self.assertEqual(carol.ask("PRIVMSG #a :excepted", "MODE #a -e carol"), [
            f"{SERVER} 482 carol #a :Only operators of the room do that"])
        self.assertEqual(bob.ask("MODE #a -eb carol car*!*@*"), [
            by("carol", "PRIVMSG #a :excepted"), by("bob", "MODE #a -e carol!*@*"), by("bob", "MODE #a -b car*!*@*")])
        carol.sync()
        self.assertEqual(carol.ask("PRIVMSG #a :muted")[0].split(" :")[0], f"{SERVER} 404 carol #a")
        self.assertEqual(bob.ask("MODE #a -b m:carol"), [by("bob", "MODE #a -q carol!*@*")])
        carol.sync()
        self.assertEqual(carol.ask("PRIVMSG #a :free"), [])
        self.assertEqual(bob.sync(), [by("carol", "PRIVMSG #a :free")])

    def test_irc_over_tls(self):
        daemon = self.start(tls=True)
        bob, plain = self.irc_tls(daemon, "bob", "server-time"), self.irc(daemon, "carol")
        bob.sync()
        self.assertIn(f"{SERVER} 671 carol bob :is using a secure connection", plain.ask("WHOIS bob"))
        plain.ask("PRIVMSG #lobby :hi")
        self.assertEqual(bob.sync(), [by("carol", "PRIVMSG #lobby :hi")])
        bob.line("QUIT")
        self.assertEqual(bob.last_words(), ["ERROR :Closing link: Bye"])

    def test_irc_end_of_input(self):
        daemon = self.start()
        bob = self.irc(daemon, "bob")
        bob.send("PRIVMSG #lobby :one\nPING x")  # LF alone will do, and the end of the stream
        bob.end_input()
        self.assertEqual(bob.last_words(), [f"{SERVER} PONG localhost.mingle :x", "ERROR :Closing link: Bye"])


if __name__ == "__main__":
    main()
