/* A connection that may rest, where it rests, and the other end of it: over TCP, or over TLS. */
#ifndef SUPPORT_PARK_PAIR_H
#define SUPPORT_PARK_PAIR_H

#include <stdbool.h>

#include "net/conn.h"
#include "net/conn_kind.h"
#include "net/parking.h"
#include "support/net_pair.h"

#define PARK_PAIR_SOON_MS 20

struct park_pair {
    bool is_tls; /* to be set before */
    struct net_pair pair;
    struct tls_context *context, *client_context; /* owned until it begins; NULL: new ones are made */
    struct conn conn, client; /* client: only with TLS; otherwise pair.client is used as it is */
    bool has_client;
    struct parking parking;
    struct conn_kind broken;
};

/* With TLS the handshake begins. */
void park_pair_begin(struct park_pair *self, struct co_loop *loop);
/* Nobody may rest any more; the other end may be closed already (pair.client < 0). */
void park_pair_end(struct park_pair *self);
/* The other end sends this. */
void park_pair_say(struct park_pair *self, const char *text);
/* From now on there is no memory for the connection to wake. */
void park_pair_break(struct park_pair *self);

#endif
