#!/usr/bin/env python3
"""An HTTP server on 127.0.0.1 for the tests of downloads. Usage: http_server.py [--tls | FOLDER]

It prints its port and serves until it is killed; the files of FOLDER below /file/. With --tls it speaks
HTTPS, with a new certificate that nobody has signed. Nothing depends on how fast anybody is: what a test has to
wait for is a request that is answered when it has happened (within PATIENCE)."""
import gzip
import http.server
import os
import ssl
import subprocess
import sys
import tempfile
import threading
import time

PATIENCE = 10  # seconds


class Counters:
    """What has happened on connections. wait() blocks until the condition holds."""

    def __init__(self):
        self.changed = threading.Condition()
        self.accepted = self.open = self.most = 0
        self.hanging = self.gone = 0

    def add(self, **steps):
        with self.changed:
            for name, step in steps.items():
                setattr(self, name, getattr(self, name) + step)
            self.most = max(self.most, self.open)
            self.changed.notify_all()

    def wait(self, condition):
        with self.changed:
            return self.changed.wait_for(lambda: condition(self), PATIENCE)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, folder):
        super().__init__(("127.0.0.1", 0), Handler)
        self.folder = folder
        self.counters = Counters()
        self.barriers = {}
        self.lock = threading.Lock()

    def barrier(self, count):
        with self.lock:
            return self.barriers.setdefault(count, threading.Barrier(count, timeout=PATIENCE))

    def handle_error(self, request, client_address):
        """Clients that go away are what is tested."""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # keeps connections
    disable_nagle_algorithm = True

    def setup(self):
        super().setup()
        self.server.counters.add(accepted=1, open=1)

    def finish(self):
        self.server.counters.add(open=-1)
        super().finish()

    def log_message(self, *args):
        pass

    def reply(self, body, status=200, headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        name, _, argument = self.path[1:].partition("/")
        act = getattr(self, "get_" + name, None)
        if act:
            act(argument)
        else:
            self.reply(b"no such page\n", 404)

    def get_hello(self, _):
        self.reply(b"hello, world\n")

    def get_body(self, size):
        """So many bytes, their length announced."""
        self.reply(b"x" * int(size))

    def get_chunks(self, size):
        """So many bytes in pieces, without a length."""
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        left = int(size)
        while left:
            piece = min(left, 1000)
            self.wfile.write(b"%x\r\n%s\r\n" % (piece, b"x" * piece))
            left -= piece
        self.wfile.write(b"0\r\n\r\n")

    def get_gzip(self, size):
        """So many bytes, a thousandth of that on the wire."""
        self.reply(gzip.compress(b"x" * int(size)), headers=[("Content-Encoding", "gzip")])

    def get_status(self, code):
        self.reply(b"status\n", int(code))

    def get_redirect(self, count):
        """To /hello, so many times."""
        left = int(count)
        self.reply(b"elsewhere\n", 302, [("Location", f"/redirect/{left - 1}" if left > 1 else "/hello")])

    def get_leave(self, scheme):
        """To another protocol."""
        self.reply(b"elsewhere\n", 302, [("Location", f"{scheme}:///etc/passwd")])

    def get_file(self, name):
        path = os.path.join(self.server.folder, os.path.basename(name))
        try:
            with open(path, "rb") as file:
                body = file.read()
        except OSError:
            self.reply(b"no such file\n", 404)
            return
        self.reply(body, headers=[("Content-Type", "text/html; charset=utf-8")])

    def get_slow(self, ms):
        time.sleep(int(ms) / 1000)
        self.reply(b"slow\n")

    def get_together(self, count):
        """Answered when so many of these requests are there."""
        self.server.barrier(int(count)).wait()
        self.reply(b"together\n")

    def get_early(self, size):
        """So many bytes and the end, though 1000 are announced."""
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"x" * int(size))
        self.close_connection = True

    def get_mute(self, _):
        """The end, and no answer."""
        self.close_connection = True

    def get_hang(self, size):
        """So many bytes of more, and then nothing until the client closes."""
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"x" * int(size))
        self.server.counters.add(hanging=1)
        self.connection.settimeout(PATIENCE)
        self.close_connection = True
        try:
            has_closed = self.connection.recv(1) == b""
        except ConnectionResetError:
            has_closed = True
        self.server.counters.add(hanging=-1, gone=has_closed)

    def get_hanging(self, count):
        """Answered when so many clients of /hang wait."""
        is_so = self.server.counters.wait(lambda counters: counters.hanging == int(count))
        self.reply(b"yes" if is_so else b"no")

    def get_gone(self, count):
        """Answered when so many clients of /hang have closed."""
        is_so = self.server.counters.wait(lambda counters: counters.gone == int(count))
        self.reply(b"yes" if is_so else b"no")

    def get_counter(self, name):
        """accepted, open or most: connections, this one included."""
        self.reply(b"%d" % getattr(self.server.counters, name))


def use_tls(server):
    with tempfile.NamedTemporaryFile(suffix=".pem") as pem:
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1",
                        "-out", pem.name, "-keyout", pem.name], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem.name)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)


def main():
    argument = sys.argv[1] if len(sys.argv) > 1 else os.curdir
    server = Server(argument)
    if argument == "--tls":
        use_tls(server)
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
