/* Chaining: a coroutine awaits another and works on with its result; several chains at the same time.
 *
 *     async def fetch(n):
 *         await asyncio.sleep(0.1 * n)
 *         return f"data {n}"
 *
 *     async def process(data):
 *         await asyncio.sleep(0.1)
 *         return f"<{data}>"
 *
 *     async def chain(n):
 *         data = await fetch(n)
 *         print(await process(data))
 *
 *     await asyncio.gather(chain(3), chain(2), chain(1)) */
#include "async/sleep.h"
#include "async/wait.h"
#include "example.h"

struct fetch {
    struct co_frame co;
    int n;
    char result[32]; /* small results live in the frame, until the caller calls into it again */
    struct co_sleep_op sleep;
};

ASYNC(fetch)
{
    AWAIT(co_sleep(&self->sleep, 100 * self->n));
    snprintf(self->result, sizeof(self->result), "data %d", self->n);
    printf("fetched   %s\n", self->result);
}
END_ASYNC

struct process {
    struct co_frame co;
    const char *data;
    char result[40];
    struct co_sleep_op sleep;
};

ASYNC(process)
{
    AWAIT(co_sleep(&self->sleep, 50));
    snprintf(self->result, sizeof(self->result), "<%s>", self->data);
}
END_ASYNC

struct chain {
    struct co_frame co;
    int n;
    /* Not in a union: process() reads what fetch() has left in its frame. */
    struct fetch fetch;
    struct process process;
};

ASYNC(chain)
{
    AWAIT(CALL(&self->fetch, fetch, .n = self->n));
    AWAIT(CALL(&self->process, process, .data = self->fetch.result));
    printf("processed %s\n", self->process.result);
}
END_ASYNC

struct root {
    struct co_frame co;
    int64_t start_ms;
    CO_TASK(chain) chains[3];
    struct co_task *tasks[3];
    struct co_gather all;
};

ASYNC(root)
{
    self->start_ms = example_now_ms(co);
    for (int i = 0; i < 3; i++)
        self->tasks[i] = TASK(&self->chains[i], chain, .n = 3 - i);
    AWAIT(CALL(&self->all, co_gather, .tasks = self->tasks, .count = 3));
    printf("three chains took %.2f s\n", example_seconds(co, self->start_ms));
}
END_ASYNC

int main(void)
{
    CO_TASK(root) task;
    return example_run(TASK(&task, root));
}
