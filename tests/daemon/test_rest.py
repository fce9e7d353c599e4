#!/usr/bin/env python3
"""Sessions that rest (src/session/rest.h): nobody may notice that they do."""
import signal
import socket

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
        for client in people:
            client.line(client.label)
            client.expect(rf"\*\*\* You are {client.label}, ")
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

    def test_rest_frees_the_names_of_who_has_gone(self):
        daemon = self.start()
        self.check_names_are_free(daemon, [self.connect(daemon, label=name) for name in PEOPLE])

    def test_rest_frees_the_names_of_who_has_gone_tls(self):
        daemon = self.start(tls=True)
        self.check_names_are_free(daemon, [self.connect_tls(daemon, label=name) for name in PEOPLE])


if __name__ == "__main__":
    main()
