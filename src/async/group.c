/* Groups of tasks: start, join, cancel the rest when one fails. */
#include "async/group.h"

#include <stdlib.h>
#include <string.h>

#include "async/loop.h"
#include "base/check.h"

static struct co_group *group_of_with(struct co_with *with)
{
    return container_of(with, struct co_group, with);
}

static bool join_start(struct co_op *op)
{
    return container_of(op, struct co_group, wait)->live_count == 0;
}

static bool join_abort(struct co_op *op)
{
    (void)op;
    return false;
}

/* The scope around the block was cancelled: the tasks are waited for all the same, but not for longer
 * than the group allows. */
static void join_on_cancel(struct co_op *op)
{
    co_group_cancel(container_of(op, struct co_group, wait));
}

static const struct co_op_vt join_vt = {.name = "group.join",
                                        .start = join_start,
                                        .abort = join_abort,
                                        .is_uncancellable = true,
                                        .on_cancel = join_on_cancel};

static void kill_fire(struct co_timer *timer)
{
    co_kill(&container_of(timer, struct co_group, kill_timer)->scope);
}

static struct co_call group_exit(struct co_task *task, struct co_with *with)
{
    struct co_group *group = group_of_with(with);
    (void)task;
    if (with->error.code || co_scope_is_cancelled(&group->scope))
        co_group_cancel(group);
    return co_call_op(&group->wait, &join_vt);
}

static void group_finish(struct co_task *task, struct co_with *with)
{
    struct co_group *group = group_of_with(with);
    (void)task;
    CHECK(group->live_count == 0);
    group->is_closed = true;
    co_loop_disarm(group->loop, &group->kill_timer);
    bool is_cancelled_outside = co_scope_is_cancelled_outside(&group->scope);
    co_scope_close(&group->scope);
    /* A child's error stands for the cancel it caused; a cancel that nobody's failure caused ends here. */
    if (!with->error.code || (with->error.code == ECANCELED && !is_cancelled_outside))
        with->error = group->first_error;
    /* What a cancel from outside has cut short must not look like success. */
    if (!with->error.code && group->was_cut_short && is_cancelled_outside)
        with->error = (struct co_error){ECANCELED, __LINE__, __FILE__, "group"};
}

struct co_with *co_group_open(struct co_task *co, struct co_group *group, int kill_ms)
{
    *group = (struct co_group){.kill_ms = kill_ms, .loop = co->loop, .kill_timer.fire = kill_fire};
    co_with_init(&group->with, group_exit, group_finish);
    co_scope_open(&group->scope, co, false);
    return &group->with;
}

void co_group_start(struct co_group *group, struct co_task *task)
{
    CHECK(!group->is_closed);
    CHECK(task->top && !task->group && !task->is_queued);
    if (co_debug_notes_calls)
        co_debug_note_started(task->top, false);
    task->group = group;
    task->loop = group->loop;
    task->is_background = co_loop_is_in_background(group->loop);
    group->live_count++;
    co_scope_attach(&task->self, &group->scope);
    co_task_ready(task);
}

int co_group_start_new(struct co_group *group, const struct co_frame *prototype)
{
    const size_t size = prototype->type->size;
    /* The frame follows the task; both are aligned for anything malloc'd. */
    const size_t offset = (sizeof(struct co_task) + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
    char *memory = malloc(offset + size);
    if (!memory)
        return -ENOMEM;
    struct co_frame *frame = (struct co_frame *)(void *)(memory + offset);
    memcpy(frame, prototype, size);
    struct co_task *task = co_task_set((struct co_task *)(void *)memory, co_call_frame(frame));
    task->is_heap = true;
    co_group_start(group, task);
    return 0;
}

void co_group_cancel(struct co_group *group)
{
    if (group->is_closed || group->scope.own != CO_SCOPE_LIVE)
        return;
    co_cancel(&group->scope);
    if (group->kill_ms < 0)
        return;
    if (co_loop_arm(group->loop, &group->kill_timer, group->kill_ms) != 0)
        co_kill(&group->scope); /* no memory to keep the deadline: end now */
}

void co_group_on_done(struct co_group *group, struct co_task *task)
{
    const struct co_error error = task->error;
    const bool was_cancelled = error.code == ECANCELED && co_scope_is_cancelled(&task->self);
    co_scope_detach(&task->self);
    if (task->is_heap)
        free(task);
    group->live_count--;
    group->was_cut_short = group->was_cut_short || was_cancelled;
    if (error.code && !was_cancelled) {
        if (group->failed_count++ == 0 && !group->is_tolerant) {
            group->first_error = error;
            co_group_cancel(group);
        }
    }
    if (group->live_count == 0 && group->wait.is_pending)
        co_op_complete(&group->wait, 0);
}
