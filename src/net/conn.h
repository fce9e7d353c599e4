/* One connection: a byte stream to a client, over TCP or TLS, on a libevent bufferevent. One that rests
 * (conn_rest) has given that back, and gets another one when it is needed.
 *
 * Reading is by lines, or raw, and awaits; writing never suspends: what does not go out at once is kept, and
 * whoever writes looks at conn_is_full() and stays behind. Nothing here runs a coroutine or frees
 * anything from inside a libevent callback. TCP and TLS differ by a small vtable (struct conn_kind).
 *
 * Limits: while two lines of the largest size are buffered the socket is not read (the last read may
 * have brought more than that: 4 KiB over TCP, 31 KiB with `reads_bursts`, two records of 16 KiB over TLS); of output, above `high`
 * the connection is full until it has drained to `low`.
 *
 * TLS is bufferevent_openssl_socket_new on the accepted socket, not a filter over a second bufferevent:
 * the first bytes are only peeked at (net/peek.h) to tell TLS from text, so nothing has to be handed
 * over, and a TLS session needs one bufferevent with its buffers, not two. */
#ifndef NET_CONN_H
#define NET_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "async/co.h"
#include "async/fd.h"
#include "async/loop.h"
#include "async/timeout.h"
#include "base/attr.h"
#include "base/bytes.h"
#include "base/line.h"

struct bufferevent;
struct co_loop;
struct conn;
struct parking;
struct conn_tls;
struct tls_context;

/* Reasons not to read; reading goes on when none is left. */
enum { CONN_PAUSE_FLOOD = 1u << 0, CONN_PAUSE_OUTBOX = 1u << 1, CONN_PAUSE_CLOSING = 1u << 2 };

#define CONN_READ_BYTES 4096 /* what libevent reads at a time */
#define CONN_READ_MORE_BYTES \
    (27 * 1024) /* what is read behind that, with `reads_bursts`, when there is more */

struct conn_limits {
    uint32_t line_bytes;            /* longest line, without its end */
    uint32_t high_bytes, low_bytes; /* of output waiting in this process */
};

struct conn_read_op {
    struct co_op op;
    struct conn *conn;
    bool is_raw;
    struct bytes line;  /* result: without its end, or the bytes; valid until the next read on the connection,
                          and while reading is not paused only until the next await */
    bool has_crlf;      /* result: the line ended in CR LF or CR NUL */
    size_t least_bytes; /* a peek for so many; 0: no peek */
};

struct conn_write_op {
    struct co_op op;
    struct conn *conn;
    size_t below_bytes;
};

/* Who is told of what happens on a connection; each may be NULL. */
struct conn_events {
    /* A full connection has drained to `low`: once, and never when it is lost. Called from a libevent callback:
     * it may only mark and queue. */
    void (*on_drained)(struct conn *conn, void *arg);
    /* conn_write() has taken this. Must not write itself. */
    void (*on_write)(struct conn *conn, void *arg, struct bytes data);
};

struct conn_rest_op {
    struct co_op op;
    struct conn *conn;
    struct parking *parking;
};

struct conn {
    const struct conn_kind *kind;
    struct co_loop *loop;
    struct bufferevent *bev; /* NULL: closed, in its handshake, parked, or lost while it was */
    struct parking *parking; /* where it is parked; NULL: it is not */
    struct conn_tls *tls;    /* owned; stays when the bufferevent goes. NULL: TCP */
    int fd;
    bool is_open;
    bool reads_bursts; /* over TCP; for clients that may send as much as they like; may be set at any time */
    bool has_kept;     /* libevent may have output of it; if not, it has none */
    bool is_full;      /* above high, not yet back at low */
    bool is_connected; /* the handshake is done; always true for TCP */
    bool is_woken;     /* by what has come; it was not read yet */
    bool has_eof;      /* the client sends no more */
    int write_error;   /* nothing can be sent any more, what came is still read: an errno value; 0 */
    int error;         /* the connection is lost: an errno value; 0 */
    unsigned pause_reasons;
    uint32_t high_bytes, low_bytes; /* see conn_limits */
    struct line_framer framer;
    size_t consume_bytes; /* of input: the line handed out last */
    struct conn_read_op *reader;
    struct conn_write_op *writer;
    struct conn_rest_op *rester;
    struct co_chore chore; /* reading is switched on or off at the end of the turn */
    uint64_t bytes_in, bytes_out;
    const struct conn_events *events; /* NULL: nobody is told */
    void *events_arg;
};

/* Takes over `fd` (non-blocking) on success. 0, -ENOMEM; the caller still owns fd on failure. A context is
 * referred to, not taken over. */
MUST_CHECK int conn_init_tcp(struct conn *conn, struct co_loop *loop, int fd,
                             const struct conn_limits *limits);
MUST_CHECK int conn_init_tls(struct conn *conn, struct co_loop *loop, int fd,
                             const struct conn_limits *limits, struct tls_context *context);
/* The client's side: `host` is the name that the server's certificate must bear. */
MUST_CHECK int conn_init_tls_client(struct conn *conn, struct co_loop *loop, int fd,
                                    const struct conn_limits *limits, struct tls_context *context,
                                    const char *host);
/* Closes the socket at once and frees what the connection holds; nobody may be waiting on it. Also for
 * a zeroed conn, and again. */
void conn_done(struct conn *conn);

/* A coroutine: does the TLS handshake, of which nothing happens without it; over TCP there is none to do. What
 * each flight of the peer costs is paid in this task's turn. EPROTO when it fails, ECONNRESET when the peer is
 * gone, ENOMEM, CO_ECLOSED after conn_done(); after conn_abort() its error, but that does not wake it. */
struct conn_handshake {
    struct co_frame co;
    struct conn *conn;
    int code;
    short what; /* the event of the socket that is waited for */
    struct co_fd_op wait;
};
ASYNC_DECLARE(conn_handshake);

/* Suspends until there is a line and reading is not paused. CO_EEOF after the last one (text before the
 * end counts as a line, but not when TLS ends without its close_notify: then the rest of that line may
 * have been cut off by somebody else); CO_ETOOLONG once per line over the limit, which is discarded;
 * ECONNRESET and the like when the connection is lost, after the whole lines that came before; EBUSY
 * when somebody else reads; CO_ECLOSED after conn_done(). An aborted read loses nothing. */
CO_MUST_AWAIT struct co_call conn_readline(struct conn *conn, struct conn_read_op *op);

/* Suspends until at least `least` bytes (> 0, no more than two lines of the largest size) have come, and
 * gives in op->line all that is there. Nothing is taken: the next read begins with the same bytes.
 * CO_EEOF when fewer are there and no more will come; other errors as conn_readline(). */
CO_MUST_AWAIT struct co_call conn_peek(struct conn *conn, struct conn_read_op *op, size_t least);

/* The same without lines: suspends until there are bytes, all of which are op->line. They are not more than
 * conn_readline() would keep. */
CO_MUST_AWAIT struct co_call conn_read(struct conn *conn, struct conn_read_op *op);
/* The last `count` bytes of what was read last are not wanted yet: the next read begins with them. */
void conn_unread(struct conn *conn, size_t count);

/* From the next line on this is the longest one. Nobody may be reading a line. */
void conn_set_line_bytes(struct conn *conn, uint32_t line_bytes);

/* Suspends until there is something to read, or to be sent that the kernel does not take at once; meanwhile
 * the connection is parked (net/parking.h) and has no buffers. Gives way at once when it cannot be: something
 * is in a buffer, or woke it and is not read yet; reading is paused; or it is lost, which the next read tells.
 * What was read last is not valid any more. Writing goes on as always. CO_ECLOSED after conn_done(). */
CO_MUST_AWAIT struct co_call conn_rest(struct conn *conn, struct conn_rest_op *op, struct parking *parking);
/* Whether conn_rest() would suspend. */
bool conn_can_rest(const struct conn *conn);
/* A read that waits ends with EAGAIN: for who has waited for long, and may rather rest. */
void conn_interrupt(struct conn *conn);

/* Lines that have come and are not read yet, behind what was read last. */
struct conn_waiting {
    size_t line_count;
    uint64_t keep_end;   /* where the first `keep` of them end, as conn_position() */
    uint64_t last_start; /* where the last one begins */
    uint64_t end;        /* and where it ends */
};

/* `has_cr` tells that CR is an end of a line, too: line ends in a row count as one then. */
void conn_look_waiting(const struct conn *conn, size_t keep, bool has_cr, struct conn_waiting *ret_waiting);
/* How much of the stream has been read: bytes up to the end of what was read last. */
uint64_t conn_position(const struct conn *conn);

/* Sends, or keeps what does not go out at once. Does not suspend, takes a copy. 0, -ENOMEM (nothing was
 * taken), -EPIPE (lost or closed: later reads say why, and what the client sent before is still read; or the
 * handshake is not done). */
int conn_write(struct conn *conn, struct bytes data);

/* Asks the kernel whether the connection was reset, which a paused one does not notice by itself. */
bool conn_is_lost(const struct conn *conn);

bool conn_is_full(const struct conn *conn);
size_t conn_pending_bytes(const struct conn *conn); /* written, not yet with the kernel */

/* Suspends until no more than `low` (drain) or nothing (flush) is pending. EPIPE when the connection is
 * lost; EBUSY when somebody else waits. */
CO_MUST_AWAIT struct co_call conn_drain(struct conn *conn, struct conn_write_op *op);
CO_MUST_AWAIT struct co_call conn_flush(struct conn *conn, struct conn_write_op *op);

/* While paused no line is handed out, not even one that is here already. A connection that is lost is
 * not paused any more; one that cannot be written to drops the reason OUTBOX. */
void conn_pause(struct conn *conn, unsigned reason);
void conn_resume(struct conn *conn, unsigned reason);

/* The connection is given up: pending waits end with `error`, nothing more is sent, and what has come is
 * dropped. Frees nothing. */
void conn_abort(struct conn *conn, int error);

#define CONN_DESCRIPTION_BYTES 64
/* "tcp", "TLSv1.3 TLS_AES_256_GCM_SHA384" (before the handshake "tls"), into ret_text, which it returns. A connection
 * over TLS 1.3 that has rested may know its cipher no more. */
const char *conn_describe(const struct conn *conn, char ret_text[CONN_DESCRIPTION_BYTES]);
bool conn_is_tls(const struct conn *conn); /* also during and before the handshake */
/* What the client and this server agreed on to speak inside of TLS (ALPN, RFC 7301); empty when nothing.
 * Valid as long as the connection. */
struct bytes conn_alpn(const struct conn *conn);
/* Why the handshake failed, in OpenSSL's words: "unsupported protocol"; NULL when it has not, and when the
 * client just went. */
const char *conn_failure(const struct conn *conn);

#define CONN_FINGERPRINT_BYTES 32 /* SHA-256 */
/* The fingerprint of the certificate with which the client proved who it is: the SHA-256 of the whole
 * certificate, as `openssl x509 -fingerprint -sha256` prints it. False: it has shown none, or has rested since. */
bool conn_fingerprint(const struct conn *conn, unsigned char ret_fingerprint[CONN_FINGERPRINT_BYTES]);
int conn_fd(const struct conn *conn); /* -1 after conn_done() */

/* Orderly close, a coroutine: flushes, which may take flush_ms, says goodbye (TLS close_notify, then FIN),
 * then for linger_ms at most reads and drops what the client still sends until it closes (a socket that
 * is closed with unread input resets the connection, and the client may lose the last lines), then
 * conn_done(). After a failed handshake, too, so that the client gets the alert. Both times: < 0 is no limit.
 * Ends with conn_done() however it is ended. Never fails but by cancellation. */
struct conn_close {
    struct co_frame co;
    struct conn *conn;
    int64_t flush_ms, linger_ms;
    int code;
    struct co_with done;
    struct co_timeout timeout;
    union {
        struct conn_write_op flush;
        struct co_fd_op wait;
    } u;
};
ASYNC_DECLARE(conn_close);

#endif
