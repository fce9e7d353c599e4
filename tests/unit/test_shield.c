/* The shield: a cancel from outside waits until the block is over, a kill does not. */
#include "async/scope.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "async/group.h"
#include "async/sleep.h"
#include "async/timeout.h"
#include "support/async_probe.h"
#include "support/virtual_fixture.h"

enum { FOREVER_MS = 3600000 };

/* Works 30 ms behind the shield, "w" when done; then tries to go on. */
struct sheltered {
    struct co_frame co;
    struct words *trace;
    int limit_ms; /* of a timeout inside the shield; 0: none */
    struct probe probe;
    struct co_shield shield, inner;
    struct co_timeout timeout;
    struct co_sleep_op nap;
    int code;
};

ASYNC(sheltered)
{
    WITH(probe_open(&self->probe, (struct probe){.trace = self->trace, .name = "p"})) {
        WITH(co_shield_open(co, &self->shield)) {
            WITH(co_timeout_open(co, &self->timeout, self->limit_ms ? self->limit_ms : -1, false)) {
                WITH(co_shield_open(co, &self->inner)) {
                }
                END_WITH;
                AWAIT(co_sleep(&self->nap, 20));
                AWAIT(co_sleep(&self->nap, 10));
                words_add(self->trace, "w");
            }
            END_WITH;
            words_add(self->trace, ".");
        }
        END_WITH;
        words_add(self->trace, "+");
        self->code = -1;
        TRY_AWAIT(self->code, co_sleep(&self->nap, 10));
        words_add(self->trace, "!");
    }
    END_WITH;
}
END_ASYNC

struct outside {
    struct co_frame co;
    struct words *trace;
    int cancel_ms, kill_ms, limit_ms;
    struct co_group group;
    CO_TASK(sheltered) task;
    struct co_sleep_op nap;
    int end_ms;
};

ASYNC(outside)
{
    WITH(co_group_open(co, &self->group, self->kill_ms)) {
        SPAWN(&self->group, &self->task, sheltered, .trace = self->trace, .limit_ms = self->limit_ms);
        AWAIT(co_sleep(&self->nap, self->cancel_ms));
        co_group_cancel(&self->group);
        assert_true(co_scope_is_cancelled(&self->group.scope));
        assert_int_equal(co_scope_is_cancelled(&self->task.task.self), true);
    }
    END_WITH;
    self->end_ms = virtual_fixture_ms(co);
}
END_ASYNC

static void outside_is(struct outside plan, const char *text, int end_ms)
{
    CO_TASK(outside) root;
    struct words trace = {0};
    virtual_fixture_run(TASK(&root, outside, .trace = &trace, .cancel_ms = plan.cancel_ms,
                             .kill_ms = plan.kill_ms, .limit_ms = plan.limit_ms));
    assert_string_equal(trace.text, text);
    assert_int_equal(root.fn.end_ms, end_ms);
    assert_int_equal(root.fn.task.task.error.code, ECANCELED);
}

static void test_shield_holds_a_cancel_off_until_its_end(void **state)
{
    (void)state;
    outside_is((struct outside){.cancel_ms = 5, .kill_ms = -1}, "w.+-p", 30);
    outside_is((struct outside){.cancel_ms = 25, .kill_ms = 10}, "w.+-p", 30);
    outside_is((struct outside){.cancel_ms = 35, .kill_ms = -1}, "w.+-p", 35); /* after it */
}

static void test_shield_does_not_hold_a_kill_off(void **state)
{
    (void)state;
    outside_is((struct outside){.cancel_ms = 5, .kill_ms = 10}, "-p", 15);
    outside_is((struct outside){.cancel_ms = 5, .kill_ms = 0}, "-p", 5);
}

static void test_shield_timeout_inside_of_it_works(void **state)
{
    (void)state;
    outside_is((struct outside){.cancel_ms = 5, .kill_ms = -1, .limit_ms = 12}, ".+-p", 12);
    outside_is((struct outside){.cancel_ms = 15, .kill_ms = -1, .limit_ms = 12}, ".+-p", 15);
}

/* A timeout around it expires only after it. */
struct late {
    struct co_frame co;
    bool is_raising;
    struct co_timeout timeout;
    struct co_shield shield;
    struct co_sleep_op nap;
    bool is_done;
};

ASYNC(late)
{
    WITH(co_timeout_open(co, &self->timeout, 10, self->is_raising)) {
        WITH(co_shield_open(co, &self->shield)) {
            AWAIT(co_sleep(&self->nap, 25));
            self->is_done = true;
        }
        END_WITH;
        AWAIT(co_sleep(&self->nap, FOREVER_MS));
    }
    END_WITH;
    assert_true(self->timeout.has_expired);
    assert_int_equal(virtual_fixture_ms(co), 25);
}
END_ASYNC

static void test_shield_inside_a_timeout(void **state)
{
    (void)state;
    CO_TASK(late) root;
    virtual_fixture_run(TASK(&root, late));
    assert_true(root.fn.is_done);
    assert_int_equal(virtual_fixture_run_error(TASK(&root, late, .is_raising = true)).code, ETIMEDOUT);
    assert_true(root.fn.is_done);
}

/* ---- cancelled itself ---- */

struct own {
    struct co_frame co;
    struct words trace;
    bool is_killing, is_outer_cancelled;
    struct co_group group;
    struct co_shield shield;
    struct co_sleep_op nap;
};

/* A cancel of its own ends at it, as with every scope. */
ASYNC(own)
{
    WITH(co_group_open(co, &self->group, -1)) {
        WITH(co_shield_open(co, &self->shield)) {
            AWAIT(co_sleep(&self->nap, 1));
            if (self->is_outer_cancelled)
                co_cancel(&self->group.scope);
            if (self->is_killing)
                co_kill(&self->shield.scope);
            else
                co_cancel(&self->shield.scope);
            AWAIT(co_sleep(&self->nap, 50));
            words_add(&self->trace, "never");
        }
        END_WITH;
        words_add(&self->trace, "+");
        AWAIT(co_sleep(&self->nap, 1));
        words_add(&self->trace, "on");
    }
    END_WITH;
    words_add(&self->trace, "!");
}
END_ASYNC

static void test_shield_that_is_cancelled_itself_ends_it(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        CO_TASK(own) root;
        virtual_fixture_run(TASK(&root, own, .is_killing = i & 1, .is_outer_cancelled = i & 2));
        assert_string_equal(root.fn.trace.text, i & 2 ? "+!" : "+on!");
    }
}

/* ---- groups behind it ---- */

struct family {
    struct co_frame co;
    struct words *trace;
    struct co_shield shield;
    struct co_group group;
    CO_TASK(later) note;
};

static void note_end(void *trace)
{
    words_add(trace, "n");
}

ASYNC(family)
{
    WITH(co_shield_open(co, &self->shield)) {
        WITH(co_group_open(co, &self->group, 0)) {
            SPAWN(&self->group, &self->note, later, .ms = 40, .act = note_end, .arg = self->trace);
        }
        END_WITH;
    }
    END_WITH;
}
END_ASYNC

struct family_root {
    struct co_frame co;
    struct words trace;
    int kill_ms;
    struct co_group group;
    CO_TASK(family) family;
    struct co_sleep_op nap;
};

ASYNC(family_root)
{
    WITH(co_group_open(co, &self->group, self->kill_ms)) {
        SPAWN(&self->group, &self->family, family, .trace = &self->trace);
        AWAIT(co_sleep(&self->nap, 10));
        co_group_cancel(&self->group);
    }
    END_WITH;
    words_add(&self->trace, "%d", virtual_fixture_ms(co));
}
END_ASYNC

static void test_shield_protects_a_group_and_its_tasks(void **state)
{
    (void)state;
    CO_TASK(family_root) root;
    virtual_fixture_run(TASK(&root, family_root, .kill_ms = -1));
    assert_string_equal(root.fn.trace.text, "n40");
    virtual_fixture_run(TASK(&root, family_root, .kill_ms = 15));
    assert_string_equal(root.fn.trace.text, "25");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shield_holds_a_cancel_off_until_its_end),
        cmocka_unit_test(test_shield_does_not_hold_a_kill_off),
        cmocka_unit_test(test_shield_timeout_inside_of_it_works),
        cmocka_unit_test(test_shield_inside_a_timeout),
        cmocka_unit_test(test_shield_that_is_cancelled_itself_ends_it),
        cmocka_unit_test(test_shield_protects_a_group_and_its_tasks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
