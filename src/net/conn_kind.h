/* What differs between TCP and TLS, for conn.c and the two kinds. */
#ifndef NET_CONN_KIND_H
#define NET_CONN_KIND_H

#include "net/conn.h"

/* What TLS adds to a connection. */
struct conn_tls {
    struct ssl_st *ssl;
    struct tls_context *context; /* that the handshake goes by */
    const char *failure;         /* see conn_failure() */
    unsigned message_count;      /* of handshakes behind the handshake, and alerts */
};

struct conn_kind {
    const char *name;
    /* Sends or buffers all of `data` (not empty). 0; -ENOMEM: nothing was taken; -EPIPE: told by
     * conn_on_send_error() or conn_abort() as well. */
    int (*write)(struct conn *conn, struct bytes data);
    /* Reads once more, when a read has brought as much as one can; may be NULL. */
    void (*read_more)(struct conn *conn);
    /* Translates an end or an error to one of the calls below. `error`: errno of the event. */
    void (*on_end)(struct conn *conn, short what, int error);
    /* Goes on with the handshake. 0: it is done; -EAGAIN: it goes on when *ret_what (EV_READ or EV_WRITE) of the
     * socket has come; -EPROTO, -ECONNRESET: it has failed. NULL: there is none. */
    int (*handshake)(struct conn *conn, short *ret_what);
    void (*describe)(const struct conn *conn, char *ret_text);                    /* may be NULL */
    struct bytes (*alpn)(const struct conn *conn);                                /* may be NULL */
    bool (*fingerprint)(const struct conn *conn, unsigned char *ret_fingerprint); /* may be NULL */
    /* Tells the client that no more will come. 0, or -EAGAIN: again when the socket is writable. */
    int (*goodbye)(struct conn *conn);
    void (*on_park)(struct conn *conn); /* it has no bufferevent any more; may be NULL */
    /* A bufferevent for a connection whose handshake is done, or that was parked; NULL: out of memory, and it is as
     * before. */
    struct bufferevent *(*make_bev)(struct conn *conn);
    bool (*has_bytes)(const struct conn *conn); /* below the bufferevent, not handed out yet; may be NULL */
    void (*free)(struct conn *conn); /* what there is besides the bufferevent and the socket; may be NULL */
};

/* Completes the initialisation of a conn. It has a bufferevent, or gets one when its handshake is done. */
void conn_start(struct conn *conn, struct co_loop *loop, const struct conn_kind *kind, int fd,
                struct bufferevent *bev, const struct conn_limits *limits);

/* Has libevent send it when the socket takes it. 0, or -ENOMEM: nothing was taken. */
MUST_CHECK int conn_keep(struct conn *conn, struct bytes data);
void conn_end_writer(struct conn *conn, int code); /* whoever waits for the output */

/* ---- parts of conn.c for the other sources of a connection ---- */

/* It has a bufferevent from now on. */
void conn_attach(struct conn *conn, struct bufferevent *bev);
/* Gives it back; the socket stays. libevent frees it a loop turn later, so also from its callbacks. */
void conn_detach(struct conn *conn);
void conn_drop_read(struct conn *conn); /* what was read last */
size_t conn_input_bytes(const struct conn *conn);

/* ---- conn_park.c ---- */

/* The connection is not parked any more: it has a bufferevent again. 0, also when it was not; -ENOMEM: it is
 * parked as before. */
MUST_CHECK int conn_unpark(struct conn *conn);
/* The same without a bufferevent, for one that will not be read any more. */
void conn_leave_parking(struct conn *conn);
/* Something has come for a connection that is parked. */
void conn_wake(struct conn *conn);
/* It does not rest any more. */
void conn_end_rest(struct conn *conn);

/* The client sends no more. */
void conn_on_eof(struct conn *conn);
/* Nothing can be sent any more. What has come is still read. */
void conn_on_send_error(struct conn *conn, int error);
/* Neither works any more. Whole lines that have come are still handed out. */
void conn_on_lost(struct conn *conn, int error);

#endif
