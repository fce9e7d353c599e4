/* Select: one wins, and the others have not happened. */
#include "async/select.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "async/broadcast.h"
#include "async/event.h"
#include "async/group.h"
#include "async/lock.h"
#include "async/queue.h"
#include "async/semaphore.h"
#include "async/sleep.h"
#include "async/wait.h"
#include "support/async_probe.h"
#include "support/run_child.h"
#include "support/virtual_fixture.h"

enum { FOREVER_MS = 3600000 };

/* ---- who wins ---- */

struct sleepers {
    struct co_frame co;
    struct co_sleep_op naps[3];
    struct co_op *ops[3];
    struct co_select select;
};

ASYNC(sleepers)
{
    self->ops[0] = co_select_op(co_sleep(&self->naps[0], 20));
    self->ops[1] = co_select_op(co_sleep(&self->naps[1], 10));
    self->ops[2] = co_select_op(co_sleep(&self->naps[2], 30));
    AWAIT(co_select(&self->select, self->ops, 3));
    assert_int_equal(self->select.which, 1);
    assert_int_equal(virtual_fixture_ms(co), 10);
    for (int i = 0; i < 3; i++)
        assert_int_equal(self->naps[i].timer.index, 0); /* the losers' timers are gone */
    AWAIT(co_select(&self->select, self->ops, 1));      /* can be used again; one is enough */
    assert_int_equal(self->select.which, 0);
    assert_int_equal(virtual_fixture_ms(co), 30);
}
END_ASYNC

static void test_select_first_to_complete_wins(void **state)
{
    (void)state;
    CO_TASK(sleepers) root;
    virtual_fixture_run(TASK(&root, sleepers));
}

/* Everything becomes ready in one step: only the first takes something. */
struct feast {
    struct co_frame co;
    int first;
    struct co_queue queue;
    struct list_link item;
    struct co_lock lock;
    struct co_semaphore semaphore;
    struct co_event event;
    struct co_broadcast channel;
    struct co_receiver receiver;
    struct co_group group;
    CO_TASK(later) serve;
    struct co_queue_op get;
    struct co_lock_op acquire;
    struct co_semaphore_op take;
    struct co_event_op wait;
    struct co_receive_op receive;
    struct co_op *ops[5];
    struct co_select select;
};

static void serve_one(struct feast *feast, int which)
{
    if (which == 0)
        assert_int_equal(co_queue_try_put(&feast->queue, &feast->item), 0);
    else if (which == 1)
        co_lock_release(&feast->lock);
    else if (which == 2)
        co_semaphore_release(&feast->semaphore);
    else if (which == 3)
        co_event_set(&feast->event);
    else
        co_broadcast_send(&feast->channel, feast);
}

static void serve_all(void *arg)
{
    struct feast *feast = arg;
    for (int i = 0; i < 5; i++)
        serve_one(feast, (feast->first + i) % 5);
}

static void feast_prepare(struct feast *self)
{
    co_queue_init(&self->queue, 1);
    assert_int_equal(co_broadcast_init(&self->channel, 1, NULL), 0);
    co_receiver_init(&self->receiver, &self->channel);
    assert_true(co_lock_try_acquire(&self->lock));
    self->ops[0] = co_select_op(co_queue_get(&self->queue, &self->get));
    self->ops[1] = co_select_op(co_lock_acquire(&self->lock, &self->acquire));
    self->ops[2] = co_select_op(co_semaphore_acquire(&self->semaphore, &self->take));
    self->ops[3] = co_select_op(co_event_wait(&self->event, &self->wait));
    self->ops[4] = co_select_op(co_receive(&self->receiver, &self->receive));
}

ASYNC(feast)
{
    feast_prepare(self);
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->serve, later, .ms = 1, .act = serve_all, .arg = self);
        AWAIT(co_select(&self->select, self->ops, 5));
    }
    END_WITH;
    assert_int_equal(self->select.which, self->first);
    assert_int_equal(self->queue.items.count, self->first != 0);
    assert_ptr_equal(self->get.item, self->first == 0 ? &self->item : NULL);
    assert_int_equal(self->lock.is_held, self->first == 1);
    assert_int_equal(self->semaphore.free_count, self->first != 2);
    assert_int_equal(self->receiver.cursor, self->first == 4);
    assert_ptr_equal(self->receive.value, self->first == 4 ? self : NULL);
    co_broadcast_done(&self->channel);
}
END_ASYNC

static void test_select_losers_take_nothing(void **state)
{
    (void)state;
    for (int first = 0; first < 5; first++) {
        CO_TASK(feast) root;
        virtual_fixture_run(TASK(&root, feast, .first = first));
    }
}

/* All are ready before: the first of the list wins, and those behind it are not even started. */
struct buffet {
    struct co_frame co;
    int first;
    struct feast feast;
    struct co_select select;
};

ASYNC(buffet)
{
    struct feast *feast;
    feast_prepare(&self->feast);
    for (int i = self->first; i < 5; i++)
        serve_one(&self->feast, i);
    AWAIT(co_select(&self->select, self->feast.ops, 5));
    feast = &self->feast;
    assert_int_equal(self->select.which, self->first);
    assert_int_equal(feast->queue.items.count, 0);
    assert_int_equal(feast->lock.is_held, self->first >= 1);
    assert_int_equal(feast->semaphore.free_count, self->first < 2);
    assert_int_equal(feast->receiver.cursor, self->first == 4);
    assert_null(feast->queue.getters.first); /* what was started before is aborted */
    assert_null(feast->lock.waiters.first);
    assert_null(feast->semaphore.waiters.first);
    assert_null(feast->event.waiters.first);
    assert_null(feast->channel.waiters.first);
    co_broadcast_done(&feast->channel);
}
END_ASYNC

static void test_select_of_what_is_ready_at_once(void **state)
{
    (void)state;
    for (int first = 0; first < 5; first++) {
        CO_TASK(buffet) root;
        virtual_fixture_run(TASK(&root, buffet, .first = first));
    }
}

/* ---- failing ---- */

struct failing {
    struct co_frame co;
    bool is_late; /* closed while the select waits */
    struct co_queue queue;
    struct co_group group;
    CO_TASK(later) close;
    struct co_queue_op get;
    struct co_sleep_op nap;
    struct co_op *ops[2];
    struct co_select select;
    int code;
};

static void close_queue(void *queue)
{
    co_queue_close(queue);
}

ASYNC(failing)
{
    co_queue_init(&self->queue, 1);
    if (!self->is_late)
        co_queue_close(&self->queue);
    self->ops[0] = co_select_op(co_sleep(&self->nap, FOREVER_MS));
    self->ops[1] = co_select_op(co_queue_get(&self->queue, &self->get));
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->close, later, .ms = 5, .act = close_queue, .arg = &self->queue);
        TRY_AWAIT(self->code, co_select(&self->select, self->ops, 2));
    }
    END_WITH;
    assert_int_equal(self->code, CO_ECLOSED);
    assert_int_equal(self->select.which, 1);
}
END_ASYNC

static void test_select_fails_as_its_winner_does(void **state)
{
    (void)state;
    for (int is_late = 0; is_late <= 1; is_late++) {
        CO_TASK(failing) root;
        virtual_fixture_run(TASK(&root, failing, .is_late = is_late));
    }
}

/* ---- giving way ---- */

struct polling {
    struct co_frame co;
    bool is_sleep; /* sleep(0), or yield */
    struct co_queue queue;
    struct list_link item;
    struct co_group group;
    CO_TASK(later) put;
    struct co_queue_op get;
    struct co_sleep_op nap;
    struct co_op *ops[2];
    struct co_select select;
    int rounds;
};

static void put_item(void *arg)
{
    struct polling *polling = arg;
    assert_int_equal(co_queue_try_put(&polling->queue, &polling->item), 0);
}

/* "Take what is there, else let the others run": each round lets them. */
ASYNC(polling)
{
    co_queue_init(&self->queue, 1);
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->put, later, .yields = 3, .act = put_item, .arg = self);
        do {
            self->rounds++;
            self->ops[0] = co_select_op(co_queue_get(&self->queue, &self->get));
            self->ops[1] = co_select_op(self->is_sleep ? co_sleep(&self->nap, 0) : co_yield(&self->nap.op));
            AWAIT(co_select(&self->select, self->ops, 2));
        } while (self->select.which == 1);
    }
    END_WITH;
    assert_ptr_equal(self->get.item, &self->item);
    assert_int_equal(self->rounds, 5);
}
END_ASYNC

static void test_select_with_a_yield_gives_way(void **state)
{
    (void)state;
    for (int is_sleep = 0; is_sleep <= 1; is_sleep++) {
        CO_TASK(polling) root;
        virtual_fixture_run(TASK(&root, polling, .is_sleep = is_sleep));
    }
}

/* ---- of tasks, of selects ---- */

struct nested {
    struct co_frame co;
    struct co_broadcast channel;
    struct co_receiver receiver;
    struct co_group group;
    CO_TASK(later) slow, quick;
    struct co_join_op joins[2];
    struct co_receive_op receive;
    struct co_sleep_op nap;
    struct co_op *inner_ops[2], *outer_ops[2];
    struct co_select inner, outer;
    int count;
};

static void nothing(void *arg)
{
    (void)arg;
}

/* Once the inner select wins by the end of a task, once by a value that is there at once. */
ASYNC(nested)
{
    assert_int_equal(co_broadcast_init(&self->channel, 1, NULL), 0);
    co_receiver_init(&self->receiver, &self->channel);
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->slow, later, .ms = 20, .act = nothing);
        SPAWN(&self->group, &self->quick, later, .ms = 10, .act = nothing);
        for (; self->count < 2; self->count++) {
            self->inner_ops[0] = co_select_op(co_join(&self->joins[0], &self->slow.task));
            self->inner_ops[1] = co_select_op(self->count ? co_receive(&self->receiver, &self->receive)
                                                          : co_join(&self->joins[1], &self->quick.task));
            self->outer_ops[0] = co_select_op(co_sleep(&self->nap, FOREVER_MS));
            self->outer_ops[1] = co_select_op(co_select(&self->inner, self->inner_ops, 2));
            AWAIT(co_select(&self->outer, self->outer_ops, 2));
            assert_int_equal(self->outer.which, 1);
            assert_int_equal(self->inner.which, 1);
            assert_int_equal(virtual_fixture_ms(co), 10);
            assert_ptr_equal(self->receive.value, self->count ? self : NULL);
            co_broadcast_send(&self->channel, self);
            assert_false(self->slow.task.is_done);
        }
    }
    END_WITH;
    assert_true(self->slow.task.is_done);
    co_broadcast_done(&self->channel);
}
END_ASYNC

static void test_select_of_joins_inside_a_select(void **state)
{
    (void)state;
    CO_TASK(nested) root;
    virtual_fixture_run(TASK(&root, nested));
}

/* Selects that complete at once count as one await each: others get their turn in time. */
struct greedy {
    struct co_frame co;
    struct co_lock lock;
    struct co_group group;
    CO_TASK(later) other;
    struct co_lock_op acquire;
    struct co_op *ops[1];
    struct co_select select;
    int rounds, seen_at;
};

static void note_round(void *arg)
{
    struct greedy *greedy = arg;
    greedy->seen_at = greedy->rounds;
}

ASYNC(greedy)
{
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->other, later, .act = note_round, .arg = self);
        while (self->rounds < 1000) {
            self->rounds++;
            self->ops[0] = co_select_op(co_lock_acquire(&self->lock, &self->acquire));
            AWAIT(co_select(&self->select, self->ops, 1));
            co_lock_release(&self->lock);
        }
    }
    END_WITH;
    assert_int_equal(self->seen_at, 64);
}
END_ASYNC

static void test_select_does_not_hold_the_loop(void **state)
{
    (void)state;
    CO_TASK(greedy) root;
    virtual_fixture_run(TASK(&root, greedy));
}

static void select_of_nothing(void)
{
    struct co_select select;
    (void)co_select_op(co_select(&select, NULL, 0));
}

static void test_select_of_nothing_aborts(void **state)
{
    (void)state;
    assert_aborts(select_of_nothing, "count >= 1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_select_first_to_complete_wins),
        cmocka_unit_test(test_select_losers_take_nothing),
        cmocka_unit_test(test_select_of_what_is_ready_at_once),
        cmocka_unit_test(test_select_fails_as_its_winner_does),
        cmocka_unit_test(test_select_with_a_yield_gives_way),
        cmocka_unit_test(test_select_of_joins_inside_a_select),
        cmocka_unit_test(test_select_does_not_hold_the_loop),
        cmocka_unit_test(test_select_of_nothing_aborts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
