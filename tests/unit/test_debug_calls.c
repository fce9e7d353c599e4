/* Debug mode: coroutines that were prepared but never awaited, and none of it unless asked for. */
#include "async/debug.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "async/generator.h"
#include "async/group.h"
#include "async/lock.h"
#include "async/select.h"
#include "async/sleep.h"
#include "async/wait.h"
#include "support/async_probe.h"
#include "support/debug_report.h"

struct forgetful {
    struct co_frame co;
    struct debug_report *report;
    int call_line, again_line, task_line;
    struct yield_once called;
    CO_TASK(yield_once) task;
    struct co_call lost;
};

/* What is prepared anew is reported at that moment, the rest at the end. */
ASYNC(forgetful)
{
    self->call_line = __LINE__ + 1;
    self->lost = CALL(&self->called, yield_once);
    assert_string_equal(self->report->text, "");
    self->again_line = __LINE__ + 1;
    self->lost = CALL(&self->called, yield_once);
    assert_int_equal(debug_report_times(self->report, "never awaited: yield_once"), 1);
    self->task_line = __LINE__ + 1;
    TASK(&self->task, yield_once);
}
END_ASYNC

static void test_debug_reports_what_is_never_awaited(void **state)
{
    (void)state;
    struct debug_report report;
    CO_TASK(forgetful) root;
    struct co_loop *loop = debug_report_loop(&report, 1000000, 0);
    debug_report_run(loop, TASK(&root, forgetful, .report = &report));
    const int lines[] = {root.fn.call_line, root.fn.again_line, root.fn.task_line};
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        char where[80];
        snprintf(where, sizeof(where), "test_debug_calls.c:%d\n", lines[i]);
        assert_int_equal(debug_report_times(&report, where), 1);
    }
    assert_int_equal(debug_report_times(&report, "never awaited: yield_once, prepared at "), 3);
    assert_int_equal(debug_report_times(&report, "\n"), 3);
}

struct lost_root {
    struct co_frame co;
};

ASYNC(lost_root)
{
}
END_ASYNC

static void test_debug_reports_a_root_that_was_never_run(void **state)
{
    (void)state;
    struct debug_report report;
    CO_TASK(lost_root) root;
    struct co_loop *loop = debug_report_loop(&report, 1000000, 0);
    TASK(&root, lost_root);
    assert_int_equal(co_loop_free(loop), 0);
    assert_int_equal(debug_report_times(&report, "never awaited: lost_root"), 1);
}

/* More calls are lost than it keeps notes of: the first ones are told. */
static void test_debug_keeps_a_limited_number_of_notes(void **state)
{
    (void)state;
    struct debug_report report;
    static CO_TASK(lost_root) roots[300];
    struct co_loop *loop = debug_report_loop(&report, 1000000, 0);
    for (size_t i = 0; i < ARRAY_LEN(roots); i++)
        TASK(&roots[i], lost_root);
    memset(&report.text, 0, sizeof(report.text));
    CO_TASK(lost_root) late;
    for (size_t i = 0; i < ARRAY_LEN(roots); i++) {
        assert_int_equal(co_loop_run(loop, &roots[i].task).code, 0);
        assert_int_equal(co_loop_run(loop, TASK(&late, lost_root)).code, 0);
    }
    assert_int_equal(co_loop_free(loop), 0);
    assert_string_equal(report.text, "");
}

/* ---- a correct program is not complained of ---- */

struct number {
    struct co_frame co;
    int value;
    struct co_op op;
};

ASYNC(number)
{
    for (;; self->value++) {
        AWAIT(co_yield(&self->op));
        YIELD;
    }
}
END_ASYNC

struct manager {
    struct co_frame co;
    struct co_op op;
};

ASYNC(manager)
{
    AWAIT(co_yield(&self->op));
    YIELD;
    AWAIT(co_yield(&self->op));
}
END_ASYNC

struct correct {
    struct co_frame co;
    struct words trace;
    struct co_group group;
    CO_TASK(yield_once) a, b, c;
    struct co_task *tasks[2];
    struct co_gather gather;
    struct number number;
    struct manager manager;
    struct co_iter iter;
    struct probe probe;
    struct co_lock lock;
    struct co_lock_op acquire;
    struct co_lock_with hold;
    struct yield_once called;
    struct co_sleep_op nap;
    struct co_op *ops[2];
    struct co_join_op join;
    struct co_select select;
    int i, r;
};

ASYNC(correct)
{
    for (self->i = 0; self->i < 3; self->i++) {
        WITH(co_group_open(co, &self->group, -1)) {
            SPAWN(&self->group, &self->c, yield_once);
            self->r = SPAWN_NEW(&self->group, yield_once);
            assert_int_equal(self->r, 0);
            self->ops[0] = co_select_op(co_join(&self->join, &self->c.task));
            self->ops[1] = co_select_op(co_sleep(&self->nap, 1000));
            AWAIT(co_select(&self->select, self->ops, 2));
        }
        END_WITH;
        self->tasks[0] = TASK(&self->a, yield_once);
        self->tasks[1] = TASK(&self->b, yield_once);
        AWAIT(CALL(&self->gather, co_gather, .tasks = self->tasks, .count = 2));
        ASYNC_FOR(&self->iter, CALL(&self->number, number)) {
            if (self->number.value == 2)
                break;
        }
        END_FOR;
        WITH_GEN(&self->iter, CALL(&self->manager, manager)) {
            AWAIT(CALL(&self->called, yield_once));
        }
        END_WITH;
        ASYNC_WITH(co_lock_acquire(&self->lock, &self->acquire), co_lock_hold(&self->lock, &self->hold)) {
            WITH(probe_open(&self->probe, (struct probe){.trace = &self->trace, .name = "p", .exit_ms = 1})) {
            }
            END_WITH;
        }
        END_WITH;
    }
}
END_ASYNC

static void test_debug_is_silent_about_a_correct_program(void **state)
{
    (void)state;
    struct debug_report report;
    CO_TASK(correct) root;
    struct co_loop *loop = debug_report_loop(&report, 1000000, 10000);
    debug_report_run(loop, TASK(&root, correct));
    assert_string_equal(report.text, "");
}

/* ---- off ---- */

static void test_debug_is_off_by_default(void **state)
{
    (void)state;
    struct debug_report report;
    CO_TASK(forgetful) root;
    debug_report_init(&report);
    assert_false(co_debug_notes_calls);
    struct co_loop *loop = co_loop_new();
    assert_non_null(loop);
    CO_TASK(correct) correct;
    debug_report_run(loop, TASK(&correct, correct));
    assert_false(co_debug_notes_calls);
    TASK(&root, forgetful, .report = &report); /* nobody takes a note of it */
    loop = debug_report_loop(&report, 1000000, 0);
    assert_true(co_debug_notes_calls);
    assert_int_equal(co_loop_free(loop), 0);
    assert_string_equal(report.text, "");
    assert_false(co_debug_notes_calls);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_debug_reports_what_is_never_awaited),
        cmocka_unit_test(test_debug_reports_a_root_that_was_never_run),
        cmocka_unit_test(test_debug_keeps_a_limited_number_of_notes),
        cmocka_unit_test(test_debug_is_silent_about_a_correct_program),
        cmocka_unit_test(test_debug_is_off_by_default),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
