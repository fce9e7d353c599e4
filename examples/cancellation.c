/* Cancellation: end a task from outside; it cleans up on its way, and a deadline limits that, too.
 *
 *     async def worker():
 *         try:
 *             while True:
 *                 print("tick"); await asyncio.sleep(0.1)
 *         finally:
 *             await cleanup()
 *
 *     task.cancel()
 *     await asyncio.shield(precious())
 *
 * A cancel is a state here, not a single shot: every further await of a cancelled body fails, so that it
 * cannot be swallowed. Awaits in the exits of blocks still work, until the task is killed. */
#include "async/group.h"
#include "async/scope.h"
#include "async/sleep.h"
#include "async/wait.h"
#include "base/attr.h"
#include "example.h"

struct cleanup {
    struct co_frame co;
    const char *name;
    int ms;
    struct co_sleep_op sleep;
};

ASYNC(cleanup)
{
    printf("  %s: cleaning up\n", self->name);
    AWAIT(co_sleep(&self->sleep, self->ms));
    printf("  %s: clean\n", self->name);
}
END_ASYNC

struct worker {
    struct co_frame co;
    const char *name;
    int cleanup_ms, precious_ms;
    struct co_with finally;
    struct cleanup cleanup;
    struct co_shield shield;
    struct co_sleep_op sleep;
};

static struct co_call worker_exit(struct co_task *task, struct co_with *with)
{
    struct worker *self = container_of(with, struct worker, finally);
    (void)task;
    return CALL(&self->cleanup, cleanup, .name = self->name, .ms = self->cleanup_ms);
}

ASYNC(worker)
{
    co_with_init(&self->finally, worker_exit, NULL);
    WITH(&self->finally) {
        WITH(co_shield_open(co, &self->shield)) /* a cancel waits until this block has ended */
        {
            AWAIT(co_sleep(&self->sleep, self->precious_ms));
            printf("  %s: precious work done\n", self->name);
        }
        END_WITH;
        for (;;) {
            AWAIT(co_sleep(&self->sleep, 100));
            printf("  %s: tick\n", self->name);
        }
    }
    END_WITH;
}
END_ASYNC

struct root {
    struct co_frame co;
    struct co_group group;
    CO_TASK(worker) a, b;
    struct co_task *tasks[1];
    struct co_joiner joiners[1];
    struct co_wait_op wait;
    struct co_sleep_op sleep;
};

ASYNC(root)
{
    puts("cancel one task and wait for it:");
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->a, worker, .name = "a", .cleanup_ms = 50);
        AWAIT(co_sleep(&self->sleep, 250));
        co_cancel(&self->a.task.self); /* only marks it; nothing has run when this returns */
        self->tasks[0] = &self->a.task;
        /* co_join would raise the task's ECANCELED here; co_wait only tells. */
        AWAIT(co_wait(&self->wait, self->tasks, self->joiners, 1, CO_ALL_COMPLETED));
        printf("  a ended: %s\n", co_error_str(self->a.task.error.code));
    }
    END_WITH;

    puts("cancel a whole group; the exit of b hangs and is killed after 100 ms:");
    WITH(co_group_open(co, &self->group, 100)) {
        SPAWN(&self->group, &self->a, worker, .name = "a", .cleanup_ms = 20);
        SPAWN(&self->group, &self->b, worker, .name = "b", .cleanup_ms = 60000);
        AWAIT(co_sleep(&self->sleep, 50));
        co_group_cancel(&self->group);
    }
    END_WITH;
    printf("  a: %s, b: %s\n", co_error_str(self->a.task.error.code), co_error_str(self->b.task.error.code));

    puts("cancel while it is shielded:");
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->a, worker, .name = "a", .precious_ms = 200);
        AWAIT(co_sleep(&self->sleep, 50));
        co_group_cancel(&self->group);
        puts("  root: cancelled");
    }
    END_WITH;
}
END_ASYNC

int main(void)
{
    CO_TASK(root) task;
    return example_run(TASK(&task, root));
}
