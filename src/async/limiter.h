/* A rate limiter: so many per second, with bursts. It computes when the next token is there and sleeps
 * once, until then; first come, first served. */
#ifndef ASYNC_LIMITER_H
#define ASYNC_LIMITER_H

#include "async/co.h"
#include "async/timer.h"
#include "base/bucket.h"

struct co_loop;

struct co_limiter {
    struct co_loop *loop;
    struct bucket bucket;
    struct co_op_list waiters;
    struct co_timer timer; /* armed for the first waiter */
};

struct co_limiter_op {
    struct co_op op;
    struct co_limiter *limiter;
};

/* rate_milli: tokens per second times 1000, > 0; burst >= 1: what may be taken at once. */
void co_limiter_init(struct co_limiter *limiter, struct co_loop *loop, int64_t rate_milli, int64_t burst);

/* Suspends until a token is there, and takes it. A cancelled acquire has taken none. */
CO_MUST_AWAIT struct co_call co_limiter_acquire(struct co_limiter *limiter, struct co_limiter_op *op);

#endif
