"""Many clients in one thread, each reading all the time."""
import selectors
import ssl
import time

from mingle_client import DEADLINE, SocketClient, TlsClient


class Member:
    def __init__(self, name, client):
        self.name = name
        self.client = client
        self.data = bytearray()  # received
        self.line_count = 0
        self.waiting = b""  # to be sent
        self.has_ended = False

    def forget(self):
        self.data.clear()
        self.line_count = 0

    def read(self):
        while True:
            try:
                piece = self.client.sock.recv(1 << 18)
            except (BlockingIOError, ssl.SSLWantReadError):
                return
            except ConnectionError:
                piece = b""
            if not piece:
                self.has_ended = True
                return
            self.data += piece
            self.line_count += piece.count(b"\n")

    def write(self):
        try:
            while self.waiting:
                self.waiting = self.waiting[self.client.sock.send(self.waiting):]
        except (BlockingIOError, ssl.SSLWantWriteError):
            pass
        except ConnectionError:  # what is left to be read says why
            self.waiting = b""


class Crowd:
    def __init__(self):
        self.selector = selectors.DefaultSelector()
        self.members = []

    def join(self, address, names, certificate=None):
        """They connect, take their names and read the welcome. Returns them."""
        joined = []
        for name in names:
            client = TlsClient(address, certificate, name) if certificate else SocketClient(address, name)
            client.send(name + "\n")
            joined.append(self.add(name, client))
        self.wait(joined, lambda member: b"/help for commands" in member.data, "the welcome")
        for member in joined:
            member.forget()
        return joined

    def add(self, name, client):
        """Takes over a client that is connected. Returns its member, which has what was not read yet."""
        client.sock.setblocking(False)
        member = Member(name, client)
        member.data += client.buffer
        client.buffer.clear()
        self.selector.register(client.sock, selectors.EVENT_READ, member)
        self.members.append(member)
        return member

    def send(self, member, data):
        member.waiting += data
        self.selector.modify(member.client.sock, selectors.EVENT_READ | selectors.EVENT_WRITE, member)

    def wait(self, members, is_done, what, timeout=DEADLINE):
        """Serves all until is_done(member) holds for each of `members`. The deadline is for no progress."""
        pending = {member for member in members if not is_done(member)}
        deadline = time.monotonic() + timeout
        while pending:
            ready = self.selector.select(1)
            if ready:
                deadline = time.monotonic() + timeout
            elif time.monotonic() > deadline:
                member = pending.pop()
                raise AssertionError(f"{len(pending) + 1} clients wait for {what}; {member.name} got "
                                     f"{bytes(member.data[-500:])!r}")
            for key, _ in ready:
                self._serve(key.data)
                if is_done(key.data):
                    pending.discard(key.data)

    def turn(self):
        """Reads and writes what there is at this moment."""
        for key, _ in self.selector.select(0):
            self._serve(key.data)

    def _serve(self, member):
        if member.waiting:
            member.write()
            if not member.waiting:
                self.selector.modify(member.client.sock, selectors.EVENT_READ, member)
        member.read()
        if member.has_ended:
            self.selector.unregister(member.client.sock)
            member.client.close()

    def close(self):
        self.selector.close()
        for member in self.members:
            member.client.close()
