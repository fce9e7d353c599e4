/* Connections that rest: what is written meanwhile, how they are closed, and many at once. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "async/loop.h"
#include "async/sleep.h"
#include "async/timeout.h"
#include "net/conn.h"
#include "net/conn_kind.h"
#include "net/parking.h"
#include "net/tls.h"
#include "support/conn_probe.h"
#include "support/loop_fixture.h"
#include "support/park_pair.h"

/* ---- writing ---- */

#define LARGE_BYTES (8u * 1024 * 1024)

struct write_case {
    struct co_frame co;
    bool is_tls;
    struct park_pair base;
    char *large;
    size_t received;
    int code;
    struct co_timeout timeout;
    union {
        struct conn_both_handshakes handshakes;
        struct conn_rest_op rest;
        struct conn_read_op read;
        struct co_sleep_op sleep;
    } u;
};

/* Takes what is there of the other end's. */
static void take(struct write_case *self)
{
    static char bytes[64 * 1024];
    ssize_t n;
    while ((n = recv(self->base.pair.client, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
        self->received += (size_t)n;
}

ASYNC(write_case)
{
    self->base.is_tls = self->is_tls;
    park_pair_begin(&self->base, co_loop_of(co));
    if (self->is_tls) {
        AWAIT(CALL(&self->u.handshakes, conn_both_handshakes, .server = &self->base.conn,
                   .client = &self->base.client));
        AWAIT(co_sleep(&self->u.sleep, PARK_PAIR_SOON_MS));
    }
    /* A line that the socket takes does not wake it, and a rest that is cancelled leaves it as it is. */
    WITH(co_timeout_open(co, &self->timeout, PARK_PAIR_SOON_MS, false)) {
        TRY_AWAIT(self->code, conn_rest(&self->base.conn, &self->u.rest, &self->base.parking));
    }
    END_WITH;
    assert_true(self->timeout.has_expired);
    assert_null(self->base.conn.bev);
    assert_int_equal(conn_write(&self->base.conn, BYTES("news\n")), 0);
    assert_null(self->base.conn.bev);
    assert_int_equal(conn_pending_bytes(&self->base.conn), 0);
    if (self->is_tls) {
        AWAIT(conn_readline(&self->base.client, &self->u.read));
        assert_true(bytes_eq(self->u.read.line, BYTES("news")));
    }
    /* One that it does not take does. */
    self->large = calloc(1, LARGE_BYTES);
    assert_int_equal(conn_write(&self->base.conn, (struct bytes){self->large, LARGE_BYTES}), 0);
    free(self->large);
    assert_non_null(self->base.conn.bev);
    assert_int_equal(self->base.parking.count, 0);
    assert_true(conn_is_full(&self->base.conn));
    assert_false(conn_can_rest(&self->base.conn));
    if (self->is_tls)
        conn_pause(&self->base.client, CONN_PAUSE_FLOOD); /* its end of the socket is read here, encrypted */
    while (conn_pending_bytes(&self->base.conn) > 0) {
        take(self);
        AWAIT(co_sleep(&self->u.sleep, 1));
    }
    take(self);
    assert_false(conn_is_full(&self->base.conn));
    assert_true(conn_can_rest(&self->base.conn));
    assert_true(self->received >= LARGE_BYTES);
    park_pair_end(&self->base);
}
END_ASYNC

static void test_conn_rest_goes_on_while_the_socket_takes_what_is_written(void **state)
{
    CO_TASK(write_case) root;
    (void)state;
    loop_fixture_run(TASK(&root, write_case));
    loop_fixture_run(TASK(&root, write_case, .is_tls = true));
}

/* Two that rest with one context: what OpenSSL keeps for both must not mix them up. */
struct two_case {
    struct co_frame co;
    struct park_pair one, two;
    struct co_timeout timeout;
    int code;
    union {
        struct conn_both_handshakes handshakes;
        struct conn_rest_op rest;
        struct conn_read_op read;
        struct co_sleep_op sleep;
    } u;
};

static void begin_two(struct two_case *self, struct co_loop *loop)
{
    self->one.is_tls = self->two.is_tls = true;
    park_pair_begin(&self->one, loop);
    self->two.context = tls_context_ref(self->one.conn.tls->context);
    self->two.client_context = tls_context_ref(self->one.client.tls->context);
    park_pair_begin(&self->two, loop);
}

ASYNC(two_case)
{
    begin_two(self, co_loop_of(co));
    AWAIT(CALL(&self->u.handshakes, conn_both_handshakes, .server = &self->one.conn,
               .client = &self->one.client));
    AWAIT(CALL(&self->u.handshakes, conn_both_handshakes, .server = &self->two.conn,
               .client = &self->two.client));
    AWAIT(co_sleep(&self->u.sleep, PARK_PAIR_SOON_MS));
    WITH(co_timeout_open(co, &self->timeout, PARK_PAIR_SOON_MS, false)) {
        TRY_AWAIT(self->code, conn_rest(&self->one.conn, &self->u.rest, &self->one.parking));
    }
    END_WITH;
    WITH(co_timeout_open(co, &self->timeout, PARK_PAIR_SOON_MS, false)) {
        TRY_AWAIT(self->code, conn_rest(&self->two.conn, &self->u.rest, &self->two.parking));
    }
    END_WITH;
    assert_int_equal(conn_write(&self->one.conn, BYTES("for one\n")), 0);
    assert_int_equal(conn_write(&self->two.conn, BYTES("for two\n")), 0);
    assert_int_equal(conn_write(&self->one.conn, BYTES("more\n")), 0);
    assert_true(self->one.parking.count == 1 && self->two.parking.count == 1);
    AWAIT(conn_readline(&self->one.client, &self->u.read));
    assert_true(bytes_eq(self->u.read.line, BYTES("for one")));
    AWAIT(conn_readline(&self->one.client, &self->u.read));
    assert_true(bytes_eq(self->u.read.line, BYTES("more")));
    AWAIT(conn_readline(&self->two.client, &self->u.read));
    assert_true(bytes_eq(self->u.read.line, BYTES("for two")));
    park_pair_say(&self->one, "answer\n"); /* it wakes, while the other one rests on */
    AWAIT(conn_readline(&self->one.conn, &self->u.read));
    assert_true(bytes_eq(self->u.read.line, BYTES("answer")));
    assert_null(self->two.conn.bev);
    assert_int_equal(conn_write(&self->two.conn, BYTES("last\n")), 0);
    AWAIT(conn_readline(&self->two.client, &self->u.read));
    assert_true(bytes_eq(self->u.read.line, BYTES("last")));
    park_pair_end(&self->one);
    park_pair_end(&self->two);
}
END_ASYNC

static void test_conn_rest_over_tls_keeps_two_apart(void **state)
{
    CO_TASK(two_case) root;
    (void)state;
    loop_fixture_run(TASK(&root, two_case));
}

/* Written while nobody can make a buffer: the first bytes are out, so that the connection cannot go on. */
struct full_case {
    struct co_frame co;
    struct park_pair base;
    char *large;
    int code;
    struct co_timeout timeout;
    struct conn_rest_op rest;
};

ASYNC(full_case)
{
    park_pair_begin(&self->base, co_loop_of(co));
    WITH(co_timeout_open(co, &self->timeout, PARK_PAIR_SOON_MS, false)) {
        TRY_AWAIT(self->code, conn_rest(&self->base.conn, &self->rest, &self->base.parking));
    }
    END_WITH;
    park_pair_break(&self->base);
    self->large = calloc(1, LARGE_BYTES);
    assert_int_equal(conn_write(&self->base.conn, (struct bytes){self->large, LARGE_BYTES}), -EPIPE);
    assert_int_equal(self->base.conn.error, ENOMEM);
    assert_int_equal(self->base.parking.count, 0);
    free(self->large);
    park_pair_end(&self->base);
}
END_ASYNC

static void test_conn_rest_without_memory_to_write_ends_the_connection(void **state)
{
    CO_TASK(full_case) root;
    (void)state;
    loop_fixture_run(TASK(&root, full_case));
}

/* ---- the end ---- */

struct close_case {
    struct co_frame co;
    bool is_tls, is_orderly;
    struct park_pair base;
    int code;
    struct co_timeout timeout;
    union {
        struct conn_both_handshakes handshakes;
        struct conn_rest_op rest;
        struct conn_read_op read;
        struct conn_close close;
        struct co_sleep_op sleep;
    } u;
};

ASYNC(close_case)
{
    self->base.is_tls = self->is_tls;
    park_pair_begin(&self->base, co_loop_of(co));
    if (self->is_tls) {
        AWAIT(CALL(&self->u.handshakes, conn_both_handshakes, .server = &self->base.conn,
                   .client = &self->base.client));
        AWAIT(co_sleep(&self->u.sleep, PARK_PAIR_SOON_MS));
    }
    WITH(co_timeout_open(co, &self->timeout, PARK_PAIR_SOON_MS, false)) {
        TRY_AWAIT(self->code, conn_rest(&self->base.conn, &self->u.rest, &self->base.parking));
    }
    END_WITH;
    assert_null(self->base.conn.bev);
    if (self->is_orderly)
        AWAIT(CALL(&self->u.close, conn_close, .conn = &self->base.conn, .flush_ms = 1000, .linger_ms = 0));
    else
        conn_done(&self->base.conn);
    assert_int_equal(self->base.parking.count, 0);
    assert_int_equal(conn_fd(&self->base.conn), -1);
    if (self->is_tls && self->is_orderly) { /* a close_notify: no error */
        TRY_AWAIT(self->code, conn_readline(&self->base.client, &self->u.read));
        assert_int_equal(self->code, CO_EEOF);
        assert_int_equal(self->base.client.write_error, 0);
    } else if (!self->is_tls) {
        assert_int_equal(recv(self->base.pair.client, &(char){0}, 1, 0), 0);
    }
    park_pair_end(&self->base);
}
END_ASYNC

static void test_conn_close_of_one_that_rests(void **state)
{
    CO_TASK(close_case) root;
    (void)state;
    for (unsigned i = 0; i < 4; i++)
        loop_fixture_run(TASK(&root, close_case, .is_tls = i & 1, .is_orderly = i & 2));
}

/* More than are woken in one turn, all at once. */
#define CROWD 200

struct crowd_case {
    struct co_frame co;
    struct parking parking;
    struct net_pair pairs[CROWD];
    struct conn conns[CROWD];
    struct conn_rest_op rests[CROWD];
    struct conn_read_op read;
    struct co_timeout timeout;
    int code;
    size_t i;
};

ASYNC(crowd_case)
{
    assert_int_equal(parking_init(&self->parking, co_loop_of(co)), 0);
    for (self->i = 0; self->i < CROWD; self->i++) {
        self->pairs[self->i] = net_pair_tcp();
        assert_int_equal(conn_init_tcp(&self->conns[self->i], co_loop_of(co), self->pairs[self->i].server,
                                       &CONN_PROBE_LIMITS),
                         0);
        WITH(co_timeout_open(co, &self->timeout, 0, false)) {
            TRY_AWAIT(self->code, conn_rest(&self->conns[self->i], &self->rests[self->i], &self->parking));
        }
        END_WITH;
    }
    assert_int_equal(self->parking.count, CROWD);
    for (self->i = 0; self->i < CROWD; self->i++)
        net_pair_send(self->pairs[self->i].client, BYTES("a\n"));
    for (self->i = 0; self->i < CROWD; self->i++) {
        AWAIT(conn_readline(&self->conns[self->i], &self->read));
        assert_true(bytes_eq(self->read.line, BYTES("a")));
        conn_done(&self->conns[self->i]);
        close(self->pairs[self->i].client);
    }
    assert_int_equal(self->parking.count, 0);
    parking_done(&self->parking);
}
END_ASYNC

static void test_parking_wakes_a_crowd(void **state)
{
    static CO_TASK(crowd_case) root;
    (void)state;
    loop_fixture_run(TASK(&root, crowd_case));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conn_rest_goes_on_while_the_socket_takes_what_is_written),
        cmocka_unit_test(test_conn_rest_over_tls_keeps_two_apart),
        cmocka_unit_test(test_conn_rest_without_memory_to_write_ends_the_connection),
        cmocka_unit_test(test_conn_close_of_one_that_rests),
        cmocka_unit_test(test_parking_wakes_a_crowd),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
