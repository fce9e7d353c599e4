#!/usr/bin/env python3
"""Operators, bans and the rules of rooms, as people at nc see them."""
from mingle_test import DaemonTest, main


class PolicyTest(DaemonTest):
    def at_nc(self, daemon, name, *lines):
        """A real nc with this name that has typed these lines."""
        client = self.nc(daemon)
        client.enter(name)
        for line in lines:
            client.line(line)
        client.sync()
        return client

    def check(self, client, command, *lines):
        client.line(command)
        self.assertEqual(client.sync(), list(lines))

    def test_policy_kick_and_ban(self):
        daemon = self.start()
        dave = self.at_nc(daemon, "dave", "/join #ops", "/part #lobby")
        troll = self.at_nc(daemon, "troll", "/join #ops")
        dave.sync()
        self.check(troll, "/kick dave", "*** Only operators of #ops can do that. Ask one (@dave).")
        self.check(dave, "/kick troll stop that", "*** You kicked troll from #ops (stop that).")
        self.assertEqual(troll.sync(),
                         ["*** dave kicked you from #ops (stop that). What you type goes to #lobby now."])
        troll.line("/join #ops")
        self.assertIn("*** You are troll, in #ops with @dave.", troll.sync())
        self.assertEqual(dave.sync(), ["HH:MM -- troll joined"])
        dave.line("/ban troll 2h spam")
        self.assertRegex("\n".join(dave.sync()),
                         r"\A\*\*\* You banned troll from #ops for 2 hours, until .*\d\d:\d\d \(spam\)\.\Z")
        troll.sync()
        self.check(troll, "/join #ops", "*** You are banned from #ops for 2 more hours.")
        self.check(dave, "/ban", "--- 1 ban in #ops ---", "      | troll  2 more hours  (spam)")
        self.check(dave, "/unban troll", "*** You lifted the ban of troll in #ops.")
        troll.line("/join #ops")
        self.assertIn("*** You are troll, in #ops with @dave.", troll.sync())

    def test_policy_others_see_what_operators_do(self):
        daemon = self.start()
        dave = self.at_nc(daemon, "dave", "/join #ops", "/part #lobby")
        bob = self.at_nc(daemon, "bob", "/join #ops")
        carol = self.at_nc(daemon, "carol", "/join #ops")
        bob.sync()
        dave.line("/mute carol 10m", "/kick carol bye", "/op bob", "said after")
        dave.sync()
        self.assertEqual(bob.sync(), [
            "HH:MM -- dave muted carol for 10 minutes",
            "HH:MM -- dave kicked carol (bye)",
            "HH:MM -- dave made bob an operator",
            "HH:MM <dave> said after",
        ])
        self.assertEqual(carol.sync(), [
            "HH:MM -- dave muted carol for 10 minutes",
            "*** dave kicked you from #ops (bye). What you type goes to #lobby now.",
        ])
        carol.line("/join #ops")
        carol.sync()
        self.check(carol, "psst", "*** You are muted in #ops for 10 more minutes.")
        self.assertEqual(bob.sync(), ["HH:MM -- carol joined"])

    def test_policy_rules_of_a_room(self):
        daemon = self.start()
        dave = self.at_nc(daemon, "dave", "/join #ops", "/part #lobby")
        bob = self.at_nc(daemon, "bob")
        self.check(dave, "/mode invite-only on", "*** You turned invite-only on in #ops.")
        self.check(bob, "/join #ops", "*** #ops is invite-only. Ask an operator (@dave) for /invite.")
        self.check(dave, "/invite bob", "*** You invited bob to #ops.")
        self.assertEqual(bob.sync(), ["*** dave invites you to #ops. To enter: /join #ops"])
        bob.line("/join #ops")
        self.assertIn("*** You are bob, in #ops with @dave.", bob.sync())
        dave.line("/slow 3600", "/mode secret on", "/key sesame", "/limit 5")
        dave.sync()
        self.check(dave, "/mode", "*** Modes of #ops: invite-only, secret, key, slow 3600, limit 5")
        bob.sync()
        bob.line("first")
        self.assertRegex("\n".join(bob.sync()), r"\A\*\*\* Slow mode: next message in 3\d\d\d s\.\Z")
        eve = self.at_nc(daemon, "eve")
        self.check(eve, "/rooms", "--- 1 room ---", "      | #lobby  2 people")
        self.check(eve, "/names #ops", "*** There is no room #ops. To see which there are: /rooms")

    def test_policy_ban_of_a_host_shows_no_address(self):
        daemon = self.start()
        dave = self.at_nc(daemon, "dave", "/join #ops", "/part #lobby")
        bob = self.at_nc(daemon, "bob")
        self.check(dave, "/ban *@bob", "*** You banned *@bob from #ops.")
        carol = self.at_nc(daemon, "carol")  # from where bob is
        self.check(carol, "/join #ops", "*** You are banned from #ops. Ask an operator (@dave) for /unban.")
        self.check(dave, "/unban *@bob", "*** You lifted the ban of *@bob in #ops.")
        self.check(dave, "/ban *@192.0.2.*", "*** You banned *@192.0.2.* from #ops.")
        bob.line("/join #ops")
        self.assertIn("*** You are bob, in #ops with @dave.", bob.sync())

    def test_policy_exceptions(self):
        daemon = self.start()
        dave = self.at_nc(daemon, "dave", "/join #ops", "/part #lobby")
        bob = self.at_nc(daemon, "bob")
        self.check(dave, "/ban *@127.0.0.*", "*** You banned *@127.0.0.* from #ops.")
        self.check(dave, "/mode invite-only on", "*** You turned invite-only on in #ops.")
        self.check(dave, "/except bob", "*** You excepted bob from bans and mutes in #ops.")
        self.check(bob, "/join #ops", "*** #ops is invite-only. Ask an operator (@dave) for /invite.")
        dave.line("/admit b* 2h a friend")
        self.assertRegex("\n".join(dave.sync()),
                         r"\A\*\*\* You admitted b\* to #ops for 2 hours, until .*\d\d:\d\d \(a friend\)\.\Z")
        bob.line("/join #ops")
        self.assertIn("*** You are bob, in #ops with @dave.", bob.sync())
        dave.sync()
        self.check(dave, "/except", "--- 1 exception from bans and mutes in #ops ---", "      | bob")
        self.check(bob, "/admit", "--- 1 admission without an invitation in #ops ---",
                   "      | b*  2 more hours  (a friend)")
        self.check(bob, "/unadmit b*", "*** Only operators of #ops can do that. Ask one (@dave).")
        self.check(bob, "hello")
        self.assertEqual(dave.sync(), ["HH:MM <bob> hello"])
        self.check(dave, "/unexcept bob", "*** You lifted the exception of bob from bans and mutes in #ops.")
        self.assertEqual(bob.sync(), ["HH:MM -- dave lifted the exception of bob from bans and mutes"])
        self.check(bob, "hello", "*** You are banned from #ops. Ask an operator (@dave) for /unban.")
        self.check(dave, "/unadmit b*", "*** You took back the admission of b* to #ops.")

    def test_policy_people_ask_and_ignore(self):
        daemon = self.start()
        dave = self.at_nc(daemon, "dave", "one")
        bob = self.at_nc(daemon, "bob", "/away lunch")
        dave.sync()
        self.check(dave, "/msg bob hi", "HH:MM [-> bob] hi", "*** bob is away (lunch).")
        self.check(dave, "/msg bob again", "HH:MM [-> bob] again")
        self.assertEqual(bob.sync(), ["HH:MM [dave] hi", "HH:MM [dave] again"])
        self.check(bob, "/back", "*** You are back.")
        dave.line("/whois bob")
        self.assertRegex("\n".join(dave.sync()), r"\A\*\*\* bob is here since \d\d:\d\d, on plain without TLS\."
                                                 r" In #lobby with you\.\Z")
        self.check(dave, "/who b*", "--- 1 person ---", "      | bob")
        self.check(bob, "/ignore dave", "*** You ignore dave now. To undo it: /unignore dave")
        dave.line("not for bob", "/msg bob nor this")
        dave.sync()
        self.assertEqual(bob.sync(), [])
        self.check(dave, "/history 2", "--- DATE, last 2 messages ---", "HH:MM <dave> one",
                   "HH:MM <dave> not for bob", "--- now --- (/help for commands)")
        self.check(dave, "/ping", "*** pong")
        dave.line("/version", "/uptime", "/time")
        lines = dave.sync()
        self.assertRegex(lines[0], r"^\*\*\* mingle \d")
        self.assertRegex(lines[1], r"^\*\*\* The server is up for \d+ seconds?, since ")
        self.assertRegex(lines[2], r"^\*\*\* It is \d\d:\d\d on ")

    def test_policy_options_change_what_is_shown(self):
        daemon = self.start()
        dave = self.at_nc(daemon, "dave")
        bob = self.at_nc(daemon, "bob")
        dave.sync()
        self.check(bob, "/set time off", "*** time is off now.")
        self.check(bob, "/set echo on", "*** echo is on now.")
        self.check(bob, "hello", "<bob> hello")
        self.assertEqual(dave.sync(), ["HH:MM <bob> hello"])
        self.check(dave, "/set time iso", "*** time is iso now.")
        bob.line("again")
        bob.sync()
        self.assertRegex("\n".join(dave.sync()),
                         r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d <bob> again\Z")
        self.check(dave, "/set joins off", "*** joins is off now.")
        self.at_nc(daemon, "carol")
        self.assertEqual(dave.sync(), [])
        self.check(dave, "/set", "*** To change an option: /set OPTION VALUE (more: /help set)",
                   "      | time    iso           (on, off, HH:MM, iso)",
                   "      | tz      server        (server, UTC, or a name like Europe/Paris)",
                   "      | joins   off           (smart, on, off)",
                   "      | colour  auto          (auto, on, off)",
                   "      | bell    auto          (auto, on, off, all)",
                   "      | echo    auto          (auto, on, off)",
                   "      | format  text          (text, json)",
                   "      | width   auto          (auto, 40 to 400)",
                   "      | plain   off           (off, on)",
                   "      | edit    on            (on, off)")
        self.check(dave, "/set colour mauve", "*** colour cannot be that. There is: auto, on, off")
        self.check(dave, "/set colr on", "*** There is no option colr. Did you mean colour? (/set lists all)")


if __name__ == "__main__":
    main()
