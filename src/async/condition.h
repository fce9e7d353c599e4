/* A condition: wait, with a lock held, until somebody says that the state has changed.
 *
 *     while (!is_ready)
 *         AWAIT(CALL(&self->wait, co_condition_wait, .condition = &condition, .lock = &lock));
 */
#ifndef ASYNC_CONDITION_H
#define ASYNC_CONDITION_H

#include "async/co.h"
#include "async/lock.h"

/* Zero-initialised. */
struct co_condition {
    struct co_op_list waiters;
};

struct co_condition_op {
    struct co_op op;
    struct co_condition *condition;
};

/* A coroutine: gives the lock back, suspends until notified, takes the lock again. It has the lock
 * whatever way it ends, also when cancelled or killed. */
struct co_condition_wait {
    struct co_frame co;
    struct co_condition *condition; /* argument */
    struct co_lock *lock;           /* argument: held */
    struct co_condition_op wait;
    struct co_with reacquire;
    struct co_lock_op acquire;
};
ASYNC_DECLARE(co_condition_wait);

void co_condition_notify(struct co_condition *condition, unsigned count); /* those who wait longest */
void co_condition_notify_all(struct co_condition *condition);

#endif
