#!/usr/bin/env python3
"""Attacks by what TLS costs: crowds whose most expensive flight comes for all of them at the same time, and keys that
are updated again and again. They leave the others' chat alone, and who keeps to the limits is served."""
import signal

from mingle_attack import AttackTest
from mingle_handshake import TLS12, TLS13, Context, Handshake
from mingle_test import main, wait_until

CROWD = 200
UPDATERS, UPDATES_MAX = 5, 256
TRIES = 10

HELLO_RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")  # RFC 8446, 4.1.3
HELLO_DONE = b"\x0e\0\0\0"


class AttacksTlsTest(AttackTest):
    def handshakes(self, context, address, count):
        result = []
        for sock in self.connections(address, count):
            result.append(self.keep(Handshake(context, sock)))
            sock.sendall(result[-1].next_flight())
        return result

    def leave(self, daemon, crowd):
        before = self.closed_in_all(daemon)
        for client in crowd:
            client.sock.shutdown(2)
        wait_until(lambda: self.closed_in_all(daemon) == before + len(crowd), "the end of all")

    def worked(self, daemon):
        """For how long its loop has run, in nanoseconds; a tick of stat(5) is as long as much of this."""
        with open(f"/proc/{daemon.pid}/schedstat") as file:
            return int(file.read().split()[0])

    def check_share(self, daemon, prepare):
        """Somebody who talks is answered before a quarter of the work is done that came at the same time. That is so at
        each try, but how far the daemon gets until we look depends on the machine, so the best counts."""
        shares = []
        for _ in range(TRIES):
            crowd, send, await_end = prepare()
            daemon.signal(signal.SIGSTOP)
            send()
            self.witness.line("/zz1")
            begin = self.worked(daemon)
            daemon.signal(signal.SIGCONT)
            self.witness.expect("Unknown command /zz1")
            answered = self.worked(daemon)
            self.witness.sync()
            await_end()
            end = self.worked(daemon)
            shares.append((answered - begin) / (end - begin))
            self.leave(daemon, crowd)
            if shares[-1] < 1 / 4:
                print(f"  answered after {shares[-1]:.0%} of {(end - begin) / 1e6:.1f} ms of work")
                return
        self.fail(f"who talks has to wait for so much of the work: {shares}")

    # ---- handshakes ----

    def check_last_flights(self, groups, version, answer):
        """A crowd has sent its first flights, and got the answers; the next ones come all at once."""
        context = self.keep(Context(groups, version))

        def prepare():
            crowd, flights = self.handshakes(context, daemon.address, CROWD), []
            for client in crowd:
                self.assertIn(answer, client.receive())
                flights.append(client.next_flight())
                self.assertFalse(client.is_done)

            def send():
                for client, flight in zip(crowd, flights):
                    client.sock.sendall(flight)

            def finish():
                for client in crowd:
                    client.finish()

            return crowd, send, finish

        def rehearse(address):
            for client in self.handshakes(context, address, CROWD):
                client.sock.sendall(bytes(300))

        daemon = self.calm({"greeting.delay": "1m"}, rehearse, tls=True)
        crowd, send, finish = prepare()
        self.check_unaffected()
        send()
        self.check_unaffected()
        finish()
        daemon.wait_log(f' tls="TLSv1.{version - TLS12 + 2} ', CROWD)
        self.leave(daemon, crowd)
        self.check_calm(daemon)
        self.check_share(daemon, prepare)

    def test_attacks_second_client_hello(self):
        """2: a crowd whose keys are of a group that the server has not, so that it asks each for another
        ClientHello (HelloRetryRequest): it is the second one that makes it compute."""
        self.check_last_flights("X448:P-256", TLS13, HELLO_RETRY)

    def test_attacks_client_keys_of_tls_12(self):
        """2: with TLS 1.2 the server computes once more when the client's key comes."""
        self.check_last_flights("P-256", TLS12, HELLO_DONE)

    # ---- new keys ----

    def updaters(self, daemon, context, count):
        """Clients with what is to be sent: so many updates, and then a name."""
        crowd = self.handshakes(context, daemon.address, UPDATERS)
        floods = []
        for number, client in enumerate(crowd):
            client.finish()
            floods.append(client.key_updates(count) + client.encrypted(b"updater%d\n" % number))

        def send():
            for client, flood in zip(crowd, floods):
                client.sock.sendall(flood)

        return crowd, send

    def test_attacks_key_updates(self):
        """2: who has new keys made all the time gets one in a turn of the loop, and may do it for so long."""
        context = self.keep(Context("X25519"))

        def rehearse(address):
            for sock in self.connections(address, UPDATERS):
                sock.sendall(bytes(27 * UPDATES_MAX))

        def prepare():
            crowd, send = self.updaters(daemon, context, UPDATES_MAX)
            named = sum(" named user=updater" in line for line in daemon.log)
            return crowd, send, lambda: daemon.wait_log(" named user=updater", named + UPDATERS)

        daemon = self.calm({"greeting.delay": "1m"}, rehearse, tls=True)
        crowd, send, await_end = prepare()
        self.check_unaffected()
        send()
        self.check_unaffected()
        await_end()
        self.leave(daemon, crowd)

        greedy, send = self.updaters(daemon, context, UPDATES_MAX + 1)
        send()
        wait_until(lambda: self.closed_in_all(daemon) == 2 * UPDATERS, "the end of who takes one more")
        self.assertEqual(sum(" named user=updater" in line for line in daemon.log), UPDATERS)
        for client in greedy:
            client.close()
        self.check_calm(daemon)
        self.check_share(daemon, prepare)


if __name__ == "__main__":
    main()
