#!/usr/bin/env python3
"""What each command is answered with, above all when it is refused: the numeric and its parameters, as
modern.ircdocs.horse has them, but not their words."""
from mingle_irc import IrcTest
from mingle_test import main

# Of who has no name yet: CAP LS came before.
BEFORE_THE_NAME = """
PING x | PONG localhost.mingle
PING | 409
NICK | 431
NICK 1bad | 432 1bad
JOIN #a | 451 JOIN
NONSENSE | 451 NONSENSE
USER a | 461 USER
CAP | 461 CAP
CAP NONSENSE | 410 NONSENSE
PASS | 461 PASS
PASS x |
USER a 0 * :A |
USER a 0 * :A | 462
"""

# Of bob, the operator of #own and an ordinary member of #lock (+t) and #hush (+m). carol is in all other rooms: #key
# (+k), #full (+l 1), #closed (+i), #ban (+b bob).
OF_A_MEMBER = """
PING | 409
NONSENSE | 421 NONSENSE
123 | 421 123
USER a 0 * :A | 462
PASS x | 462
CAP NONSENSE | 410 NONSENSE
NICK | 431
NICK 1bad | 432 1bad
NICK carol | 433 carol
NICK bob |
JOIN | 461 JOIN
JOIN ops | 403 ops
JOIN # | 403 #
JOIN #own |
JOIN #key | 475 #key
JOIN #key wrong | 475 #key
JOIN #full | 471 #full
JOIN #closed | 473 #closed
JOIN #ban | 474 #ban
PART | 461 PART
PART #none | 403 #none
PART #ban | 442 #ban
TOPIC | 461 TOPIC
TOPIC #none | 403 #none
TOPIC #ban :x | 442 #ban
TOPIC #own | 331 #own
TOPIC #lock :x | 482 #lock
NAMES #none | 366 #none
NAMES none | 366 none
LIST >99 | 321 Channel; 323
INVITE | 337
INVITE carol | 461 INVITE
INVITE carol #none | 403 #none
INVITE carol #ban | 442 #ban
INVITE nobody #own | 401 nobody
INVITE carol #lock | 443 carol #lock
INVITE dave #own | 341 dave #own
KICK #own | 461 KICK
KICK #none carol | 403 #none
KICK #ban carol | 442 #ban
KICK #lock carol | 482 #lock
KICK #own nobody | 401 nobody
KICK #own carol | 441 carol #own
MODE | 461 MODE
MODE #none | 403 #none
MODE #own Z | 472 Z
MODE #own +k | 461 MODE
MODE #own +l x | 696 #own l x
MODE #own -n | 696 #own n -n
MODE #own +o nobody | 401 nobody
MODE #own +o carol | 441 carol #own
MODE #lock -t | 482 #lock
MODE #own b | 368 #own
MODE #own q | 729 #own q
MODE #own e | 349 #own
MODE #own I | 347 #own
MODE #none e | 403 #none
MODE #lock +e x | 482 #lock
MODE #lock -I x | 482 #lock
MODE #own +e *!*@* | 696 #own e *!*@*
MODE #own +b m: | 696 #own b m:
MODE bob | 221 +
MODE bob +Z | 501 Z
MODE carol +i | 502
MODE nobody +i | 401 nobody
PRIVMSG | 411
PRIVMSG carol | 412
PRIVMSG carol : | 412
PRIVMSG nobody :x | 401 nobody
PRIVMSG #none :x | 403 #none
PRIVMSG #ban :x | 404 #ban
PRIVMSG #hush :x | 404 #hush
PRIVMSG @#own :x | 404 #own
NOTICE |
NOTICE nobody :x |
NOTICE #ban :x |
TAGMSG | 461 TAGMSG
WHO #none | 315 #none
WHO nobody | 315 nobody
WHO nobody!*@* | 315 nobody!*@*
WHO nobody!b | 315 nobody!b
WHO a,b!*@* | 315 a,b!*@*
WHOIS | 431
WHOIS nobody | 401 nobody; 318 nobody
WHOWAS | 461 WHOWAS
WHOWAS nobody | 406 nobody; 369 nobody
AWAY :x | 306
AWAY | 305
USERHOST | 461 USERHOST
USERHOST nobody | 302
ISON | 461 ISON
ISON nobody | 303
MOTD | 422
ADMIN | 423 localhost.mingle
LINKS | 364 localhost.mingle localhost.mingle; 365 *
STATS | 461 STATS
STATS x | 219 x
STATS u | 242; 219 u
STATS o | 481; 219 o
HELP NONSENSE | 524 NONSENSE
OPER bob | 461 OPER
OPER bob x | 464
KILL | 461 KILL
KILL carol :x | 481
WALLOPS | 461 WALLOPS
WALLOPS :x | 481
REHASH | 481
SETNAME | 461 SETNAME
MONITOR | 461 MONITOR
MONITOR X | 461 MONITOR
MONITOR L | 733
REDACT #own | 461 REDACT
REDACT #ban 1-1 | 442 #ban
AUTHENTICATE PLAIN | 421 AUTHENTICATE
CONNECT a | 421 CONNECT
"""


def short(message):
    """ "441 carol #own": without the name of who gets it, and without words."""
    words = message.params[:-1] if " :" in message.text else message.params
    return " ".join([message.command, *words[1 if message.command.isdigit() else 0:]])


class NumericsTest(IrcTest):
    def assert_answers(self, client, table):
        for row in table.strip().splitlines():
            line, _, wanted = row.partition(" |")
            client.line(line, "PING behind")
            answers = client.until("PONG", "localhost.mingle", "behind")[:-1]
            self.assertEqual("; ".join(short(message) for message in answers), wanted.strip(), line)

    def test_irc_numerics_before_the_name(self):
        daemon = self.start()
        self.irc(daemon, "bob")
        client = self.irc(daemon)
        client.line("CAP LS 302")
        client.until("CAP")
        self.assert_answers(client, BEFORE_THE_NAME)
        client.line("NICK bob", "CAP END")
        self.assertEqual(short(client.until("433")[-1]), "433 bob")
        client.line("NICK rob")
        client.until("001", "rob")

    def test_irc_numerics_of_a_member(self):
        daemon = self.start()
        carol, bob = self.irc(daemon, "carol"), self.irc(daemon, "bob")
        self.irc(daemon, "dave")
        carol.ask("JOIN #lock,#hush,#key,#full,#closed,#ban", "MODE #lock +t", "MODE #hush +m", "MODE #key +k sesame",
                  "MODE #full +l 1", "MODE #closed +i", "MODE #ban +b bob")
        bob.ask("JOIN #own,#lock,#hush")
        bob.sync()
        self.assert_answers(bob, OF_A_MEMBER)
        counts = [short(message) for message in bob.ask_messages("STATS m")]
        self.assertIn("212 STATS 5", counts)
        self.assertIn("212 REHASH 1", counts)
        self.assertEqual(counts[-1], "219 m")
        version = [message.command for message in bob.ask_messages("VERSION")]
        self.assertEqual(version, ["351", "005", "005", "005"])
        bob.send(b"NOTICE #own :caf\xe9\r\n" + b"PRIVMSG #own :caf\xe9\r\n" * 2)
        self.assertEqual([short(message) for message in bob.sync_messages()], ["NOTICE bob"])
        bob.line("CAP REQ standard-replies")
        bob.send(b"PRIVMSG #own :caf\xe9\r\n")
        self.assertEqual([short(message) for message in bob.sync_messages()][1:], ["WARN PRIVMSG INVALID_UTF8"])
        bob.line("PRIVMSG #own :" + "x" * 510)
        self.assertEqual([short(message) for message in bob.sync_messages()], ["417"])
        bob.line("QUIT :bye")
        self.assertEqual(bob.last_words(), ["ERROR :Closing link: Bye"])

    def test_irc_numerics_of_who_is_banned_while_there(self):
        """Who is banned by a mask stays, and is silent."""
        daemon = self.start()
        carol, bob = self.irc(daemon, "carol"), self.irc(daemon, "bob")
        carol.ask("JOIN #a")
        bob.ask("JOIN #a")
        carol.ask("MODE #a +b b*!*@*", "MODE #a +q bob")
        bob.sync()
        self.assert_answers(bob, "PRIVMSG #a :x | 404 #a\nPRIVMSG +#a :x | 404 #a\nTOPIC #a | 331 #a")
        carol.sync()
        carol.line("KICK #a bob")
        self.assertEqual(carol.sync(), [":carol!u@carol.mingle KICK #a bob :carol"])


if __name__ == "__main__":
    main()
