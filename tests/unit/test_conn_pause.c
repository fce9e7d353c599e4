/* Connections: reading that is paused, and how much is taken in. */
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

struct pause_case {
    struct co_frame co;
    struct net_pair pair;
    struct conn conn;
    CO_TASK(conn_gather) gather;
    struct co_group group;
    struct co_sleep_op sleep;
};

ASYNC(pause_case)
{
    conn_probe_open(&self->conn, &self->pair, co);
    conn_pause(&self->conn, CONN_PAUSE_FLOOD | CONN_PAUSE_OUTBOX);
    net_pair_send(self->pair.client, BYTES("a\nb\n"));
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->gather, conn_gather, .conn = &self->conn);
        AWAIT(co_sleep(&self->sleep, 20));
        conn_resume(&self->conn, CONN_PAUSE_FLOOD);
        AWAIT(co_sleep(&self->sleep, 20));
        assert_int_equal(conn_probe_buffered_bytes(&self->conn), 0); /* it is still with the kernel */
        assert_int_equal(self->gather.fn.len, 0);
        conn_resume(&self->conn, CONN_PAUSE_OUTBOX);
        AWAIT(co_sleep(&self->sleep, 20));
        assert_memory_equal(self->gather.fn.text, "a>b>", 4);
        assert_int_equal(self->gather.fn.len, 4);
        conn_pause(&self->conn, CONN_PAUSE_CLOSING);
        net_pair_send(self->pair.client, BYTES("c\n"));
        shutdown(self->pair.client, SHUT_WR);
        AWAIT(co_sleep(&self->sleep, 20));
        assert_int_equal(self->gather.fn.len, 4);
        conn_resume(&self->conn, CONN_PAUSE_CLOSING);
    }
    END_WITH;
    assert_int_equal(self->gather.fn.len, 6);
    assert_int_equal(self->gather.fn.code, CO_EEOF);
    conn_done(&self->conn);
    close(self->pair.client);
}
END_ASYNC

static void test_conn_pause_needs_every_reason_gone(void **state)
{
    CO_TASK(pause_case) root;
    (void)state;
    loop_fixture_run(TASK(&root, pause_case, .pair = {0}));
}

/* Lines that are here already are held back, too, and come by themselves when reading goes on. */
struct held_case {
    struct co_frame co;
    struct net_pair pair;
    struct conn conn;
    struct conn_read_op op;
    CO_TASK(conn_gather) gather;
    struct co_group group;
    struct co_sleep_op sleep;
};

ASYNC(held_case)
{
    conn_probe_open(&self->conn, &self->pair, co);
    net_pair_send(self->pair.client, BYTES("a\nb\n"));
    AWAIT(conn_readline(&self->conn, &self->op));
    conn_pause(&self->conn, CONN_PAUSE_FLOOD);
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->gather, conn_gather, .conn = &self->conn);
        AWAIT(co_sleep(&self->sleep, 20));
        assert_int_equal(self->gather.fn.len, 0);
        conn_resume(&self->conn, CONN_PAUSE_FLOOD);
        AWAIT(co_sleep(&self->sleep, 20));
        assert_int_equal(self->gather.fn.len, 2);
        shutdown(self->pair.client, SHUT_WR);
    }
    END_WITH;
    conn_done(&self->conn);
    close(self->pair.client);
}
END_ASYNC

static void test_conn_pause_holds_lines_back(void **state)
{
    CO_TASK(held_case) root;
    (void)state;
    loop_fixture_run(TASK(&root, held_case, .pair = {0}));
}

/* A sender that is not read is stopped by the kernel, not by our memory. */
struct bounded_case {
    struct co_frame co;
    struct net_pair pair;
    struct conn conn;
    struct conn_read_op op;
    struct co_sleep_op sleep;
    int i;
};

ASYNC(bounded_case)
{
    conn_probe_open(&self->conn, &self->pair, co);
    for (self->i = 0; self->i < 1000; self->i++)
        net_pair_send(self->pair.client, BYTES("1234567\n"));
    AWAIT(co_sleep(&self->sleep, 20));
    assert_in_range(conn_probe_buffered_bytes(&self->conn), 2 * (CONN_PROBE_LINE_BYTES + 2), 4200);
    for (self->i = 0; self->i < 1000; self->i++)
        AWAIT(conn_readline(&self->conn, &self->op));
    conn_done(&self->conn);
    close(self->pair.client);
}
END_ASYNC

static void test_conn_input_is_bounded(void **state)
{
    CO_TASK(bounded_case) root;
    (void)state;
    loop_fixture_run(TASK(&root, bounded_case, .i = 0));
}

struct longer_case {
    struct co_frame co;
    struct net_pair pair;
    struct conn conn;
    struct conn_read_op op;
};

/* The input was full at the old limit, and nothing was read any more. */
ASYNC(longer_case)
{
    conn_probe_open(&self->conn, &self->pair, co);
    for (int i = 0; i < 4 * CONN_PROBE_LINE_BYTES; i++)
        net_pair_send(self->pair.client, BYTES("x"));
    AWAIT(conn_peek(&self->conn, &self->op, 2 * CONN_PROBE_LINE_BYTES));
    conn_set_line_bytes(&self->conn, 8192);
    for (int i = 0; i < 8192 - 4 * CONN_PROBE_LINE_BYTES; i++)
        net_pair_send(self->pair.client, BYTES("y"));
    net_pair_send(self->pair.client, BYTES("\n"));
    AWAIT(conn_readline(&self->conn, &self->op));
    assert_int_equal(self->op.line.len, 8192);
    conn_done(&self->conn);
    close(self->pair.client);
}
END_ASYNC

static void test_conn_input_grows_with_the_longest_line(void **state)
{
    CO_TASK(longer_case) root;
    (void)state;
    loop_fixture_run(TASK(&root, longer_case));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conn_pause_needs_every_reason_gone),
        cmocka_unit_test(test_conn_pause_holds_lines_back),
        cmocka_unit_test(test_conn_input_is_bounded),
        cmocka_unit_test(test_conn_input_grows_with_the_longest_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
