/* Tasks: coroutines that run on their own, owned by a group.
 *
 *     async with asyncio.TaskGroup() as group:
 *         first = group.create_task(worker("first", 200))
 *         second = group.create_task(worker("second", 100))
 *         print("started")
 *         await first
 *         for i in range(3):
 *             group.create_task(helper(i))
 *
 * There is no create_task() without a group: no task can be forgotten, and at the end of the block all
 * have ended. */
#include "async/group.h"
#include "async/sleep.h"
#include "async/wait.h"
#include "example.h"

struct worker {
    struct co_frame co;
    const char *name;
    int ms;
    struct co_sleep_op sleep;
};

ASYNC(worker)
{
    printf("%s: begins\n", self->name);
    AWAIT(co_sleep(&self->sleep, self->ms));
    printf("%s: ends\n", self->name);
}
END_ASYNC

struct helper {
    struct co_frame co;
    int number;
    struct co_op yield;
};

ASYNC(helper)
{
    AWAIT(co_yield(&self->yield));
    printf("helper %d\n", self->number);
}
END_ASYNC

struct root {
    struct co_frame co;
    int i;
    struct co_group group;
    struct co_join_op join;
    CO_TASK(worker) first, second; /* embedded: no memory to get, nothing that can fail */
};

ASYNC(root)
{
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->first, worker, .name = "first", .ms = 200);
        SPAWN(&self->group, &self->second, worker, .name = "second", .ms = 100);
        puts("root: started two, neither has run yet");

        AWAIT(co_join(&self->join, &self->first.task)); /* Python: await first */
        puts("root: the first has ended");

        /* As many as you like: on the heap, freed when they end. This can fail. */
        for (self->i = 0; self->i < 3; self->i++)
            if (SPAWN_NEW(&self->group, helper, .number = self->i) != 0)
                RAISE(ENOMEM, "spawn");
        puts("root: at the end of the block");
    }
    END_WITH;
    puts("root: all have ended");
}
END_ASYNC

int main(void)
{
    CO_TASK(root) task;
    return example_run(TASK(&task, root));
}
