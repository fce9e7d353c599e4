#!/usr/bin/env python3
"""Sessions that rest (src/session/rest.h): nobody may notice that they do."""
import signal
import socket

from mingle_irc import IrcClient
from mingle_test import DaemonTest, main, wait_until

FIN_WAIT2 = 5  # of tcp(7)'s TCP_INFO: our end has arrived, the other side has not ended
PEOPLE = [f"ann{number}" for number in range(10)]


def has_arrived(client):
    """Whether the end of what the client says has reached the server's kernel."""
    return client.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == FIN_WAIT2


class RestTest(DaemonTest):
    def check_names_are_free(self, daemon, people):
        """Who goes and comes back before the server has looked at either is not told that the name is taken."""
        watcher = self.enter(daemon, "watcher")
        watcher.sync()  # by now they rest
        daemon.signal(signal.SIGSTOP)
        for client in people:
            client.end_input()
            wait_until(lambda: has_arrived(client), "the end of " + client.label)
        back = [self.connect(daemon, label=client.label) for client in people]
        for client in back:
            client.line(client.label)
        daemon.signal(signal.SIGCONT)
        for client in back:
            self.assertNotIn("is taken", client.expect(rf"\*\*\* You are {client.label}, |is taken"))

    def enter_all(self, people):
        for client in people:
            client.line(client.label)
            client.expect(rf"\*\*\* You are {client.label}, ")
        return people

    def test_rest_frees_the_names_of_who_has_gone(self):
        daemon = self.start()
        people = [self.connect(daemon, label=name) for name in PEOPLE]
        self.check_names_are_free(daemon, self.enter_all(people))

    def test_rest_frees_the_names_of_who_has_gone_tls(self):
        daemon = self.start(tls=True)
        people = [self.connect_tls(daemon, label=name) for name in PEOPLE]
        self.check_names_are_free(daemon, self.enter_all(people))

    def test_rest_frees_the_names_of_who_has_gone_irc(self):
        daemon = self.start()
        people = [self.keep(IrcClient(daemon.address, label=name)) for name in PEOPLE]
        for client in people:
            client.register(client.label)
        self.check_names_are_free(daemon, people)

    def test_rest_of_irc_clients_ends_for_what_they_say_and_are_told(self):
        daemon = self.start({"irc.keepalive": "3s"})
        irc, plain = self.keep(IrcClient(daemon.address)), self.enter(daemon, "ann")
        irc.register("bob")
        for _ in range(2):  # in quiet they are asked, and then they rest again
            irc.until("PING")
            irc.line("PONG x")
            plain.line("hello")
            self.assertEqual(irc.until("PRIVMSG")[-1].params, ["#lobby", "hello"])
            irc.line("PRIVMSG #lobby :hi")
            plain.expect("<bob> hi")


if __name__ == "__main__":
    main()
