#!/usr/bin/env python3
"""What people see: nc, telnet and openssl s_client in the same rooms, to the word."""
import re
import socket
import ssl
import time

from mingle_client import SocketClient, untimed
from mingle_test import DaemonTest, certificate, main, wait_until

WELCOME = "Welcome to localhost (mingle). Nobody else is here yet."
QUESTION = "Your name? (or: /help, /quit)"
FIRST_WORDS = "*** Type to talk, /help for commands."
NAME_RULE = "*** Names have 1-30 letters, digits or -_[]{}|^ and start with a letter."
BYE = "*** Bye."


class TalkTest(DaemonTest):
    def answer(self, client, command):
        """The lines that a command is answered with."""
        client.line(command)
        return client.sync()

    def check(self, client, command, *lines):
        self.assertEqual(self.answer(client, command), list(lines))

    # ---- clients ----

    def test_talk_nc_and_openssl_meet_in_the_lobby(self):
        daemon = self.start(tls=True)
        alice, bob = self.nc(daemon), self.s_client(daemon)
        self.assertEqual(alice.enter("alice"), ["*** You are alice, in #lobby, alone so far.", FIRST_WORDS])
        self.assertEqual(bob.enter("bob"), ["*** You are bob, in #lobby with alice.", FIRST_WORDS])
        self.assertEqual(alice.sync(), ["HH:MM -- bob joined"])
        alice.line("hello bob", "Keep K, Q and R")
        self.assertEqual(alice.sync(), [])
        self.assertEqual(bob.sync(), ["HH:MM <alice> hello bob", "HH:MM <alice> Keep K, Q and R"])
        bob.line("Q", "//quoted", "/quit")
        self.assertEqual(bob.rest_lines()[-1], BYE)
        self.assertEqual(alice.read_lines(3), ["HH:MM <bob> Q", "HH:MM <bob> /quoted", "HH:MM -- bob left"])
        self.assertRegex("\n".join(daemon.log), r'tls="TLSv1\.3 ')

    def test_talk_telnet_gets_its_line_ends_and_leaves_cleanly(self):
        daemon = self.start()
        bob = self.enter(daemon, "bob")
        alice = self.telnet(daemon)
        alice.expect(r"Connected to")
        alice.expect(re.escape(QUESTION))
        alice.line("alice")
        alice.expect(r"\*\*\* You are alice, in #lobby with bob\.\r\n")
        bob.expect("-- alice joined\n")
        alice.line("hello from telnet")
        self.assertEqual(bob.read_lines(1), ["HH:MM <alice> hello from telnet"])
        bob.line("hello back")
        # With colours if what her telnet says of its terminal has come by then.
        alice.expect(r"\d\d:\d\d (\x1b\[0m)?<([^>]*m)?bob(\x1b\[0m)?> hello back\r\n")
        alice.line("/quit so long")
        alice.expect(r"\*\*\* Bye\.\r\n")
        alice.expect("Connection closed by foreign host")
        alice.wait()
        self.assertEqual(bob.read_lines(1), ["HH:MM -- alice left (so long)"])

    def test_talk_line_ends_are_the_clients_own(self):
        daemon = self.start()
        for end, wanted in (("\n", "\n"), ("\r\n", "\r\n"), ("\r\0", "\r\n")):
            client = self.connect(daemon)
            client.send("alice" + end)
            client.expect(rf"You are alice, in #lobby, alone so far\.{wanted}")
            client.send("/quit" + end)
            self.assertTrue(client.rest().endswith(BYE + wanted))

    # ---- piped input and half-close ----

    def piped(self, daemon, *options, lines):
        """nc at the end of a pipe: all of its output."""
        nc = self.nc(daemon, *options)
        nc.send("".join(line + "\n" for line in lines))
        nc.end_input()
        text = nc.rest()
        self.assertEqual(nc.wait(), 0)
        return [untimed(line) for line in text.splitlines()]

    def check_piped(self, *more, options):
        daemon = self.start()
        carol = self.enter(daemon, "carol")
        carol.line("/join #ops")
        carol.sync()
        out = self.piped(daemon, *options, lines=["bot", "/join #ops", "deploy done", "/names", *more])
        self.assertEqual(out, [
            "Welcome to localhost (mingle). 1 person here now.",
            QUESTION,
            "*** You are bot, in #lobby with carol.",
            FIRST_WORDS,
            "*** You are bot, in #ops with @carol.",
            FIRST_WORDS,
            "--- 2 people in #ops ---",
            "      | bot (you), @carol",
            BYE,
        ])
        self.assertEqual(carol.read_lines(4), [
            "HH:MM #lobby -- bot joined",
            "HH:MM -- bot joined",
            "HH:MM <bot> deploy done",
            "HH:MM -- bot left",
        ])
        self.assertEqual(carol.sync(), [])

    def test_talk_piped_nc_with_quit(self):
        self.check_piped("/quit", options=["-N"])

    def test_talk_piped_nc_ends_by_half_close(self):
        self.check_piped(options=["-N"])

    def test_talk_piped_nc_without_half_close_ends_by_quit(self):
        self.check_piped("/quit", options=[])

    def test_talk_last_line_needs_no_newline(self):
        daemon = self.start()
        alice = self.enter(daemon, "alice")
        bot = self.connect(daemon)
        bot.send("bot\nno newline")
        bot.end_input()
        self.assertEqual(bot.rest_lines()[-1], BYE)
        self.assertEqual(alice.read_lines(3),
                         ["HH:MM -- bot joined", "HH:MM <bot> no newline", "HH:MM -- bot left"])

    def test_talk_tls_half_close_is_answered_to_the_end(self):
        daemon = self.start(tls=True)
        bot = self.connect_tls(daemon)
        bot.send("bot\n/topic\n/quit\n")
        self.assertEqual(bot.rest_lines()[-2:],
                         ["*** #lobby has no topic. To set one: /topic TEXT", BYE])

    def test_talk_slow_reader_gets_its_last_lines(self):
        folder = self.keep_folder()
        daemon = self.start({"log.level": "debug", "server.shutdown_timeout": "60s",
                             "listen.address": f"unix:{folder}/sock"})
        with open("/proc/sys/net/core/wmem_default") as file:
            count = int(file.read()) // 300  # the answers are more than twice of what the kernel keeps
        bot = self.keep(SocketClient(f"{folder}/sock"))
        bot.send("bot\n" + "/help\n" * count)
        bot.end_input()

        def is_closing():
            bot.buffer += bot.sock.recv(4096)
            return any("state=close" in line for line in daemon.log)

        wait_until(is_closing, "the end of the input", 60)
        time.sleep(1.5)  # longer than what the server waits for a client that has got everything
        lines = bot.rest().splitlines()
        self.assertEqual(lines[-1], BYE)
        self.assertEqual(sum("/msg NAME TEXT" in line for line in lines), count)

    # ---- names ----

    def test_talk_names_are_asked_for_until_one_is_good(self):
        daemon = self.start()
        self.enter(daemon, "bob")
        for wrong in ("Bob", "7up", "-x", "a b", "x" * 31, "b\x1bob", "j\u00fcrgen"):
            client = self.connect(daemon)
            client.line(wrong)
            self.assertEqual(client.read_lines(2),
                             ["Welcome to localhost (mingle). 1 person here now.", QUESTION])
            taken = "*** \"Bob\" is taken. Try Bob2 or another name:"
            self.assertEqual(client.read_line(), taken if wrong == "Bob" else NAME_RULE + " Name?")
        client.line("/join #ops")
        self.assertEqual(client.read_lines(2), ["*** Commands work once you have a name.", QUESTION])
        client.line("?")
        self.assertEqual(client.read_lines(3), [
            "*** Type the name that others shall see, and press Enter. Enter alone: a guest name.",
            NAME_RULE,
            QUESTION,
        ])
        client.line("x" * 30)
        self.assertEqual(client.read_line(), f"*** You are {'x' * 30}, in #lobby with bob.")

    def test_talk_enter_alone_is_a_guest(self):
        daemon = self.start()
        first, second = self.connect(daemon), self.connect(daemon)
        first.line("")
        name = re.search(r"You are (guest-\d+), in", first.expect(r"You are [^\n]*\n"))[1]
        second.line("")
        text = second.expect(r"You are [^\n]*\n")
        self.assertRegex(text, rf"You are guest-\d+, in #lobby with {name}\.")
        self.assertNotIn(f"You are {name},", text)

    def test_talk_leaving_at_the_question(self):
        daemon = self.start()
        for word in ("/quit", "quit", "EXIT", "/bye"):
            client = self.connect(daemon)
            client.line(word)
            self.assertEqual(client.rest_lines(), [WELCOME, QUESTION, BYE])

    def test_talk_who_never_gives_a_name_is_closed(self):
        daemon = self.start()
        client = self.connect(daemon)
        client.line(*["/join #ops"] * 1000)
        lines = client.rest_lines()
        self.assertEqual(lines[-1], "*** That is no line of text. Use nc or telnet. Bye.")
        self.assertEqual(lines.count("*** Commands work once you have a name."), 10)
        daemon.wait_log("closed reason=not-text")

    def test_talk_two_bad_names_in_a_second_are_a_program(self):
        daemon = self.start()
        client = self.connect(daemon)
        client.line(*["Welcome to chat.example.org (mingle)."] * 3)
        self.assertEqual(client.rest_lines(), [
            WELCOME, QUESTION, NAME_RULE + " Name?",
            "*** Two names in one second, and neither is one. Connect again and take your time. Bye."])
        daemon.wait_log("closed reason=bad-names")

    def test_talk_bad_names_of_a_person_are_refused_one_by_one(self):
        daemon = self.start()
        client = self.connect(daemon)
        for _ in range(2):
            client.line("7up")
            client.expect(re.escape(NAME_RULE + " Name?\n"))
            time.sleep(1.01)  # a slower machine only takes longer
        client.line("alice")
        client.expect("You are alice, in #lobby")

    def test_talk_taken_names_may_follow_each_other(self):
        daemon = self.start()
        self.enter(daemon, "bob")
        client = self.connect(daemon)
        client.line("bob", "Bob", "BOB", "alice")
        client.expect("You are alice, in #lobby with bob")

    # ---- commands ----

    def test_talk_nick_is_seen_and_frees_the_old_name(self):
        daemon = self.start()
        alice, bob = self.enter(daemon, "alice"), self.enter(daemon, "bob")
        alice.sync()
        self.check(alice, "/nick BOB", '*** "BOB" is taken. Try /nick BOB2 or another name.')
        self.check(alice, "/nick 1st", NAME_RULE + " Try again: /nick NAME")
        self.check(alice, "/nick alicia", "*** You are alicia now.")
        self.assertEqual(bob.sync(), ["HH:MM -- alice is now known as alicia"])
        self.check(bob, "/msg alice hi", "*** No one here is called alice. Did you mean alicia?")
        self.check(bob, "/name alice", "*** You are alice now.")
        alice.line("hi")
        self.assertEqual(alice.sync(), ["HH:MM -- bob is now known as alice"])
        self.assertEqual(bob.sync(), ["HH:MM <alicia> hi"])
        self.check(alice, "/nick Alicia", "*** You are Alicia now.")

    def test_talk_second_room(self):
        daemon = self.start()
        alice, bob, carol = (self.enter(daemon, name) for name in ("alice", "bob", "carol"))
        for client in (alice, bob, carol):
            client.sync()
        self.check(alice, "/join #Ops", "*** You are alice, in #Ops, alone so far.", FIRST_WORDS)
        self.check(bob, "/j ops", "*** You are bob, in #Ops with @alice.", FIRST_WORDS)
        self.assertEqual(alice.sync(), ["HH:MM -- bob joined"])
        self.check(alice, "/join #ops", "*** You are in #Ops already. To talk there: /switch #Ops")
        alice.line("disk at 91%")
        alice.sync()
        self.assertEqual(bob.sync(), ["HH:MM <alice> disk at 91%"])
        self.check(alice, "/switch #lobby", "*** What you type goes to #lobby now.")
        alice.line("to the lobby")
        alice.sync()
        self.assertEqual(carol.sync(), ["HH:MM <alice> to the lobby"])
        self.assertEqual(bob.sync(), ["HH:MM #lobby <alice> to the lobby"])
        bob.line("/me nods")
        bob.sync()
        self.assertEqual(alice.sync(), ["HH:MM #Ops * bob nods"])
        self.check(bob, "/part #ops bye then", "*** You left #Ops. What you type goes to #lobby now.")
        self.assertEqual(alice.sync(), ["HH:MM #Ops -- bob left (bye then)"])
        self.check(bob, "/s #ops", "*** You are not in #Ops. To enter it: /join #Ops")
        self.check(bob, "/s #nowhere", "*** There is no room #nowhere. To see which there are: /rooms")
        self.check(bob, "/part", "*** You left #lobby and are in no room now. To enter one: /join #ROOM")
        self.check(bob, "anyone?", "*** You are in no room. To enter one: /join #ROOM (/rooms lists them)")
        self.check(bob, "/join a,b", "*** Room names are # and 1-49 letters, digits or -_[]{}|^. like #lobby."
                                     " Try again with one, or see /rooms")

    def test_talk_private_messages(self):
        daemon = self.start()
        alice, bob, carol = (self.enter(daemon, name) for name in ("alice", "bob", "carol"))
        for client in (alice, bob, carol):
            client.sync()
        self.check(bob, "/r hello?", "*** No one has sent you a private message yet."
                                     " To send one: /msg NAME TEXT")
        self.check(alice, "/msg Bob psst", "HH:MM [-> bob] psst")
        self.assertEqual(bob.sync(), ["HH:MM [alice] psst"])
        self.check(bob, "/reply  what?", "HH:MM [-> alice] what?")
        self.assertEqual(alice.sync(), ["HH:MM [bob] what?"])
        self.check(alice, "/w carl hi", "*** No one here is called carl. Did you mean carol?")
        self.check(alice, "/msg bob", "*** That is not how /msg works. Type: /msg NAME TEXT"
                                      " (more: /help msg)")
        self.assertEqual(carol.sync(), [])

    def test_talk_topic_names_rooms(self):
        daemon = self.start()
        alice, bob = self.enter(daemon, "alice"), self.enter(daemon, "bob")
        alice.line("/join #ops")
        alice.sync()
        self.check(bob, "/topic", "*** #lobby has no topic. To set one: /topic TEXT")
        self.check(bob, "/topic Release on Friday", "*** You set the topic of #lobby: Release on Friday")
        self.assertEqual(alice.sync(), ["HH:MM #lobby -- bob set the topic: Release on Friday"])
        self.check(bob, "/topic", "*** Topic of #lobby, set by bob: Release on Friday")
        carol = self.connect(daemon)
        self.assertEqual(carol.enter("carol")[0],
                         "*** You are carol, in #lobby with alice, bob. Topic: Release on Friday")
        self.check(carol, "/names", "--- 3 people in #lobby ---", "      | alice, bob, carol (you)")
        self.check(carol, "/users #ops", "--- 1 person in #ops ---", "      | @alice")
        self.check(carol, "/rooms", "--- 2 rooms ---", "      | #lobby  3 people  Release on Friday",
                   "      | #ops  1 person")
        self.check(bob, "/topic -", "HH:MM -- carol joined", "*** You cleared the topic of #lobby.")
        self.assertEqual(carol.sync(), ["HH:MM -- bob cleared the topic"])

    def test_talk_help_and_guards(self):
        daemon = self.start()
        alice, bob = self.enter(daemon, "alice"), self.enter(daemon, "bob")
        alice.sync()
        overview = self.answer(alice, "/help")
        self.assertLessEqual(len(overview), 20)
        for command in ("/help", "/msg NAME TEXT", "/join #ROOM", "/quit"):
            self.assertTrue(any(command in line for line in overview), command)
        self.assertEqual(self.answer(alice, "/"), overview)
        self.check(alice, "/help /topic", "*** /topic [TEXT]: show or set the topic of your current room",
                   "      | Example: /topic Release on Friday", '      | "/topic -" clears it.')
        self.check(alice, "/topik", "*** Unknown command /topik. Did you mean /topic? (/help)")
        self.check(alice, "  /quit", "*** Not sent: there is a space before /quit. To run it, type /quit"
                                     " without the space; to say it, type //quit")
        guard = "*** To leave type /quit, for help /help. To say it anyway, send it again."
        self.check(alice, "quit", guard)
        self.check(alice, "quit", guard)  # the sync in between was another line
        alice.line("help", "help")
        self.assertEqual(alice.sync(), [guard])
        self.assertEqual(bob.sync(), ["HH:MM <alice> help"])

    def test_talk_quit_tells_why(self):
        daemon = self.start()
        alice, bob = self.enter(daemon, "alice"), self.enter(daemon, "bob")
        bob.line("/quit see\x07 you")
        self.assertEqual(bob.rest_lines(), [BYE])
        self.assertEqual(alice.read_lines(2), ["HH:MM -- bob joined", "HH:MM -- bob left (see you)"])
        self.enter(daemon, "bob").reset()
        self.assertEqual(alice.read_lines(2), ["HH:MM -- bob joined", "HH:MM -- bob left (connection lost)"])

    # ---- joining ----

    def test_talk_joining_shows_the_last_ten_messages(self):
        daemon = self.start()
        alice = self.enter(daemon, "alice")
        alice.line(*[f"message {i}" for i in range(1, 13)], "/me waves")
        alice.sync()
        dave = self.connect(daemon)
        history = [f"HH:MM <alice> message {i}" for i in range(4, 13)] + ["HH:MM * alice waves"]
        self.assertEqual(dave.enter("dave"), ["*** You are dave, in #lobby with alice.",
                                              "--- DATE, last 10 messages ---", *history,
                                              "--- now --- (/help for commands)"])

    def test_talk_joining_shows_names_in_order(self):
        daemon = self.start()
        for name in ("erin", "Bob", "dave", "alice"):
            self.enter(daemon, name)
        client = self.connect(daemon)
        self.assertEqual(client.enter("carol")[0],
                         "*** You are carol, in #lobby with alice, Bob, dave, erin.")
        self.check(client, "/names", "--- 5 people in #lobby ---",
                   "      | alice, Bob, carol (you), dave, erin")

    # ---- what must not get through ----

    def test_talk_control_bytes_reach_nobody(self):
        daemon = self.start()
        alice = self.enter(daemon, "alice")
        bob = self.enter(daemon, "bob")
        alice.sync()
        bob.send(b"a\x1b[31mb\x07c\rd\x00e\x7ff\xc2\x9bg\x9bh\xffi\xe2\x80\xaej\n")
        bob.send(b"/topic x\x1b]0;owned\x07y\n/nick b\x1bob\n/part #lobby \x1b[2Jgone\n")
        bob.sync()
        data = b""
        alice.line("/zzendzz")
        while b"zzendzz" not in data:
            data += alice.sock.recv(65536)
        text = data.decode("utf-8")  # valid, or this fails
        self.assertNotRegex(text, "[\x00-\x09\x0b-\x1f\x7f\x80-\x9f]")
        lines = [untimed(line) for line in text.split("\n")]
        self.assertEqual(lines[0], "HH:MM <bob> a[31mbcdefg\ufffdh\ufffdi\u202ej\u202c")
        self.assertEqual(lines[1], "HH:MM -- bob set the topic: x]0;ownedy")
        self.assertEqual(lines[2], "HH:MM -- bob left ([2Jgone)")

    def test_talk_text_of_nothing_is_refused(self):
        daemon = self.start()
        alice, bob = self.enter(daemon, "alice"), self.enter(daemon, "bob")
        self.check(bob, "\x1b\x07", "*** Not sent: nothing in it can be shown. Type some text.")
        self.check(bob, "   ")
        self.assertEqual(alice.sync(), ["HH:MM -- bob joined"])

    def test_talk_longest_line(self):
        daemon = self.start({"limits.line": 1000})
        alice, bob = self.enter(daemon, "alice"), self.enter(daemon, "bob")
        alice.sync()
        refusal = "*** Not sent: the line is longer than 1000 bytes. Send it in parts."
        self.check(bob, "x" * 1000)
        self.assertEqual(alice.sync(), ["HH:MM <bob> " + "x" * 1000])
        self.check(bob, "y" * 1001, refusal)
        bob.send("z" * 1000 + "\r\n")
        self.assertEqual(bob.sync(), [])
        self.assertEqual(alice.sync(), ["HH:MM <bob> " + "z" * 1000])
        bob.send("m" * (1 << 20))
        self.check(bob, "", refusal)
        self.check(bob, "still here")
        self.assertEqual(alice.sync(), ["HH:MM <bob> still here"])

    def test_talk_endless_first_line_is_closed(self):
        daemon = self.start()
        client = self.connect(daemon)
        try:
            client.send("n" * (1 << 20))
        except ConnectionError:
            pass  # closed before it had read all
        daemon.wait_log("closed reason=not-text")

    # ---- which protocol? ----

    def test_talk_silent_client_is_greeted(self):
        daemon = self.start({"server.welcome": "Be kind.", "greeting.delay": "50ms"}, tls=True)
        client = self.connect(daemon)
        port = daemon.address[1]
        self.assertEqual(client.read_lines(4), [
            WELCOME, "Be kind.",
            f"Not encrypted. With TLS: openssl s_client -quiet -connect localhost:{port}",
            QUESTION])
        client.line("alice")
        self.assertEqual(client.read_line(), "*** You are alice, in #lobby, alone so far.")

    def client_hello(self):
        """The first bytes of a TLS client."""
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        context = ssl.create_default_context(cafile=certificate()[0])
        with self.assertRaises(ssl.SSLWantReadError):
            context.wrap_bio(incoming, outgoing, server_hostname="localhost").do_handshake()
        return outgoing.read()

    def test_talk_tls_without_certificate_is_answered_with_an_alert(self):
        daemon = self.start()
        client = self.connect(daemon)
        client.send(self.client_hello())
        data = b""
        while piece := client.sock.recv(100):
            data += piece
        self.assertEqual(data, bytes.fromhex("15030300020228"))
        daemon.wait_log("closed reason=tls-failed")

    def test_talk_tls_may_come_byte_by_byte(self):
        daemon = self.start({"greeting.delay": "20s"}, tls=True)
        plain = self.connect(daemon)
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        context = ssl.create_default_context(cafile=certificate()[0])
        tls = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
        plain.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def flush():
            for byte in outgoing.read():
                plain.send(bytes([byte]))

        def until_done(step):
            while True:
                try:
                    result = step()
                    flush()
                    return result
                except ssl.SSLWantReadError:
                    flush()
                    incoming.write(plain.sock.recv(1 << 16))

        until_done(tls.do_handshake)
        tls.write(b"alice\n")
        flush()
        text = b""
        while b"alone so far" not in text:
            text += until_done(lambda: tls.read(1 << 16))

    def test_talk_handshake_that_stops_is_closed(self):
        daemon = self.start({"tls.handshake_timeout": "200ms"}, tls=True)
        hello = self.client_hello()
        for part in (hello[:1], hello[:5], hello[:6], hello[:100]):
            client = self.connect(daemon)
            client.send(part)
            self.assertEqual(client.rest(), "")
        daemon.wait_log("closed reason=tls-failed", 4)

    def test_talk_broken_handshake_is_closed(self):
        daemon = self.start(tls=True)
        client = self.connect(daemon)
        client.send(self.client_hello()[:11] + b"\xff" * 2000)
        client.rest()
        daemon.wait_log("closed reason=tls-failed")

    def test_talk_handshake_that_is_given_up_is_closed(self):
        daemon = self.start({"tls.handshake_timeout": "300s"}, tls=True)
        for count, part in enumerate((self.client_hello()[:100], self.client_hello()), 1):
            client = self.connect(daemon)
            client.send(part)
            client.end_input()
            daemon.wait_log("closed reason=tls-failed", count)

    def test_talk_garbage_harms_nobody(self):
        daemon = self.start(tls=True)
        alice = self.enter(daemon, "alice")
        for garbage in (b"\x16\x03\x01\x00\x05\x02", b"\x00" * 6000, b"\xff\xfd\x18", bytes(range(256)) * 40,
                        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16", b"\x80\x2e\x01\x00\x02" * 30):
            client = self.connect(daemon)
            client.send(garbage)
            client.end_input()
            client.rest()
        alice.sync()


if __name__ == "__main__":
    main()
