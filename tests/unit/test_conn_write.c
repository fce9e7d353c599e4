/* Writing over TCP: what goes out at once, what is kept, and clients that do not take it. */
#include "net/conn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "async/group.h"
#include "async/loop.h"
#include "support/conn_probe.h"
#include "support/loop_fixture.h"
#include "support/net_pair.h"

/* ---- writing ---- */

struct direct_case {
    struct co_frame co;
    struct net_pair pair;
    struct conn conn;
    struct conn_handshake handshake;
    struct conn_write_op op;
};

ASYNC(direct_case)
{
    char text[16], description[CONN_DESCRIPTION_BYTES];
    conn_probe_open(&self->conn, &self->pair, co);
    AWAIT(CALL(&self->handshake, conn_handshake, .conn = &self->conn)); /* none over TCP */
    assert_int_equal(conn_write(&self->conn, BYTES("")), 0);
    assert_int_equal(conn_write(&self->conn, BYTES("hello\n")), 0);
    assert_int_equal(conn_pending_bytes(&self->conn), 0);
    assert_int_equal(recv(self->pair.client, text, sizeof(text), MSG_DONTWAIT), 6);
    assert_memory_equal(text, "hello\n", 6);
    assert_int_equal(self->conn.bytes_out, 6);
    assert_string_equal(conn_describe(&self->conn, description), "tcp");
    AWAIT(conn_drain(&self->conn, &self->op));
    AWAIT(conn_flush(&self->conn, &self->op));
    conn_done(&self->conn);
    close(self->pair.client);
}
END_ASYNC

static void test_conn_write_goes_out_at_once(void **state)
{
    CO_TASK(direct_case) root;
    (void)state;
    loop_fixture_run(TASK(&root, direct_case, .pair = {0}));
}

/* Reads what the other end gets and checks that nothing is missing or twice. */
struct slow_reader {
    struct co_frame co;
    int fd;
    uint64_t total, want;
    int pause_ms;
    struct co_sleep_op sleep;
};

static char pattern(uint64_t offset)
{
    return (char)('a' + offset % 23);
}

static void take_some(struct slow_reader *self)
{
    char bytes[512];
    ssize_t n = recv(self->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
    for (ssize_t i = 0; i < n; i++)
        assert_int_equal(bytes[i], pattern(self->total++));
}

ASYNC(slow_reader)
{
    while (self->total < self->want) {
        take_some(self);
        AWAIT(co_sleep(&self->sleep, self->pause_ms));
    }
}
END_ASYNC

struct full_case {
    struct co_frame co;
    struct net_pair pair;
    struct conn conn;
    int drained_count;
    size_t pending_when_drained;
    uint64_t written;
    CO_TASK(slow_reader) reader;
    struct co_group group;
    struct conn_write_op op;
};

static void on_drained(struct conn *conn, void *arg)
{
    struct full_case *self = arg;
    self->drained_count++;
    self->pending_when_drained = conn_pending_bytes(conn);
    assert_false(conn_is_full(conn));
}

static const struct conn_events conn_events = {.on_drained = on_drained};

static void write_pattern(struct full_case *self, size_t count)
{
    char bytes[128];
    for (size_t i = 0; i < count; i++)
        bytes[i] = pattern(self->written++);
    assert_int_equal(conn_write(&self->conn, (struct bytes){bytes, count}), 0);
}

static void fill(struct full_case *self)
{
    while (!conn_is_full(&self->conn)) {
        assert_true(conn_pending_bytes(&self->conn) <= CONN_PROBE_LIMITS.high_bytes);
        write_pattern(self, 100);
    }
    assert_in_range(conn_pending_bytes(&self->conn), CONN_PROBE_LIMITS.high_bytes + 1,
                    CONN_PROBE_LIMITS.high_bytes + 100);
}

ASYNC(full_case)
{
    conn_probe_open(&self->conn, &self->pair, co);
    net_pair_shrink(&self->pair);
    self->conn.events = &conn_events;
    self->conn.events_arg = self;
    fill(self);
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->reader, slow_reader, .fd = self->pair.client, .want = UINT64_MAX,
              .pause_ms = 1);
        AWAIT(conn_drain(&self->conn, &self->op));
        assert_in_range(conn_pending_bytes(&self->conn), 0, CONN_PROBE_LIMITS.low_bytes);
        assert_false(conn_is_full(&self->conn));
        assert_int_equal(self->drained_count, 1);
        assert_in_range(self->pending_when_drained, 0, CONN_PROBE_LIMITS.low_bytes);
        AWAIT(conn_flush(&self->conn, &self->op));
        assert_int_equal(conn_pending_bytes(&self->conn), 0);
        assert_int_equal(self->drained_count, 1);
        /* Below `high` nobody is told anything. */
        while (conn_pending_bytes(&self->conn) < CONN_PROBE_LIMITS.low_bytes + 100)
            write_pattern(self, 100);
        AWAIT(conn_flush(&self->conn, &self->op));
        assert_int_equal(self->drained_count, 1);
        fill(self);
        AWAIT(conn_flush(&self->conn, &self->op));
        assert_int_equal(self->drained_count, 2);
        self->reader.fn.want = self->written;
    }
    END_WITH;
    assert_int_equal(self->reader.fn.total, self->conn.bytes_out);
    conn_done(&self->conn);
    close(self->pair.client);
}
END_ASYNC

static void test_conn_full_drains_and_flushes(void **state)
{
    CO_TASK(full_case) root;
    (void)state;
    loop_fixture_run(TASK(&root, full_case, .written = 0));
}

/* ---- writing to a client that is gone ---- */

struct gone_case {
    struct co_frame co;
    struct net_pair pair;
    struct conn conn;
    struct conn_gather gather;
    struct conn_write_op op;
    int code;
};

ASYNC(gone_case)
{
    conn_probe_open(&self->conn, &self->pair, co);
    conn_pause(&self->conn, CONN_PAUSE_OUTBOX);
    net_pair_send(self->pair.client, BYTES("hello\nrest"));
    close(self->pair.client);
    while (conn_write(&self->conn, BYTES("welcome\n")) == 0)
        ;
    TRY_AWAIT(self->code, conn_drain(&self->conn, &self->op));
    assert_int_equal(self->code, EPIPE);
    /* What was said before is heard, and the pause that waited for the output is over. */
    AWAIT(CALL(&self->gather, conn_gather, .conn = &self->conn));
    assert_int_equal(self->gather.len, 6);
    assert_memory_equal(self->gather.text, "hello>", 6);
    assert_true(self->gather.code == ECONNRESET || self->gather.code == EPIPE);
    conn_done(&self->conn);
}
END_ASYNC

static void test_conn_lines_of_a_client_that_is_gone_are_read(void **state)
{
    CO_TASK(gone_case) root;
    (void)state;
    loop_fixture_run(TASK(&root, gone_case, .pair = {0}));
}

/* Waiting for output ends when the client resets; a second waiter is refused. */
struct drainer {
    struct co_frame co;
    struct conn *conn;
    struct conn_write_op op;
    int code;
};

ASYNC(drainer)
{
    TRY_AWAIT(self->code, conn_drain(self->conn, &self->op));
}
END_ASYNC

struct stuck_case {
    struct co_frame co;
    struct full_case full;
    struct co_group group;
    CO_TASK(drainer) drainer;
    struct co_sleep_op sleep;
    struct conn_write_op op;
    struct conn_read_op read_op;
    int code;
};

ASYNC(stuck_case)
{
    conn_probe_open(&self->full.conn, &self->full.pair, co);
    net_pair_shrink(&self->full.pair);
    fill(&self->full);
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->drainer, drainer, .conn = &self->full.conn);
        AWAIT(co_sleep(&self->sleep, 10));
        TRY_AWAIT(self->code, conn_flush(&self->full.conn, &self->op));
        assert_int_equal(self->code, EBUSY);
        net_pair_reset(self->full.pair.client);
    }
    END_WITH;
    assert_int_equal(self->drainer.fn.code, EPIPE);
    TRY_AWAIT(self->code, conn_readline(&self->full.conn, &self->read_op));
    assert_true(self->code == ECONNRESET || self->code == EPIPE);
    conn_done(&self->full.conn);
}
END_ASYNC

static void test_conn_drain_ends_when_the_client_resets(void **state)
{
    CO_TASK(stuck_case) root;
    (void)state;
    loop_fixture_run(TASK(&root, stuck_case, .code = 0));
}

/* The same when the output waits in our own buffer and libevent finds out. */
struct stuck_gone_case {
    struct co_frame co;
    struct full_case full;
    struct conn_gather gather;
    struct co_sleep_op sleep;
};

ASYNC(stuck_gone_case)
{
    conn_probe_open(&self->full.conn, &self->full.pair, co);
    net_pair_shrink(&self->full.pair);
    conn_pause(&self->full.conn, CONN_PAUSE_FLOOD);
    net_pair_send(self->full.pair.client, BYTES("hello\nrest"));
    fill(&self->full);
    net_pair_reset(self->full.pair.client);
    AWAIT(co_sleep(&self->sleep, 20));
    assert_int_equal(conn_write(&self->full.conn, BYTES("x\n")), -EPIPE);
    conn_resume(&self->full.conn, CONN_PAUSE_FLOOD);
    AWAIT(CALL(&self->gather, conn_gather, .conn = &self->full.conn));
    assert_string_equal(self->gather.text, "hello>");
    assert_true(self->gather.code == ECONNRESET || self->gather.code == EPIPE);
    conn_done(&self->full.conn);
}
END_ASYNC

static void test_conn_lines_are_read_when_kept_output_fails(void **state)
{
    CO_TASK(stuck_gone_case) root;
    (void)state;
    loop_fixture_run(TASK(&root, stuck_gone_case, .full = {.written = 0}));
}

/* A client that only stops sending is still written to. */
struct half_case {
    struct co_frame co;
    struct net_pair pair;
    struct conn conn;
    struct conn_gather gather;
    struct conn_write_op op;
};

ASYNC(half_case)
{
    char text[16];
    conn_probe_open(&self->conn, &self->pair, co);
    net_pair_send(self->pair.client, BYTES("bye\n"));
    shutdown(self->pair.client, SHUT_WR);
    AWAIT(CALL(&self->gather, conn_gather, .conn = &self->conn));
    assert_int_equal(self->gather.code, CO_EEOF);
    conn_pause(&self->conn, CONN_PAUSE_FLOOD);
    conn_resume(&self->conn, CONN_PAUSE_FLOOD);
    assert_int_equal(conn_write(&self->conn, BYTES("bye\n")), 0);
    AWAIT(conn_flush(&self->conn, &self->op));
    assert_int_equal(recv(self->pair.client, text, sizeof(text), 0), 4);
    conn_done(&self->conn);
    close(self->pair.client);
}
END_ASYNC

static void test_conn_half_closed_client_gets_its_answer(void **state)
{
    CO_TASK(half_case) root;
    (void)state;
    loop_fixture_run(TASK(&root, half_case, .pair = {0}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conn_write_goes_out_at_once),
        cmocka_unit_test(test_conn_full_drains_and_flushes),
        cmocka_unit_test(test_conn_lines_of_a_client_that_is_gone_are_read),
        cmocka_unit_test(test_conn_lines_are_read_when_kept_output_fails),
        cmocka_unit_test(test_conn_drain_ends_when_the_client_resets),
        cmocka_unit_test(test_conn_half_closed_client_gets_its_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
