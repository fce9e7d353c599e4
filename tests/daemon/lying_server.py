"""A chat server that lies, for mingle-bench to find out: it speaks as bench/baseline.c does (the first line
of a client is its room, later ones go to all others there) and does one thing wrong now and then.

    lying_server.py KIND DIALECT      prints "listening on PORT"; ends with its standard input

KIND is honest, drop, repeat, reorder, cut, close or silent. DIALECT is raw, for that, or irc: as servers that want
a PONG before they welcome a client, let everybody join a lobby, and write a '~' before the user."""
import os
import selectors
import socket
import sys
import threading


class Client:
    def __init__(self, connection):
        self.connection = connection
        self.data = b""
        self.room = None
        self.name = None  # IRC only


class Server:
    def __init__(self, kind):
        self.kind = kind
        self.rooms = {}
        self.line_count = 0
        self.held = None  # a line that comes after the next one

    def lines_of(self, line):
        """What the others get of a line: itself, if it is one of the honest ones."""
        self.line_count += 1
        if self.held is not None:
            line, self.held = line + self.held, None
            return line
        if self.line_count % 10 != 5:
            return line
        if self.kind == "reorder":
            self.held = line
        return {"drop": b"", "repeat": line + line, "reorder": b"", "cut": line[:-3] + b"\n"}.get(self.kind, line)

    def take(self, client, line):
        if client.room is None:
            self.enter(client, line)
            if self.kind != "silent":
                client.connection.sendall(b"entered\n")
            return
        self.say(client, line)

    def enter(self, client, name):
        client.room = self.rooms.setdefault(name, [])
        client.room.append(client)

    def say(self, client, line):
        out = self.lines_of(line)
        for other in list(client.room):
            if other is not client:
                other.connection.sendall(out)
        if self.kind == "close" and self.line_count == 20:
            client.room[-1].connection.shutdown(socket.SHUT_RDWR)

    def read(self, client):
        data = client.connection.recv(65536)
        *lines, client.data = (client.data + data).split(b"\n")
        for line in lines:
            self.take(client, line + b"\n")
        return bool(data)

    def run(self, listener):
        selector = selectors.DefaultSelector()
        selector.register(listener, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is listener:
                    connection = listener.accept()[0]
                    selector.register(connection, selectors.EVENT_READ, Client(connection))
                elif not self.read_or_end(key.data):
                    selector.unregister(key.fileobj)
                    key.fileobj.close()

    def read_or_end(self, client):
        try:
            is_open = self.read(client)
        except OSError:
            is_open = False
        if not is_open and client.room and client in client.room:
            client.room.remove(client)
        return is_open


class IrcServer(Server):
    def take(self, client, line):
        word, _, rest = line.rstrip(b"\r\n").partition(b" ")
        if word == b"NICK":
            client.name = rest
            client.connection.sendall(b"PING :cookie of " + rest + b"\r\n")
        elif word == b"PONG" and rest == b":cookie of " + client.name:
            self.answer(client, b"001 %s :Welcome")
            self.answer(client, b"366 %s #lobby :End of NAMES list")
        elif word == b"JOIN":
            self.enter(client, rest)
            self.answer(client, b"366 %s " + rest + b" :End of NAMES list")
        elif word == b"PRIVMSG":
            self.say(client, b":" + client.name + b"!~load@localhost " + line)

    @staticmethod
    def answer(client, words):
        client.connection.sendall(b":irc.localhost " + words % client.name + b"\r\n")


def main():
    listener = socket.create_server(("127.0.0.1", 0), backlog=1000)
    print(f"listening on {listener.getsockname()[1]}", flush=True)
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    {"raw": Server, "irc": IrcServer}[sys.argv[2]](sys.argv[1]).run(listener)


main()
