/* Hello: the smallest program, with nothing hidden.
 *
 *     async def hello():
 *         print("Hello ...")
 *         await asyncio.sleep(0.1)
 *         print("... world!")
 *
 *     asyncio.run(hello())
 *
 * A coroutine is a struct and a body. The struct (its frame) holds what must survive an await: arguments,
 * locals, and whatever it awaits. The body is written between ASYNC and END_ASYNC; there `self` is the
 * frame and `co` the task it runs in. */
#include <stdio.h>

#include "async/loop.h"
#include "async/sleep.h"
#include "async/task.h"

struct hello {
    struct co_frame co; /* always first */
    struct co_sleep_op sleep;
};

ASYNC(hello)
{
    puts("Hello ...");
    AWAIT(co_sleep(&self->sleep, 100)); /* milliseconds; meanwhile other tasks would run */
    puts("... world!");
}
END_ASYNC

int main(void)
{
    /* asyncio.run() in three steps. The other examples have them in example.h. */
    struct co_loop *loop = co_loop_new();
    if (!loop)
        return 1;

    CO_TASK(hello) task; /* a task and its outermost frame in one: no allocation */
    struct co_error error = co_loop_run(loop, TASK(&task, hello));

    co_loop_free(loop);
    return error.code ? 1 : 0;
}
