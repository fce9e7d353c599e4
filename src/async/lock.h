/* A lock for sections that await: between two awaits nothing else runs, so that only those need one.
 *
 *     ASYNC_WITH(co_lock_acquire(&lock, &self->acquire), co_lock_hold(&lock, &self->hold)) {
 *         …                                     // released whatever way the block is left
 *     } END_WITH;
 *
 * First come, first served; the lock is handed to the next in line, never put up for grabs. */
#ifndef ASYNC_LOCK_H
#define ASYNC_LOCK_H

#include "async/co.h"

/* Zero-initialised: free. */
struct co_lock {
    struct co_op_list waiters;
    bool is_held;
};

struct co_lock_op {
    struct co_op op;
    struct co_lock *lock;
};

struct co_lock_with {
    struct co_with with;
    struct co_lock *lock;
};

/* Suspends until the lock is the caller's. A cancelled acquire does not have it. */
CO_MUST_AWAIT struct co_call co_lock_acquire(struct co_lock *lock, struct co_lock_op *op);
bool co_lock_try_acquire(struct co_lock *lock);
void co_lock_release(struct co_lock *lock); /* must be held */

/* The manager that releases a lock which is held already. */
struct co_with *co_lock_hold(struct co_lock *lock, struct co_lock_with *hold);

/* As co_lock_acquire, but also for a task that is cancelled or killed: for code that has to give back
 * what it borrowed in the state it got it. */
CO_MUST_AWAIT struct co_call co_lock_reacquire(struct co_lock *lock, struct co_lock_op *op);

#endif
