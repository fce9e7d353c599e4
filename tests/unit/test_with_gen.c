/* Generators as context managers: what is before the YIELD enters, what is after it leaves. */
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
#include "support/virtual_fixture.h"

enum { FOREVER_MS = 3600000 };

/* "(" entered, ")" left; the part after the YIELD runs when nothing failed or the error was caught. */
struct lease {
    struct co_frame co;
    struct words *trace;
    int enter_ms, enter_error;
    bool is_catching;
    int raise; /* instead of what was caught */
    int leave_ms, leave_error;
    int caught;
    struct probe probe;
    struct co_sleep_op nap;
};

ASYNC(lease)
{
    if (self->enter_ms)
        AWAIT(co_sleep(&self->nap, self->enter_ms));
    if (self->enter_error)
        RAISE(self->enter_error, "enter");
    words_add(self->trace, "(");
    WITH(probe_open(&self->probe,
                    (struct probe){.trace = self->trace, .name = "p", .exit_ms = self->leave_ms})) {
        if (self->is_catching)
            TRY_YIELD(self->caught);
        else
            YIELD;
        words_add(self->trace, "_");
        if (self->leave_ms)
            AWAIT(co_sleep(&self->nap, self->leave_ms));
        if (self->raise)
            RAISE(self->raise, "lease");
    }
    END_WITH;
    if (self->leave_error)
        RAISE(self->leave_error, "leave");
    words_add(self->trace, ")");
}
END_ASYNC

struct user {
    struct co_frame co;
    struct words *trace;
    int body_ms, error;
    bool is_returning;
    struct lease plan;
    struct lease lease;
    struct co_iter iter;
    struct co_sleep_op nap;
};

ASYNC(user)
{
    WITH_GEN(&self->iter, CALL(&self->lease, lease, .trace = self->trace, .enter_ms = self->plan.enter_ms,
                               .enter_error = self->plan.enter_error, .is_catching = self->plan.is_catching,
                               .raise = self->plan.raise, .leave_ms = self->plan.leave_ms,
                               .leave_error = self->plan.leave_error)) {
        words_add(self->trace, "body");
        if (self->body_ms)
            AWAIT(co_sleep(&self->nap, self->body_ms));
        if (self->error)
            RAISE(self->error, "body");
        if (self->is_returning)
            return;
        words_add(self->trace, ".");
    }
    END_WITH;
    words_add(self->trace, "!");
}
END_ASYNC

#define USE(root, ...) virtual_fixture_run_error(TASK(root, user, .trace = &trace, __VA_ARGS__))

static void test_with_gen_enters_and_leaves(void **state)
{
    (void)state;
    CO_TASK(user) root;
    struct words trace = {0};
    assert_int_equal(USE(&root, .body_ms = 0).code, 0);
    assert_string_equal(trace.text, "(body._-p)!");

    trace = (struct words){0};
    assert_int_equal(USE(&root, .body_ms = 5, .plan.enter_ms = 5, .plan.leave_ms = 5).code, 0);
    assert_string_equal(trace.text, "(body._-p=p)!");

    trace = (struct words){0};
    assert_int_equal(USE(&root, .is_returning = true, .plan.leave_ms = 5).code, 0);
    assert_string_equal(trace.text, "(body_-p=p)");
    assert_int_equal(root.fn.lease.caught, 0);
}

static void test_with_gen_enter_fails(void **state)
{
    (void)state;
    CO_TASK(user) root;
    struct words trace = {0};
    assert_int_equal(USE(&root, .plan.enter_ms = 5, .plan.enter_error = EIO).code, EIO);
    assert_string_equal(trace.text, "");
}

static void test_with_gen_error_of_the_body_is_raised_at_the_yield(void **state)
{
    (void)state;
    CO_TASK(user) root;
    struct words trace = {0};
    struct co_error error = USE(&root, .error = EIO, .plan.leave_ms = 5);
    assert_int_equal(error.code, EIO);
    assert_string_equal(error.msg, "body"); /* where it arose is not forgotten on the way */
    assert_string_equal(trace.text, "(body-p=p");
    assert_int_equal(root.fn.lease.probe.seen_error, EIO);
}

static void test_with_gen_error_is_suppressed_by_who_catches_it(void **state)
{
    (void)state;
    CO_TASK(user) root;
    struct words trace = {0};
    assert_int_equal(USE(&root, .error = EIO, .plan.is_catching = true, .plan.leave_ms = 5).code, 0);
    assert_string_equal(trace.text, "(body_-p=p)!");
    assert_int_equal(root.fn.lease.caught, EIO);

    trace = (struct words){0};
    assert_int_equal(USE(&root, .plan.is_catching = true).code, 0);
    assert_string_equal(trace.text, "(body._-p)!");
    assert_int_equal(root.fn.lease.caught, 0);
}

/* What comes out of the generator is what comes out of the block. */
static void test_with_gen_error_of_its_own(void **state)
{
    (void)state;
    CO_TASK(user) root;
    struct words trace = {0};
    assert_int_equal(USE(&root, .plan.leave_error = EPERM).code, EPERM);
    assert_string_equal(trace.text, "(body._-p");

    struct co_error error = USE(&root, .error = EIO, .plan.is_catching = true, .plan.raise = EPERM);
    assert_int_equal(error.code, EPERM);
    assert_string_equal(error.msg, "lease");
}

/* ---- cancelled ---- */

struct cancelled {
    struct co_frame co;
    struct words *trace;
    int kill_ms;
    struct co_group group;
    CO_TASK(user) user;
    struct co_sleep_op nap;
};

ASYNC(cancelled)
{
    WITH(co_group_open(co, &self->group, self->kill_ms)) {
        SPAWN(&self->group, &self->user, user, .trace = self->trace, .body_ms = FOREVER_MS,
              .plan.is_catching = true, .plan.leave_ms = 50);
        AWAIT(co_sleep(&self->nap, 10));
        co_group_cancel(&self->group);
    }
    END_WITH;
    assert_int_equal(self->user.task.error.code, ECANCELED);
    assert_int_equal(virtual_fixture_ms(co), self->kill_ms < 0 ? 60 : 10 + self->kill_ms);
}
END_ASYNC

/* It may clean up, even await, but not swallow the cancel; a kill cuts that short, too. */
static void test_with_gen_cannot_suppress_a_cancel(void **state)
{
    (void)state;
    CO_TASK(cancelled) root;
    struct words trace = {0};
    virtual_fixture_run(TASK(&root, cancelled, .trace = &trace, .kill_ms = -1));
    assert_string_equal(trace.text, "(body-p=p");

    trace = (struct words){0};
    virtual_fixture_run(TASK(&root, cancelled, .trace = &trace, .kill_ms = 20));
    assert_string_equal(trace.text, "(body-p");
}

struct cancelled_enter {
    struct co_frame co;
    struct words trace;
    struct co_group group;
    CO_TASK(user) user;
    struct co_sleep_op nap;
};

ASYNC(cancelled_enter)
{
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->user, user, .trace = &self->trace, .plan.enter_ms = 20);
        AWAIT(co_sleep(&self->nap, 10));
        co_group_cancel(&self->group);
    }
    END_WITH;
}
END_ASYNC

static void test_with_gen_cancelled_while_it_enters(void **state)
{
    (void)state;
    CO_TASK(cancelled_enter) root;
    virtual_fixture_run(TASK(&root, cancelled_enter));
    assert_string_equal(root.fn.trace.text, "");
}

/* ---- with a scope of its own around the YIELD: here that is what it is for ---- */

struct limit {
    struct co_frame co;
    int ms;
    bool is_raising;
    struct co_timeout timeout;
};

ASYNC(limit)
{
    WITH(co_timeout_open(co, &self->timeout, self->ms, self->is_raising)) {
        YIELD;
    }
    END_WITH;
}
END_ASYNC

struct limited {
    struct co_frame co;
    struct words trace;
    bool is_raising;
    int ms;
    struct limit limit;
    struct co_iter iter;
    struct co_sleep_op nap;
};

ASYNC(limited)
{
    WITH_GEN(&self->iter, CALL(&self->limit, limit, .ms = 10, .is_raising = self->is_raising)) {
        AWAIT(co_sleep(&self->nap, self->ms));
        words_add(&self->trace, ".");
    }
    END_WITH;
    words_add(&self->trace, "!");
    AWAIT(co_sleep(&self->nap, 1)); /* outside of the limit */
    words_add(&self->trace, "!");
}
END_ASYNC

static void test_with_gen_around_a_timeout(void **state)
{
    (void)state;
    CO_TASK(limited) root;
    virtual_fixture_run(TASK(&root, limited, .ms = 5, .is_raising = true));
    assert_string_equal(root.fn.trace.text, ".!!");
    virtual_fixture_run(TASK(&root, limited, .ms = 15));
    assert_string_equal(root.fn.trace.text, "!!");
    assert_true(root.fn.limit.timeout.has_expired);
    assert_int_equal(virtual_fixture_run_error(TASK(&root, limited, .ms = 15, .is_raising = true)).code,
                     ETIMEDOUT);
    assert_string_equal(root.fn.trace.text, "");
}

struct fail_later {
    struct co_frame co;
    int ms, error;
    struct co_sleep_op nap;
};

ASYNC(fail_later)
{
    AWAIT(co_sleep(&self->nap, self->ms));
    if (self->error)
        RAISE(self->error, "child");
}
END_ASYNC

/* A manager that keeps a task running while its block runs. */
struct service {
    struct co_frame co;
    int ms, error;
    struct co_group group;
    CO_TASK(fail_later) child;
};

ASYNC(service)
{
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->child, fail_later, .ms = self->ms, .error = self->error);
        YIELD;
        co_group_cancel(&self->group);
    }
    END_WITH;
}
END_ASYNC

struct client {
    struct co_frame co;
    int ms, child_ms, child_error;
    struct service service;
    struct co_iter iter;
    struct co_sleep_op nap;
};

ASYNC(client)
{
    WITH_GEN(&self->iter, CALL(&self->service, service, .ms = self->child_ms, .error = self->child_error)) {
        AWAIT(co_sleep(&self->nap, self->ms));
    }
    END_WITH;
}
END_ASYNC

static void test_with_gen_around_a_group(void **state)
{
    (void)state;
    CO_TASK(client) root;
    virtual_fixture_run(TASK(&root, client, .ms = 5, .child_ms = FOREVER_MS));
    assert_int_equal(root.fn.service.child.task.error.code, ECANCELED);
    struct co_error error =
        virtual_fixture_run_error(TASK(&root, client, .ms = FOREVER_MS, .child_ms = 5, .child_error = EIO));
    assert_int_equal(error.code, EIO);
    assert_string_equal(error.msg, "child");
}

/* ---- one in a loop over the other ---- */

struct numbers {
    struct co_frame co;
    struct words *trace;
    int value;
    struct lease lease;
    struct co_iter iter;
};

ASYNC(numbers)
{
    WITH_GEN(&self->iter, CALL(&self->lease, lease, .trace = self->trace, .is_catching = true)) {
        for (self->value = 1;; self->value++)
            YIELD;
    }
    END_WITH;
    words_add(self->trace, "never");
}
END_ASYNC

struct reader {
    struct co_frame co;
    struct words trace;
    struct numbers numbers;
    struct co_iter iter;
};

ASYNC(reader)
{
    ASYNC_FOR(&self->iter, CALL(&self->numbers, numbers, .trace = &self->trace)) {
        words_add(&self->trace, "%d", self->numbers.value);
        if (self->numbers.value == 3)
            break;
    }
    END_FOR;
    words_add(&self->trace, "!");
}
END_ASYNC

/* The close of a generator goes through its managers, which cannot stop it. */
static void test_with_gen_inside_a_generator_that_is_closed(void **state)
{
    (void)state;
    CO_TASK(reader) root;
    virtual_fixture_run(TASK(&root, reader));
    assert_string_equal(root.fn.trace.text, "(123-p!");
    assert_int_equal(root.fn.numbers.lease.caught, CO_EGENEXIT); /* told, but not caught */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_with_gen_enters_and_leaves),
        cmocka_unit_test(test_with_gen_enter_fails),
        cmocka_unit_test(test_with_gen_error_of_the_body_is_raised_at_the_yield),
        cmocka_unit_test(test_with_gen_error_is_suppressed_by_who_catches_it),
        cmocka_unit_test(test_with_gen_error_of_its_own),
        cmocka_unit_test(test_with_gen_cannot_suppress_a_cancel),
        cmocka_unit_test(test_with_gen_cancelled_while_it_enters),
        cmocka_unit_test(test_with_gen_around_a_timeout),
        cmocka_unit_test(test_with_gen_around_a_group),
        cmocka_unit_test(test_with_gen_inside_a_generator_that_is_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
