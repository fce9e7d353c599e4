#include "async/event.h"

#include "base/attr.h"

void co_event_set(struct co_event *event)
{
    struct co_op *op;
    event->is_set = true;
    while ((op = co_op_list_pop(&event->waiters)) != NULL)
        co_op_complete(op, 0);
}

void co_event_clear(struct co_event *event)
{
    event->is_set = false;
}

static bool wait_start(struct co_op *op)
{
    struct co_event *event = container_of(op, struct co_event_op, op)->event;
    if (event->is_set)
        return true;
    co_op_list_push(&event->waiters, op);
    return false;
}

static bool wait_abort(struct co_op *op)
{
    co_op_list_remove(&container_of(op, struct co_event_op, op)->event->waiters, op);
    return true;
}

static const struct co_op_vt wait_vt = {.name = "event.wait", .start = wait_start, .abort = wait_abort};

struct co_call co_event_wait(struct co_event *event, struct co_event_op *op)
{
    op->event = event;
    return co_call_op(&op->op, &wait_vt);
}
