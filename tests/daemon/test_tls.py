#!/usr/bin/env python3
"""What TLS offers and refuses, tried with openssl s_client and Python's ssl."""
import contextlib
import os
import re
import select
import signal
import ssl
import subprocess

from mingle_client import DEADLINE
from mingle_test import DaemonTest, certificate, main, shared_folder, wait_until

SUITES_TLS12 = {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
                "ECDHE-ECDSA-CHACHA20-POLY1305"}


def openssl(*words, **more):
    return subprocess.run(["openssl", *words], check=True, capture_output=True, text=True, **more).stdout


def make(name, hosts="localhost", key=("ec", "-pkeyopt", "ec_paramgen_curve:P-256"), days=60):
    """Paths of a self-signed certificate for the hosts, and of its key; days=-1: it ends at once."""
    paths = [os.path.join(shared_folder(), f"{name}.{kind}.pem") for kind in ("certificate", "key")]
    names = ",".join(f"DNS:{host}" for host in hosts.split())
    request = openssl("req", "-newkey", *key, "-nodes", "-subj", f"/CN={name}", "-addext",
                      f"subjectAltName={names}", "-keyout", paths[1])
    openssl("x509", "-req", "-copy_extensions", "copy", "-signkey", paths[1], "-days", str(days), "-out",
            paths[0], input=request)
    return tuple(paths)


def settings(*pairs, **more):
    return {"tls.certificate": [pair[0] for pair in pairs], "tls.key": [pair[1] for pair in pairs],
            "greeting.delay": "300ms"} | {key.replace("_", ".", 1): value for key, value in more.items()}


class TlsTest(DaemonTest):
    def s_client(self, daemon, *options, send="", servername="localhost"):
        """What s_client prints when it sends this and then goes."""
        host, port = daemon.address
        name = ["-servername", servername] if servername else ["-noservername"]
        done = subprocess.run(["openssl", "s_client", "-connect", f"{host}:{port}", *name, *options],
                              input=send, capture_output=True, text=True, timeout=DEADLINE)
        return done.stdout + done.stderr

    def greeted(self, daemon, *options):
        """The same, of one that goes when it was greeted: by then TLS 1.3 has sent its tickets."""
        client = self.program("openssl", "s_client", "-connect", "%s:%d" % daemon.address, *options)
        text = client.expect(r"Your name\?")
        client.end_input()
        return text + client.rest()

    def subject(self, *arguments, **more):
        match = re.search(r"^subject=CN = (\S+)", self.s_client(*arguments, **more), re.MULTILINE)
        return match and match[1]

    # ---- versions, suites, groups ----

    def test_tls_versions(self):
        daemon = self.start(tls=True)
        for option, version in ("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3"):
            self.assertIn(f"New, {version}, Cipher is ", self.s_client(daemon, option))
        for option in "-tls1", "-tls1_1":
            text = self.s_client(daemon, option, "-cipher", "ALL:@SECLEVEL=0")
            self.assertIn("alert protocol version", text)
        daemon.wait_log(r'session=\d+ tls handshake failed: "?unsupported protocol', 2)
        daemon.wait_log("closed reason=tls-failed", 2)

    def test_tls_suites(self):
        daemon = self.start(tls=True)
        accepted = set()
        for suite in openssl("ciphers", "-tls1_2", "ALL:@SECLEVEL=0").strip().split(":"):
            text = self.s_client(daemon, "-tls1_2", "-cipher", f"{suite}:@SECLEVEL=0")
            if f"Cipher is {suite}\n" in text:
                accepted.add(suite)
        self.assertEqual(accepted, SUITES_TLS12)
        daemon.wait_log(r'tls handshake failed: "?no shared cipher')
        daemon.wait_log(r'tls handshake failed: "?(no shared cipher|unsupported)', 8)
        self.connect_tls(daemon).enter("alice")

    def test_tls_groups(self):
        daemon = self.start(tls=True)
        groups = daemon.wait_log(r"tls: 1 certificate, groups (\S+)")[1].split(":")
        self.assertIn("X25519", groups[:2])
        self.assertIn("Server Temp Key: X25519", self.s_client(daemon))
        for group in groups:
            self.assertIn("Cipher is TLS_", self.s_client(daemon, "-tls1_3", "-groups", group), group)
        for group in "P-521", "X448", "ffdhe2048":
            text = self.s_client(daemon, "-tls1_3", "-groups", group)
            self.assertIn("alert handshake failure", text, group)
        for group, chosen in ("X25519", "X25519"), ("P-256", "ECDH, prime256v1"), ("P-384", "ECDH, secp384r1"):
            text = self.s_client(daemon, "-tls1_3", "-groups", f"X448:{group}", "-msg")  # a key for the first only
            self.assertEqual(len(re.findall(">>> .*, ClientHello", text)), 2)  # it was asked for another
            self.assertIn(f"Server Temp Key: {chosen}", text)

    def test_tls_renegotiation_and_compression(self):
        daemon = self.start(tls=True)
        bystander = self.connect_tls(daemon)
        bystander.enter("bystander")
        client = self.program("openssl", "s_client", "-tls1_2", "-connect", "%s:%d" % daemon.address)
        client.expect("Secure Renegotiation IS supported(.|\n)*Compression: NONE")
        client.line("R")
        client.expect("no renegotiation")
        self.assertNotEqual(client.wait(), 0)
        bystander.sync()

    def test_tls_early_data_is_not_offered(self):
        daemon = self.start({"greeting.delay": "300ms"}, tls=True)
        text = self.greeted(daemon, "-tls1_3")
        self.assertEqual(re.findall(r"Max Early Data: (\d+)", text), ["0", "0"])

    # ---- names ----

    def test_tls_certificate_by_name(self):
        pairs = [make("default", "chat.a.test"), make("wildcard", "*.a.test"),
                 make("exact", "irc.a.test")]
        daemon = self.start(settings(*pairs))
        daemon.wait_log("tls: 3 certificates, groups ")
        for asked, answered in {"chat.a.test": "default", "CHAT.A.Test": "default", "irc.a.test": "exact",
                                "other.a.test": "wildcard", "b.c.a.test": "default", "a.test": "default",
                                "unknown.test": "default", None: "default"}.items():
            for version in "-tls1_2", "-tls1_3":
                self.assertEqual(self.subject(daemon, version, servername=asked), answered, (asked, version))

    def test_tls_two_kinds_of_keys_for_one_name(self):
        pairs = [make("ec"), make("other", "other.test", key=("rsa:2048",)),
                 make("rsa", key=("rsa:2048",))]
        daemon = self.start(settings(*pairs))
        for name in "localhost", None:
            for kind, answered in ("ECDSA", "ec"), ("RSA", "rsa"):
                suite = ["-tls1_2", "-cipher", f"ECDHE-{kind}-AES128-GCM-SHA256"]
                self.assertEqual(self.subject(daemon, *suite, servername=name), answered)
        self.assertEqual(self.subject(daemon, servername="other.test"), "other")

    def test_tls_credentials(self):
        folder = self.keep_folder()
        for source, name in zip(certificate(), ("cert.pem", "key.pem")):
            os.symlink(source, os.path.join(folder, name))
        named = {"tls.certificate": "credential:cert.pem", "tls.key": "credential:key.pem"}
        self.connect_tls(self.start(named, env={"CREDENTIALS_DIRECTORY": folder})).enter("alice")
        self.check_refused(named, r"credential:cert\.pem: there are no credentials .*=cert\.pem:PATH")
        self.check_refused(named | {"tls.key": "credential:../key.pem"}, "one word without /",
                           env={"CREDENTIALS_DIRECTORY": folder})

    def check_refused(self, wanted, message, **more):
        daemon = self.start(wanted, is_listening=False, **more)
        self.assertEqual(daemon.wait(), 78)
        daemon.wait_log("error .*" + message)

    # ---- protocols ----

    def test_tls_alpn(self):
        daemon = self.start(tls=True)
        for offered, chosen in {"irc": "irc", "http/1.1": "http/1.1", "h2,http/1.1": "http/1.1",
                                "irc,http/1.1": "http/1.1"}.items():
            self.assertIn(f"ALPN protocol: {chosen}\n", self.s_client(daemon, "-alpn", offered))
        self.assertIn("No ALPN negotiated", self.s_client(daemon))
        for version in "-tls1_2", "-tls1_3":
            text = self.s_client(daemon, version, "-alpn", "h2,imap")
            self.assertIn("alert no application protocol", text)
        daemon.wait_log(r'tls handshake failed: "?no application protocol', 2)

    # ---- coming back ----

    def test_tls_sessions_are_resumed_by_tickets(self):
        daemon = self.start({"greeting.delay": "300ms"}, tls=True)
        path = os.path.join(self.keep_folder(), "session")
        for version in "-tls1_2", "-tls1_3":
            text = self.greeted(daemon, version, "-sess_out", path)
            self.assertIn("lifetime hint: 21600 (seconds)", text)
            self.assertIn("\nReused, TLS", self.s_client(daemon, version, "-sess_in", path))
            again = self.start(tls=True)  # another process has other keys
            self.assertIn("\nNew, TLS", self.s_client(again, version, "-sess_in", path))

    # ---- clients' certificates ----

    def login(self, daemon, name, pair):
        """A client with this certificate takes a name. With TLS 1.3 a refusal comes after its handshake."""
        self.connect_tls(daemon, own=pair).enter(name)

    def test_tls_client_certificate_is_optional(self):
        daemon = self.start({"tls.client_certificates": "optional"}, tls=True)
        mine = make("mine", "mine.test")
        self.login(daemon, "alice", None)
        self.login(daemon, "bob", mine)
        digest = openssl("x509", "-in", mine[0], "-noout", "-fingerprint", "-sha256").strip().split("=")[1]
        daemon.wait_log(r'tls="TLSv1.3 [^"]*"$')
        daemon.wait_log(f" certificate=sha256:{digest.replace(':', '').lower()}$")

    def test_tls_client_certificate_of_a_ca_is_required(self):
        mine = make("member", "member.test")
        daemon = self.start({"tls.client_certificates": "required", "tls.client_ca": mine[0]}, tls=True)
        self.login(daemon, "alice", mine)
        with self.assertRaisesRegex(ssl.SSLError, "(?i)certificate.required"):
            self.login(daemon, "bob", None)
        with self.assertRaisesRegex(ssl.SSLError, "(?i)unknown.ca"):
            self.login(daemon, "carol", make("stranger", "stranger.test"))
        daemon.wait_log(r'tls handshake failed: "?peer did not return a certificate')
        daemon.wait_log(r'tls handshake failed: "?self-signed certificate')
        self.assertEqual(len([line for line in daemon.log if "certificate=sha256:" in line]), 1)
        self.assertIn("member", self.s_client(daemon).partition("Acceptable client certificate CA names")[2])

    # ---- dates ----

    def test_tls_expiry_is_told(self):
        daemon = self.start(settings(make("old", days=-1), make("short", "short.test", days=13),
                                     make("last", "last.test", days=1), make("long", "long.test", days=15)))
        daemon.wait_log(r" error the certificate in \S+old\.certificate\.pem has expired \(.*renew it and")
        daemon.wait_log(r" warning the certificate in \S+short\.certificate\.pem expires in 1[23] days")
        daemon.wait_log(r" error the certificate in \S+last\.certificate\.pem expires in 2[34] hours")
        self.assertFalse([line for line in daemon.log if "long.certificate" in line])
        self.assertIn("New, TLSv1.3", self.s_client(daemon))

    def test_tls_expiry_warning_can_be_turned_off(self):
        daemon = self.start(settings(make("brief", days=1), make("past", "past.test", days=-1),
                                     tls_warn_days="0"))
        daemon.wait_log("past.certificate.pem has expired")
        self.assertFalse([line for line in daemon.log if "brief.certificate" in line])

    # ---- many ----

    def hello(self):
        """A ClientHello."""
        answer, question = ssl.MemoryBIO(), ssl.MemoryBIO()
        with contextlib.suppress(ssl.SSLWantReadError):
            ssl.create_default_context().wrap_bio(answer, question, server_hostname="localhost").do_handshake()
        return question.read()

    def answered_before(self, daemon, talker, count):
        """How many of so many handshakes were answered when somebody who talks was."""
        clients = [self.connect(daemon) for _ in range(count)]
        wait_until(lambda: "".join(daemon.log[-count:]).count(" open from=") == count, "all accepted")
        daemon.signal(signal.SIGSTOP)
        for client in clients:
            client.send(self.hello())
        talker.line("/zz1")
        daemon.signal(signal.SIGCONT)
        talker.expect("Unknown command /zz1")
        talker.sync()
        daemon.signal(signal.SIGSTOP)
        answered = len(select.select([client.sock for client in clients], [], [], 0)[0])
        daemon.signal(signal.SIGCONT)
        for client in clients:
            client.expect(".")
            client.close()
        daemon.wait_log("closed reason=tls-failed", self.rounds * count)
        return answered

    def test_tls_handshakes_do_not_hold_up_who_talks(self):
        """Handshakes have a part of each turn. Without that, whatever comes has to wait for all of a poll, some
        thirty or more. How many more are answered until we look depends on the machine, so the best counts."""
        daemon = self.start(settings(make("slow", key=("rsa:3072",)), greeting_delay="1m"))
        talker = self.connect(daemon)
        talker.enter("talker")
        for self.rounds in range(1, 11):
            if self.answered_before(daemon, talker, 100) <= 16:
                return
        self.fail("all handshakes went first")

    def test_tls_failures_are_told_within_a_limit(self):
        daemon = self.start(tls=True)
        for _ in range(40):
            client = self.connect(daemon)
            client.send(b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00")
            client.rest()
        daemon.wait_log("closed reason=tls-failed", 40)
        told = [line for line in daemon.log if "tls handshake failed" in line]
        self.assertGreaterEqual(len(told), 10)
        self.assertLess(len(told), 40)


if __name__ == "__main__":
    main()
