/* Publishing: what becomes of cursors, ends and rooms, in small scenes. test_hub_model.c has the large. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "chat/room.h"
#include "chat/room_log.h"
#include "chat/user.h"
#include "support/chat_world.h"

static int set_up(void **state)
{
    static struct chat_world world;
    chat_world_init(&world, 100);
    *state = &world;
    return 0;
}

static int tear_down(void **state)
{
    chat_world_done(*state);
    return 0;
}

/* Enters and joins; nothing is published yet. */
static struct user *enter_lobby(struct chat_world *world, const char *name)
{
    struct user *user = chat_world_enter(world, name);
    assert_int_equal(hub_join_lobby(world->hub, user), 0);
    return user;
}

static struct membership *oldest(const struct user *user)
{
    struct membership *membership = list_first(&user->memberships, struct membership, user_link);
    assert_non_null(membership);
    return membership;
}

static void read_all(struct membership *membership)
{
    membership->cursor = membership->state == MEMBERSHIP_ENDED ? membership->end : membership->room->log.next;
}

static void test_hub_publish_gives_a_join_its_cursor(void **state)
{
    struct chat_world *world = *state;
    struct user *bob = enter_lobby(world, "bob");
    chat_world_type(world, bob, "one");
    assert_int_equal(bob->current->state, MEMBERSHIP_JOINING);
    chat_world_publish_all(world);
    struct user *alice = enter_lobby(world, "alice");
    assert_int_equal(alice->current->state, MEMBERSHIP_JOINING);
    assert_null(chat_world_publish(world));
    assert_int_equal(alice->current->state, MEMBERSHIP_READING);
    assert_int_equal(alice->current->start, 2); /* bob joined, bob said */
    assert_int_equal(alice->current->cursor, 2);
    struct chat_event *history[4];
    assert_int_equal(room_log_history(&alice->current->room->log, alice->current->start, history, 4), 1);
    chat_world_assert_text(history[0]->text, "one");
}

static void test_hub_publish_notes_where_news_begin(void **state)
{
    struct chat_world *world = *state;
    struct user *bob = enter_lobby(world, "bob");
    chat_world_publish_all(world);
    struct room *lobby = bob->current->room;
    chat_world_type(world, bob, "one");
    chat_world_type(world, bob, "/msg bob private");
    chat_world_type(world, bob, "two");
    assert_null(chat_world_publish(world));
    assert_int_equal(world->news.rooms.count, 1);
    assert_int_equal(lobby->news_from, 1);
    for (int i = 0; i < 3; i++)
        assert_null(chat_world_publish(world));
    assert_int_equal(world->news.rooms.count, 1);
    assert_int_equal(lobby->news_from, 1);
    assert_int_equal(lobby->log.next, 3); /* private events are in no log */
    assert_int_equal(lobby->unpublished_count, 0);
}

static void test_hub_publish_lets_who_leaves_read_what_came_before(void **state)
{
    struct chat_world *world = *state;
    struct user *bob = enter_lobby(world, "bob"), *alice = enter_lobby(world, "alice");
    chat_world_publish_all(world);
    chat_world_type(world, alice, "before"); /* position 2 */
    chat_world_type(world, bob, "/part");    /* position 3 */
    chat_world_type(world, alice, "after");
    struct membership *membership = oldest(bob);
    assert_int_equal(membership->state, MEMBERSHIP_READING);
    assert_true(membership->is_leaving);
    chat_world_publish_all(world);
    assert_int_equal(membership->state, MEMBERSHIP_ENDED);
    assert_int_equal(membership->end, 3);
    membership->cursor = 2;
    hub_reap(world->hub, bob);
    assert_int_equal(bob->memberships.count, 1); /* one is owed */
    membership->cursor = 3;
    hub_reap(world->hub, bob);
    assert_true(list_is_empty(&bob->memberships));
    assert_non_null(hub_find_room(world->hub, BYTES("#lobby")));
}

static void test_hub_publish_keeps_join_part_join_apart(void **state)
{
    struct chat_world *world = *state;
    struct user *bob = enter_lobby(world, "bob");     /* 0 */
    struct user *alice = enter_lobby(world, "alice"); /* 1 */
    chat_world_type(world, bob, "/part");             /* 2 */
    chat_world_type(world, alice, "bob is away");     /* 3 */
    chat_world_type(world, bob, "/join #lobby");      /* 4 */
    chat_world_type(world, bob, "/part");             /* 5 */
    chat_world_type(world, bob, "/join #lobby");      /* 6 */
    assert_int_equal(bob->memberships.count, 3);
    chat_world_publish_all(world);
    static const uint64_t starts[] = {0, 4, 6}, ends[] = {2, 5, 0};
    size_t n = 0;
    LIST_FOREACH(membership, &bob->memberships, struct membership, user_link) {
        if (n == ARRAY_LEN(starts))
            break; /* there are three, as seen above */
        assert_int_equal(membership->start, starts[n]);
        assert_int_equal(membership->state == MEMBERSHIP_ENDED ? membership->end : 0, ends[n]);
        assert_int_equal(membership->state, n < 2 ? MEMBERSHIP_ENDED : MEMBERSHIP_READING);
        n++;
    }
    assert_ptr_equal(bob->current, container_of(bob->memberships.head.prev, struct membership, user_link));
}

static void test_hub_publish_tells_peers_in_each_room_read(void **state)
{
    struct chat_world *world = *state;
    struct user *bob = enter_lobby(world, "bob");
    chat_world_type(world, bob, "/join #ops");
    chat_world_publish_all(world);
    struct room *lobby = hub_find_room(world->hub, BYTES("#lobby"));
    struct room *ops = hub_find_room(world->hub, BYTES("#ops"));
    chat_world_type(world, bob, "/nick robert"); /* while he is in both */
    chat_world_type(world, bob, "/part #lobby");
    chat_world_type(world, bob, "/nick bobby"); /* in #ops only */
    chat_world_publish_all(world);
    assert_int_equal(lobby->log.next, 3); /* joined, robert, parted */
    assert_int_equal(room_log_get(&lobby->log, 1)->kind, CHAT_EV_RENAMED);
    assert_int_equal(ops->log.next, 3); /* joined, robert, bobby */
    assert_ptr_equal(room_log_get(&ops->log, 1), room_log_get(&lobby->log, 1));
    chat_world_assert_text(room_log_get(&ops->log, 2)->text, "bobby");
}

static void test_hub_publish_returns_who_quit(void **state)
{
    struct chat_world *world = *state;
    struct user *bob = enter_lobby(world, "bob"), *alice = enter_lobby(world, "alice");
    uint64_t bob_id = bob->id;
    chat_world_type(world, alice, "bye bob");
    chat_world_publish_all(world);
    hub_leave(world->hub, bob, BYTES("tired"));
    chat_world_type(world, alice, "gone");
    struct membership *membership = oldest(bob);
    assert_ptr_equal(chat_world_publish(world), bob);
    assert_int_equal(membership->state, MEMBERSHIP_ENDED);
    assert_int_equal(membership->end, 3);
    assert_int_equal(alice->current->room->log.next, 4);
    chat_world_drop_news(world);
    hub_forget(world->hub, bob);
    assert_null(hub_find_user(world->hub, bob_id));
    assert_int_equal(alice->current->room->member_count, 1);
    chat_world_publish_all(world);
}

static void test_hub_publish_returns_who_quit_from_no_room(void **state)
{
    struct chat_world *world = *state;
    struct user *bob = chat_world_enter(world, "bob");
    hub_leave(world->hub, bob, BYTES(""));
    assert_ptr_equal(chat_world_publish(world), bob);
    assert_int_equal(world->news.rooms.count, 0);
    hub_forget(world->hub, bob);
}

static void test_hub_publish_ends_silently_while_closing(void **state)
{
    struct chat_world *world = *state;
    struct user *bob = enter_lobby(world, "bob"), *alice = enter_lobby(world, "alice");
    struct room *lobby = alice->current->room;
    chat_world_type(world, alice, "last words");
    hub_close(world->hub);
    hub_leave(world->hub, bob, BYTES("stop"));
    chat_world_type(world, alice, "not for bob");
    for (int i = 0; i < 5; i++)
        assert_null(chat_world_publish(world));
    assert_ptr_equal(chat_world_publish(world), bob);
    assert_int_equal(oldest(bob)->state, MEMBERSHIP_ENDED);
    assert_int_equal(oldest(bob)->end, 3); /* with the last words */
    assert_null(chat_world_publish(world));
    assert_int_equal(lobby->log.next, 4);
    assert_int_equal(room_log_get(&lobby->log, 3)->kind, CHAT_EV_MESSAGE);
    chat_world_drop_news(world);
    hub_forget(world->hub, bob);
    hub_leave(world->hub, alice, BYTES("stop")); /* never published: hub_free() takes her */
}

static void test_hub_reap_frees_a_room_when_all_is_read(void **state)
{
    struct chat_world *world = *state;
    struct user *bob = enter_lobby(world, "bob");
    chat_world_type(world, bob, "/join #ops");
    chat_world_publish_all(world);
    struct membership *membership = bob->current;
    struct room *ops = membership->room;
    chat_world_type(world, bob, "to nobody");
    chat_world_type(world, bob, "/part #ops");
    hub_reap(world->hub, bob); /* nothing is published: nothing goes */
    assert_int_equal(ops->unpublished_count, 2);
    assert_int_equal(bob->memberships.count, 2);
    /* A new room of the same name stands beside the one that is still to be read. */
    chat_world_type(world, bob, "/join #ops");
    assert_ptr_not_equal(bob->current->room, ops);
    chat_world_publish_all(world);
    assert_int_equal(ops->log.next, 3);
    read_all(membership);
    hub_reap(world->hub, bob); /* frees `ops`: ASan would see a leak or a second use */
    assert_int_equal(bob->memberships.count, 2);
    assert_ptr_equal(hub_find_room(world->hub, BYTES("#ops")), bob->current->room);
}

static void test_hub_forget_frees_rooms_of_one_who_never_read(void **state)
{
    struct chat_world *world = *state;
    struct user *bob = enter_lobby(world, "bob");
    chat_world_type(world, bob, "/join #a");
    chat_world_type(world, bob, "/part #a");
    chat_world_type(world, bob, "/join #b");
    hub_leave(world->hub, bob, BYTES(""));
    assert_int_equal(hub_room_count(world->hub), 1);
    struct user *gone = NULL;
    while (!list_is_empty(&world->emitted))
        gone = chat_world_publish(world);
    assert_ptr_equal(gone, bob);
    chat_world_drop_news(world);
    hub_forget(world->hub, bob);
    assert_int_equal(hub_user_count(world->hub), 0);
    assert_non_null(hub_find_room(world->hub, BYTES("#lobby")));
}

static void test_hub_publish_shows_a_gap_when_the_ring_moves_on(void **state)
{
    (void)state;
    struct chat_world world;
    chat_world_init(&world, 4);
    struct user *bob = enter_lobby(&world, "bob");
    for (int i = 0; i < 10; i++)
        chat_world_type(&world, bob, "x");
    chat_world_publish_all(&world);
    assert_int_equal(bob->current->cursor, 0);
    assert_int_equal(bob->current->room->log.first, 7); /* seven are missed */
    assert_int_equal(bob->current->room->log.next, 11);
    chat_world_done(&world);
}

#define PUBLISH_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PUBLISH_TEST(test_hub_publish_gives_a_join_its_cursor),
        PUBLISH_TEST(test_hub_publish_notes_where_news_begin),
        PUBLISH_TEST(test_hub_publish_lets_who_leaves_read_what_came_before),
        PUBLISH_TEST(test_hub_publish_keeps_join_part_join_apart),
        PUBLISH_TEST(test_hub_publish_tells_peers_in_each_room_read),
        PUBLISH_TEST(test_hub_publish_returns_who_quit),
        PUBLISH_TEST(test_hub_publish_returns_who_quit_from_no_room),
        PUBLISH_TEST(test_hub_publish_ends_silently_while_closing),
        PUBLISH_TEST(test_hub_reap_frees_a_room_when_all_is_read),
        PUBLISH_TEST(test_hub_forget_frees_rooms_of_one_who_never_read),
        cmocka_unit_test(test_hub_publish_shows_a_gap_when_the_ring_moves_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
