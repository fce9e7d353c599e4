/* An async generator: it hands out one value at a time and may await in between.
 *
 *     async def countdown(n):
 *         try:
 *             while n > 0:
 *                 yield n
 *                 await asyncio.sleep(0.1)
 *                 n -= 1
 *         finally:
 *             print("(closed)")
 *
 *     async for n in countdown(3):
 *         print(n)
 *
 * One thing is better here: who leaves the loop early, by break, return or an error, always closes the
 * generator. In asyncio it stays open until somebody collects it. */
#include "async/generator.h"
#include "async/sleep.h"
#include "example.h"

struct countdown {
    struct co_frame co;
    int from;
    int value; /* what is handed out: any field of the frame */
    struct co_with finally;
    struct co_sleep_op sleep;
};

static void countdown_finally(struct co_task *task, struct co_with *with)
{
    (void)task;
    (void)with;
    puts("  (closed)");
}

ASYNC(countdown)
{
    co_with_init(&self->finally, NULL, countdown_finally);
    WITH(&self->finally) {
        for (self->value = self->from; self->value > 0; self->value--) {
            YIELD;
            AWAIT(co_sleep(&self->sleep, 100));
        }
    }
    END_WITH;
}
END_ASYNC

struct root {
    struct co_frame co;
    struct countdown countdown;
    struct co_iter iter;
};

ASYNC(root)
{
    puts("to the end:");
    ASYNC_FOR(&self->iter, CALL(&self->countdown, countdown, .from = 3)) {
        printf("  %d\n", self->countdown.value);
    }
    END_FOR;
    puts("liftoff");

    puts("left early:");
    ASYNC_FOR(&self->iter, CALL(&self->countdown, countdown, .from = 10)) {
        printf("  %d\n", self->countdown.value);
        if (self->countdown.value == 9)
            break;
    }
    END_FOR;
    puts("aborted");
}
END_ASYNC

int main(void)
{
    CO_TASK(root) task;
    return example_run(TASK(&task, root));
}
