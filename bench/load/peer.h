/* One connection of the load generator: connects, enters, sends what it is given, cuts what it gets into
 * lines. It waits with the epoll of its load and never blocks. */
#ifndef BENCH_LOAD_PEER_H
#define BENCH_LOAD_PEER_H

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "load/stream.h"

struct load;

enum peer_state {
    PEER_NEW,
    PEER_CONNECTING,
    PEER_HANDSHAKE,
    PEER_ENTERING,
    PEER_READY,
    PEER_LEAVING, /* has said that it leaves; waits for the server to close */
    PEER_CLOSED,
};

struct peer {
    int fd;
    enum peer_state state;
    bool never_reads; /* once it is ready */
    bool is_absent;   /* does not connect with the others */
    bool is_witness;  /* is in for the whole run and reads: a message has arrived when all of these have it */
    bool wants_write; /* EPOLLOUT is on */
    unsigned id, room;
    unsigned client;        /* makes its name; a new one each time it connects again */
    SSL *ssl;               /* NULL: plain TCP */
    struct buf out;         /* what the socket did not take */
    struct buf rest;        /* a line that has not ended */
    int64_t began_ns;       /* when it began to connect */
    struct stream *streams; /* for each sender of the room; freed with the peer */
    struct stream private;  /* what others tell this one alone */
    uint32_t told;          /* the number of the next such message */
    uint32_t echoes;        /* of what it has told others, that have not come */
};

/* `first`: the number of the client whose id is 0. */
void peer_init(struct peer *peer, unsigned id, unsigned room, unsigned first);
void peer_done(struct peer *peer);

/* Begins to connect, for the first time or after it was closed. -Exxx: not even that; errno values of socket(2), bind(2) and connect(2). */
MUST_CHECK int peer_connect(struct load *load, struct peer *peer);
/* Closes; `is_reset`: with a RST, so that no port is left in TIME-WAIT. */
void peer_close(struct load *load, struct peer *peer, bool is_reset);

/* Says goodbye, behind all that was sent, and waits for the server to close. */
void peer_leave(struct load *load, struct peer *peer);

/* Sends now, or keeps what does not fit. An error closes the peer. */
void peer_send(struct load *load, struct peer *peer, struct bytes data);

/* What epoll reported. */
void peer_on_events(struct load *load, struct peer *peer, uint32_t events);

#endif
