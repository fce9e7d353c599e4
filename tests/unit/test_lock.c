/* The lock: order, hand-off, and that no way of leaving loses it. */
#include "async/lock.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "async/group.h"
#include "async/sleep.h"
#include "async/timeout.h"
#include "support/async_probe.h"
#include "support/run_child.h"
#include "support/virtual_fixture.h"

/* Takes the lock, keeps it for a while, says so: "+a" when it has it, "-a" after it gave it back. */
struct user {
    struct co_frame co;
    struct co_lock *lock;
    struct words *trace;
    const char *name;
    int ms, error, got_ms;
    struct co_lock_op acquire;
    struct co_lock_with hold;
    struct co_sleep_op nap;
};

ASYNC(user)
{
    ASYNC_WITH(co_lock_acquire(self->lock, &self->acquire), co_lock_hold(self->lock, &self->hold)) {
        self->got_ms = virtual_fixture_ms(co);
        words_add(self->trace, "+%s", self->name);
        AWAIT(co_sleep(&self->nap, self->ms));
        if (self->error)
            RAISE(self->error, "user");
    }
    END_WITH;
    words_add(self->trace, "-%s", self->name);
}
END_ASYNC

#define SPAWN_USER(self, who, ...) \
    SPAWN(&(self)->group, &(self)->who, user, .lock = &(self)->lock, .trace = &(self)->trace, .name = #who, \
          __VA_ARGS__)

struct users {
    struct co_frame co;
    struct words trace;
    struct co_lock lock;
    struct co_group group;
    CO_TASK(user) a, b, c, d;
    struct co_op op;
};

ASYNC(users)
{
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN_USER(self, a, .ms = 5);
        SPAWN_USER(self, b, .ms = 3);
        SPAWN_USER(self, c, .ms = 0);
        SPAWN_USER(self, d, .ms = 1);
    }
    END_WITH;
    assert_false(self->lock.is_held);
}
END_ASYNC

static void test_lock_is_first_come_first_served(void **state)
{
    (void)state;
    CO_TASK(users) root;
    virtual_fixture_run(TASK(&root, users));
    assert_string_equal(root.fn.trace.text, "+a-a+b-b+c-c+d-d");
    assert_int_equal(root.fn.a.fn.got_ms, 0);
    assert_int_equal(root.fn.b.fn.got_ms, 5);
    assert_int_equal(root.fn.c.fn.got_ms, 8);
    assert_int_equal(root.fn.d.fn.got_ms, 8);
}

struct barger {
    struct co_frame co;
    struct words trace;
    struct co_lock lock;
    struct co_group group;
    CO_TASK(user) a;
    struct co_op op;
};

ASYNC(barger)
{
    assert_true(co_lock_try_acquire(&self->lock));
    assert_false(co_lock_try_acquire(&self->lock));
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN_USER(self, a, .ms = 1);
        AWAIT(co_yield(&self->op));
        co_lock_release(&self->lock);
        /* It is a's already, although a has not run. */
        assert_string_equal(self->trace.text, "");
        assert_false(co_lock_try_acquire(&self->lock));
    }
    END_WITH;
    assert_string_equal(self->trace.text, "+a-a");
    assert_true(co_lock_try_acquire(&self->lock));
    co_lock_release(&self->lock);
}
END_ASYNC

static void test_lock_is_handed_over_and_not_up_for_grabs(void **state)
{
    (void)state;
    CO_TASK(barger) root;
    virtual_fixture_run(TASK(&root, barger));
}

/* ---- the waiter is cancelled ---- */

enum order { CANCEL_FIRST, RELEASE_FIRST };

struct race {
    struct co_frame co;
    struct words trace;
    enum order order;
    bool is_killing, has_second;
    struct co_lock lock;
    struct co_group group;
    CO_TASK(user) a, b;
    struct co_op op;
};

static void end_a(struct race *race)
{
    if (race->is_killing)
        co_kill(&race->a.task.self);
    else
        co_cancel(&race->a.task.self);
}

ASYNC(race)
{
    assert_true(co_lock_try_acquire(&self->lock));
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN_USER(self, a, .ms = 10);
        if (self->has_second)
            SPAWN_USER(self, b, .ms = 0);
        AWAIT(co_yield(&self->op));
        if (self->order == CANCEL_FIRST)
            end_a(self);
        co_lock_release(&self->lock);
        if (self->order == RELEASE_FIRST)
            end_a(self);
        assert_int_equal(self->lock.is_held, self->has_second || self->order == RELEASE_FIRST);
    }
    END_WITH;
    assert_int_equal(virtual_fixture_ms(co), 0);
    assert_false(self->lock.is_held);
    assert_int_equal(self->a.task.error.code, ECANCELED);
}
END_ASYNC

static void race_is(struct race plan, const char *text)
{
    for (int is_killing = 0; is_killing <= 1; is_killing++) {
        CO_TASK(race) root;
        virtual_fixture_run(
            TASK(&root, race, .order = plan.order, .has_second = plan.has_second, .is_killing = is_killing));
        assert_string_equal(root.fn.trace.text, text);
    }
}

static void test_lock_waiter_cancelled_before_the_release_does_not_get_it(void **state)
{
    (void)state;
    race_is((struct race){.order = CANCEL_FIRST}, "");
    race_is((struct race){.order = CANCEL_FIRST, .has_second = true}, "+b-b");
}

/* It has the lock; its next await fails, and it gives the lock to the next one in the same turn. */
static void test_lock_waiter_cancelled_after_the_release_hands_it_on(void **state)
{
    (void)state;
    race_is((struct race){.order = RELEASE_FIRST}, "+a");
    race_is((struct race){.order = RELEASE_FIRST, .has_second = true}, "+a+b-b");
}

struct middle {
    struct co_frame co;
    struct words trace;
    struct co_lock lock;
    struct co_group group;
    CO_TASK(user) a, b, c, d;
    struct co_op op;
};

ASYNC(middle)
{
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN_USER(self, a, .ms = 5);
        SPAWN_USER(self, b, .ms = 5);
        SPAWN_USER(self, c, .ms = 5);
        AWAIT(co_yield(&self->op));
        co_cancel(&self->c.task.self); /* the last in line */
        SPAWN_USER(self, d, .ms = 5);
        co_cancel(&self->b.task.self); /* the first, and after that the list is empty */
    }
    END_WITH;
}
END_ASYNC

static void test_lock_cancelled_waiters_leave_the_line_intact(void **state)
{
    (void)state;
    CO_TASK(middle) root;
    virtual_fixture_run(TASK(&root, middle));
    assert_string_equal(root.fn.trace.text, "+a-a+d-d");
    assert_int_equal(root.fn.d.fn.got_ms, 5);
}

/* ---- leaving with it ---- */

struct leaving {
    struct co_frame co;
    struct words trace;
    struct co_lock lock;
    struct co_group group;
    CO_TASK(user) a, b, c;
    struct co_sleep_op nap;
};

ASYNC(leaving)
{
    WITH(co_group_open(co, &self->group, -1)) {
        self->group.is_tolerant = true;
        SPAWN_USER(self, a, .ms = 1, .error = EIO);
        SPAWN_USER(self, b, .ms = 100);
        SPAWN_USER(self, c, .ms = 1);
        AWAIT(co_sleep(&self->nap, 3));
        co_kill(&self->b.task.self);
    }
    END_WITH;
    assert_int_equal(self->a.task.error.code, EIO);
    assert_int_equal(self->c.fn.got_ms, 3);
    assert_false(self->lock.is_held);
}
END_ASYNC

static void test_lock_is_given_back_by_error_and_kill(void **state)
{
    (void)state;
    CO_TASK(leaving) root;
    virtual_fixture_run(TASK(&root, leaving));
    assert_string_equal(root.fn.trace.text, "+a+b+c-c");
}

/* The deadline of the acquire is the very moment at which the lock becomes free: either is right, but the
 * lock must be in a consistent state. */
struct deadline {
    struct co_frame co;
    struct words trace;
    struct co_lock lock;
    struct co_group group;
    CO_TASK(user) a;
    struct co_timeout timeout;
    struct co_lock_op acquire;
    struct co_op op;
    bool has_it;
    int ms;
};

ASYNC(deadline)
{
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN_USER(self, a, .ms = 5);
        AWAIT(co_yield(&self->op));
        WITH(co_timeout_open(co, &self->timeout, self->ms, false)) {
            AWAIT(co_lock_acquire(&self->lock, &self->acquire));
            self->has_it = true;
        }
        END_WITH;
    }
    END_WITH;
    assert_int_equal(self->lock.is_held, self->has_it);
}
END_ASYNC

static void test_lock_acquire_with_a_timeout(void **state)
{
    (void)state;
    for (int ms = 4; ms <= 6; ms++) {
        CO_TASK(deadline) root;
        virtual_fixture_run(TASK(&root, deadline, .ms = ms));
        if (ms != 5)
            assert_int_equal(root.fn.has_it, ms > 5);
        assert_true(root.fn.has_it || root.fn.timeout.has_expired);
    }
}

/* ---- reacquire ---- */

struct borrower {
    struct co_frame co;
    struct co_lock *lock;
    struct co_lock_op acquire;
    int got_ms;
};

ASYNC(borrower)
{
    AWAIT(co_lock_reacquire(self->lock, &self->acquire));
    self->got_ms = virtual_fixture_ms(co);
}
END_ASYNC

struct reacquire {
    struct co_frame co;
    struct co_lock lock;
    struct co_group group;
    CO_TASK(borrower) a;
    struct co_sleep_op nap;
    bool is_late; /* cancelled and killed only while it waits */
};

ASYNC(reacquire)
{
    assert_true(co_lock_try_acquire(&self->lock));
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->a, borrower, .lock = &self->lock);
        if (self->is_late)
            AWAIT(co_sleep(&self->nap, 1));
        co_cancel(&self->a.task.self);
        co_kill(&self->a.task.self);
        AWAIT(co_sleep(&self->nap, 5));
        assert_false(self->a.task.is_done);
        co_lock_release(&self->lock);
    }
    END_WITH;
    assert_true(self->lock.is_held);
    assert_int_equal(self->a.fn.got_ms, self->is_late ? 6 : 5);
}
END_ASYNC

static void test_lock_reacquire_waits_although_killed(void **state)
{
    (void)state;
    for (int is_late = 0; is_late <= 1; is_late++) {
        CO_TASK(reacquire) root;
        virtual_fixture_run(TASK(&root, reacquire, .is_late = is_late));
    }
}

static void release_a_free_one(void)
{
    struct co_lock lock = {0};
    co_lock_release(&lock);
}

static void test_lock_release_of_a_free_one_aborts(void **state)
{
    (void)state;
    assert_aborts(release_a_free_one, "lock->is_held");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lock_is_first_come_first_served),
        cmocka_unit_test(test_lock_is_handed_over_and_not_up_for_grabs),
        cmocka_unit_test(test_lock_waiter_cancelled_before_the_release_does_not_get_it),
        cmocka_unit_test(test_lock_waiter_cancelled_after_the_release_hands_it_on),
        cmocka_unit_test(test_lock_cancelled_waiters_leave_the_line_intact),
        cmocka_unit_test(test_lock_is_given_back_by_error_and_kill),
        cmocka_unit_test(test_lock_acquire_with_a_timeout),
        cmocka_unit_test(test_lock_reacquire_waits_although_killed),
        cmocka_unit_test(test_lock_release_of_a_free_one_aborts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
