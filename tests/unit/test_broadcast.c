/* Broadcast: every value once and in order, or an exact count of what was missed; no value freed early. */
#include "async/broadcast.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "async/group.h"
#include "async/lock.h"
#include "async/select.h"
#include "async/sleep.h"
#include "support/async_probe.h"
#include "support/run_child.h"
#include "support/virtual_fixture.h"

/* Values are on the heap and freed by the channel, so that the sanitizer sees an early release. */
static void send_number(struct co_broadcast *channel, int number)
{
    int *value = malloc(sizeof(*value));
    assert_non_null(value);
    *value = number;
    co_broadcast_send(channel, value);
}

/* Writes down what it receives: "1", "?3" for three missed, "." for the end. */
struct listener {
    struct co_frame co;
    struct co_broadcast *channel;
    int pause_ms; /* after each */
    struct words trace;
    struct co_receiver receiver;
    struct co_receive_op receive;
    struct co_sleep_op nap;
    int code;
};

ASYNC(listener)
{
    co_receiver_init(&self->receiver, self->channel);
    for (;;) {
        TRY_AWAIT(self->code, co_receive(&self->receiver, &self->receive));
        if (self->code == CO_ECLOSED)
            break;
        if (self->code == CO_ELAGGED)
            words_add(&self->trace, "?%d", (int)self->receive.missed);
        else
            words_add(&self->trace, "%d", *(const int *)self->receive.value);
        if (self->pause_ms)
            AWAIT(co_sleep(&self->nap, self->pause_ms));
    }
    words_add(&self->trace, ".");
    TRY_AWAIT(self->code, co_receive(&self->receiver, &self->receive));
    assert_int_equal(self->code, CO_ECLOSED); /* stays so */
}
END_ASYNC

#define SPAWN_LISTENER(self, who, ...) \
    SPAWN(&(self)->group, &(self)->who, listener, .channel = &(self)->channel, __VA_ARGS__)

struct hall {
    struct co_frame co;
    size_t capacity;
    int burst, bursts; /* sends so many at once, so many times, 10 ms apart */
    struct co_broadcast channel;
    struct co_group group;
    CO_TASK(listener) quick, slow, late;
    struct co_sleep_op nap;
    int i;
};

ASYNC(hall)
{
    assert_int_equal(co_broadcast_init(&self->channel, self->capacity, free), 0);
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN_LISTENER(self, quick, .pause_ms = 0);
        SPAWN_LISTENER(self, slow, .pause_ms = 25);
        AWAIT(co_yield(&self->nap.op));
        for (self->i = 0; self->i < self->bursts; self->i++) {
            for (int j = 1; j <= self->burst; j++)
                send_number(&self->channel, self->i * self->burst + j);
            if (self->i == 0)
                SPAWN_LISTENER(self, late, .pause_ms = 0);
            AWAIT(co_sleep(&self->nap, 10));
        }
        co_broadcast_close(&self->channel);
    }
    END_WITH;
    co_broadcast_done(&self->channel);
}
END_ASYNC

static void hall_is(size_t capacity, int burst, int bursts, const char *quick, const char *slow,
                    const char *late)
{
    CO_TASK(hall) root;
    virtual_fixture_run(TASK(&root, hall, .capacity = capacity, .burst = burst, .bursts = bursts));
    assert_string_equal(root.fn.quick.fn.trace.text, quick);
    assert_string_equal(root.fn.slow.fn.trace.text, slow);
    assert_string_equal(root.fn.late.fn.trace.text, late);
}

static void test_broadcast_goes_to_all_at_their_own_pace(void **state)
{
    (void)state;
    /* The slow one takes at 0, 25 and 50 ms, and the end at 75; the late one hears what comes after it. */
    hall_is(8, 1, 3, "123.", "123.", "23.");
    hall_is(1, 1, 3, "123.", "1?13.", "23.");
    hall_is(3, 3, 1, "123.", "123.", ".");
}

static void test_broadcast_counts_what_was_missed(void **state)
{
    (void)state;
    hall_is(2, 3, 1, "?123.", "?123.", ".");
    hall_is(1, 2, 1, "?12.", "?12.", "."); /* two sends before the woken receiver runs */
    hall_is(1, 2, 2, "?12?14.", "?1?24.", "?14.");
    hall_is(3, 9, 1, "?6789.", "?6789.", ".");
}

/* A receiver hears what is sent after its init; the values may be what nobody has to release. */
static void test_broadcast_receiver_hears_from_now_on(void **state)
{
    (void)state;
    struct co_broadcast channel;
    int value = 0;
    assert_int_equal(co_broadcast_init(&channel, 2, NULL), 0);
    for (int i = 0; i < 5; i++)
        co_broadcast_send(&channel, &value);
    struct co_receiver receiver;
    co_receiver_init(&receiver, &channel);
    assert_int_equal(receiver.cursor, 5);
    co_broadcast_done(&channel);
}

/* ---- a value must be there while the receiver looks at it ---- */

struct spammer {
    struct co_frame co;
    struct co_broadcast *channel;
    int count;
};

ASYNC(spammer)
{
    for (int i = 0; i < self->count; i++)
        send_number(self->channel, 100 + i);
}
END_ASYNC

/* Awaits that complete at once are limited; the one at the limit goes behind others, who send. */
struct busy {
    struct co_frame co;
    int instants;
    bool is_selecting;
    struct co_broadcast channel;
    struct co_receiver receiver;
    struct co_receive_op receive;
    struct co_op *ops[1];
    struct co_select select;
    struct co_lock lock;
    struct co_lock_op acquire;
    struct co_group group;
    CO_TASK(spammer) spammer;
    int i, code;
};

ASYNC(busy)
{
    assert_int_equal(co_broadcast_init(&self->channel, 1, free), 0);
    co_receiver_init(&self->receiver, &self->channel);
    send_number(&self->channel, 1);
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->spammer, spammer, .channel = &self->channel, .count = 2);
        for (self->i = 0; self->i < self->instants; self->i++) {
            AWAIT(co_lock_acquire(&self->lock, &self->acquire));
            co_lock_release(&self->lock);
        }
        self->ops[0] = co_select_op(co_receive(&self->receiver, &self->receive));
        if (self->is_selecting)
            TRY_AWAIT(self->code, co_select(&self->select, self->ops, 1));
        else
            TRY_AWAIT(self->code, co_receive(&self->receiver, &self->receive));
        assert_int_equal(self->code, self->instants < 63 ? 0 : CO_ELAGGED);
        if (self->code)
            assert_int_equal(self->receive.missed, 2);
        else
            assert_int_equal(*(const int *)self->receive.value, 1);
    }
    END_WITH;
    co_broadcast_done(&self->channel);
}
END_ASYNC

static void test_broadcast_value_is_taken_when_the_receiver_runs(void **state)
{
    (void)state;
    for (int instants = 60; instants < 66; instants++) {
        CO_TASK(busy) root;
        virtual_fixture_run(TASK(&root, busy, .instants = instants));
        virtual_fixture_run(TASK(&root, busy, .instants = instants, .is_selecting = true));
    }
}

/* ---- cancelled ---- */

struct once {
    struct co_frame co;
    struct co_receiver *receiver;
    struct co_receive_op receive;
    int value;
};

ASYNC(once)
{
    AWAIT(co_receive(self->receiver, &self->receive));
    self->value = *(const int *)self->receive.value;
}
END_ASYNC

struct cancelled {
    struct co_frame co;
    bool is_sent_first;
    struct co_broadcast channel;
    struct co_receiver receiver;
    struct co_group group;
    CO_TASK(once) a, b;
    struct co_op op;
};

ASYNC(cancelled)
{
    assert_int_equal(co_broadcast_init(&self->channel, 4, free), 0);
    co_receiver_init(&self->receiver, &self->channel);
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->a, once, .receiver = &self->receiver);
        AWAIT(co_yield(&self->op));
        if (self->is_sent_first)
            send_number(&self->channel, 1);
        co_cancel(&self->a.task.self);
        if (!self->is_sent_first)
            send_number(&self->channel, 1);
        send_number(&self->channel, 2);
    }
    END_WITH;
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->b, once, .receiver = &self->receiver);
    }
    END_WITH;
    assert_int_equal(self->a.fn.value, self->is_sent_first ? 1 : 0);
    assert_int_equal(self->b.fn.value, self->is_sent_first ? 2 : 1);
    co_broadcast_done(&self->channel);
}
END_ASYNC

static void test_broadcast_cancelled_receive_moves_nothing(void **state)
{
    (void)state;
    for (int i = 0; i <= 1; i++) {
        CO_TASK(cancelled) root;
        virtual_fixture_run(TASK(&root, cancelled, .is_sent_first = i));
    }
}

/* ---- the end ---- */

struct closing {
    struct co_frame co;
    struct co_broadcast channel;
    struct co_receiver receiver;
    struct co_receive_op receive;
    int code;
};

ASYNC(closing)
{
    assert_int_equal(co_broadcast_init(&self->channel, 2, free), 0);
    co_receiver_init(&self->receiver, &self->channel);
    for (int i = 1; i <= 3; i++)
        send_number(&self->channel, i);
    co_broadcast_close(&self->channel);
    co_broadcast_close(&self->channel);
    TRY_AWAIT(self->code, co_receive(&self->receiver, &self->receive));
    assert_int_equal(self->code, CO_ELAGGED); /* not the same as closed */
    assert_int_equal(self->receive.missed, 1);
    assert_null(self->receive.value);
    AWAIT(co_receive(&self->receiver, &self->receive));
    assert_int_equal(*(const int *)self->receive.value, 2);
    assert_int_equal(self->receive.missed, 0);
    AWAIT(co_receive(&self->receiver, &self->receive));
    assert_int_equal(*(const int *)self->receive.value, 3);
    TRY_AWAIT(self->code, co_receive(&self->receiver, &self->receive));
    assert_int_equal(self->code, CO_ECLOSED);
    co_broadcast_done(&self->channel);
}
END_ASYNC

static void test_broadcast_closed_gives_what_is_left(void **state)
{
    (void)state;
    CO_TASK(closing) root;
    virtual_fixture_run(TASK(&root, closing));
}

static void send_after_close(void)
{
    struct co_broadcast channel;
    assert_int_equal(co_broadcast_init(&channel, 1, NULL), 0);
    co_broadcast_close(&channel);
    co_broadcast_send(&channel, NULL);
}

static void test_broadcast_send_after_close_aborts(void **state)
{
    (void)state;
    assert_aborts(send_after_close, "!channel->is_closed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_broadcast_goes_to_all_at_their_own_pace),
        cmocka_unit_test(test_broadcast_counts_what_was_missed),
        cmocka_unit_test(test_broadcast_receiver_hears_from_now_on),
        cmocka_unit_test(test_broadcast_value_is_taken_when_the_receiver_runs),
        cmocka_unit_test(test_broadcast_cancelled_receive_moves_nothing),
        cmocka_unit_test(test_broadcast_closed_gives_what_is_left),
        cmocka_unit_test(test_broadcast_send_after_close_aborts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
