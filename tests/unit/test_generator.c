/* Generators: values one at a time, always closed, and as context managers. */
#include "async/generator.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "async/group.h"
#include "async/sleep.h"
#include "async/timeout.h"
#include "support/async_probe.h"
#include "support/run_child.h"
#include "support/virtual_fixture.h"

enum { FOREVER_MS = 3600000 };

/* Counts up to `end` with a pause between, inside a context manager of its own. */
struct counter {
    struct co_frame co;
    struct words *trace;
    int end, pause_ms;
    int error; /* after the last value */
    int exit_ms, exit_error;
    int value;
    struct probe probe;
    struct co_sleep_op nap;
};

ASYNC(counter)
{
    WITH(probe_open(&self->probe, (struct probe){.trace = self->trace,
                                                 .name = "gen",
                                                 .exit_ms = self->exit_ms,
                                                 .exit_error = self->exit_error})) {
        while (self->value < self->end) {
            self->value++;
            YIELD;
            words_add(self->trace, ",");
            if (self->pause_ms)
                AWAIT(co_sleep(&self->nap, self->pause_ms));
        }
        if (self->error)
            RAISE(self->error, "counter");
    }
    END_WITH;
    words_add(self->trace, "+gen");
}
END_ASYNC

/* ---- how the loop is left ---- */

enum leave { TO_THE_END, BREAK, RETURN, FAIL, CONTINUE };

struct consumer {
    struct co_frame co;
    struct words *trace;
    enum leave leave;
    int leave_at, body_ms;
    int end, pause_ms, error, exit_ms, exit_error;
    struct counter counter;
    struct co_iter iter;
    struct co_sleep_op nap;
};

ASYNC(consumer)
{
    ASYNC_FOR(&self->iter, CALL(&self->counter, counter, .trace = self->trace, .end = self->end,
                                .pause_ms = self->pause_ms, .error = self->error, .exit_ms = self->exit_ms,
                                .exit_error = self->exit_error)) {
        words_add(self->trace, "%d", self->counter.value);
        if (self->body_ms)
            AWAIT(co_sleep(&self->nap, self->body_ms));
        if (self->counter.value == self->leave_at) {
            if (self->leave == BREAK)
                break;
            if (self->leave == RETURN)
                return;
            if (self->leave == CONTINUE)
                continue;
            if (self->leave == FAIL)
                RAISE(EIO, "body");
        }
        words_add(self->trace, ".");
    }
    END_FOR;
    words_add(self->trace, "!");
}
END_ASYNC

static void consuming_is(struct consumer plan, int code, const char *text)
{
    CO_TASK(consumer) root;
    struct words trace = {0};
    struct co_task *task = TASK(&root, consumer);
    plan.co = root.fn.co;
    plan.trace = &trace;
    root.fn = plan;
    assert_int_equal(virtual_fixture_run_error(task).code, code);
    assert_string_equal(trace.text, text);
}

static void test_generator_to_its_end(void **state)
{
    (void)state;
    consuming_is((struct consumer){.end = 3}, 0, "1.,2.,3.,-gen+gen!");
    consuming_is((struct consumer){.end = 3, .pause_ms = 5, .body_ms = 7, .exit_ms = 1}, 0,
                 "1.,2.,3.,-gen=gen+gen!");
    consuming_is((struct consumer){.end = 2, .leave = CONTINUE, .leave_at = 1}, 0, "1,2.,-gen+gen!");
    consuming_is((struct consumer){.end = 0}, 0, "-gen+gen!"); /* no value at all */
}

static void test_generator_is_closed_when_left_early(void **state)
{
    (void)state;
    consuming_is((struct consumer){.end = 9, .leave = BREAK, .leave_at = 2}, 0, "1.,2-gen!");
    consuming_is((struct consumer){.end = 9, .leave = RETURN, .leave_at = 2}, 0, "1.,2-gen");
    consuming_is((struct consumer){.end = 9, .leave = BREAK, .leave_at = 1, .exit_ms = 20}, 0, "1-gen=gen!");
    consuming_is((struct consumer){.end = 1, .leave = BREAK, .leave_at = 1, .exit_ms = 20}, 0, "1-gen=gen!");
}

static void test_generator_error_in_the_body(void **state)
{
    (void)state;
    consuming_is((struct consumer){.end = 9, .leave = FAIL, .leave_at = 2}, EIO, "1.,2-gen");
    consuming_is((struct consumer){.end = 9, .leave = FAIL, .leave_at = 1, .exit_ms = 9, .exit_error = EPERM},
                 EIO, "1-gen=gen");
}

static void test_generator_error_in_the_generator(void **state)
{
    (void)state;
    consuming_is((struct consumer){.end = 2, .error = EPERM}, EPERM, "1.,2.,-gen");
    consuming_is((struct consumer){.end = 0, .error = EPERM}, EPERM, "-gen");
    consuming_is((struct consumer){.end = 1, .exit_error = EPERM}, EPERM, "1.,-gen");
}

/* It is told of the close as CO_EGENEXIT. */
static void test_generator_learns_why_it_ends(void **state)
{
    (void)state;
    CO_TASK(consumer) root;
    struct words trace = {0};
    virtual_fixture_run(TASK(&root, consumer, .trace = &trace, .end = 3, .leave = BREAK, .leave_at = 1));
    assert_int_equal(root.fn.counter.probe.seen_error, CO_EGENEXIT);
    virtual_fixture_run(TASK(&root, consumer, .trace = &trace, .end = 3));
    assert_int_equal(root.fn.counter.probe.seen_error, 0);
}

/* ---- cancelled ---- */

struct cancelled {
    struct co_frame co;
    struct words *trace;
    int pause_ms, body_ms, kill_ms;
    struct co_group group;
    CO_TASK(consumer) consumer;
    struct co_sleep_op nap;
};

ASYNC(cancelled)
{
    WITH(co_group_open(co, &self->group, self->kill_ms)) {
        SPAWN(&self->group, &self->consumer, consumer, .trace = self->trace, .end = 9,
              .pause_ms = self->pause_ms, .body_ms = self->body_ms, .exit_ms = 50);
        AWAIT(co_sleep(&self->nap, 15));
        co_group_cancel(&self->group);
    }
    END_WITH;
    assert_int_equal(self->consumer.task.error.code, ECANCELED);
    assert_int_equal(virtual_fixture_ms(co), self->kill_ms < 0 ? 65 : 15 + self->kill_ms);
}
END_ASYNC

static void test_generator_cancelled_inside_it_or_in_the_body(void **state)
{
    (void)state;
    CO_TASK(cancelled) root;
    struct words trace = {0};
    virtual_fixture_run(TASK(&root, cancelled, .trace = &trace, .pause_ms = 10, .kill_ms = -1));
    assert_string_equal(trace.text, "1.,2.,-gen=gen");
    assert_int_equal(root.fn.consumer.fn.counter.probe.seen_error, ECANCELED);

    trace = (struct words){0};
    virtual_fixture_run(TASK(&root, cancelled, .trace = &trace, .body_ms = 10, .kill_ms = -1));
    assert_string_equal(trace.text, "1.,2-gen=gen");
    assert_int_equal(root.fn.consumer.fn.counter.probe.seen_error, CO_EGENEXIT);
}

static void test_generator_killed_while_it_closes(void **state)
{
    (void)state;
    for (int is_in_body = 0; is_in_body <= 1; is_in_body++) {
        CO_TASK(cancelled) root;
        struct words trace = {0};
        virtual_fixture_run(TASK(&root, cancelled, .trace = &trace, .pause_ms = is_in_body ? 0 : 10,
                                 .body_ms = is_in_body ? 10 : 0, .kill_ms = 20));
        assert_string_equal(trace.text, is_in_body ? "1.,2-gen" : "1.,2.,-gen");
    }
}

/* ---- nested ---- */

/* Hands on what another generator yields, times ten. */
struct tenfold {
    struct co_frame co;
    struct words *trace;
    int end, exit_ms;
    int value;
    struct counter counter;
    struct co_iter iter;
};

ASYNC(tenfold)
{
    ASYNC_FOR(&self->iter, CALL(&self->counter, counter, .trace = self->trace, .end = self->end,
                                .exit_ms = self->exit_ms)) {
        self->value = self->counter.value * 10;
        YIELD;
    }
    END_FOR;
    words_add(self->trace, "+ten");
    self->value = 999;
    YIELD;
}
END_ASYNC

struct pipeline {
    struct co_frame co;
    struct words *trace;
    int end, exit_ms, leave_at;
    struct tenfold tenfold;
    struct co_iter iter;
};

ASYNC(pipeline)
{
    ASYNC_FOR(&self->iter, CALL(&self->tenfold, tenfold, .trace = self->trace, .end = self->end,
                                .exit_ms = self->exit_ms)) {
        words_add(self->trace, "%d", self->tenfold.value);
        if (self->tenfold.value == self->leave_at)
            break;
    }
    END_FOR;
    words_add(self->trace, "!");
}
END_ASYNC

static void test_generator_over_a_generator(void **state)
{
    (void)state;
    CO_TASK(pipeline) root;
    struct words trace = {0};
    virtual_fixture_run(TASK(&root, pipeline, .trace = &trace, .end = 2));
    assert_string_equal(trace.text, "10,20,-gen+gen+ten999!");
}

/* Closing the outer one closes the inner one, and ends the outer one all the same. */
static void test_generator_over_a_generator_left_early(void **state)
{
    (void)state;
    for (int exit_ms = 0; exit_ms <= 1; exit_ms++) {
        CO_TASK(pipeline) root;
        struct words trace = {0};
        virtual_fixture_run(
            TASK(&root, pipeline, .trace = &trace, .end = 5, .leave_at = 20, .exit_ms = exit_ms));
        assert_string_equal(trace.text, exit_ms ? "10,20-gen=gen!" : "10,20-gen!");
    }
}

struct zip {
    struct co_frame co;
    struct words trace;
    struct counter a, b;
    struct co_iter iter_a, iter_b;
};

ASYNC(zip)
{
    ASYNC_FOR(&self->iter_a, CALL(&self->a, counter, .trace = &self->trace, .end = 2, .pause_ms = 1)) {
        ASYNC_FOR(&self->iter_b, CALL(&self->b, counter, .trace = &self->trace, .end = 3)) {
            words_add(&self->trace, "%d%d", self->a.value, self->b.value);
            if (self->b.value == 2)
                break;
        }
        END_FOR;
    }
    END_FOR;
}
END_ASYNC

static void test_generator_loops_inside_one_another(void **state)
{
    (void)state;
    CO_TASK(zip) root;
    virtual_fixture_run(TASK(&root, zip));
    assert_string_equal(root.fn.trace.text, "11,12-gen,21,22-gen,-gen+gen");
}

/* ---- opened and not begun ---- */

struct unused {
    struct co_frame co;
    struct words trace;
    struct counter counter;
    struct co_iter iter;
};

ASYNC(unused)
{
    WITH(co_iter_open(co, &self->iter, CALL(&self->counter, counter, .trace = &self->trace, .end = 1))) {
    }
    END_WITH;
    words_add(&self->trace, "!");
}
END_ASYNC

static void test_generator_that_was_not_begun_is_not_run_to_close_it(void **state)
{
    (void)state;
    CO_TASK(unused) root;
    virtual_fixture_run(TASK(&root, unused));
    assert_string_equal(root.fn.trace.text, "!");
}

/* ---- misuse ---- */

enum misuse {
    YIELDS_IN_TIMEOUT,
    YIELDS_IN_GROUP,
    YIELDS_WHEN_CLOSED,
    IS_AWAITED,
    ENTERS_WITHOUT_YIELD,
    YIELDS_TWICE
};

struct bad {
    struct co_frame co;
    enum misuse misuse;
    struct co_timeout timeout;
    struct co_group group;
    struct probe probe;
    struct words trace;
};

ASYNC(bad)
{
    if (self->misuse == YIELDS_IN_TIMEOUT) {
        WITH(co_timeout_open(co, &self->timeout, 10, true)) {
            YIELD;
        }
        END_WITH;
    } else if (self->misuse == YIELDS_IN_GROUP) {
        WITH(co_group_open(co, &self->group, -1)) {
            YIELD;
        }
        END_WITH;
    } else if (self->misuse == YIELDS_WHEN_CLOSED) {
        WITH(probe_open(&self->probe,
                        (struct probe){.trace = &self->trace, .name = "p", .is_suppressing = true})) {
            YIELD;
        }
        END_WITH;
        YIELD;
    } else if (self->misuse != ENTERS_WITHOUT_YIELD) {
        YIELD;
        YIELD;
    }
}
END_ASYNC

struct misuser {
    struct co_frame co;
    enum misuse misuse;
    struct bad bad;
    struct co_iter iter;
};

ASYNC(misuser)
{
    if (self->misuse == IS_AWAITED)
        AWAIT(CALL(&self->bad, bad, .misuse = self->misuse));
    if (self->misuse == ENTERS_WITHOUT_YIELD || self->misuse == YIELDS_TWICE) {
        WITH_GEN(&self->iter, CALL(&self->bad, bad, .misuse = self->misuse)) {
        }
        END_WITH;
    }
    ASYNC_FOR(&self->iter, CALL(&self->bad, bad, .misuse = self->misuse)) {
        break;
    }
    END_FOR;
}
END_ASYNC

static void misuse(enum misuse misuse_)
{
    CO_TASK(misuser) root;
    virtual_fixture_run(TASK(&root, misuser, .misuse = misuse_));
}

static void yield_in_timeout(void)
{
    misuse(YIELDS_IN_TIMEOUT);
}

static void yield_in_group(void)
{
    misuse(YIELDS_IN_GROUP);
}

static void yield_when_closed(void)
{
    misuse(YIELDS_WHEN_CLOSED);
}

static void await_a_generator(void)
{
    misuse(IS_AWAITED);
}

static void enter_without_yield(void)
{
    misuse(ENTERS_WITHOUT_YIELD);
}

static void yield_twice(void)
{
    misuse(YIELDS_TWICE);
}

static void test_generator_misuse_aborts(void **state)
{
    (void)state;
    assert_aborts(yield_in_timeout, "bad yields while a timeout or group of its own is open");
    assert_aborts(yield_in_group, "bad yields while a timeout or group of its own is open");
    assert_aborts(yield_when_closed, "bad yields although it is to end");
    assert_aborts(await_a_generator, "bad yields, but was awaited as a plain coroutine");
    assert_aborts(enter_without_yield, "bad has ended without a YIELD");
    assert_aborts(yield_twice, "bad yields although it is to end");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_generator_to_its_end),
        cmocka_unit_test(test_generator_is_closed_when_left_early),
        cmocka_unit_test(test_generator_error_in_the_body),
        cmocka_unit_test(test_generator_error_in_the_generator),
        cmocka_unit_test(test_generator_learns_why_it_ends),
        cmocka_unit_test(test_generator_cancelled_inside_it_or_in_the_body),
        cmocka_unit_test(test_generator_killed_while_it_closes),
        cmocka_unit_test(test_generator_over_a_generator),
        cmocka_unit_test(test_generator_over_a_generator_left_early),
        cmocka_unit_test(test_generator_loops_inside_one_another),
        cmocka_unit_test(test_generator_that_was_not_begun_is_not_run_to_close_it),
        cmocka_unit_test(test_generator_misuse_aborts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
