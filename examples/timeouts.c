/* Timeouts: limit how long a block may take.
 *
 *     async with asyncio.timeout(0.1):                    # raises TimeoutError
 *         await slow()
 *
 *     async with asyncio.timeout(0.2) as scope:
 *         ...
 *         scope.reschedule(loop.time() + 0.2)
 *
 * A timeout is a block, not an argument of each call: it covers all awaits inside, however deep, and
 * timeouts nest. */
#include <errno.h>

#include "async/sleep.h"
#include "async/timeout.h"
#include "example.h"

struct work {
    struct co_frame co;
    int ms;
    struct co_sleep_op sleep;
};

ASYNC(work)
{
    AWAIT(co_sleep(&self->sleep, self->ms));
    printf("  work of %d ms done\n", self->ms);
}
END_ASYNC

/* wait_for(work(ms), limit): a coroutine of its own, so that its error can be caught. */
struct limited {
    struct co_frame co;
    int ms, limit_ms;
    struct co_timeout timeout;
    struct work work;
};

ASYNC(limited)
{
    WITH(co_timeout_open(co, &self->timeout, self->limit_ms, true)) /* true: raises ETIMEDOUT */
    {
        AWAIT(CALL(&self->work, work, .ms = self->ms));
    }
    END_WITH;
}
END_ASYNC

struct root {
    struct co_frame co;
    int code, i;
    struct limited limited;
    struct co_timeout outer, inner;
    struct co_sleep_op sleep;
};

ASYNC(root)
{
    puts("in time:");
    AWAIT(CALL(&self->limited, limited, .ms = 50, .limit_ms = 150));
    puts("too late, raising:");
    TRY_AWAIT(self->code, CALL(&self->limited, limited, .ms = 5000, .limit_ms = 100));
    printf("  %s\n", co_error_str(self->code));

    puts("too late, looked at afterwards (move_on_after of Trio):");
    WITH(co_timeout_open(co, &self->outer, 100, false)) /* false: has_expired is all that is told */
    {
        AWAIT(co_sleep(&self->sleep, 5000));
        puts("  never printed");
    }
    END_WITH;
    printf("  expired: %s\n", self->outer.has_expired ? "yes" : "no");

    puts("nested, the outer one is shorter:");
    WITH(co_timeout_open(co, &self->outer, 100, false)) {
        WITH(co_timeout_open(co, &self->inner, 5000, false)) {
            AWAIT(co_sleep(&self->sleep, 9000));
        }
        END_WITH;
        puts("  never printed: the outer one has ended all of it");
    }
    END_WITH;
    printf("  outer expired: %s, inner: %s\n", self->outer.has_expired ? "yes" : "no",
           self->inner.has_expired ? "yes" : "no");

    puts("extended while work goes on (idle timeout):");
    WITH(co_timeout_open(co, &self->outer, 200, false)) {
        for (self->i = 1; self->i <= 3; self->i++) {
            AWAIT(co_sleep(&self->sleep, 100));
            if (co_timeout_restart(&self->outer, 200) != 0)
                RAISE(ENOMEM, "timeout");
            printf("  sign of life %d\n", self->i);
        }
        AWAIT(co_sleep(&self->sleep, 5000));
    }
    END_WITH;
    printf("  expired: %s\n", self->outer.has_expired ? "yes" : "no");
}
END_ASYNC

int main(void)
{
    CO_TASK(root) task;
    return example_run(TASK(&task, root));
}
