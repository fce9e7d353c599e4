/* Debug mode: slow steps, hangs, what is on the C stack, what is left behind. */
#include "async/debug.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <cmocka.h>

#include "async/select.h"
#include "async/sleep.h"
#include "support/async_probe.h"
#include "support/debug_report.h"
#include "support/loop_fixture.h"
#include "support/run_child.h"

/* Blocks as no coroutine should. */
static void block_ms(int ms)
{
    struct timespec left = {.tv_nsec = ms * 1000000L};
    while (nanosleep(&left, &left) != 0)
        ;
}

/* ---- slow steps ---- */

struct slow {
    struct co_frame co;
    int line;
    struct co_sleep_op nap;
    struct co_op op;
};

ASYNC(slow)
{
    AWAIT(co_yield(&self->op));
    self->line = __LINE__ + 1;
    AWAIT(co_sleep(&self->nap, 1));
    block_ms(250);
    AWAIT(co_yield(&self->op));
}
END_ASYNC

static void test_debug_reports_a_slow_step(void **state)
{
    (void)state;
    struct debug_report report;
    CO_TASK(slow) root;
    struct co_loop *loop = debug_report_loop(&report, 200, 0);
    debug_report_run(loop, TASK(&root, slow));
    char where[64];
    snprintf(where, sizeof(where), "test_debug.c:%d\n", root.fn.line);
    assert_int_equal(debug_report_times(&report, "slow step: slow ran "), 1);
    assert_int_equal(debug_report_times(&report, where), 1);
    assert_int_equal(debug_report_times(&report, "\n"), 1); /* nothing else */
}

/* ---- hangs ---- */

struct hanging {
    struct co_frame co;
    struct debug_report *report;
    int line, waited_ms;
    struct co_op op;
};

/* Goes on only when the watchdog has spoken: it does so while the step runs. */
ASYNC(hanging)
{
    self->line = __LINE__ + 1;
    AWAIT(co_yield(&self->op));
    while (debug_report_times(self->report, "loop hangs") == 0 && self->waited_ms < 10000) {
        block_ms(5);
        self->waited_ms += 5;
    }
    block_ms(150); /* it is said once per step */
    AWAIT(co_yield(&self->op));
}
END_ASYNC

static void test_debug_watchdog_speaks_while_it_hangs(void **state)
{
    (void)state;
    struct debug_report report;
    CO_TASK(hanging) root;
    struct co_loop *loop = debug_report_loop(&report, 1000000, 100);
    debug_report_run(loop, TASK(&root, hanging, .report = &report));
    char where[64];
    snprintf(where, sizeof(where), "test_debug.c:%d\n", root.fn.line);
    assert_int_equal(debug_report_times(&report, "loop hangs: hanging is running for "), 1);
    assert_int_equal(debug_report_times(&report, where), 1);
    assert_int_equal(debug_report_times(&report, "\n"), 1);
}

static void test_debug_watchdog_is_silent_while_the_loop_waits(void **state)
{
    (void)state;
    struct debug_report report;
    CO_TASK(later) root;
    struct co_loop *loop = debug_report_loop(&report, 1000000, 100);
    debug_report_run(loop, TASK(&root, later, .ms = 300, .act = later_cancel, .arg = &root.task.self));
    assert_string_equal(report.text, "");
}

static void test_debug_off_ends_the_watchdog(void **state)
{
    (void)state;
    struct debug_report report;
    struct co_loop *loop =
        debug_report_loop(&report, 50, 20); /* sanitizers start a thread with the first one */
    assert_int_equal(co_loop_set_debug(loop, NULL), 0);
    int before = loop_fixture_thread_count();
    struct co_debug_config config = {50, 20, debug_report_take, &report};
    assert_int_equal(co_loop_set_debug(loop, &config), 0);
    assert_int_equal(loop_fixture_thread_count(), before + 1);
    assert_int_equal(co_loop_set_debug(loop, NULL), 0);
    assert_int_equal(loop_fixture_thread_count(), before);
    assert_int_equal(co_loop_set_debug(loop, NULL), 0); /* again: nothing */
    assert_int_equal(co_loop_set_debug(loop, &config), 0);
    assert_int_equal(co_loop_set_debug(loop, &config), 0); /* anew */
    assert_int_equal(co_loop_free(loop), 0);
    assert_int_equal(loop_fixture_thread_count(), before);
}

/* ---- on the C stack ---- */

enum misplaced { OP_ON_STACK, FRAME_ON_STACK, SELECTED_ON_STACK, LIST_ON_STACK };

struct misplacing {
    struct co_frame co;
    enum misplaced what;
    struct co_op *ops[1];
    struct co_select select;
    struct co_sleep_op nap;
};

ASYNC(misplacing)
{
    struct co_sleep_op nap;
    struct yield_once callee;
    struct co_op *list[1];
    if (self->what == OP_ON_STACK)
        AWAIT(co_sleep(&nap, 1));
    if (self->what == FRAME_ON_STACK)
        AWAIT(CALL(&callee, yield_once));
    if (self->what == SELECTED_ON_STACK) {
        self->ops[0] = co_select_op(co_sleep(&nap, 1));
        AWAIT(co_select(&self->select, self->ops, 1));
    }
    list[0] = co_select_op(co_sleep(&self->nap, 1));
    AWAIT(co_select(&self->select, list, 1));
}
END_ASYNC

static void misplace(enum misplaced what)
{
    struct debug_report report;
    CO_TASK(misplacing) root;
    struct co_loop *loop = debug_report_loop(&report, 1000000, 0);
    debug_report_run(loop, TASK(&root, misplacing, .what = what));
}

static void op_on_stack(void)
{
    misplace(OP_ON_STACK);
}

static void frame_on_stack(void)
{
    misplace(FRAME_ON_STACK);
}

static void selected_on_stack(void)
{
    misplace(SELECTED_ON_STACK);
}

static void list_on_stack(void)
{
    misplace(LIST_ON_STACK);
}

static void test_debug_what_is_on_the_c_stack_aborts(void **state)
{
    (void)state;
    assert_aborts(op_on_stack, "sleep is on the C stack");
    assert_aborts(frame_on_stack, "yield_once is on the C stack");
    assert_aborts(selected_on_stack, "sleep is on the C stack");
    assert_aborts(list_on_stack, "select's list is on the C stack");
}

/* ---- on and off ---- */

static void test_debug_is_for_one_loop_at_a_time(void **state)
{
    (void)state;
    struct debug_report report;
    struct co_debug_config config = {50, 0, debug_report_take, &report};
    struct co_loop *loop = debug_report_loop(&report, 50, 0);
    struct co_loop *other = co_loop_new();
    assert_non_null(other);
    assert_int_equal(co_loop_set_debug(other, &config), -EBUSY);
    assert_int_equal(co_loop_set_debug(other, NULL), 0); /* which is not the one that is on */
    assert_true(co_debug_notes_calls);
    assert_int_equal(co_loop_free(loop), 0);
    assert_int_equal(co_loop_set_debug(other, &config), 0);
    assert_int_equal(co_loop_free(other), 0);
}

static void never(struct co_timer *timer)
{
    (void)timer;
}

static void test_debug_reports_what_is_left_behind(void **state)
{
    (void)state;
    struct debug_report report;
    struct co_timer timer = {.fire = never};
    CO_TASK(yield_once) root;
    struct co_loop *loop = debug_report_loop(&report, 50, 0);
    assert_int_equal(co_loop_run(loop, TASK(&root, yield_once)).code, 0);
    assert_int_equal(co_loop_arm(loop, &timer, 1000), 0);
    assert_int_equal(co_loop_free(loop), 1);
    assert_string_equal(report.text, "left behind: 1 timers\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_debug_reports_a_slow_step),
        cmocka_unit_test(test_debug_watchdog_speaks_while_it_hangs),
        cmocka_unit_test(test_debug_watchdog_is_silent_while_the_loop_waits),
        cmocka_unit_test(test_debug_off_ends_the_watchdog),
        cmocka_unit_test(test_debug_what_is_on_the_c_stack_aborts),
        cmocka_unit_test(test_debug_is_for_one_loop_at_a_time),
        cmocka_unit_test(test_debug_reports_what_is_left_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
