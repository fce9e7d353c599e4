/* Sleeping and giving way. */
#ifndef ASYNC_SLEEP_H
#define ASYNC_SLEEP_H

#include "async/co.h"
#include "async/timer.h"

struct co_sleep_op {
    struct co_op op;
    struct co_timer timer;
    int64_t ms;
};

/* Suspends for at least `ms`; 0 or less gives way once. */
CO_MUST_AWAIT struct co_call co_sleep(struct co_sleep_op *op, int64_t ms);

/* Goes to the end of the ready queue. */
CO_MUST_AWAIT struct co_call co_yield(struct co_op *op);

/* Suspends until the next turn of the loop: in between, I/O is looked at and all others have had theirs. */
CO_MUST_AWAIT struct co_call co_next_turn(struct co_op *op);

#endif
