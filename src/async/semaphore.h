/* A counting semaphore: at most so many at a time. First come, first served, by direct hand-off. */
#ifndef ASYNC_SEMAPHORE_H
#define ASYNC_SEMAPHORE_H

#include "async/co.h"

struct co_semaphore {
    struct co_op_list waiters;
    unsigned free_count;
};

struct co_semaphore_op {
    struct co_op op;
    struct co_semaphore *semaphore;
};

struct co_semaphore_with {
    struct co_with with;
    struct co_semaphore *semaphore;
};

void co_semaphore_init(struct co_semaphore *semaphore, unsigned count);

/* Suspends until one is free, and takes it. A cancelled acquire has taken none. */
CO_MUST_AWAIT struct co_call co_semaphore_acquire(struct co_semaphore *semaphore, struct co_semaphore_op *op);
bool co_semaphore_try_acquire(struct co_semaphore *semaphore);
void co_semaphore_release(struct co_semaphore *semaphore);

/* The manager that releases one that was acquired. */
struct co_with *co_semaphore_hold(struct co_semaphore *semaphore, struct co_semaphore_with *hold);

#endif
