/* Timeouts: when they expire, when they do not, and what comes out of the block. */
#include "async/timeout.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "async/event.h"
#include "async/group.h"
#include "async/sleep.h"
#include "base/clock.h"
#include "support/async_probe.h"
#include "support/loop_fixture.h"

enum { FOREVER_MS = 600000 };

struct limited {
    struct co_frame co;
    int limit_ms, sleep_ms, error;
    bool is_raising, has_finished;
    int code;
    struct co_timeout limit;
    struct co_sleep_op sleep;
};

ASYNC(limited)
{
    WITH(co_timeout_open(co, &self->limit, self->limit_ms, self->is_raising)) {
        AWAIT(co_sleep(&self->sleep, self->sleep_ms));
        self->has_finished = true;
        if (self->error)
            RAISE(self->error, "body");
    }
    END_WITH;
    AWAIT(co_sleep(&self->sleep, 2)); /* the limit does not reach beyond the block */
}
END_ASYNC

static void test_timeout_expires(void **state)
{
    (void)state;
    CO_TASK(limited) root;
    int64_t begin_ms = clock_mono_ms(clock_system());
    loop_fixture_run(TASK(&root, limited, .limit_ms = 10, .sleep_ms = FOREVER_MS));
    assert_true(clock_mono_ms(clock_system()) - begin_ms >= 11);
    assert_true(root.fn.limit.has_expired);
    assert_false(root.fn.has_finished);
}

static void test_timeout_raises_when_asked_to(void **state)
{
    (void)state;
    CO_TASK(limited) root;
    struct co_task *task = TASK(&root, limited, .limit_ms = 1, .sleep_ms = FOREVER_MS, .is_raising = true);
    assert_int_equal(loop_fixture_run_error(task).code, ETIMEDOUT);
    assert_true(root.fn.limit.has_expired);
    assert_false(root.fn.has_finished);
}

static void test_timeout_of_nothing_expires_at_the_first_wait(void **state)
{
    (void)state;
    CO_TASK(limited) root;
    loop_fixture_run(TASK(&root, limited, .limit_ms = 0, .sleep_ms = FOREVER_MS));
    assert_true(root.fn.limit.has_expired);
}

static void test_timeout_does_not_expire_in_time_or_after_the_block(void **state)
{
    (void)state;
    CO_TASK(limited) root;
    loop_fixture_run(TASK(&root, limited, .limit_ms = FOREVER_MS, .sleep_ms = 1, .is_raising = true));
    assert_true(root.fn.has_finished && !root.fn.limit.has_expired);
    loop_fixture_run(TASK(&root, limited, .limit_ms = -1, .sleep_ms = 1, .is_raising = true));
    assert_true(root.fn.has_finished && !root.fn.limit.has_expired);
    /* This one would be due while the coroutine sleeps behind the block. */
    loop_fixture_run(TASK(&root, limited, .limit_ms = 1, .sleep_ms = 0, .is_raising = false));
    assert_int_equal(root.fn.limit.timer.index, 0);
}

static void test_timeout_passes_other_errors(void **state)
{
    (void)state;
    CO_TASK(limited) root;
    struct co_task *task = TASK(&root, limited, .limit_ms = FOREVER_MS, .error = EPROTO, .is_raising = true);
    assert_int_equal(loop_fixture_run_error(task).code, EPROTO);
    assert_false(root.fn.limit.has_expired);
    task = TASK(&root, limited, .limit_ms = FOREVER_MS, .error = ECANCELED, .is_raising = true);
    assert_int_equal(loop_fixture_run_error(task).code, ECANCELED); /* not by this limit */
}

/* ---- the race: what was waited for comes, and the limit passes, before the task runs ---- */

struct racing {
    struct co_frame co;
    struct words trace;
    bool is_raising, is_waiting_on;
    struct co_group group;
    CO_TASK(later) later;
    struct co_event event;
    struct co_timeout limit;
    struct co_event_op wait;
};

static void set_and_expire(void *arg)
{
    struct racing *racing = arg;
    co_event_set(&racing->event);
    struct co_timer *timer = &racing->limit.timer;
    co_loop_disarm(racing->limit.loop, timer);
    timer->fire(timer);
}

ASYNC(racing)
{
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->later, later, .act = set_and_expire, .arg = self);
        WITH(co_timeout_open(co, &self->limit, FOREVER_MS, self->is_raising)) {
            AWAIT(co_event_wait(&self->event, &self->wait));
            words_add(&self->trace, "came");
            if (self->is_waiting_on)
                AWAIT(co_event_wait(&self->event, &self->wait));
            words_add(&self->trace, "+");
        }
        END_WITH;
        words_add(&self->trace, self->limit.has_expired ? "expired" : "");
    }
    END_WITH;
}
END_ASYNC

/* Otherwise a caller that looks at has_expired first would throw away what it has got. */
static void test_timeout_that_ended_nothing_has_not_expired(void **state)
{
    (void)state;
    CO_TASK(racing) root;
    loop_fixture_run(TASK(&root, racing));
    assert_string_equal(root.fn.trace.text, "came+");
    loop_fixture_run(TASK(&root, racing, .is_raising = true));
    assert_string_equal(root.fn.trace.text, "came+");
    loop_fixture_run(TASK(&root, racing, .is_waiting_on = true));
    assert_string_equal(root.fn.trace.text, "cameexpired");
}

/* ---- nested ---- */

struct nested {
    struct co_frame co;
    struct words *trace;
    int outer_ms, inner_ms;
    bool is_raising;
    struct co_timeout outer, inner;
    struct co_sleep_op sleep;
};

ASYNC(nested)
{
    WITH(co_timeout_open(co, &self->outer, self->outer_ms, self->is_raising)) {
        WITH(co_timeout_open(co, &self->inner, self->inner_ms, self->is_raising)) {
            AWAIT(co_sleep(&self->sleep, FOREVER_MS));
        }
        END_WITH;
        words_add(self->trace, "+inner");
        AWAIT(co_yield(&self->sleep.op));
        words_add(self->trace, "+await");
    }
    END_WITH;
    words_add(self->trace, "+outer");
}
END_ASYNC

static void test_timeout_nested_ends_the_right_block(void **state)
{
    (void)state;
    CO_TASK(nested) root;
    struct words trace = {0};
    loop_fixture_run(TASK(&root, nested, .trace = &trace, .outer_ms = FOREVER_MS, .inner_ms = 1));
    assert_string_equal(trace.text, "+inner+await+outer");
    assert_true(root.fn.inner.has_expired && !root.fn.outer.has_expired);

    trace = (struct words){0};
    loop_fixture_run(TASK(&root, nested, .trace = &trace, .outer_ms = 1, .inner_ms = FOREVER_MS));
    assert_string_equal(trace.text, "+outer");
    assert_true(root.fn.outer.has_expired && !root.fn.inner.has_expired);

    trace = (struct words){0};
    struct co_task *task =
        TASK(&root, nested, .trace = &trace, .outer_ms = 1, .inner_ms = FOREVER_MS, .is_raising = true);
    assert_int_equal(loop_fixture_run_error(task).code, ETIMEDOUT);
    assert_true(root.fn.outer.has_expired && !root.fn.inner.has_expired);
}

struct stall {
    struct co_frame co;
    struct nested *nested;
    struct co_op op;
};

/* Expires both of them before the task runs again. */
ASYNC(stall)
{
    AWAIT(co_yield(&self->op));
    struct co_timeout *timeouts[] = {&self->nested->inner, &self->nested->outer};
    for (size_t i = 0; i < ARRAY_LEN(timeouts); i++) {
        co_loop_disarm(timeouts[i]->loop, &timeouts[i]->timer);
        timeouts[i]->timer.fire(&timeouts[i]->timer);
    }
}
END_ASYNC

struct both {
    struct co_frame co;
    struct words trace;
    struct co_group group;
    CO_TASK(nested) nested;
    CO_TASK(stall) stall;
};

ASYNC(both)
{
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->nested, nested, .trace = &self->trace, .outer_ms = FOREVER_MS,
              .inner_ms = FOREVER_MS, .is_raising = true);
        SPAWN(&self->group, &self->stall, stall, .nested = &self->nested.fn);
    }
    END_WITH;
}
END_ASYNC

static void test_timeout_outer_wins_when_both_expire(void **state)
{
    (void)state;
    CO_TASK(both) root;
    assert_int_equal(loop_fixture_run_error(TASK(&root, both)).code, ETIMEDOUT);
    assert_string_equal(root.fn.trace.text, "");
    assert_true(root.fn.nested.fn.outer.has_expired);
}

/* ---- cancelled from outside, or by hand ---- */

struct outer_cancel {
    struct co_frame co;
    struct co_group group;
    CO_TASK(later) later;
    CO_TASK(limited) limited;
    bool is_raising, is_by_hand;
};

ASYNC(outer_cancel)
{
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->limited, limited, .limit_ms = FOREVER_MS, .sleep_ms = FOREVER_MS,
              .is_raising = self->is_raising);
        SPAWN(&self->group, &self->later, later, .yields = 1, .act = later_cancel,
              .arg = self->is_by_hand ? &self->limited.fn.limit.scope : &self->limited.task.self);
    }
    END_WITH;
}
END_ASYNC

static void test_timeout_passes_a_cancel_from_outside(void **state)
{
    (void)state;
    CO_TASK(outer_cancel) root;
    loop_fixture_run(TASK(&root, outer_cancel, .is_raising = true));
    assert_int_equal(root.fn.limited.task.error.code, ECANCELED);
    assert_false(root.fn.limited.fn.limit.has_expired);
    loop_fixture_run(TASK(&root, outer_cancel, .is_raising = false));
    assert_int_equal(root.fn.limited.task.error.code, ECANCELED);
}

static void test_timeout_cancelled_by_hand_ends_its_block(void **state)
{
    (void)state;
    CO_TASK(outer_cancel) root;
    loop_fixture_run(TASK(&root, outer_cancel, .is_by_hand = true));
    assert_int_equal(root.fn.limited.task.error.code, 0);
    assert_false(root.fn.limited.fn.limit.has_expired);
    assert_false(root.fn.limited.fn.has_finished);
}

/* ---- restarting ---- */

struct restarted {
    struct co_frame co;
    int i, r;
    struct co_timeout limit;
    struct co_sleep_op sleep;
    int64_t last_ms;
};

ASYNC(restarted)
{
    WITH(co_timeout_open(co, &self->limit, FOREVER_MS, false)) {
        for (self->i = 0; self->i < 5; self->i++) {
            AWAIT(co_sleep(&self->sleep, 1));
            self->r = co_timeout_restart(&self->limit, 600000);
            assert_int_equal(self->r, 0);
        }
        self->last_ms = clock_mono_ms(clock_system());
        self->r = co_timeout_restart(&self->limit, 10);
        assert_int_equal(self->r, 0);
        AWAIT(co_sleep(&self->sleep, FOREVER_MS));
    }
    END_WITH;
    assert_true(self->limit.has_expired);
    assert_true(clock_mono_ms(clock_system()) - self->last_ms >= 9);
    WITH(co_timeout_open(co, &self->limit, -1, false)) { /* from no limit to one */
        self->r = co_timeout_restart(&self->limit, 1);
        assert_int_equal(self->r, 0);
        AWAIT(co_sleep(&self->sleep, FOREVER_MS));
    }
    END_WITH;
    assert_true(self->limit.has_expired);
}
END_ASYNC

static void test_timeout_restart_moves_the_limit(void **state)
{
    (void)state;
    CO_TASK(restarted) root;
    loop_fixture_run(TASK(&root, restarted));
    assert_int_equal(root.fn.i, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_timeout_expires),
        cmocka_unit_test(test_timeout_raises_when_asked_to),
        cmocka_unit_test(test_timeout_of_nothing_expires_at_the_first_wait),
        cmocka_unit_test(test_timeout_does_not_expire_in_time_or_after_the_block),
        cmocka_unit_test(test_timeout_passes_other_errors),
        cmocka_unit_test(test_timeout_that_ended_nothing_has_not_expired),
        cmocka_unit_test(test_timeout_nested_ends_the_right_block),
        cmocka_unit_test(test_timeout_outer_wins_when_both_expire),
        cmocka_unit_test(test_timeout_passes_a_cancel_from_outside),
        cmocka_unit_test(test_timeout_cancelled_by_hand_ends_its_block),
        cmocka_unit_test(test_timeout_restart_moves_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
