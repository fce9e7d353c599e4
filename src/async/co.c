/* Awaiting, catching, and leaving context managers: what the macros of co.h expand to. */
#include "async/co.h"

#include <string.h>

#include "async/debug.h"
#include "async/loop_private.h"
#include "async/select.h"
#include "async/task.h"
#include "base/check.h"

/* After so many awaits that completed at once, the next one goes through the ready queue, so that a
 * task that always finds something to do cannot hold the loop. */
#define INSTANT_MAX 64

/* A task that was cancelled and awaits again and again without leaving is a bug; say so. */
#define REFUSED_MAX 1000

const char *co_error_str(int code)
{
    switch (code) {
    case 0:
        return "no error";
    case CO_EEOF:
        return "end of stream";
    case CO_ETOOLONG:
        return "line too long";
    case CO_ECLOSED:
        return "closed";
    case CO_ELAGGED:
        return "too slow, values were missed";
    case CO_EGENEXIT:
        return "generator closed";
    default:
        return strerror(code);
    }
}

static void set_error(struct co_task *task, const struct co_frame *frame, int code, const char *what)
{
    int line = (int)(frame->line & ~CO_END_);
    task->error = (struct co_error){code, line, frame->type->file, what};
}

static bool begin_op(struct co_task *task, struct co_frame *self, struct co_op *op)
{
    /* What *op holds is of no meaning: its memory may have been a callee's frame a moment ago. */
    if (co_task_is_refused(task) && !op->vt->is_uncancellable) {
        if (++task->refused_count > REFUSED_MAX)
            BUG("task %s goes on awaiting although it is cancelled (%s:%u)", co_task_name(task),
                self->type->file, (unsigned)(self->line & ~CO_END_));
        set_error(task, self, ECANCELED, op->vt->name);
        return false;
    }
    if (task->scope->effective == CO_SCOPE_LIVE)
        task->refused_count = 0;
    if (task->loop->debug)
        co_debug_check_place(task->loop, op, op->vt->name);
    *op = (struct co_op){.vt = op->vt, .task = task, .is_pending = true};
    if (op->vt->start(op)) {
        op->is_pending = false;
        op->is_to_collect = op->vt->collect && !op->code;
        if (++task->instant_count < INSTANT_MAX) {
            if (op->is_to_collect)
                op->vt->collect(op);
            if (op->code)
                set_error(task, self, op->code, op->vt->name);
            return false;
        }
        co_task_ready(task);
    }
    self->is_suspended = true;
    task->op = op;
    task->waits_since_ns = task->loop->now_ns;
    return true;
}

/* Returns true when the step must return now: the task waits, or runs the callee first. */
bool co_await(struct co_task *task, struct co_frame *self, struct co_call call, uint32_t line)
{
    self->line = line;
    if (call.op)
        return begin_op(task, self, call.op);
    if (!call.frame)
        return false;
    if (task->loop->debug) {
        co_debug_check_place(task->loop, call.frame, call.frame->type->name);
        co_debug_note_started(call.frame, false);
    }
    call.frame->parent = self;
    self->is_suspended = true;
    task->top = call.frame;
    return true;
}

int co_catch(struct co_task *task)
{
    int code = task->error.code;
    /* ECANCELED without a cancelled scope around is another task's, learnt by joining it: no scope would
     * end it, so that it is an error like any other. */
    bool is_own_cancel = code == ECANCELED && co_scope_is_cancelled(task->scope);
    if (!is_own_cancel && code != CO_EGENEXIT)
        task->error = (struct co_error){0};
    return code;
}

void co_op_complete(struct co_op *op, int code)
{
    CHECK(op->is_pending);
    op->is_pending = false;
    op->code = code;
    op->is_to_collect = op->vt->collect && !code;
    if (op->select)
        co_select_on_complete(op->select, op);
    else
        co_task_ready(op->task);
}

void co_op_list_push(struct co_op_list *list, struct co_op *op)
{
    if (!list->tail)
        list->tail = &list->first;
    op->next = NULL;
    op->pprev = list->tail;
    *list->tail = op;
    list->tail = &op->next;
}

void co_op_list_remove(struct co_op_list *list, struct co_op *op)
{
    *op->pprev = op->next;
    if (op->next)
        op->next->pprev = op->pprev;
    else
        list->tail = op->pprev;
    op->next = NULL;
    op->pprev = NULL;
}

struct co_op *co_op_list_pop(struct co_op_list *list)
{
    struct co_op *op = list->first;
    if (op)
        co_op_list_remove(list, op);
    return op;
}

void co_with_push(struct co_frame *self, struct co_with *with, uint32_t line)
{
    with->outer = self->exits;
    with->line = line;
    with->is_inside = true;
    with->error = (struct co_error){0};
    self->exits = with;
}

/* Begins the exit of the innermost manager. The error in flight is put aside, so that the exit's own
 * awaits work. Returns true when the step must return. */
bool co_exit_begin(struct co_task *task, struct co_frame *self, uint32_t line)
{
    struct co_with *with = self->exits;
    with->is_inside = false;
    with->error = task->error;
    task->error = (struct co_error){0};
    task->exit_depth++;
    return co_await(task, self, with->exit ? with->exit(task, with) : (struct co_call){0}, line);
}

/* Ends it. The first error wins. Returns true when the frame is to be left altogether. */
bool co_exit_end(struct co_task *task, struct co_frame *self)
{
    struct co_with *with = self->exits;
    task->exit_depth--;
    if (!with->error.code)
        with->error = task->error;
    if (with->finish)
        with->finish(task, with);
    self->exits = with->outer;
    task->error = with->error;
    return task->error.code || self->is_returning;
}

void co_bad_resume(struct co_task *task)
{
    BUG("task %s was resumed at a line where it does not wait: an AWAIT inside a switch of its own?",
        co_task_name(task));
}
