/* Connections that rest: what wakes them, and what is never lost. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "async/group.h"
#include "async/loop.h"
#include "async/sleep.h"
#include "async/timeout.h"
#include "net/conn.h"
#include "net/conn_kind.h"
#include "net/parking.h"
#include "support/conn_probe.h"
#include "support/loop_fixture.h"
#include "support/park_pair.h"

struct park_case;

/* Does something with the other end while the connection rests. */
struct other_end {
    struct co_frame co;
    struct park_case *self;
    void (*act)(struct park_case *self);
    struct co_sleep_op sleep;
};
ASYNC_DECLARE(other_end);

struct park_case {
    struct co_frame co;
    void (*act)(struct park_case *self); /* while it rests; NULL: nothing happens */
    bool is_early;                       /* before it does, in the same turn */
    int expected_code;                   /* of the read behind it */
    const char *expected;                /* the line that it gives */
    struct park_pair base;
    CO_TASK(other_end) other;
    struct co_group group;
    struct co_timeout timeout;
    int code;
    union {
        struct conn_both_handshakes handshakes;
        struct conn_rest_op rest;
        struct conn_read_op read;
        struct co_sleep_op sleep;
    } u;
};

ASYNC(other_end)
{
    AWAIT(co_sleep(&self->sleep, PARK_PAIR_SOON_MS));
    if (self->act)
        self->act(self->self);
}
END_ASYNC

/* ---- what wakes ---- */

ASYNC(park_case)
{
    park_pair_begin(&self->base, co_loop_of(co));
    if (self->base.is_tls) {
        AWAIT(CALL(&self->u.handshakes, conn_both_handshakes, .server = &self->base.conn,
                   .client = &self->base.client));
        AWAIT(co_sleep(&self->u.sleep, PARK_PAIR_SOON_MS)); /* what belongs to the handshake has gone */
        conn_interrupt(&self->base.conn);
    }
    if (self->is_early)
        self->act(self);
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->other, other_end, .self = self, .act = self->is_early ? NULL : self->act);
        assert_true(conn_can_rest(&self->base.conn));
        AWAIT(conn_rest(&self->base.conn, &self->u.rest, &self->base.parking));
        assert_int_equal(self->base.parking.count, 0);
        assert_false(conn_can_rest(&self->base.conn)); /* what woke it is to be read first */
        TRY_AWAIT(self->code, conn_readline(&self->base.conn, &self->u.read));
        assert_int_equal(self->code, self->expected_code);
        if (!self->code) {
            assert_true(bytes_eq(self->u.read.line, bytes_of(self->expected)));
            assert_true(conn_can_rest(&self->base.conn));
        }
    }
    END_WITH;
    park_pair_end(&self->base);
}
END_ASYNC

static void say_hello(struct park_case *self)
{
    park_pair_say(&self->base, "hello\n");
}

static void check_parked_and_say_hello(struct park_case *self)
{
    assert_null(self->base.conn.bev);
    assert_int_equal(self->base.parking.count, 1);
    say_hello(self);
}

static void end_stream(struct park_case *self)
{
    shutdown(self->base.pair.client, SHUT_WR);
}

static void reset(struct park_case *self)
{
    net_pair_reset(self->base.pair.client);
    self->base.pair.client = -1;
}

static void say_goodbye(struct park_case *self)
{
    assert_int_equal(self->base.client.kind->goodbye(&self->base.client), 0);
}

static void give_up(struct park_case *self)
{
    conn_abort(&self->base.conn, ETIMEDOUT);
}

static void say_without_memory(struct park_case *self)
{
    park_pair_break(&self->base);
    say_hello(self);
}

static void run_wake(bool is_tls, bool is_early, void (*act)(struct park_case *self), const char *line,
                     int code)
{
    CO_TASK(park_case) root;
    loop_fixture_run(TASK(&root, park_case, .act = act, .base.is_tls = is_tls, .is_early = is_early,
                          .expected = line, .expected_code = code));
}

static void test_conn_rest_ends_with_a_line(void **state)
{
    (void)state;
    run_wake(false, false, check_parked_and_say_hello, "hello", 0);
    run_wake(true, false, check_parked_and_say_hello, "hello", 0);
}

static void test_conn_rest_ends_for_what_came_just_before(void **state)
{
    (void)state;
    run_wake(false, true, say_hello, "hello", 0);
    run_wake(true, true, say_hello, "hello", 0);
}

static void test_conn_rest_ends_with_the_stream(void **state)
{
    (void)state;
    run_wake(false, false, end_stream, NULL, CO_EEOF);
    run_wake(false, true, end_stream, NULL, CO_EEOF);
    run_wake(true, false, end_stream, NULL, CO_EEOF); /* cut off, which the line before would show */
    run_wake(true, false, say_goodbye, NULL, CO_EEOF);
}

static void test_conn_rest_ends_when_it_is_reset(void **state)
{
    (void)state;
    run_wake(false, false, reset, NULL, ECONNRESET);
}

static void test_conn_rest_ends_when_it_is_given_up(void **state)
{
    (void)state;
    run_wake(false, false, give_up, NULL, ETIMEDOUT);
    run_wake(true, false, give_up, NULL, ETIMEDOUT);
}

static void test_conn_rest_without_memory_to_wake_ends_the_connection(void **state)
{
    (void)state;
    run_wake(false, false, say_without_memory, NULL, ENOMEM);
    run_wake(true, false, say_without_memory, NULL, ENOMEM);
}

/* ---- half of a line ---- */

struct half_case {
    struct co_frame co;
    struct park_pair base;
    struct conn_read_op read;
    struct conn_rest_op rest;
    int code;
};

ASYNC(half_case)
{
    park_pair_begin(&self->base, co_loop_of(co));
    net_pair_send(self->base.pair.client, BYTES("on\ntw"));
    AWAIT(conn_readline(&self->base.conn, &self->read));
    assert_true(bytes_eq(self->read.line, BYTES("on")));
    assert_false(conn_can_rest(&self->base.conn));
    AWAIT(conn_rest(&self->base.conn, &self->rest, &self->base.parking)); /* gives way at once */
    assert_non_null(self->base.conn.bev);
    net_pair_send(self->base.pair.client, BYTES("o\n"));
    AWAIT(conn_readline(&self->base.conn, &self->read));
    assert_true(bytes_eq(self->read.line, BYTES("two")));
    assert_true(conn_can_rest(&self->base.conn)); /* what was read is done with */
    conn_pause(&self->base.conn, CONN_PAUSE_FLOOD);
    assert_false(conn_can_rest(&self->base.conn));
    conn_resume(&self->base.conn, CONN_PAUSE_FLOOD);
    conn_done(&self->base.conn);
    assert_false(conn_can_rest(&self->base.conn));
    TRY_AWAIT(self->code, conn_rest(&self->base.conn, &self->rest, &self->base.parking));
    assert_int_equal(self->code, CO_ECLOSED);
    park_pair_end(&self->base);
}
END_ASYNC

static void test_conn_rest_leaves_half_a_line_where_it_is(void **state)
{
    CO_TASK(half_case) root;
    (void)state;
    loop_fixture_run(TASK(&root, half_case));
}

/* ---- woken for nothing ---- */

struct nothing_case {
    struct co_frame co;
    struct park_pair base;
    struct conn_read_op read;
    struct conn_rest_op rest;
    struct co_timer timer;
    int code;
};

static void wake(struct co_timer *timer)
{
    conn_wake(&container_of(timer, struct nothing_case, timer)->base.conn);
}

static void interrupt(struct co_timer *timer)
{
    conn_interrupt(&container_of(timer, struct nothing_case, timer)->base.conn);
}

ASYNC(nothing_case)
{
    park_pair_begin(&self->base, co_loop_of(co));
    self->timer.fire = wake;
    assert_int_equal(co_loop_arm(co_loop_of(co), &self->timer, PARK_PAIR_SOON_MS), 0);
    AWAIT(conn_rest(&self->base.conn, &self->rest, &self->base.parking));
    assert_false(conn_can_rest(&self->base.conn));
    self->timer.fire = interrupt;
    assert_int_equal(co_loop_arm(co_loop_of(co), &self->timer, PARK_PAIR_SOON_MS), 0);
    TRY_AWAIT(self->code, conn_readline(&self->base.conn, &self->read));
    assert_int_equal(self->code, EAGAIN);
    assert_true(conn_can_rest(&self->base.conn));
    park_pair_end(&self->base);
}
END_ASYNC

static void test_conn_rest_may_go_on_when_nothing_came(void **state)
{
    CO_TASK(nothing_case) root;
    (void)state;
    loop_fixture_run(TASK(&root, nothing_case));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conn_rest_ends_with_a_line),
        cmocka_unit_test(test_conn_rest_ends_for_what_came_just_before),
        cmocka_unit_test(test_conn_rest_ends_with_the_stream),
        cmocka_unit_test(test_conn_rest_ends_when_it_is_reset),
        cmocka_unit_test(test_conn_rest_ends_when_it_is_given_up),
        cmocka_unit_test(test_conn_rest_without_memory_to_wake_ends_the_connection),
        cmocka_unit_test(test_conn_rest_leaves_half_a_line_where_it_is),
        cmocka_unit_test(test_conn_rest_may_go_on_when_nothing_came),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
