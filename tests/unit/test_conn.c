/* Reading over TCP, pausing and giving up. */
#include "net/conn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "async/group.h"
#include "support/conn_probe.h"
#include "support/loop_fixture.h"
#include "support/net_pair.h"

/* ---- lines ---- */

struct lines_case {
    struct co_frame co;
    struct bytes first, second;
    enum conn_feed_end end;
    const char *expected;
    int expected_code;
    struct net_pair pair;
    struct conn conn;
    struct conn_gather gather;
    CO_TASK(conn_feed) feed;
    struct co_group group;
};

ASYNC(lines_case)
{
    conn_probe_open(&self->conn, &self->pair, co);
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->feed, conn_feed, .fd = self->pair.client,
              .parts = {self->first, self->second}, .end = self->end);
        AWAIT(CALL(&self->gather, conn_gather, .conn = &self->conn));
    }
    END_WITH;
    self->gather.text[self->gather.len] = '\0';
    assert_string_equal(self->gather.text, self->expected);
    assert_int_equal(self->gather.code, self->expected_code);
    conn_done(&self->conn);
    if (self->end != CONN_FEED_RESET)
        close(self->pair.client);
}
END_ASYNC

static void run_lines(struct bytes in, size_t split, enum conn_feed_end end, const char *expected, int code)
{
    CO_TASK(lines_case) root;
    loop_fixture_run(TASK(&root, lines_case, .first = bytes_slice(in, 0, split),
                          .second = bytes_slice(in, split, in.len), .end = end, .expected = expected,
                          .expected_code = code));
}

static void test_conn_readline_is_the_same_for_every_split(void **state)
{
    const struct bytes in = BYTES("a\nbb\r\n\nccc\r\0dd\rd\n12345678\r\n123456789\r\n1234567890abc\r\0end\n");
    (void)state;
    for (size_t split = 0; split <= in.len; split++)
        run_lines(in, split, CONN_FEED_EOF, "a>bb>>>ccc>>dd\rd>12345678>>!!end>", CO_EEOF);
}

static void test_conn_readline_takes_text_before_the_end_as_a_line(void **state)
{
    (void)state;
    run_lines(BYTES("a\nrest"), 3, CONN_FEED_EOF, "a>rest>", CO_EEOF);
    run_lines(BYTES("12345678"), 8, CONN_FEED_EOF, "12345678>", CO_EEOF);
    run_lines(BYTES("123456789"), 9, CONN_FEED_EOF, "!", CO_EEOF);
    run_lines(BYTES(""), 0, CONN_FEED_EOF, "", CO_EEOF);
}

static void test_conn_readline_gives_whole_lines_before_a_reset(void **state)
{
    (void)state;
    run_lines(BYTES("a\nb\n"), 0, CONN_FEED_RESET, "a>b>", ECONNRESET);
    run_lines(BYTES("a\nb\nrest"), 8, CONN_FEED_RESET, "a>b>", ECONNRESET);
}

/* ---- bytes ---- */

struct raw_case {
    struct co_frame co;
    struct net_pair pair;
    struct conn conn;
    struct conn_read_op op;
    struct co_timeout timeout;
};

ASYNC(raw_case)
{
    conn_probe_open(&self->conn, &self->pair, co);
    net_pair_send(self->pair.client, BYTES("a\nbc\r\0d"));
    AWAIT(conn_readline(&self->conn, &self->op));
    AWAIT(conn_read(&self->conn, &self->op));
    assert_true(bytes_eq(self->op.line, BYTES("bc\r\0d"))); /* behind the line that was read */
    conn_unread(&self->conn, 4);
    AWAIT(conn_read(&self->conn, &self->op));
    assert_true(bytes_eq(self->op.line, BYTES("c\r\0d")));
    conn_unread(&self->conn, 4);
    AWAIT(conn_readline(&self->conn, &self->op)); /* and lines behind bytes */
    assert_true(bytes_eq(self->op.line, BYTES("c")));
    AWAIT(conn_read(&self->conn, &self->op));
    assert_true(bytes_eq(self->op.line, BYTES("d")));
    conn_unread(&self->conn, 0);
    WITH(co_timeout_open(co, &self->timeout, 20, false)) {
        AWAIT(conn_read(&self->conn, &self->op));
        fail_msg("bytes came from nowhere");
    }
    END_WITH;
    net_pair_send(self->pair.client, BYTES("\xff"));
    AWAIT(conn_read(&self->conn, &self->op));
    assert_true(bytes_eq(self->op.line, BYTES("\xff")));
    assert_int_equal(self->conn.bytes_in, 7); /* the last one is counted when it is done with */
    conn_done(&self->conn);
    close(self->pair.client);
}
END_ASYNC

static void test_conn_read_gives_what_is_there(void **state)
{
    CO_TASK(raw_case) root;
    (void)state;
    loop_fixture_run(TASK(&root, raw_case));
}

struct raw_end_case {
    struct co_frame co;
    enum conn_feed_end end;
    int code;
    size_t len;
    struct net_pair pair;
    struct conn conn;
    struct conn_read_op op;
    CO_TASK(conn_feed) feed;
    struct co_group group;
};

ASYNC(raw_end_case)
{
    conn_probe_open(&self->conn, &self->pair, co);
    conn_pause(&self->conn, CONN_PAUSE_FLOOD);
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->feed, conn_feed, .fd = self->pair.client,
              .parts = {BYTES("ab"), BYTES("c")}, .end = self->end);
    }
    END_WITH;
    conn_resume(&self->conn, CONN_PAUSE_FLOOD);
    while (self->code == 0) {
        TRY_AWAIT(self->code, conn_read(&self->conn, &self->op));
        self->len += self->code ? 0 : self->op.line.len;
    }
    assert_int_equal(self->code, self->end == CONN_FEED_RESET ? ECONNRESET : CO_EEOF);
    if (self->end != CONN_FEED_RESET) {
        assert_int_equal(self->len, 3);
        close(self->pair.client);
    }
    conn_done(&self->conn);
}
END_ASYNC

static void test_conn_read_tells_the_end_after_the_bytes(void **state)
{
    CO_TASK(raw_end_case) root;
    (void)state;
    loop_fixture_run(TASK(&root, raw_end_case, .end = CONN_FEED_EOF));
    loop_fixture_run(TASK(&root, raw_end_case, .end = CONN_FEED_RESET));
}

struct raw_limit_case {
    struct co_frame co;
    struct net_pair pair;
    struct conn conn;
    struct conn_read_op op;
    struct co_sleep_op sleep;
    size_t most, total;
};

/* What is not read is left with the kernel, also when the reader uses a byte at a time. */
ASYNC(raw_limit_case)
{
    conn_probe_open(&self->conn, &self->pair, co);
    for (int i = 0; i < 4096; i++)
        net_pair_send(self->pair.client, BYTES("0123456789abcdef"));
    shutdown(self->pair.client, SHUT_WR);
    AWAIT(co_sleep(&self->sleep, 20));
    while (self->total < 4096 * 16) {
        AWAIT(conn_read(&self->conn, &self->op));
        if (self->op.line.len > self->most)
            self->most = self->op.line.len;
        assert_int_equal(self->op.line.ptr[0], "0123456789abcdef"[self->total % 16]);
        self->total++;
        conn_unread(&self->conn, self->op.line.len - 1);
    }
    assert_in_range(self->most, 1, 4096 + 2 * (CONN_PROBE_LINE_BYTES + LINE_END_BYTES_MAX));
    conn_done(&self->conn);
    close(self->pair.client);
}
END_ASYNC

struct burst_case {
    struct co_frame co;
    bool reads_bursts;
    struct conn_limits limits;
    struct net_pair pair;
    struct conn conn;
    struct conn_read_op op;
    int code;
    size_t total;
};

/* Who may gets in one go what was sent in one go, up to a limit of its own. */
ASYNC(burst_case)
{
    self->pair = net_pair_tcp();
    self->limits = (struct conn_limits){.line_bytes = 4096, .high_bytes = 4096, .low_bytes = 1024};
    assert_int_equal(conn_init_tcp(&self->conn, co_loop_of(co), self->pair.server, &self->limits), 0);
    self->conn.reads_bursts = self->reads_bursts;
    for (int i = 0; i < 4096; i++)
        net_pair_send(self->pair.client, BYTES("0123456789abcdef"));
    shutdown(self->pair.client, SHUT_WR);
    while (self->total < 4096 * 16) {
        AWAIT(conn_read(&self->conn, &self->op));
        if (self->total == 0)
            assert_int_equal(self->op.line.len,
                             CONN_READ_BYTES + (self->reads_bursts ? CONN_READ_MORE_BYTES : 0));
        for (size_t i = 0; i < self->op.line.len; i++)
            assert_int_equal(self->op.line.ptr[i], "0123456789abcdef"[self->total++ % 16]);
    }
    TRY_AWAIT(self->code, conn_read(&self->conn, &self->op));
    assert_int_equal(self->code, CO_EEOF);
    conn_done(&self->conn);
    close(self->pair.client);
}
END_ASYNC

static void test_conn_reads_a_burst_at_once(void **state)
{
    CO_TASK(burst_case) root;
    (void)state;
    loop_fixture_run(TASK(&root, burst_case, .reads_bursts = true));
    loop_fixture_run(TASK(&root, burst_case, .reads_bursts = false));
}

static void test_conn_read_keeps_the_limit(void **state)
{
    CO_TASK(raw_limit_case) root;
    (void)state;
    loop_fixture_run(TASK(&root, raw_limit_case));
}

/* ---- one reader ---- */

struct aborted_case {
    struct co_frame co;
    struct net_pair pair;
    struct conn conn;
    struct conn_read_op op;
    struct co_timeout timeout;
};

ASYNC(aborted_case)
{
    conn_probe_open(&self->conn, &self->pair, co);
    net_pair_send(self->pair.client, BYTES("one\ntw"));
    AWAIT(conn_readline(&self->conn, &self->op));
    assert_true(bytes_eq(self->op.line, BYTES("one")));
    WITH(co_timeout_open(co, &self->timeout, 20, false)) {
        AWAIT(conn_readline(&self->conn, &self->op));
        fail_msg("half a line was read");
    }
    END_WITH;
    net_pair_send(self->pair.client, BYTES("o\n"));
    AWAIT(conn_readline(&self->conn, &self->op));
    assert_true(bytes_eq(self->op.line, BYTES("two")));
    assert_int_equal(self->conn.bytes_in, 4);
    conn_done(&self->conn);
    close(self->pair.client);
}
END_ASYNC

static void test_conn_readline_aborted_loses_nothing(void **state)
{
    CO_TASK(aborted_case) root;
    (void)state;
    loop_fixture_run(TASK(&root, aborted_case, .pair = {0}));
}

/* ---- what waits ---- */

struct waiting_case {
    struct co_frame co;
    struct net_pair pair;
    struct conn conn;
    struct conn_read_op op;
    int code;
};

static void check_waiting(const struct conn *conn, bool has_cr, size_t lines, uint64_t keep_end,
                          uint64_t last_start, uint64_t end)
{
    struct conn_waiting waiting;

    conn_look_waiting(conn, 2, has_cr, &waiting);
    assert_int_equal(waiting.line_count, lines);
    assert_int_equal(waiting.keep_end, keep_end);
    assert_int_equal(waiting.last_start, last_start);
    assert_int_equal(waiting.end, end);
}

ASYNC(waiting_case)
{
    conn_probe_open(&self->conn, &self->pair, co);
    check_waiting(&self->conn, false, 0, 0, 0, 0);
    net_pair_send(self->pair.client, BYTES("a\nb\r\nc\n\rd\n"));
    AWAIT(conn_peek(&self->conn, &self->op, 10));
    check_waiting(&self->conn, false, 4, 5, 7, 10);
    check_waiting(&self->conn, true, 4, 5, 8, 10);
    AWAIT(conn_readline(&self->conn, &self->op));
    assert_int_equal(conn_position(&self->conn), 2);
    check_waiting(&self->conn, false, 3, 7, 7, 10);
    AWAIT(conn_read(&self->conn, &self->op)); /* all */
    assert_int_equal(conn_position(&self->conn), 10);
    check_waiting(&self->conn, false, 0, 0, 0, 10);
    conn_unread(&self->conn, 2);
    assert_int_equal(conn_position(&self->conn), 8);
    check_waiting(&self->conn, false, 1, 0, 8, 10);
    close(self->pair.client);
    conn_done(&self->conn);
}
END_ASYNC

static void test_conn_look_waiting_takes_nothing(void **state)
{
    CO_TASK(waiting_case) root;
    (void)state;
    loop_fixture_run(TASK(&root, waiting_case, .code = 0));
}

/* ---- peeking ---- */

struct peek_case {
    struct co_frame co;
    struct net_pair pair;
    struct conn conn;
    struct conn_read_op op;
    struct co_timeout timeout;
    int code;
};

ASYNC(peek_case)
{
    conn_probe_open(&self->conn, &self->pair, co);
    net_pair_send(self->pair.client, BYTES("one\ntw"));
    AWAIT(conn_peek(&self->conn, &self->op, 6));
    assert_true(bytes_eq(self->op.line, BYTES("one\ntw")));
    WITH(co_timeout_open(co, &self->timeout, 20, false)) {
        AWAIT(conn_peek(&self->conn, &self->op, 7));
        fail_msg("more was seen than was sent");
    }
    END_WITH;
    AWAIT(conn_readline(&self->conn, &self->op)); /* nothing was taken */
    assert_true(bytes_eq(self->op.line, BYTES("one")));
    AWAIT(conn_peek(&self->conn, &self->op, 1)); /* the line is */
    assert_true(bytes_eq(self->op.line, BYTES("tw")));
    close(self->pair.client);
    TRY_AWAIT(self->code, conn_peek(&self->conn, &self->op, 3));
    assert_int_equal(self->code, CO_EEOF);
    assert_true(bytes_eq(self->op.line, BYTES("tw")));
    AWAIT(conn_peek(&self->conn, &self->op, 2)); /* so many are there, end or not */
    AWAIT(conn_readline(&self->conn, &self->op));
    assert_true(bytes_eq(self->op.line, BYTES("tw")));
    conn_done(&self->conn);
}
END_ASYNC

static void test_conn_peek_takes_nothing(void **state)
{
    CO_TASK(peek_case) root;
    (void)state;
    loop_fixture_run(TASK(&root, peek_case, .code = 0));
}

/* A second reader is refused; giving the connection up ends the first and drops what has come. */
struct abort_case {
    struct co_frame co;
    struct net_pair pair;
    struct conn conn;
    struct conn_read_op op;
    struct conn_write_op write_op;
    CO_TASK(conn_gather) gather;
    struct co_group group;
    struct co_sleep_op sleep;
    int code;
};

ASYNC(abort_case)
{
    conn_probe_open(&self->conn, &self->pair, co);
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->gather, conn_gather, .conn = &self->conn);
        AWAIT(co_sleep(&self->sleep, 10));
        TRY_AWAIT(self->code, conn_readline(&self->conn, &self->op));
        assert_int_equal(self->code, EBUSY);
        conn_abort(&self->conn, ETIMEDOUT);
        conn_abort(&self->conn, EIO); /* the first reason stays */
    }
    END_WITH;
    assert_int_equal(self->gather.fn.code, ETIMEDOUT);
    TRY_AWAIT(self->code, conn_readline(&self->conn, &self->op));
    assert_int_equal(self->code, ETIMEDOUT);
    TRY_AWAIT(self->code, conn_flush(&self->conn, &self->write_op));
    assert_int_equal(self->code, EPIPE);
    assert_int_equal(conn_write(&self->conn, BYTES("x\n")), -EPIPE);
    conn_done(&self->conn);
    close(self->pair.client);
}
END_ASYNC

static void test_conn_abort_ends_waits(void **state)
{
    CO_TASK(abort_case) root;
    (void)state;
    loop_fixture_run(TASK(&root, abort_case, .pair = {0}));
}

struct abort_lines_case {
    struct co_frame co;
    struct net_pair pair;
    struct conn conn;
    struct conn_read_op op;
    int code;
};

ASYNC(abort_lines_case)
{
    conn_probe_open(&self->conn, &self->pair, co);
    net_pair_send(self->pair.client, BYTES("a\nb\nc\n"));
    AWAIT(conn_readline(&self->conn, &self->op));
    assert_true(conn_probe_buffered_bytes(&self->conn) > 0);
    conn_abort(&self->conn, ETIMEDOUT);
    assert_true(bytes_eq(self->op.line, BYTES("a"))); /* still valid */
    TRY_AWAIT(self->code, conn_readline(&self->conn, &self->op));
    assert_int_equal(self->code, ETIMEDOUT);
    conn_done(&self->conn);
    conn_done(&self->conn);
    assert_int_equal(conn_fd(&self->conn), -1);
    assert_int_equal(conn_write(&self->conn, BYTES("x\n")), -EPIPE);
    TRY_AWAIT(self->code, conn_readline(&self->conn, &self->op));
    assert_int_equal(self->code, CO_ECLOSED);
    close(self->pair.client);
}
END_ASYNC

static void test_conn_abort_drops_lines_that_have_come(void **state)
{
    CO_TASK(abort_lines_case) root;
    (void)state;
    loop_fixture_run(TASK(&root, abort_lines_case, .pair = {0}));
}

static void test_conn_done_takes_a_zeroed_conn(void **state)
{
    struct conn conn = {0};
    (void)state;
    conn_done(&conn);
    assert_int_equal(conn_pending_bytes(&conn), 0);
    assert_int_equal(conn_write(&conn, BYTES("x")), -EPIPE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conn_readline_is_the_same_for_every_split),
        cmocka_unit_test(test_conn_readline_takes_text_before_the_end_as_a_line),
        cmocka_unit_test(test_conn_readline_gives_whole_lines_before_a_reset),
        cmocka_unit_test(test_conn_read_gives_what_is_there),
        cmocka_unit_test(test_conn_read_tells_the_end_after_the_bytes),
        cmocka_unit_test(test_conn_reads_a_burst_at_once),
        cmocka_unit_test(test_conn_read_keeps_the_limit),
        cmocka_unit_test(test_conn_readline_aborted_loses_nothing),
        cmocka_unit_test(test_conn_look_waiting_takes_nothing),
        cmocka_unit_test(test_conn_peek_takes_nothing),
        cmocka_unit_test(test_conn_abort_ends_waits),
        cmocka_unit_test(test_conn_abort_drops_lines_that_have_come),
        cmocka_unit_test(test_conn_done_takes_a_zeroed_conn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
