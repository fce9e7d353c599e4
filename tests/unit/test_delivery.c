/* Delivery: what readers get, in which order, and in which form. See support/delivery_world.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "chat/chat_range.h"
#include "chat/room.h"
#include "chat/user.h"
#include "support/delivery_world.h"

static void test_delivery_renders_once_and_leaves_out_own_lines(void **state)
{
    struct delivery_world *world = *state;
    struct delivery_reader *alice = delivery_world_enter(world, "alice", 0),
                           *bob = delivery_world_enter(world, "bob", 0),
                           *carol = delivery_world_enter(world, "carol", 0);
    delivery_world_settle(world);

    delivery_world_type(world, alice, "one");
    delivery_world_type(world, alice, "two");
    delivery_world_deliver(world);
    assert_string_equal(delivery_world_received(world, bob), "14:00 <alice> one\n14:00 <alice> two\n");
    assert_string_equal(delivery_world_received(world, carol), "14:00 <alice> one\n14:00 <alice> two\n");
    assert_string_equal(delivery_world_received(world, alice), "");
    assert_int_equal(world->delivery.stats.batches, 1);
    assert_int_equal(world->delivery.stats.blocks, 1);
    assert_int_equal(world->delivery.stats.shared_writes, 2);
}

static void test_delivery_renders_one_block_per_form(void **state)
{
    struct delivery_world *world = *state;
    struct delivery_reader *alice = delivery_world_enter(world, "alice", 0),
                           *bob = delivery_world_enter(world, "bob", 0);
    struct delivery_reader *carol = delivery_world_enter(world, "carol", WIRE_FACT_CRLF),
                           *dave = delivery_world_enter(world, "dave", WIRE_FACT_CRLF);
    delivery_world_settle(world);

    delivery_world_type(world, alice, "hi");
    delivery_world_deliver(world);
    assert_string_equal(delivery_world_received(world, bob), "14:00 <alice> hi\n");
    assert_string_equal(delivery_world_received(world, carol), "14:00 <alice> hi\r\n");
    assert_string_equal(delivery_world_received(world, dave), "14:00 <alice> hi\r\n");
    assert_int_equal(world->delivery.stats.blocks, 2);
}

static void test_delivery_keeps_the_order_of_replies_and_news(void **state)
{
    struct delivery_world *world = *state;
    struct delivery_reader *alice = delivery_world_enter(world, "alice", 0),
                           *bob = delivery_world_enter(world, "bob", 0);
    delivery_world_settle(world);

    delivery_world_type(world, alice, "before");
    delivery_world_type(world, bob, "/join #ops");
    delivery_world_type(world, bob, "alone here");
    delivery_world_type(world, alice, "/join #ops");
    delivery_world_type(world, alice, "after");
    delivery_world_deliver(world);
    assert_string_equal(delivery_world_received(world, bob), "14:00 <alice> before\n"
                                                             "*** You are bob, in #ops, alone so far.\n"
                                                             "*** Type to talk, /help for commands.\n"
                                                             "14:00 -- alice joined\n"
                                                             "14:00 <alice> after\n");
    assert_string_equal(delivery_world_received(world, alice), "*** You are alice, in #ops with @bob.\n"
                                                               "--- Thu 1 Jan 1970, last message ---\n"
                                                               "14:00 <bob> alone here\n"
                                                               "--- now --- (/help for commands)\n");
}

static void test_delivery_leaves_out_those_who_are_ignored(void **state)
{
    struct delivery_world *world = *state;
    struct delivery_reader *alice = delivery_world_enter(world, "alice", 0),
                           *bob = delivery_world_enter(world, "bob", 0);
    struct delivery_reader *carol = delivery_world_enter(world, "carol", 0);
    delivery_world_type(world, alice, "/join #ops");
    delivery_world_type(world, alice, "seen by history only");
    delivery_world_type(world, alice, "/switch lobby");
    delivery_world_type(world, bob, "/ignore alice");
    delivery_world_settle(world);

    delivery_world_type(world, alice, "one");
    delivery_world_type(world, carol, "two");
    delivery_world_type(world, alice, "/me three");
    delivery_world_type(world, alice, "/nick ecila");
    delivery_world_type(world, alice, "four");
    delivery_world_deliver(world);
    assert_string_equal(delivery_world_received(world, bob),
                        "14:00 <carol> two\n14:00 -- alice is now known as ecila\n");
    delivery_world_type(world, bob, "/history");
    delivery_world_type(world, bob, "/join #ops");
    delivery_world_deliver(world);
    assert_string_equal(delivery_world_received(world, bob), "--- Thu 1 Jan 1970, last message ---\n"
                                                             "14:00 <carol> two\n"
                                                             "--- now --- (/help for commands)\n"
                                                             "*** You are bob, in #ops with @ecila.\n"
                                                             "*** Type to talk, /help for commands.\n");
    delivery_world_type(world, bob, "/switch lobby");
    delivery_world_type(world, bob, "/unignore ecila");
    delivery_world_settle(world);
    delivery_world_type(world, alice, "five");
    delivery_world_deliver(world);
    assert_string_equal(delivery_world_received(world, bob), "14:00 <ecila> five\n");
}

static void test_delivery_history_stands_in_its_place(void **state)
{
    struct delivery_world *world = *state;
    struct delivery_reader *alice = delivery_world_enter(world, "alice", 0),
                           *bob = delivery_world_enter(world, "bob", 0);
    delivery_world_settle(world);

    delivery_world_type(world, alice, "one");
    delivery_world_type(world, alice, "two");
    delivery_world_type(world, alice, "three");
    delivery_world_type(world, bob, "/history 2");
    delivery_world_type(world, alice, "four");
    delivery_world_deliver(world);
    assert_string_equal(delivery_world_received(world, bob),
                        "14:00 <alice> one\n14:00 <alice> two\n14:00 <alice> three\n"
                        "--- Thu 1 Jan 1970, last 2 messages ---\n"
                        "14:00 <alice> two\n14:00 <alice> three\n"
                        "--- now --- (/help for commands)\n"
                        "14:00 <alice> four\n");
    clock_fake_advance(&world->clock, 3600 * 1000);
    delivery_world_type(world, alice, "five");
    delivery_world_type(world, bob, "/history 30m");
    delivery_world_deliver(world);
    assert_string_equal(delivery_world_received(world, bob), "15:00 <alice> five\n"
                                                             "--- Thu 1 Jan 1970, last message ---\n"
                                                             "15:00 <alice> five\n"
                                                             "--- now --- (/help for commands)\n");
}

static void ask_for(struct delivery_world *world, struct delivery_reader *reader, const char *room,
                    const struct chat_range *range)
{
    const struct chat_request request = {.command = command_client(BYTES("range")),
                                         .words = {bytes_of(room)},
                                         .word_count = room != NULL,
                                         .range = range};
    assert_int_equal(hub_apply(world->hub, reader->user, &request), 0);
}

/* A range holds what was told before it, without those who are ignored, and nothing of other rooms. */
static void test_delivery_reads_ranges_in_their_place(void **state)
{
    struct delivery_world *world = *state;
    struct delivery_reader *alice = delivery_world_enter(world, "alice", 0),
                           *bob = delivery_world_enter(world, "bob", 0);
    struct delivery_reader *troll = delivery_world_enter(world, "troll", 0);
    delivery_world_type(world, bob, "/ignore troll");
    delivery_world_settle(world);

    delivery_world_type(world, alice, "one");
    delivery_world_type(world, troll, "spam");
    delivery_world_type(world, alice, "two");
    ask_for(world, bob, "#lobby", &(struct chat_range){.way = CHAT_RANGE_LATEST, .most = 2});
    delivery_world_type(world, alice, "three");
    delivery_world_deliver(world);
    assert_string_equal(delivery_world_received(world, bob), "14:00 <alice> one\n14:00 <alice> two\n"
                                                             "--- Thu 1 Jan 1970, last 2 messages ---\n"
                                                             "14:00 <alice> one\n14:00 <alice> two\n"
                                                             "--- now --- (/help for commands)\n"
                                                             "14:00 <alice> three\n");
}

static void test_delivery_finds_the_last_message_of_each_room(void **state)
{
    struct delivery_world *world = *state;
    struct delivery_reader *alice = delivery_world_enter(world, "alice", 0),
                           *bob = delivery_world_enter(world, "bob", 0);
    struct chat_range range = {.way = CHAT_RANGE_ROOMS, .most = 10};
    const int64_t now_ms = clock_wall_ms(&world->clock.clock);

    range.from = (struct chat_mark){.kind = CHAT_MARK_TIME, .wall_ms = now_ms + 1};
    range.to = (struct chat_mark){.kind = CHAT_MARK_TIME, .wall_ms = now_ms - 1};
    delivery_world_type(world, alice, "/join #ops");
    delivery_world_type(world, bob, "/join #ops");
    delivery_world_type(world, bob, "in ops");
    delivery_world_type(world, alice, "/switch #lobby");
    delivery_world_type(world, alice, "in the lobby");
    delivery_world_settle(world);
    ask_for(world, bob, NULL, &range);
    delivery_world_deliver(world);
    assert_string_equal(delivery_world_received(world, bob),
                        "--- Thu 1 Jan 1970, last 2 messages ---\n"
                        "14:00 <bob> in ops\n14:00 <alice> in the lobby\n"
                        "--- now --- (/help for commands)\n");
    range.most = 1;
    ask_for(world, bob, NULL, &range);
    delivery_world_deliver(world);
    assert_non_null(strstr(delivery_world_received(world, bob), "last message ---\n"));
    range.to.wall_ms = now_ms;
    ask_for(world, bob, NULL, &range);
    delivery_world_deliver(world);
    assert_null(strstr(delivery_world_received(world, bob), "in the lobby"));
}

static void test_delivery_options_hold_from_their_place_on(void **state)
{
    struct delivery_world *world = *state;
    struct delivery_reader *alice = delivery_world_enter(world, "alice", 0),
                           *bob = delivery_world_enter(world, "bob", 0);
    delivery_world_settle(world);

    delivery_world_type(world, alice, "one");
    delivery_world_type(world, bob, "/set time off");
    delivery_world_type(world, bob, "/set echo on");
    delivery_world_type(world, alice, "two");
    delivery_world_type(world, bob, "three");
    delivery_world_deliver(world);
    assert_string_equal(delivery_world_received(world, bob), "14:00 <alice> one\n"
                                                             "*** time is off now.\n*** echo is on now.\n"
                                                             "<alice> two\n<bob> three\n");
    assert_int_equal(world->delivery.stats.own_writes, 2); /* one each */
    delivery_world_type(world, alice, "four");
    delivery_world_deliver(world);
    assert_string_equal(delivery_world_received(world, bob), "<alice> four\n");
}

static void test_delivery_ends_a_room_for_who_is_kicked(void **state)
{
    struct delivery_world *world = *state;
    struct delivery_reader *alice = delivery_world_enter(world, "alice", 0),
                           *bob = delivery_world_enter(world, "bob", 0);
    struct delivery_reader *carol = delivery_world_enter(world, "carol", 0);
    delivery_world_type(world, alice, "/join #ops");
    delivery_world_type(world, bob, "/join #ops");
    delivery_world_type(world, carol, "/join #ops");
    delivery_world_settle(world);

    delivery_world_type(world, alice, "before");
    delivery_world_type(world, alice, "/kick bob out");
    delivery_world_type(world, alice, "after");
    delivery_world_deliver(world);
    assert_string_equal(delivery_world_received(world, bob),
                        "14:00 <alice> before\n"
                        "*** alice kicked you from #ops (out). What you type goes to #lobby now.\n");
    assert_string_equal(delivery_world_received(world, carol),
                        "14:00 <alice> before\n14:00 -- alice kicked bob (out)\n14:00 <alice> after\n");
    assert_string_equal(delivery_world_received(world, alice), "*** You kicked bob from #ops (out).\n");
    assert_int_equal(bob->user->memberships.count, 1);
    delivery_world_type(world, carol, "/switch lobby");
    delivery_world_type(world, carol, "here");
    delivery_world_deliver(world);
    assert_string_equal(delivery_world_received(world, bob), "14:00 <carol> here\n"); /* its current room */
}

static void test_delivery_shows_a_rename_once_in_two_common_rooms(void **state)
{
    struct delivery_world *world = *state;
    struct delivery_reader *alice = delivery_world_enter(world, "alice", 0),
                           *bob = delivery_world_enter(world, "bob", 0);
    delivery_world_type(world, alice, "/join #ops");
    delivery_world_type(world, bob, "/join #ops");
    delivery_world_settle(world);

    delivery_world_type(world, alice, "/nick alicia");
    delivery_world_deliver(world);
    assert_string_equal(delivery_world_received(world, bob), "14:00 -- alice is now known as alicia\n");
}

static void test_delivery_tags_lines_of_other_rooms(void **state)
{
    struct delivery_world *world = *state;
    struct delivery_reader *alice = delivery_world_enter(world, "alice", 0),
                           *bob = delivery_world_enter(world, "bob", 0);
    delivery_world_type(world, bob, "/join #ops");
    delivery_world_settle(world);

    delivery_world_type(world, alice, "to the lobby");
    delivery_world_deliver(world);
    assert_string_equal(delivery_world_received(world, bob), "14:00 #lobby <alice> to the lobby\n");
}

static void test_delivery_gives_a_leaver_what_was_said_before(void **state)
{
    struct delivery_world *world = *state;
    struct delivery_reader *alice = delivery_world_enter(world, "alice", 0),
                           *bob = delivery_world_enter(world, "bob", 0);
    delivery_world_settle(world);

    delivery_world_type(world, alice, "last words");
    hub_leave(world->hub, bob->user, BYTES("bye"));
    delivery_world_type(world, alice, "too late");
    delivery_world_deliver(world);
    assert_string_equal(delivery_world_received(world, bob), "14:00 <alice> last words\n");
    assert_string_equal(delivery_world_received(world, alice), "14:00 -- bob left (bye)\n");
    assert_true(bob->outbox.finished.is_set);
    assert_null(bob->outbox.user);
    assert_int_equal(hub_user_count(world->hub), 1);
}

static void test_delivery_is_silent_about_departures_when_the_hub_closes(void **state)
{
    struct delivery_world *world = *state;
    struct delivery_reader *alice = delivery_world_enter(world, "alice", 0),
                           *bob = delivery_world_enter(world, "bob", 0);
    delivery_world_settle(world);

    delivery_world_type(world, alice, "last words");
    hub_close(world->hub);
    hub_leave(world->hub, bob->user, BYTES("bye"));
    delivery_world_deliver(world);
    assert_string_equal(delivery_world_received(world, bob), "14:00 <alice> last words\n");
    assert_string_equal(delivery_world_received(world, alice), "");
    assert_true(bob->outbox.finished.is_set);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, delivery_world_setup, delivery_world_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_delivery_renders_once_and_leaves_out_own_lines),
        TEST(test_delivery_renders_one_block_per_form),
        TEST(test_delivery_keeps_the_order_of_replies_and_news),
        TEST(test_delivery_leaves_out_those_who_are_ignored),
        TEST(test_delivery_history_stands_in_its_place),
        TEST(test_delivery_reads_ranges_in_their_place),
        TEST(test_delivery_finds_the_last_message_of_each_room),
        TEST(test_delivery_options_hold_from_their_place_on),
        TEST(test_delivery_ends_a_room_for_who_is_kicked),
        TEST(test_delivery_shows_a_rename_once_in_two_common_rooms),
        TEST(test_delivery_tags_lines_of_other_rooms),
        TEST(test_delivery_gives_a_leaver_what_was_said_before),
        TEST(test_delivery_is_silent_about_departures_when_the_hub_closes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
