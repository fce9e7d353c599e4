/* Groups: cancelling with a deadline, from inside and outside. */
#include "async/group.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "async/sleep.h"
#include "async/timeout.h"
#include "base/clock.h"
#include "support/async_probe.h"
#include "support/group_child.h"
#include "support/loop_fixture.h"

enum { FOREVER_MS = 600000 };

struct cancelled {
    struct co_frame co;
    struct words *trace;
    int kill_ms, exit_ms;
    bool is_by_child, is_one; /* cancels one task, not the group */
    struct co_group group;
    CO_TASK(group_child) a, b;
    CO_TASK(later) later;
    struct co_sleep_op sleep;
};

ASYNC(cancelled)
{
    WITH(co_group_open(co, &self->group, self->kill_ms)) {
        SPAWN(&self->group, &self->a, group_child, .trace = self->trace, .name = "a",
              .ms = self->is_one ? 4 : FOREVER_MS);
        SPAWN(&self->group, &self->b, group_child, .trace = self->trace, .name = "b", .ms = FOREVER_MS,
              .exit_ms = self->exit_ms);
        if (self->is_one) {
            SPAWN(&self->group, &self->later, later, .yields = 2, .act = later_cancel,
                  .arg = &self->b.task.self);
        } else if (self->is_by_child) {
            SPAWN(&self->group, &self->later, later, .yields = 2, .act = later_cancel_group,
                  .arg = &self->group);
        } else {
            AWAIT(co_yield(&self->sleep.op));
            co_group_cancel(&self->group);
            co_group_cancel(&self->group);
            AWAIT(co_yield(&self->sleep.op));
            words_add(self->trace, "never");
        }
    }
    END_WITH;
    AWAIT(co_yield(&self->sleep.op));
    words_add(self->trace, "+");
}
END_ASYNC

static void test_group_cancel_ends_with_the_group(void **state)
{
    (void)state;
    CO_TASK(cancelled) root;
    struct words trace = {0};
    loop_fixture_run(TASK(&root, cancelled, .trace = &trace, .kill_ms = -1, .exit_ms = 2));
    assert_string_equal(trace.text, "-b-a=b+");

    trace = (struct words){0};
    loop_fixture_run(
        TASK(&root, cancelled, .trace = &trace, .kill_ms = FOREVER_MS, .exit_ms = 2, .is_by_child = true));
    assert_string_equal(trace.text, "-b-a=b+");
    assert_int_equal(root.fn.group.failed_count, 0);
}

static void test_group_cancel_of_one_task_is_no_failure(void **state)
{
    (void)state;
    CO_TASK(cancelled) root;
    struct words trace = {0};
    loop_fixture_run(TASK(&root, cancelled, .trace = &trace, .kill_ms = -1, .exit_ms = -1, .is_one = true));
    assert_string_equal(trace.text, "-b=ba-a+");
    assert_int_equal(root.fn.group.failed_count, 0);
}

static void test_group_kills_after_its_deadline(void **state)
{
    (void)state;
    CO_TASK(cancelled) root;
    struct words trace = {0};
    int64_t begin_ms = clock_mono_ms(clock_system());
    loop_fixture_run(TASK(&root, cancelled, .trace = &trace, .kill_ms = 10, .exit_ms = 60000));
    assert_true(clock_mono_ms(clock_system()) - begin_ms >= 9); /* two clocks, both cut to ms */
    assert_string_equal(trace.text, "-b-a+");

    trace = (struct words){0};
    loop_fixture_run(
        TASK(&root, cancelled, .trace = &trace, .kill_ms = 0, .exit_ms = 60000, .is_by_child = true));
    assert_string_equal(trace.text, "-b-a+");
}

struct outside {
    struct co_frame co;
    struct words *trace;
    int kill_ms, exit_ms;
    bool is_body_waiting, is_cancelled_before;
    struct co_timeout limit;
    struct co_group group;
    CO_TASK(group_child) child;
    struct co_sleep_op sleep;
};

ASYNC(outside)
{
    WITH(co_timeout_open(co, &self->limit, self->is_cancelled_before ? -1 : 2, false)) {
        WITH(co_group_open(co, &self->group, self->kill_ms)) {
            SPAWN(&self->group, &self->child, group_child, .trace = self->trace, .name = "c",
                  .ms = FOREVER_MS, .exit_ms = self->exit_ms);
            if (self->is_body_waiting)
                AWAIT(co_sleep(&self->sleep, FOREVER_MS));
            if (self->is_cancelled_before)
                co_cancel(&self->limit.scope);
        }
        END_WITH;
        words_add(self->trace, "joined");
        AWAIT(co_yield(&self->sleep.op));
        words_add(self->trace, "never");
    }
    END_WITH;
    words_add(self->trace, "+");
}
END_ASYNC

static void test_group_cancelled_from_outside_while_joining(void **state)
{
    (void)state;
    CO_TASK(outside) root;
    struct words trace = {0};
    loop_fixture_run(TASK(&root, outside, .trace = &trace, .kill_ms = -1, .exit_ms = 3));
    assert_string_equal(trace.text, "-c=c+");

    trace = (struct words){0};
    loop_fixture_run(
        TASK(&root, outside, .trace = &trace, .kill_ms = -1, .exit_ms = 3, .is_body_waiting = true));
    assert_string_equal(trace.text, "-c=c+");
}

/* The group's own deadline counts, whoever cancelled it and whatever its block was doing. */
static void test_group_cancelled_from_outside_keeps_its_deadline(void **state)
{
    (void)state;
    CO_TASK(outside) root;
    struct words trace = {0};
    loop_fixture_run(
        TASK(&root, outside, .trace = &trace, .kill_ms = 2, .exit_ms = 60000, .is_body_waiting = true));
    assert_string_equal(trace.text, "-c+");

    trace = (struct words){0};
    loop_fixture_run(TASK(&root, outside, .trace = &trace, .kill_ms = 2, .exit_ms = 60000));
    assert_string_equal(trace.text, "-c+");

    trace = (struct words){0};
    loop_fixture_run(
        TASK(&root, outside, .trace = &trace, .kill_ms = 2, .exit_ms = 60000, .is_cancelled_before = true));
    assert_string_equal(trace.text, "-c+");
}

struct sheltered {
    struct co_frame co;
    struct words trace;
    struct co_timeout limit;
    struct co_shield shield;
    struct co_group group;
    CO_TASK(group_child) child;
};

ASYNC(sheltered)
{
    WITH(co_timeout_open(co, &self->limit, 1, false)) {
        WITH(co_shield_open(co, &self->shield)) {
            WITH(co_group_open(co, &self->group, 0)) {
                SPAWN(&self->group, &self->child, group_child, .trace = &self->trace, .name = "c", .ms = 4,
                      .exit_ms = 1);
            }
            END_WITH;
            assert_true(co_scope_is_cancelled(&self->limit.scope));
        }
        END_WITH;
    }
    END_WITH;
}
END_ASYNC

static void test_group_behind_a_shield_is_not_cancelled(void **state)
{
    (void)state;
    CO_TASK(sheltered) root;
    loop_fixture_run(TASK(&root, sheltered));
    assert_string_equal(root.fn.trace.text, "c-c=c");
    assert_int_equal(root.fn.group.kill_timer.index, 0);
}

struct nest {
    struct co_frame co;
    struct words *trace;
    int depth;
    struct co_group group;
    CO_TASK(group_child) child;
};

ASYNC(nest)
{
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->child, group_child, .trace = self->trace, .name = "n", .ms = FOREVER_MS,
              .exit_ms = 60000);
        if (self->depth > 0)
            assert_int_equal(SPAWN_NEW(&self->group, nest, .trace = self->trace, .depth = self->depth - 1),
                             0);
    }
    END_WITH;
}
END_ASYNC

struct nest_root {
    struct co_frame co;
    struct words trace;
    struct co_group group;
    CO_TASK(nest) nest;
    struct co_sleep_op sleep;
};

ASYNC(nest_root)
{
    WITH(co_group_open(co, &self->group, 3)) {
        SPAWN(&self->group, &self->nest, nest, .trace = &self->trace, .depth = 9);
        AWAIT(co_sleep(&self->sleep, 2));
        co_group_cancel(&self->group);
    }
    END_WITH;
}
END_ASYNC

static void test_group_one_deadline_kills_the_whole_subtree(void **state)
{
    (void)state;
    CO_TASK(nest_root) root;
    loop_fixture_run(TASK(&root, nest_root));
    assert_string_equal(root.fn.trace.text, "-n-n-n-n-n-n-n-n-n-n");
}

struct starter {
    struct co_frame co;
    struct words trace;
    struct co_group group;
    CO_TASK(group_child) waits, quick;
};

ASYNC(starter)
{
    WITH(co_group_open(co, &self->group, -1)) {
        co_group_cancel(&self->group);
        SPAWN(&self->group, &self->waits, group_child, .trace = &self->trace, .name = "w", .ms = 1,
              .exit_ms = -1);
        SPAWN(&self->group, &self->quick, group_child, .trace = &self->trace, .name = "q");
    }
    END_WITH;
    words_add(&self->trace, "+");
}
END_ASYNC

static void test_group_task_started_after_the_cancel_runs_to_its_first_await(void **state)
{
    (void)state;
    CO_TASK(starter) root;
    loop_fixture_run(TASK(&root, starter));
    assert_string_equal(root.fn.trace.text, "-wq-q=w+");
}

/* ---- a group opened in an exit ---- */

struct farewell_exit {
    struct co_frame co;
    struct words *trace;
    int ms;
    struct co_group group;
    CO_TASK(group_child) a, b;
    struct co_op op;
};

ASYNC(farewell_exit)
{
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->a, group_child, .trace = self->trace, .name = "a", .ms = self->ms);
        SPAWN(&self->group, &self->b, group_child, .trace = self->trace, .name = "b", .exit_ms = self->ms);
        AWAIT(co_yield(&self->op));
        words_add(self->trace, "body");
    }
    END_WITH;
    words_add(self->trace, "+exit");
}
END_ASYNC

struct farewell {
    struct co_frame co;
    struct words *trace;
    int ms;
    struct co_with with;
    struct farewell_exit leaving;
    struct co_sleep_op sleep;
};

static struct co_call farewell_leave(struct co_task *task, struct co_with *with)
{
    struct farewell *farewell = container_of(with, struct farewell, with);
    (void)task;
    return CALL(&farewell->leaving, farewell_exit, .trace = farewell->trace, .ms = farewell->ms);
}

ASYNC(farewell)
{
    co_with_init(&self->with, farewell_leave, NULL);
    WITH(&self->with) {
        AWAIT(co_sleep(&self->sleep, FOREVER_MS));
    }
    END_WITH;
}
END_ASYNC

struct farewell_root {
    struct co_frame co;
    struct words trace;
    int ms, kill_ms;
    struct co_group group;
    CO_TASK(farewell) farewell;
    struct co_op op;
};

ASYNC(farewell_root)
{
    WITH(co_group_open(co, &self->group, self->kill_ms)) {
        SPAWN(&self->group, &self->farewell, farewell, .trace = &self->trace, .ms = self->ms);
        AWAIT(co_yield(&self->op));
        co_group_cancel(&self->group);
    }
    END_WITH;
}
END_ASYNC

static void test_group_in_an_exit_lives_on_after_a_cancel(void **state)
{
    (void)state;
    CO_TASK(farewell_root) root;
    loop_fixture_run(TASK(&root, farewell_root, .ms = 2, .kill_ms = -1));
    assert_non_null(strstr(root.fn.trace.text, "b-bbody"));
    assert_non_null(strstr(root.fn.trace.text, "a-a"));
    assert_non_null(strstr(root.fn.trace.text, "=b"));
    assert_non_null(strstr(root.fn.trace.text, "+exit"));
}

static void test_group_in_an_exit_is_killed(void **state)
{
    (void)state;
    CO_TASK(farewell_root) root;
    loop_fixture_run(TASK(&root, farewell_root, .ms = 60000, .kill_ms = 3));
    assert_string_equal(root.fn.trace.text, "b-bbody-a");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_group_cancel_ends_with_the_group),
        cmocka_unit_test(test_group_cancel_of_one_task_is_no_failure),
        cmocka_unit_test(test_group_kills_after_its_deadline),
        cmocka_unit_test(test_group_cancelled_from_outside_while_joining),
        cmocka_unit_test(test_group_cancelled_from_outside_keeps_its_deadline),
        cmocka_unit_test(test_group_behind_a_shield_is_not_cancelled),
        cmocka_unit_test(test_group_one_deadline_kills_the_whole_subtree),
        cmocka_unit_test(test_group_task_started_after_the_cancel_runs_to_its_first_await),
        cmocka_unit_test(test_group_in_an_exit_lives_on_after_a_cancel),
        cmocka_unit_test(test_group_in_an_exit_is_killed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
