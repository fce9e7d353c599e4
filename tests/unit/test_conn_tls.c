/* Connections over TLS, against OpenSSL's client on a thread of its own. */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "async/group.h"
#include "async/loop.h"
#include "net/conn.h"
#include "net/tls.h"
#include "support/conn_probe.h"
#include "support/loop_fixture.h"
#include "support/net_pair.h"
#include "support/tls_cert.h"
#include "support/tls_client.h"

/* ---- the frame of all tests ---- */

struct tls_case {
    struct co_frame co;
    void (*act)(struct tls_client *client); /* NULL: no TLS client */
    bool is_local; /* over a unix socket: TCP takes seconds for much data through buffers that are full */
    int max_version;
    struct bytes raw; /* sent instead of a handshake */
    const char *expected, *expected_client, *expected_description;
    int expected_handshake, expected_code;
    struct bytes answer; /* sent when the client has ended */
    struct tls_context *context;
    struct net_pair pair;
    struct tls_client client;
    struct conn conn;
    struct conn_handshake handshake;
    struct conn_gather gather;
    struct conn_close close;
    int code;
};

static struct tls_context *make_context(void)
{
    struct tls_cert cert;
    tls_cert_make(&cert, -1, 1);
    struct tls_context *context = tls_cert_context(&cert);
    tls_cert_remove(&cert);
    return context;
}

static void begin(struct tls_case *self, struct co_task *co)
{
    char text[CONN_DESCRIPTION_BYTES];
    self->pair = self->is_local ? net_pair_unix() : net_pair_tcp();
    self->context = make_context();
    assert_int_equal(
        conn_init_tls(&self->conn, co_loop_of(co), self->pair.server, &CONN_PROBE_LIMITS, self->context), 0);
    tls_context_unref(self->context); /* the session keeps what it needs */
    assert_string_equal(conn_describe(&self->conn, text), "tls");
    if (self->act) {
        tls_client_start(&self->client, self->pair.client, self->act, self->max_version);
        return;
    }
    if (self->raw.len > 0)
        net_pair_send(self->pair.client, self->raw);
    shutdown(self->pair.client, SHUT_WR);
}

static void end(struct tls_case *self)
{
    assert_int_equal(ERR_peek_error(), 0);
    if (!self->act) {
        close(self->pair.client);
        return;
    }
    assert_int_equal(pthread_join(self->client.thread, NULL), 0);
    if (self->expected_client)
        assert_string_equal(self->client.text, self->expected_client);
}

static void check_description(const struct tls_case *self)
{
    char text[CONN_DESCRIPTION_BYTES];
    assert_ptr_equal(strstr(conn_describe(&self->conn, text), self->expected_description), text);
}

ASYNC(tls_case)
{
    begin(self, co);
    TRY_AWAIT(self->code, CALL(&self->handshake, conn_handshake, .conn = &self->conn));
    assert_int_equal(self->code, self->expected_handshake);
    if (self->expected_description)
        check_description(self);
    AWAIT(CALL(&self->gather, conn_gather, .conn = &self->conn));
    assert_string_equal(self->gather.text, self->expected);
    assert_int_equal(self->gather.code, self->expected_code);
    if (self->answer.len > 0)
        (void)!conn_write(&self->conn, self->answer);
    AWAIT(CALL(&self->close, conn_close, .conn = &self->conn, .flush_ms = 5000, .linger_ms = 5000));
    end(self);
}
END_ASYNC

#define RUN_TLS(...) \
    do { \
        CO_TASK(tls_case) root; \
        loop_fixture_run(TASK(&root, tls_case, .max_version = TLS1_3_VERSION, __VA_ARGS__)); \
    } while (0)

/* ---- handshakes ---- */

static void act_polite(struct tls_client *client)
{
    tls_client_send(client, "one\r\ntwo");
    SSL_shutdown(client->ssl);
    tls_client_receive(client, SIZE_MAX);
}

static void test_conn_tls_speaks_13_and_12(void **state)
{
    (void)state;
    RUN_TLS(.act = act_polite, .expected = "one>>two>", .expected_code = CO_EEOF,
            .expected_description = "TLSv1.3 TLS_");
    CO_TASK(tls_case) root;
    loop_fixture_run(TASK(&root, tls_case, .max_version = TLS1_2_VERSION, .act = act_polite,
                          .expected = "one>>two>", .expected_code = CO_EEOF,
                          .expected_description = "TLSv1.2 ECDHE-ECDSA-"));
}

static void act_new_keys(struct tls_client *client)
{
    tls_client_send(client, "one\r\n");
    SSL_key_update(client->ssl, SSL_KEY_UPDATE_REQUESTED); /* the server changes its own, too */
    tls_client_send(client, "two\r\n");
    SSL_shutdown(client->ssl);
    tls_client_receive(client, SIZE_MAX);
}

/* What made the first keys is wiped after the handshake; the next ones do not need it. */
static void test_conn_tls_follows_new_keys(void **state)
{
    (void)state;
    RUN_TLS(.act = act_new_keys, .expected = "one>>two>>", .expected_code = CO_EEOF,
            .answer = BYTES("under the next keys"), .expected_client = "under the next keys");
}

static void test_conn_tls_refuses_11(void **state)
{
    CO_TASK(tls_case) root;
    (void)state;
    loop_fixture_run(TASK(&root, tls_case, .max_version = TLS1_1_VERSION, .act = act_polite, .expected = "",
                          .expected_handshake = EPROTO, .expected_code = EPROTO, .expected_client = ""));
}

static void test_conn_tls_refuses_garbage(void **state)
{
    (void)state;
    RUN_TLS(.raw = BYTES("GET / HTTP/1.1\r\n\r\n"), .expected = "", .expected_handshake = EPROTO,
            .expected_code = EPROTO);
    RUN_TLS(.raw = BYTES("\x16\x03\x01\x00\x05xxxxx"), .expected = "", .expected_handshake = EPROTO,
            .expected_code = EPROTO);
}

static void test_conn_tls_client_gone_before_the_handshake(void **state)
{
    (void)state;
    RUN_TLS(.expected = "", .expected_handshake = ECONNRESET, .expected_code = ECONNRESET);
    RUN_TLS(.raw = BYTES("\x16\x03\x01\x02"), .expected = "", .expected_handshake = ECONNRESET,
            .expected_code = ECONNRESET);
}

/* ---- how a session ends ---- */

static void test_conn_tls_answers_a_client_that_only_stops_sending(void **state)
{
    (void)state;
    RUN_TLS(.act = act_polite, .expected = "one>>two>", .expected_code = CO_EEOF, .answer = BYTES("bye\n"),
            .expected_client = "bye\n");
}

static void act_truncate(struct tls_client *client)
{
    tls_client_send(client, "one\ntwo");
    shutdown(client->fd, SHUT_WR);
    tls_client_receive(client, SIZE_MAX);
}

/* Without close_notify "two" may be the beginning of "two or three of us disagree". */
static void test_conn_tls_truncated_line_is_no_line(void **state)
{
    (void)state;
    RUN_TLS(.act = act_truncate, .expected = "one>", .expected_code = CO_EEOF, .answer = BYTES("bye\n"),
            .expected_client = "");
}

static void act_reset(struct tls_client *client)
{
    struct linger linger = {.l_onoff = 1};
    tls_client_receive(client, 6);
    tls_client_send(client, "one\ntwo");
    setsockopt(client->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)); /* close() resets now */
}

struct reset_case {
    struct co_frame co;
    struct tls_case tls;
};

ASYNC(reset_case)
{
    self->tls.act = act_reset;
    self->tls.max_version = TLS1_3_VERSION;
    begin(&self->tls, co);
    AWAIT(CALL(&self->tls.handshake, conn_handshake, .conn = &self->tls.conn));
    assert_int_equal(conn_write(&self->tls.conn, BYTES("hello\n")), 0);
    AWAIT(CALL(&self->tls.gather, conn_gather, .conn = &self->tls.conn));
    assert_string_equal(self->tls.gather.text, "one>");
    assert_int_equal(self->tls.gather.code, ECONNRESET);
    assert_int_equal(conn_write(&self->tls.conn, BYTES("x\n")), -EPIPE);
    AWAIT(CALL(&self->tls.close, conn_close, .conn = &self->tls.conn, .flush_ms = 5000, .linger_ms = 5000));
    end(&self->tls);
    assert_int_equal(self->tls.client.received, 6);
}
END_ASYNC

static void test_conn_tls_reset_is_an_error(void **state)
{
    CO_TASK(reset_case) root;
    (void)state;
    loop_fixture_run(TASK(&root, reset_case, .tls = {.code = 0}));
}

/* ---- much data ---- */

#define LINES 2000

static void act_many_lines(struct tls_client *client)
{
    char text[LINES * 8];
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = "1234567\n"[i % 8];
    SSL_write(client->ssl, text, sizeof(text)); /* one record, far more than the connection buffers */
    tls_client_receive(client, 5);
}

struct many_case {
    struct co_frame co;
    struct tls_case tls;
    struct conn_read_op op;
    struct co_sleep_op sleep;
    int i;
};

static size_t input_bytes(const struct many_case *self)
{
    return evbuffer_get_length(bufferevent_get_input(self->tls.conn.bev));
}

ASYNC(many_case)
{
    self->tls.act = act_many_lines;
    self->tls.max_version = TLS1_3_VERSION;
    begin(&self->tls, co);
    conn_pause(&self->tls.conn, CONN_PAUSE_FLOOD); /* does not stop the handshake */
    AWAIT(CALL(&self->tls.handshake, conn_handshake, .conn = &self->tls.conn));
    AWAIT(co_sleep(&self->sleep, 20));
    assert_int_equal(input_bytes(self), 0);
    conn_resume(&self->tls.conn, CONN_PAUSE_FLOOD);
    for (self->i = 0; self->i < 5000 && input_bytes(self) == 0; self->i++)
        AWAIT(co_sleep(&self->sleep, 1));
    assert_in_range(input_bytes(self), 1, 40 * 1024);
    /* All of it comes, although the client sends nothing more that would wake anybody. */
    for (self->i = 0; self->i < LINES; self->i++)
        AWAIT(conn_readline(&self->tls.conn, &self->op));
    assert_int_equal(self->tls.conn.bytes_in, LINES * 8 - 8);
    assert_int_equal(conn_write(&self->tls.conn, BYTES("done\n")), 0);
    AWAIT(CALL(&self->tls.close, conn_close, .conn = &self->tls.conn, .flush_ms = 5000, .linger_ms = 5000));
    end(&self->tls);
    assert_string_equal(self->tls.client.text, "done\n");
}
END_ASYNC

static void test_conn_tls_gives_all_lines_of_a_large_record(void **state)
{
    CO_TASK(many_case) root;
    (void)state;
    loop_fixture_run(TASK(&root, many_case, .i = 0));
}

static void act_wait_and_receive(struct tls_client *client)
{
    char c;
    (void)!recv(client->fd, &c, 1, MSG_PEEK);
    usleep(50 * 1000);
    tls_client_receive(client, SIZE_MAX);
}

struct full_case {
    struct co_frame co;
    struct tls_case tls;
    struct conn_write_op op;
    int drained_count;
};

static void on_drained(struct conn *conn, void *arg)
{
    struct full_case *self = arg;
    assert_in_range(conn_pending_bytes(conn), 0, CONN_PROBE_LIMITS.low_bytes);
    self->drained_count++;
}

static const struct conn_events conn_events = {.on_drained = on_drained};

static void fill(struct conn *conn)
{
    while (!conn_is_full(conn))
        assert_int_equal(conn_write(conn, BYTES("some text that is long enough to fill it soon\n")), 0);
}

ASYNC(full_case)
{
    self->tls.act = act_wait_and_receive;
    self->tls.max_version = TLS1_3_VERSION;
    begin(&self->tls, co);
    net_pair_shrink(&self->tls.pair);
    self->tls.conn.events = &conn_events;
    self->tls.conn.events_arg = self;
    AWAIT(CALL(&self->tls.handshake, conn_handshake, .conn = &self->tls.conn));
    fill(&self->tls.conn);
    AWAIT(conn_drain(&self->tls.conn, &self->op));
    assert_int_equal(self->drained_count, 1);
    fill(&self->tls.conn);
    AWAIT(conn_flush(&self->tls.conn, &self->op));
    assert_int_equal(conn_pending_bytes(&self->tls.conn), 0);
    assert_int_equal(self->drained_count, 2);
    fill(&self->tls.conn);
    AWAIT(CALL(&self->tls.close, conn_close, .conn = &self->tls.conn, .flush_ms = 5000, .linger_ms = 5000));
    end(&self->tls);
    assert_int_equal(self->tls.client.received, self->tls.conn.bytes_out);
    assert_true(self->tls.client.has_close_notify);
}
END_ASYNC

static void test_conn_tls_drains_flushes_and_says_goodbye(void **state)
{
    CO_TASK(full_case) root;
    (void)state;
    loop_fixture_run(TASK(&root, full_case, .drained_count = 0));
}

/* Far more than the kernel's buffers take. */
static void write_much(struct conn *conn)
{
    for (int i = 0; i < 5000; i++)
        assert_int_equal(conn_write(conn, BYTES("some text that is long enough to fill it soon\n")), 0);
}

static void act_shutdown_and_receive(struct tls_client *client)
{
    char c;
    (void)!recv(client->fd, &c, 1, MSG_PEEK);
    SSL_shutdown(client->ssl);
    usleep(50 * 1000);
    tls_client_receive(client, SIZE_MAX);
}

/* What waits when the client stops sending still goes out. */
struct kept_case {
    struct co_frame co;
    struct tls_case tls;
    struct conn_write_op op;
};

ASYNC(kept_case)
{
    self->tls.act = act_shutdown_and_receive;
    self->tls.is_local = true;
    self->tls.max_version = TLS1_3_VERSION;
    begin(&self->tls, co);
    net_pair_shrink(&self->tls.pair);
    AWAIT(CALL(&self->tls.handshake, conn_handshake, .conn = &self->tls.conn));
    write_much(&self->tls.conn);
    AWAIT(CALL(&self->tls.gather, conn_gather, .conn = &self->tls.conn));
    assert_int_equal(self->tls.gather.code, CO_EEOF);
    assert_true(conn_pending_bytes(&self->tls.conn) > 0);
    AWAIT(conn_flush(&self->tls.conn, &self->op));
    AWAIT(CALL(&self->tls.close, conn_close, .conn = &self->tls.conn, .flush_ms = 5000, .linger_ms = 5000));
    end(&self->tls);
    assert_int_equal(self->tls.client.received, self->tls.conn.bytes_out);
}
END_ASYNC

static void test_conn_tls_sends_what_waits_after_the_client_stopped(void **state)
{
    CO_TASK(kept_case) root;
    (void)state;
    loop_fixture_run(TASK(&root, kept_case, .tls = {.code = 0}));
}

/* ---- a handshake that does not come to its end ---- */

struct slow_case {
    struct co_frame co;
    struct net_pair pair;
    struct conn conn;
    struct conn_handshake handshake;
    struct conn_close close;
    struct co_timeout timeout;
    struct tls_context *context;
    int64_t began_ms;
};

ASYNC(slow_case)
{
    self->pair = net_pair_tcp();
    self->context = make_context();
    assert_int_equal(
        conn_init_tls(&self->conn, co_loop_of(co), self->pair.server, &CONN_PROBE_LIMITS, self->context), 0);
    net_pair_send(self->pair.client, BYTES("\x16\x03\x01\x02"));
    WITH(co_timeout_open(co, &self->timeout, 30, false)) {
        AWAIT(CALL(&self->handshake, conn_handshake, .conn = &self->conn));
    }
    END_WITH;
    assert_true(self->timeout.has_expired);
    assert_null(self->conn.bev);
    assert_int_equal(conn_write(&self->conn, BYTES("not now\n")), -EPIPE);
    self->began_ms = co_loop_now_ms(co_loop_of(co));
    AWAIT(CALL(&self->close, conn_close, .conn = &self->conn, .flush_ms = 5000, .linger_ms = 5000));
    assert_in_range(co_loop_now_ms(co_loop_of(co)) - self->began_ms, 0, 1000);
    tls_context_unref(self->context);
    close(self->pair.client);
}
END_ASYNC

static void test_conn_tls_handshake_can_be_given_up(void **state)
{
    CO_TASK(slow_case) root;
    (void)state;
    loop_fixture_run(TASK(&root, slow_case, .pair = {0}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conn_tls_speaks_13_and_12),
        cmocka_unit_test(test_conn_tls_follows_new_keys),
        cmocka_unit_test(test_conn_tls_refuses_11),
        cmocka_unit_test(test_conn_tls_refuses_garbage),
        cmocka_unit_test(test_conn_tls_client_gone_before_the_handshake),
        cmocka_unit_test(test_conn_tls_answers_a_client_that_only_stops_sending),
        cmocka_unit_test(test_conn_tls_truncated_line_is_no_line),
        cmocka_unit_test(test_conn_tls_reset_is_an_error),
        cmocka_unit_test(test_conn_tls_gives_all_lines_of_a_large_record),
        cmocka_unit_test(test_conn_tls_drains_flushes_and_says_goodbye),
        cmocka_unit_test(test_conn_tls_sends_what_waits_after_the_client_stopped),
        cmocka_unit_test(test_conn_tls_handshake_can_be_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
