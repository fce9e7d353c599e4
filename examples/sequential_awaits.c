/* Sequential awaits: what is awaited one after the other takes the sum of the times.
 *
 *     async def say_after(delay, what):
 *         await asyncio.sleep(delay)
 *         print(what)
 *
 *     async def main():
 *         start = time.monotonic()
 *         await say_after(0.2, "one")
 *         await say_after(0.1, "two")
 *         print(f"both took {time.monotonic() - start:.1f} s")
 *
 * gather.c runs them at the same time. */
#include "async/sleep.h"
#include "example.h"

struct say_after {
    struct co_frame co;
    int delay_ms;     /* argument */
    const char *what; /* argument */
    struct co_sleep_op sleep;
};

ASYNC(say_after)
{
    AWAIT(co_sleep(&self->sleep, self->delay_ms));
    puts(self->what);
}
END_ASYNC

struct root {
    struct co_frame co;
    int64_t start_ms;
    struct say_after say; /* room for the frame of the callee; one is enough for calls in turn */
};

ASYNC(root)
{
    self->start_ms = example_now_ms(co);

    /* CALL fills the frame (arguments by name, all else zero); only AWAIT runs it. A CALL that is not
     * awaited does not compile. */
    AWAIT(CALL(&self->say, say_after, .delay_ms = 200, .what = "one"));
    AWAIT(CALL(&self->say, say_after, .delay_ms = 100, .what = "two"));

    printf("both took %.1f s\n", example_seconds(co, self->start_ms));
}
END_ASYNC

int main(void)
{
    CO_TASK(root) task;
    return example_run(TASK(&task, root));
}
