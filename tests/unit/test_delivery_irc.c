/* Delivery to IRC clients: answers in their place, names as they were told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "chat/room.h"
#include "chat/user.h"
#include "proto/irc_dialect.h"
#include "support/delivery_world.h"

static struct irc_dialect irc;

static struct delivery_reader *enter_irc(struct delivery_world *world, const char *name,
                                         struct wire_irc *wire)
{
    irc_dialect_init(&irc, BYTES("srv.x"));
    *wire = (struct wire_irc){.dialect = &irc.dialect};
    bytes_copy(bytes_of(name), wire->you, sizeof(wire->you));
    struct delivery_reader *reader = delivery_world_enter(world, name, 0);
    outbox_set_irc(&reader->outbox, wire);
    return reader;
}

static void test_delivery_passes_on_answers_in_their_place(void **state)
{
    struct delivery_world *world = *state;
    struct wire_irc wire;
    struct delivery_reader *alice = delivery_world_enter(world, "alice", 0),
                           *bob = enter_irc(world, "bob", &wire);
    delivery_world_settle(world);

    delivery_world_type(world, alice, "one");
    assert_int_equal(hub_pass(world->hub, bob->user, BYTES("ACK\r\n"), IRC_CAP_F_SERVER_TIME), 0);
    delivery_world_type(world, alice, "two");
    assert_int_equal(wire.caps, 0);
    delivery_world_deliver(world);
    assert_string_equal(delivery_world_received(world, bob),
                        ":alice!u@alice.mingle PRIVMSG #lobby :one\r\n"
                        "ACK\r\n"
                        "@time=1970-01-01T14:00:00.000Z :alice!u@alice.mingle PRIVMSG #lobby :two\r\n");
    delivery_world_type(world, alice, "three");
    delivery_world_deliver(world);
    assert_string_equal(delivery_world_received(world, bob),
                        "@time=1970-01-01T14:00:00.000Z :alice!u@alice.mingle PRIVMSG #lobby :three\r\n");
}

/* What is to come before a NICK still calls the client as it knows itself. */
static void test_delivery_calls_an_irc_client_as_it_was_told(void **state)
{
    struct delivery_world *world = *state;
    struct wire_irc wire;
    struct delivery_reader *alice = delivery_world_enter(world, "alice", 0),
                           *bob = enter_irc(world, "bob", &wire);
    delivery_world_settle(world);

    delivery_world_type(world, alice, "/msg bob one");
    delivery_world_type(world, bob, "/nick rob");
    delivery_world_type(world, alice, "/msg rob two");
    delivery_world_deliver(world);
    assert_string_equal(delivery_world_received(world, bob), ":alice!u@alice.mingle PRIVMSG bob :one\r\n"
                                                             ":bob!u@bob.mingle NICK rob\r\n"
                                                             ":alice!u@alice.mingle PRIVMSG rob :two\r\n");
}

static void test_delivery_shares_news_of_irc_clients(void **state)
{
    struct delivery_world *world = *state;
    struct wire_irc wires[3];
    struct delivery_reader *alice = delivery_world_enter(world, "alice", 0),
                           *bob = enter_irc(world, "bob", &wires[0]),
                           *carol = enter_irc(world, "carol", &wires[1]),
                           *dave = enter_irc(world, "dave", &wires[2]);
    wires[1].caps = IRC_CAP_F_ECHO_MESSAGE;
    wires[2].caps = IRC_CAP_F_SERVER_TIME;
    outbox_set_irc(&carol->outbox, &wires[1]);
    outbox_set_irc(&dave->outbox, &wires[2]);
    delivery_world_settle(world);

    delivery_world_type(world, alice, "hi");
    delivery_world_deliver(world);
    assert_string_equal(delivery_world_received(world, bob), ":alice!u@alice.mingle PRIVMSG #lobby :hi\r\n");
    assert_string_equal(delivery_world_received(world, carol),
                        ":alice!u@alice.mingle PRIVMSG #lobby :hi\r\n");
    assert_int_equal(delivery_world_received(world, dave)[0], '@');
    assert_int_equal(world->delivery.stats.blocks, 2);
}

static void test_delivery_serves_only_who_is_named_apart(void **state)
{
    struct delivery_world *world = *state;
    struct delivery_reader *alice = delivery_world_enter(world, "alice", 0),
                           *bob = delivery_world_enter(world, "bob", 0);
    struct delivery_reader *carol = delivery_world_enter(world, "carol", 0),
                           *dave = delivery_world_enter(world, "dave", 0);
    delivery_world_type(world, bob, "/set bell on");
    delivery_world_type(world, carol, "/set bell on");
    delivery_world_settle(world);
    assert_int_equal(world->delivery.mention_readers, 2);

    delivery_world_type(world, alice, "one");
    delivery_world_type(world, alice, "two for Bob and dave");
    delivery_world_deliver(world);
    assert_string_equal(delivery_world_received(world, bob),
                        "14:00 <alice> one\n14:00 <alice> two for Bob and dave\a\n");
    assert_string_equal(delivery_world_received(world, carol),
                        "14:00 <alice> one\n14:00 <alice> two for Bob and dave\n");
    assert_string_equal(delivery_world_received(world, dave),
                        "14:00 <alice> one\n14:00 <alice> two for Bob and dave\n");
    assert_int_equal(world->delivery.stats.shared_writes, 2); /* carol, and dave without a bell */
    assert_int_equal(world->delivery.stats.own_writes, 1);
    assert_int_equal(world->delivery.stats.blocks, 2);
    delivery_world_type(world, bob, "/set bell off");
    hub_leave(world->hub, carol->user, BYTES(""));
    delivery_world_deliver(world);
    assert_int_equal(world->delivery.mention_readers, 0);
}

/* Each client leaves and enters by its own name, in the order of what was said; the room's other readers share. */
static void test_delivery_tells_each_irc_client_of_a_new_name(void **state)
{
    struct delivery_world *world = *state;
    struct wire_irc wires[2];
    struct delivery_reader *alice = delivery_world_enter(world, "alice", 0),
                           *bob = enter_irc(world, "bob", &wires[0]),
                           *carol = enter_irc(world, "carol", &wires[1]),
                           *dave = delivery_world_enter(world, "dave", 0);
    wires[0].caps = IRC_CAP_F_NO_IMPLICIT_NAMES;
    wires[1].caps = IRC_CAP_F_CHANNEL_RENAME;
    outbox_set_irc(&bob->outbox, &wires[0]);
    outbox_set_irc(&carol->outbox, &wires[1]);
    delivery_world_type(world, alice, "/join #ops");
    delivery_world_type(world, bob, "/join #ops");
    delivery_world_type(world, carol, "/join #ops");
    delivery_world_type(world, dave, "/join #ops");
    delivery_world_settle(world);

    delivery_world_type(world, alice, "one");
    delivery_world_type(world, alice, "/rename #new why");
    delivery_world_type(world, alice, "two");
    delivery_world_deliver(world);
    assert_string_equal(delivery_world_received(world, alice), "*** alice renamed #ops to #new: why\n");
    assert_string_equal(delivery_world_received(world, bob), ":alice!u@alice.mingle PRIVMSG #ops :one\r\n"
                                                             ":bob!u@bob.mingle PART #ops :why\r\n"
                                                             ":bob!u@bob.mingle JOIN #new\r\n"
                                                             ":alice!u@alice.mingle PRIVMSG #new :two\r\n");
    assert_string_equal(delivery_world_received(world, carol),
                        ":alice!u@alice.mingle PRIVMSG #ops :one\r\n"
                        ":alice!u@alice.mingle RENAME #ops #new :why\r\n"
                        ":alice!u@alice.mingle PRIVMSG #new :two\r\n");
    assert_string_equal(delivery_world_received(world, dave), "14:00 <alice> one\n"
                                                              "*** alice renamed #ops to #new: why\n"
                                                              "14:00 <alice> two\n");
    assert_int_equal(world->delivery.stats.blocks, 1);
    assert_false(bob->has_failed || carol->has_failed);
}

/* The room that is current behind a departure is told by its name as of then, and meant by its number. */
static void test_delivery_knows_the_current_room_by_any_name(void **state)
{
    struct delivery_world *world = *state;
    struct delivery_reader *alice = delivery_world_enter(world, "alice", 0),
                           *bob = delivery_world_enter(world, "bob", 0);
    delivery_world_type(world, alice, "/join #ops");
    delivery_world_type(world, bob, "/join #ops");
    delivery_world_type(world, bob, "/join #other");
    delivery_world_settle(world);

    delivery_world_type(world, bob, "/part");
    delivery_world_type(world, alice, "/rename #new");
    delivery_world_type(world, alice, "hi");
    delivery_world_deliver(world);
    assert_string_equal(delivery_world_received(world, bob),
                        "*** You left #other. What you type goes to #ops now.\n"
                        "*** alice renamed #ops to #new\n"
                        "14:00 <alice> hi\n");
}

/* Its news are gone from the ring before it has read them. */
static void test_delivery_ends_an_irc_client_that_missed_a_new_name(void **state)
{
    struct delivery_world *world = *state;
    struct wire_irc wire;
    struct delivery_reader *alice = delivery_world_enter(world, "alice", 0),
                           *bob = enter_irc(world, "bob", &wire),
                           *dave = delivery_world_enter(world, "dave", 0);
    delivery_world_type(world, alice, "/join #ops");
    delivery_world_type(world, bob, "/join #ops");
    delivery_world_type(world, dave, "/join #ops");
    delivery_world_settle(world);

    struct membership *behind = bob->user->current, *plain = dave->user->current;
    const uint64_t cursor = behind->cursor;
    delivery_world_type(world, alice, "/rename #new");
    for (size_t i = 1; i < DELIVERY_WORLD_LOG_EVENTS; i++)
        delivery_world_type(world, alice, "x");
    delivery_world_settle(world);
    behind->cursor = plain->cursor = cursor; /* the news of the name is the first that the ring still has */
    outbox_serve(&bob->outbox, false);
    assert_false(bob->has_failed);
    delivery_world_type(world, alice, "y");
    delivery_world_settle(world);
    behind->cursor = plain->cursor = cursor;
    outbox_serve(&bob->outbox, false);
    outbox_serve(&dave->outbox, false);
    assert_true(bob->has_failed);
    assert_int_equal(bob->reason, CLOSE_NOT_READING);
    assert_false(dave->has_failed);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, delivery_world_setup, delivery_world_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_delivery_passes_on_answers_in_their_place),
        TEST(test_delivery_calls_an_irc_client_as_it_was_told),
        TEST(test_delivery_shares_news_of_irc_clients),
        TEST(test_delivery_serves_only_who_is_named_apart),
        TEST(test_delivery_tells_each_irc_client_of_a_new_name),
        TEST(test_delivery_knows_the_current_room_by_any_name),
        TEST(test_delivery_ends_an_irc_client_that_missed_a_new_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
