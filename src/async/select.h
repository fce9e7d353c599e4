/* Waiting for the first of several operations of any kind.
 *
 *     self->ops[0] = co_select_op(co_queue_get(&queue, &self->get));
 *     self->ops[1] = co_select_op(co_sleep(&self->nap, 100));
 *     AWAIT(co_select(&self->select, self->ops, 2));
 *     if (self->select.which == 0) …                          // self->get.item
 *
 * When one completes the others are aborted at that moment, so that none of them can take an item, a
 * token or a lock any more. Each operation is safe to abort: what was not completed did not happen. One
 * that cannot be aborted (a job that runs already) is waited for; its result is then lost. */
#ifndef ASYNC_SELECT_H
#define ASYNC_SELECT_H

#include "async/co.h"

struct co_select {
    struct co_op op;
    struct co_op **ops;
    size_t count;
    size_t which; /* result: index of the operation that completed; its code is the select's */
    size_t started_count;
    size_t running_count;      /* started, not completed, not aborted */
    bool is_decided, is_armed; /* armed: start has returned, completing is by co_op_complete() */
    bool is_giving_way;        /* decided by a yield: goes to the end of the ready queue, as that does */
};

/* The operation in a call that is not awaited on its own. Coroutines cannot be selected: start a task
 * and select its co_join. */
static inline struct co_op *co_select_op(struct co_call call)
{
    return call.op;
}

/* Suspends until one of `ops` completes; fails as that one does. `ops` must live until then. */
CO_MUST_AWAIT struct co_call co_select(struct co_select *select, struct co_op **ops, size_t count);

/* For co_op_complete(): one of a select's operations has completed. */
void co_select_on_complete(struct co_select *select, struct co_op *op);

#endif
