/* Cancelling and killing: who notices, when, and who does not. */
#include "async/scope.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "async/event.h"
#include "async/group.h"
#include "async/queue.h"
#include "async/sleep.h"
#include "support/async_probe.h"
#include "support/loop_fixture.h"
#include "support/run_child.h"
#include "support/scope_block.h"

enum { FOREVER_MS = 600000 };

/* ---- cancelled ---- */

struct refused {
    struct co_frame co;
    struct words trace;
    struct co_queue queue;
    struct list_link items[2];
    struct scope_block block;
    struct co_queue_op op;
    int code;
};

ASYNC(refused)
{
    co_queue_init(&self->queue, 2);
    assert_int_equal(co_queue_try_put(&self->queue, &self->items[0]), 0);
    self->code = -1;
    WITH(scope_block_open(co, &self->block, false)) {
        co_cancel(&self->block.scope);
        co_cancel(&self->block.scope);
        words_add(&self->trace, "body");
        TRY_AWAIT(self->code, co_queue_get(&self->queue, &self->op));
        words_add(&self->trace, "never");
    }
    END_WITH;
    assert_int_equal(self->code, ECANCELED); /* told, but not caught */
    assert_int_equal(self->queue.items.count, 1);
    WITH(scope_block_open(co, &self->block, false)) {
        co_cancel(&self->block.scope);
        AWAIT(co_queue_put(&self->queue, &self->op, &self->items[1]));
        words_add(&self->trace, "never");
    }
    END_WITH;
    assert_int_equal(self->queue.items.count, 1);
    words_add(&self->trace, "+");
    AWAIT(co_queue_get(&self->queue, &self->op));
    assert_ptr_equal(self->op.item, &self->items[0]);
}
END_ASYNC

static void test_scope_cancelled_await_does_not_begin_and_is_not_caught(void **state)
{
    (void)state;
    CO_TASK(refused) root;
    loop_fixture_run(TASK(&root, refused));
    assert_string_equal(root.fn.trace.text, "body+");
}

struct aborted {
    struct co_frame co;
    struct words trace;
    struct co_group group;
    CO_TASK(later) later;
    struct scope_block outer, inner;
    struct co_scope *target; /* what `later` cancels */
    struct co_sleep_op sleep;
};

ASYNC(aborted)
{
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->later, later, .yields = 1, .act = later_cancel, .arg = self->target);
        WITH(scope_block_open(co, &self->outer, false)) {
            WITH(scope_block_open(co, &self->inner, false)) {
                AWAIT(co_sleep(&self->sleep, FOREVER_MS));
                words_add(&self->trace, "never");
            }
            END_WITH;
            words_add(&self->trace, "+inner");
            AWAIT(co_yield(&self->sleep.op));
            words_add(&self->trace, "+await");
        }
        END_WITH;
        words_add(&self->trace, "+outer");
        AWAIT(co_yield(&self->sleep.op));
        words_add(&self->trace, "+await");
    }
    END_WITH;
}
END_ASYNC

static void test_scope_cancel_ends_the_wait_and_the_scope_it_is_for(void **state)
{
    (void)state;
    CO_TASK(aborted) root;
    struct co_task *task = TASK(&root, aborted);
    root.fn.target = &root.fn.inner.scope;
    loop_fixture_run(task);
    assert_string_equal(root.fn.trace.text, "+inner+await+outer+await");

    task = TASK(&root, aborted);
    root.fn.target = &root.fn.outer.scope;
    loop_fixture_run(task);
    assert_string_equal(root.fn.trace.text, "+outer+await");

    task = TASK(&root, aborted);
    root.fn.target = &root.task.self;
    assert_int_equal(loop_fixture_run_error(task).code, ECANCELED);
    assert_string_equal(root.fn.trace.text, "");
}

static void test_scope_cancel_before_the_first_step(void **state)
{
    (void)state;
    CO_TASK(refused) root;
    struct co_task *task = TASK(&root, refused);
    co_cancel(&task->self);
    assert_int_equal(loop_fixture_run_error(task).code, ECANCELED);
    assert_string_equal(root.fn.trace.text, "body");
}

struct swallower {
    struct co_frame co;
    struct words trace;
    int refused_count, pause_after; /* a successful await after so many refused ones */
    int i;
    struct scope_block block, shield;
    struct probe probe;
    struct co_op op;
};

/* A manager inside the cancelled scope takes the error away: the next await meets the cancel again. */
ASYNC(swallower)
{
    WITH(scope_block_open(co, &self->block, false)) {
        co_cancel(&self->block.scope);
        for (self->i = 1; self->i <= self->refused_count; self->i++) {
            self->trace.len = 0;
            WITH(probe_open(&self->probe,
                            (struct probe){.trace = &self->trace, .name = "p", .is_suppressing = true})) {
                AWAIT(co_yield(&self->op));
                words_add(&self->trace, "never");
            }
            END_WITH;
            assert_int_equal(self->probe.seen_error, ECANCELED);
            if (self->i != self->pause_after)
                continue;
            WITH(scope_block_open(co, &self->shield, true)) {
                AWAIT(co_yield(&self->op));
            }
            END_WITH;
        }
        assert_string_equal(self->trace.text, "-p");
    }
    END_WITH;
}
END_ASYNC

static void test_scope_swallowed_cancel_is_met_again(void **state)
{
    (void)state;
    CO_TASK(swallower) root;
    loop_fixture_run(TASK(&root, swallower, .refused_count = 1000));
    loop_fixture_run(TASK(&root, swallower, .refused_count = 1900, .pause_after = 950));
}

static void run_stubborn_swallower(void)
{
    CO_TASK(swallower) root;
    loop_fixture_run(TASK(&root, swallower, .refused_count = 1001));
}

static void test_scope_task_that_ignores_its_cancel_aborts(void **state)
{
    (void)state;
    assert_aborts(run_stubborn_swallower, "task swallower goes on awaiting although it is cancelled");
}

struct winner {
    struct co_frame co;
    struct co_event event;
    struct scope_block block;
    bool has_won, has_gone_on;
    struct co_event_op wait;
};

ASYNC(winner)
{
    WITH(scope_block_open(co, &self->block, false)) {
        AWAIT(co_event_wait(&self->event, &self->wait));
        self->has_won = true;
        AWAIT(co_event_wait(&self->event, &self->wait));
        self->has_gone_on = true;
    }
    END_WITH;
}
END_ASYNC

struct race {
    struct co_frame co;
    struct co_group group;
    CO_TASK(winner) winner;
    struct co_op op;
};

ASYNC(race)
{
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->winner, winner);
        AWAIT(co_yield(&self->op));
        co_event_set(&self->winner.fn.event);
        co_cancel(&self->winner.fn.block.scope);
    }
    END_WITH;
}
END_ASYNC

static void test_scope_completed_wait_beats_the_cancel(void **state)
{
    (void)state;
    CO_TASK(race) root;
    loop_fixture_run(TASK(&root, race));
    assert_true(root.fn.winner.fn.has_won);
    assert_false(root.fn.winner.fn.has_gone_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scope_cancelled_await_does_not_begin_and_is_not_caught),
        cmocka_unit_test(test_scope_cancel_ends_the_wait_and_the_scope_it_is_for),
        cmocka_unit_test(test_scope_cancel_before_the_first_step),
        cmocka_unit_test(test_scope_swallowed_cancel_is_met_again),
        cmocka_unit_test(test_scope_task_that_ignores_its_cancel_aborts),
        cmocka_unit_test(test_scope_completed_wait_beats_the_cancel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
