/* Sleeping at least as long as asked, in order of time, and giving way. */
#include "async/sleep.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <time.h>
#include <cmocka.h>

#include "async/group.h"
#include "async/timeout.h"
#include "support/async_probe.h"
#include "support/loop_fixture.h"

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

struct nap {
    struct co_frame co;
    struct words *trace;
    int ms;
    int64_t begin_ns;
    struct co_sleep_op sleep;
};

ASYNC(nap)
{
    self->begin_ns = now_ns();
    AWAIT(co_sleep(&self->sleep, self->ms));
    assert_true(now_ns() - self->begin_ns >= (int64_t)self->ms * 1000000);
    words_add(self->trace, "%d ", self->ms);
}
END_ASYNC

struct naps {
    struct co_frame co;
    struct words trace;
    struct co_group group;
    CO_TASK(nap) naps[5];
};

ASYNC(naps)
{
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->naps[0], nap, .trace = &self->trace, .ms = 16);
        SPAWN(&self->group, &self->naps[1], nap, .trace = &self->trace, .ms = 0);
        SPAWN(&self->group, &self->naps[2], nap, .trace = &self->trace, .ms = 11);
        SPAWN(&self->group, &self->naps[3], nap, .trace = &self->trace, .ms = -5);
        SPAWN(&self->group, &self->naps[4], nap, .trace = &self->trace, .ms = 1);
    }
    END_WITH;
}
END_ASYNC

static void test_sleep_wakes_in_order_and_never_early(void **state)
{
    (void)state;
    CO_TASK(naps) root;
    loop_fixture_run(TASK(&root, naps));
    assert_string_equal(root.fn.trace.text, "0 -5 1 11 16 ");
}

/* ---- giving way ---- */

struct talker {
    struct co_frame co;
    struct words *trace;
    const char *name;
    bool is_sleeping; /* gives way by sleeping for no time */
    int i;
    struct co_sleep_op sleep;
};

ASYNC(talker)
{
    for (self->i = 0; self->i < 3; self->i++) {
        words_add(self->trace, "%s%d ", self->name, self->i);
        if (self->is_sleeping)
            AWAIT(co_sleep(&self->sleep, 0));
        else
            AWAIT(co_yield(&self->sleep.op));
    }
}
END_ASYNC

struct talkers {
    struct co_frame co;
    struct words trace;
    struct co_group group;
    CO_TASK(talker) a, b, c;
};

ASYNC(talkers)
{
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->a, talker, .trace = &self->trace, .name = "a");
        SPAWN(&self->group, &self->b, talker, .trace = &self->trace, .name = "b", .is_sleeping = true);
        SPAWN(&self->group, &self->c, talker, .trace = &self->trace, .name = "c");
    }
    END_WITH;
}
END_ASYNC

static void test_sleep_yield_goes_to_the_end_of_the_queue(void **state)
{
    (void)state;
    CO_TASK(talkers) root;
    loop_fixture_run(TASK(&root, talkers));
    assert_string_equal(root.fn.trace.text, "a0 b0 c0 a1 b1 c1 a2 b2 c2 ");
}

/* ---- cancelling ---- */

struct long_sleep {
    struct co_frame co;
    int64_t ms;
    int code;
    struct co_timeout limit;
    struct co_sleep_op sleep;
};

ASYNC(long_sleep)
{
    WITH(co_timeout_open(co, &self->limit, 1, false)) {
        TRY_AWAIT(self->code, co_sleep(&self->sleep, self->ms));
    }
    END_WITH;
    assert_true(self->limit.has_expired);
    AWAIT(co_sleep(&self->sleep, 1)); /* the same memory serves again */
}
END_ASYNC

static void test_sleep_can_be_cancelled_and_leaves_no_timer(void **state)
{
    (void)state;
    CO_TASK(long_sleep) root;
    loop_fixture_run(TASK(&root, long_sleep, .ms = 600000));
    assert_int_equal(root.fn.code, ECANCELED);
}

static void test_sleep_of_any_length(void **state)
{
    (void)state;
    CO_TASK(long_sleep) root;
    loop_fixture_run(TASK(&root, long_sleep, .ms = INT64_MAX));
    loop_fixture_run(TASK(&root, long_sleep, .ms = INT64_MAX / 1000000));
    loop_fixture_run(TASK(&root, long_sleep, .ms = INT64_MAX / 1000000 + 1));
}

struct yield_cancelled {
    struct co_frame co;
    int code;
    struct co_group group;
    CO_TASK(later) later;
    struct co_op op;
};

/* A yield has happened once it has begun: the cancel is met at the next await. */
ASYNC(yield_cancelled)
{
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->later, later, .act = later_cancel_group, .arg = &self->group);
        self->code = -1;
        TRY_AWAIT(self->code, co_yield(&self->op));
        assert_int_equal(self->code, 0);
        assert_true(co_scope_is_cancelled(&self->group.scope));
        TRY_AWAIT(self->code, co_yield(&self->op));
    }
    END_WITH;
}
END_ASYNC

static void test_sleep_yield_is_not_undone_by_a_cancel(void **state)
{
    (void)state;
    CO_TASK(yield_cancelled) root;
    loop_fixture_run(TASK(&root, yield_cancelled));
    assert_int_equal(root.fn.code, ECANCELED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sleep_wakes_in_order_and_never_early),
        cmocka_unit_test(test_sleep_yield_goes_to_the_end_of_the_queue),
        cmocka_unit_test(test_sleep_can_be_cancelled_and_leaves_no_timer),
        cmocka_unit_test(test_sleep_of_any_length),
        cmocka_unit_test(test_sleep_yield_is_not_undone_by_a_cancel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
