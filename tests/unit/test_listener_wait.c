/* Listeners: waiting for a client, and, without descriptors, resting and recovering. */
#include "net/listener.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "async/group.h"
#include "async/loop.h"
#include "async/sleep.h"
#include "async/timeout.h"
#include "base/log.h"
#include "support/loop_fixture.h"
#include "support/net_pair.h"

/* ---- waiting ---- */

struct accept_one {
    struct co_frame co;
    struct listener *listener;
    struct listener_op op;
    int code, accepted_count;
};

/* Accepts and keeps nothing, until it fails. */
ASYNC(accept_one)
{
    for (;;) {
        TRY_AWAIT(self->code, listener_accept(self->listener, &self->op));
        if (self->code)
            return;
        self->accepted_count++;
        close(self->op.fd);
    }
}
END_ASYNC

struct wait_case {
    struct co_frame co;
    struct listener listener;
    CO_TASK(accept_one) accept_one;
    struct co_group group;
    struct co_sleep_op sleep;
    struct listener_op second;
    struct co_timeout timeout;
    int code, client;
    uint64_t turns_before;
};

ASYNC(wait_case)
{
    struct addr addr;
    addr = net_pair_addr("127.0.0.1:0");
    assert_int_equal(listener_open(&self->listener, co_loop_of(co), &addr, 16), 0);
    WITH(co_timeout_open(co, &self->timeout, 20, false)) {
        AWAIT(listener_accept(&self->listener, &self->second));
        fail_msg("accepted without a client");
    }
    END_WITH;
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->accept_one, accept_one, .listener = &self->listener);
        AWAIT(co_sleep(&self->sleep, 10));
        TRY_AWAIT(self->code, listener_accept(&self->listener, &self->second));
        assert_int_equal(self->code, EBUSY);
        self->client = net_pair_connect(&self->listener.addr);
        AWAIT(co_sleep(&self->sleep, 10));
        assert_int_equal(self->accept_one.fn.accepted_count, 1);
        close(self->client);
        self->turns_before = co_loop_stats(co_loop_of(co)).turns;
        AWAIT(co_sleep(&self->sleep, 100));
        assert_in_range(co_loop_stats(co_loop_of(co)).turns - self->turns_before, 1, 5);
        listener_close(&self->listener);
    }
    END_WITH;
    assert_int_equal(self->accept_one.fn.code, CO_ECLOSED);
    TRY_AWAIT(self->code, listener_accept(&self->listener, &self->second));
    assert_int_equal(self->code, CO_ECLOSED);
}
END_ASYNC

static void test_listener_waits_one_at_a_time_until_closed(void **state)
{
    CO_TASK(wait_case) root;
    (void)state;
    loop_fixture_run(TASK(&root, wait_case, .client = -1));
}

/* ---- without descriptors ---- */

#define CLIENTS 6

struct exhaust_case {
    struct co_frame co;
    struct listener listener;
    CO_TASK(accept_one) accept_one;
    struct co_group group;
    struct co_sleep_op sleep;
    int clients[CLIENTS];
    struct rlimit limit_before;
    uint64_t turns_before;
};

static void lower_limit(struct exhaust_case *self)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &self->limit_before), 0);
    limit = self->limit_before;
    int lowest = dup(0);
    assert_true(lowest >= 0);
    close(lowest);
    limit.rlim_cur = (rlim_t)lowest;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

/* Some have been told by now, one in each pause; the others still wait. */
static void check_turned_away(struct exhaust_case *self)
{
    char text[16];
    int told = 0;
    for (int i = 0; i < CLIENTS; i++) {
        ssize_t n = recv(self->clients[i], text, sizeof(text), MSG_DONTWAIT);
        if (n > 0) {
            assert_int_equal(n, 5);
            assert_memory_equal(text, "full\n", 5);
            assert_int_equal(recv(self->clients[i], text, sizeof(text), 0), 0);
            told++;
        }
    }
    assert_in_range(told, 2, 5);
    assert_int_equal(self->listener.exhausted_count, told);
    assert_int_equal(self->listener.accepted_count, 0);
}

ASYNC(exhaust_case)
{
    struct addr addr;
    addr = net_pair_addr("127.0.0.1:0");
    assert_int_equal(listener_open(&self->listener, co_loop_of(co), &addr, 16), 0);
    listener_set_full_text(&self->listener, BYTES("full\n"));
    for (int i = 0; i < CLIENTS; i++)
        self->clients[i] = net_pair_connect(&self->listener.addr);
    lower_limit(self);
    self->turns_before = co_loop_stats(co_loop_of(co)).turns;
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->accept_one, accept_one, .listener = &self->listener);
        AWAIT(co_sleep(&self->sleep, 350));
        assert_in_range(co_loop_stats(co_loop_of(co)).turns - self->turns_before, 1, 20);
        check_turned_away(self);
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &self->limit_before), 0);
        AWAIT(co_sleep(&self->sleep, 150));
        assert_int_equal(self->listener.accepted_count + self->listener.exhausted_count, CLIENTS);
        assert_true(self->listener.accepted_count > 0);
        assert_true(self->listener.reserve_fd >= 0);
        listener_close(&self->listener);
    }
    END_WITH;
    for (int i = 0; i < CLIENTS; i++)
        close(self->clients[i]);
}
END_ASYNC

static void count_line(void *arg, enum log_level level, struct bytes line)
{
    (void)level;
    (void)line;
    ++*(int *)arg;
}

static void test_listener_never_spins_without_descriptors_and_recovers(void **state)
{
    CO_TASK(exhaust_case) root;
    int lines = 0;
    (void)state;
    log_set_sink(count_line, &lines);
    loop_fixture_run(TASK(&root, exhaust_case, .clients = {0}));
    log_set_sink(NULL, NULL);
    assert_int_equal(lines, 1);
}

/* Closing in the pause leaves no timer. */
struct close_in_pause_case {
    struct co_frame co;
    struct exhaust_case limit;
    struct listener listener;
    CO_TASK(accept_one) accept_one;
    struct co_group group;
    struct co_sleep_op sleep;
    int client;
};

ASYNC(close_in_pause_case)
{
    struct addr addr;
    addr = net_pair_addr("127.0.0.1:0");
    assert_int_equal(listener_open(&self->listener, co_loop_of(co), &addr, 16), 0);
    self->client = net_pair_connect(&self->listener.addr);
    lower_limit(&self->limit);
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->accept_one, accept_one, .listener = &self->listener);
        AWAIT(co_sleep(&self->sleep, 20));
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &self->limit.limit_before), 0);
        assert_int_equal(self->listener.exhausted_count, 1);
        listener_close(&self->listener);
    }
    END_WITH;
    assert_int_equal(self->accept_one.fn.code, CO_ECLOSED);
    close(self->client);
}
END_ASYNC

static void ignore_line(void *arg, enum log_level level, struct bytes line)
{
    (void)arg;
    (void)level;
    (void)line;
}

static void test_listener_closed_while_it_rests(void **state)
{
    CO_TASK(close_in_pause_case) root;
    (void)state;
    log_set_sink(ignore_line, NULL);
    loop_fixture_run(TASK(&root, close_in_pause_case, .client = -1));
    log_set_sink(NULL, NULL);
}

/* Asking again does not shorten the rest. */
struct rest_case {
    struct co_frame co;
    struct exhaust_case limit;
    struct listener listener;
    struct listener_op op;
    struct co_timeout timeout;
    int clients[2], i;
};

ASYNC(rest_case)
{
    struct addr addr;
    addr = net_pair_addr("127.0.0.1:0");
    assert_int_equal(listener_open(&self->listener, co_loop_of(co), &addr, 16), 0);
    for (int i = 0; i < 2; i++)
        self->clients[i] = net_pair_connect(&self->listener.addr);
    lower_limit(&self->limit);
    for (self->i = 0; self->i < 3; self->i++) {
        WITH(co_timeout_open(co, &self->timeout, 10, false)) {
            AWAIT(listener_accept(&self->listener, &self->op));
        }
        END_WITH;
    }
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &self->limit.limit_before), 0);
    assert_int_equal(self->listener.exhausted_count, 1);
    AWAIT(listener_accept(&self->listener, &self->op));
    close(self->op.fd);
    for (int i = 0; i < 2; i++)
        close(self->clients[i]);
    listener_close(&self->listener);
}
END_ASYNC

static void test_listener_rests_even_when_asked_again(void **state)
{
    CO_TASK(rest_case) root;
    (void)state;
    log_set_sink(ignore_line, NULL);
    loop_fixture_run(TASK(&root, rest_case, .i = 0));
    log_set_sink(NULL, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_listener_waits_one_at_a_time_until_closed),
        cmocka_unit_test(test_listener_never_spins_without_descriptors_and_recovers),
        cmocka_unit_test(test_listener_closed_while_it_rests),
        cmocka_unit_test(test_listener_rests_even_when_asked_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
