/* Delivery in large rooms, where who comes and goes is held back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "chat/room.h"
#include "chat/user.h"
#include "support/delivery_world.h"

static struct delivery_reader *enter_large_room(struct delivery_world *world)
{
    world->delivery.config.quiet_above = 2;
    struct delivery_reader *alice = delivery_world_enter(world, "alice", 0);
    (void)delivery_world_enter(world, "bob", 0);
    (void)delivery_world_enter(world, "carol", 0);
    delivery_world_settle(world);
    delivery_world_type(world, alice, "all are in step");
    delivery_world_settle(world);
    return alice;
}

static void test_delivery_holds_back_what_nobody_is_to_see(void **state)
{
    struct delivery_world *world = *state;
    struct delivery_reader *alice = enter_large_room(world), *bob = &world->readers[1];
    const struct membership *bob_here = bob->user->current;
    const uint64_t cursor = bob_here->cursor;
    struct delivery_reader *dave = delivery_world_enter(world, "dave", 0);
    delivery_world_deliver(world);
    assert_int_equal(bob_here->cursor, cursor);
    assert_int_equal(world->delivery.stats.blocks, 0);
    assert_true(bytes_starts_with(bytes_of(delivery_world_received(world, dave)), BYTES("*** You are dave")));

    delivery_world_type(world, alice, "hello");
    delivery_world_deliver(world);
    assert_string_equal(delivery_world_received(world, bob), "14:00 <alice> hello\n");
    assert_string_equal(delivery_world_received(world, dave), "14:00 <alice> hello\n");
    assert_int_equal(world->delivery.stats.shared_writes, 2); /* bob and carol */
    assert_int_equal(bob_here->cursor, bob_here->room->log.next);

    delivery_world_type(world, dave, "/join #other");
    delivery_world_type(world, dave, "/leave #lobby");
    delivery_world_deliver(world);
    assert_int_equal(bob_here->room->member_count, 3);
    delivery_world_type(world, alice, "bye");
    delivery_world_deliver(world);
    assert_string_equal(delivery_world_received(world, bob), "14:00 <alice> bye\n");
    assert_int_equal(world->delivery.stats.shared_writes, 4);
}

static void test_delivery_shows_who_comes_to_those_who_want_to_see_it(void **state)
{
    struct delivery_world *world = *state;
    (void)enter_large_room(world);
    struct delivery_reader *bob = &world->readers[1], *carol = &world->readers[2];
    (void)delivery_world_enter(world, "dave", 0);
    delivery_world_deliver(world);
    delivery_world_type(world, bob, "/set joins on");
    (void)delivery_world_enter(world, "erin", 0);
    delivery_world_deliver(world); /* dave came before bob wanted to see it */
    assert_string_equal(delivery_world_received(world, bob), "*** joins is on now.\n14:00 -- erin joined\n");
    (void)delivery_world_enter(world, "frank", 0);
    delivery_world_deliver(world);
    assert_string_equal(delivery_world_received(world, bob), "14:00 -- frank joined\n");
    assert_string_equal(delivery_world_received(world, carol), "");

    delivery_world_type(world, bob, "/set joins smart");
    delivery_world_settle(world);
    (void)delivery_world_enter(world, "gina", 0);
    delivery_world_deliver(world); /* the last that is told to all: nobody wants it any more */
    const uint64_t cursor = carol->user->current->cursor;
    (void)delivery_world_enter(world, "hugo", 0);
    delivery_world_deliver(world);
    assert_int_equal(carol->user->current->cursor, cursor);
    assert_string_equal(delivery_world_received(world, bob), "");
}

static void test_delivery_holds_back_no_more_than_the_log_has_room_for(void **state)
{
    struct delivery_world *world = *state;
    struct delivery_reader *alice = enter_large_room(world), *bob = &world->readers[1],
                           *dave = delivery_world_enter(world, "dave", 0);
    delivery_world_type(world, dave, "/join #other");
    for (int i = 0; i < 2 * DELIVERY_WORLD_LOG_EVENTS; i++) {
        delivery_world_type(world, dave, "/leave #lobby");
        delivery_world_type(world, dave, "/join #lobby");
        delivery_world_deliver(world);
    }
    delivery_world_type(world, alice, "hello");
    delivery_world_deliver(world);
    assert_string_equal(delivery_world_received(world, bob), "14:00 <alice> hello\n");
    assert_int_equal(world->delivery.stats.gaps, 0);
}

/* A batch and an answer for which much memory is needed, which is given back. */

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, delivery_world_setup, delivery_world_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_delivery_holds_back_what_nobody_is_to_see),
        TEST(test_delivery_shows_who_comes_to_those_who_want_to_see_it),
        TEST(test_delivery_holds_back_no_more_than_the_log_has_room_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
