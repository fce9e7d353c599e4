/* The queue between tasks: order, places, closing, and what a cancel may not lose. */
#include "async/queue.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "async/group.h"
#include "async/sleep.h"
#include "support/async_probe.h"
#include "support/loop_fixture.h"
#include "support/run_child.h"

struct item {
    struct list_link link;
    int number;
};

static int number_of(struct list_link *link)
{
    return container_of(link, struct item, link)->number;
}

struct putter {
    struct co_frame co;
    struct co_queue *queue;
    struct item *items;
    int count;
    struct words *trace;
    int i;
    struct co_queue_op op;
};

ASYNC(putter)
{
    for (self->i = 0; self->i < self->count; self->i++) {
        AWAIT(co_queue_put(self->queue, &self->op, &self->items[self->i].link));
        words_add(self->trace, "+%d", self->items[self->i].number);
    }
}
END_ASYNC

struct getter {
    struct co_frame co;
    struct co_queue *queue;
    int count; /* ends after so many; 0: when the queue is closed */
    struct words *trace;
    int i, code;
    struct co_queue_op op;
};

ASYNC(getter)
{
    for (self->i = 0; self->count == 0 || self->i < self->count; self->i++) {
        TRY_AWAIT(self->code, co_queue_get(self->queue, &self->op));
        if (self->code) {
            words_add(self->trace, "!");
            return;
        }
        words_add(self->trace, "-%d", number_of(self->op.item));
    }
}
END_ASYNC

/* What the tests below share: a queue, five numbered items, and tasks to put and get. */
struct scene {
    struct co_frame co;
    void (*prepare)(struct scene *scene);
    void (*act)(struct scene *scene); /* after everybody had two turns */
    struct words trace;
    struct co_queue queue;
    struct item items[5];
    struct co_group group;
    CO_TASK(putter) p, q;
    CO_TASK(getter) g, h;
    struct co_op op;
    int i;
};

ASYNC(scene)
{
    for (self->i = 0; self->i < 5; self->i++)
        self->items[self->i].number = self->i + 1;
    WITH(co_group_open(co, &self->group, -1)) {
        self->prepare(self);
        AWAIT(co_yield(&self->op));
        AWAIT(co_yield(&self->op));
        if (self->act)
            self->act(self);
    }
    END_WITH;
}
END_ASYNC

#define PUT(scene, task, from, n) \
    SPAWN(&(scene)->group, (task), putter, .queue = &(scene)->queue, .items = &(scene)->items[(from)-1], \
          .count = (n), .trace = &(scene)->trace)
#define GET(scene, task, n) \
    SPAWN(&(scene)->group, (task), getter, .queue = &(scene)->queue, .count = (n), .trace = &(scene)->trace)

static void run_scene(void (*prepare)(struct scene *), void (*act)(struct scene *), const char *trace)
{
    CO_TASK(scene) root;
    loop_fixture_run(TASK(&root, scene, .prepare = prepare, .act = act));
    assert_string_equal(root.fn.trace.text, trace);
    assert_int_equal(root.fn.queue.items.count, 0);
    assert_null(root.fn.queue.getters.first);
    assert_null(root.fn.queue.putters.first);
    assert_null(root.fn.queue.roomers.first);
}

/* ---- order ---- */

static void five_through_two_places(struct scene *s)
{
    co_queue_init(&s->queue, 2);
    PUT(s, &s->p, 1, 5);
}

static void get_five(struct scene *s)
{
    words_add(&s->trace, " ");
    GET(s, &s->g, 5);
}

static void test_queue_keeps_order_and_waits_for_places(void **state)
{
    (void)state;
    run_scene(five_through_two_places, get_five, "+1+2 -1-2-3+3+4+5-4-5");
}

static void two_getters(struct scene *s)
{
    co_queue_init(&s->queue, 1);
    GET(s, &s->g, 2);
    GET(s, &s->h, 2);
}

static void put_four(struct scene *s)
{
    for (int i = 0; i < 3; i++) /* two go to those who wait, one into the only place */
        assert_int_equal(co_queue_try_put(&s->queue, &s->items[i].link), 0);
    assert_int_equal(co_queue_try_put(&s->queue, &s->items[3].link), -EAGAIN);
    co_queue_force(&s->queue, &s->items[3].link);
    assert_int_equal(s->queue.items.count, 2);
}

static void test_queue_serves_those_who_wait_in_turn(void **state)
{
    (void)state;
    run_scene(two_getters, put_four, "-1-3-2-4");
}

static void two_putters(struct scene *s)
{
    co_queue_init(&s->queue, 1);
    assert_int_equal(co_queue_try_put(&s->queue, &s->items[0].link), 0);
    PUT(s, &s->p, 2, 2);
    PUT(s, &s->q, 4, 2);
}

static void get_without_waiting(struct scene *s)
{
    for (int i = 0; i < 3; i++)
        words_add(&s->trace, "<%d", number_of(co_queue_try_get(&s->queue)));
    assert_null(co_queue_try_get(&s->queue)); /* the putters are through, and have not run yet */
    GET(s, &s->g, 2);
}

static void test_queue_gives_the_free_place_to_who_waits_longest(void **state)
{
    (void)state;
    run_scene(two_putters, get_without_waiting, "<1<2<4+2+3+4-3-5+5");
}

/* ---- closing ---- */

static void getter_and_full(struct scene *s)
{
    co_queue_init(&s->queue, 1);
    PUT(s, &s->p, 1, 2);
    GET(s, &s->h, 1);
}

static void close_then_get(struct scene *s)
{
    co_queue_close(&s->queue);
    co_queue_close(&s->queue);
    assert_int_equal(co_queue_try_put(&s->queue, &s->items[4].link), -EPIPE);
    co_queue_force(&s->queue, &s->items[3].link);
    GET(s, &s->g, 0);
}

static void test_queue_closed_still_gives_what_is_left(void **state)
{
    (void)state;
    run_scene(getter_and_full, close_then_get, "+1-1+2-2-4!");
}

static void full_with_putter(struct scene *s)
{
    co_queue_init(&s->queue, 1);
    assert_int_equal(co_queue_try_put(&s->queue, &s->items[0].link), 0);
    PUT(s, &s->p, 2, 1);
}

static void close_full(struct scene *s)
{
    co_queue_close(&s->queue);
}

static void test_queue_close_fails_waiting_putters(void **state)
{
    (void)state;
    CO_TASK(scene) root;
    struct co_task *task = TASK(&root, scene, .prepare = full_with_putter, .act = close_full);
    assert_int_equal(loop_fixture_run_error(task).code, CO_ECLOSED);
    assert_int_equal(root.fn.queue.items.count, 1); /* the putter's item is not in it */
    assert_ptr_equal(co_queue_try_get(&root.fn.queue), &root.fn.items[0].link);
    assert_false(list_is_linked(&root.fn.items[1].link));
}

static void close_on_getters(struct scene *s)
{
    co_queue_close(&s->queue);
    PUT(s, &s->p, 1, 0);
}

static void test_queue_close_wakes_waiting_getters(void **state)
{
    (void)state;
    run_scene(two_getters, close_on_getters, "!!");
}

/* ---- cancelling ---- */

static void cancel_first_getter(struct scene *s)
{
    co_cancel(&s->g.task.self);
    for (int i = 0; i < 2; i++)
        assert_int_equal(co_queue_try_put(&s->queue, &s->items[i].link), 0);
}

static void test_queue_cancelled_get_takes_nothing(void **state)
{
    (void)state;
    run_scene(two_getters, cancel_first_getter, "-1-2");
}

static void put_then_cancel_getter(struct scene *s)
{
    assert_int_equal(co_queue_try_put(&s->queue, &s->items[0].link), 0);
    co_cancel(&s->g.task.self); /* it has the first already, and gets no second */
    assert_int_equal(co_queue_try_put(&s->queue, &s->items[1].link), 0);
    assert_int_equal(co_queue_try_put(&s->queue, &s->items[2].link), 0);
}

static void test_queue_completed_get_beats_a_cancel(void **state)
{
    (void)state;
    run_scene(two_getters, put_then_cancel_getter, "-1-2-3");
}

static void cancel_first_putter(struct scene *s)
{
    co_cancel(&s->p.task.self);
    GET(s, &s->g, 3);
}

static void test_queue_cancelled_put_leaves_nothing(void **state)
{
    (void)state;
    run_scene(two_putters, cancel_first_putter, "-1-4+4+5-5");
}

static void get_then_cancel_putter(struct scene *s)
{
    words_add(&s->trace, "<%d", number_of(co_queue_try_get(&s->queue)));
    co_cancel(&s->p.task.self); /* its item is in the queue already */
    GET(s, &s->g, 3);
}

static void test_queue_completed_put_beats_a_cancel(void **state)
{
    (void)state;
    run_scene(two_putters, get_then_cancel_putter, "<1+2-2-4+4+5-5");
}

/* ---- room ---- */

struct roomer {
    struct co_frame co;
    struct co_queue *queue;
    struct words *trace;
    int code;
    struct co_queue_op op;
};

ASYNC(roomer)
{
    TRY_AWAIT(self->code, co_queue_room(self->queue, &self->op));
    words_add(self->trace, self->code ? "closed" : "room");
}
END_ASYNC

struct rooms {
    struct co_frame co;
    struct words trace;
    struct co_queue queue;
    struct item items[4];
    struct co_group group;
    CO_TASK(roomer) a, b, c, d;
    CO_TASK(putter) putter;
    struct co_op op;
    int i;
};

ASYNC(rooms)
{
    co_queue_init(&self->queue, 2);
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->a, roomer, .queue = &self->queue, .trace = &self->trace);
        AWAIT(co_yield(&self->op));
        assert_string_equal(self->trace.text, "room"); /* empty: at once */

        for (self->i = 0; self->i < 3; self->i++)
            co_queue_force(&self->queue, &self->items[self->i].link);
        SPAWN(&self->group, &self->b, roomer, .queue = &self->queue, .trace = &self->trace);
        SPAWN(&self->group, &self->c, roomer, .queue = &self->queue, .trace = &self->trace);
        SPAWN(&self->group, &self->putter, putter, .queue = &self->queue, .trace = &self->trace, .count = 1,
              .items = &self->items[3]);
        AWAIT(co_yield(&self->op));
        AWAIT(co_yield(&self->op));
        (void)co_queue_try_get(&self->queue); /* two left: no place yet */
        AWAIT(co_yield(&self->op));
        assert_string_equal(self->trace.text, "room");
        (void)co_queue_try_get(&self->queue); /* the place is the putter's */
        AWAIT(co_yield(&self->op));
        assert_string_equal(self->trace.text, "room+0");
        co_cancel(&self->c.task.self);
        (void)co_queue_try_get(&self->queue);
        AWAIT(co_yield(&self->op));
        assert_string_equal(self->trace.text, "room+0room");

        co_queue_force(&self->queue, &self->items[0].link);
        SPAWN(&self->group, &self->d, roomer, .queue = &self->queue, .trace = &self->trace);
        AWAIT(co_yield(&self->op));
        co_queue_close(&self->queue);
        AWAIT(co_yield(&self->op));
        assert_string_equal(self->trace.text, "room+0roomclosed");
        AWAIT(CALL(&self->a.fn, roomer, .queue = &self->queue, .trace = &self->trace));
        assert_string_equal(self->trace.text, "room+0roomclosedclosed");
    }
    END_WITH;
    assert_int_equal(self->queue.items.count, 2);
    assert_int_equal(self->c.task.error.code, ECANCELED);
}
END_ASYNC

static void test_queue_room_comes_below_the_capacity(void **state)
{
    (void)state;
    CO_TASK(rooms) root;
    loop_fixture_run(TASK(&root, rooms));
}

struct crowd {
    struct co_frame co;
    struct words trace;
    struct co_queue queue;
    struct item items[4];
    struct co_group group;
    CO_TASK(roomer) roomers[4];
    struct co_op op;
    size_t i;
};

ASYNC(crowd)
{
    co_queue_init(&self->queue, 2);
    for (self->i = 0; self->i < 4; self->i++)
        co_queue_force(&self->queue, &self->items[self->i].link);
    WITH(co_group_open(co, &self->group, -1)) {
        for (self->i = 0; self->i < 4; self->i++)
            SPAWN(&self->group, &self->roomers[self->i], roomer, .queue = &self->queue,
                  .trace = &self->trace);
        AWAIT(co_yield(&self->op));
        for (self->i = 0; self->i < 2; self->i++)
            (void)co_queue_try_get(&self->queue);
        AWAIT(co_yield(&self->op));
        assert_string_equal(self->trace.text, ""); /* it is full */
        (void)co_queue_try_get(&self->queue);
        AWAIT(co_yield(&self->op));
        assert_string_equal(self->trace.text, "room"); /* one place: not all at once */
        (void)co_queue_try_get(&self->queue);
        AWAIT(co_yield(&self->op));
        /* The first has put nothing; if the others waited for a place that becomes free, they would for ever. */
        assert_string_equal(self->trace.text, "roomroomroomroom");
    }
    END_WITH;
}
END_ASYNC

static void test_queue_room_lets_one_through_for_each_place(void **state)
{
    (void)state;
    CO_TASK(crowd) root;
    loop_fixture_run(TASK(&root, crowd));
}

static void init_without_places(void)
{
    struct co_queue queue;
    co_queue_init(&queue, 0);
}

static void test_queue_needs_a_place(void **state)
{
    (void)state;
    assert_aborts(init_without_places, "capacity >= 1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_queue_keeps_order_and_waits_for_places),
        cmocka_unit_test(test_queue_serves_those_who_wait_in_turn),
        cmocka_unit_test(test_queue_gives_the_free_place_to_who_waits_longest),
        cmocka_unit_test(test_queue_closed_still_gives_what_is_left),
        cmocka_unit_test(test_queue_close_fails_waiting_putters),
        cmocka_unit_test(test_queue_close_wakes_waiting_getters),
        cmocka_unit_test(test_queue_cancelled_get_takes_nothing),
        cmocka_unit_test(test_queue_completed_get_beats_a_cancel),
        cmocka_unit_test(test_queue_cancelled_put_leaves_nothing),
        cmocka_unit_test(test_queue_completed_put_beats_a_cancel),
        cmocka_unit_test(test_queue_room_comes_below_the_capacity),
        cmocka_unit_test(test_queue_room_lets_one_through_for_each_place),
        cmocka_unit_test(test_queue_needs_a_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
