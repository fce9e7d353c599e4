/* Groups: joining and failing together. */
#include "async/group.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "async/sleep.h"
#include "support/async_probe.h"
#include "support/group_child.h"
#include "support/loop_fixture.h"
#include "support/run_child.h"

enum { FOREVER_MS = 600000 };

/* ---- joining ---- */

struct joiner {
    struct co_frame co;
    struct words trace;
    struct co_group group;
    CO_TASK(group_child) a, b, c;
};

ASYNC(joiner)
{
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->a, group_child, .trace = &self->trace, .name = "a", .ms = 8);
        SPAWN(&self->group, &self->b, group_child, .trace = &self->trace, .name = "b", .exit_ms = 4);
        SPAWN(&self->group, &self->c, group_child, .trace = &self->trace, .name = "c", .ms = 2);
        words_add(&self->trace, "started"); /* nothing has run yet */
    }
    END_WITH;
    assert_true(self->a.task.is_done && self->b.task.is_done && self->c.task.is_done);
    words_add(&self->trace, "+");
    /* An empty group does not wait. */
    WITH(co_group_open(co, &self->group, 0)) {
    }
    END_WITH;
    words_add(&self->trace, "empty");
}
END_ASYNC

static void test_group_waits_for_all(void **state)
{
    (void)state;
    CO_TASK(joiner) root;
    loop_fixture_run(TASK(&root, joiner));
    /* Only what does not depend on the speed of the machine: they start in order, and all end first. */
    const char *text = root.fn.trace.text;
    assert_ptr_equal(strstr(text, "startedb-b"), text);
    assert_non_null(strstr(text, "c-c"));
    assert_non_null(strstr(text, "=b"));
    assert_non_null(strstr(text, "a-a"));
    assert_string_equal(text + strlen(text) - strlen("+empty"), "+empty");
}

struct leaf {
    struct co_frame co;
    struct co_group *group;
    int depth;
    unsigned *count;
    int i, r;
    struct co_op op;
};

/* Each starts two more in the group it belongs to. */
ASYNC(leaf)
{
    ++*self->count;
    AWAIT(co_yield(&self->op));
    for (self->i = 0; self->depth > 0 && self->i < 2; self->i++) {
        self->r = SPAWN_NEW(self->group, leaf, .group = self->group, .depth = self->depth - 1,
                            .count = self->count);
        assert_int_equal(self->r, 0);
        AWAIT(co_yield(&self->op));
    }
}
END_ASYNC

struct forest {
    struct co_frame co;
    unsigned count;
    struct co_group group;
};

ASYNC(forest)
{
    WITH(co_group_open(co, &self->group, -1)) {
        assert_int_equal(
            SPAWN_NEW(&self->group, leaf, .group = &self->group, .depth = 9, .count = &self->count), 0);
    }
    END_WITH;
}
END_ASYNC

static void test_group_waits_for_what_its_tasks_start(void **state)
{
    (void)state;
    CO_TASK(forest) root;
    loop_fixture_run(TASK(&root, forest));
    assert_int_equal(root.fn.count, 1023);
}

struct ender {
    struct co_frame co;
    bool is_starting;
    struct co_group group;
    CO_TASK(group_child) child;
};

ASYNC(ender)
{
    WITH(co_group_open(co, &self->group, 1)) {
    }
    END_WITH;
    co_group_cancel(&self->group);
    if (self->is_starting)
        co_group_start(&self->group, TASK(&self->child, group_child));
}
END_ASYNC

static void run_late_start(void)
{
    CO_TASK(ender) root;
    loop_fixture_run(TASK(&root, ender, .is_starting = true));
}

static void test_group_that_has_ended_cannot_be_used(void **state)
{
    (void)state;
    CO_TASK(ender) root;
    loop_fixture_run(TASK(&root, ender)); /* to cancel it does nothing, leaves no timer */
    assert_aborts(run_late_start, "!group->is_closed");
}

/* ---- failing ---- */

struct failing {
    struct co_frame co;
    struct words *trace;
    int errors[3], exit_errors[3]; /* of a, b, c */
    int body_error;
    bool is_body_waiting;
    struct co_group group;
    CO_TASK(group_child) a, b, c;
    struct probe probe;
    struct co_sleep_op sleep;
};

ASYNC(failing)
{
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->a, group_child, .trace = self->trace, .name = "a", .ms = FOREVER_MS,
              .error = self->errors[0], .exit_error = self->exit_errors[0], .exit_ms = -1);
        SPAWN(&self->group, &self->b, group_child, .trace = self->trace, .name = "b", .ms = 1,
              .error = self->errors[1], .exit_error = self->exit_errors[1]);
        SPAWN(&self->group, &self->c, group_child, .trace = self->trace, .name = "c", .ms = FOREVER_MS,
              .error = self->errors[2], .exit_error = self->exit_errors[2]);
        WITH(probe_open(&self->probe, (struct probe){.trace = self->trace, .name = "body"})) {
            AWAIT(co_yield(&self->sleep.op));
            if (self->body_error)
                RAISE(self->body_error, "body");
            if (self->is_body_waiting)
                AWAIT(co_sleep(&self->sleep, FOREVER_MS));
        }
        END_WITH;
    }
    END_WITH;
    words_add(self->trace, "+");
}
END_ASYNC

static void test_group_failure_cancels_the_others_and_is_raised(void **state)
{
    (void)state;
    CO_TASK(failing) root;
    struct words trace = {0};
    struct co_task *task = TASK(&root, failing, .trace = &trace, .errors = {[1] = EIO});
    assert_int_equal(loop_fixture_run_error(task).code, EIO);
    assert_string_equal(trace.text, "-body-b-c-a=a");
    assert_string_equal(task->error.msg, "child");
    assert_int_equal(root.fn.group.failed_count, 1);
    assert_int_equal(root.fn.a.task.error.code, ECANCELED);
}

static void test_group_failure_ends_the_block(void **state)
{
    (void)state;
    CO_TASK(failing) root;
    struct words trace = {0};
    struct co_task *task =
        TASK(&root, failing, .trace = &trace, .is_body_waiting = true, .errors = {[1] = EIO});
    assert_int_equal(loop_fixture_run_error(task).code, EIO);
    assert_string_equal(trace.text, "-b-body-c-a=a");
}

/* A task that is cancelled has ECANCELED first, so that an error of its exit is no failure of its own. */
static void test_group_error_of_a_cancelled_exit_is_no_failure(void **state)
{
    (void)state;
    CO_TASK(failing) root;
    struct words trace = {0};
    struct co_task *task =
        TASK(&root, failing, .trace = &trace, .errors = {[1] = EIO}, .exit_errors = {[0] = EPERM});
    assert_int_equal(loop_fixture_run_error(task).code, EIO);
    assert_int_equal(root.fn.group.failed_count, 1);
    assert_int_equal(root.fn.a.task.error.code, ECANCELED);
}

static void test_group_error_of_the_block_wins(void **state)
{
    (void)state;
    CO_TASK(failing) root;
    struct words trace = {0};
    struct co_task *task = TASK(&root, failing, .trace = &trace, .body_error = EPROTO, .errors = {[1] = EIO});
    assert_int_equal(loop_fixture_run_error(task).code, EPROTO);
    assert_string_equal(trace.text, "-body-c-b-a=a");
    assert_int_equal(root.fn.group.failed_count, 0);
}

struct two_fail {
    struct co_frame co;
    struct words trace;
    struct co_group group;
    CO_TASK(group_child) a, b, c;
};

ASYNC(two_fail)
{
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->a, group_child, .trace = &self->trace, .name = "a", .error = EIO);
        SPAWN(&self->group, &self->b, group_child, .trace = &self->trace, .name = "b", .error = EPERM);
        SPAWN(&self->group, &self->c, group_child, .trace = &self->trace, .name = "c", .exit_error = ENXIO);
    }
    END_WITH;
}
END_ASYNC

static void test_group_raises_the_first_of_several(void **state)
{
    (void)state;
    CO_TASK(two_fail) root;
    assert_int_equal(loop_fixture_run_error(TASK(&root, two_fail)).code, EIO);
    assert_int_equal(root.fn.group.failed_count, 3);
    assert_string_equal(root.fn.trace.text, "-a-bc-c"); /* cancelled, they still run to their first await */
}

/* Nobody has cancelled it: whatever the code, it is an error. */
static void test_group_task_that_only_says_it_was_cancelled_has_failed(void **state)
{
    (void)state;
    CO_TASK(failing) root;
    struct words trace = {0};
    struct co_task *task = TASK(&root, failing, .trace = &trace, .errors = {[1] = ECANCELED});
    assert_int_equal(loop_fixture_run_error(task).code, ECANCELED);
    assert_int_equal(root.fn.group.failed_count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_group_waits_for_all),
        cmocka_unit_test(test_group_waits_for_what_its_tasks_start),
        cmocka_unit_test(test_group_that_has_ended_cannot_be_used),
        cmocka_unit_test(test_group_failure_cancels_the_others_and_is_raised),
        cmocka_unit_test(test_group_failure_ends_the_block),
        cmocka_unit_test(test_group_error_of_a_cancelled_exit_is_no_failure),
        cmocka_unit_test(test_group_error_of_the_block_wins),
        cmocka_unit_test(test_group_raises_the_first_of_several),
        cmocka_unit_test(test_group_task_that_only_says_it_was_cancelled_has_failed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
