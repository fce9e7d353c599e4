/* The queue's join: it ends when everything that was put has been dealt with, and not before. */
#include "async/queue.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "async/group.h"
#include "async/sleep.h"
#include "support/run_child.h"
#include "support/virtual_fixture.h"

enum { ITEMS = 10, WORKERS = 3 };

struct worker {
    struct co_frame co;
    struct co_queue *queue;
    int ms, *done_count;
    struct co_queue_op get;
    struct co_sleep_op nap;
};

ASYNC(worker)
{
    for (;;) {
        AWAIT(co_queue_get(self->queue, &self->get));
        AWAIT(co_sleep(&self->nap, self->ms));
        ++*self->done_count;
        co_queue_task_done(self->queue);
    }
}
END_ASYNC

/* ---- a crew, and somebody who waits until all is done ---- */

struct crew {
    struct co_frame co;
    size_t capacity;
    bool is_forcing;
    struct co_queue queue;
    struct list_link items[ITEMS];
    int done_count, i;
    struct co_group group;
    CO_TASK(worker) workers[WORKERS];
    struct co_queue_op put, join;
};

ASYNC(crew)
{
    co_queue_init(&self->queue, self->capacity);
    AWAIT(co_queue_join(&self->queue, &self->join)); /* nothing was put: at once */
    WITH(co_group_open(co, &self->group, -1)) {
        for (int i = 0; i < WORKERS; i++)
            SPAWN(&self->group, &self->workers[i], worker, .queue = &self->queue, .ms = 10,
                  .done_count = &self->done_count);
        for (self->i = 0; self->i < ITEMS; self->i++) {
            if (self->is_forcing)
                co_queue_force(&self->queue, &self->items[self->i]);
            else
                AWAIT(co_queue_put(&self->queue, &self->put, &self->items[self->i]));
        }
        AWAIT(co_queue_join(&self->queue, &self->join));
        assert_int_equal(self->done_count, ITEMS);
        assert_int_equal(virtual_fixture_ms(co), 40); /* four rounds of three */
        assert_int_equal(self->queue.unfinished_count, 0);
        co_group_cancel(&self->group);
    }
    END_WITH;
}
END_ASYNC

static void test_queue_join_waits_until_all_is_dealt_with(void **state)
{
    (void)state;
    for (size_t capacity = 1; capacity <= ITEMS + 1; capacity++) {
        CO_TASK(crew) root;
        virtual_fixture_run(TASK(&root, crew, .capacity = capacity));
        virtual_fixture_run(TASK(&root, crew, .capacity = capacity, .is_forcing = true));
    }
}

/* ---- who waits ---- */

struct joiner {
    struct co_frame co;
    struct co_queue *queue;
    struct co_queue_op join;
    bool is_joined;
};

ASYNC(joiner)
{
    AWAIT(co_queue_join(self->queue, &self->join));
    self->is_joined = true;
}
END_ASYNC

struct joiners {
    struct co_frame co;
    bool is_closing;
    struct co_queue queue;
    struct list_link items[3];
    struct co_group group;
    CO_TASK(joiner) a, b, c;
    struct co_op op;
};

/* Got is not done, and closed is not done either. */
ASYNC(joiners)
{
    co_queue_init(&self->queue, 3);
    for (int i = 0; i < 3; i++)
        assert_int_equal(co_queue_try_put(&self->queue, &self->items[i]), 0);
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->a, joiner, .queue = &self->queue);
        SPAWN(&self->group, &self->b, joiner, .queue = &self->queue);
        SPAWN(&self->group, &self->c, joiner, .queue = &self->queue);
        AWAIT(co_yield(&self->op));
        if (self->is_closing)
            co_queue_close(&self->queue);
        for (int i = 0; i < 3; i++)
            assert_non_null(co_queue_try_get(&self->queue));
        co_queue_task_done(&self->queue);
        co_queue_task_done(&self->queue);
        AWAIT(co_yield(&self->op));
        assert_false(self->a.fn.is_joined || self->b.fn.is_joined || self->c.fn.is_joined);
        co_cancel(&self->b.task.self);
        co_queue_task_done(&self->queue);
        co_cancel(&self->c.task.self); /* too late: it has joined */
        if (!self->is_closing)         /* a new item is not of those they waited for */
            assert_int_equal(co_queue_try_put(&self->queue, &self->items[0]), 0);
    }
    END_WITH;
    assert_true(self->a.fn.is_joined);
    assert_false(self->b.fn.is_joined);
    assert_true(self->c.fn.is_joined);
    assert_null(self->queue.joiners.first);
}
END_ASYNC

static void test_queue_join_by_several(void **state)
{
    (void)state;
    for (int is_closing = 0; is_closing <= 1; is_closing++) {
        CO_TASK(joiners) root;
        virtual_fixture_run(TASK(&root, joiners, .is_closing = is_closing));
    }
}

/* ---- what counts as put ---- */

struct putter {
    struct co_frame co;
    struct co_queue *queue;
    struct list_link item;
    struct co_queue_op put;
    int code;
};

ASYNC(putter)
{
    self->code = -1;
    TRY_AWAIT(self->code, co_queue_put(self->queue, &self->put, &self->item));
}
END_ASYNC

struct waiting_puts {
    struct co_frame co;
    struct co_queue queue;
    struct list_link item;
    struct co_group group;
    CO_TASK(putter) a, b, c;
    struct co_op op;
};

ASYNC(waiting_puts)
{
    co_queue_init(&self->queue, 1);
    assert_int_equal(co_queue_try_put(&self->queue, &self->item), 0);
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->a, putter, .queue = &self->queue);
        SPAWN(&self->group, &self->b, putter, .queue = &self->queue);
        SPAWN(&self->group, &self->c, putter, .queue = &self->queue);
        AWAIT(co_yield(&self->op));
        assert_int_equal(self->queue.unfinished_count, 1); /* those who wait have put nothing */
        co_cancel(&self->a.task.self);
        assert_ptr_equal(co_queue_try_get(&self->queue), &self->item);
        assert_int_equal(self->queue.unfinished_count, 2); /* b's went in */
        co_cancel(&self->b.task.self);                     /* too late: it stays */
        assert_int_equal(self->queue.unfinished_count, 2);
        co_queue_close(&self->queue);
    }
    END_WITH;
    assert_int_equal(self->a.fn.code, ECANCELED);
    assert_int_equal(self->b.fn.code, 0);
    assert_int_equal(self->c.fn.code, CO_ECLOSED);
    assert_int_equal(self->queue.unfinished_count, 2);
    assert_ptr_equal(co_queue_try_get(&self->queue), &self->b.fn.item);
    assert_null(co_queue_try_get(&self->queue));
}
END_ASYNC

static void test_queue_join_counts_what_went_in(void **state)
{
    (void)state;
    CO_TASK(waiting_puts) root;
    virtual_fixture_run(TASK(&root, waiting_puts));
}

/* ---- a getter that is cancelled when it has been given an item ---- */

struct getter {
    struct co_frame co;
    struct co_queue *queue;
    struct co_queue_op get;
    struct list_link *item;
    struct co_sleep_op nap;
};

ASYNC(getter)
{
    AWAIT(co_queue_get(self->queue, &self->get));
    self->item = self->get.item;
    co_queue_task_done(self->queue);
    AWAIT(co_sleep(&self->nap, 1000));
}
END_ASYNC

struct race {
    struct co_frame co;
    bool is_put_first, is_killing;
    struct co_queue queue;
    struct list_link item;
    struct co_group group;
    CO_TASK(getter) a, b;
    struct co_queue_op join;
    struct co_sleep_op nap;
};

ASYNC(race)
{
    co_queue_init(&self->queue, 1);
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->a, getter, .queue = &self->queue);
        SPAWN(&self->group, &self->b, getter, .queue = &self->queue);
        AWAIT(co_yield(&self->nap.op));
        if (self->is_put_first)
            assert_int_equal(co_queue_try_put(&self->queue, &self->item), 0);
        if (self->is_killing)
            co_kill(&self->a.task.self);
        else
            co_cancel(&self->a.task.self);
        if (!self->is_put_first)
            assert_int_equal(co_queue_try_put(&self->queue, &self->item), 0);
        AWAIT(co_queue_join(&self->queue, &self->join));
        assert_int_equal(virtual_fixture_ms(co), 0);
        co_group_cancel(&self->group);
    }
    END_WITH;
    assert_ptr_equal(self->is_put_first ? self->a.fn.item : self->b.fn.item, &self->item);
    assert_null(self->is_put_first ? self->b.fn.item : self->a.fn.item);
}
END_ASYNC

static void test_queue_join_item_of_a_cancelled_getter_is_not_lost(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        CO_TASK(race) root;
        virtual_fixture_run(TASK(&root, race, .is_put_first = i & 1, .is_killing = i & 2));
    }
}

static void done_once_too_often(void)
{
    struct co_queue queue;
    struct list_link item = {0};
    co_queue_init(&queue, 1);
    assert_int_equal(co_queue_try_put(&queue, &item), 0);
    assert_ptr_equal(co_queue_try_get(&queue), &item);
    co_queue_task_done(&queue);
    co_queue_task_done(&queue);
}

static void test_queue_join_done_once_too_often_aborts(void **state)
{
    (void)state;
    assert_aborts(done_once_too_often, "unfinished_count > 0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_queue_join_waits_until_all_is_dealt_with),
        cmocka_unit_test(test_queue_join_by_several),
        cmocka_unit_test(test_queue_join_counts_what_went_in),
        cmocka_unit_test(test_queue_join_item_of_a_cancelled_getter_is_not_lost),
        cmocka_unit_test(test_queue_join_done_once_too_often_aborts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
