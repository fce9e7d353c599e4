/* Delivery to readers who do not keep up, and of more than fits into one batch or log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include <event2/event.h>

#include "async/loop.h"
#include "support/delivery_world.h"

static bool find_number(struct bytes line, struct bytes before, struct bytes after, int *ret_number)
{
    uint64_t number;
    if (!bytes_starts_with(line, before))
        return false;
    struct bytes rest = bytes_slice(line, before.len, line.len);
    struct bytes digits = bytes_slice(rest, 0, bytes_find(rest, ' '));
    rest = bytes_slice(rest, digits.len, rest.len);
    if (bytes_parse_u64(digits, 1000000, &number) < 0 || !bytes_starts_with(rest, after))
        return false;
    *ret_number = (int)number;
    return true;
}

/* Checks that the numbers in all lines go on from *next; returns how many gaps were told. */
static int check_numbers(const char *text, int *next)
{
    struct bytes rest = bytes_of(text);
    int gaps = 0, number;
    while (rest.len) {
        struct bytes line = bytes_cut(&rest, '\n');
        if (find_number(line, BYTES("14:00 <alice> "), BYTES(""), &number)) {
            assert_int_equal(number, *next);
            ++*next;
        } else if (find_number(line, BYTES("*** "), BYTES(" lines in #lobby were skipped"), &number)) {
            gaps++;
            *next += number;
        } else {
            fail_msg("unexpected line: %.60s", line.ptr);
        }
    }
    return gaps;
}

/* alice says numbered lines until the socket of `slow` is full; `fast` reads all the while. */
static void fill(struct delivery_world *world, struct delivery_reader *from, struct delivery_reader *slow,
                 struct delivery_reader *fast, int *count)
{
    int next = 0;
    for (; !conn_is_full(&slow->conn); ++*count) {
        char line[256];
        snprintf(line, sizeof(line), "%d %0200d", *count, 0);
        delivery_world_type(world, from, line);
        delivery_world_deliver(world);
        if (fast)
            check_numbers(delivery_world_received(world, fast), &next);
        assert_true(*count < 100000);
    }
    assert_true(!fast || next == *count);
}

/* The loop writes what waits in the socket's buffer, and catches up as the catch-up task would. */
static int drain(struct delivery_world *world, struct delivery_reader *reader, int *next)
{
    int gaps = 0;
    for (int i = 0; i < 1000; i++) {
        gaps += check_numbers(delivery_world_received(world, reader), next);
        event_base_loop(co_loop_base(world->loop), EVLOOP_NONBLOCK);
        struct list_link *link = list_pop_front(&world->delivery.drained);
        if (link)
            outbox_continue(container_of(link, struct outbox, behind_link));
    }
    return gaps;
}

static void test_delivery_continues_a_slow_reader_where_it_was(void **state)
{
    struct delivery_world *world = *state;
    struct delivery_reader *alice = delivery_world_enter(world, "alice", 0),
                           *bob = delivery_world_enter(world, "bob", 0),
                           *carol = delivery_world_enter(world, "carol", 0);
    int count = 0, next = 0;
    delivery_world_settle(world);

    fill(world, alice, bob, carol, &count);
    int next_of_carol = count;
    for (int i = 0; i < DELIVERY_WORLD_LOG_EVENTS / 2; i++) { /* still in the ring */
        char line[32];
        snprintf(line, sizeof(line), "%d", count++);
        delivery_world_type(world, alice, line);
        delivery_world_deliver(world);
    }
    check_numbers(delivery_world_received(world, carol), &next_of_carol);
    assert_int_equal(next_of_carol, count); /* nobody waited for bob */
    assert_true(conn_pending_bytes(&bob->conn) < 8192 + 300);
    assert_int_equal(drain(world, bob, &next), 0);
    assert_int_equal(next, count);
}

static void test_delivery_tells_a_slow_reader_what_it_missed(void **state)
{
    struct delivery_world *world = *state;
    struct delivery_reader *alice = delivery_world_enter(world, "alice", 0),
                           *bob = delivery_world_enter(world, "bob", 0),
                           *carol = delivery_world_enter(world, "carol", 0);
    int count = 0, next = 0;
    delivery_world_settle(world);

    fill(world, alice, bob, carol, &count);
    for (int i = 0; i < 3 * DELIVERY_WORLD_LOG_EVENTS; i++) {
        char line[32];
        snprintf(line, sizeof(line), "%d", count++);
        delivery_world_type(world, alice, line);
        delivery_world_deliver(world);
    }
    assert_int_equal(drain(world, bob, &next), 1);
    assert_int_equal(next, count);
    assert_true(world->delivery.stats.gaps > 0);
}

static void test_delivery_does_not_let_news_overtake_what_waits(void **state)
{
    struct delivery_world *world = *state;
    struct delivery_reader *alice = delivery_world_enter(world, "alice", 0),
                           *bob = delivery_world_enter(world, "bob", 0),
                           *carol = delivery_world_enter(world, "carol", 0);
    int count = 0, next = 0;
    delivery_world_settle(world);

    fill(world, alice, bob, carol, &count);
    delivery_world_type(world, alice, "/msg bob first");
    delivery_world_deliver(world);
    while (conn_is_full(&bob->conn)) { /* it drains, but the catch-up task has not had its turn */
        check_numbers(delivery_world_received(world, bob), &next);
        event_base_loop(co_loop_base(world->loop), EVLOOP_NONBLOCK);
    }
    delivery_world_type(world, alice, "second");
    delivery_world_deliver(world);
    for (int i = 0; i < 100 && next < count; i++) {
        event_base_loop(co_loop_base(world->loop), EVLOOP_NONBLOCK);
        struct bytes rest = bytes_of(delivery_world_received(world, bob));
        while (rest.len && next < count) {
            int number;
            assert_true(find_number(bytes_cut(&rest, '\n'), BYTES("14:00 <alice> "), BYTES(""), &number));
            assert_int_equal(number, next++);
        }
        if (next == count)
            assert_string_equal(rest.ptr, "14:00 [alice] first\n14:00 <alice> second\n");
    }
    assert_int_equal(next, count);
}

static void test_delivery_cuts_large_batches_so_that_nobody_in_step_misses_anything(void **state)
{
    struct delivery_world *world = *state;
    struct delivery_reader *alice = delivery_world_enter(world, "alice", 0),
                           *bob = delivery_world_enter(world, "bob", 0);
    int next = 0;
    delivery_world_settle(world);

    for (int i = 0; i < 4 * DELIVERY_WORLD_LOG_EVENTS; i++) {
        char line[32];
        snprintf(line, sizeof(line), "%d", i);
        delivery_world_type(world, alice, line);
    }
    delivery_world_deliver(world);
    assert_int_equal(check_numbers(delivery_world_received(world, bob), &next), 0);
    assert_int_equal(next, 4 * DELIVERY_WORLD_LOG_EVENTS);
    assert_int_equal(world->delivery.stats.gaps, 0);
}

static void say_often(struct delivery_world *world, struct delivery_reader *reader, int count)
{
    for (int i = 0; i < count; i++)
        delivery_world_type(world, reader, "x");
}

/* Two talk in two rooms, and take turns; carol reads one of them. */
static void test_delivery_does_not_cut_what_is_said_in_a_row(void **state)
{
    struct delivery_world *world = *state;
    struct delivery_reader *alice = delivery_world_enter(world, "alice", 0),
                           *bob = delivery_world_enter(world, "bob", 0);
    (void)delivery_world_enter(world, "carol", 0);
    delivery_world_type(world, bob, "/join #other");
    delivery_world_settle(world);

    for (int i = 0; i < 125; i++) {
        say_often(world, alice, 1);
        say_often(world, bob, 1);
    }
    say_often(world, alice, 20); /* over the 256 at which a batch may end */
    delivery_world_deliver(world);
    assert_int_equal(world->delivery.stats.batches, 1);
    assert_int_equal(world->delivery.stats.shared_writes, 1);

    say_often(world, alice, 256);
    say_often(world, bob, 1);
    delivery_world_deliver(world);
    assert_int_equal(world->delivery.stats.batches, 3);

    say_often(world, alice, 513); /* half of the ring, and one */
    delivery_world_deliver(world);
    assert_int_equal(world->delivery.stats.batches, 5);
    assert_int_equal(world->delivery.stats.gaps, 0);
}

/* Three are in the lobby, where more than two are many. */

static void test_delivery_goes_on_after_what_was_large(void **state)
{
    struct delivery_world *world = *state;
    struct delivery_reader *alice = delivery_world_enter(world, "alice", 0);
    char line[2000];
    memset(line, 'x', sizeof(line) - 1);
    line[sizeof(line) - 1] = '\0';
    (void)delivery_world_enter(world, "bob", 0);
    delivery_world_settle(world);

    for (int i = 0; i < 200; i++)
        delivery_world_type(world, alice, line);
    delivery_world_deliver(world);
    assert_int_equal(world->delivery.stats.shared_writes, 1);
    delivery_world_type(world, alice, "/history 200");
    delivery_world_deliver(world);
    assert_in_range(strlen(delivery_world_received(world, alice)), 1, sizeof(world->got));

    struct delivery_reader *carol = delivery_world_enter(world, "carol", 0);
    delivery_world_settle(world);
    delivery_world_type(world, alice, "short");
    delivery_world_deliver(world);
    assert_string_equal(delivery_world_received(world, carol), "14:00 <alice> short\n");
    assert_int_equal(world->delivery.stats.shared_writes, 1);
    assert_false(alice->has_failed || carol->has_failed);
}

static void test_delivery_ends_a_reader_with_too_many_replies_waiting(void **state)
{
    struct delivery_world *world = *state;
    struct delivery_reader *alice = delivery_world_enter(world, "alice", 0),
                           *bob = delivery_world_enter(world, "bob", 0);
    int count = 0;
    delivery_world_settle(world);

    fill(world, alice, bob, NULL, &count);
    for (int i = 0; i < DELIVERY_WORLD_INBOX_EVENTS; i++) {
        delivery_world_type(world, alice, "/msg bob hello");
        delivery_world_deliver(world);
    }
    assert_false(bob->has_failed);
    delivery_world_type(world, alice, "/msg bob hello");
    delivery_world_deliver(world);
    assert_true(bob->has_failed);
    assert_int_equal(bob->reason, CLOSE_NOT_READING);
    assert_false(alice->has_failed);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, delivery_world_setup, delivery_world_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_delivery_continues_a_slow_reader_where_it_was),
        TEST(test_delivery_tells_a_slow_reader_what_it_missed),
        TEST(test_delivery_does_not_let_news_overtake_what_waits),
        TEST(test_delivery_cuts_large_batches_so_that_nobody_in_step_misses_anything),
        cmocka_unit_test_setup_teardown(test_delivery_does_not_cut_what_is_said_in_a_row,
                                        delivery_world_setup_large, delivery_world_teardown),
        cmocka_unit_test_setup_teardown(test_delivery_goes_on_after_what_was_large,
                                        delivery_world_setup_large, delivery_world_teardown),
        TEST(test_delivery_ends_a_reader_with_too_many_replies_waiting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
