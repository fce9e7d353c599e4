/* Messages: who sends when, and whether everyone gets each once and in order.
 *
 * With a window a sender has at most so many messages on their way; one has arrived when all witnesses (see
 * peer.h) have it. With a rate messages begin at fixed times, whether or not the server keeps up; their age
 * counts from when they should have begun, so a server that stalls is not spared. */
#ifndef BENCH_LOAD_TRAFFIC_H
#define BENCH_LOAD_TRAFFIC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "load/load.h"
#include "load/measure.h"

struct sender {
    struct peer *peer;
    uint32_t next_number, witness_count;
    uint32_t on_the_way; /* messages that not all witnesses have; 0 without a window */
    uint32_t *missing;   /* for the number modulo the window: witnesses that do not have it */
    struct sender *next_idle;
    bool is_idle; /* in the list of those who may send */
};

struct traffic {
    struct load *load;
    struct sender *senders;
    unsigned sender_count, window;
    struct sender *idle;
    unsigned turn;           /* whose turn it is with a rate */
    struct measure *measure; /* counts into it; NULL: nothing is measured now */
    uint64_t skipped;        /* messages that a reader did not get although it got later ones */
    uint64_t repeated;       /* a second time, or out of order */
    char *text;
};

/* The first `options->senders` of each room will send. `window`: 0 for none. 0 or -ENOMEM. */
MUST_CHECK int traffic_init(struct traffic *traffic, struct load *load, unsigned window);
void traffic_done(struct traffic *traffic);

/* For a peer that has just come in: it gets all that is said from now on. */
void traffic_enter(struct traffic *traffic, struct peer *peer);
/* A message of the room has come to `peer`. */
void traffic_take(struct traffic *traffic, struct peer *peer, const struct mark *mark);
/* Puts it into the list of those who may send. */
void traffic_wake(struct traffic *traffic, struct sender *sender);
/* Writes the text of a message that begins at `at_ns`; it is valid until the next one. */
struct bytes traffic_text(struct traffic *traffic, uint32_t sender, uint32_t number, int64_t at_ns);
/* Adds the sender's next message to `out`. */
void traffic_say(struct traffic *traffic, struct sender *sender, int64_t at_ns, struct buf *out);

/* Sends and reads until then. */
void traffic_run(struct traffic *traffic, const char *label, int64_t until_ns);

/* Reads on, without sending, until all witnesses have everything, or nothing has come for some seconds.
 * Returns how many deliveries are missing: lost. */
uint64_t traffic_drain(struct traffic *traffic);

#endif
