#!/usr/bin/env python3
"""IRC clients as the administrator sees them, and traces that keep secrets."""
from mingle_irc import IrcTest
from mingle_test import main
from test_control import ControlTest


class IrcControlTest(ControlTest, IrcTest):
    def test_irc_clients_are_shown_and_told(self):
        daemon = self.serve(tls=True)
        bob, carol = self.irc(daemon, "bob"), self.irc_tls(daemon, "carol")
        rows = {row["name"]: row for row in self.json(daemon, "sessions")}
        self.assertEqual({row["dialect"] for row in rows.values()}, {"irc"})
        stats = {row["name"]: row["value"] for row in self.json(daemon, "stats")}
        self.assertEqual(stats['mingle_sessions{dialect="irc",tls="yes"}'], 1)
        bob.sync()
        self.ctl(daemon, "say", "lunch is ready")
        self.assertEqual(bob.sync(), [":localhost.mingle NOTICE bob :The administrator says: lunch is ready"])
        self.ctl(daemon, "kick", str(rows["carol"]["id"]), "enough")
        self.assertEqual(carol.last_words()[-2:], [":localhost.mingle NOTICE carol :enough",
                                                   "ERROR :Closing link: An operator has ended this connection"])
        self.assertEqual(bob.sync(), [":carol!u@carol.mingle QUIT :enough"])

    def test_irc_secrets_are_not_traced(self):
        daemon = self.serve()
        self.ctl(daemon, "trace", "--next", "127.0.0.1")
        bob = self.irc(daemon)
        bob.line("PASS s3cret", "NICK bob", "USER bob 0 * :Bob", "@a=b OPER root s3cret", ":x OPER root s3cret",
                 "JOIN #a s3cret", "MODE #a +k s3cret", "PASS s3cret", "AUTHENTICATE s3cret", "MODE #a", "QUIT")
        bob.last_words()
        daemon.wait_log(r'in "MODE #a\b')
        self.assertEqual([line for line in daemon.log if "s3cret" in line], [])

    def test_key_of_a_room_is_not_traced(self):
        for form in ("text", "json"):
            daemon = self.serve()
            self.ctl(daemon, "trace", "--next", "127.0.0.1")
            bob = self.connect(daemon)
            bob.line("bob", f"/set format {form}", "/join #a", "/key s3cret", "/quit")
            self.assertIn("s3cret", bob.rest())
            daemon.wait_log("closed reason=quit")
            self.assertEqual([line for line in daemon.log if "s3cret" in line], [])


if __name__ == "__main__":
    main()
