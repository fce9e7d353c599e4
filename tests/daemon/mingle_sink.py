#!/usr/bin/env python3
"""A listener that does next to nothing with an attack: it accepts, reads, and closes what the other end closes.

It is a process of its own. What two people who talk through mingled notice of an attack that goes to this
listener is the doing of the machine and of the attacker, who share its processors with them."""
import select
import socket
import subprocess
import sys


def run():
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    listener.setblocking(False)
    poll, clients = select.epoll(), {}
    poll.register(listener, select.EPOLLIN)
    poll.register(sys.stdin, select.EPOLLIN)
    print(listener.getsockname()[1], flush=True)
    while True:
        for fd, _ in poll.poll():
            if fd == sys.stdin.fileno():
                return
            if fd == listener.fileno():
                try:
                    client = listener.accept()[0]
                except (BlockingIOError, ConnectionError):
                    continue
                client.setblocking(False)
                clients[client.fileno()] = client
                poll.register(client, select.EPOLLIN)
                continue
            try:
                is_open = clients[fd].recv(1 << 16)
            except ConnectionError:
                is_open = False
            if not is_open:
                poll.unregister(fd)
                clients.pop(fd).close()


class Sink:
    def __init__(self):
        self.process = subprocess.Popen([sys.executable, __file__], text=True, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)
        self.address = ("127.0.0.1", int(self.process.stdout.readline()))

    def close(self):
        """It ends when its stdin does, also when the test is killed."""
        self.process.stdin.close()
        self.process.wait(20)
        self.process.stdout.close()


if __name__ == "__main__":
    run()
