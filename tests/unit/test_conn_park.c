/* Connections that rest: what wakes them, what is never lost, and what they do meanwhile. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "async/group.h"
#include "async/loop.h"
#include "async/timeout.h"
#include "net/conn.h"
#include "net/conn_kind.h"
#include "net/parking.h"
#include "net/tls.h"
#include "support/conn_probe.h"
#include "support/loop_fixture.h"
#include "support/net_pair.h"
#include "support/tls_cert.h"

#define SOON_MS 20

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
    bool is_tls;
    int expected_code;    /* of the read behind it */
    const char *expected; /* the line that it gives */
    struct net_pair pair;
    struct tls_context *context, *client_context;
    struct conn conn, client; /* client: only with TLS; otherwise pair.client is used as it is */
    bool has_client;
    struct parking parking;
    CO_TASK(other_end) other;
    struct co_group group;
    struct co_timeout timeout;
    struct conn_kind broken;
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
    AWAIT(co_sleep(&self->sleep, SOON_MS));
    if (self->act)
        self->act(self->self);
}
END_ASYNC

static void make_contexts(struct park_case *self)
{
    char why[TLS_WHY_MAX];
    struct tls_cert cert;

    tls_cert_make_with(&cert,
                       &(struct tls_cert_spec){.alt_names = "DNS:localhost", .from_days = -1, .to_days = 1});
    self->context = tls_cert_context(&cert);
    self->client_context = tls_context_new_client(cert.certificate_path, why);
    assert_non_null(self->client_context);
    tls_cert_remove(&cert);
}

static void begin(struct park_case *self, struct co_task *co)
{
    self->pair = net_pair_tcp();
    assert_int_equal(parking_init(&self->parking, co_loop_of(co)), 0);
    if (!self->is_tls) {
        assert_int_equal(conn_init_tcp(&self->conn, co_loop_of(co), self->pair.server, &CONN_PROBE_LIMITS),
                         0);
        return;
    }
    make_contexts(self);
    assert_int_equal(
        conn_init_tls(&self->conn, co_loop_of(co), self->pair.server, &CONN_PROBE_LIMITS, self->context), 0);
    assert_int_equal(conn_init_tls_client(&self->client, co_loop_of(co), self->pair.client,
                                          &CONN_PROBE_LIMITS, self->client_context, "localhost"),
                     0);
    tls_context_unref(self->context);
    tls_context_unref(self->client_context);
    self->has_client = true;
}

static void end(struct park_case *self)
{
    conn_done(&self->conn);
    assert_int_equal(self->parking.count, 0);
    parking_done(&self->parking);
    if (self->has_client)
        conn_done(&self->client);
    else if (self->pair.client >= 0)
        close(self->pair.client);
}

static void say(struct park_case *self, const char *text)
{
    if (self->is_tls)
        assert_int_equal(conn_write(&self->client, bytes_of(text)), 0);
    else
        net_pair_send(self->pair.client, bytes_of(text));
}

/* ---- what wakes ---- */

ASYNC(park_case)
{
    begin(self, co);
    if (self->is_tls) {
        AWAIT(
            CALL(&self->u.handshakes, conn_both_handshakes, .server = &self->conn, .client = &self->client));
        AWAIT(co_sleep(&self->u.sleep, SOON_MS)); /* what belongs to the handshake has gone */
        conn_interrupt(&self->conn);
    }
    if (self->is_early)
        self->act(self);
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->other, other_end, .self = self, .act = self->is_early ? NULL : self->act);
        assert_true(conn_can_rest(&self->conn));
        AWAIT(conn_rest(&self->conn, &self->u.rest, &self->parking));
        assert_int_equal(self->parking.count, 0);
        TRY_AWAIT(self->code, conn_readline(&self->conn, &self->u.read));
        assert_int_equal(self->code, self->expected_code);
        if (!self->code)
            assert_true(bytes_eq(self->u.read.line, bytes_of(self->expected)));
    }
    END_WITH;
    end(self);
}
END_ASYNC

static void say_hello(struct park_case *self)
{
    say(self, "hello\n");
}

static void check_parked_and_say_hello(struct park_case *self)
{
    assert_null(self->conn.bev);
    assert_int_equal(self->parking.count, 1);
    say_hello(self);
}

static void end_stream(struct park_case *self)
{
    shutdown(self->pair.client, SHUT_WR);
}

static void reset(struct park_case *self)
{
    net_pair_reset(self->pair.client);
    self->pair.client = -1;
}

static void say_goodbye(struct park_case *self)
{
    assert_int_equal(self->client.kind->goodbye(&self->client), 0);
}

static void give_up(struct park_case *self)
{
    conn_abort(&self->conn, ETIMEDOUT);
}

static struct bufferevent *make_none(struct conn *conn)
{
    (void)conn;
    return NULL;
}

static void say_without_memory(struct park_case *self)
{
    self->broken = *self->conn.kind;
    self->broken.make_bev = make_none;
    self->conn.kind = &self->broken;
    say_hello(self);
}

static void run_wake(bool is_tls, bool is_early, void (*act)(struct park_case *self), const char *line,
                     int code)
{
    CO_TASK(park_case) root;
    loop_fixture_run(TASK(&root, park_case, .act = act, .is_tls = is_tls, .is_early = is_early,
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
    struct park_case base;
    struct conn_read_op read;
    struct conn_rest_op rest;
    int code;
};

ASYNC(half_case)
{
    begin(&self->base, co);
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
    end(&self->base);
}
END_ASYNC

static void test_conn_rest_leaves_half_a_line_where_it_is(void **state)
{
    CO_TASK(half_case) root;
    (void)state;
    loop_fixture_run(TASK(&root, half_case));
}

/* ---- writing meanwhile ---- */

#define LARGE_BYTES (8u * 1024 * 1024)

struct write_case {
    struct co_frame co;
    bool is_tls;
    struct park_case base;
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
    begin(&self->base, co);
    if (self->is_tls) {
        AWAIT(CALL(&self->u.handshakes, conn_both_handshakes, .server = &self->base.conn,
                   .client = &self->base.client));
        AWAIT(co_sleep(&self->u.sleep, SOON_MS));
    }
    /* A line that the socket takes does not wake it, and a rest that is cancelled leaves it as it is. */
    WITH(co_timeout_open(co, &self->timeout, SOON_MS, false)) {
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
    end(&self->base);
}
END_ASYNC

static void test_conn_rest_goes_on_while_the_socket_takes_what_is_written(void **state)
{
    CO_TASK(write_case) root;
    (void)state;
    loop_fixture_run(TASK(&root, write_case));
    loop_fixture_run(TASK(&root, write_case, .is_tls = true));
}

/* Written while nobody can make a buffer: the first bytes are out, so that the connection cannot go on. */
struct full_case {
    struct co_frame co;
    struct park_case base;
    char *large;
    int code;
    struct co_timeout timeout;
    struct conn_rest_op rest;
};

ASYNC(full_case)
{
    begin(&self->base, co);
    WITH(co_timeout_open(co, &self->timeout, SOON_MS, false)) {
        TRY_AWAIT(self->code, conn_rest(&self->base.conn, &self->rest, &self->base.parking));
    }
    END_WITH;
    self->base.broken = *self->base.conn.kind;
    self->base.broken.make_bev = make_none;
    self->base.conn.kind = &self->base.broken;
    self->large = calloc(1, LARGE_BYTES);
    assert_int_equal(conn_write(&self->base.conn, (struct bytes){self->large, LARGE_BYTES}), -EPIPE);
    assert_int_equal(self->base.conn.error, ENOMEM);
    assert_int_equal(self->base.parking.count, 0);
    free(self->large);
    end(&self->base);
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
    struct park_case base;
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
    begin(&self->base, co);
    if (self->is_tls) {
        AWAIT(CALL(&self->u.handshakes, conn_both_handshakes, .server = &self->base.conn,
                   .client = &self->base.client));
        AWAIT(co_sleep(&self->u.sleep, SOON_MS));
    }
    WITH(co_timeout_open(co, &self->timeout, SOON_MS, false)) {
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
    end(&self->base);
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
        cmocka_unit_test(test_conn_rest_ends_with_a_line),
        cmocka_unit_test(test_conn_rest_ends_for_what_came_just_before),
        cmocka_unit_test(test_conn_rest_ends_with_the_stream),
        cmocka_unit_test(test_conn_rest_ends_when_it_is_reset),
        cmocka_unit_test(test_conn_rest_ends_when_it_is_given_up),
        cmocka_unit_test(test_conn_rest_without_memory_to_wake_ends_the_connection),
        cmocka_unit_test(test_conn_rest_leaves_half_a_line_where_it_is),
        cmocka_unit_test(test_conn_rest_goes_on_while_the_socket_takes_what_is_written),
        cmocka_unit_test(test_conn_rest_without_memory_to_write_ends_the_connection),
        cmocka_unit_test(test_conn_close_of_one_that_rests),
        cmocka_unit_test(test_parking_wakes_a_crowd),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
