/* What the runtime's operations cost. Each measure runs on a loop of its own; raw.c and async_bench.py
 * measure the same without the runtime and with Python's asyncio, under the same names.
 *
 * Usage: async_bench [MEASURE]...   (see the table at the end) */
#include <stdlib.h>

#include "async/executor.h"
#include "async/group.h"
#include "async/loop.h"
#include "async/queue.h"
#include "async/sleep.h"
#include "async/timeout.h"
#include "bench.h"

enum {
    SPAWN_ROUNDS = 20000,
    SPAWN_BATCH = 100, /* tasks in a group */
    YIELDS = 5000000,  /* of each task */
    ROUND_TRIPS = 1000000,
    CALLS = 2000000,
    TIMEOUTS = 1000000,
    JOBS = 5000,
    SLEEPERS = 1000000,
    SLEEP_MS = 1000, /* all have fallen asleep by then */
    SLEEP_SPREAD_MS = 200,
    TIMERS_ARMED = 1000, /* beside the one that is armed and disarmed */
    ARMS = 1000000,
    FIRES = 20000,
    FIRE_SPREAD_MS = 20,
};

/* Runs a root to its end on a fresh loop. */
static void run_on(struct co_loop *loop, struct co_task *root)
{
    struct co_error error = co_loop_run(loop, root);
    if (error.code)
        BUG("%s:%d: %s (%s)", error.file, error.line, co_error_str(error.code), error.msg);
    CHECK(co_loop_free(loop) == 0);
}

static struct co_loop *new_loop(void)
{
    struct co_loop *loop = co_loop_new();
    CHECK(loop);
    return loop;
}

/* ---- spawn and join ---- */

struct nop {
    struct co_frame co;
};

ASYNC(nop)
{
}
END_ASYNC

struct spawner {
    struct co_frame co;
    bool is_heap;
    int round;
    struct co_group group;
    CO_TASK(nop) tasks[SPAWN_BATCH];
};

ASYNC(spawner)
{
    for (self->round = 0; self->round < SPAWN_ROUNDS; self->round++) {
        WITH(co_group_open(co, &self->group, -1)) {
            for (int i = 0; i < SPAWN_BATCH; i++) {
                if (self->is_heap)
                    CHECK(SPAWN_NEW(&self->group, nop) == 0);
                else
                    SPAWN(&self->group, &self->tasks[i], nop);
            }
        }
        END_WITH;
    }
}
END_ASYNC

static void spawn_and_print(const char *name, bool is_heap)
{
    static CO_TASK(spawner) root;
    struct co_loop *loop = new_loop();
    int64_t start_ns = bench_cpu_ns();
    run_on(loop, TASK(&root, spawner, .is_heap = is_heap));
    bench_print(name, bench_cpu_ns() - start_ns, (int64_t)SPAWN_ROUNDS * SPAWN_BATCH);
}

static void measure_spawn(void)
{
    spawn_and_print("spawn_join", false);
    spawn_and_print("spawn_join_heap", true);
}

/* ---- yield: two tasks take turns ---- */

struct yielder {
    struct co_frame co;
    int left;
    struct co_op op;
};

ASYNC(yielder)
{
    for (; self->left > 0; self->left--)
        AWAIT(co_yield(&self->op));
}
END_ASYNC

struct yield_root {
    struct co_frame co;
    struct co_group group;
    CO_TASK(yielder) a, b;
};

ASYNC(yield_root)
{
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->a, yielder, .left = YIELDS);
        SPAWN(&self->group, &self->b, yielder, .left = YIELDS);
    }
    END_WITH;
}
END_ASYNC

static void measure_yield(void)
{
    CO_TASK(yield_root) root;
    struct co_loop *loop = new_loop();
    int64_t start_ns = bench_cpu_ns();
    run_on(loop, TASK(&root, yield_root));
    bench_print("yield", bench_cpu_ns() - start_ns, 2 * (int64_t)YIELDS);
}

/* ---- ping-pong: one item goes to and fro between two queues ---- */

struct player {
    struct co_frame co;
    struct co_queue *in, *out;
    struct list_link *item; /* who has it, serves */
    int left;
    struct co_queue_op op;
};

ASYNC(player)
{
    for (; self->left > 0; self->left--) {
        if (self->item)
            AWAIT(co_queue_put(self->out, &self->op, self->item));
        AWAIT(co_queue_get(self->in, &self->op));
        self->item = self->op.item;
    }
    if (self->item)
        CHECK(co_queue_try_put(self->out, self->item) == 0);
}
END_ASYNC

struct pingpong_root {
    struct co_frame co;
    struct co_queue ping, pong;
    struct list_link item;
    struct co_group group;
    CO_TASK(player) a, b;
};

ASYNC(pingpong_root)
{
    co_queue_init(&self->ping, 1);
    co_queue_init(&self->pong, 1);
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->a, player, .in = &self->pong, .out = &self->ping, .item = &self->item,
              .left = ROUND_TRIPS);
        SPAWN(&self->group, &self->b, player, .in = &self->ping, .out = &self->pong, .left = ROUND_TRIPS);
    }
    END_WITH;
}
END_ASYNC

static void measure_pingpong(void)
{
    CO_TASK(pingpong_root) root;
    struct co_loop *loop = new_loop();
    int64_t start_ns = bench_cpu_ns();
    run_on(loop, TASK(&root, pingpong_root));
    bench_print("pingpong", bench_cpu_ns() - start_ns, ROUND_TRIPS);
}

/* ---- call and return ---- */

struct caller {
    struct co_frame co;
    int left;
    struct nop callee;
};

ASYNC(caller)
{
    for (; self->left > 0; self->left--)
        AWAIT(CALL(&self->callee, nop));
}
END_ASYNC

static void measure_call(void)
{
    CO_TASK(caller) root;
    struct co_loop *loop = new_loop();
    int64_t start_ns = bench_cpu_ns();
    run_on(loop, TASK(&root, caller, .left = CALLS));
    bench_print("call", bench_cpu_ns() - start_ns, CALLS);
}

/* ---- timeout scope ---- */

struct limiter {
    struct co_frame co;
    int left;
    struct co_timeout timeout;
};

ASYNC(limiter)
{
    for (; self->left > 0; self->left--) {
        WITH(co_timeout_open(co, &self->timeout, 1000, true)) {
        }
        END_WITH;
    }
}
END_ASYNC

static void measure_timeout(void)
{
    CO_TASK(limiter) root;
    struct co_loop *loop = new_loop();
    int64_t start_ns = bench_cpu_ns();
    run_on(loop, TASK(&root, limiter, .left = TIMEOUTS));
    bench_print("timeout", bench_cpu_ns() - start_ns, TIMEOUTS);
}

/* ---- executor: wall time, because two threads take turns ---- */

static void do_nothing(void *arg)
{
    (void)arg;
}

struct offloader {
    struct co_frame co;
    struct co_executor *executor;
    int left;
    struct co_job job;
};

ASYNC(offloader)
{
    for (; self->left > 0; self->left--)
        AWAIT(co_run_in_executor(self->executor, &self->job, do_nothing, NULL));
    co_executor_free(self->executor);
}
END_ASYNC

static void measure_executor(void)
{
    CO_TASK(offloader) root;
    struct co_loop *loop = new_loop();
    struct co_executor *executor = co_executor_new(loop, 1);
    CHECK(executor);
    int64_t start_ns = bench_wall_ns();
    run_on(loop, TASK(&root, offloader, .executor = executor, .left = JOBS));
    bench_print("executor", bench_wall_ns() - start_ns, JOBS);
}

/* ---- a million sleepers ---- */

struct sleeper {
    struct co_frame co;
    int ms;
    struct co_sleep_op sleep;
};

ASYNC(sleeper)
{
    AWAIT(co_sleep(&self->sleep, self->ms));
}
END_ASYNC

struct sleep_root {
    struct co_frame co;
    uint32_t seed;
    struct co_group group;
    struct co_op turn;
    int64_t start_ns, start_bytes, asleep_ns;
};

ASYNC(sleep_root)
{
    WITH(co_group_open(co, &self->group, -1)) {
        self->start_bytes = bench_rss_bytes();
        self->start_ns = bench_cpu_ns();
        for (int i = 0; i < SLEEPERS; i++) {
            int ms = SLEEP_MS + (int)(bench_random(&self->seed) % SLEEP_SPREAD_MS);
            CHECK(SPAWN_NEW(&self->group, sleeper, .ms = ms) == 0);
        }
        AWAIT(co_yield(&self->turn)); /* after this all have begun */
        self->asleep_ns = bench_cpu_ns();
        bench_print("sleeper_bytes", bench_rss_bytes() - self->start_bytes, SLEEPERS);
        bench_print("sleeper_start", self->asleep_ns - self->start_ns, SLEEPERS);
        CHECK(self->group.live_count == SLEEPERS); /* else this machine is too slow for SLEEP_MS */
    }
    END_WITH;
    bench_print("sleeper_wake", bench_cpu_ns() - self->asleep_ns, SLEEPERS);
}
END_ASYNC

static void measure_sleepers(void)
{
    CO_TASK(sleep_root) root;
    run_on(new_loop(), TASK(&root, sleep_root));
}

/* ---- cancel: each sleeper leaves a context manager on its way, whose exit is a coroutine ---- */

struct guard {
    struct co_with with;
    int *left_count;
    struct guard_exit {
        struct co_frame co;
        struct guard *guard;
    } exit;
};

ASYNC(guard_exit)
{
    ++*self->guard->left_count;
}
END_ASYNC

static struct co_call guard_leave(struct co_task *task, struct co_with *with)
{
    struct guard *guard = container_of(with, struct guard, with);
    (void)task;
    return CALL(&guard->exit, guard_exit, .guard = guard);
}

static struct co_with *guard_open(struct guard *guard, int *left_count)
{
    guard->left_count = left_count;
    co_with_init(&guard->with, guard_leave, NULL);
    return &guard->with;
}

struct victim {
    struct co_frame co;
    int ms;
    int *left_count;
    struct guard guard;
    struct co_sleep_op sleep;
};

ASYNC(victim)
{
    WITH(guard_open(&self->guard, self->left_count)) {
        AWAIT(co_sleep(&self->sleep, self->ms));
    }
    END_WITH;
}
END_ASYNC

struct cancel_root {
    struct co_frame co;
    uint32_t seed;
    int left_count;
    struct co_group group;
    struct co_op turn;
    int64_t start_ns;
};

ASYNC(cancel_root)
{
    WITH(co_group_open(co, &self->group, -1)) {
        for (int i = 0; i < SLEEPERS; i++) {
            int ms = 3600000 + (int)(bench_random(&self->seed) % 1000);
            CHECK(SPAWN_NEW(&self->group, victim, .ms = ms, .left_count = &self->left_count) == 0);
        }
        AWAIT(co_yield(&self->turn));
        self->start_ns = bench_cpu_ns();
        co_group_cancel(&self->group);
    }
    END_WITH;
    bench_print("cancel", bench_cpu_ns() - self->start_ns, SLEEPERS);
    CHECK(self->left_count == SLEEPERS);
}
END_ASYNC

static void measure_cancel(void)
{
    CO_TASK(cancel_root) root;
    run_on(new_loop(), TASK(&root, cancel_root));
}

/* ---- timers ---- */

struct counted_timer {
    struct co_timer timer;
    int *fired_count;
};

static void count_fire(struct co_timer *timer)
{
    ++*container_of(timer, struct counted_timer, timer)->fired_count;
}

static void measure_timer(void)
{
    static struct co_timer others[TIMERS_ARMED];
    struct co_timer timer = {.fire = count_fire};
    struct co_loop *loop = new_loop();
    uint32_t seed = 1;
    for (int i = 0; i < TIMERS_ARMED; i++)
        CHECK(co_loop_arm(loop, &others[i], 1000000 + bench_random(&seed) % 1000000) == 0);
    int64_t start_ns = bench_cpu_ns();
    for (int i = 0; i < ARMS; i++) {
        CHECK(co_loop_arm(loop, &timer, 1000000 + bench_random(&seed) % 1000000) == 0);
        co_loop_disarm(loop, &timer);
    }
    bench_print("timer_disarm", bench_cpu_ns() - start_ns, ARMS);
    for (int i = 0; i < TIMERS_ARMED; i++)
        co_loop_disarm(loop, &others[i]);
    CHECK(co_loop_free(loop) == 0);
}

struct fire_root {
    struct co_frame co;
    uint32_t seed;
    int fired_count;
    struct co_sleep_op sleep;
    struct counted_timer timers[FIRES];
};

ASYNC(fire_root)
{
    for (int i = 0; i < FIRES; i++) {
        self->timers[i] = (struct counted_timer){{.fire = count_fire}, &self->fired_count};
        CHECK(co_loop_arm(co_loop_of(co), &self->timers[i].timer,
                          bench_random(&self->seed) % FIRE_SPREAD_MS) == 0);
    }
    bench_block_ms(FIRE_SPREAD_MS); /* the whole loop: all are due when it goes on */
    AWAIT(co_sleep(&self->sleep, 1));
}
END_ASYNC

static void measure_fire(void)
{
    static CO_TASK(fire_root) root;
    struct co_loop *loop = new_loop();
    int64_t start_ns = bench_cpu_ns();
    run_on(loop, TASK(&root, fire_root));
    bench_print("timer_fire", bench_cpu_ns() - start_ns, FIRES);
    CHECK(root.fn.fired_count == FIRES);
}

int main(int argc, char **argv)
{
    static const struct bench_measure measures[] = {
        {"spawn", measure_spawn},       {"yield", measure_yield},       {"pingpong", measure_pingpong},
        {"call", measure_call},         {"timeout", measure_timeout},   {"timer", measure_timer},
        {"fire", measure_fire},         {"executor", measure_executor}, {"cancel", measure_cancel},
        {"sleepers", measure_sleepers},
    };
    return bench_main(argc, argv, measures, ARRAY_LEN(measures));
}
