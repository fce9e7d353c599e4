/* Select: when it is cancelled, and when a loser cannot be aborted. */
#include "async/select.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "async/group.h"
#include "async/loop.h"
#include "async/queue.h"
#include "async/sleep.h"
#include "async/timeout.h"
#include "support/async_probe.h"
#include "support/virtual_fixture.h"

enum { FOREVER_MS = 3600000 };

/* An operation that cannot be aborted, as a job that runs on a thread: it ends by itself. */
struct stubborn_op {
    struct co_op op;
    struct co_timer timer;
    int ms, code;
};

static void stubborn_fire(struct co_timer *timer)
{
    struct stubborn_op *stubborn = container_of(timer, struct stubborn_op, timer);
    co_op_complete(&stubborn->op, stubborn->code);
}

static bool stubborn_start(struct co_op *op)
{
    struct stubborn_op *stubborn = container_of(op, struct stubborn_op, op);
    stubborn->timer = (struct co_timer){.fire = stubborn_fire};
    assert_int_equal(co_loop_arm(op->task->loop, &stubborn->timer, stubborn->ms), 0);
    return false;
}

static bool stubborn_abort(struct co_op *op)
{
    (void)op;
    return false;
}

static const struct co_op_vt stubborn_vt = {
    .name = "stubborn", .start = stubborn_start, .abort = stubborn_abort};

static struct co_call stubborn(struct stubborn_op *op, int ms, int code)
{
    op->ms = ms;
    op->code = code;
    return co_call_op(&op->op, &stubborn_vt);
}

/* ---- what cannot be aborted ---- */

struct hard {
    struct co_frame co;
    int code, nap_ms, limit_ms;
    size_t which;
    int end_ms;
    struct stubborn_op job;
    struct co_sleep_op nap;
    struct co_op *ops[2];
    struct co_select select;
    struct co_timeout timeout;
    bool is_done;
    int result;
};

ASYNC(hard)
{
    self->ops[0] = co_select_op(stubborn(&self->job, 20, self->code));
    self->ops[1] = co_select_op(co_sleep(&self->nap, self->nap_ms));
    WITH(co_timeout_open(co, &self->timeout, self->limit_ms, false)) {
        TRY_AWAIT(self->result, co_select(&self->select, self->ops, 2));
        self->is_done = true;
    }
    END_WITH;
    assert_true(self->is_done);
    assert_int_equal(self->select.which, self->which);
    assert_int_equal(virtual_fixture_ms(co), self->end_ms);
    assert_false(self->timeout.has_expired); /* nothing was cut short */
    assert_int_equal(self->result, self->which == 0 ? self->code : 0);
}
END_ASYNC

static void test_select_waits_for_a_loser_that_cannot_be_aborted(void **state)
{
    (void)state;
    CO_TASK(hard) root;
    virtual_fixture_run(TASK(&root, hard, .nap_ms = 5, .limit_ms = -1, .which = 1, .end_ms = 20));
    virtual_fixture_run(TASK(&root, hard, .nap_ms = 0, .limit_ms = -1, .which = 1, .end_ms = 20));
    virtual_fixture_run(
        TASK(&root, hard, .nap_ms = 5, .limit_ms = -1, .which = 1, .end_ms = 20, .code = EIO));
    virtual_fixture_run(
        TASK(&root, hard, .nap_ms = 25, .limit_ms = -1, .which = 0, .end_ms = 20, .code = EIO));
    /* Cancelled while it waits for the loser: decided is decided. */
    virtual_fixture_run(TASK(&root, hard, .nap_ms = 5, .limit_ms = 10, .which = 1, .end_ms = 20));
}

static void test_select_cancelled_is_decided_by_what_cannot_be_aborted(void **state)
{
    (void)state;
    CO_TASK(hard) root;
    virtual_fixture_run(TASK(&root, hard, .nap_ms = 15, .limit_ms = 10, .which = 0, .end_ms = 20));
    virtual_fixture_run(
        TASK(&root, hard, .nap_ms = FOREVER_MS, .limit_ms = 10, .which = 0, .end_ms = 20, .code = EIO));
}

/* The winner had an item when the loser still ran: it is not lost. */
struct keeps {
    struct co_frame co;
    struct co_queue queue;
    struct list_link item;
    struct stubborn_op job;
    struct co_queue_op get;
    struct co_op *ops[2];
    struct co_select select;
};

ASYNC(keeps)
{
    co_queue_init(&self->queue, 1);
    assert_int_equal(co_queue_try_put(&self->queue, &self->item), 0);
    self->ops[0] = co_select_op(stubborn(&self->job, 20, EIO));
    self->ops[1] = co_select_op(co_queue_get(&self->queue, &self->get));
    AWAIT(co_select(&self->select, self->ops, 2));
    assert_int_equal(self->select.which, 1);
    assert_ptr_equal(self->get.item, &self->item);
    assert_int_equal(virtual_fixture_ms(co), 20);
}
END_ASYNC

static void test_select_winner_keeps_its_item_while_a_loser_runs(void **state)
{
    (void)state;
    CO_TASK(keeps) root;
    virtual_fixture_run(TASK(&root, keeps));
}

/* ---- cancelled ---- */

struct cancelled {
    struct co_frame co;
    bool is_put_first;
    struct co_queue queues[2];
    struct list_link items[2];
    struct co_group group;
    CO_TASK(later) act;
    struct co_queue_op gets[2];
    struct co_op *ops[2];
    struct co_select select;
    int code;
    bool has_item;
};

static void put_and_cancel(void *arg)
{
    struct cancelled *self = arg;
    if (!self->is_put_first)
        co_cancel(&self->group.scope);
    assert_int_equal(co_queue_try_put(&self->queues[1], &self->items[1]), 0);
    assert_int_equal(co_queue_try_put(&self->queues[0], &self->items[0]), 0);
    if (self->is_put_first)
        co_cancel(&self->group.scope);
}

ASYNC(cancelled)
{
    self->code = -1;
    WITH(co_group_open(co, &self->group, -1)) {
        for (int i = 0; i < 2; i++) {
            co_queue_init(&self->queues[i], 1);
            self->ops[i] = co_select_op(co_queue_get(&self->queues[i], &self->gets[i]));
        }
        SPAWN(&self->group, &self->act, later, .act = put_and_cancel, .arg = self);
        TRY_AWAIT(self->code, co_select(&self->select, self->ops, 2));
        self->has_item = true;
        TRY_AWAIT(self->code, co_select(&self->select, self->ops, 2)); /* the next await is refused */
        self->has_item = false;
    }
    END_WITH;
    assert_int_equal(self->code, ECANCELED);
    assert_int_equal(self->has_item, self->is_put_first);
    assert_int_equal(self->queues[0].items.count, 1);
    assert_int_equal(self->queues[1].items.count, !self->is_put_first);
    if (self->is_put_first)
        assert_ptr_equal(self->gets[1].item, &self->items[1]);
}
END_ASYNC

static void test_select_cancelled_takes_nothing(void **state)
{
    (void)state;
    CO_TASK(cancelled) root;
    virtual_fixture_run(TASK(&root, cancelled));
}

static void test_select_cancelled_too_late_keeps_its_result(void **state)
{
    (void)state;
    CO_TASK(cancelled) root;
    virtual_fixture_run(TASK(&root, cancelled, .is_put_first = true));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_select_waits_for_a_loser_that_cannot_be_aborted),
        cmocka_unit_test(test_select_cancelled_is_decided_by_what_cannot_be_aborted),
        cmocka_unit_test(test_select_winner_keeps_its_item_while_a_loser_runs),
        cmocka_unit_test(test_select_cancelled_takes_nothing),
        cmocka_unit_test(test_select_cancelled_too_late_keeps_its_result),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
