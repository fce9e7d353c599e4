#include "async/timeout.h"

#include "async/loop.h"
#include "async/task.h"
#include "base/attr.h"

static void timeout_fire(struct co_timer *timer)
{
    struct co_timeout *timeout = container_of(timer, struct co_timeout, timer);
    timeout->has_expired = true;
    co_cancel(&timeout->scope);
}

static void timeout_finish(struct co_task *task, struct co_with *with)
{
    struct co_timeout *timeout = container_of(with, struct co_timeout, with);
    (void)task;
    co_loop_disarm(timeout->loop, &timeout->timer);
    bool is_own_cancel = with->error.code == ECANCELED && timeout->scope.own != CO_SCOPE_LIVE &&
                         !co_scope_is_cancelled_outside(&timeout->scope);
    co_scope_close(&timeout->scope);
    if (!is_own_cancel) {
        /* It may have fired after the last await had completed: then the block was not cut short. */
        timeout->has_expired = false;
        return;
    }
    if (timeout->error) {
        with->error.code = timeout->error;
        with->error.msg = "timeout";
    } else if (timeout->is_raising) {
        with->error.code = ETIMEDOUT;
    } else {
        with->error = (struct co_error){0};
    }
}

struct co_with *co_timeout_open(struct co_task *co, struct co_timeout *timeout, int64_t ms, bool is_raising)
{
    *timeout = (struct co_timeout){.loop = co->loop, .is_raising = is_raising, .timer.fire = timeout_fire};
    co_with_init(&timeout->with, NULL, timeout_finish);
    co_scope_open(&timeout->scope, co, false);
    /* Without memory for the timer the block must not run without a limit: its first await fails. */
    if (ms >= 0 && co_loop_arm(timeout->loop, &timeout->timer, ms) != 0) {
        timeout->error = ENOMEM;
        co_cancel(&timeout->scope);
    }
    return &timeout->with;
}

int co_timeout_restart(struct co_timeout *timeout, int64_t ms)
{
    if (timeout->has_expired)
        return 0;
    if (ms >= 0)
        return co_loop_arm(timeout->loop, &timeout->timer, ms);
    co_loop_disarm(timeout->loop, &timeout->timer);
    return 0;
}
