#!/usr/bin/env python3
"""Attacks by patience and by numbers: who is slow, who comes in crowds, who asks for much. Each leaves the
others' chat alone, is ended at its deadline or its limit with a reason, and leaves nothing behind."""
import socket
import struct
import subprocess

from mingle_attack import GRACE, MIB, SOON, V1, V2, AttackTest, client_hello
from mingle_client import DEADLINE, SocketClient
from mingle_crowd import Crowd
from mingle_test import is_sanitized, main, wait_until


class AttacksTest(AttackTest):
    # ---- slow ----

    def test_attacks_slowloris_at_the_name(self):
        """1: a thousand send a byte of a name now and then and never its end. Each is closed at the deadline
        of names, counted from its connect, however many bytes come meanwhile."""
        def rehearse(address):
            self.send_slowly(self.connections(address, 1000), b"N" * 15)

        daemon = self.calm({"limits.name_timeout": "1500ms", "greeting.delay": "100ms"}, rehearse)
        self.drip(daemon, self.sockets(daemon, 1000), b"N" * 500, "name-timeout")
        self.check_calm(daemon)

    def test_attacks_slowloris_tells_why(self):
        """1: who is closed is told why."""
        daemon = self.start({"limits.name_timeout": "300ms", "greeting.delay": "0s"})
        client = self.connect(daemon)
        client.send("half a na")
        self.assertEqual(client.rest_lines()[-1], "*** Timed out waiting for a name. Bye.")

    def test_attacks_slow_tls_handshake(self):
        """2: handshakes that come byte by byte end at the deadline of handshakes; those without TLS on the
        same port do not notice."""
        hello = client_hello()

        def rehearse(address):
            self.send_slowly(self.connections(address, 300), hello[:15])

        daemon = self.calm({"tls.handshake_timeout": "1s"}, rehearse, tls=True)
        self.drip(daemon, self.sockets(daemon, 300), hello[:-1], "tls-failed")
        self.check_calm(daemon)

    def test_attacks_half_a_client_hello_and_silence(self):
        """2: half a ClientHello, then nothing, from a thousand: closed at the deadline of handshakes."""
        hello = client_hello()

        def send_half(address):
            sockets = self.connections(address, 1000)
            for sock in sockets:
                sock.sendall(hello[:len(hello) // 2])
            return sockets

        def rehearse(address):
            for sock in send_half(address):
                sock.close()

        daemon = self.calm({"tls.handshake_timeout": "500ms"}, rehearse, tls=True)
        send_half(daemon.address)
        self.check_unaffected()
        self.await_closed(daemon, "tls-failed", 1000)
        self.check_calm(daemon)

    def test_attacks_many_who_never_read(self):
        """4: people of a busy room who never read are cut, each once and with a reason in the log, and cost
        no more memory than their outboxes may hold."""
        people, high = 50, 16384
        path = self.keep_folder() + "/sock"
        daemon = self.start({"listen.address": ["unix:" + path, "127.0.0.1:0"], "limits.stalled": "300ms",
                             "limits.outbox_high": high, "limits.outbox_low": 4096, "rooms.log": 64,
                             "server.shutdown_timeout": "300ms", "rooms.quiet_above": 1}, env=SOON)
        self.watch(daemon)
        for number in range(people):
            self.keep(SocketClient(path)).line(f"deaf{number}")
        daemon.wait_log("named user=deaf", people)
        before = daemon.rss_bytes()

        def all_cut():
            self.witness.line(*["x" * 3000] * 50)
            self.witness.sync()
            self.peak = max(self.peak, daemon.rss_bytes())
            return self.closed(daemon, "not-reading") >= people

        wait_until(all_cut, "the end of those who do not read", 60)
        if not is_sanitized():
            self.assertLess(self.peak - before, people * 2 * high + 8 * MIB)
        self.assertEqual(self.closed(daemon, "not-reading"), people)  # each once
        self.check_calm(daemon)

    # ---- many ----

    def test_attacks_reset_at_every_stage(self):
        """6: resets at every stage of a client's life, from the accept on: no error, no leak."""
        hello = client_hello()
        stages = [b"", b"x", hello[:3], hello[:100], hello, b"GET / HTTP/1.1\r\n", b"7up\n", b"mallory\nhi\n",
                  V1[:20], b"\xff\xfd", b"nam"]

        def storm(address):
            for _ in range(100):
                for data in stages:
                    sock, = self.connections(address, 1, ("127.0.0.2", 0) if data == V1[:20] else None)
                    sock.sendall(data)
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    sock.close()

        daemon = self.calm({"listen.address": "127.0.0.1:0 proxy=127.0.0.2", "rooms.quiet_above": 1}, storm,
                           tls=True)
        for times in (1, 2):
            self.rss = daemon.rss_bytes()  # the second time with the code of TLS in it
            storm(daemon.address)
            wait_until(lambda: self.closed_in_all(daemon) == times * 100 * len(stages), "the end of all", 60)
        self.check_calm(daemon)

    def test_attacks_connect_and_reset(self):
        """6: five thousand connect and are gone, most of them before the server reads."""
        count = 5000

        def storm(address):
            for _ in range(count):
                client = SocketClient(address)
                client.reset()

        daemon = self.calm(rehearsal=storm)
        storm(daemon.address)
        wait_until(lambda: self.closed_in_all(daemon) >= count, "the end of all", 60)
        self.check_calm(daemon)

    def test_attacks_connections_cut_from_outside(self):
        """6: the kernel destroys live connections (ss -K): their people have left, and nothing is leaked."""
        daemon = self.calm()
        victims = [self.enter(daemon, f"victim{number}") for number in range(50)]
        self.witness.sync()
        ports = [victim.sock.getsockname()[1] for victim in victims]
        try:
            subprocess.run(["ss", "-K", "-t", f"sport = :{daemon.address[1]} and ( "
                            + " or ".join(f"dport = :{port}" for port in ports) + " )"],
                           check=True, capture_output=True, timeout=DEADLINE)
            wait_until(lambda: " left (" in "\n".join(self.witness.sync()), "somebody who has left", 2)
        except (OSError, subprocess.SubprocessError, AssertionError):
            self.skipTest("ss -K is not there, or may not destroy sockets here")
        wait_until(lambda: self.closed_in_all(daemon) >= 50, "the end of all")
        self.witness.line("/names")
        self.assertEqual(self.witness.sync()[-2:], ["--- 1 person in #lobby ---", "      | witness (you)"])
        for victim in victims:
            victim.close()
        self.check_calm(daemon)

    def test_attacks_one_address_takes_all_places(self):
        """7: one address has its share of connections and is told so; others get in."""
        daemon = self.start({"limits.per_address": 10, "limits.sessions": 50})
        hog = self.sockets(daemon, 100)
        self.await_closed(daemon, "per-address", 90)
        other = self.keep(SocketClient(daemon.address))  # the same address: not even one more
        self.assertIn("too many connections from your address", other.rest())
        friend, = self.sockets(daemon, 1, ("127.0.0.2", 0))
        friend.sendall(b"friend\n")
        data = b""
        while b"You are friend, in" not in data:
            piece = friend.recv(4096)
            self.assertTrue(piece, data)
            data += piece
        for sock in hog:
            sock.close()
        self.await_closed(daemon, "eof", 10)
        self.connect(daemon).enter("late")

    def test_attacks_one_network_of_ipv6_is_one_address(self):
        """7: a /64 is one address, its neighbour another."""
        daemon = self.start({"listen.address": "127.0.0.1:0 proxy=127.0.0.1", "limits.per_address": 3})
        for number in range(6):
            client = self.connect(daemon)
            client.send(f"PROXY TCP6 2001:db8:0:1::{number + 1} ::1 1 2\r\np{number}\n")
            client.expect("You are" if number < 3 else "too many connections from your address")
        client = self.connect(daemon)
        client.send("PROXY TCP6 2001:db8:0:2::1 ::1 1 2\r\nother\n")
        client.expect("You are other")

    # ---- amplifying ----

    def test_attacks_commands_that_cost_much(self):
        """15: hundreds of rooms, lists of many people and rooms, a long history, a name that changes again
        and again: answers have a bounded length however much there is to list, and others are not held up."""
        daemon = self.calm({"limits.rooms_per_user": 600, "rooms.quiet_above": 1})
        crowd = Crowd()
        self.addCleanup(crowd.close)
        crowd.join(daemon.address, [f"member{number}" for number in range(200)])
        mallory = self.enter(daemon, "mallory")
        mallory.line(*[f"/join #room{number}" for number in range(550)])
        mallory.sync()
        mallory.line("/switch #lobby", *["x" * 100] * 300)
        mallory.sync()
        for command, most in (("/names", 100), ("/who", 210), ("/rooms", 502), ("/whois mallory", 1),
                              ("/history 300", 202), ("/join #no,such,room", 1), ("/help", 20)):
            mallory.line(command)
            self.assertIn(len(mallory.sync()), range(1, most + 1), command)
            mallory.line(*[command] * 50)
            mallory.sync()
            self.check_unaffected()
        mallory.line(*[f"/nick mallory{number}" for number in range(100)])
        mallory.sync()
        self.check_unaffected()
        mallory.close()
        crowd.close()
        # The rooms, 300 messages, and the heap of 200 people; a new name is told to all of them in one turn.
        self.check_calm(daemon, 8 * MIB, 2 * GRACE)

    def test_attacks_commands_are_paid_for_by_their_sender(self):
        """15: commands that cost more take more out of the bucket of who sends them."""
        daemon = self.start({"limits.flood": "0.01 burst 20"})
        mallory, witness = (self.enter(daemon, name) for name in ("mallory", "witness"))
        mallory.line(*["/names"] * 50)
        for _ in range((20 - 1) // 2):  # one is spent: the fence behind the name
            mallory.expect("2 people in #lobby ---\n")
        witness.line("still here")
        witness.sync()
        mallory.expect("<witness> still here\n")
        self.assertNotIn(b"people in", mallory.buffer)

    # ---- half-closed ----

    def test_attacks_half_closed_at_every_stage(self):
        """13: who ends its input is heard and answered to the end, with a goodbye, and then closed; it is a
        client of pipes, no failure."""
        daemon = self.calm({"listen.address": "127.0.0.1:0 proxy=127.0.0.2", "greeting.delay": "100ms",
                            "limits.name_timeout": "5s"}, tls=True)
        bye = "*** Bye.\n"
        for data, wanted in ((b"", ""), (b"7up\n", bye), (b"mallory\n", bye), (b"mallory\nhi", bye),
                             (b"mallory\n/quit", bye), (b"/quit\n", bye)):
            client = self.connect(daemon)
            client.send(data)
            client.end_input()
            text = client.rest()
            self.assertTrue(text.endswith(wanted), text)
        silent = self.connect(daemon)
        silent.expect(r"Your name\?[^\n]*\n")
        silent.end_input()
        self.assertEqual(silent.rest(), bye)
        for part in (b"", V1[:10], V2[:14]):
            sock, = self.sockets(daemon, 1, ("127.0.0.2", 0))
            sock.sendall(part)
            sock.shutdown(socket.SHUT_WR)
            try:
                self.assertEqual(sock.recv(100), b"")
            except ConnectionResetError:
                pass  # with half of a header unread
            sock.close()
        self.await_closed(daemon, "proxy", 2)
        nc = self.nc(daemon, "-q1")
        nc.send("late\n/names\n")
        nc.end_input()
        self.assertIn("(you)", nc.rest())
        self.check_calm(daemon)

    # ---- hash flooding ----

    def names(self, pairs, blocks):
        for number in range(1 << blocks):
            yield "#" + "".join(pairs[number >> bit & 1] for bit in range(blocks))

    def test_attacks_names_that_collide_cost_no_more(self):
        """14: rooms with names that collide in a well-known hash cost what others do: the hash is keyed."""
        daemon = self.calm({"limits.rooms_per_user": 10000})
        blocks, costs = 12, []
        # "a|" and "b[" are the same to h * 33 + c, which many tables use; the others are like nothing.
        for number, pairs in enumerate((("a|", "c["), ("a|", "b["))):
            client = self.enter(daemon, f"mallory{number}")
            before = daemon.cpu_seconds()
            for start in range(0, 1 << blocks, 256):
                names = list(self.names(pairs, blocks))[start:start + 256]
                client.line(*[f"/join {name}" for name in names])
                client.sync()
            costs.append(daemon.cpu_seconds() - before)
        self.assertLess(costs[1], 3 * costs[0] + 0.5)

    # ---- the log ----

    def test_attacks_log_is_bounded_and_holds_no_text_of_users(self):
        """22: newlines, priorities and a megabyte for a name: one line an event, of bounded size, escaped;
        and what people write is not in the log at all."""
        daemon = self.calm({"rooms.quiet_above": 1})
        forged = "\r2026-11-21T00:00:00.000Z error forged"
        count = 100
        for number in range(count):
            client = self.connect(daemon)
            client.line(f"<3>forged{forged}", f"m{number}", f"/nick <3>{forged}", f"/join #x{forged}",
                        f"say{forged}", f"/topik{forged}", f"/quit {forged}")
            client.rest()
            client.close()
        big = self.connect(daemon)
        try:
            big.send("n" * MIB)
        except ConnectionError:
            pass
        self.await_closed(daemon, "not-text", 1)
        self.check_calm(daemon)
        log = list(daemon.log)
        self.assertNotIn("forged", "\n".join(log))
        self.assertLess(max(map(len, log)), 2048)
        self.assertLess(len(log), 5 * count + 20)  # open, named and closed for each, and a few of its own


if __name__ == "__main__":
    main()
