/* The loop's turn: fairness, what it leaves, what it tells. */
#include "async/loop.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <unistd.h>
#include <cmocka.h>

#include <event2/event.h>

#include "async/event.h"
#include "async/fd.h"
#include "async/group.h"
#include "async/queue.h"
#include "async/sleep.h"
#include "async/timeout.h"
#include "support/async_probe.h"
#include "support/loop_fixture.h"

enum { FOREVER_MS = 600000 };

/* ---- fairness ---- */

struct greedy {
    struct co_frame co;
    struct co_event *event; /* set: to wait for it never suspends by itself */
    unsigned times;
    unsigned *count;
    struct co_event_op wait;
};

ASYNC(greedy)
{
    for (; *self->count < self->times; ++*self->count)
        AWAIT(co_event_wait(self->event, &self->wait));
}
END_ASYNC

struct modest {
    struct co_frame co;
    unsigned *count;
    unsigned last, longest, turns;
    unsigned times;
    struct co_op op;
};

/* Looks how far the greedy one came between two of its own turns. */
ASYNC(modest)
{
    while (*self->count < self->times) {
        self->last = *self->count;
        AWAIT(co_yield(&self->op));
        if (*self->count - self->last > self->longest)
            self->longest = *self->count - self->last;
        self->turns++;
    }
}
END_ASYNC

struct fair {
    struct co_frame co;
    unsigned count;
    struct co_event event;
    struct co_group group;
    CO_TASK(greedy) greedy;
    CO_TASK(modest) modest;
};

ASYNC(fair)
{
    co_event_set(&self->event);
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->greedy, greedy, .event = &self->event, .times = 10000,
              .count = &self->count);
        SPAWN(&self->group, &self->modest, modest, .times = 10000, .count = &self->count);
    }
    END_WITH;
}
END_ASYNC

static void test_loop_64_awaits_that_complete_at_once_give_way(void **state)
{
    (void)state;
    CO_TASK(fair) root;
    loop_fixture_run(TASK(&root, fair));
    assert_int_equal(root.fn.count, 10000);
    assert_int_equal(root.fn.modest.fn.longest, 64);
    assert_in_range(root.fn.modest.fn.turns, 10000 / 64, 10000 / 64 + 2);
}

struct busy {
    struct co_frame co;
    const bool *is_over;
    unsigned count;
    struct co_op op;
};

ASYNC(busy)
{
    for (; !*self->is_over; self->count++)
        AWAIT(co_yield(&self->op));
}
END_ASYNC

struct io {
    struct co_frame co;
    int ends[2];
    bool is_over;
    unsigned woken_at;
    struct co_group group;
    CO_TASK(busy) busy[2];
    union {
        struct co_fd_op fd;
        struct co_sleep_op sleep;
    } u;
};

ASYNC(io)
{
    assert_int_equal(pipe(self->ends), 0);
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->busy[0], busy, .is_over = &self->is_over);
        SPAWN(&self->group, &self->busy[1], busy, .is_over = &self->is_over);
        assert_int_equal(write(self->ends[1], "x", 1), 1);
        AWAIT(co_fd_wait(&self->u.fd, self->ends[0], EV_READ));
        self->woken_at = self->busy[0].fn.count + self->busy[1].fn.count;
        AWAIT(co_sleep(&self->u.sleep, 2)); /* timers come, too */
        self->is_over = true;
    }
    END_WITH;
    close(self->ends[0]);
    close(self->ends[1]);
}
END_ASYNC

static void test_loop_busy_tasks_do_not_keep_io_waiting(void **state)
{
    (void)state;
    CO_TASK(io) root;
    loop_fixture_run(TASK(&root, io));
    /* It was ready at the first look, and between two looks there are at most 256 steps. */
    assert_in_range(root.fn.woken_at, 1, 256 + 2);
}

/* ---- what it tells ---- */

struct yields {
    struct co_frame co;
    int times, error;
    int i;
    struct co_op op;
};

ASYNC(yields)
{
    for (self->i = 0; self->i < self->times; self->i++)
        AWAIT(co_yield(&self->op));
    if (self->error)
        RAISE(self->error, "as told");
}
END_ASYNC

static void test_loop_counts_steps_and_turns(void **state)
{
    (void)state;
    CO_TASK(yields) root;
    struct co_loop *loop = co_loop_new();
    assert_non_null(loop);
    assert_int_equal(co_loop_stats(loop).turns, 0);
    assert_int_equal(co_loop_run(loop, TASK(&root, yields, .times = 999)).code, 0);
    struct co_loop_stats stats = co_loop_stats(loop);
    assert_int_equal(stats.resumes, 1000);
    assert_in_range(stats.turns, 4, 1000); /* 256 steps each, or fewer when they take long */
    assert_true(stats.longest_turn_ns > 0);

    /* The loop serves again, and gives back the error. */
    assert_int_equal(co_loop_run(loop, TASK(&root, yields, .times = 1, .error = EIO)).code, EIO);
    assert_int_equal(co_loop_stats(loop).resumes, 1002);
    assert_ptr_equal(co_loop_of(&root.task), loop);
    assert_int_equal(co_loop_free(loop), 0);
}

static void ignore_timer(struct co_timer *timer)
{
    (void)timer;
}

static void test_loop_free_tells_what_was_left(void **state)
{
    (void)state;
    struct co_timer timers[2] = {{.fire = ignore_timer}, {.fire = ignore_timer}};
    struct co_loop *loop = co_loop_new();
    assert_non_null(loop);
    assert_int_equal(co_loop_arm(loop, &timers[0], FOREVER_MS), 0);
    assert_int_equal(co_loop_arm(loop, &timers[1], -1), 0);
    co_loop_disarm(loop, &timers[1]);
    co_loop_disarm(loop, &timers[1]);
    assert_int_equal(co_loop_free(loop), 1);
    assert_int_equal(co_loop_free(NULL), 0);
}

struct watcher {
    struct co_frame co;
    int64_t last_ns;
    int i;
    struct co_sleep_op sleep;
};

ASYNC(watcher)
{
    for (self->i = 0; self->i < 3; self->i++) {
        self->last_ns = co_loop_now_ns(co_loop_of(co));
        AWAIT(co_sleep(&self->sleep, 2));
        assert_true(co_loop_now_ns(co_loop_of(co)) >= self->last_ns + 2000000);
        assert_int_equal(co_loop_now_ms(co_loop_of(co)), co_loop_now_ns(co_loop_of(co)) / 1000000);
    }
}
END_ASYNC

static void test_loop_time_moves_with_the_turns(void **state)
{
    (void)state;
    CO_TASK(watcher) root;
    loop_fixture_run(TASK(&root, watcher));
    assert_int_equal(root.fn.i, 3);
}

/* ---- callbacks of libevent only complete ---- */

struct called {
    struct co_frame co;
    struct words *trace;
    struct co_event event;
    struct co_event_op wait;
};

static void on_timeout(evutil_socket_t fd, short what, void *arg)
{
    struct called *called = arg;
    (void)fd;
    (void)what;
    co_event_set(&called->event);
    words_add(called->trace, "callback ");
}

ASYNC(called)
{
    assert_int_equal(event_base_once(co_loop_base(co_loop_of(co)), -1, EV_TIMEOUT, on_timeout, self, NULL),
                     0);
    AWAIT(co_event_wait(&self->event, &self->wait));
    words_add(self->trace, "coroutine");
}
END_ASYNC

static void test_loop_runs_no_coroutine_inside_a_callback(void **state)
{
    (void)state;
    CO_TASK(called) root;
    struct words trace = {0};
    loop_fixture_run(TASK(&root, called, .trace = &trace));
    assert_string_equal(trace.text, "callback coroutine");
}

/* ---- the tree of tasks ---- */

struct inner {
    struct co_frame co;
    struct co_sleep_op sleep;
};

ASYNC(inner)
{
    AWAIT(co_sleep(&self->sleep, FOREVER_MS));
}
END_ASYNC

struct sleeper {
    struct co_frame co;
    struct co_timeout limit;
    struct inner inner;
};

ASYNC(sleeper)
{
    WITH(co_timeout_open(co, &self->limit, FOREVER_MS, false)) {
        AWAIT(CALL(&self->inner, inner));
    }
    END_WITH;
}
END_ASYNC

struct getter {
    struct co_frame co;
    struct co_queue queue;
    struct co_queue_op get;
};

ASYNC(getter)
{
    co_queue_init(&self->queue, 1);
    AWAIT(co_queue_get(&self->queue, &self->get));
}
END_ASYNC

struct parent {
    struct co_frame co;
    struct co_group group;
    CO_TASK(getter) getter;
};

ASYNC(parent)
{
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->getter, getter);
    }
    END_WITH;
}
END_ASYNC

struct leaver {
    struct co_frame co;
    struct words *trace;
    struct probe probe;
};

ASYNC(leaver)
{
    WITH(probe_open(&self->probe, (struct probe){.trace = self->trace, .name = "p", .exit_ms = FOREVER_MS})) {
    }
    END_WITH;
}
END_ASYNC

/* Every line, with "N" for line numbers above 0. */
static void write_down(void *arg, struct bytes text)
{
    struct words *trace = arg;
    bool is_number = false;
    for (size_t i = 0; i < text.len; i++) {
        bool is_digit = text.ptr[i] >= '0' && text.ptr[i] <= '9';
        bool is_first = is_digit && i > 0 && text.ptr[i - 1] == ':' && text.ptr[i] != '0';
        is_number = is_digit && (is_number || is_first);
        if (!is_number || is_first)
            words_add(trace, "%c", is_first ? 'N' : text.ptr[i]);
    }
    words_add(trace, "\n");
}

struct tree {
    struct co_frame co;
    struct words trace, dumps[3];
    struct co_group group;
    CO_TASK(sleeper) sleeper;
    CO_TASK(parent) parent;
    CO_TASK(leaver) leaver;
    struct co_op op;
};

ASYNC(tree)
{
    WITH(co_group_open(co, &self->group, 0)) {
        SPAWN(&self->group, &self->sleeper, sleeper);
        SPAWN(&self->group, &self->leaver, leaver, .trace = &self->trace);
        SPAWN(&self->group, &self->parent, parent);
        co_loop_dump(co_loop_of(co), write_down, &self->dumps[0]);
        AWAIT(co_yield(&self->op));
        AWAIT(co_yield(&self->op));
        co_loop_dump(co_loop_of(co), write_down, &self->dumps[1]);
        co_group_cancel(&self->group);
        co_loop_dump(co_loop_of(co), write_down, &self->dumps[2]);
    }
    END_WITH;
}
END_ASYNC

static void test_loop_dump_shows_who_waits_where_for_what(void **state)
{
    (void)state;
    CO_TASK(tree) root;
    struct words after = {0};
    loop_fixture_run(TASK(&root, tree));
    assert_string_equal(root.fn.dumps[0].text, "tree (unit/test_loop.c:0) running\n"
                                               "  parent (unit/test_loop.c:0) ready\n"
                                               "  leaver (unit/test_loop.c:0) ready\n"
                                               "  sleeper (unit/test_loop.c:0) ready\n");
    assert_string_equal(
        root.fn.dumps[1].text,
        "tree (unit/test_loop.c:N) running\n"
        "  parent (unit/test_loop.c:N) waits: group.join leaving\n"
        "    getter (unit/test_loop.c:N) waits: queue.get\n"
        "  leaver (unit/test_loop.c:N) > probe_exit (support/async_probe.c:N) waits: sleep leaving\n"
        "  sleeper (unit/test_loop.c:N) > inner (unit/test_loop.c:N) waits: sleep\n");
    assert_string_equal(
        root.fn.dumps[2].text,
        "tree (unit/test_loop.c:N) running cancelled\n"
        "  parent (unit/test_loop.c:N) waits: group.join leaving cancelled\n"
        "    getter (unit/test_loop.c:N) ready cancelled\n"
        "  leaver (unit/test_loop.c:N) > probe_exit (support/async_probe.c:N) waits: sleep leaving cancelled\n"
        "  sleeper (unit/test_loop.c:N) > inner (unit/test_loop.c:N) ready cancelled\n");

    struct co_loop *loop = co_loop_new(); /* nothing runs in it: nothing to show */
    assert_non_null(loop);
    co_loop_dump(loop, write_down, &after);
    assert_string_equal(after.text, "");
    assert_int_equal(co_loop_free(loop), 0);
}

/* ---- chores ---- */

struct errand {
    struct co_chore chore;
    char name;
    struct words *trace;
    struct co_event *event; /* NULL: it tells nobody */
};

static void run_errand(struct co_chore *chore)
{
    struct errand *errand = container_of(chore, struct errand, chore);
    words_add(errand->trace, "%c", errand->name);
    if (errand->event)
        co_event_set(errand->event);
}

struct chores {
    struct co_frame co;
    struct words trace;
    struct errand errands[4];
    struct co_event event;
    struct co_event_op wait;
    struct co_sleep_op sleep;
};

static void put_off(struct co_task *co, struct errand *errand)
{
    co_loop_put_off(co_loop_of(co), &errand->chore);
}

ASYNC(chores)
{
    for (char i = 0; i < 4; i++)
        self->errands[(size_t)i] =
            (struct errand){.chore.run = run_errand, .name = (char)('a' + i), .trace = &self->trace};
    put_off(co, &self->errands[1]);
    put_off(co, &self->errands[0]);
    put_off(co, &self->errands[1]);
    put_off(co, &self->errands[2]);
    co_loop_drop_chore(co_loop_of(co), &self->errands[2].chore);
    co_loop_drop_chore(co_loop_of(co), &self->errands[3].chore);
    assert_string_equal(self->trace.text, "");
    AWAIT(co_sleep(&self->sleep, 1));
    assert_string_equal(self->trace.text, "ba");

    /* Whom a chore wakes does not wait for something else to happen. */
    self->errands[0].event = &self->event;
    put_off(co, &self->errands[0]);
    AWAIT(co_event_wait(&self->event, &self->wait));
    assert_string_equal(self->trace.text, "baa");
    put_off(co, &self->errands[3]);
}
END_ASYNC

static void test_loop_does_chores_once_before_the_poll_and_before_it_returns(void **state)
{
    (void)state;
    CO_TASK(chores) root;
    loop_fixture_run(TASK(&root, chores));
    assert_string_equal(root.fn.trace.text, "baad");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_loop_64_awaits_that_complete_at_once_give_way),
        cmocka_unit_test(test_loop_busy_tasks_do_not_keep_io_waiting),
        cmocka_unit_test(test_loop_counts_steps_and_turns),
        cmocka_unit_test(test_loop_free_tells_what_was_left),
        cmocka_unit_test(test_loop_time_moves_with_the_turns),
        cmocka_unit_test(test_loop_runs_no_coroutine_inside_a_callback),
        cmocka_unit_test(test_loop_does_chores_once_before_the_poll_and_before_it_returns),
        cmocka_unit_test(test_loop_dump_shows_who_waits_where_for_what),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
