/* Waiting for tasks: one, several, all, the first.
 *
 * Only for embedded tasks (TASK): one made with SPAWN_NEW frees itself when it ends, only its group
 * joins it. Waiting never cancels what is waited for; results are in the tasks' frames, outcomes in
 * task->error. */
#ifndef ASYNC_WAIT_H
#define ASYNC_WAIT_H

#include "async/co.h"
#include "async/group.h"
#include "async/task.h"

/* Ties an op to the end of a task. */
struct co_joiner {
    struct co_joiner *next, **pprev;
    struct co_task *task;
    struct co_op *op;
};

struct co_join_op {
    struct co_op op;
    struct co_task *task;
    struct co_joiner joiner;
};

/* Suspends until the task has ended; then fails with the task's error, if it has one. */
CO_MUST_AWAIT struct co_call co_join(struct co_join_op *op, struct co_task *task);

enum co_wait_mode {
    CO_ALL_COMPLETED,
    CO_FIRST_COMPLETED,
    CO_FIRST_EXCEPTION, /* the first that fails, else all */
};

struct co_wait_op {
    struct co_op op;
    struct co_task *const *tasks;
    struct co_joiner *joiners;
    size_t count;
    enum co_wait_mode mode;
    size_t done_count;     /* result: how many have ended; which: task->is_done */
    struct co_task *first; /* result: the task that decided it; NULL when all were awaited */
};

/* Suspends until the tasks have ended as `mode` says. `joiners` is room for `count` of them, the
 * caller's. Does not fail when a task does: look at task->error. */
CO_MUST_AWAIT struct co_call co_wait(struct co_wait_op *op, struct co_task *const *tasks,
                                     struct co_joiner *joiners, size_t count, enum co_wait_mode mode);

/* Starts prepared tasks and ends when all have: a coroutine.
 *
 *     self->v[0] = TASK(&self->a, fetch, .n = 1); …
 *     AWAIT(CALL(&self->all, co_gather, .tasks = self->v, .count = 2));
 *
 * When one fails the others are cancelled and its error is raised. With `return_errors` nothing is
 * cancelled and nothing raised: each outcome is in its task's error. Cancelling the gather cancels all. */
struct co_gather {
    struct co_frame co;
    struct co_task **tasks;
    size_t count;
    bool return_errors;
    struct co_group group;
};
ASYNC_DECLARE(co_gather);

/* For the runtime: the task has ended. */
void co_joiners_wake(struct co_task *task);

#endif
