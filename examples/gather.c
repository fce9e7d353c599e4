/* Gather: run several at the same time, wait for all of them, get the results in order.
 *
 *     squares = await asyncio.gather(square(3), square(2), square(1))
 *     results = await asyncio.gather(square(1), square(-1), square(2), return_exceptions=True)
 *     await asyncio.gather(square(2), square(-1))        # raises ValueError
 *
 * One thing is better here: when one fails the others are cancelled, in asyncio they run on. */
#include <errno.h>

#include "async/sleep.h"
#include "async/wait.h"
#include "example.h"

struct square {
    struct co_frame co;
    int n;
    int result; /* a coroutine returns by leaving results in its frame */
    struct co_sleep_op sleep;
};

ASYNC(square)
{
    AWAIT(co_sleep(&self->sleep, self->n > 0 ? 100 * self->n : 50));
    if (self->n < 0)
        RAISE(EDOM, "a negative number");
    self->result = self->n * self->n;
    printf("  square(%d) done\n", self->n);
}
END_ASYNC

struct root {
    struct co_frame co;
    int64_t start_ms;
    int code;
    CO_TASK(square) squares[3]; /* they run at the same time: each needs its own memory */
    struct co_task *tasks[3];
    struct co_gather all;
};

static void prepare(struct root *self, int a, int b, int c)
{
    self->tasks[0] = TASK(&self->squares[0], square, .n = a);
    self->tasks[1] = TASK(&self->squares[1], square, .n = b);
    self->tasks[2] = TASK(&self->squares[2], square, .n = c);
}

ASYNC(root)
{
    self->start_ms = example_now_ms(co);
    puts("all go well:");
    prepare(self, 3, 2, 1);
    AWAIT(CALL(&self->all, co_gather, .tasks = self->tasks, .count = 3));
    printf("results: %d %d %d\n", self->squares[0].fn.result, self->squares[1].fn.result,
           self->squares[2].fn.result);
    printf("took %.1f s, not the sum of 0.6 s\n", example_seconds(co, self->start_ms));

    puts("one fails, errors are returned:");
    prepare(self, 1, -1, 2);
    AWAIT(CALL(&self->all, co_gather, .tasks = self->tasks, .count = 3, .return_errors = true));
    for (int i = 0; i < 3; i++) {
        int code = self->tasks[i]->error.code;
        printf("square(%d): %s\n", self->squares[i].fn.n, code ? co_error_str(code) : "ok");
    }

    puts("one fails, the others are cancelled:");
    prepare(self, 1, -1, 2);
    TRY_AWAIT(self->code, CALL(&self->all, co_gather, .tasks = self->tasks, .count = 3));
    printf("gather raised: %s\n", co_error_str(self->code));
    for (int i = 0; i < 3; i++)
        printf("square(%d): %s\n", self->squares[i].fn.n, co_error_str(self->tasks[i]->error.code));
}
END_ASYNC

int main(void)
{
    CO_TASK(root) task;
    return example_run(TASK(&task, root));
}
