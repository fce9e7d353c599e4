#!/usr/bin/env python3
"""irssi, WeeChat, ii and sic, as Debian has them, in one room with people at nc: what both sides see."""
import concurrent.futures
import os
import re
import time

from mingle_irc_screen import Irssi, WeeChat
from mingle_test import DaemonTest, certificate, main, wait_until

# What the window of the server shows of a client's coming in, and nothing else: no numeric that it does not know.
WELCOME = [
    r"Welcome, bob",
    r"This is mingle on localhost\.mingle",
    r"It runs since [\d: -]+ UTC",
    r"localhost\.mingle mingle-\S+ \w+ \w+",
    r"AWAYLEN=\S+ .* are supported by this server",
    r"KICKLEN=\S+ .* are supported by this server",
    r"UTF8ONLY .*are supported by this server",
    r"There are 3 users and 0 invisible on 1 servers",
    r"2 rooms",
    r"I have 3 clients and 0 servers",
    r"3 3 Current local users 3, max 3",
    r"3 3 Current global users 3, max 3",
    r"There is no message of the day",
]

# A client that is slow to begin is not to be greeted as a person.
PATIENT = {"greeting.delay": "20s"}


class ClientTest(DaemonTest):
    def nc_user(self, daemon, name, *options):
        client = self.nc(daemon, *options)
        client.enter(name)
        return client

    def open(self, kind, name, *settings):
        return self.keep(kind(self.keep_folder(), name, *settings))


class Conversation:
    """One client of IRC and a server of its own, alice and carol at nc, each step on both sides."""

    def __init__(self, test, kind):
        self.test = test
        self.daemon = test.start(PATIENT)
        self.alice = test.nc_user(self.daemon, "alice")
        self.carol = test.nc_user(self.daemon, "carol", "-s", "127.0.0.2")
        self.alice.line("/join #ops", "/part #lobby", "/topic Release on Friday")
        self.alice.sync()
        self.carol.line("/join #ops", "/part #lobby")
        self.carol.sync()
        before_s = int(time.time())
        self.alice.line("before you came")
        self.alice.sync()
        self.said_s = range(before_s, int(time.time()) + 1)  # when, to the second
        self.client = test.open(kind, "bob")

    def run(self):
        try:
            for step in (self.come_in, self.enter_room, self.talk, self.ask, self.be_away, self.rename, self.ban,
                         self.kick, self.restart):
                step()
        except AssertionError:
            print(*self.client.rows(), sep="\n")
            raise

    def hears(self, pattern):
        """What alice is shown."""
        self.alice.expect(rf"^(?:\d\d:\d\d )?{pattern}\n")

    def come_in(self):
        # The history is to have another time than what comes now.
        wait_until(lambda: time.time() >= self.said_s.stop, "the next second")
        self.client.connect(*self.daemon.address)
        self.client.show_room(2, "#lobby")
        self.client.show_server()
        self.client.sees("come in", name="bob")
        shown = self.client.rows("status")
        shown = shown[next(i for i, row in enumerate(shown) if row.startswith("Welcome")):]
        matches = [re.fullmatch(*pair) for pair in zip(WELCOME, shown)]
        self.test.assertTrue(all(matches) and len(matches) == len(WELCOME), "\n".join(shown))
        self.test.assertIn(shown[len(WELCOME):], ([], ["Mode change [+i] for user bob"]))
        self.test.assertEqual([row for row in self.client.rows() if "=!=" in row], [])

    def enter_room(self):
        client = self.client
        client.line("/join #ops")
        self.hears("-- bob joined")
        client.show_room(3, "#ops")
        client.sees("join", name="bob", room="#ops")
        client.sees("topic is", room="#ops", text="Release on Friday")
        shown = client.sees("history", name="alice", text="before you came")
        self.test.assertIn(shown, {time.strftime(client.HISTORY_TIME, time.gmtime(at_s + client.HISTORY_ZONE_S))
                                   for at_s in self.said_s})
        client.line("/names")
        client.sees("names", room="#ops", operator="alice", other="bob", third="carol")

    def talk(self):
        client, alice = self.client, self.alice
        client.line("hello from bob: ünï, <b> & 100%")
        self.hears("<bob> hello from bob: ünï, <b> & 100%")
        alice.line("hello, bob: ünï, <b> & 100%", "/me waves")
        client.sees("said", name="alice", text="hello, bob: ünï, <b> & 100%")
        client.sees("did", name="alice", text="waves")
        client.line("/me dances")
        self.hears(r"\* bob dances")
        client.sees("did", name="bob", text="dances")
        alice.line("/topic Release on Monday")
        client.sees("topic", name="alice", room="#ops", text="Release on Monday")
        client.line("/topic Release today")
        self.hears("-- bob set the topic: Release today")
        client.sees("topic", name="bob", room="#ops", text="Release today")

    def ask(self):
        client = self.client
        self.alice.line("/away tea")
        self.alice.sync()
        client.line("/whois alice")
        client.show_server()
        client.sees("whois end")
        client.sees("whois", name="alice")
        client.sees("whois rooms", room="#ops")
        client.sees("whois server")
        client.sees("whois away", text="tea")
        self.alice.line("/back")
        client.show_room(3, "#ops")

    def be_away(self):
        client, alice = self.client, self.alice
        client.line("/away lunch")
        client.show_server()
        client.sees("gone away")
        alice.line("/whois bob")
        self.hears(r".*\baway\b.*\(lunch\).*")
        client.line("/away")
        client.sees("come back")
        client.show_room(3, "#ops")
        client.line("/msg alice psst")
        self.hears(r"\[bob\] psst")

    def rename(self):
        client, alice = self.client, self.alice
        client.line("/nick robert")
        self.hears("-- bob is now known as robert")
        client.sees("own nick", new="robert")
        alice.line("/nick alicia")
        client.sees("nick", name="alice", new="alicia")

    def ban(self):
        client, alice = self.client, self.alice
        alice.line("/ban troll", "/ban *@192.0.2.*", "/op robert")
        client.sees("mode", room="#ops", change="+o robert", name="alicia")
        client.line("/ban carol")
        self.hears(r"-- robert banned \*@carol")
        client.sees("mode", room="#ops", change="+b *!*@carol.mingle", name="robert")
        client.line("/ban")
        client.sees("ban", room="#ops", mask="troll!*@*")
        client.sees("ban", room="#ops", mask="*!*@carol.mingle")
        client.unban("carol")
        self.hears(r"-- robert lifted the ban of \*@carol")
        client.sees("mode", room="#ops", change="-b *!*@carol.mingle", name="robert")

    def kick(self):
        client, alice = self.client, self.alice
        client.line("/kick carol enough of that")
        self.hears(r"-- robert kicked carol \(enough of that\)")
        self.carol.expect(r"robert kicked you .*\(enough of that\).*\n")
        client.sees("kick", name="carol", room="#ops", by="robert", text="enough of that")
        alice.line("/deop robert", "/kick robert go home")
        client.sees("kick", name="robert", room="#ops", by="alicia", text="go home")
        client.line("/join #ops")
        self.hears("-- robert joined")

    def restart(self):
        """The next server has the same port; the client comes back to its rooms."""
        client, daemon = self.client, self.daemon
        client.show_server()
        daemon.stop()
        daemon.wait()
        client.sees("goodbye", text="The server is shutting down")
        client.sees("lost")
        host, port = daemon.address
        daemon = self.test.start({"listen.address": f"{host}:{port}"})
        dave = self.test.nc_user(daemon, "dave")
        dave.line("/join #ops", "/part #lobby")
        dave.sync()
        client.reconnect()
        dave.expect(r"-- robert joined\n")
        dave.line("new here")
        client.show_room(3, "#ops")
        client.sees("said", name="dave", text="new here")
        client.line("old here")
        dave.expect(r"<robert> old here\n")
        client.sees("synced", room="#ops")
        self.test.assertEqual([row for row in client.rows() if re.search("(?i)split", row)], [])


class ScreenTest(ClientTest):
    def test_irc_clients_behave_as_on_any_network(self):
        conversations = [Conversation(self, kind) for kind in (Irssi, WeeChat)]
        with concurrent.futures.ThreadPoolExecutor() as pool:
            for done in [pool.submit(conversation.run) for conversation in conversations]:
                done.result()

    def test_irc_clients_over_tls(self):
        daemon = self.start(PATIENT, tls=True)
        alice = self.nc_user(daemon, "alice")
        clients = [self.open(Irssi, "irene"), self.open(WeeChat, "wendy")]
        for client in clients:
            client.connect("localhost", daemon.address[1], authority=certificate()[0])
        for client in clients:
            client.show_room(2, "#lobby")
        for _ in clients:
            alice.expect(r"-- \w+ joined\n")
        alice.line("/whois irene", "/whois wendy", "hello both")
        for name in ("irene", "wendy"):
            alice.expect(rf"{name} .*TLS")
        for client, name in zip(clients, ("irene", "wendy")):
            client.sees("said", name="alice", text="hello both")
            client.line(f"from {name}")
            alice.expect(rf"<{name}> from {name}\n")
        clients[0].sees("said", name="wendy", text="from wendy")
        clients[1].sees("said", name="irene", text="from irene")


class SmallClientTest(ClientTest):
    """ii has a folder for each conversation, with a FIFO and a file; sic has stdin and stdout."""

    def test_irc_clients_ii(self):
        daemon = self.start(PATIENT)
        alice, folder = self.nc_user(daemon, "alice"), self.keep_folder()
        host, port = daemon.address
        self.program("ii", "-s", host, "-p", port, "-n", "bob", "-f", "Bob", "-i", folder)
        alice.expect("-- bob joined\n")
        alice.line("/join #ops", "/topic Release on Friday")
        alice.sync()

        def path(room, name):
            return os.path.join(folder, host, room, name)

        def write(room, text):
            wait_until(lambda: os.path.exists(path(room, "in")), f"the FIFO of {room}")
            with open(path(room, "in"), "w") as fifo:
                fifo.write(text + "\n")

        def reads(room, text):
            def is_there():
                with open(path(room, "out")) as file:
                    return any(line.partition(" ")[2].rstrip("\n") == text for line in file)
            wait_until(lambda: os.path.exists(path(room, "out")) and is_there(), f"{text!r} in {room}")

        for text in ("Welcome, bob", "There is no message of the day", "= #lobby alice bob"):
            reads("", text)
        write("", "/j #ops")
        alice.expect("-- bob joined\n")
        for text in ("#ops Release on Friday", "= #ops @alice bob"):
            reads("", text)
        reads("#ops", "-!- bob(u@bob.mingle) has joined #ops")
        write("#ops", "hello from bob: ünï")
        alice.expect("<bob> hello from bob: ünï\n")
        write("#ops", "/t Release on Monday")
        alice.expect("-- bob set the topic: Release on Monday\n")
        write("", "/n robert")
        alice.expect("-- bob is now known as robert\n")
        alice.line("hello, robert: ünï", "/msg robert psst", "/kick robert enough of that")
        reads("#ops", "<alice> hello, robert: ünï")
        reads("robert", "<alice> psst")
        reads("#ops", '-!- alice kicked robert  ("enough of that")')

    def test_irc_clients_sic(self):
        daemon = self.start(PATIENT)
        alice = self.nc_user(daemon, "alice")
        host, port = daemon.address
        bob = self.program("sic", "-h", host, "-p", port, "-n", "bob")
        alice.expect("-- bob joined\n")
        alice.line("/join #ops", "/topic Release on Friday")
        alice.sync()
        bob.expect(r">< 001 \(bob\): Welcome, bob\n")
        bob.expect(r">< 366 \(bob #lobby\)")
        bob.line(":j #ops")
        alice.expect("-- bob joined\n")
        bob.expect(r">< 332 \(bob #ops\): Release on Friday\n")
        bob.expect(r">< 353 \(bob = #ops\): @alice bob\n")
        # What else stands behind a line on stdin it reads only when more comes.
        for line, heard in (("hello from bob: ünï", "<bob> hello from bob: ünï"),
                            (":m alice psst", r"\[bob\] psst"),
                            (":TOPIC #ops :Release on Monday", "-- bob set the topic: Release on Monday"),
                            (":NICK robert", "-- bob is now known as robert")):
            bob.line(line)
            alice.expect(heard + r"\n")
        bob.expect(r"bob +: \S+ \S+ >< NICK \(robert\)")
        alice.line("hello, robert: ünï", "/msg robert psst", "/kick robert enough of that")
        bob.expect(r"#ops +: \S+ \S+ <alice> hello, robert: ünï\n")
        bob.expect(r"robert +: \S+ \S+ <alice> psst\n")
        bob.expect(r"alice +: \S+ \S+ >< KICK \(#ops robert\): enough of that\n")
        daemon.stop()
        bob.expect(r">< ERROR \(\): Closing link: The server is shutting down\n")


if __name__ == "__main__":
    main()
