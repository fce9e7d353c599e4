#!/usr/bin/env python3
"""IRC clients: who is here, who was, who comes and goes; what clients tell one another; talking to roles."""
from mingle_irc import IrcTest
from mingle_test import main

SERVER = ":localhost.mingle"


def by(name, what):
    return f":{name}!u@{name}.mingle {what}"


class PeopleTest(IrcTest):
    def test_irc_people_have_realnames(self):
        daemon = self.start()
        bob, carol = self.irc(daemon, "bob"), self.irc(daemon)
        plain = self.enter(daemon, "alice")
        carol.line("CAP REQ :setname extended-join", "NICK carol", "USER c 0 * :Carol C.", "CAP END")
        messages = carol.until("366")
        self.assertIn(by("carol", "JOIN #lobby * :Carol C."), [message.text for message in messages])
        bob.sync()
        self.assertEqual(bob.ask("WHOIS carol")[0], f"{SERVER} 311 bob carol u carol.mingle * :Carol C.")
        plain.line("/whois carol")
        self.assertIn("*** carol (Carol C.) is here since ", plain.sync()[-1])
        self.assertEqual(carol.ask("SETNAME :C. D."), [by("carol", "SETNAME :C. D.")])
        self.assertEqual(bob.sync(), [])
        plain.line("/realname Alice L.")
        plain.sync()
        self.assertEqual(carol.sync(), [by("alice", "SETNAME :Alice L.")])
        self.assertEqual(bob.ask("WHO alice %nr"), [f"{SERVER} 354 bob alice :Alice L.",
                                                   f"{SERVER} 315 bob alice :End of WHO list"])

    def test_irc_people_are_counted_and_found(self):
        daemon = self.start()
        bob, alice = self.irc(daemon, "bob"), self.enter(daemon, "alice")
        bob.sync()
        self.assertEqual(bob.ask("ISON alice nobody BOB"), [f"{SERVER} 303 bob :alice bob"])
        alice.line("/away lunch")
        alice.sync()
        self.assertEqual(bob.ask("USERHOST alice bob"),
                         [f"{SERVER} 302 bob :alice=-u@alice.mingle bob=+u@bob.mingle"])
        self.assertEqual(bob.ask("MODE bob +i", "LUSERS")[:3], [
            by("bob", "MODE bob +i"), f"{SERVER} 251 bob :There are 1 users and 1 invisible on 1 servers",
            f"{SERVER} 254 bob 1 :rooms"])
        alice.line("/quit")
        alice.rest()
        self.assertEqual([text.rpartition(" :")[0] for text in bob.ask("WHOWAS alice", "WHOWAS nobody")][1:], [
            f"{SERVER} 314 bob alice u alice.mingle *", f"{SERVER} 312 bob alice localhost.mingle",
            f"{SERVER} 369 bob alice", f"{SERVER} 406 bob nobody", f"{SERVER} 369 bob nobody"])

    def test_irc_people_are_monitored(self):
        daemon = self.start()
        bob = self.irc(daemon, "bob", "away-notify", "extended-monitor")
        self.assertEqual(bob.ask("JOIN 0", "MONITOR + alice,Carol"),
                         [by("bob", "PART #lobby"), f"{SERVER} 731 bob :alice,Carol"])
        alice = self.enter(daemon, "alice")
        alice.line("/away tea")
        alice.sync()
        self.assertEqual(bob.sync(), [f"{SERVER} 730 bob :alice!u@alice.mingle", by("alice", "AWAY :tea")])
        alice.line("/nick carol")
        alice.sync()
        self.assertEqual(bob.sync(), [f"{SERVER} 731 bob :alice", f"{SERVER} 730 bob :carol!u@carol.mingle"])
        self.assertEqual(bob.ask("MONITOR - alice,x", "MONITOR L", "MONITOR S"),
                         [f"{SERVER} 732 bob :carol", f"{SERVER} 733 bob :End of MONITOR list",
                          f"{SERVER} 730 bob :carol!u@carol.mingle"])
        alice.line("/quit")
        alice.rest()
        self.assertEqual(bob.ask("MONITOR C", "MONITOR S"), [f"{SERVER} 731 bob :carol"])
        plain, dave = self.enter(daemon, "erin"), self.irc(daemon, "dave")
        plain.line("/watch dave", "/watch")
        plain.sync()
        dave.line("QUIT")
        dave.last_words()
        plain.expect(r"\*\*\* dave has left\.")

    def test_irc_people_who_are_away_are_told_of(self):
        daemon = self.start()
        bob, carol = self.irc(daemon, "bob", "away-notify"), self.irc(daemon, "carol")
        plain = self.enter(daemon, "alice")
        bob.sync(), carol.sync()
        plain.line("/join #ops")
        plain.sync()
        bob.ask("JOIN #ops")
        plain.line("/away lunch", "/back")
        plain.sync()
        self.assertEqual(bob.sync(), [by("alice", "AWAY :lunch"), by("alice", "AWAY")])  # once, not in each room
        self.assertEqual(carol.sync(), [])

    def test_irc_names_of_a_room_are_not_pressed_upon_anybody(self):
        client = self.irc(self.start())
        client.line("CAP REQ draft/no-implicit-names", "NICK bob", "USER b 0 * :b", "CAP END")
        client.until("JOIN")
        self.assertEqual(client.ask("JOIN #ops"), [by("bob", "JOIN #ops")])
        self.assertEqual(len(client.ask("NAMES #ops")), 2)


class TagsTest(IrcTest):
    def test_irc_tags_of_clients_reach_those_who_have_them(self):
        daemon = self.start()
        bob, carol = (self.irc(daemon, name, "message-tags") for name in ("bob", "carol"))
        dave, plain = self.irc(daemon, "dave"), self.enter(daemon, "alice")
        for client in (bob, carol, dave):
            client.sync()
        bob.line("@+typing=active TAGMSG #lobby", "@+draft/reply=1\\sx;label=2 PRIVMSG #lobby :hi",
                 "@+draft/react=x TAGMSG carol", "@+typing=done TAGMSG dave", "@+typing=done TAGMSG alice",
                 "@+a=b TAGMSG nobody", "@+a=b TAGMSG #nowhere")
        self.assertEqual(bob.sync(), [])
        heard = carol.sync_messages()
        self.assertEqual([message.text for message in heard],
                         [by("bob", "TAGMSG #lobby"), by("bob", "PRIVMSG #lobby :hi"), by("bob", "TAGMSG carol")])
        self.assertEqual([message.tags.get(key) for message, key in
                          zip(heard, ("+typing", "+draft/reply", "+draft/react"))], ["active", "1 x", "x"])
        self.assertNotIn("label", heard[1].tags)
        self.assertEqual(dave.sync(), [by("bob", "PRIVMSG #lobby :hi")])
        self.assertEqual(plain.sync(), ["HH:MM <bob> hi"])

    def test_irc_bots_are_marked(self):
        daemon = self.start()
        bob, carol = self.irc(daemon, "bob"), self.irc(daemon, "carol", "message-tags")
        bob.sync(), carol.sync()
        bob.ask("MODE bob +B", "PRIVMSG #lobby :beep")
        self.assertIn("bot", carol.sync_messages()[0].tags)
        self.assertEqual(carol.ask("WHO bob")[0], f"{SERVER} 352 carol * u bob.mingle localhost.mingle bob HB :0 bob")
        self.assertIn(f"{SERVER} 335 carol bob :says of itself that it is a program", carol.ask("WHOIS bob"))
        bob.line("NICK rob", "AWAY :oiled", "TOPIC #lobby :beep", "QUIT")
        bob.last_words()
        heard = carol.sync_messages()
        self.assertEqual([message.command for message in heard if "bot" in message.tags], ["NICK", "TOPIC", "QUIT"])


class RolesTest(IrcTest):
    def test_irc_operators_of_a_room_are_talked_to(self):
        daemon = self.start()
        bob, carol, dave = (self.irc(daemon, name) for name in ("bob", "carol", "dave"))
        for client in (bob, carol, dave):
            client.ask("JOIN #ops")
        bob.ask("MODE #ops +v carol")
        for client in (carol, dave):
            client.sync()
        dave.ask("PRIVMSG @#ops :psst", "PRIVMSG +#ops :hm")
        self.assertEqual(bob.sync(), [by("dave", "PRIVMSG @#ops :psst"), by("dave", "PRIVMSG +#ops :hm")])
        self.assertEqual(carol.sync(), [by("dave", "PRIVMSG +#ops :hm")])
        plain = self.enter(daemon, "alice")
        plain.line("/join #ops", "/ops hello")
        self.assertIn("[alice -> operators of #ops] hello", plain.sync()[-1])
        self.assertIn(by("alice", "PRIVMSG @#ops :hello"), bob.sync())

    def test_irc_invitations_are_listed_and_told(self):
        daemon = self.start()
        bob, carol, dave = (self.irc(daemon, name, "invite-notify") for name in ("bob", "carol", "dave"))
        for client in (bob, carol):
            client.ask("JOIN #ops")
        bob.sync()
        bob.line("INVITE dave #ops")
        self.assertEqual(bob.sync(), [f"{SERVER} 341 bob dave #ops"])
        self.assertEqual(carol.sync(), [by("bob", "INVITE dave #ops")])
        dave.sync()
        self.assertEqual(dave.ask("INVITE"), [f"{SERVER} 336 dave #ops", f"{SERVER} 337 dave :End of INVITE list"])

    def test_irc_list_is_filtered(self):
        bob = self.irc(self.start(), "bob")
        bob.ask("JOIN #dev,#ops")
        for words, rooms in (("d*", ["#dev"]), ("!d*,!lobby", ["#ops"]), (">0,<2,#ops", ["#ops"]), (">1", []),
                             ("C<60,ops", ["#ops"]), ("T>0", [])):
            listed = [text.split()[3] for text in bob.ask(f"LIST {words}")[1:-1]]
            self.assertEqual(listed, rooms, words)


if __name__ == "__main__":
    main()
