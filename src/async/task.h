/* Tasks: coroutines that run on their own, each owned by a group (or the root of a loop).
 *
 * A task is embedded where its maker lives (CO_TASK) or made on the heap (SPAWN_NEW), and it stays
 * valid until its group has joined it. */
#ifndef ASYNC_TASK_H
#define ASYNC_TASK_H

#include "async/co.h"
#include "async/scope.h"
#include "base/attr.h"

struct co_group;
struct co_joiner;

/* What every await touches comes first. */
struct co_task {
    struct co_error error;  /* in flight, and the outcome once done; first: see co_error_of() */
    struct co_scope *scope; /* innermost open scope */
    struct co_frame *top;   /* innermost frame: the one to resume */
    struct co_op *op;       /* what it waits for; NULL while running or ready */
    struct co_task *next_ready;
    uint16_t exit_depth;    /* context manager exits being awaited */
    uint16_t instant_count; /* awaits in a row that completed at once */
    uint16_t refused_count; /* awaits in a row that failed for cancellation */
    bool is_queued, is_done, is_heap, is_background;
    int64_t waits_since_ns; /* for the task tree: the turn in which `op` began */
    struct co_loop *loop;
    struct co_scope self;      /* outermost scope; its parent is the group's */
    struct co_group *group;    /* NULL for a root */
    struct co_joiner *joiners; /* who waits for its end; see async/wait.h */
};
_Static_assert(offsetof(struct co_task, error) == 0, "co_error_of() relies on it");

/* Task and frame in one, to embed. */
#define CO_TASK(T) \
    struct { \
        struct co_task task; \
        struct T fn; \
    }

/* Prepares an embedded task: TASK(&self->worker, worker, .n = 3) → struct co_task *. */
#define TASK(ct, T, ...) co_task_set(&(ct)->task, CALL(&(ct)->fn, T, __VA_ARGS__))

struct co_task *co_task_set(struct co_task *task, struct co_call call);

const char *co_task_name(const struct co_task *task); /* of its outermost coroutine */

/* A task in the background is resumed after all others, and together with all of these it gets only a part of each
 * turn of the loop: for crowds that must not hold up those who are at work. What it starts is there as well.
 * Takes effect from the next time it is ready. */
void co_task_set_background(struct co_task *task, bool is_background);

/* ---- for the runtime ---- */

/* Runs the task until it waits or ends. */
void co_task_resume(struct co_task *task);
/* Puts a task that waits (or is new) on the ready queue, once. */
void co_task_ready(struct co_task *task);
/* Aborts what the task waits for when its scope says so. */
void co_task_check_cancelled(struct co_task *task);
/* True when an await must fail now: its innermost scope is cancelled, or killed while in an exit. */
static inline bool co_task_is_refused(const struct co_task *task)
{
    const struct co_scope *scope = task->scope;
    bool in_exit = scope->exit_depth < task->exit_depth;
    return scope->effective >= (in_exit ? CO_SCOPE_KILLED : CO_SCOPE_CANCELLED);
}

#endif
