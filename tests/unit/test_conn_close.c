/* The orderly close, over TCP; test_conn_tls.c has what is particular to TLS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "async/group.h"
#include "async/loop.h"
#include "net/conn.h"
#include "support/conn_probe.h"
#include "support/loop_fixture.h"
#include "support/net_pair.h"

#define LINGER_MS 100

struct close_case {
    struct co_frame co;
    void (*before)(struct close_case *self); /* what happens before the close */
    int64_t flush_ms, linger_ms, least_ms, most_ms;
    struct net_pair pair;
    struct conn conn;
    struct conn_close close;
    struct co_sleep_op sleep;
    int64_t began_ms;
};

ASYNC(close_case)
{
    self->pair = net_pair_tcp();
    assert_int_equal(conn_init_tcp(&self->conn, co_loop_of(co), self->pair.server, &CONN_PROBE_LIMITS), 0);
    self->before(self);
    AWAIT(co_sleep(&self->sleep, 5));
    self->began_ms = co_loop_now_ms(co_loop_of(co));
    AWAIT(CALL(&self->close, conn_close, .conn = &self->conn, .flush_ms = self->flush_ms,
               .linger_ms = self->linger_ms));
    assert_in_range(co_loop_now_ms(co_loop_of(co)) - self->began_ms, self->least_ms, self->most_ms);
    assert_int_equal(conn_fd(&self->conn), -1);
    if (self->pair.client >= 0)
        close(self->pair.client);
}
END_ASYNC

#define RUN_CLOSE(...) \
    do { \
        CO_TASK(close_case) root; \
        loop_fixture_run(TASK(&root, close_case, __VA_ARGS__)); \
    } while (0)

static void do_nothing(struct close_case *self)
{
    (void)self;
}

static void client_closes(struct close_case *self)
{
    close(self->pair.client);
    self->pair.client = -1;
}

static void client_resets(struct close_case *self)
{
    net_pair_reset(self->pair.client);
    self->pair.client = -1;
}

static void client_stops_sending(struct close_case *self)
{
    shutdown(self->pair.client, SHUT_WR);
}

static void is_aborted(struct close_case *self)
{
    conn_abort(&self->conn, ETIMEDOUT);
}

static void is_done_before(struct close_case *self)
{
    conn_done(&self->conn);
}

static void test_conn_close_waits_for_the_client_no_longer_than_told(void **state)
{
    (void)state;
    RUN_CLOSE(.before = do_nothing, .linger_ms = LINGER_MS, .least_ms = LINGER_MS - 1, .most_ms = 5000);
    RUN_CLOSE(.before = do_nothing, .linger_ms = 0, .most_ms = 5000);
}

static void test_conn_close_is_quick_when_the_client_is_gone(void **state)
{
    (void)state;
    RUN_CLOSE(.before = client_closes, .linger_ms = 10000, .most_ms = 5000);
    RUN_CLOSE(.before = client_resets, .linger_ms = 10000, .most_ms = 5000);
    RUN_CLOSE(.before = client_stops_sending, .linger_ms = 10000, .most_ms = 5000);
    RUN_CLOSE(.before = is_aborted, .linger_ms = 10000, .most_ms = 5000);
    RUN_CLOSE(.before = is_done_before, .linger_ms = 10000, .most_ms = 5000);
}

static void output_is_stuck(struct close_case *self)
{
    net_pair_shrink(&self->pair);
    while (!conn_is_full(&self->conn))
        assert_int_equal(conn_write(&self->conn, BYTES("a line that nobody reads\n")), 0);
}

static void test_conn_close_does_not_wait_for_a_client_that_does_not_read(void **state)
{
    (void)state;
    RUN_CLOSE(.before = output_is_stuck, .flush_ms = LINGER_MS, .linger_ms = LINGER_MS,
              .least_ms = LINGER_MS - 1, .most_ms = 5000);
}

/* ---- what the client sees ---- */

struct client {
    struct co_frame co;
    int fd;
    size_t total, lines;
    bool has_ended;
    struct co_sleep_op sleep;
};

/* Sends all the time, as a client does whose user pastes a file, and reads slowly to the end. */
ASYNC(client)
{
    char bytes[256];
    ssize_t n;
    while (!self->has_ended) {
        (void)!send(self->fd, "chatter\n", 8, MSG_NOSIGNAL | MSG_DONTWAIT);
        n = recv(self->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
        assert_true(n >= 0 || errno == EAGAIN); /* no reset */
        for (ssize_t i = 0; i < n; i++)
            self->lines += bytes[i] == '\n';
        self->total += n > 0 ? (size_t)n : 0;
        self->has_ended = n == 0;
        AWAIT(co_sleep(&self->sleep, 1));
    }
    close(self->fd);
}
END_ASYNC

struct goodbye_case {
    struct co_frame co;
    struct net_pair pair;
    struct conn conn;
    struct conn_close close;
    CO_TASK(client) client;
    struct co_group group;
    struct co_sleep_op sleep;
};

ASYNC(goodbye_case)
{
    self->pair = net_pair_tcp();
    net_pair_shrink(&self->pair);
    assert_int_equal(conn_init_tcp(&self->conn, co_loop_of(co), self->pair.server, &CONN_PROBE_LIMITS), 0);
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->client, client, .fd = self->pair.client);
        AWAIT(co_sleep(&self->sleep, 20));
        while (!conn_is_full(&self->conn))
            assert_int_equal(conn_write(&self->conn, BYTES("goodbye\n")), 0);
        AWAIT(CALL(&self->close, conn_close, .conn = &self->conn, .flush_ms = 10000, .linger_ms = 10000));
    }
    END_WITH;
    assert_true(self->client.fn.has_ended);
    assert_int_equal(self->client.fn.total, self->conn.bytes_out);
    assert_int_equal(self->client.fn.lines * 8, self->conn.bytes_out);
}
END_ASYNC

static void test_conn_close_delivers_everything_to_a_client_that_still_sends(void **state)
{
    CO_TASK(goodbye_case) root;
    (void)state;
    loop_fixture_run(TASK(&root, goodbye_case, .pair = {0}));
}

/* ---- cancelled and killed ---- */

struct closer {
    struct co_frame co;
    struct conn *conn;
    struct conn_close close;
};

ASYNC(closer)
{
    AWAIT(CALL(&self->close, conn_close, .conn = self->conn, .flush_ms = 60000, .linger_ms = 60000));
}
END_ASYNC

/* Closes in the exit of a manager, as a session does: there only a kill ends it. */
struct exit_closer {
    struct co_frame co;
    struct co_with with;
    struct closer closer;
    struct co_sleep_op sleep;
};

static struct co_call exit_close(struct co_task *task, struct co_with *with)
{
    struct exit_closer *self = container_of(with, struct exit_closer, with);
    struct conn *conn = self->closer.conn;
    (void)task;
    return CALL(&self->closer, closer, .conn = conn);
}

ASYNC(exit_closer)
{
    co_with_init(&self->with, exit_close, NULL);
    WITH(&self->with) {
        AWAIT(co_sleep(&self->sleep, 60000));
    }
    END_WITH;
}
END_ASYNC

struct cancel_case {
    struct co_frame co;
    bool is_stuck, in_exit;
    struct close_case target;
    CO_TASK(closer) closer;
    CO_TASK(exit_closer) exit_closer;
    struct co_group group;
    struct co_sleep_op sleep;
    int64_t began_ms;
};

static void start_closer(struct cancel_case *self)
{
    struct conn *conn = &self->target.conn;
    if (self->in_exit)
        SPAWN(&self->group, &self->exit_closer, exit_closer, .closer = {.conn = conn});
    else
        SPAWN(&self->group, &self->closer, closer, .conn = conn);
}

ASYNC(cancel_case)
{
    self->target.pair = net_pair_tcp();
    assert_int_equal(
        conn_init_tcp(&self->target.conn, co_loop_of(co), self->target.pair.server, &CONN_PROBE_LIMITS), 0);
    if (self->is_stuck)
        output_is_stuck(&self->target);
    self->began_ms = co_loop_now_ms(co_loop_of(co));
    WITH(co_group_open(co, &self->group, 50)) {
        start_closer(self);
        AWAIT(co_sleep(&self->sleep, 20));
        co_group_cancel(&self->group);
    }
    END_WITH;
    assert_in_range(co_loop_now_ms(co_loop_of(co)) - self->began_ms, self->in_exit ? 69 : 19, 1000);
    assert_int_equal(conn_fd(&self->target.conn), -1);
    close(self->target.pair.client);
}
END_ASYNC

static void run_cancel(bool is_stuck, bool in_exit)
{
    CO_TASK(cancel_case) root;
    loop_fixture_run(TASK(&root, cancel_case, .is_stuck = is_stuck, .in_exit = in_exit));
}

static void test_conn_close_cancelled_closes_the_socket(void **state)
{
    (void)state;
    run_cancel(true, false);
    run_cancel(false, false);
}

static void test_conn_close_killed_closes_the_socket(void **state)
{
    (void)state;
    run_cancel(true, true);
    run_cancel(false, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conn_close_waits_for_the_client_no_longer_than_told),
        cmocka_unit_test(test_conn_close_is_quick_when_the_client_is_gone),
        cmocka_unit_test(test_conn_close_does_not_wait_for_a_client_that_does_not_read),
        cmocka_unit_test(test_conn_close_delivers_everything_to_a_client_that_still_sends),
        cmocka_unit_test(test_conn_close_cancelled_closes_the_socket),
        cmocka_unit_test(test_conn_close_killed_closes_the_socket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
