#include "net/peek.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "async/group.h"
#include "async/sleep.h"
#include "async/timeout.h"
#include "support/loop_fixture.h"
#include "support/net_pair.h"

#define GAP_MS 60

static int low_water(int fd)
{
    int value = 0;
    socklen_t len = sizeof(value);
    assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &value, &len), 0);
    return value;
}

/* Sends one byte after the other, with pauses, and then closes or resets if it is told to. */
struct drip {
    struct co_frame co;
    int fd, server;
    size_t want;
    struct bytes data;
    bool has_end;
    size_t i;
    struct co_sleep_op sleep;
};

ASYNC(drip)
{
    assert_int_equal(low_water(self->server), self->want); /* so the kernel does the waiting */
    for (self->i = 0; self->i < self->data.len; self->i++) {
        net_pair_send(self->fd, bytes_slice(self->data, self->i, self->i + 1));
        AWAIT(co_sleep(&self->sleep, GAP_MS));
    }
    if (self->has_end)
        shutdown(self->fd, SHUT_WR);
}
END_ASYNC

/* Peeks for `want` bytes while `data` arrives byte by byte. */
struct peek_case {
    struct co_frame co;
    bool is_unix;
    struct bytes data;
    bool has_end;
    size_t want;
    const char *expected;
    bool expect_end;
    struct net_pair pair;
    struct peek peek;
    CO_TASK(drip) drip;
    struct co_group group;
    uint64_t turns_before;
};

static void check_case(struct peek_case *self, struct co_task *co)
{
    assert_int_equal(self->peek.count, strlen(self->expected));
    assert_memory_equal(self->peek.bytes, self->expected, self->peek.count);
    assert_int_equal(self->peek.has_ended, self->expect_end);
    assert_int_equal(low_water(self->pair.server), 1);
    /* A loop that spins makes thousands of turns in a gap. */
    uint64_t turns = co_loop_stats(co_loop_of(co)).turns - self->turns_before;
    assert_in_range(turns, 0, 10 + 10 * self->data.len);
    /* Nothing was taken. */
    char bytes[PEEK_BYTES_MAX + 1];
    if (self->peek.count > 0)
        assert_true(recv(self->pair.server, bytes, sizeof(bytes), 0) >= (ssize_t)self->peek.count);
}

ASYNC(peek_case)
{
    self->pair = self->is_unix ? net_pair_unix() : net_pair_tcp();
    self->turns_before = co_loop_stats(co_loop_of(co)).turns;
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->drip, drip, .fd = self->pair.client, .server = self->pair.server,
              .want = self->want, .data = self->data, .has_end = self->has_end);
        AWAIT(CALL(&self->peek, peek, .fd = self->pair.server, .want = self->want));
    }
    END_WITH;
    check_case(self, co);
    close(self->pair.server);
    close(self->pair.client);
}
END_ASYNC

static void run_case(struct peek_case peek_case)
{
    CO_TASK(peek_case) root;
    root.fn = peek_case;
    root.fn.co = (struct co_frame){.type = &peek_case_type};
    loop_fixture_run(co_task_set(&root.task, co_call_frame(&root.fn.co)));
}

static void test_peek_gives_what_is_wanted_byte_by_byte(void **state)
{
    (void)state;
    run_case((struct peek_case){.data = BYTES("abcdefgh"), .want = 1, .expected = "a"});
    run_case((struct peek_case){.data = BYTES("abcdefgh"), .want = 5, .expected = "abcde"});
    run_case((struct peek_case){.data = BYTES("abcdefgh"), .want = 6, .expected = "abcdef"});
}

static void test_peek_does_not_spin_on_unix_sockets(void **state)
{
    (void)state;
    run_case((struct peek_case){.is_unix = true, .data = BYTES("abcdef"), .want = 6, .expected = "abcdef"});
}

static void test_peek_tells_the_end(void **state)
{
    (void)state;
    run_case((struct peek_case){.has_end = true, .want = 6, .expected = "", .expect_end = true});
    run_case((struct peek_case){
        .data = BYTES("abc"), .has_end = true, .want = 6, .expected = "abc", .expect_end = true});
    run_case((struct peek_case){.is_unix = true,
                                .data = BYTES("ab"),
                                .has_end = true,
                                .want = 6,
                                .expected = "ab",
                                .expect_end = true});
}

static void test_peek_end_after_enough_bytes_is_no_end(void **state)
{
    (void)state;
    run_case((struct peek_case){.data = BYTES("abc"), .has_end = true, .want = 3, .expected = "abc"});
}

struct reset_case {
    struct co_frame co;
    bool has_bytes;
    struct net_pair pair;
    struct peek peek;
    int code;
};

ASYNC(reset_case)
{
    self->pair = net_pair_tcp();
    if (self->has_bytes)
        net_pair_send(self->pair.client, BYTES("ab"));
    net_pair_reset(self->pair.client);
    TRY_AWAIT(self->code, CALL(&self->peek, peek, .fd = self->pair.server, .want = 6));
    assert_int_equal(self->code, ECONNRESET);
    assert_int_equal(low_water(self->pair.server), 1);
    close(self->pair.server);
}
END_ASYNC

static void test_peek_fails_when_reset(void **state)
{
    CO_TASK(reset_case) root;
    (void)state;
    loop_fixture_run(TASK(&root, reset_case, .has_bytes = false));
    loop_fixture_run(TASK(&root, reset_case, .has_bytes = true));
}

struct cancel_case {
    struct co_frame co;
    struct net_pair pair;
    struct peek peek;
    struct co_timeout timeout;
};

ASYNC(cancel_case)
{
    self->pair = net_pair_tcp();
    net_pair_send(self->pair.client, BYTES("ab"));
    WITH(co_timeout_open(co, &self->timeout, 50, false)) {
        AWAIT(CALL(&self->peek, peek, .fd = self->pair.server, .want = 6));
        fail_msg("a peek for six bytes ended with two");
    }
    END_WITH;
    assert_int_equal(low_water(self->pair.server), 1);
    char bytes[3];
    assert_int_equal(recv(self->pair.server, bytes, sizeof(bytes), 0), 2);
    close(self->pair.server);
    close(self->pair.client);
}
END_ASYNC

static void test_peek_cancelled_takes_nothing(void **state)
{
    CO_TASK(cancel_case) root;
    (void)state;
    loop_fixture_run(TASK(&root, cancel_case, .pair = {0}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_peek_gives_what_is_wanted_byte_by_byte),
        cmocka_unit_test(test_peek_does_not_spin_on_unix_sockets),
        cmocka_unit_test(test_peek_tells_the_end),
        cmocka_unit_test(test_peek_end_after_enough_bytes_is_no_end),
        cmocka_unit_test(test_peek_fails_when_reset),
        cmocka_unit_test(test_peek_cancelled_takes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
