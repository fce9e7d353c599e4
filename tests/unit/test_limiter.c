/* The limiter: when exactly each one gets its token. */
#include "async/limiter.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <time.h>
#include <cmocka.h>

#include "async/group.h"
#include "async/sleep.h"
#include "async/timeout.h"
#include "support/async_probe.h"
#include "support/loop_fixture.h"
#include "support/run_child.h"
#include "support/virtual_fixture.h"

enum { TAKERS_MAX = 8, NEVER = -1 };

struct taker {
    struct co_frame co;
    struct co_limiter *limiter;
    int begin_ms;
    int got_ms; /* NEVER: it was cancelled */
    struct co_limiter_op acquire;
    struct co_sleep_op nap;
};

ASYNC(taker)
{
    self->got_ms = NEVER;
    if (self->begin_ms)
        AWAIT(co_sleep(&self->nap, self->begin_ms));
    AWAIT(co_limiter_acquire(self->limiter, &self->acquire));
    self->got_ms = virtual_fixture_ms(co);
}
END_ASYNC

/* So many takers that begin at these times, one of which is cancelled at `cancel_ms`. */
struct plan {
    int64_t rate_milli, burst;
    int count;
    int begin_ms[TAKERS_MAX];
    int cancelled, cancel_ms; /* cancel_ms 0: none is */
    int got_ms[TAKERS_MAX];
};

struct takers {
    struct co_frame co;
    const struct plan *plan;
    struct co_limiter limiter;
    struct co_group group;
    CO_TASK(taker) takers[TAKERS_MAX];
    struct co_sleep_op nap;
};

ASYNC(takers)
{
    co_limiter_init(&self->limiter, co_loop_of(co), self->plan->rate_milli, self->plan->burst);
    WITH(co_group_open(co, &self->group, -1)) {
        for (int i = 0; i < self->plan->count; i++)
            SPAWN(&self->group, &self->takers[i], taker, .limiter = &self->limiter,
                  .begin_ms = self->plan->begin_ms[i]);
        if (self->plan->cancel_ms) {
            AWAIT(co_sleep(&self->nap, self->plan->cancel_ms));
            co_cancel(&self->takers[self->plan->cancelled].task.self);
        }
    }
    END_WITH;
    assert_null(self->limiter.waiters.first);
    assert_int_equal(self->limiter.timer.index, 0);
}
END_ASYNC

static void plan_holds(struct plan plan)
{
    CO_TASK(takers) root;
    virtual_fixture_run(TASK(&root, takers, .plan = &plan));
    for (int i = 0; i < plan.count; i++)
        assert_int_equal(root.fn.takers[i].fn.got_ms, plan.got_ms[i]);
}

static void test_limiter_burst_first_then_the_rate(void **state)
{
    (void)state;
    plan_holds(
        (struct plan){.rate_milli = 10000, .burst = 3, .count = 6, .got_ms = {0, 0, 0, 100, 200, 300}});
    plan_holds((struct plan){.rate_milli = 500, .burst = 1, .count = 3, .got_ms = {0, 2000, 4000}});
    /* A third of a second is rounded up, so that the rate is never exceeded. */
    plan_holds((struct plan){.rate_milli = 3000, .burst = 1, .count = 4, .got_ms = {0, 334, 668, 1002}});
}

static void test_limiter_unused_tokens_are_kept_up_to_the_burst(void **state)
{
    (void)state;
    plan_holds((struct plan){.rate_milli = 1000,
                             .burst = 2,
                             .count = 6,
                             .begin_ms = {0, 0, 1500, 5000, 5001, 5002},
                             .got_ms = {0, 0, 1500, 5000, 5001, 6000}});
}

/* Who comes when a token has just become due, or is about to, is behind those who wait. */
static void test_limiter_is_first_come_first_served(void **state)
{
    (void)state;
    plan_holds((struct plan){.rate_milli = 1000,
                             .burst = 1,
                             .count = 5,
                             .begin_ms = {0, 0, 1000, 999, 1001},
                             .got_ms = {0, 1000, 3000, 2000, 4000}});
}

static void test_limiter_cancelled_first_hands_its_turn_on(void **state)
{
    (void)state;
    plan_holds((struct plan){.rate_milli = 1000,
                             .burst = 1,
                             .count = 4,
                             .cancelled = 1,
                             .cancel_ms = 400,
                             .got_ms = {0, NEVER, 1000, 2000}});
    plan_holds((struct plan){.rate_milli = 1000,
                             .burst = 1,
                             .count = 4,
                             .cancelled = 2,
                             .cancel_ms = 999,
                             .got_ms = {0, 1000, NEVER, 2000}});
}

static void test_limiter_cancelled_only_one_leaves_its_token(void **state)
{
    (void)state;
    plan_holds((struct plan){
        .rate_milli = 1000, .burst = 1, .count = 2, .cancelled = 1, .cancel_ms = 300, .got_ms = {0, NEVER}});
    plan_holds((struct plan){.rate_milli = 1000,
                             .burst = 1,
                             .count = 3,
                             .begin_ms = {0, 0, 700},
                             .cancelled = 1,
                             .cancel_ms = 300,
                             .got_ms = {0, NEVER, 1000}});
}

/* Cancelled in the turn in which its token has come: it has it, and the next one has not. */
struct late_cancel {
    struct co_frame co;
    struct co_limiter limiter;
    struct co_group group;
    CO_TASK(taker) a, b;
    CO_TASK(later) cancel;
};

ASYNC(late_cancel)
{
    co_limiter_init(&self->limiter, co_loop_of(co), 1000, 1);
    AWAIT(co_limiter_acquire(&self->limiter, &self->a.fn.acquire));
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->a, taker, .limiter = &self->limiter);
        SPAWN(&self->group, &self->b, taker, .limiter = &self->limiter);
        SPAWN(&self->group, &self->cancel, later, .ms = 1000, .act = later_cancel, .arg = &self->a.task.self);
    }
    END_WITH;
    /* Two timers for the same moment: the order of these two is not promised, but one token is used. */
    if (self->a.fn.got_ms == NEVER)
        assert_int_equal(self->b.fn.got_ms, 1000);
    else
        assert_int_equal(self->b.fn.got_ms, 2000);
}
END_ASYNC

static void test_limiter_cancel_at_the_moment_of_the_token(void **state)
{
    (void)state;
    CO_TASK(late_cancel) root;
    virtual_fixture_run(TASK(&root, late_cancel));
}

struct hurried {
    struct co_frame co;
    struct co_limiter limiter;
    struct co_limiter_op acquire;
    struct co_timeout timeout;
};

ASYNC(hurried)
{
    co_limiter_init(&self->limiter, co_loop_of(co), 1000, 1);
    AWAIT(co_limiter_acquire(&self->limiter, &self->acquire));
    WITH(co_timeout_open(co, &self->timeout, 600, false)) {
        AWAIT(co_limiter_acquire(&self->limiter, &self->acquire));
    }
    END_WITH;
    assert_true(self->timeout.has_expired);
    AWAIT(co_limiter_acquire(&self->limiter, &self->acquire));
    assert_int_equal(virtual_fixture_ms(co), 1000);
}
END_ASYNC

static void test_limiter_acquire_with_a_timeout_takes_nothing(void **state)
{
    (void)state;
    CO_TASK(hurried) root;
    virtual_fixture_run(TASK(&root, hurried));
}

/* A step that took long makes the timer late: a token is there before it fires, and not for newcomers. */
struct late_timer {
    struct co_frame co;
    struct co_limiter limiter;
    struct co_group group;
    CO_TASK(taker) newcomer;
    struct co_limiter_op acquire;
    bool was_newcomer_first;
};

ASYNC(late_timer)
{
    co_limiter_init(&self->limiter, co_loop_of(co), 20000, 1);
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->newcomer, taker, .limiter = &self->limiter, .begin_ms = 60);
        AWAIT(co_limiter_acquire(&self->limiter, &self->acquire));
        AWAIT(co_yield(&self->acquire.op));
        nanosleep(&(struct timespec){.tv_nsec = 30000000}, NULL);
        AWAIT(co_limiter_acquire(&self->limiter, &self->acquire)); /* waits 50 ms from now, not from before */
        self->was_newcomer_first = self->newcomer.task.is_done;
    }
    END_WITH;
}
END_ASYNC

static void test_limiter_newcomer_waits_behind_a_late_timer(void **state)
{
    (void)state;
    CO_TASK(late_timer) root;
    loop_fixture_run(TASK(&root, late_timer));
    assert_false(root.fn.was_newcomer_first);
}

static void rate_of_zero(void)
{
    struct co_limiter limiter;
    co_limiter_init(&limiter, NULL, 0, 1);
}

static void test_limiter_without_a_rate_aborts(void **state)
{
    (void)state;
    assert_aborts(rate_of_zero, "rate_milli > 0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_limiter_burst_first_then_the_rate),
        cmocka_unit_test(test_limiter_unused_tokens_are_kept_up_to_the_burst),
        cmocka_unit_test(test_limiter_is_first_come_first_served),
        cmocka_unit_test(test_limiter_cancelled_first_hands_its_turn_on),
        cmocka_unit_test(test_limiter_cancelled_only_one_leaves_its_token),
        cmocka_unit_test(test_limiter_cancel_at_the_moment_of_the_token),
        cmocka_unit_test(test_limiter_acquire_with_a_timeout_takes_nothing),
        cmocka_unit_test(test_limiter_newcomer_waits_behind_a_late_timer),
        cmocka_unit_test(test_limiter_without_a_rate_aborts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
