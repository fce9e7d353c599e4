/* Who gives way to whom: tasks in the background, crowds of timers, and the wait for the next turn. */
#include "async/task.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "async/fd.h"
#include "async/group.h"
#include "async/loop.h"
#include "async/sleep.h"
#include "async/timeout.h"
#include "async/timer.h"
#include "support/async_probe.h"
#include "support/loop_fixture.h"

enum { CROWD = 60, STEP_US = 100, SHARE_US = 250 };

static void burn_us(int64_t us)
{
    struct timespec begin, now;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    do
        clock_gettime(CLOCK_MONOTONIC, &now);
    while ((now.tv_sec - begin.tv_sec) * 1000000 + (now.tv_nsec - begin.tv_nsec) / 1000 < us);
}

/* ---- the order ---- */

struct speaker {
    struct co_frame co;
    struct words *trace;
    const char *name;
    bool is_background;
    struct co_op op;
};

ASYNC(speaker)
{
    co_task_set_background(co, self->is_background);
    AWAIT(co_yield(&self->op));
    words_add(self->trace, "%s ", self->name);
    AWAIT(co_yield(&self->op));
    words_add(self->trace, "%s ", self->name);
}
END_ASYNC

struct order {
    struct co_frame co;
    struct words trace;
    struct co_group group;
    CO_TASK(speaker) speakers[4];
};

ASYNC(order)
{
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->speakers[0], speaker, &self->trace, "late", true);
        SPAWN(&self->group, &self->speakers[1], speaker, &self->trace, "one", false);
        SPAWN(&self->group, &self->speakers[2], speaker, &self->trace, "last", true);
        SPAWN(&self->group, &self->speakers[3], speaker, &self->trace, "two", false);
    }
    END_WITH;
}
END_ASYNC

static void test_background_comes_after_all_others(void **state)
{
    (void)state;
    CO_TASK(order) root;
    loop_fixture_run(TASK(&root, order));
    assert_string_equal(root.fn.trace.text, "one two one two late last late last ");
}

/* ---- what it starts is there as well ---- */

struct child {
    struct co_frame co;
    struct words *trace;
};

ASYNC(child)
{
    words_add(self->trace, co->is_background ? "background" : "front");
}
END_ASYNC

struct starter {
    struct co_frame co;
    struct words *trace;
    bool is_background;
    struct co_op op;
    struct co_group group;
    CO_TASK(child) child;
};

ASYNC(starter)
{
    co_task_set_background(co, self->is_background);
    AWAIT(co_yield(&self->op));
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->child, child, .trace = self->trace);
    }
    END_WITH;
}
END_ASYNC

struct family {
    struct co_frame co;
    bool is_background;
    struct words trace;
    struct co_group group;
    CO_TASK(starter) starter;
};

ASYNC(family)
{
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->starter, starter, &self->trace, self->is_background);
    }
    END_WITH;
}
END_ASYNC

static void test_background_is_where_its_children_are(void **state)
{
    (void)state;
    for (int is_background = 0; is_background <= 1; is_background++) {
        CO_TASK(family) root;
        loop_fixture_run(TASK(&root, family, .is_background = is_background));
        assert_string_equal(root.fn.trace.text, is_background ? "background" : "front");
    }
}

/* ---- its share of a turn ---- */

struct worker {
    struct co_frame co;
    unsigned *step_count;
    int i;
    struct co_op op;
};

ASYNC(worker)
{
    co_task_set_background(co, true);
    for (self->i = 0; self->i < 4; self->i++) {
        AWAIT(co_yield(&self->op));
        burn_us(STEP_US);
        ++*self->step_count;
    }
}
END_ASYNC

struct share {
    struct co_frame co;
    unsigned step_count, last, most, turns;
    struct co_group group;
    CO_TASK(worker) workers[CROWD];
    size_t i;
    struct co_op op;
};

/* Looks in each turn how far the crowd in the background has come. */
ASYNC(share)
{
    WITH(co_group_open(co, &self->group, -1)) {
        for (self->i = 0; self->i < CROWD; self->i++)
            SPAWN(&self->group, &self->workers[self->i], worker, &self->step_count);
        while (self->step_count < 4 * CROWD) {
            self->last = self->step_count;
            AWAIT(co_next_turn(&self->op));
            if (self->step_count - self->last > self->most)
                self->most = self->step_count - self->last;
            self->turns++;
        }
    }
    END_WITH;
}
END_ASYNC

static void test_background_has_a_quarter_of_a_millisecond_of_each_turn(void **state)
{
    (void)state;
    CO_TASK(share) root;
    loop_fixture_run(TASK(&root, share));
    /* On a machine however slow there are fewer, never more. */
    assert_in_range(root.fn.most, 1, SHARE_US / STEP_US + 1);
    assert_in_range(root.fn.turns, 4 * CROWD / 3, 4 * CROWD + CROWD + 2);
}

struct busy {
    struct co_frame co;
    const unsigned *step_count;
    struct co_op op;
};

ASYNC(busy)
{
    while (*self->step_count < 4)
        AWAIT(co_yield(&self->op));
}
END_ASYNC

struct starving {
    struct co_frame co;
    unsigned step_count;
    struct co_group group;
    CO_TASK(busy) busy;
    CO_TASK(worker) worker;
};

ASYNC(starving)
{
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->busy, busy, .step_count = &self->step_count);
        SPAWN(&self->group, &self->worker, worker, &self->step_count);
    }
    END_WITH;
}
END_ASYNC

static void test_background_goes_on_however_busy_the_others_are(void **state)
{
    (void)state;
    CO_TASK(starving) root;
    loop_fixture_run(TASK(&root, starving));
    assert_int_equal(root.fn.step_count, 4);
}

/* ---- timers ---- */

static unsigned fired_count;

static void on_fire(struct co_timer *timer)
{
    (void)timer;
    burn_us(STEP_US);
    fired_count++;
}

struct alarms {
    struct co_frame co;
    struct co_timer timers[CROWD];
    unsigned last, most;
    struct co_op op;
};

ASYNC(alarms)
{
    fired_count = 0;
    for (size_t i = 0; i < CROWD; i++) {
        self->timers[i] = (struct co_timer){.fire = on_fire};
        assert_int_equal(co_loop_arm(co_loop_of(co), &self->timers[i], 0), 0);
    }
    while (fired_count < CROWD) {
        self->last = fired_count;
        AWAIT(co_next_turn(&self->op));
        if (fired_count - self->last > self->most)
            self->most = fired_count - self->last;
    }
}
END_ASYNC

static void test_background_crowd_of_timers_does_not_keep_the_others_waiting(void **state)
{
    (void)state;
    CO_TASK(alarms) root;
    loop_fixture_run(TASK(&root, alarms));
    assert_in_range(root.fn.most, 1, SHARE_US / STEP_US + 1);
}

/* ---- the next turn ---- */

struct reader {
    struct co_frame co;
    struct words *trace;
    int fd;
    struct co_fd_op wait;
};

ASYNC(reader)
{
    AWAIT(co_fd_wait(&self->wait, self->fd, EV_READ));
    words_add(self->trace, "read ");
}
END_ASYNC

struct turns {
    struct co_frame co;
    struct words trace;
    int ends[2];
    uint64_t turn;
    struct co_op op;
    struct co_group group;
    CO_TASK(reader) reader;
    struct co_timeout timeout;
};

static uint64_t turn_of(struct co_task *task)
{
    return co_loop_stats(co_loop_of(task)).turns;
}

ASYNC(turns)
{
    assert_int_equal(pipe(self->ends), 0);
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->reader, reader, .trace = &self->trace, .fd = self->ends[0]);
        AWAIT(co_next_turn(&self->op)); /* after it the other one waits */
        assert_int_equal(write(self->ends[1], "x", 1), 1);
        for (self->turn = turn_of(co); turn_of(co) < self->turn + 3;)
            AWAIT(co_next_turn(&self->op));
        words_add(&self->trace, "turned ");
    }
    END_WITH;
    close(self->ends[0]);
    close(self->ends[1]);
    WITH(co_timeout_open(co, &self->timeout, 0, false)) {
        for (;;)
            AWAIT(co_next_turn(&self->op));
    }
    END_WITH;
    words_add(&self->trace, "cancelled");
}
END_ASYNC

static void test_background_next_turn_lets_io_and_cancels_come(void **state)
{
    (void)state;
    CO_TASK(turns) root;
    loop_fixture_run(TASK(&root, turns));
    assert_string_equal(root.fn.trace.text, "read turned cancelled");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_background_comes_after_all_others),
        cmocka_unit_test(test_background_is_where_its_children_are),
        cmocka_unit_test(test_background_has_a_quarter_of_a_millisecond_of_each_turn),
        cmocka_unit_test(test_background_goes_on_however_busy_the_others_are),
        cmocka_unit_test(test_background_crowd_of_timers_does_not_keep_the_others_waiting),
        cmocka_unit_test(test_background_next_turn_lets_io_and_cancels_come),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
