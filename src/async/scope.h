/* The tree of scopes: what is cancelled together.
 *
 * Every task, group and timeout is a scope. Cancelling is level-triggered: a scope once cancelled
 * stays so, and every await under it fails with ECANCELED before it starts; a wait that is pending is
 * aborted. Two steps:
 *   cancelled  awaits in bodies fail, awaits in exits of context managers still work;
 *   killed     awaits in exits fail, too. This is how a deadline ends a clean-up that hangs.
 * Rules (after Trio): ECANCELED means "did not happen"; an operation that completed before the cancel
 * keeps its result, the next await fails. Inside an exit only scopes opened there, or a kill, count. */
#ifndef ASYNC_SCOPE_H
#define ASYNC_SCOPE_H

#include <stdbool.h>
#include <stdint.h>

#include "async/co.h"

struct co_task;

enum co_scope_state { CO_SCOPE_LIVE, CO_SCOPE_CANCELLED, CO_SCOPE_KILLED };

struct co_scope {
    struct co_scope *parent, *first_child, *next, **pprev;
    struct co_task *owner;
    uint8_t own, effective; /* enum co_scope_state; effective: with what comes from outside */
    bool is_shield;         /* hides the outer CANCELLED, never KILLED */
    bool is_task;           /* the outermost scope of its owner */
    uint16_t exit_depth;    /* how many exits its owner was in when it was opened */
};

/* Both are safe at any time, from anywhere on the loop's thread, any number of times. Nothing runs
 * before they return. */
void co_cancel(struct co_scope *scope);
void co_kill(struct co_scope *scope);

bool co_scope_is_cancelled(const struct co_scope *scope);

/* True when it would be cancelled even if nobody had cancelled it itself. */
bool co_scope_is_cancelled_outside(const struct co_scope *scope);

/* Opens a scope inside the task's current one; close in reverse order. For writers of managers. */
void co_scope_open(struct co_scope *scope, struct co_task *task, bool is_shield);
void co_scope_close(struct co_scope *scope);

/* A shield: while the block runs, a cancel from outside waits; a kill does not.
 *     WITH(co_shield_open(co, &self->shield)) { … } END_WITH; */
struct co_shield {
    struct co_with with;
    struct co_scope scope;
};
struct co_with *co_shield_open(struct co_task *co, struct co_shield *shield);

/* For the runtime. */
void co_scope_attach(struct co_scope *scope, struct co_scope *parent); /* links and computes `effective` */
void co_scope_detach(struct co_scope *scope);

#endif
