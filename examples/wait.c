/* Wait: until the first has ended, until one has failed, until all have ended.
 *
 *     done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
 *     done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
 *     done, pending = await asyncio.wait(tasks)
 *
 * As in asyncio, waiting neither cancels nor raises: it tells, and the tasks run on. */
#include <errno.h>

#include "async/group.h"
#include "async/sleep.h"
#include "async/wait.h"
#include "example.h"

enum { COUNT = 3 };

struct fetch {
    struct co_frame co;
    const char *name;
    int ms;
    bool is_broken;
    struct co_sleep_op sleep;
};

ASYNC(fetch)
{
    AWAIT(co_sleep(&self->sleep, self->ms));
    if (self->is_broken)
        RAISE(ECONNREFUSED, "fetch");
}
END_ASYNC

struct root {
    struct co_frame co;
    struct co_group group;
    CO_TASK(fetch) fetches[COUNT];
    struct co_task *tasks[COUNT];
    struct co_joiner joiners[COUNT]; /* what co_wait ties itself to the tasks with */
    struct co_wait_op wait;
};

static void report(const struct root *self, const char *when)
{
    printf("%s: %zu of %d ended\n", when, self->wait.done_count, COUNT);
    for (int i = 0; i < COUNT; i++) {
        const struct co_task *task = self->tasks[i];
        const char *state = task->is_done ? co_error_str(task->error.code) : "pending";
        printf("  %-6s %s%s\n", self->fetches[i].fn.name, state, task == self->wait.first ? " (first)" : "");
    }
}

ASYNC(root)
{
    WITH(co_group_open(co, &self->group, -1)) {
        self->group.is_tolerant = true; /* a task that fails is not to cancel the others */
        self->tasks[0] = TASK(&self->fetches[0], fetch, .name = "slow", .ms = 300);
        self->tasks[1] = TASK(&self->fetches[1], fetch, .name = "quick", .ms = 100);
        self->tasks[2] = TASK(&self->fetches[2], fetch, .name = "broken", .ms = 200, .is_broken = true);
        for (int i = 0; i < COUNT; i++)
            co_group_start(&self->group, self->tasks[i]);

        AWAIT(co_wait(&self->wait, self->tasks, self->joiners, COUNT, CO_FIRST_COMPLETED));
        report(self, "FIRST_COMPLETED");
        AWAIT(co_wait(&self->wait, self->tasks, self->joiners, COUNT, CO_FIRST_EXCEPTION));
        report(self, "FIRST_EXCEPTION");
        AWAIT(co_wait(&self->wait, self->tasks, self->joiners, COUNT, CO_ALL_COMPLETED));
        report(self, "ALL_COMPLETED");
    }
    END_WITH;
}
END_ASYNC

int main(void)
{
    CO_TASK(root) task;
    return example_run(TASK(&task, root));
}
