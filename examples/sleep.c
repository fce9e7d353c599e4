/* Sleep: give the loop to others for a time, or for one turn.
 *
 *     await asyncio.sleep(0.1)
 *     await asyncio.sleep(0)          # only give way: co_yield
 *
 * The three sleepers wake in the order of their times, whatever the order they were started in. A call
 * that blocks instead of awaiting would stop all of them: sleep(1) does not compile here, see
 * async/poison.h. */
#include "async/group.h"
#include "async/sleep.h"
#include "example.h"

struct sleeper {
    struct co_frame co;
    int ms;
    int64_t start_ms;
    struct co_sleep_op sleep;
};

ASYNC(sleeper)
{
    self->start_ms = example_now_ms(co);
    AWAIT(co_sleep(&self->sleep, self->ms));
    printf("slept %.1f s\n", example_seconds(co, self->start_ms));
}
END_ASYNC

struct polite {
    struct co_frame co;
    const char *name;
    int i;
    struct co_op yield;
};

ASYNC(polite)
{
    for (self->i = 1; self->i <= 3; self->i++) {
        printf("%s %d\n", self->name, self->i);
        AWAIT(co_yield(&self->yield)); /* to the end of the queue of ready tasks */
    }
}
END_ASYNC

struct root {
    struct co_frame co;
    struct co_group group;
    CO_TASK(sleeper) sleepers[3];
    CO_TASK(polite) tick, tock;
};

ASYNC(root)
{
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->sleepers[0], sleeper, .ms = 300);
        SPAWN(&self->group, &self->sleepers[1], sleeper, .ms = 100);
        SPAWN(&self->group, &self->sleepers[2], sleeper, .ms = 200);
    }
    END_WITH;

    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->tick, polite, .name = "tick");
        SPAWN(&self->group, &self->tock, polite, .name = "tock");
    }
    END_WITH;
}
END_ASYNC

int main(void)
{
    CO_TASK(root) task;
    return example_run(TASK(&task, root));
}
