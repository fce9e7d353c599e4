#!/usr/bin/env python3
"""Every client of Debian that a person may come with: what is on its screen, row by row, from connecting to
/quit; and at the end of a pipe, what the one-liner of the README does with it."""
import os
import re
import shutil
import subprocess
import unittest

from mingle_client import DEADLINE, untimed
from mingle_screen import Screen
from mingle_test import DaemonTest, certificate, main

WELCOME = "Welcome to localhost (mingle). Nobody else is here yet."
QUESTION = "Your name? (or: /help, /quit)"
FIRST_WORDS = "*** Type to talk, /help for commands."
BYE = "*** Bye."
ENDED = "ended, icanon echo"
WIDTH = 90

# What telnet clients say themselves.
INETUTILS = ["Trying 127.0.0.1...", "Connected to 127.0.0.1.", "Escape character is '^]'."]
BUSYBOX_CHARACTER_MODE = ["", "Entering character mode", "Escape character is '^]'.", ""]


def need(*programs):
    """Skips the test, by name, when a client is not installed; packages.txt has all of them."""
    for program in programs:
        if not shutil.which(program):
            raise unittest.SkipTest(f"{program} is not installed: packages.txt lists it")


class ClientsTest(DaemonTest):
    def serve(self, tls=False):
        daemon = self.start(tls=tls)
        self.words = {"HOST": "127.0.0.1", "PORT": str(daemon.address[1])}
        if tls:
            self.words["CA"] = certificate()[0]
        return daemon

    def fill(self, command):
        """The command line with the daemon's address in it."""
        return re.sub(r"\b(HOST|PORT|CA)\b", lambda match: self.words[match[0]], command)

    def screen(self, command):
        need("tmux", command.split()[0])
        return self.keep(Screen(self.fill(command).split(), WIDTH, 24))

    # ---- on a screen ----

    def check_visit(self, command, tls=False, stays=False):
        """A visit as it has to look: each line once, from the first column, and nothing else between them.
        The terminal shows what is typed, so the server must not. Netcat of OpenBSD, ncat and plink stay
        when the server has closed, until somebody ends their input."""
        daemon = self.serve(tls=tls)
        alice = self.screen(command)
        alice.wait_row(r"^Your name\?")
        alice.line("alice")
        alice.wait_end(FIRST_WORDS)
        bob = self.enter(daemon, "bob")
        alice.wait_end("HH:MM -- bob joined")
        bob.line("hello alice")
        alice.wait_end("HH:MM <bob> hello alice")
        alice.line("hi bob, ünïcödé 日本")
        bob.expect("<alice> hi bob, ünïcödé 日本\n")
        alice.line("/quit")
        bob.expect("-- alice left\n")
        alice.wait(lambda seen: BYE in seen, BYE)
        if stays:
            alice.keys("C-d")
        rows = alice.wait_row("^ended")
        self.assertEqual(rows, [WELCOME, QUESTION, "alice", "*** You are alice, in #lobby, alone so far.",
                                FIRST_WORDS, "HH:MM -- bob joined", "HH:MM <bob> hello alice",
                                "hi bob, ünïcödé 日本", "/quit", BYE, ENDED])
        daemon.wait_log("closed reason=quit")

    def test_clients_nc_of_openbsd(self):
        self.check_visit("nc.openbsd HOST PORT", stays=True)

    def test_clients_nc_of_openbsd_with_crlf(self):
        self.check_visit("nc.openbsd -C HOST PORT", stays=True)

    def test_clients_nc_traditional(self):
        self.check_visit("nc.traditional HOST PORT")

    def test_clients_nc_of_busybox(self):
        self.check_visit("busybox nc HOST PORT")

    def test_clients_ncat(self):
        self.check_visit("ncat HOST PORT", stays=True)

    def test_clients_ncat_with_crlf(self):
        self.check_visit("ncat -C HOST PORT", stays=True)

    def test_clients_ncat_over_tls(self):
        self.check_visit("ncat --ssl --ssl-verify --ssl-trustfile CA --ssl-servername localhost HOST PORT",
                         tls=True, stays=True)

    def test_clients_socat(self):
        self.check_visit("socat - TCP:HOST:PORT")

    def test_clients_socat_with_crlf(self):
        self.check_visit("socat - TCP:HOST:PORT,crnl")

    def test_clients_socat_over_tls(self):
        self.check_visit("socat - OPENSSL:localhost:PORT,pf=ip4,cafile=CA", tls=True)

    S_CLIENT = ("openssl s_client -quiet -verify_quiet -verify_return_error -CAfile CA -servername localhost"
                " -connect HOST:PORT")

    def test_clients_s_client(self):
        self.check_visit(self.S_CLIENT, tls=True)

    def test_clients_s_client_with_crlf(self):
        self.check_visit(self.S_CLIENT + " -crlf", tls=True)

    def test_clients_plink_raw(self):
        self.check_visit("plink -raw -P PORT HOST", stays=True)

    def test_clients_plain_port_with_tls_says_so(self):
        self.serve(tls=True)
        hint = self.fill("Not encrypted. With TLS: openssl s_client -quiet -connect localhost:PORT")
        alice = self.screen("nc.openbsd HOST PORT")
        self.assertEqual(alice.wait_row(r"^Your name\?"), [WELCOME, hint, QUESTION])

    # ---- telnet on a screen: the server draws the line that is typed, once ----

    def check_drawn(self, command, *, asks=True, before=(), between=(), after=()):
        daemon = self.serve()
        alice = self.screen(command)
        if asks:
            alice.wait_row(r"^Your name\?")
            alice.line("alice")
        alice.wait_end("[#lobby] alice>")
        bob = self.enter(daemon, "bob")
        alice.wait_end("HH:MM -- bob joined", "[#lobby] alice>")
        alice.type("hi b")
        alice.wait_end("[#lobby] alice> hi b")
        bob.line("hello alice")
        alice.wait_end("HH:MM <bob> hello alice", "[#lobby] alice> hi b")
        alice.line("ob, ünïcödé 日本")
        bob.expect("<alice> hi bob, ünïcödé 日本\n")
        alice.wait_end("[#lobby] alice>")
        alice.line("/quit")
        bob.expect("-- alice left\n")
        rows = alice.wait_row("^ended")
        # Where the client says something of its own depends on what it has read by then.
        for row in between:
            self.assertIn(row, rows)
        self.assertEqual([row for row in rows if row not in between],
                         [*before, WELCOME, QUESTION, *(["alice"] if asks else []),
                          "*** You are alice, in #lobby, alone so far.", FIRST_WORDS,
                          "HH:MM -- bob joined", "HH:MM <bob> hello alice",
                          "HH:MM <alice> hi bob, ünïcödé 日本", "[#lobby] alice> /quit",
                          BYE, *after, ENDED])

    def test_clients_telnet_of_inetutils(self):
        self.check_drawn("inetutils-telnet HOST PORT", before=INETUTILS,
                         after=["Connection closed by foreign host."])

    def test_clients_telnet_of_busybox(self):
        self.check_drawn("busybox telnet HOST PORT", before=["Connected to 127.0.0.1"],
                         between=BUSYBOX_CHARACTER_MODE, after=["Connection closed by foreign host"])

    def test_clients_plink_telnet_brings_its_name(self):
        self.check_drawn("plink -telnet -l alice -P PORT HOST", asks=False)

    # ---- piped: the words of the README ----

    LINES = r"printf 'bot\n/join #ops\ndeploy done\n/quit\n' | "

    def check_pipe(self, command, tls=False, lines=LINES):
        """Runs it in a shell. The line is said, all answers are printed, and the client ends by itself,
        well."""
        need(command.split()[0])
        daemon = self.serve(tls=tls)
        carol = self.enter(daemon, "carol")
        carol.line("/join #ops")
        carol.sync()
        script = "set -o pipefail; " + lines + self.fill(command)
        done = subprocess.run(["bash", "-c", script], timeout=DEADLINE, capture_output=True, text=True,
                              env=os.environ | {"LC_ALL": "C.UTF-8"})
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual([untimed(line) for line in done.stdout.splitlines()],
                         ["Welcome to localhost (mingle). 1 person here now.", QUESTION,
                          "*** You are bot, in #lobby with carol.", FIRST_WORDS,
                          "*** You are bot, in #ops with @carol.", FIRST_WORDS, BYE])
        self.assertEqual(carol.read_lines(4), ["HH:MM #lobby -- bot joined", "HH:MM -- bot joined",
                                               "HH:MM <bot> deploy done", "HH:MM -- bot left"])
        self.assertEqual(carol.sync(), [])

    def test_clients_pipe_of_the_readme(self):
        with open(os.path.join(os.environ.get("TOP_SRCDIR", "."), "README.md")) as readme:
            self.assertIn(self.LINES + "nc -N 127.0.0.1 7000\n", readme.read())
        self.check_pipe("nc -N 127.0.0.1 PORT")

    def test_clients_pipe_nc_of_openbsd(self):
        for command in ("nc.openbsd -N HOST PORT", "nc.openbsd HOST PORT", "nc.openbsd -q1 HOST PORT"):
            self.check_pipe(command)

    def test_clients_pipe_nc_traditional(self):
        for command in ("nc.traditional -q1 HOST PORT", "nc.traditional HOST PORT"):
            self.check_pipe(command)

    def test_clients_pipe_ncat(self):
        for command in ("ncat HOST PORT", "ncat --no-shutdown HOST PORT"):
            self.check_pipe(command)
        self.check_pipe("ncat --ssl HOST PORT", tls=True)

    def test_clients_pipe_socat(self):
        self.check_pipe("socat - TCP:HOST:PORT")
        self.check_pipe("socat - OPENSSL:localhost:PORT,pf=ip4,cafile=CA", tls=True)

    def test_clients_pipe_others(self):
        for command in ("busybox nc HOST PORT", "plink -raw -batch -P PORT HOST",
                        "curl -sS --noproxy '*' telnet://HOST:PORT"):
            self.check_pipe(command)

    def test_clients_pipe_s_client(self):
        """At the end of its input s_client with -quiet stays, and so hears everything up to the goodbye."""
        self.check_pipe(self.S_CLIENT, tls=True)

    def test_clients_pipe_without_quit_ends_with_the_input(self):
        lines = r"printf 'bot\n/join #ops\ndeploy done\n' | "
        for command in ("nc.openbsd -N HOST PORT", "ncat HOST PORT", "socat - TCP:HOST:PORT"):
            self.check_pipe(command, lines=lines)

    # ---- as a new user with no documentation ----

    def check_newcomer(self, alice):
        """Types what people type who know nothing; whatever comes back has to name what to type next."""
        alice.wait_row(r"^Your name\? \(or: /help, /quit\)")
        for typed, told in (("what is this?", r"^\*\*\* Names have .* and start with a letter\. Name\?"),
                            ("help", r"^\*\*\* Type the name that others shall see, and press Enter\."),
                            ("/join #ops", r"^\*\*\* Commands work once you have a name\."),
                            ("newbie", r"^\*\*\* Type to talk, /help for commands\."),
                            ("help", r"^\*\*\* To leave type /quit, for help /help\."),
                            ("/help", r"/help COMMAND"),
                            ("/halp", r"^\*\*\* Unknown command /halp\. Did you mean /help\? \(/help\)"),
                            ("/msg", r"^\*\*\* That is not how /msg works\. Type: /msg NAME TEXT \(more"),
                            ("/help msg", r"Example: /msg alice are you there\?"),
                            ("/msg bop hi", r"^\*\*\* No one here is called bop\. Did you mean bob\?"),
                            ("/switch #ops", r"^\*\*\* There is no room #ops\. To see which.*: /rooms"),
                            ("/topic", r"^\*\*\* #lobby has no topic\. To set one: /topic TEXT"),
                            (" /quit", r"^\*\*\* Not sent: there is a space before.* type /quit")):
            alice.line(typed)
            alice.wait_row(told)
        self.bob.expect("-- newbie joined\n")
        alice.line("so this is how one talks")
        self.bob.expect("<newbie> so this is how one talks\n")
        self.bob.line("welcome, newbie")
        alice.wait_row("^HH:MM <bob> welcome, newbie")
        alice.line("/quit")
        alice.wait_row(r"^\*\*\* Bye\.")

    def check_newcomer_by(self, command):
        daemon = self.serve()
        self.bob = self.enter(daemon, "bob")
        need("tmux", command.split()[0])
        self.check_newcomer(self.keep(Screen(self.fill(command).split(), WIDTH, 60)))

    def test_clients_newcomer_by_nc(self):
        self.check_newcomer_by("nc HOST PORT")

    def test_clients_newcomer_by_telnet(self):
        self.check_newcomer_by("telnet HOST PORT")


if __name__ == "__main__":
    main()
