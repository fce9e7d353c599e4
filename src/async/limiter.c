#include "async/limiter.h"

#include "async/loop.h"
#include "base/attr.h"
#include "base/check.h"

static int64_t try_take(struct co_limiter *limiter)
{
    return bucket_take(&limiter->bucket, 1, co_loop_now_ms(limiter->loop));
}

/* Sleeps until the first waiter's token is there; without memory to do so it fails. */
static void arm(struct co_limiter *limiter, int64_t wait_ms)
{
    struct co_op *op;
    while (limiter->waiters.first && co_loop_arm(limiter->loop, &limiter->timer, wait_ms) != 0) {
        op = co_op_list_pop(&limiter->waiters);
        co_op_complete(op, ENOMEM);
    }
}

static void serve(struct co_limiter *limiter)
{
    while (limiter->waiters.first) {
        int64_t wait_ms = try_take(limiter);
        if (wait_ms > 0) {
            arm(limiter, wait_ms);
            return;
        }
        co_op_complete(co_op_list_pop(&limiter->waiters), 0);
    }
}

static void limiter_fire(struct co_timer *timer)
{
    serve(container_of(timer, struct co_limiter, timer));
}

void co_limiter_init(struct co_limiter *limiter, struct co_loop *loop, int64_t rate_milli, int64_t burst)
{
    CHECK(rate_milli > 0 && burst >= 1);
    *limiter = (struct co_limiter){.loop = loop, .timer.fire = limiter_fire};
    bucket_init(&limiter->bucket, rate_milli, burst, co_loop_now_ms(loop));
}

static bool acquire_start(struct co_op *op)
{
    struct co_limiter *limiter = container_of(op, struct co_limiter_op, op)->limiter;
    if (!limiter->waiters.first && try_take(limiter) == 0)
        return true;
    co_op_list_push(&limiter->waiters, op);
    if (limiter->waiters.first == op)
        serve(limiter);
    return false;
}

static bool acquire_abort(struct co_op *op)
{
    struct co_limiter *limiter = container_of(op, struct co_limiter_op, op)->limiter;
    co_op_list_remove(&limiter->waiters, op);
    if (!limiter->waiters.first)
        co_loop_disarm(limiter->loop, &limiter->timer);
    return true;
}

static const struct co_op_vt acquire_vt = {
    .name = "limiter.acquire", .start = acquire_start, .abort = acquire_abort};

struct co_call co_limiter_acquire(struct co_limiter *limiter, struct co_limiter_op *op)
{
    op->limiter = limiter;
    return co_call_op(&op->op, &acquire_vt);
}
