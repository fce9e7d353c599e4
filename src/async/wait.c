#include "async/wait.h"

#include "base/attr.h"

#include "async/poison.h"

static void joiner_add(struct co_joiner *joiner, struct co_task *task, struct co_op *op)
{
    *joiner = (struct co_joiner){.next = task->joiners, .pprev = &task->joiners, .task = task, .op = op};
    if (joiner->next)
        joiner->next->pprev = &joiner->next;
    task->joiners = joiner;
}

static void joiner_remove(struct co_joiner *joiner)
{
    if (!joiner->pprev)
        return;
    *joiner->pprev = joiner->next;
    if (joiner->next)
        joiner->next->pprev = joiner->pprev;
    joiner->pprev = NULL;
}

/* ---- one ---- */

static bool join_start(struct co_op *op)
{
    struct co_join_op *join = container_of(op, struct co_join_op, op);
    if (join->task->is_done) {
        op->code = join->task->error.code;
        return true;
    }
    joiner_add(&join->joiner, join->task, op);
    return false;
}

static bool join_abort(struct co_op *op)
{
    joiner_remove(&container_of(op, struct co_join_op, op)->joiner);
    return true;
}

static const struct co_op_vt join_vt = {.name = "join", .start = join_start, .abort = join_abort};

struct co_call co_join(struct co_join_op *op, struct co_task *task)
{
    op->task = task;
    return co_call_op(&op->op, &join_vt);
}

/* ---- several ---- */

/* Counts one more task that has ended; true when that decides the wait. */
static bool note_end(struct co_wait_op *wait, struct co_task *task)
{
    wait->done_count++;
    bool is_first =
        wait->mode == CO_FIRST_COMPLETED || (wait->mode == CO_FIRST_EXCEPTION && task->error.code);
    if (is_first && !wait->first)
        wait->first = task;
    return is_first || wait->done_count == wait->count;
}

static void remove_joiners(struct co_wait_op *wait)
{
    for (size_t i = 0; i < wait->count; i++)
        joiner_remove(&wait->joiners[i]);
}

static bool wait_start(struct co_op *op)
{
    struct co_wait_op *wait = container_of(op, struct co_wait_op, op);
    bool is_decided = wait->count == 0;
    for (size_t i = 0; i < wait->count; i++) {
        wait->joiners[i].pprev = NULL;
        if (wait->tasks[i]->is_done)
            is_decided |= note_end(wait, wait->tasks[i]);
    }
    for (size_t i = 0; !is_decided && i < wait->count; i++)
        if (!wait->tasks[i]->is_done)
            joiner_add(&wait->joiners[i], wait->tasks[i], op);
    return is_decided;
}

static bool wait_abort(struct co_op *op)
{
    remove_joiners(container_of(op, struct co_wait_op, op));
    return true;
}

static const struct co_op_vt wait_vt = {.name = "wait", .start = wait_start, .abort = wait_abort};

struct co_call co_wait(struct co_wait_op *op, struct co_task *const *tasks, struct co_joiner *joiners,
                       size_t count, enum co_wait_mode mode)
{
    *op = (struct co_wait_op){.tasks = tasks, .joiners = joiners, .count = count, .mode = mode};
    return co_call_op(&op->op, &wait_vt);
}

static void wake(struct co_op *op, struct co_task *task)
{
    if (op->vt == &join_vt) {
        co_op_complete(op, task->error.code);
        return;
    }
    struct co_wait_op *wait = container_of(op, struct co_wait_op, op);
    if (!note_end(wait, task))
        return;
    remove_joiners(wait);
    co_op_complete(op, 0);
}

void co_joiners_wake(struct co_task *task)
{
    while (task->joiners) {
        struct co_joiner *joiner = task->joiners;
        joiner_remove(joiner);
        wake(joiner->op, task);
    }
}

/* ---- all ---- */

ASYNC(co_gather)
{
    WITH(co_group_open(co, &self->group, -1)) {
        self->group.is_tolerant = self->return_errors;
        for (size_t i = 0; i < self->count; i++)
            co_group_start(&self->group, self->tasks[i]);
    }
    END_WITH;
}
END_ASYNC
