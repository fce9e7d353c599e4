#include "async/semaphore.h"

#include "base/attr.h"

void co_semaphore_init(struct co_semaphore *semaphore, unsigned count)
{
    *semaphore = (struct co_semaphore){.free_count = count};
}

bool co_semaphore_try_acquire(struct co_semaphore *semaphore)
{
    if (semaphore->free_count == 0)
        return false;
    semaphore->free_count--;
    return true;
}

void co_semaphore_release(struct co_semaphore *semaphore)
{
    struct co_op *next = co_op_list_pop(&semaphore->waiters);
    if (next)
        co_op_complete(next, 0);
    else
        semaphore->free_count++;
}

static bool acquire_start(struct co_op *op)
{
    struct co_semaphore *semaphore = container_of(op, struct co_semaphore_op, op)->semaphore;
    if (co_semaphore_try_acquire(semaphore))
        return true;
    co_op_list_push(&semaphore->waiters, op);
    return false;
}

static bool acquire_abort(struct co_op *op)
{
    co_op_list_remove(&container_of(op, struct co_semaphore_op, op)->semaphore->waiters, op);
    return true;
}

static const struct co_op_vt acquire_vt = {
    .name = "semaphore.acquire", .start = acquire_start, .abort = acquire_abort};

struct co_call co_semaphore_acquire(struct co_semaphore *semaphore, struct co_semaphore_op *op)
{
    op->semaphore = semaphore;
    return co_call_op(&op->op, &acquire_vt);
}

static void hold_finish(struct co_task *task, struct co_with *with)
{
    (void)task;
    co_semaphore_release(container_of(with, struct co_semaphore_with, with)->semaphore);
}

struct co_with *co_semaphore_hold(struct co_semaphore *semaphore, struct co_semaphore_with *hold)
{
    hold->semaphore = semaphore;
    co_with_init(&hold->with, NULL, hold_finish);
    return &hold->with;
}
