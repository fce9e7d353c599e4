"""No allocation is one that the daemon cannot do without: whichever fails, at most the session or the
command that needed it does, it is told, and everyone else talks on. At start the daemon may give up, in
words."""
import os
import subprocess

from mingle_client import SocketClient, TlsClient
from mingle_memory import MemoryTest
from mingle_test import DEADLINE, MINGLED, certificate, main

SCRIPT = ("bob", "hello all", "/join #ops", "/topic hi", "/msg watch psst", "/me waves", "/who", "/names",
          "/history", "/nick rob", "/set time iso", "/away x", "/back", "/ignore watch", "/ban carol 1h", "/rooms",
          "/whois watch", "/help", "/part", "/invite watch #ops", "/quit")
IRC_SCRIPT = ("CAP LS 302", "NICK watch", "USER bob 0 * :Bob", "CAP REQ :batch server-time message-tags", "NICK bob", "CAP END",
              "PRIVMSG #lobby :hello all", "JOIN #ops,#b sesame", "TOPIC #ops :hi", "PRIVMSG watch,#ops :psst",
              "MODE #ops +mk sesame", "WHO #lobby", "WHOIS watch", "NAMES #ops", "NICK rob", "CAP REQ echo-message",
              "AWAY :x", "LIST", "KICK #ops rob", "PING x", "NONSENSE", "PART #ops,#b", "QUIT :bye")


def plain(daemon):
    return SocketClient(daemon.address)


def over_tls(daemon):
    return TlsClient(daemon.address, certificate()[0])


class SessionsTest(MemoryTest):
    def test_no_allocation_of_a_session_ends_the_daemon(self):
        self.fail_each(self.talk(plain, *SCRIPT))

    def test_no_allocation_of_a_tls_session_ends_the_daemon(self):
        self.fail_each(self.talk(over_tls, *SCRIPT), tls=True)

    def test_no_allocation_of_an_irc_session_ends_the_daemon(self):
        self.fail_each(self.talk(plain, *IRC_SCRIPT))

    def test_no_allocation_of_a_session_that_wakes_ends_the_daemon(self):
        """After each answer it rests, and the next line wakes it."""
        for connect, more in (plain, {}), (over_tls, {"tls": True, "step": 3}):
            def wake_often(daemon, connect=connect):
                client, text = None, ""
                try:
                    client = connect(daemon)
                    for line in "bob", "/one", "/two", "/three":
                        client.line(line)
                        text += client.expect("Your name|Unknown command|memory")
                    client.line("/quit")
                    text += client.rest()
                except (OSError, AssertionError) as error:
                    text += str(error)
                finally:
                    if client:
                        client.close()
                return text
            self.fail_each(wake_often, **more)

    def test_daemon_lives_through_a_time_without_memory(self):
        self.fail_each(self.talk(plain, *SCRIPT), span=100)

    def test_start_without_memory_ends_in_words(self):
        arguments = [MINGLED, "--check-config", "--set", "listen.address=127.0.0.1:0"]
        environment = os.environ | self.plan.environment()
        count, failed = 0, 1
        while failed:
            self.plan.fail(count)
            done = subprocess.run(arguments, env=environment, capture_output=True, text=True, timeout=DEADLINE)
            failed = self.plan.stop()
            if done.returncode:
                self.assertIn(done.returncode, (1, 2, 78, -6), f"allocation {count}: {done.stderr}")
                self.assertIn("memory", done.stderr.lower(), f"allocation {count}")
            count += 1
        self.assertEqual(done.returncode, 0)
        self.assertGreater(count, 10)


if __name__ == "__main__":
    main()
