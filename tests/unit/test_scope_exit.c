/* Cancelling and killing: exits, shields, and scopes opened in exits. */
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
#include "support/loop_fixture.h"
#include "support/scope_block.h"

enum { FOREVER_MS = 600000 };

/* ---- exits ---- */

struct leaver {
    struct co_frame co;
    struct words *trace;
    int exit_ms;   /* of the inner probe; the outer one gives way once */
    bool is_quick; /* leaves without an await, before anybody cancels */
    struct probe a, b;
    struct co_sleep_op sleep;
};

ASYNC(leaver)
{
    WITH(probe_open(&self->a, (struct probe){.trace = self->trace, .name = "a", .exit_ms = -1})) {
        WITH(probe_open(&self->b,
                        (struct probe){.trace = self->trace, .name = "b", .exit_ms = self->exit_ms})) {
            if (!self->is_quick)
                AWAIT(co_sleep(&self->sleep, FOREVER_MS));
        }
        END_WITH;
        words_add(self->trace, "+");
    }
    END_WITH;
}
END_ASYNC

struct leavers {
    struct co_frame co;
    struct words *trace;
    int exit_ms;
    int cancel_ms, kill_ms; /* 0: at once; < 0: never */
    bool is_quick;
    struct co_group group;
    struct scope_block block;
    CO_TASK(leaver) leaver;
    struct co_scope *scope;
    CO_TASK(later) cancel, kill;
};

ASYNC(leavers)
{
    self->scope = &self->leaver.task.self;
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->leaver, leaver, .trace = self->trace, .exit_ms = self->exit_ms,
              .is_quick = self->is_quick);
        if (self->cancel_ms >= 0)
            SPAWN(&self->group, &self->cancel, later, .ms = self->cancel_ms, .act = later_cancel,
                  .arg = self->scope);
        if (self->kill_ms >= 0)
            SPAWN(&self->group, &self->kill, later, .ms = self->kill_ms, .act = later_kill,
                  .arg = self->scope);
    }
    END_WITH;
}
END_ASYNC

static int leave_with(struct leavers plan, struct words *trace)
{
    CO_TASK(leavers) root;
    *trace = (struct words){0};
    struct co_task *task =
        TASK(&root, leavers, .trace = trace, .exit_ms = plan.exit_ms, .cancel_ms = plan.cancel_ms,
             .kill_ms = plan.kill_ms, .is_quick = plan.is_quick);
    loop_fixture_run(task);
    return root.fn.leaver.task.error.code;
}

static void test_scope_exits_await_although_cancelled(void **state)
{
    (void)state;
    struct words trace;
    assert_int_equal(leave_with((struct leavers){.exit_ms = 3, .cancel_ms = 1, .kill_ms = -1}, &trace),
                     ECANCELED);
    assert_string_equal(trace.text, "-b=b-a=a");
    assert_int_equal(leave_with((struct leavers){.exit_ms = 3, .kill_ms = -1}, &trace), ECANCELED);
    assert_string_equal(trace.text, "-b=b-a=a");
}

static void test_scope_cancel_during_an_exit_waits_for_its_end(void **state)
{
    (void)state;
    struct words trace;
    struct leavers plan = {.exit_ms = 5, .cancel_ms = 1, .kill_ms = -1, .is_quick = true};
    assert_int_equal(leave_with(plan, &trace), 0);
    assert_string_equal(trace.text, "-b=b+-a=a");
}

static void test_scope_kill_ends_an_awaiting_exit(void **state)
{
    (void)state;
    struct words trace;
    struct leavers plan = {.exit_ms = FOREVER_MS, .cancel_ms = 1, .kill_ms = 3};
    assert_int_equal(leave_with(plan, &trace), ECANCELED);
    assert_string_equal(trace.text, "-b-a"); /* both begin, none awaits to the end */
    plan.is_quick = true;
    assert_int_equal(leave_with(plan, &trace), ECANCELED);
    assert_string_equal(trace.text, "-b-a");
}

static void test_scope_kill_without_cancel_leaves_everything(void **state)
{
    (void)state;
    struct words trace;
    struct leavers plan = {.exit_ms = FOREVER_MS, .cancel_ms = -1, .kill_ms = 1};
    assert_int_equal(leave_with(plan, &trace), ECANCELED);
    assert_string_equal(trace.text, "-b-a");
    plan.kill_ms = 0;
    plan.cancel_ms = 1; /* later: changes nothing */
    assert_int_equal(leave_with(plan, &trace), ECANCELED);
    assert_string_equal(trace.text, "-b-a");
}

/* ---- shields, and scopes opened in exits ---- */

struct shielded {
    struct co_frame co;
    struct words *trace;
    void (*act)(void *scope);
    struct co_group group;
    CO_TASK(later) later;
    struct scope_block outer, shield;
    struct co_sleep_op sleep;
};

ASYNC(shielded)
{
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->later, later, .yields = 1, .act = self->act, .arg = &self->outer.scope);
        WITH(scope_block_open(co, &self->outer, false)) {
            WITH(scope_block_open(co, &self->shield, true)) {
                AWAIT(co_sleep(&self->sleep, 3));
                assert_false(co_scope_is_cancelled(&self->shield.scope));
                assert_false(co_scope_is_cancelled_outside(&self->shield.scope));
                assert_true(co_scope_is_cancelled(&self->outer.scope));
                words_add(self->trace, "shielded");
            }
            END_WITH;
            AWAIT(co_yield(&self->sleep.op));
            words_add(self->trace, "never");
        }
        END_WITH;
        words_add(self->trace, "+outer");
    }
    END_WITH;
}
END_ASYNC

static void test_scope_shield_hides_the_cancel_but_not_the_kill(void **state)
{
    (void)state;
    CO_TASK(shielded) root;
    struct words trace = {0};
    loop_fixture_run(TASK(&root, shielded, .trace = &trace, .act = later_cancel));
    assert_string_equal(trace.text, "shielded+outer");

    trace = (struct words){0};
    loop_fixture_run(TASK(&root, shielded, .trace = &trace, .act = later_kill));
    assert_string_equal(trace.text, "+outer");
}

/* An exit that opens scopes of its own. */
struct careful_exit {
    struct co_frame co;
    struct words *trace;
    int flush_ms, limit_ms;
    struct co_timeout limit;
    struct scope_block block;
    struct co_sleep_op sleep;
};

ASYNC(careful_exit)
{
    WITH(scope_block_open(co, &self->block, false)) {
        assert_false(co_scope_is_cancelled_outside(&self->block.scope) && self->limit_ms > 0);
        AWAIT(co_yield(&self->sleep.op));
        words_add(self->trace, "scope");
        co_cancel(&self->block.scope);
        AWAIT(co_yield(&self->sleep.op));
        words_add(self->trace, "never");
    }
    END_WITH;
    WITH(co_timeout_open(co, &self->limit, self->limit_ms, false)) {
        AWAIT(co_sleep(&self->sleep, self->flush_ms));
        words_add(self->trace, "flushed");
    }
    END_WITH;
    words_add(self->trace, self->limit.has_expired ? "expired" : "");
    AWAIT(co_yield(&self->sleep.op));
    words_add(self->trace, "end");
}
END_ASYNC

struct careful {
    struct co_frame co;
    struct words *trace;
    int flush_ms, limit_ms;
    struct co_with with;
    struct careful_exit leaving;
    struct co_sleep_op sleep;
};

static struct co_call careful_leave(struct co_task *task, struct co_with *with)
{
    struct careful *careful = container_of(with, struct careful, with);
    (void)task;
    return CALL(&careful->leaving, careful_exit, .trace = careful->trace, .flush_ms = careful->flush_ms,
                .limit_ms = careful->limit_ms);
}

ASYNC(careful)
{
    co_with_init(&self->with, careful_leave, NULL);
    WITH(&self->with) {
        AWAIT(co_sleep(&self->sleep, FOREVER_MS));
    }
    END_WITH;
}
END_ASYNC

struct careful_root {
    struct co_frame co;
    struct words trace;
    int flush_ms, limit_ms, kill_ms;
    struct co_group group;
    CO_TASK(careful) careful;
    struct co_op op;
};

ASYNC(careful_root)
{
    WITH(co_group_open(co, &self->group, self->kill_ms)) {
        SPAWN(&self->group, &self->careful, careful, .trace = &self->trace, .flush_ms = self->flush_ms,
              .limit_ms = self->limit_ms);
        AWAIT(co_yield(&self->op));
        co_group_cancel(&self->group);
    }
    END_WITH;
}
END_ASYNC

static void test_scope_opened_in_an_exit_does_not_see_the_cancel(void **state)
{
    (void)state;
    CO_TASK(careful_root) root;
    loop_fixture_run(TASK(&root, careful_root, .flush_ms = 1, .limit_ms = FOREVER_MS, .kill_ms = -1));
    assert_string_equal(root.fn.trace.text, "scopeflushedend");
}

static void test_scope_opened_in_an_exit_can_expire(void **state)
{
    (void)state;
    CO_TASK(careful_root) root;
    loop_fixture_run(TASK(&root, careful_root, .flush_ms = FOREVER_MS, .limit_ms = 2, .kill_ms = -1));
    assert_string_equal(root.fn.trace.text, "scopeexpiredend");
}

static void test_scope_opened_in_an_exit_is_killed(void **state)
{
    (void)state;
    CO_TASK(careful_root) root;
    loop_fixture_run(TASK(&root, careful_root, .flush_ms = FOREVER_MS, .limit_ms = FOREVER_MS, .kill_ms = 5));
    assert_string_equal(root.fn.trace.text, "scope");
    assert_int_equal(root.fn.careful.task.error.code, ECANCELED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scope_exits_await_although_cancelled),
        cmocka_unit_test(test_scope_cancel_during_an_exit_waits_for_its_end),
        cmocka_unit_test(test_scope_kill_ends_an_awaiting_exit),
        cmocka_unit_test(test_scope_kill_without_cancel_leaves_everything),
        cmocka_unit_test(test_scope_shield_hides_the_cancel_but_not_the_kill),
        cmocka_unit_test(test_scope_opened_in_an_exit_does_not_see_the_cancel),
        cmocka_unit_test(test_scope_opened_in_an_exit_can_expire),
        cmocka_unit_test(test_scope_opened_in_an_exit_is_killed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
