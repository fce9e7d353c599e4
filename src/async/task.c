/* The trampoline: resumes a task's innermost frame and follows calls, returns and unwinding without
 * recursion. */
#include "async/task.h"

#include <stdlib.h>

#include "async/group.h"
#include "async/loop.h"
#include "async/wait.h"
#include "base/check.h"

struct co_task *co_task_set(struct co_task *task, struct co_call call)
{
    /* Copied from zeros: a struct of this size gcc would clear with `rep stos`, whose start alone takes
     * longer than the rest of spawning. */
    static const struct co_task blank;
    *task = blank;
    task->top = call.frame;
    task->scope = &task->self;
    task->self.owner = task;
    task->self.is_task = true;
    return task;
}

const char *co_task_name(const struct co_task *task)
{
    const struct co_frame *frame = task->top;
    while (frame->parent)
        frame = frame->parent;
    return frame->type->name;
}

void co_task_set_background(struct co_task *task, bool is_background)
{
    task->is_background = is_background;
}

void co_task_check_cancelled(struct co_task *task)
{
    struct co_op *op = task->op;
    if (!op || !op->is_pending)
        return;
    if (op->vt->is_uncancellable) {
        if (op->vt->on_cancel)
            op->vt->on_cancel(op);
        return;
    }
    if (co_task_is_refused(task) && op->vt->abort(op))
        co_op_complete(op, ECANCELED);
}

void co_task_ready(struct co_task *task)
{
    if (task->is_queued || task->is_done)
        return;
    task->is_queued = true;
    co_loop_enqueue(task->loop, task);
}

static void task_end(struct co_task *task)
{
    CHECK(task->scope == &task->self && task->exit_depth == 0);
    task->is_done = true;
    co_joiners_wake(task);
    if (task->group)
        co_group_on_done(task->group, task); /* may free the task */
}

/* The result of what the task waited for becomes its error. */
static void take_result(struct co_task *task)
{
    struct co_op *op = task->op;
    task->op = NULL;
    task->instant_count = 0;
    if (!op)
        return;
    if (op->is_to_collect)
        op->vt->collect(op);
    if (!op->code)
        return;
    const struct co_frame *frame = task->top;
    task->error = (struct co_error){op->code, (int)(frame->line & ~CO_END_), frame->type->file, op->vt->name};
}

void co_task_resume(struct co_task *task)
{
    struct co_frame *frame = task->top;
    uint64_t at = CO_LABEL_(frame->line);

    take_result(task);
    for (;;) {
        frame->is_suspended = false;
        frame->is_yielded = false;
        frame->type->step(frame, task, at);
        if (frame->is_suspended) {
            if (task->top == frame)
                return; /* waits for an operation */
            frame = task->top;
            at = CO_LABEL_(frame->line); /* 0, or where a generator has yielded */
        } else if (frame->is_yielded) {  /* to its consumer, and stays where it is */
            if (!frame->is_generator)
                BUG("%s yields, but was awaited as a plain coroutine: use ASYNC_FOR", frame->type->name);
            frame = task->top = frame->parent;
            at = CO_LABEL_(frame->line);
        } else if (frame->exits) { /* left from inside a WITH: to its landing pad */
            frame->is_returning = !task->error.code;
            frame->exits->is_inside = false;
            at = CO_PAD_(frame->exits->line);
        } else if (frame->parent) { /* returned to its caller */
            frame = task->top = frame->parent;
            at = CO_LABEL_(frame->line);
        } else {
            task_end(task);
            return;
        }
    }
}
