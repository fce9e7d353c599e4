/* All the ways to leave context managers: in reverse order, once each. */
#include "async/co.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "async/sleep.h"
#include "async/task.h"
#include "support/async_probe.h"
#include "support/loop_fixture.h"

struct fail {
    struct co_frame co;
};

ASYNC(fail)
{
    RAISE(EPROTO, "on purpose");
}
END_ASYNC

enum leave {
    LEAVE_BY_END,
    LEAVE_BY_RETURN,
    LEAVE_BY_RAISE,
    LEAVE_BY_AWAIT, /* of what fails */
    LEAVE_BY_BREAK,
    LEAVE_BY_CONTINUE,
};

struct three {
    struct co_frame co;
    struct words *trace;
    enum leave leave;
    struct probe plan[3]; /* how a, b and c behave */
    struct probe a, b, c;
    struct fail fail;
};

ASYNC(three)
{
    WITH(probe_open(&self->a, self->plan[0])) {
        WITH(probe_open(&self->b, self->plan[1])) {
            WITH(probe_open(&self->c, self->plan[2])) {
                words_add(self->trace, "body");
                if (self->leave == LEAVE_BY_RETURN)
                    return;
                if (self->leave == LEAVE_BY_RAISE)
                    RAISE(EPROTO, "body");
                if (self->leave == LEAVE_BY_AWAIT)
                    AWAIT(CALL(&self->fail, fail));
                if (self->leave == LEAVE_BY_BREAK)
                    break;
                if (self->leave == LEAVE_BY_CONTINUE)
                    continue;
                words_add(self->trace, "+end");
            }
            END_WITH;
            words_add(self->trace, "+c");
        }
        END_WITH;
        words_add(self->trace, "+b");
    }
    END_WITH;
    words_add(self->trace, "+a");
}
END_ASYNC

/* Runs three(); `plan` says how the managers behave. Returns the error that came out. */
static int leave_three(enum leave leave, const struct probe plan[3], struct words *trace)
{
    static const char *const names[] = {"a", "b", "c"};
    CO_TASK(three) root;
    *trace = (struct words){0};
    struct co_task *task = TASK(&root, three, .trace = trace, .leave = leave);
    for (int i = 0; i < 3; i++) {
        root.fn.plan[i] = plan[i];
        root.fn.plan[i].trace = trace;
        root.fn.plan[i].name = names[i];
    }
    struct co_error error = loop_fixture_run_error(task);
    assert_int_equal(task->exit_depth, 0);
    return error.code;
}

static const struct probe plain[3];

static void test_co_with_leaves_in_reverse_order(void **state)
{
    (void)state;
    struct words trace;
    assert_int_equal(leave_three(LEAVE_BY_END, plain, &trace), 0);
    assert_string_equal(trace.text, "body+end-c+c-b+b-a+a");
    assert_int_equal(leave_three(LEAVE_BY_RETURN, plain, &trace), 0);
    assert_string_equal(trace.text, "body-c-b-a");
    assert_int_equal(leave_three(LEAVE_BY_RAISE, plain, &trace), EPROTO);
    assert_string_equal(trace.text, "body-c-b-a");
    assert_int_equal(leave_three(LEAVE_BY_AWAIT, plain, &trace), EPROTO);
    assert_string_equal(trace.text, "body-c-b-a");
}

static void test_co_break_and_continue_leave_the_innermost_with(void **state)
{
    (void)state;
    struct words trace;
    assert_int_equal(leave_three(LEAVE_BY_BREAK, plain, &trace), 0);
    assert_string_equal(trace.text, "body-c+c-b+b-a+a");
    assert_int_equal(leave_three(LEAVE_BY_CONTINUE, plain, &trace), 0);
    assert_string_equal(trace.text, "body-c+c-b+b-a+a");
}

static void test_co_exits_may_await(void **state)
{
    (void)state;
    static const struct probe slow[3] = {{.exit_ms = 1}, {.exit_ms = -1}, {.exit_ms = 2}};
    struct words trace;
    assert_int_equal(leave_three(LEAVE_BY_END, slow, &trace), 0);
    assert_string_equal(trace.text, "body+end-c=c+c-b=b+b-a=a+a");
    assert_int_equal(leave_three(LEAVE_BY_RETURN, slow, &trace), 0);
    assert_string_equal(trace.text, "body-c=c-b=b-a=a");
    assert_int_equal(leave_three(LEAVE_BY_AWAIT, slow, &trace), EPROTO);
    assert_string_equal(trace.text, "body-c=c-b=b-a=a");
    assert_int_equal(leave_three(LEAVE_BY_BREAK, slow, &trace), 0);
    assert_string_equal(trace.text, "body-c=c+c-b=b+b-a=a+a");
}

static void test_co_finish_suppresses_the_error(void **state)
{
    (void)state;
    static const struct probe middle[3] = {
        {.exit_ms = -1}, {.is_suppressing = true, .exit_ms = -1}, {.exit_ms = 0}};
    static const struct probe inner[3] = {[2] = {.is_suppressing = true}};
    struct words trace;
    assert_int_equal(leave_three(LEAVE_BY_RAISE, middle, &trace), 0);
    assert_string_equal(trace.text, "body-c-b=b+b-a=a+a");
    assert_int_equal(leave_three(LEAVE_BY_AWAIT, inner, &trace), 0);
    assert_string_equal(trace.text, "body-c+c-b+b-a+a");
}

static void test_co_suppressing_does_not_undo_a_return(void **state)
{
    (void)state;
    static const struct probe suppressing[3] = {
        {.is_suppressing = true}, {.is_suppressing = true}, {.exit_ms = 0}};
    struct words trace;
    assert_int_equal(leave_three(LEAVE_BY_RETURN, suppressing, &trace), 0);
    assert_string_equal(trace.text, "body-c-b-a");
}

static void test_co_exit_that_fails_fails_the_block(void **state)
{
    (void)state;
    static const struct probe failing[3] = {
        {.exit_ms = 0}, {.exit_error = EIO, .exit_ms = -1}, {.exit_ms = 0}};
    struct words trace;
    assert_int_equal(leave_three(LEAVE_BY_END, failing, &trace), EIO);
    assert_string_equal(trace.text, "body+end-c+c-b=b-a");
    assert_int_equal(leave_three(LEAVE_BY_RETURN, failing, &trace), EIO);
    assert_string_equal(trace.text, "body-c-b=b-a");
}

static void test_co_first_error_wins_over_those_of_exits(void **state)
{
    (void)state;
    static const struct probe failing[3] = {
        {.exit_error = EPERM}, {.exit_error = EIO}, {.exit_error = ENXIO}};
    struct words trace;
    assert_int_equal(leave_three(LEAVE_BY_RAISE, failing, &trace), EPROTO);
    assert_string_equal(trace.text, "body-c-b-a");
    assert_int_equal(leave_three(LEAVE_BY_END, failing, &trace), ENXIO);
    assert_string_equal(trace.text, "body+end-c-b-a");
}

/* As in Python: the error of the exit takes the place of the return, and when it is gone, too, the
 * coroutine goes on behind the block that suppressed it. */
static void test_co_error_of_an_exit_replaces_a_return(void **state)
{
    (void)state;
    static const struct probe plan[3] = {[1] = {.is_suppressing = true}, [2] = {.exit_error = EIO}};
    struct words trace;
    assert_int_equal(leave_three(LEAVE_BY_RETURN, plan, &trace), 0);
    assert_string_equal(trace.text, "body-c-b+b-a+a");
}

struct outer {
    struct co_frame co;
    struct words *trace;
    int code;
    struct probe x, y;
    struct three three;
};

ASYNC(outer)
{
    WITH(probe_open(&self->x, (struct probe){.trace = self->trace, .name = "x", .exit_ms = -1})) {
        WITH(probe_open(&self->y, (struct probe){.trace = self->trace, .name = "y", .exit_ms = 1})) {
            AWAIT(CALL(&self->three, three, .trace = self->trace, .leave = LEAVE_BY_AWAIT,
                       .plan = {{.trace = self->trace, .name = "a", .exit_ms = 1},
                                {.trace = self->trace, .name = "b"},
                                {.trace = self->trace, .name = "c", .exit_ms = -1}}));
            words_add(self->trace, "never");
        }
        END_WITH;
    }
    END_WITH;
}
END_ASYNC

static void test_co_error_leaves_the_managers_of_all_frames(void **state)
{
    (void)state;
    struct words trace = {0};
    CO_TASK(outer) root;
    (void)loop_fixture_run_error(TASK(&root, outer, .trace = &trace));
    assert_int_equal(root.task.error.code, EPROTO);
    assert_string_equal(trace.text, "body-c=c-b-a=a-y=y-x=x");
    assert_int_equal(root.fn.x.seen_error, EPROTO);
}

struct repeat {
    struct co_frame co;
    int times;
    int i, left;
    struct words trace;
    struct probe probe;
};

ASYNC(repeat)
{
    for (self->i = 0; self->i < self->times; self->i++) {
        self->trace.len = 0;
        WITH(probe_open(&self->probe, (struct probe){.trace = &self->trace, .name = "p", .exit_ms = -1})) {
            if (self->i % 2)
                continue;
        }
        END_WITH;
        assert_string_equal(self->trace.text, "-p=p");
        self->left++;
    }
}
END_ASYNC

static void test_co_manager_can_be_entered_again(void **state)
{
    (void)state;
    CO_TASK(repeat) root;
    loop_fixture_run(TASK(&root, repeat, .times = 1000));
    assert_int_equal(root.fn.left, 1000);
}

struct acquire {
    struct co_frame co;
    struct words *trace;
    struct probe *probe;
    int code;
    struct co_op op;
};

ASYNC(acquire)
{
    AWAIT(co_yield(&self->op));
    if (self->code)
        RAISE(self->code, "cannot");
    words_add(self->trace, "open");
    (void)probe_open(self->probe, (struct probe){.trace = self->trace, .name = "p", .exit_ms = 1});
}
END_ASYNC

struct user {
    struct co_frame co;
    struct words *trace;
    int code;
    struct probe probe;
    struct acquire acquire;
};

ASYNC(user)
{
    ASYNC_WITH(CALL(&self->acquire, acquire, .trace = self->trace, .probe = &self->probe, .code = self->code),
               &self->probe.with) {
        words_add(self->trace, "body");
    }
    END_WITH;
    words_add(self->trace, "+");
}
END_ASYNC

static void test_co_async_with_leaves_only_what_it_entered(void **state)
{
    (void)state;
    struct words trace = {0};
    CO_TASK(user) root;
    loop_fixture_run(TASK(&root, user, .trace = &trace));
    assert_int_equal(root.task.error.code, 0);
    assert_string_equal(trace.text, "openbody-p=p+");

    trace = (struct words){0};
    (void)loop_fixture_run_error(TASK(&root, user, .trace = &trace, .code = EMFILE));
    assert_int_equal(root.task.error.code, EMFILE);
    assert_string_equal(trace.text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_co_with_leaves_in_reverse_order),
        cmocka_unit_test(test_co_break_and_continue_leave_the_innermost_with),
        cmocka_unit_test(test_co_exits_may_await),
        cmocka_unit_test(test_co_finish_suppresses_the_error),
        cmocka_unit_test(test_co_suppressing_does_not_undo_a_return),
        cmocka_unit_test(test_co_exit_that_fails_fails_the_block),
        cmocka_unit_test(test_co_first_error_wins_over_those_of_exits),
        cmocka_unit_test(test_co_error_of_an_exit_replaces_a_return),
        cmocka_unit_test(test_co_error_leaves_the_managers_of_all_frames),
        cmocka_unit_test(test_co_manager_can_be_entered_again),
        cmocka_unit_test(test_co_async_with_leaves_only_what_it_entered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
