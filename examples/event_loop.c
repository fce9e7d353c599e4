/* The event loop by hand: make it, run on it more than once, call a function later, look inside, free it.
 *
 *     loop = asyncio.new_event_loop()
 *     try:
 *         print(loop.run_until_complete(add(1, 2)))
 *         print(loop.run_until_complete(add(3, 4)))
 *         loop.call_later(0.1, callback)
 *         loop.run_until_complete(patient())
 *     finally:
 *         loop.close() */
#include <stdio.h>

#include "async/event.h"
#include "async/loop.h"
#include "async/sleep.h"
#include "base/attr.h"

struct add {
    struct co_frame co;
    int a, b;
    int sum;
    struct co_sleep_op sleep;
};

ASYNC(add)
{
    AWAIT(co_sleep(&self->sleep, 50));
    self->sum = self->a + self->b;
}
END_ASYNC

/* Something that fires later. A callback may not await; here it wakes the task that does. */
struct alarm {
    struct co_timer timer;
    struct co_loop *loop;
    struct co_event event;
};

static void print_line(void *arg, struct bytes text)
{
    (void)arg;
    printf("  %.*s\n", BYTES_ARG(text));
}

static void on_alarm(struct co_timer *timer)
{
    struct alarm *alarm = container_of(timer, struct alarm, timer);
    puts("alarm; who waits where, and for what:"); /* Python: asyncio.all_tasks(), print_stack() */
    co_loop_dump(alarm->loop, print_line, NULL);
    co_event_set(&alarm->event);
}

struct patient {
    struct co_frame co;
    struct alarm *alarm;
    struct co_event_op wait;
};

ASYNC(patient)
{
    puts("patient waits");
    AWAIT(co_event_wait(&self->alarm->event, &self->wait));
    puts("patient goes on");
}
END_ASYNC

static int run(struct co_loop *loop)
{
    CO_TASK(add) add;
    for (int i = 1; i <= 3; i += 2) {
        struct co_error error = co_loop_run(loop, TASK(&add, add, .a = i, .b = i + 1));
        if (error.code)
            return error.code;
        printf("%d + %d = %d\n", i, i + 1, add.fn.sum);
    }

    struct alarm alarm = {.timer.fire = on_alarm, .loop = loop};
    if (co_loop_arm(loop, &alarm.timer, 100) != 0)
        return ENOMEM;
    CO_TASK(patient) patient;
    return co_loop_run(loop, TASK(&patient, patient, .alarm = &alarm)).code;
}

int main(void)
{
    struct co_loop *loop = co_loop_new();
    if (!loop)
        return 1;
    int code = run(loop);
    printf("it took more than one turn: %s\n", co_loop_stats(loop).turns > 1 ? "yes" : "no");
    size_t left = co_loop_free(loop); /* timers and tasks that nobody waits for any more: a mistake */
    printf("left behind: %zu\n", left);
    return code || left ? 1 : 0;
}
