/* Connecting: our client's side against our server's side, in one loop. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "async/executor.h"
#include "async/group.h"
#include "async/loop.h"
#include "net/connect.h"
#include "net/listener.h"
#include "net/resolve.h"
#include "net/tls.h"
#include "support/loop_fixture.h"
#include "support/tls_cert.h"

static const struct conn_limits limits = {.line_bytes = 512, .high_bytes = 4096, .low_bytes = 1024};

/* Accepts one client and says a line back for each one it gets; does not talk at all when `is_mute`. */
struct echo {
    struct co_frame co;
    struct listener *listener;
    struct tls_context *tls;
    bool is_mute;
    int code, fd;
    struct conn conn;
    struct listener_op accept;
    struct conn_handshake handshake;
    struct conn_read_op read;
};
ASYNC(echo)
{
    AWAIT(listener_accept(self->listener, &self->accept));
    self->fd = self->accept.fd;
    if (self->is_mute) {
        AWAIT(listener_accept(self->listener, &self->accept)); /* until it is cancelled */
        return;
    }
    if (self->tls)
        assert_int_equal(conn_init_tls(&self->conn, co_loop_of(co), self->fd, &limits, self->tls), 0);
    else
        assert_int_equal(conn_init_tcp(&self->conn, co_loop_of(co), self->fd, &limits), 0);
    TRY_AWAIT(self->code, CALL(&self->handshake, conn_handshake, .conn = &self->conn));
    while (!self->code) {
        TRY_AWAIT(self->code, conn_readline(&self->conn, &self->read));
        if (!self->code) {
            assert_int_equal(conn_write(&self->conn, self->read.line), 0);
            assert_int_equal(conn_write(&self->conn, BYTES("\n")), 0);
        }
    }
    conn_done(&self->conn);
}
END_ASYNC

struct visit {
    struct co_frame co;
    struct tls_context *server_tls, *client_tls;
    const char *host;
    bool is_mute;
    int64_t limit_ms; /* of the connecting */
    int code;         /* result: of the connecting */
    char answer[32];  /* result */
    struct listener listener;
    struct co_group group;
    CO_TASK(echo) echo;
    struct conn conn;
    struct conn_connect connect;
    struct co_timeout timeout;
    struct conn_read_op read;
};
ASYNC(visit)
{
    const char *why;
    struct addr any;
    assert_int_equal(addr_parse(BYTES("127.0.0.1:0"), &any, &why), 0);
    assert_int_equal(listener_open(&self->listener, co_loop_of(co), &any, 16), 0);
    WITH(co_group_open(co, &self->group, 1000)) {
        SPAWN(&self->group, &self->echo, echo, .listener = &self->listener, .tls = self->server_tls,
              .is_mute = self->is_mute);
        WITH(co_timeout_open(co, &self->timeout, self->limit_ms ? self->limit_ms : -1, false)) {
            TRY_AWAIT(self->code,
                      CALL(&self->connect, conn_connect, .conn = &self->conn, .limits = &limits,
                           .addr = &self->listener.addr, .tls = self->client_tls, .host = self->host));
        }
        END_WITH;
        if (!self->code && !self->timeout.has_expired) {
            assert_int_equal(conn_write(&self->conn, BYTES("hello\n")), 0);
            AWAIT(conn_readline(&self->conn, &self->read));
            assert_true(bytes_copy(self->read.line, self->answer, sizeof(self->answer)));
            conn_done(&self->conn);
        }
        if (self->is_mute) {
            close(self->echo.fn.fd);
            co_group_cancel(&self->group);
        }
    }
    END_WITH;
    listener_close(&self->listener);
}
END_ASYNC

static void test_connect_talks_over_tcp(void **state)
{
    CO_TASK(visit) root;
    (void)state;
    loop_fixture_run(TASK(&root, visit));
    assert_int_equal(root.fn.code, 0);
    assert_string_equal(root.fn.answer, "hello");
}

struct refused {
    struct co_frame co;
    struct addr addr;
    struct listener listener;
    struct conn conn;
    struct conn_connect connect;
};
ASYNC(refused)
{
    const char *why;
    assert_int_equal(addr_parse(BYTES("127.0.0.1:0"), &self->addr, &why), 0);
    assert_int_equal(listener_open(&self->listener, co_loop_of(co), &self->addr, 16), 0);
    self->addr = self->listener.addr;
    listener_close(&self->listener); /* nobody listens on that port now */
    AWAIT(CALL(&self->connect, conn_connect, .conn = &self->conn, .limits = &limits, .addr = &self->addr));
}
END_ASYNC

static void test_connect_is_refused_where_nobody_listens(void **state)
{
    CO_TASK(refused) root;
    (void)state;
    assert_int_equal(loop_fixture_run_error(TASK(&root, refused)).code, ECONNREFUSED);
}

struct contexts {
    struct tls_cert cert;
    struct tls_context *server, *client;
};

static int make_contexts(void **state)
{
    static struct contexts contexts;
    char why[TLS_WHY_MAX];
    tls_cert_make(&contexts.cert, -1, 10);
    contexts.server = tls_cert_context(&contexts.cert);
    contexts.client = tls_context_new_client(contexts.cert.certificate_path, why);
    *state = &contexts;
    return contexts.server && contexts.client ? 0 : -1;
}

static int free_contexts(void **state)
{
    struct contexts *contexts = *state;
    tls_context_unref(contexts->server);
    tls_context_unref(contexts->client);
    tls_cert_remove(&contexts->cert);
    return 0;
}

static void test_connect_talks_over_tls(void **state)
{
    const struct contexts *contexts = *state;
    CO_TASK(visit) root;
    loop_fixture_run(TASK(&root, visit, .server_tls = contexts->server, .client_tls = contexts->client,
                          .host = "localhost"));
    assert_int_equal(root.fn.code, 0);
    assert_string_equal(root.fn.answer, "hello");
}

static void test_connect_refuses_a_certificate_for_another_name(void **state)
{
    const struct contexts *contexts = *state;
    CO_TASK(visit) root;
    loop_fixture_run(TASK(&root, visit, .server_tls = contexts->server, .client_tls = contexts->client,
                          .host = "example.org"));
    assert_int_equal(root.fn.code, EPROTO);
    assert_string_equal(root.fn.answer, "");
}

static void test_connect_refuses_a_certificate_that_nobody_vouches_for(void **state)
{
    const struct contexts *contexts = *state;
    struct tls_cert other;
    char why[TLS_WHY_MAX];
    CO_TASK(visit) root;
    tls_cert_make(&other, -1, 10);
    struct tls_context *client = tls_context_new_client(other.certificate_path, why);
    assert_non_null(client);
    loop_fixture_run(
        TASK(&root, visit, .server_tls = contexts->server, .client_tls = client, .host = "localhost"));
    assert_int_equal(root.fn.code, EPROTO);
    tls_context_unref(client);
    tls_cert_remove(&other);
}

static void test_connect_cancelled_in_the_handshake_leaves_nothing(void **state)
{
    const struct contexts *contexts = *state;
    CO_TASK(visit) root;
    loop_fixture_run(TASK(&root, visit, .client_tls = contexts->client, .host = "localhost", .is_mute = true,
                          .limit_ms = 20));
    assert_true(root.fn.timeout.has_expired);
    assert_int_equal(conn_fd(&root.fn.conn), -1);
}

static void test_connect_needs_trusted_certificates(void **state)
{
    char why[TLS_WHY_MAX];
    (void)state;
    assert_null(tls_context_new_client("/nowhere/ca.pem", why));
    assert_non_null(strstr(why, "/nowhere/ca.pem"));
}

struct lookup {
    struct co_frame co;
    const char *host;
    struct co_executor *executor;
    struct resolve resolve;
    int code;
};
ASYNC(lookup)
{
    self->executor = co_executor_new(co_loop_of(co), 1);
    assert_non_null(self->executor);
    TRY_AWAIT(self->code,
              CALL(&self->resolve, resolve, .executor = self->executor, .host = self->host, .port = "7000"));
    co_executor_free(self->executor);
}
END_ASYNC

static void test_resolve_finds_localhost(void **state)
{
    CO_TASK(lookup) root;
    char text[ADDR_TEXT_MAX];
    (void)state;
    loop_fixture_run(TASK(&root, lookup, .host = "127.0.0.1"));
    assert_int_equal(root.fn.code, 0);
    assert_int_equal(root.fn.resolve.count, 1);
    addr_format(&root.fn.resolve.addrs[0], text);
    assert_string_equal(text, "127.0.0.1:7000");
}

static void test_resolve_says_when_there_is_no_such_host(void **state)
{
    CO_TASK(lookup) root;
    (void)state;
    loop_fixture_run(TASK(&root, lookup, .host = "no such host"));
    assert_int_equal(root.fn.code, ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_connect_talks_over_tcp),
        cmocka_unit_test(test_connect_is_refused_where_nobody_listens),
        cmocka_unit_test(test_connect_talks_over_tls),
        cmocka_unit_test(test_connect_refuses_a_certificate_for_another_name),
        cmocka_unit_test(test_connect_refuses_a_certificate_that_nobody_vouches_for),
        cmocka_unit_test(test_connect_cancelled_in_the_handshake_leaves_nothing),
        cmocka_unit_test(test_connect_needs_trusted_certificates),
        cmocka_unit_test(test_resolve_finds_localhost),
        cmocka_unit_test(test_resolve_says_when_there_is_no_such_host),
    };
    return cmocka_run_group_tests(tests, make_contexts, free_contexts);
}
