/* Timers: a 4-ary heap with the time inline. One per loop; see async/loop.h.
 *
 * A timer is embedded in whatever waits. `fire` is called by the loop between steps, never from a
 * libevent callback, and may arm and disarm timers. */
#ifndef ASYNC_TIMER_H
#define ASYNC_TIMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct co_timer {
    void (*fire)(struct co_timer *timer);
    size_t index; /* in the heap, from 1; 0: not armed */
};

struct co_timer_entry {
    int64_t when_ns;
    struct co_timer *timer;
};

struct co_timer_heap {
    struct co_timer_entry *entries;
    size_t count, capacity;
};

void co_timer_heap_done(struct co_timer_heap *heap);

/* Arms, or moves one that is armed. 0 or -ENOMEM (not armed then). */
MUST_CHECK int co_timer_arm(struct co_timer_heap *heap, struct co_timer *timer, int64_t when_ns);
void co_timer_disarm(struct co_timer_heap *heap, struct co_timer *timer); /* also when not armed */

/* The earliest time; INT64_MAX when there is none. */
int64_t co_timer_next_ns(const struct co_timer_heap *heap);
/* Takes off and returns the earliest timer due at `now_ns`; NULL when none is. */
struct co_timer *co_timer_take_due(struct co_timer_heap *heap, int64_t now_ns);

#endif
