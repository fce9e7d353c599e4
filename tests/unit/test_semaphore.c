/* The semaphore: never more at a time than its count, and no place lost. */
#include "async/semaphore.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "async/group.h"
#include "async/sleep.h"
#include "support/virtual_fixture.h"

enum { WORKERS = 9 };

struct use {
    unsigned now, most;
    int order[WORKERS], count; /* who got a place, in order */
};

struct worker {
    struct co_frame co;
    struct co_semaphore *semaphore;
    struct use *use;
    int number, ms;
    struct co_semaphore_op acquire;
    struct co_semaphore_with hold;
    struct co_sleep_op nap;
};

ASYNC(worker)
{
    ASYNC_WITH(co_semaphore_acquire(self->semaphore, &self->acquire),
               co_semaphore_hold(self->semaphore, &self->hold)) {
        self->use->order[self->use->count++] = self->number;
        if (++self->use->now > self->use->most)
            self->use->most = self->use->now;
        AWAIT(co_sleep(&self->nap, self->ms));
        self->use->now--;
    }
    END_WITH;
}
END_ASYNC

struct crowd {
    struct co_frame co;
    unsigned places;
    struct use use;
    struct co_semaphore semaphore;
    struct co_group group;
    CO_TASK(worker) workers[WORKERS];
};

ASYNC(crowd)
{
    co_semaphore_init(&self->semaphore, self->places);
    WITH(co_group_open(co, &self->group, -1)) {
        for (int i = 0; i < WORKERS; i++)
            SPAWN(&self->group, &self->workers[i], worker, .semaphore = &self->semaphore, .use = &self->use,
                  .number = i, .ms = 10);
    }
    END_WITH;
    assert_int_equal(self->semaphore.free_count, self->places);
    assert_int_equal(self->use.count, WORKERS);
    for (int i = 0; i < WORKERS; i++)
        assert_int_equal(self->use.order[i], i);
    assert_int_equal(virtual_fixture_ms(co), 10 * (((unsigned)WORKERS + self->places - 1) / self->places));
}
END_ASYNC

static void test_semaphore_lets_so_many_in_and_in_order(void **state)
{
    (void)state;
    for (unsigned places = 1; places <= WORKERS + 1; places++) {
        CO_TASK(crowd) root;
        virtual_fixture_run(TASK(&root, crowd, .places = places));
        assert_int_equal(root.fn.use.most, places < WORKERS ? places : WORKERS);
    }
}

static void test_semaphore_try_acquire_takes_what_is_there(void **state)
{
    (void)state;
    struct co_semaphore semaphore;
    co_semaphore_init(&semaphore, 2);
    assert_true(co_semaphore_try_acquire(&semaphore));
    assert_true(co_semaphore_try_acquire(&semaphore));
    assert_false(co_semaphore_try_acquire(&semaphore));
    co_semaphore_release(&semaphore);
    assert_true(co_semaphore_try_acquire(&semaphore));
    co_semaphore_init(&semaphore, 0);
    assert_false(co_semaphore_try_acquire(&semaphore));
}

/* ---- the waiter is cancelled ---- */

struct race {
    struct co_frame co;
    bool is_release_first, is_killing;
    struct use use;
    struct co_semaphore semaphore;
    struct co_group group;
    CO_TASK(worker) a, b;
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
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->a, worker, .semaphore = &self->semaphore, .use = &self->use, .number = 1,
              .ms = 50);
        SPAWN(&self->group, &self->b, worker, .semaphore = &self->semaphore, .use = &self->use, .number = 2);
        AWAIT(co_yield(&self->op));
        if (!self->is_release_first)
            end_a(self);
        co_semaphore_release(&self->semaphore);
        assert_int_equal(self->semaphore.free_count, 0);
        assert_false(co_semaphore_try_acquire(&self->semaphore)); /* it is a waiter's already */
        if (self->is_release_first)
            end_a(self);
    }
    END_WITH;
    assert_int_equal(virtual_fixture_ms(co), 0);
    assert_int_equal(self->semaphore.free_count, 1);
    assert_int_equal(self->a.task.error.code, ECANCELED);
    assert_int_equal(self->b.task.error.code, 0);
    assert_int_equal(self->use.count, self->is_release_first ? 2 : 1);
    assert_int_equal(self->use.order[self->use.count - 1], 2);
}
END_ASYNC

static void test_semaphore_place_of_a_cancelled_waiter_is_not_lost(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        CO_TASK(race) root;
        virtual_fixture_run(TASK(&root, race, .is_release_first = i & 1, .is_killing = i & 2));
    }
}

/* All that wait and all that hold are cancelled at once. */
struct upheaval {
    struct co_frame co;
    int kill_ms;
    struct use use;
    struct co_semaphore semaphore;
    struct co_group group;
    CO_TASK(worker) workers[WORKERS];
    struct co_sleep_op nap;
};

ASYNC(upheaval)
{
    co_semaphore_init(&self->semaphore, 3);
    WITH(co_group_open(co, &self->group, self->kill_ms)) {
        for (int i = 0; i < WORKERS; i++)
            SPAWN(&self->group, &self->workers[i], worker, .semaphore = &self->semaphore, .use = &self->use,
                  .number = i, .ms = 10);
        AWAIT(co_sleep(&self->nap, 15));
        co_group_cancel(&self->group);
    }
    END_WITH;
    assert_int_equal(self->semaphore.free_count, 3);
    assert_int_equal(virtual_fixture_ms(co), 15);
}
END_ASYNC

static void test_semaphore_is_whole_again_after_a_cancel_of_all(void **state)
{
    (void)state;
    for (int kill_ms = -1; kill_ms <= 0; kill_ms++) {
        CO_TASK(upheaval) root;
        virtual_fixture_run(TASK(&root, upheaval, .kill_ms = kill_ms));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_semaphore_lets_so_many_in_and_in_order),
        cmocka_unit_test(test_semaphore_try_acquire_takes_what_is_there),
        cmocka_unit_test(test_semaphore_place_of_a_cancelled_waiter_is_not_lost),
        cmocka_unit_test(test_semaphore_is_whole_again_after_a_cancel_of_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
