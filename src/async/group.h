/* Groups: the only way to start tasks, so that none outlives the block that started it.
 *
 *     WITH(co_group_open(co, &self->group, 1000)) {
 *         SPAWN(&self->group, &self->a, worker, .n = 1);
 *         SPAWN(&self->group, &self->b, worker, .n = 2);
 *     } END_WITH;                      // both have ended here
 *
 * The end of the block waits for all tasks. A task that fails cancels the others and the block, and
 * its error is raised at the end of the block; later errors are only counted. */
#ifndef ASYNC_GROUP_H
#define ASYNC_GROUP_H

#include "async/task.h"
#include "async/timer.h"

struct co_group {
    struct co_with with;
    struct co_scope scope;
    struct co_op wait;
    struct co_timer kill_timer;
    struct co_loop *loop;
    unsigned live_count, failed_count;
    int kill_ms;
    bool is_tolerant;   /* a failing task is counted, nothing more: no cancel, no error raised */
    bool was_cut_short; /* a task ended because it was cancelled */
    bool is_closed;     /* joined: nothing more can be started */
    struct co_error first_error;
};

/* Enters a group. kill_ms: when the group is cancelled, how long exits may still await before they
 * are killed; < 0: no limit of its own. Does not suspend. */
struct co_with *co_group_open(struct co_task *co, struct co_group *group, int kill_ms);

/* Starts a task that was prepared with TASK: it runs in its turn, never before this returns. */
void co_group_start(struct co_group *group, struct co_task *task);

/* Cancels all tasks and the block, and kills what is left of them after kill_ms. Again: nothing. */
void co_group_cancel(struct co_group *group);

/* Starts an embedded task. */
#define SPAWN(group, ct, T, ...) co_group_start((group), TASK(ct, T, __VA_ARGS__))

/* Starts a task on the heap, which is freed when it ends. 0 or -ENOMEM: then nothing was started. */
#define SPAWN_NEW(group, T, ...) \
    co_group_start_new((group), &(struct T){.co = {.type = &T##_type}, __VA_ARGS__}.co)
MUST_CHECK int co_group_start_new(struct co_group *group, const struct co_frame *prototype);

/* For the runtime: one of its tasks has ended. */
void co_group_on_done(struct co_group *group, struct co_task *task);

#endif
