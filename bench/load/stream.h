/* What one reader has to get of one sender: every number once and in order.
 *
 * Numbers are counted up from 0 and wrap around after 2^32, which a long run reaches. */
#ifndef BENCH_LOAD_STREAM_H
#define BENCH_LOAD_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct stream {
    uint32_t next; /* the number that has to come next */
    bool is_new;   /* nothing has come yet: what was sent before the reader was in may come, or not */
};

/* The reader has just come in, and the sender's next message is number `next`. */
void stream_begin(struct stream *stream, uint32_t next);

/* A message has come. False: it has come before, or too late. True: ret_skipped tells how many that had
 * to come before it have not. */
MUST_CHECK bool stream_take(struct stream *stream, uint32_t number, uint32_t *ret_skipped);

/* How many of those before number `next` of the sender have not come. */
uint32_t stream_missing(const struct stream *stream, uint32_t next);

#endif
