"""A client of TLS that says itself when each of its flights goes out, and that can do what Python's ssl cannot: choose
the groups of its keys, and update keys. It is OpenSSL's own library, between two buffers."""
import ctypes
import ctypes.util
import socket

from mingle_client import DEADLINE

TLS12, TLS13 = 0x0303, 0x0304

# Of openssl/ssl.h and openssl/bio.h, where they are macros.
SSL_CTRL_SET_GROUPS_LIST, SSL_CTRL_SET_MAX_PROTO_VERSION = 92, 124
SSL_KEY_UPDATE_REQUESTED = 1
BIO_CTRL_PENDING = 10


def library():
    lib = ctypes.CDLL(ctypes.util.find_library("ssl") or "libssl.so.3")
    for name in ("TLS_client_method", "SSL_CTX_new", "SSL_new", "BIO_s_mem", "BIO_new"):
        getattr(lib, name).restype = ctypes.c_void_p
    lib.SSL_CTX_ctrl.restype = lib.BIO_ctrl.restype = ctypes.c_long
    return lib


SSL = library()


class Context:
    """What several clients have in common; `groups`: a key for the first, the others are named."""

    def __init__(self, groups, version=TLS13):
        self.ctx = ctypes.c_void_p(SSL.SSL_CTX_new(ctypes.c_void_p(SSL.TLS_client_method())))
        self.set(SSL_CTRL_SET_GROUPS_LIST, 0, groups.encode())
        self.set(SSL_CTRL_SET_MAX_PROTO_VERSION, version, None)

    def set(self, what, number, text):
        if SSL.SSL_CTX_ctrl(self.ctx, what, ctypes.c_long(number), text) != 1:
            raise ValueError(f"this OpenSSL cannot do {number or text}")

    def close(self):
        SSL.SSL_CTX_free(self.ctx)


class Handshake:
    def __init__(self, context, sock):
        self.sock = sock
        self.ssl = ctypes.c_void_p(SSL.SSL_new(context.ctx))
        self.incoming, self.outgoing = (ctypes.c_void_p(SSL.BIO_new(ctypes.c_void_p(SSL.BIO_s_mem())))
                                        for _ in range(2))
        SSL.SSL_set_bio(self.ssl, self.incoming, self.outgoing)
        SSL.SSL_set_connect_state(self.ssl)

    def next_flight(self):
        """What is to be sent now."""
        self.is_done = SSL.SSL_do_handshake(self.ssl) == 1
        return self.taken()

    def taken(self):
        """What OpenSSL wants sent."""
        data = ctypes.create_string_buffer(SSL.BIO_ctrl(self.outgoing, BIO_CTRL_PENDING, 0, None))
        SSL.BIO_read(self.outgoing, data, len(data))
        return data.raw

    def receive(self):
        """Waits for something of the server's; b"" at the end."""
        self.sock.settimeout(DEADLINE)
        data = self.sock.recv(1 << 16)
        SSL.BIO_write(self.incoming, data, len(data))
        return data

    def finish(self):
        """The rest of the handshake."""
        flight = self.next_flight()
        while not self.is_done:
            if flight:
                self.sock.sendall(flight)
            if not self.receive():
                raise ConnectionError("the server has ended the handshake")
            flight = self.next_flight()
        self.sock.sendall(flight)

    def key_updates(self, count):
        """So many requests for new keys, one record each."""
        data = []
        for _ in range(count):
            SSL.SSL_key_update(self.ssl, SSL_KEY_UPDATE_REQUESTED)
            data.append(self.next_flight())
        return b"".join(data)

    def encrypted(self, text):
        SSL.SSL_write(self.ssl, text, len(text))
        return self.taken()

    def close(self):
        SSL.SSL_free(self.ssl)
        self.ssl = None
        self.sock.close()
