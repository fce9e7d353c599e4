/* The condition: the lock is held after every wait, and no notification is lost. */
#include "async/condition.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "async/group.h"
#include "async/sleep.h"
#include "support/async_probe.h"
#include "support/run_child.h"
#include "support/virtual_fixture.h"

/* What the tasks share. */
struct shared {
    struct words trace;
    struct co_lock lock;
    struct co_condition condition;
    int items;
};

/* Waits for an item and takes it: "a" when it has one. "(a" and "a)" are around the locked part. */
struct taker {
    struct co_frame co;
    struct shared *shared;
    const char *name;
    struct co_lock_op acquire;
    struct co_lock_with hold;
    struct probe probe;
    struct co_condition_wait wait;
    struct co_sleep_op nap;
};

ASYNC(taker)
{
    ASYNC_WITH(co_lock_acquire(&self->shared->lock, &self->acquire),
               co_lock_hold(&self->shared->lock, &self->hold)) {
        WITH(probe_open(&self->probe, (struct probe){.trace = &self->shared->trace, .name = self->name})) {
            while (self->shared->items == 0) {
                AWAIT(CALL(&self->wait, co_condition_wait, .condition = &self->shared->condition,
                           .lock = &self->shared->lock));
                assert_true(self->shared->lock.is_held);
            }
            self->shared->items--;
            words_add(&self->shared->trace, "%s", self->name);
        }
        END_WITH;
    }
    END_WITH;
}
END_ASYNC

struct stage {
    struct co_frame co;
    struct shared shared;
    void (*act)(struct stage *self);
    bool is_locked; /* while act() is called */
    int wait_ms;    /* with the lock, before it */
    int second_ms;
    void (*act_later)(struct stage *self);
    struct co_group group;
    CO_TASK(taker) a, b, c;
    struct co_lock_op acquire;
    struct co_sleep_op nap;
};

#define SPAWN_TAKER(self, who) \
    SPAWN(&(self)->group, &(self)->who, taker, .shared = &(self)->shared, .name = #who)

/* Three wait; then act() is called and, after a while, act_later(). What still waits then is cancelled. */
ASYNC(stage)
{
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN_TAKER(self, a);
        SPAWN_TAKER(self, b);
        SPAWN_TAKER(self, c);
        AWAIT(co_sleep(&self->nap, 1));
        assert_false(self->shared.lock.is_held); /* given back by all of them */
        if (self->is_locked)
            AWAIT(co_lock_acquire(&self->shared.lock, &self->acquire));
        self->act(self);
        AWAIT(co_sleep(&self->nap, self->wait_ms));
        if (self->act_later)
            self->act_later(self);
        if (self->is_locked)
            co_lock_release(&self->shared.lock);
        AWAIT(co_sleep(&self->nap, 1));
        words_add(&self->shared.trace, "!");
        co_group_cancel(&self->group);
    }
    END_WITH;
    assert_false(self->shared.lock.is_held);
    assert_null(self->shared.condition.waiters.first);
}
END_ASYNC

static void stage_is(struct stage plan, const char *text, int items_left)
{
    CO_TASK(stage) root;
    virtual_fixture_run(TASK(&root, stage, .act = plan.act, .act_later = plan.act_later,
                             .is_locked = plan.is_locked, .wait_ms = plan.wait_ms));
    assert_string_equal(root.fn.shared.trace.text, text);
    assert_int_equal(root.fn.shared.items, items_left);
}

static void notify_none(struct stage *stage)
{
    stage->shared.items = 3;
    co_condition_notify(&stage->shared.condition, 0);
}

static void notify_one(struct stage *stage)
{
    stage->shared.items = 3;
    co_condition_notify(&stage->shared.condition, 1);
}

static void notify_two(struct stage *stage)
{
    stage->shared.items = 3;
    co_condition_notify(&stage->shared.condition, 2);
}

static void notify_many(struct stage *stage)
{
    stage->shared.items = 3;
    co_condition_notify(&stage->shared.condition, UINT32_MAX);
}

static void notify_all(struct stage *stage)
{
    stage->shared.items = 3;
    co_condition_notify_all(&stage->shared.condition);
}

static void test_condition_notify_wakes_those_who_wait_longest(void **state)
{
    (void)state;
    stage_is((struct stage){.act = notify_none}, "!-c-b-a", 3);
    stage_is((struct stage){.act = notify_one}, "a-a!-c-b", 2);
    stage_is((struct stage){.act = notify_two}, "a-ab-b!-c", 1);
    stage_is((struct stage){.act = notify_many}, "a-ab-bc-c!", 0);
    stage_is((struct stage){.act = notify_all}, "a-ab-bc-c!", 0);
    stage_is((struct stage){.act = notify_all, .is_locked = true}, "a-ab-bc-c!", 0);
}

static void notify_all_for_nothing(struct stage *stage)
{
    co_condition_notify_all(&stage->shared.condition);
}

/* They look again and go on waiting, in the same order. */
static void test_condition_waiters_look_again(void **state)
{
    (void)state;
    stage_is((struct stage){.act = notify_all_for_nothing, .act_later = notify_one, .wait_ms = 1}, "a-a!-c-b",
             2);
}

/* ---- cancelled waits ---- */

static void cancel_then_notify(struct stage *stage)
{
    co_cancel(&stage->a.task.self);
    stage->shared.items = 1;
    co_condition_notify(&stage->shared.condition, 1);
}

/* The exit of a's block sees the lock held: probes are inside of it. */
static void test_condition_cancelled_waiter_takes_no_notification(void **state)
{
    (void)state;
    stage_is((struct stage){.act = cancel_then_notify}, "-ab-b!-c", 0);
}

static void notify_then_cancel(struct stage *stage)
{
    stage->shared.items = 1;
    co_condition_notify(&stage->shared.condition, 1);
    co_cancel(&stage->a.task.self);
}

/* The wait has happened, so that it succeeds and a takes the item it was woken for. */
static void test_condition_notified_waiter_that_is_cancelled_keeps_it(void **state)
{
    (void)state;
    stage_is((struct stage){.act = notify_then_cancel}, "a-a!-c-b", 0);
}

static void notify_then_kill(struct stage *stage)
{
    stage->shared.items = 1;
    co_condition_notify(&stage->shared.condition, 1);
    co_kill(&stage->a.task.self);
}

static void test_condition_notified_waiter_that_is_killed_keeps_it(void **state)
{
    (void)state;
    stage_is((struct stage){.act = notify_then_kill}, "a-a!-c-b", 0);
}

static void kill_a(struct stage *stage)
{
    co_kill(&stage->a.task.self);
}

static void cancel_all(struct stage *stage)
{
    co_group_cancel(&stage->group);
}

/* The lock is another's meanwhile: even the killed one waits for it before it leaves. */
static void test_condition_cancelled_waiter_waits_for_the_lock(void **state)
{
    (void)state;
    stage_is((struct stage){.act = kill_a, .is_locked = true, .wait_ms = 5, .act_later = notify_one},
             "-ab-b!-c", 2);
    stage_is((struct stage){.act = cancel_all}, "-c-b-a", 0);
}

static void notify_one_item(struct stage *stage)
{
    stage->shared.items = 1;
    co_condition_notify(&stage->shared.condition, 1);
}

static void cancel_a(struct stage *stage)
{
    co_cancel(&stage->a.task.self);
}

/* Notified, and waiting for the lock when the cancel comes. */
static void test_condition_cancelled_while_it_takes_the_lock_again(void **state)
{
    (void)state;
    stage_is((struct stage){.act = notify_one_item, .is_locked = true, .wait_ms = 5, .act_later = cancel_a},
             "a-a!-c-b", 0);
    stage_is((struct stage){.act = notify_one_item, .is_locked = true, .wait_ms = 5, .act_later = kill_a},
             "a-a!-c-b", 0);
}

/* The wait is refused, but the lock goes to who is in line for it and comes back. */
struct refused {
    struct co_frame co;
    struct shared shared;
    struct co_group group;
    CO_TASK(taker) a;
    struct co_condition_wait wait;
    struct co_op op;
    int code;
};

ASYNC(refused)
{
    self->shared.items = 1;
    assert_true(co_lock_try_acquire(&self->shared.lock));
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN_TAKER(self, a);
        AWAIT(co_yield(&self->op));
        co_cancel(&self->group.scope);
        co_cancel(&self->a.task.self);
        TRY_AWAIT(self->code, CALL(&self->wait, co_condition_wait, .condition = &self->shared.condition,
                                   .lock = &self->shared.lock));
    }
    END_WITH;
    assert_int_equal(self->code, ECANCELED);
    assert_true(self->shared.lock.is_held);
    assert_null(self->shared.condition.waiters.first);
}
END_ASYNC

static void test_condition_wait_of_a_cancelled_task_has_the_lock(void **state)
{
    (void)state;
    CO_TASK(refused) root;
    virtual_fixture_run(TASK(&root, refused));
}

struct unlocked {
    struct co_frame co;
    struct co_lock lock;
    struct co_condition condition;
    struct co_condition_wait wait;
};

ASYNC(unlocked)
{
    AWAIT(CALL(&self->wait, co_condition_wait, .condition = &self->condition, .lock = &self->lock));
}
END_ASYNC

static void wait_without_the_lock(void)
{
    CO_TASK(unlocked) root;
    virtual_fixture_run(TASK(&root, unlocked));
}

static void test_condition_wait_without_the_lock_aborts(void **state)
{
    (void)state;
    assert_aborts(wait_without_the_lock, "lock->is_held");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_condition_notify_wakes_those_who_wait_longest),
        cmocka_unit_test(test_condition_waiters_look_again),
        cmocka_unit_test(test_condition_cancelled_waiter_takes_no_notification),
        cmocka_unit_test(test_condition_notified_waiter_that_is_cancelled_keeps_it),
        cmocka_unit_test(test_condition_notified_waiter_that_is_killed_keeps_it),
        cmocka_unit_test(test_condition_cancelled_waiter_waits_for_the_lock),
        cmocka_unit_test(test_condition_cancelled_while_it_takes_the_lock_again),
        cmocka_unit_test(test_condition_wait_of_a_cancelled_task_has_the_lock),
        cmocka_unit_test(test_condition_wait_without_the_lock_aborts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
