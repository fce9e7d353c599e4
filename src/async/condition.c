#include "async/condition.h"

#include "base/attr.h"

#include "async/poison.h"

static bool wait_start(struct co_op *op)
{
    co_op_list_push(&container_of(op, struct co_condition_op, op)->condition->waiters, op);
    return false;
}

static bool wait_abort(struct co_op *op)
{
    co_op_list_remove(&container_of(op, struct co_condition_op, op)->condition->waiters, op);
    return true;
}

static const struct co_op_vt wait_vt = {.name = "condition.wait", .start = wait_start, .abort = wait_abort};

static struct co_call notified(struct co_condition *condition, struct co_condition_op *op)
{
    op->condition = condition;
    return co_call_op(&op->op, &wait_vt);
}

static struct co_call reacquire_exit(struct co_task *task, struct co_with *with)
{
    struct co_condition_wait *self = container_of(with, struct co_condition_wait, reacquire);
    (void)task;
    return co_lock_reacquire(self->lock, &self->acquire);
}

ASYNC(co_condition_wait)
{
    co_with_init(&self->reacquire, reacquire_exit, NULL);
    co_lock_release(self->lock);
    WITH(&self->reacquire) {
        AWAIT(notified(self->condition, &self->wait));
    }
    END_WITH;
}
END_ASYNC

void co_condition_notify(struct co_condition *condition, unsigned count)
{
    struct co_op *op;
    while (count-- > 0 && (op = co_op_list_pop(&condition->waiters)) != NULL)
        co_op_complete(op, 0);
}

void co_condition_notify_all(struct co_condition *condition)
{
    struct co_op *op;
    while ((op = co_op_list_pop(&condition->waiters)) != NULL)
        co_op_complete(op, 0);
}
