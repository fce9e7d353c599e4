/* Messages: who sends when, and whether everyone gets each once and in order.
 *
 * With a window a sender has at most so many messages on their way; one is there when all who read have it.
 * With a rate messages begin at fixed times, whether or not the server keeps up; their age counts from when
 * they should have begun, so a server that stalls is not spared. */
#ifndef BENCH_LOAD_TRAFFIC_H
#define BENCH_LOAD_TRAFFIC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "load/histogram.h"
#include "load/load.h"

struct sender {
    struct peer *peer;
    uint32_t next_number;
    uint32_t on_the_way; /* messages that not all have */
    uint32_t *missing;   /* for the number modulo the window: readers that do not have it */
    struct sender *next_idle;
    bool is_idle; /* in the list of those who may send */
};

struct traffic {
    struct load *load;
    struct sender *senders;
    unsigned sender_count, readers_of_sender;
    struct sender *idle;
    unsigned turn; /* whose turn it is with a rate */
    bool is_measuring;
    struct histogram latency; /* in ns, while measuring */
    uint64_t sent, delivered; /* while measuring */
    uint64_t total_sent;
    uint64_t gaps;     /* messages jumped over by a reader */
    uint64_t repeated; /* a second time, or out of order */
    char *text;
};

/* The first `options->senders` of each room that are connected and read will send. 0 or -ENOMEM. */
MUST_CHECK int traffic_init(struct traffic *traffic, struct load *load);
void traffic_done(struct traffic *traffic);

/* Sends and reads until then. */
void traffic_run(struct traffic *traffic, int64_t until_ns);

/* Reads on, without sending, until everybody has everything or until then. Returns how many deliveries
 * are missing: lost. */
uint64_t traffic_drain(struct traffic *traffic, int64_t until_ns);

#endif
