#include "async/lock.h"

#include "base/attr.h"
#include "base/check.h"

bool co_lock_try_acquire(struct co_lock *lock)
{
    if (lock->is_held)
        return false;
    lock->is_held = true;
    return true;
}

void co_lock_release(struct co_lock *lock)
{
    CHECK(lock->is_held);
    struct co_op *next = co_op_list_pop(&lock->waiters);
    lock->is_held = next != NULL;
    if (next)
        co_op_complete(next, 0);
}

static bool acquire_start(struct co_op *op)
{
    struct co_lock *lock = container_of(op, struct co_lock_op, op)->lock;
    if (co_lock_try_acquire(lock))
        return true;
    co_op_list_push(&lock->waiters, op);
    return false;
}

static bool acquire_abort(struct co_op *op)
{
    co_op_list_remove(&container_of(op, struct co_lock_op, op)->lock->waiters, op);
    return true;
}

static const struct co_op_vt acquire_vt = {
    .name = "lock.acquire", .start = acquire_start, .abort = acquire_abort};
static const struct co_op_vt reacquire_vt = {
    .name = "lock.reacquire", .start = acquire_start, .abort = acquire_abort, .is_uncancellable = true};

struct co_call co_lock_acquire(struct co_lock *lock, struct co_lock_op *op)
{
    op->lock = lock;
    return co_call_op(&op->op, &acquire_vt);
}

struct co_call co_lock_reacquire(struct co_lock *lock, struct co_lock_op *op)
{
    op->lock = lock;
    return co_call_op(&op->op, &reacquire_vt);
}

static void hold_finish(struct co_task *task, struct co_with *with)
{
    (void)task;
    co_lock_release(container_of(with, struct co_lock_with, with)->lock);
}

struct co_with *co_lock_hold(struct co_lock *lock, struct co_lock_with *hold)
{
    hold->lock = lock;
    co_with_init(&hold->with, NULL, hold_finish);
    return &hold->with;
}
