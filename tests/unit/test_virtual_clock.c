/* The virtual clock: exact, at once, and it stands still while something outside of it is at work. */
#include "async/loop.h"

#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "async/executor.h"
#include "async/fd.h"
#include "async/group.h"
#include "async/signal.h"
#include "async/sleep.h"
#include "async/timeout.h"
#include "base/clock.h"
#include "support/async_probe.h"
#include "support/virtual_fixture.h"

enum { DAY_MS = 24 * 3600 * 1000, SLEEPERS = 500 };

static int64_t real_ms(void)
{
    return clock_mono_ms(clock_system());
}

/* ---- jumps ---- */

struct days {
    struct co_frame co;
    struct co_sleep_op nap;
    int i;
};

ASYNC(days)
{
    for (self->i = 1; self->i <= 20; self->i++) {
        AWAIT(co_sleep(&self->nap, DAY_MS));
        assert_int_equal(virtual_fixture_ms(co), self->i * DAY_MS);
    }
}
END_ASYNC

static void test_virtual_clock_jumps_over_days(void **state)
{
    (void)state;
    CO_TASK(days) root;
    int64_t before_ms = real_ms();
    virtual_fixture_run(TASK(&root, days));
    assert_true(real_ms() - before_ms < 5000);
}

struct order {
    int last_ms, count;
};

struct sleeper {
    struct co_frame co;
    struct order *order;
    int ms;
    struct co_sleep_op nap;
};

ASYNC(sleeper)
{
    AWAIT(co_sleep(&self->nap, self->ms));
    assert_int_equal(virtual_fixture_ms(co), self->ms);
    assert_true(self->ms >= self->order->last_ms);
    self->order->last_ms = self->ms;
    self->order->count++;
}
END_ASYNC

struct sleepers {
    struct co_frame co;
    struct order order;
    struct co_group group;
    CO_TASK(sleeper) sleepers[SLEEPERS];
};

ASYNC(sleepers)
{
    WITH(co_group_open(co, &self->group, -1)) {
        for (int i = 0; i < SLEEPERS; i++)
            SPAWN(&self->group, &self->sleepers[i], sleeper, .order = &self->order, .ms = i * 7919 % 1009);
    }
    END_WITH;
    assert_int_equal(self->order.count, SLEEPERS);
}
END_ASYNC

static void test_virtual_clock_wakes_in_order_and_to_the_millisecond(void **state)
{
    (void)state;
    static CO_TASK(sleepers) root;
    virtual_fixture_run(TASK(&root, sleepers));
}

/* ---- stands still ---- */

struct worker {
    struct co_frame co;
    int rounds, i;
    struct co_op op;
};

ASYNC(worker)
{
    for (self->i = 0; self->i < self->rounds; self->i++)
        AWAIT(co_yield(&self->op));
    assert_int_equal(virtual_fixture_ms(co), 0);
}
END_ASYNC

struct busy {
    struct co_frame co;
    struct co_group group;
    CO_TASK(worker) workers[3];
    struct co_sleep_op nap;
};

/* More resumes than one turn has: the timer that is due next waits for all of them. */
ASYNC(busy)
{
    WITH(co_group_open(co, &self->group, -1)) {
        for (int i = 0; i < 3; i++)
            SPAWN(&self->group, &self->workers[i], worker, .rounds = 1000);
        AWAIT(co_sleep(&self->nap, 1));
        for (int i = 0; i < 3; i++)
            assert_true(self->workers[i].task.is_done);
    }
    END_WITH;
    assert_int_equal(virtual_fixture_ms(co), 1);
}
END_ASYNC

static void test_virtual_clock_stands_still_while_something_is_ready(void **state)
{
    (void)state;
    CO_TASK(busy) root;
    virtual_fixture_run(TASK(&root, busy));
}

struct limits {
    struct co_frame co;
    struct co_timeout outer, inner;
    struct co_sleep_op nap;
};

ASYNC(limits)
{
    WITH(co_timeout_open(co, &self->outer, DAY_MS, false)) {
        WITH(co_timeout_open(co, &self->inner, 100, false)) {
            AWAIT(co_sleep(&self->nap, 101));
        }
        END_WITH;
        assert_true(self->inner.has_expired);
        assert_int_equal(virtual_fixture_ms(co), 100);
        WITH(co_timeout_open(co, &self->inner, 100, false)) {
            AWAIT(co_sleep(&self->nap, 99));
        }
        END_WITH;
        assert_false(self->inner.has_expired);
        assert_int_equal(virtual_fixture_ms(co), 199);
        AWAIT(co_sleep(&self->nap, DAY_MS)); /* what was disarmed is not jumped to */
    }
    END_WITH;
    assert_true(self->outer.has_expired);
    assert_int_equal(virtual_fixture_ms(co), DAY_MS);
}
END_ASYNC

static void test_virtual_clock_drives_timeouts(void **state)
{
    (void)state;
    CO_TASK(limits) root;
    virtual_fixture_run(TASK(&root, limits));
}

/* ---- with threads ---- */

static void take_real_time(void *arg)
{
    const int *ms = arg;
    nanosleep(&(struct timespec){.tv_nsec = *ms * 1000000L}, NULL);
}

static void raise_and_go_on(void *arg)
{
    kill(getpid(), SIGUSR1);
    take_real_time(arg);
}

struct job {
    struct co_frame co;
    struct co_executor *executor;
    int ms;
    bool is_raising; /* a signal, at the beginning */
    struct co_job job;
    int end_ms;
};

ASYNC(job)
{
    AWAIT(co_run_in_executor(self->executor, &self->job, self->is_raising ? raise_and_go_on : take_real_time,
                             &self->ms));
    self->end_ms = virtual_fixture_ms(co);
}
END_ASYNC

struct threads {
    struct co_frame co;
    struct co_executor *executor;
    struct co_group group;
    CO_TASK(job) a, b;
    struct co_sleep_op nap;
};

ASYNC(threads)
{
    self->executor = co_executor_new(co_loop_of(co), 2);
    assert_non_null(self->executor);
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->a, job, .executor = self->executor, .ms = 30);
        SPAWN(&self->group, &self->b, job, .executor = self->executor, .ms = 5);
        AWAIT(co_sleep(&self->nap, 1));
        assert_true(self->a.task.is_done && self->b.task.is_done); /* both, although 1 ms is less */
        AWAIT(co_sleep(&self->nap, DAY_MS));                       /* and now it jumps again */
    }
    END_WITH;
    assert_int_equal(self->a.fn.end_ms, 0);
    assert_int_equal(self->b.fn.end_ms, 0);
    assert_int_equal(virtual_fixture_ms(co), DAY_MS + 1);
    co_executor_free(self->executor);
}
END_ASYNC

static void test_virtual_clock_waits_for_jobs_on_threads(void **state)
{
    (void)state;
    CO_TASK(threads) root;
    int64_t before_ms = real_ms();
    virtual_fixture_run(TASK(&root, threads));
    assert_true(real_ms() - before_ms >= 29);
}

/* A job that is cancelled before it runs holds the clock no longer. */
struct given_up {
    struct co_frame co;
    struct co_executor *executor;
    struct co_group group;
    CO_TASK(job) a, b;
    struct co_op op;
    struct co_sleep_op nap;
};

ASYNC(given_up)
{
    self->executor = co_executor_new(co_loop_of(co), 1);
    assert_non_null(self->executor);
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->a, job, .executor = self->executor, .ms = 5);
        SPAWN(&self->group, &self->b, job, .executor = self->executor, .ms = 5);
        AWAIT(co_yield(&self->op));
        co_cancel(&self->b.task.self);
        AWAIT(co_sleep(&self->nap, DAY_MS));
    }
    END_WITH;
    assert_int_equal(virtual_fixture_ms(co), DAY_MS);
    co_executor_free(self->executor);
}
END_ASYNC

static void test_virtual_clock_is_not_held_by_a_cancelled_job(void **state)
{
    (void)state;
    CO_TASK(given_up) root;
    virtual_fixture_run(TASK(&root, given_up));
}

/* What wakes the poll without making anything ready is no reason to jump. */
struct signalled {
    struct co_frame co;
    struct co_executor *executor;
    struct co_signal sig;
    struct co_group group;
    CO_TASK(job) job;
    struct co_sleep_op nap;
};

ASYNC(signalled)
{
    assert_int_equal(co_signal_open(&self->sig, co_loop_of(co), SIGUSR1), 0);
    self->executor = co_executor_new(co_loop_of(co), 1);
    assert_non_null(self->executor);
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->job, job, .executor = self->executor, .ms = 20, .is_raising = true);
        AWAIT(co_sleep(&self->nap, 1));
        assert_true(self->job.task.is_done);
        assert_true(self->sig.has_come);
    }
    END_WITH;
    assert_int_equal(self->job.fn.end_ms, 0);
    co_executor_free(self->executor);
    co_signal_close(&self->sig);
}
END_ASYNC

static void test_virtual_clock_is_held_by_a_job_whatever_wakes_the_poll(void **state)
{
    (void)state;
    CO_TASK(signalled) root;
    virtual_fixture_run(TASK(&root, signalled));
}

/* ---- with descriptors ---- */

struct reader {
    struct co_frame co;
    int ends[2];
    struct co_fd_op wait;
    struct co_timeout timeout;
};

/* What is there already is seen before the clock jumps. */
ASYNC(reader)
{
    assert_int_equal(pipe(self->ends), 0);
    assert_int_equal(write(self->ends[1], "x", 1), 1);
    WITH(co_timeout_open(co, &self->timeout, 1, true)) {
        AWAIT(co_fd_wait(&self->wait, self->ends[0], EV_READ));
    }
    END_WITH;
    assert_int_equal(virtual_fixture_ms(co), 0);
    close(self->ends[0]);
    close(self->ends[1]);
}
END_ASYNC

static void test_virtual_clock_looks_at_io_before_it_jumps(void **state)
{
    (void)state;
    CO_TASK(reader) root;
    virtual_fixture_run(TASK(&root, reader));
}

struct writer_job {
    struct co_frame co;
    struct co_executor *executor;
    int fd;
    struct co_job job;
};

static void write_later(void *arg)
{
    struct writer_job *writer = arg;
    nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    assert_int_equal(write(writer->fd, "x", 1), 1);
}

ASYNC(writer_job)
{
    AWAIT(co_run_in_executor(self->executor, &self->job, write_later, self));
}
END_ASYNC

struct waiter {
    struct co_frame co;
    struct co_executor *executor;
    int ends[2];
    struct co_group group;
    CO_TASK(writer_job) writer;
    struct co_fd_op wait;
};

/* With nothing else to do it waits for it as long as it takes. */
ASYNC(waiter)
{
    assert_int_equal(pipe(self->ends), 0);
    self->executor = co_executor_new(co_loop_of(co), 1);
    assert_non_null(self->executor);
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->writer, writer_job, .executor = self->executor, .fd = self->ends[1]);
        AWAIT(co_fd_wait(&self->wait, self->ends[0], EV_READ));
        assert_int_equal(virtual_fixture_ms(co), 0);
    }
    END_WITH;
    co_executor_free(self->executor);
    close(self->ends[0]);
    close(self->ends[1]);
}
END_ASYNC

static void test_virtual_clock_waits_for_io(void **state)
{
    (void)state;
    CO_TASK(waiter) root;
    virtual_fixture_run(TASK(&root, waiter));
}

/* ---- on and off ---- */

static void test_virtual_clock_is_off_by_default_and_can_be_left(void **state)
{
    (void)state;
    struct co_loop *loop = co_loop_new();
    assert_non_null(loop);
    for (int i = 0; i < 2; i++) {
        CO_TASK(later) root;
        int64_t before_ms = real_ms();
        struct co_task *task = TASK(&root, later, .ms = 10, .act = later_cancel, .arg = &root.task.self);
        assert_int_equal(co_loop_run(loop, task).code, 0);
        assert_true(real_ms() - before_ms >= 9);
        assert_true(co_loop_now_ms(loop) <= real_ms());
        co_loop_set_virtual(loop, true);
        co_loop_set_virtual(loop, true);
        co_loop_set_virtual(loop, false);
    }
    assert_int_equal(co_loop_free(loop), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_virtual_clock_jumps_over_days),
        cmocka_unit_test(test_virtual_clock_wakes_in_order_and_to_the_millisecond),
        cmocka_unit_test(test_virtual_clock_stands_still_while_something_is_ready),
        cmocka_unit_test(test_virtual_clock_drives_timeouts),
        cmocka_unit_test(test_virtual_clock_waits_for_jobs_on_threads),
        cmocka_unit_test(test_virtual_clock_is_not_held_by_a_cancelled_job),
        cmocka_unit_test(test_virtual_clock_is_held_by_a_job_whatever_wakes_the_poll),
        cmocka_unit_test(test_virtual_clock_looks_at_io_before_it_jumps),
        cmocka_unit_test(test_virtual_clock_waits_for_io),
        cmocka_unit_test(test_virtual_clock_is_off_by_default_and_can_be_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
