#include "async/sleep.h"

#include "async/loop_private.h"
#include "async/task.h"
#include "base/attr.h"

static void sleep_fire(struct co_timer *timer)
{
    co_op_complete(&container_of(timer, struct co_sleep_op, timer)->op, 0);
}

static bool sleep_start(struct co_op *op)
{
    struct co_sleep_op *sleep_op = container_of(op, struct co_sleep_op, op);
    if (sleep_op->ms <= 0) {
        co_op_complete(op, 0);
        return false;
    }
    sleep_op->timer = (struct co_timer){.fire = sleep_fire};
    if (co_loop_arm(op->task->loop, &sleep_op->timer, sleep_op->ms) == 0)
        return false;
    op->code = ENOMEM;
    return true;
}

static bool sleep_abort(struct co_op *op)
{
    co_loop_disarm(op->task->loop, &container_of(op, struct co_sleep_op, op)->timer);
    return true;
}

static const struct co_op_vt sleep_vt = {.name = "sleep", .start = sleep_start, .abort = sleep_abort};

struct co_call co_sleep(struct co_sleep_op *op, int64_t ms)
{
    op->ms = ms;
    return co_call_op(&op->op, &sleep_vt);
}

static bool yield_start(struct co_op *op)
{
    co_op_complete(op, 0);
    return false;
}

static bool yield_abort(struct co_op *op)
{
    (void)op;
    return false; /* has completed already */
}

static const struct co_op_vt yield_vt = {.name = "yield", .start = yield_start, .abort = yield_abort};

struct co_call co_yield(struct co_op *op)
{
    return co_call_op(op, &yield_vt);
}

static bool turn_start(struct co_op *op)
{
    co_op_list_push(&op->task->loop->turn_waiters, op);
    return false;
}

static bool turn_abort(struct co_op *op)
{
    co_op_list_remove(&op->task->loop->turn_waiters, op);
    return true;
}

static const struct co_op_vt turn_vt = {.name = "next_turn", .start = turn_start, .abort = turn_abort};

struct co_call co_next_turn(struct co_op *op)
{
    return co_call_op(op, &turn_vt);
}
