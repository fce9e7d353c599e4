/* A flag that tasks wait for. */
#include "async/event.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "async/group.h"
#include "async/sleep.h"
#include "support/async_probe.h"
#include "support/loop_fixture.h"

struct waiter {
    struct co_frame co;
    struct words *trace;
    const char *name;
    struct co_event *event;
    struct co_event_op wait;
};

ASYNC(waiter)
{
    AWAIT(co_event_wait(self->event, &self->wait));
    words_add(self->trace, "%s", self->name);
}
END_ASYNC

struct waiters {
    struct co_frame co;
    struct words trace;
    struct co_event event;
    struct co_group group;
    CO_TASK(waiter) a, b, c, late;
    struct co_op op;
};

ASYNC(waiters)
{
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->a, waiter, .trace = &self->trace, .name = "a", .event = &self->event);
        SPAWN(&self->group, &self->b, waiter, .trace = &self->trace, .name = "b", .event = &self->event);
        SPAWN(&self->group, &self->c, waiter, .trace = &self->trace, .name = "c", .event = &self->event);
        AWAIT(co_yield(&self->op));
        co_cancel(&self->b.task.self);
        AWAIT(co_yield(&self->op));
        assert_true(self->b.task.is_done);

        words_add(&self->trace, "set ");
        co_event_set(&self->event);
        co_event_set(&self->event);
        words_add(&self->trace, "nobody yet ");
        AWAIT(co_yield(&self->op));

        SPAWN(&self->group, &self->late, waiter, .trace = &self->trace, .name = "late",
              .event = &self->event);
        AWAIT(co_yield(&self->op));
        assert_true(self->late.task.is_done);
    }
    END_WITH;
}
END_ASYNC

static void test_event_set_wakes_all_in_order_and_stays_set(void **state)
{
    (void)state;
    CO_TASK(waiters) root;
    loop_fixture_run(TASK(&root, waiters));
    assert_string_equal(root.fn.trace.text, "set nobody yet aclate");
    assert_int_equal(root.fn.b.task.error.code, ECANCELED);
    assert_true(root.fn.event.is_set);
    assert_null(root.fn.event.waiters.first);
}

struct clearer {
    struct co_frame co;
    struct words trace;
    struct co_event event;
    struct co_group group;
    CO_TASK(waiter) a, b;
    struct co_op op;
};

ASYNC(clearer)
{
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->a, waiter, .trace = &self->trace, .name = "a", .event = &self->event);
        AWAIT(co_yield(&self->op));
        co_event_set(&self->event); /* who waited is let through, whatever comes after */
        co_event_clear(&self->event);
        SPAWN(&self->group, &self->b, waiter, .trace = &self->trace, .name = "b", .event = &self->event);
        AWAIT(co_yield(&self->op));
        AWAIT(co_yield(&self->op));
        assert_true(self->a.task.is_done);
        assert_false(self->b.task.is_done);
        words_add(&self->trace, "again");
        co_event_set(&self->event);
    }
    END_WITH;
}
END_ASYNC

static void test_event_cleared_makes_wait_again(void **state)
{
    (void)state;
    CO_TASK(clearer) root;
    loop_fixture_run(TASK(&root, clearer));
    assert_string_equal(root.fn.trace.text, "aagainb");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_event_set_wakes_all_in_order_and_stays_set),
        cmocka_unit_test(test_event_cleared_makes_wait_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
