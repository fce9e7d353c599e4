/* The executor: jobs on threads, and what becomes of them when their task is cancelled. */
#include "async/executor.h"

#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <sys/resource.h>
#include <cmocka.h>

#include "async/group.h"
#include "async/loop.h"
#include "async/sleep.h"
#include "support/executor_job.h"
#include "support/loop_fixture.h"
#include "support/run_child.h"
#include "support/thread_gate.h"

/* ---- it works at all ---- */

struct where {
    pthread_t thread;
    bool takes_signals;
    int value;
};

static void look_around(void *arg)
{
    struct where *where = arg;
    sigset_t blocked;
    where->thread = pthread_self();
    pthread_sigmask(SIG_BLOCK, NULL, &blocked);
    where->takes_signals = !sigismember(&blocked, SIGTERM) || !sigismember(&blocked, SIGCHLD);
    where->value *= 2;
}

struct simple {
    struct co_frame co;
    struct co_executor *executor;
    struct co_job job;
    struct where where;
    int i;
};

ASYNC(simple)
{
    self->executor = co_executor_new(co_loop_of(co), 1);
    assert_non_null(self->executor);
    self->where.value = 1;
    for (self->i = 0; self->i < 10; self->i++) {
        AWAIT(co_run_in_executor(self->executor, &self->job, look_around, &self->where));
        assert_false(pthread_equal(self->where.thread, pthread_self()));
        assert_false(self->where.takes_signals);
    }
    assert_int_equal(self->where.value, 1024);
    co_executor_free(self->executor);
}
END_ASYNC

static void test_executor_runs_on_a_thread_without_signals(void **state)
{
    (void)state;
    CO_TASK(simple) root;
    loop_fixture_run(TASK(&root, simple)); /* sanitizers start a thread of their own with the first one */
    int before = loop_fixture_thread_count();
    loop_fixture_run(TASK(&root, simple));
    assert_int_equal(loop_fixture_thread_count(), before); /* free has joined it */
}

static void test_executor_free_without_one(void **state)
{
    (void)state;
    co_executor_free(NULL);
}

struct idle {
    struct co_frame co;
    struct co_executor *executor;
};

ASYNC(idle)
{
    self->executor = co_executor_new(co_loop_of(co), 8);
    assert_non_null(self->executor);
    co_executor_free(self->executor);
}
END_ASYNC

static void test_executor_free_joins_threads_that_did_nothing(void **state)
{
    (void)state;
    CO_TASK(idle) root;
    int before = loop_fixture_thread_count();
    loop_fixture_run(TASK(&root, idle));
    assert_int_equal(loop_fixture_thread_count(), before);
}

/* Without descriptors there is none, and nothing is left of the attempt. */
struct starved {
    struct co_frame co;
    struct co_executor *executor;
};

ASYNC(starved)
{
    struct rlimit old, none;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
    none = (struct rlimit){.rlim_cur = 0, .rlim_max = old.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    self->executor = co_executor_new(co_loop_of(co), 1);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
    assert_null(self->executor);
}
END_ASYNC

static void test_executor_without_descriptors(void **state)
{
    (void)state;
    CO_TASK(starved) root;
    loop_fixture_run(TASK(&root, starved));
}

/* ---- many ---- */

enum { CLIENTS = 100, ROUNDS = 20 };

struct sum {
    pthread_mutex_t mutex;
    int total;
};

struct client {
    struct co_frame co;
    struct co_executor *executor;
    struct sum *sum;
    int i, own;
    struct co_job job;
};

static void add_one(void *arg)
{
    struct client *client = arg;
    client->own++; /* one job of a client at a time */
    pthread_mutex_lock(&client->sum->mutex);
    client->sum->total++;
    pthread_mutex_unlock(&client->sum->mutex);
}

ASYNC(client)
{
    for (self->i = 0; self->i < ROUNDS; self->i++) {
        AWAIT(co_run_in_executor(self->executor, &self->job, add_one, self));
        assert_int_equal(self->own, self->i + 1);
    }
}
END_ASYNC

struct many {
    struct co_frame co;
    unsigned threads;
    struct sum sum;
    struct co_executor *executor;
    struct co_group group;
    CO_TASK(client) clients[CLIENTS];
};

ASYNC(many)
{
    pthread_mutex_init(&self->sum.mutex, NULL);
    self->executor = co_executor_new(co_loop_of(co), self->threads);
    assert_non_null(self->executor);
    WITH(co_group_open(co, &self->group, -1)) {
        for (int i = 0; i < CLIENTS; i++)
            SPAWN(&self->group, &self->clients[i], client, .executor = self->executor, .sum = &self->sum);
    }
    END_WITH;
    co_executor_free(self->executor);
    assert_int_equal(self->sum.total, CLIENTS * ROUNDS);
    pthread_mutex_destroy(&self->sum.mutex);
}
END_ASYNC

static void test_executor_many_jobs_of_many_tasks(void **state)
{
    (void)state;
    for (unsigned threads = 1; threads <= 4; threads++) {
        static CO_TASK(many) root;
        loop_fixture_run(TASK(&root, many, .threads = threads));
    }
}

/* Two jobs that need each other end only when they run at the same time. */
struct both {
    struct co_frame co;
    pthread_barrier_t barrier;
    struct co_executor *executor;
    struct co_group group;
    CO_TASK(executor_job) a, b;
};

static void meet(void *barrier)
{
    pthread_barrier_wait(barrier);
}

ASYNC(both)
{
    pthread_barrier_init(&self->barrier, NULL, 2);
    self->executor = co_executor_new(co_loop_of(co), 2);
    assert_non_null(self->executor);
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN_EXECUTOR_JOB(self, a, meet, &self->barrier);
        SPAWN_EXECUTOR_JOB(self, b, meet, &self->barrier);
    }
    END_WITH;
    co_executor_free(self->executor);
    pthread_barrier_destroy(&self->barrier);
}
END_ASYNC

static void test_executor_runs_jobs_at_the_same_time(void **state)
{
    (void)state;
    CO_TASK(both) root;
    loop_fixture_run(TASK(&root, both));
}

/* ---- misuse ---- */

struct careless {
    struct co_frame co;
    struct thread_gate gate;
    struct co_executor *executor;
    struct co_group group;
    CO_TASK(executor_job) job;
    struct co_op op;
};

ASYNC(careless)
{
    thread_gate_init(&self->gate);
    self->executor = co_executor_new(co_loop_of(co), 1);
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN_EXECUTOR_JOB(self, job, thread_gate_pass, &self->gate);
        AWAIT(co_yield(&self->op));
        co_executor_free(self->executor);
    }
    END_WITH;
}
END_ASYNC

static void free_with_a_job(void)
{
    CO_TASK(careless) root;
    loop_fixture_run(TASK(&root, careless));
}

static void test_executor_free_with_a_job_aborts(void **state)
{
    (void)state;
    assert_aborts(free_with_a_job, "pending_count == 0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_executor_runs_on_a_thread_without_signals),
        cmocka_unit_test(test_executor_free_without_one),
        cmocka_unit_test(test_executor_free_joins_threads_that_did_nothing),
        cmocka_unit_test(test_executor_without_descriptors),
        cmocka_unit_test(test_executor_many_jobs_of_many_tasks),
        cmocka_unit_test(test_executor_runs_jobs_at_the_same_time),
        cmocka_unit_test(test_executor_free_with_a_job_aborts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
