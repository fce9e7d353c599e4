#include "async/select.h"

#include "async/debug.h"
#include "async/loop_private.h"
#include "async/task.h"
#include "base/attr.h"
#include "base/check.h"

static void abort_running(struct co_select *select)
{
    for (size_t i = 0; i < select->started_count; i++) {
        struct co_op *op = select->ops[i];
        if (!op->is_pending || !op->vt->abort(op))
            continue;
        op->is_pending = false;
        select->running_count--;
    }
}

static void decide(struct co_select *select, size_t which)
{
    select->is_decided = true;
    select->which = which;
    abort_running(select);
}

/* Takes the winner's result when its kind wants that to be done as late as possible. */
static int winner_code(struct co_select *select)
{
    struct co_op *winner = select->ops[select->which];
    if (winner->is_to_collect) {
        winner->is_to_collect = false;
        winner->vt->collect(winner);
    }
    return winner->code;
}

static bool select_start(struct co_op *op)
{
    struct co_select *select = container_of(op, struct co_select, op);
    const struct co_loop *loop = op->task->loop;
    if (loop->debug)
        co_debug_check_place(loop, select->ops, "select's list");
    while (select->started_count < select->count && !select->is_decided) {
        size_t which = select->started_count++;
        struct co_op *each = select->ops[which];
        if (loop->debug)
            co_debug_check_place(loop, each, each->vt->name);
        *each = (struct co_op){.vt = each->vt, .task = op->task, .is_pending = true, .select = select};
        select->running_count++;
        if (!each->vt->start(each))
            continue;
        each->is_pending = false;
        each->is_to_collect = each->vt->collect && !each->code;
        select->running_count--;
        decide(select, which);
    }
    select->is_armed = true;
    if (!select->is_decided || select->running_count)
        return false;
    if (select->is_giving_way)
        co_op_complete(op, 0);
    return !select->is_giving_way;
}

void co_select_on_complete(struct co_select *select, struct co_op *op)
{
    size_t which = 0;
    while (select->ops[which] != op)
        which++;
    select->running_count--;
    if (!select->is_decided) {
        select->is_giving_way = !select->is_armed;
        decide(select, which);
    }
    if (select->is_armed && select->running_count == 0)
        co_op_complete(&select->op, 0);
}

/* Cancelled: all go. One that cannot be aborted keeps the select waiting, and decides it. */
static bool select_abort(struct co_op *op)
{
    struct co_select *select = container_of(op, struct co_select, op);
    abort_running(select);
    return select->running_count == 0;
}

static void select_collect(struct co_op *op)
{
    op->code = winner_code(container_of(op, struct co_select, op));
}

static const struct co_op_vt select_vt = {
    .name = "select", .start = select_start, .abort = select_abort, .collect = select_collect};

struct co_call co_select(struct co_select *select, struct co_op **ops, size_t count)
{
    CHECK(count >= 1);
    *select = (struct co_select){.ops = ops, .count = count};
    return co_call_op(&select->op, &select_vt);
}
