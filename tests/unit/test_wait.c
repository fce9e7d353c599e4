/* Waiting for tasks: join, the three modes of wait, gather. */
#include "async/wait.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "async/sleep.h"
#include "async/timeout.h"
#include "support/async_probe.h"
#include "support/virtual_fixture.h"

enum { FOREVER_MS = 3600000, CHILDREN = 4, NONE = -1 };

struct child {
    struct co_frame co;
    int ms;    /* 0: does not suspend */
    int error; /* what it fails with then */
    int exit_ms;
    int result;
    struct words trace;
    struct probe probe;
    struct co_sleep_op nap;
};

ASYNC(child)
{
    WITH(probe_open(&self->probe,
                    (struct probe){.trace = &self->trace, .name = "", .exit_ms = self->exit_ms})) {
        if (self->ms)
            AWAIT(co_sleep(&self->nap, self->ms));
        if (self->error)
            RAISE(self->error, "child");
        self->result = self->ms * 2;
    }
    END_WITH;
}
END_ASYNC

/* ---- join ---- */

struct join {
    struct co_frame co;
    int ms, error;
    bool is_late; /* joins when the task has ended */
    struct co_group group;
    CO_TASK(child) child;
    struct co_sleep_op nap;
    struct co_join_op op;
    int code;
};

ASYNC(join)
{
    WITH(co_group_open(co, &self->group, -1)) {
        self->group.is_tolerant = true;
        SPAWN(&self->group, &self->child, child, .ms = self->ms, .error = self->error);
        if (self->is_late)
            AWAIT(co_sleep(&self->nap, 20));
        TRY_AWAIT(self->code, co_join(&self->op, &self->child.task));
        assert_true(self->child.task.is_done);
        assert_int_equal(virtual_fixture_ms(co), self->is_late ? 20 : self->ms);
    }
    END_WITH;
    assert_int_equal(self->code, self->error);
    assert_int_equal(self->child.fn.result, self->error ? 0 : self->ms * 2);
}
END_ASYNC

static void test_join_waits_and_fails_as_the_task_does(void **state)
{
    (void)state;
    for (int i = 0; i < 8; i++) {
        CO_TASK(join) root;
        virtual_fixture_run(
            TASK(&root, join, .ms = i & 1 ? 10 : 0, .error = i & 2 ? EIO : 0, .is_late = i & 4));
    }
}

struct joiner {
    struct co_frame co;
    struct co_task *task;
    struct co_join_op op;
    int code, woken_ms;
};

ASYNC(joiner)
{
    self->code = NONE;
    TRY_AWAIT(self->code, co_join(&self->op, self->task));
    self->woken_ms = virtual_fixture_ms(co);
}
END_ASYNC

struct joiners {
    struct co_frame co;
    struct co_group group;
    CO_TASK(child) child;
    CO_TASK(joiner) a, b, c, d;
    struct co_sleep_op nap;
};

ASYNC(joiners)
{
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->child, child, .ms = 10);
        SPAWN(&self->group, &self->a, joiner, .task = &self->child.task);
        SPAWN(&self->group, &self->b, joiner, .task = &self->child.task);
        SPAWN(&self->group, &self->c, joiner, .task = &self->child.task);
        SPAWN(&self->group, &self->d, joiner, .task = &self->b.task); /* a chain */
        AWAIT(co_sleep(&self->nap, 5));
        co_cancel(&self->b.task.self);
        AWAIT(co_yield(&self->nap.op));
        assert_true(self->b.task.is_done);
        assert_false(self->child.task.is_done); /* waiting for it did not end it */
    }
    END_WITH;
    assert_int_equal(self->a.fn.woken_ms, 10);
    assert_int_equal(self->c.fn.woken_ms, 10);
    assert_int_equal(self->child.fn.result, 20);
}
END_ASYNC

static void test_join_by_several_of_which_one_is_cancelled(void **state)
{
    (void)state;
    CO_TASK(joiners) root;
    virtual_fixture_run(TASK(&root, joiners));
    assert_int_equal(root.fn.b.fn.woken_ms, 0);
    assert_int_equal(root.fn.b.fn.code, ECANCELED);
}

/* That another task was cancelled is an error like any other to who joins it: caught, nothing ends. */
static void test_join_of_a_cancelled_task_can_be_caught(void **state)
{
    (void)state;
    CO_TASK(joiners) root;
    virtual_fixture_run(TASK(&root, joiners));
    assert_int_equal(root.fn.d.fn.code, ECANCELED);
    assert_int_equal(root.fn.d.fn.woken_ms, 5);
    assert_int_equal(root.fn.d.task.error.code, 0);
}

/* The task ends and the joiner is cancelled in the same turn: the join has happened. */
struct late_cancel {
    struct co_frame co;
    struct co_group group;
    CO_TASK(child) child;
    CO_TASK(joiner) joiner;
    CO_TASK(later) cancel;
};

ASYNC(late_cancel)
{
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->joiner, joiner, .task = &self->child.task);
        SPAWN(&self->group, &self->child, child);
        SPAWN(&self->group, &self->cancel, later, .act = later_cancel, .arg = &self->joiner.task.self);
    }
    END_WITH;
    assert_int_equal(self->joiner.fn.code, 0);
    assert_int_equal(self->joiner.task.error.code, 0);
}
END_ASYNC

static void test_join_keeps_its_result_when_cancelled_too_late(void **state)
{
    (void)state;
    CO_TASK(late_cancel) root;
    virtual_fixture_run(TASK(&root, late_cancel));
}

/* ---- wait ---- */

struct waiting {
    enum co_wait_mode mode;
    int count, before_ms; /* sleeps so long before it waits */
    int ms[CHILDREN], errors[CHILDREN];
    int end_ms, first; /* index, or NONE */
    size_t done_count;
};

struct waiter {
    struct co_frame co;
    const struct waiting *plan;
    struct co_group group;
    CO_TASK(child) children[CHILDREN];
    struct co_task *tasks[CHILDREN];
    struct co_joiner joiners[CHILDREN];
    struct co_sleep_op nap;
    struct co_wait_op wait;
};

ASYNC(waiter)
{
    WITH(co_group_open(co, &self->group, -1)) {
        self->group.is_tolerant = true;
        for (int i = 0; i < self->plan->count; i++) {
            SPAWN(&self->group, &self->children[i], child, .ms = self->plan->ms[i],
                  .error = self->plan->errors[i]);
            self->tasks[i] = &self->children[i].task;
        }
        if (self->plan->before_ms)
            AWAIT(co_sleep(&self->nap, self->plan->before_ms));
        AWAIT(co_wait(&self->wait, self->tasks, self->joiners, (size_t)self->plan->count, self->plan->mode));
        assert_int_equal(virtual_fixture_ms(co), self->plan->end_ms);
        assert_int_equal(self->wait.done_count, self->plan->done_count);
        if (self->plan->first == NONE)
            assert_null(self->wait.first);
        else
            assert_ptr_equal(self->wait.first, self->tasks[self->plan->first]);
    }
    END_WITH;
    for (int i = 0; i < self->plan->count; i++)
        assert_int_equal(self->tasks[i]->error.code, self->plan->errors[i]); /* none was cancelled */
}
END_ASYNC

static void waiting_holds(struct waiting plan)
{
    CO_TASK(waiter) root;
    virtual_fixture_run(TASK(&root, waiter, .plan = &plan));
}

static void test_wait_for_all(void **state)
{
    (void)state;
    waiting_holds((struct waiting){CO_ALL_COMPLETED, 3, .ms = {20, 30, 10}, .end_ms = 30, .first = NONE,
                                   .done_count = 3});
    waiting_holds((struct waiting){CO_ALL_COMPLETED, 3, .ms = {20, 0, 10}, .errors = {0, EIO, EPERM},
                                   .end_ms = 20, .first = NONE, .done_count = 3});
}

static void test_wait_for_the_first(void **state)
{
    (void)state;
    waiting_holds((struct waiting){CO_FIRST_COMPLETED, 3, .ms = {20, 30, 10}, .end_ms = 10, .first = 2,
                                   .done_count = 1});
    waiting_holds((struct waiting){CO_FIRST_COMPLETED, 3, .ms = {20, 10, 30}, .errors = {0, EIO, 0},
                                   .end_ms = 10, .first = 1, .done_count = 1});
}

static void test_wait_for_the_first_failure(void **state)
{
    (void)state;
    waiting_holds((struct waiting){CO_FIRST_EXCEPTION, 4, .ms = {10, 20, 30, 40},
                                   .errors = {0, 0, EIO, EPERM}, .end_ms = 30, .first = 2, .done_count = 3});
    waiting_holds((struct waiting){CO_FIRST_EXCEPTION, 3, .ms = {10, 30, 20}, .end_ms = 30, .first = NONE,
                                   .done_count = 3});
}

static void test_wait_for_what_is_done_already(void **state)
{
    (void)state;
    static const enum co_wait_mode modes[] = {CO_ALL_COMPLETED, CO_FIRST_COMPLETED, CO_FIRST_EXCEPTION};
    for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
        waiting_holds((struct waiting){modes[i], 0, .end_ms = 0, .first = NONE});
        waiting_holds((struct waiting){modes[i], 3, .before_ms = 30, .ms = {10, 20, 5}, .end_ms = 30,
                                       .first = modes[i] == CO_FIRST_COMPLETED ? 0 : NONE, .done_count = 3});
    }
    waiting_holds((struct waiting){CO_FIRST_COMPLETED, 3, .before_ms = 15, .ms = {20, 10, 30}, .end_ms = 15,
                                   .first = 1, .done_count = 1});
    waiting_holds((struct waiting){CO_FIRST_EXCEPTION, 3, .before_ms = 15, .ms = {5, 10, 30},
                                   .errors = {0, EIO, 0}, .end_ms = 15, .first = 1, .done_count = 2});
    /* One was done before, without a failure: it counts, but does not decide. */
    waiting_holds((struct waiting){CO_FIRST_EXCEPTION, 3, .before_ms = 15, .ms = {10, 20, 30},
                                   .errors = {0, EIO, 0}, .end_ms = 20, .first = 1, .done_count = 2});
    waiting_holds((struct waiting){CO_ALL_COMPLETED, 2, .before_ms = 15, .ms = {10, 20}, .end_ms = 20,
                                   .first = NONE, .done_count = 2});
}

/* Cancelled waits leave the tasks alone; the tasks' later ends do not touch what has waited for them. */
struct impatient {
    struct co_frame co;
    struct co_group group;
    CO_TASK(child) a, b;
    struct co_task *tasks[3];
    struct co_joiner joiners[3], other_joiners[2];
    struct co_timeout timeout;
    struct co_wait_op wait;
};

ASYNC(impatient)
{
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->a, child, .ms = 20);
        SPAWN(&self->group, &self->b, child, .ms = 30);
        self->tasks[0] = &self->a.task;
        self->tasks[1] = &self->b.task;
        self->tasks[2] = &self->a.task; /* named twice */
        WITH(co_timeout_open(co, &self->timeout, 5, false)) {
            AWAIT(co_wait(&self->wait, self->tasks, self->joiners, 3, CO_ALL_COMPLETED));
        }
        END_WITH;
        assert_true(self->timeout.has_expired);
        memset(self->joiners, 0xA5, sizeof(self->joiners));
        AWAIT(co_wait(&self->wait, self->tasks, self->other_joiners, 2, CO_FIRST_COMPLETED));
        assert_int_equal(virtual_fixture_ms(co), 20);
        memset(self->other_joiners, 0xA5, sizeof(self->other_joiners));
        AWAIT(co_wait(&self->wait, self->tasks, self->joiners, 3, CO_ALL_COMPLETED));
        assert_int_equal(virtual_fixture_ms(co), 30);
        assert_int_equal(self->wait.done_count, 3);
    }
    END_WITH;
    assert_int_equal(self->a.fn.result + self->b.fn.result, 100);
}
END_ASYNC

static void test_wait_cancelled_leaves_the_tasks_alone(void **state)
{
    (void)state;
    CO_TASK(impatient) root;
    virtual_fixture_run(TASK(&root, impatient));
}

/* ---- gather ---- */

struct gathering {
    struct co_frame co;
    int ms[CHILDREN], errors[CHILDREN];
    int count, limit_ms, exit_ms; /* limit_ms 0: none */
    bool return_errors;
    CO_TASK(child) children[CHILDREN];
    struct co_task *tasks[CHILDREN];
    struct co_gather gather;
    struct co_timeout timeout;
};

ASYNC(gathering)
{
    for (int i = 0; i < self->count; i++)
        self->tasks[i] = TASK(&self->children[i], child, .ms = self->ms[i], .error = self->errors[i],
                              .exit_ms = self->exit_ms);
    WITH(co_timeout_open(co, &self->timeout, self->limit_ms ? self->limit_ms : -1, true)) {
        AWAIT(CALL(&self->gather, co_gather, .tasks = self->tasks, .count = (size_t)self->count,
                   .return_errors = self->return_errors));
    }
    END_WITH;
}
END_ASYNC

#define GATHER(root, ...) virtual_fixture_run_error(TASK(root, gathering, __VA_ARGS__)).code

static void test_gather_waits_for_all(void **state)
{
    (void)state;
    CO_TASK(gathering) root;
    assert_int_equal(GATHER(&root, .count = 3, .ms = {10, 30, 20}), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(root.fn.children[i].fn.result, root.fn.ms[i] * 2);
    assert_int_equal(GATHER(&root, .count = 0), 0);
    assert_int_equal(GATHER(&root, .count = 3), 0); /* none suspends */
}

static void test_gather_failure_cancels_the_others(void **state)
{
    (void)state;
    CO_TASK(gathering) root;
    assert_int_equal(
        GATHER(&root, .count = 4, .ms = {FOREVER_MS, 30, 10, 20}, .errors = {[1] = EPERM, [3] = EIO}), EIO);
    assert_string_equal(root.task.error.msg, "child");
    assert_int_equal(root.fn.children[0].task.error.code, ECANCELED);
    assert_int_equal(root.fn.children[1].task.error.code, ECANCELED);
    assert_int_equal(root.fn.children[2].fn.result, 20);
    for (int i = 0; i < 4; i++)
        assert_string_equal(root.fn.children[i].fn.trace.text, "-"); /* all have left */
}

static void test_gather_failure_waits_for_the_exits_of_the_others(void **state)
{
    (void)state;
    CO_TASK(gathering) root;
    assert_int_equal(
        GATHER(&root, .count = 3, .ms = {FOREVER_MS, 10, FOREVER_MS}, .errors = {[1] = EIO}, .exit_ms = 50),
        EIO);
    for (int i = 0; i < 3; i++)
        assert_string_equal(root.fn.children[i].fn.trace.text, "-=");
}

static void test_gather_returns_errors(void **state)
{
    (void)state;
    CO_TASK(gathering) root;
    assert_int_equal(
        GATHER(&root, .count = 4, .ms = {20, 0, 10, 30}, .errors = {0, EIO, EPERM, 0}, .return_errors = true),
        0);
    for (int i = 0; i < 4; i++)
        assert_int_equal(root.fn.children[i].task.error.code, root.fn.errors[i]);
    assert_int_equal(root.fn.children[0].fn.result, 40);
    assert_int_equal(root.fn.children[3].fn.result, 60);
    assert_int_equal(root.fn.gather.group.failed_count, 2);
}

static void test_gather_passes_a_cancel_on(void **state)
{
    (void)state;
    for (int return_errors = 0; return_errors <= 1; return_errors++) {
        CO_TASK(gathering) root;
        assert_int_equal(GATHER(&root, .count = 3, .ms = {FOREVER_MS, 10, FOREVER_MS}, .limit_ms = 20,
                                .exit_ms = 5, .return_errors = return_errors),
                         ETIMEDOUT);
        assert_int_equal(root.fn.children[0].task.error.code, ECANCELED);
        assert_int_equal(root.fn.children[1].task.error.code, 0);
        assert_int_equal(root.fn.children[2].task.error.code, ECANCELED);
        for (int i = 0; i < 3; i++)
            assert_string_equal(root.fn.children[i].fn.trace.text, "-=");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_join_waits_and_fails_as_the_task_does),
        cmocka_unit_test(test_join_by_several_of_which_one_is_cancelled),
        cmocka_unit_test(test_join_of_a_cancelled_task_can_be_caught),
        cmocka_unit_test(test_join_keeps_its_result_when_cancelled_too_late),
        cmocka_unit_test(test_wait_for_all),
        cmocka_unit_test(test_wait_for_the_first),
        cmocka_unit_test(test_wait_for_the_first_failure),
        cmocka_unit_test(test_wait_for_what_is_done_already),
        cmocka_unit_test(test_wait_cancelled_leaves_the_tasks_alone),
        cmocka_unit_test(test_gather_waits_for_all),
        cmocka_unit_test(test_gather_failure_cancels_the_others),
        cmocka_unit_test(test_gather_failure_waits_for_the_exits_of_the_others),
        cmocka_unit_test(test_gather_returns_errors),
        cmocka_unit_test(test_gather_passes_a_cancel_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
