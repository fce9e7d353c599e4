/* One sender's values to many receivers, each at its own pace: a ring and a cursor per receiver.
 *
 * Sending never waits. A receiver that falls behind by more than the ring holds is told how many values
 * it missed and goes on with the oldest there is. Costs grow with the ring, not with values times
 * receivers. Values are pointers that the channel takes over: `release` is called when the ring lets go
 * of one, so that a receiver which wants to keep it past its next await takes a reference. */
#ifndef ASYNC_BROADCAST_H
#define ASYNC_BROADCAST_H

#include <stddef.h>
#include <stdint.h>

#include "async/co.h"
#include "base/attr.h"

struct co_broadcast {
    void **ring;
    size_t capacity;
    uint64_t next; /* position of the next value; the ring has the latest `capacity` before it */
    struct co_op_list waiters;
    void (*release)(void *value); /* may be NULL */
    bool is_closed;
};

struct co_receiver {
    struct co_broadcast *channel;
    uint64_t cursor;
};

struct co_receive_op {
    struct co_op op;
    struct co_receiver *receiver;
    void *value;     /* result; borrowed until the next await */
    uint64_t missed; /* with CO_ELAGGED: how many values were lost to this receiver */
};

/* 0 or -ENOMEM. capacity >= 1. */
MUST_CHECK int co_broadcast_init(struct co_broadcast *channel, size_t capacity, void (*release)(void *value));
void co_broadcast_done(struct co_broadcast *channel); /* nobody may be waiting */

/* Takes over `value`. Does not suspend. */
void co_broadcast_send(struct co_broadcast *channel, void *value);
/* No more values; receivers get what is left, then CO_ECLOSED. */
void co_broadcast_close(struct co_broadcast *channel);

/* From now on. Nothing has to be undone. */
void co_receiver_init(struct co_receiver *receiver, struct co_broadcast *channel);

/* Suspends until there is a value. CO_ELAGGED once after a loss, CO_ECLOSED at the end. A cancelled
 * receive has moved nothing. */
CO_MUST_AWAIT struct co_call co_receive(struct co_receiver *receiver, struct co_receive_op *op);

#endif
