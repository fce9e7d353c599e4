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

struct load;

enum peer_state {
    PEER_NEW,
    PEER_CONNECTING,
    PEER_HANDSHAKE,
    PEER_ENTERING,
    PEER_READY,
    PEER_CLOSED,
};

struct peer {
    int fd;
    enum peer_state state;
    bool never_reads; /* once it is ready */
    bool wants_write; /* EPOLLOUT is on */
    unsigned id, room;
    SSL *ssl;         /* NULL: plain TCP */
    struct buf out;   /* what the socket did not take */
    struct buf rest;  /* a line that has not ended */
    int64_t began_ns; /* when it began to connect */
    uint32_t *next;   /* for each sender of the room: the number that has to come next */
};

void peer_init(struct peer *peer, unsigned id, unsigned room);
void peer_done(struct peer *peer);

/* Begins to connect. -Exxx: not even that; errno values of socket(2), bind(2) and connect(2). */
MUST_CHECK int peer_connect(struct load *load, struct peer *peer);
/* Closes; `is_reset`: with a RST, so that no port is left in TIME-WAIT. */
void peer_close(struct load *load, struct peer *peer, bool is_reset);

/* Sends now, or keeps what does not fit. An error closes the peer. */
void peer_send(struct load *load, struct peer *peer, struct bytes data);

/* What epoll reported. */
void peer_on_events(struct load *load, struct peer *peer, uint32_t events);

#endif
