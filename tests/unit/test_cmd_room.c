/* Rooms: joining, parting, switching, topics; and the lists of rooms and names. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "chat/room.h"
#include "chat/text.h"
#include "chat/user.h"
#include "support/chat_world.h"

static void assert_current(const struct user *user, const char *room)
{
    if (room == NULL) {
        assert_null(user->current);
        return;
    }
    assert_non_null(user->current);
    chat_world_assert_text(room_name(user->current->room), room);
}

static void test_cmd_room_join_opens_a_room(void **state)
{
    struct chat_scene *s = *state;
    chat_world_type(&s->world, s->bob, "/join Ops");
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_JOINED);
    chat_world_assert_text(event->room, "#Ops");
    assert_int_equal(event->count, 1);
    uint64_t room_id = event->room_id;
    event = chat_world_take(&s->world, CHAT_EV_ENTERED);
    assert_int_equal(event->target_id, s->bob->id);
    assert_int_equal(event->room_id, room_id);
    assert_int_equal(event->count + event->item_count, 0);
    assert_int_equal(event->text.len, 0);
    chat_world_expect_nothing(&s->world);
    assert_current(s->bob, "#Ops");
    assert_true(s->bob->current->is_operator);
    assert_int_equal(hub_room_count(s->world.hub), 2);
}

static void test_cmd_room_join_shows_who_is_there(void **state)
{
    struct chat_scene *s = *state;
    chat_world_type(&s->world, s->bob, "/join #ops");
    chat_world_type(&s->world, s->bob, "/topic Release");
    chat_world_type(&s->world, s->alice, "/join #OPS");
    chat_world_forget_events(&s->world);
    struct user *carol = chat_world_enter(&s->world, "Carol");
    chat_world_type(&s->world, carol, "/join ops");
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_JOINED);
    assert_int_equal(event->count, 3);
    chat_world_assert_text(event->room, "#ops"); /* as it was opened */
    event = chat_world_take(&s->world, CHAT_EV_ENTERED);
    assert_int_equal(event->count, 2);
    assert_int_equal(event->item_count, 2);
    chat_world_assert_text(event->items[0].name, "alice");
    chat_world_assert_text(event->items[1].name, "bob");
    assert_int_equal(event->items[0].flags, 0);
    assert_int_equal(event->items[1].flags, CHAT_ITEM_F_OPERATOR);
    chat_world_assert_text(event->text, "Release");
    assert_false(carol->current->is_operator);
}

static void test_cmd_room_nobody_is_operator_of_the_lobby(void **state)
{
    struct chat_scene *s = *state;
    assert_false(s->bob->current->is_operator);
}

static void test_cmd_room_join_lists_at_most_thirty_sorted(void **state)
{
    struct chat_scene *s = *state;
    for (int i = 0; i < 40; i++) {
        char name[16];
        snprintf(name, sizeof(name), "%c%02d", i % 2 == 0 ? 'p' : 'P', i * 17 % 40);
        assert_int_equal(hub_join_lobby(s->world.hub, chat_world_enter(&s->world, name)), 0);
    }
    chat_world_forget_events(&s->world);
    assert_int_equal(hub_join_lobby(s->world.hub, chat_world_enter(&s->world, "zoe")), 0);
    assert_int_equal(chat_world_take(&s->world, CHAT_EV_JOINED)->count, 43);
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_ENTERED);
    assert_int_equal(event->count, 42);
    assert_int_equal(event->item_count, CHAT_ENTERED_NAMES_MAX);
    chat_world_assert_text(event->items[0].name, "alice");
    chat_world_assert_text(event->items[1].name, "bob");
    for (int i = 2; i < CHAT_ENTERED_NAMES_MAX; i++) {
        char want[16];
        snprintf(want, sizeof(want), "p%02d", i - 2);
        assert_true(bytes_eq_nocase(event->items[i].name, bytes_of(want)));
    }
}

static void test_cmd_room_join_again_switches_or_refuses(void **state)
{
    struct chat_scene *s = *state;
    chat_world_type(&s->world, s->bob, "/join #ops");
    chat_world_forget_events(&s->world);
    chat_world_type(&s->world, s->bob, "/join #ops");
    chat_world_assert_text(chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_ALREADY_IN_ROOM)->text,
                           "#ops");
    chat_world_type(&s->world, s->bob, "/join lobby");
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_SWITCHED);
    assert_int_equal(event->target_id, s->bob->id);
    chat_world_assert_text(event->room, "#lobby");
    assert_current(s->bob, "#lobby");
    chat_world_expect_nothing(&s->world);
}

static void test_cmd_room_join_refuses_bad_names_and_too_many(void **state)
{
    struct chat_scene *s = *state;
    static const char *const bad[] = {"/join #", "/join a,b", "/join ##x", "/join #\x07", "/join #\xC3\xA9"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        chat_world_type(&s->world, s->bob, bad[i]);
        chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_ROOM_NAME_BAD);
    }
    char line[80] = "/join ";
    memset(line + 6, 'r', NAME_ROOM_BYTES_MAX); /* without '#', one too long */
    chat_world_type(&s->world, s->bob, line);
    chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_ROOM_NAME_BAD);
    line[6 + NAME_ROOM_BYTES_MAX - 1] = '\0';
    chat_world_type(&s->world, s->bob, line);
    chat_world_type(&s->world, s->bob, "/join #third");
    chat_world_forget_events(&s->world);
    chat_world_type(&s->world, s->bob, "/join #fourth");
    chat_world_assert_text(chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_TOO_MANY_ROOMS)->text, "3");
    assert_int_equal(hub_room_count(s->world.hub), 3);
    chat_world_type(&s->world, s->bob, "/part");
    chat_world_type(&s->world, s->bob, "/join #fourth");
    assert_current(s->bob, "#fourth");
}

static void test_cmd_room_part_tells_and_moves_on(void **state)
{
    struct chat_scene *s = *state;
    chat_world_type(&s->world, s->bob, "/join #a");
    chat_world_type(&s->world, s->alice, "/join #a");
    chat_world_type(&s->world, s->bob, "/join #b");
    chat_world_forget_events(&s->world);
    chat_world_type(&s->world, s->bob, "/part #a  see\x07 you ");
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_PARTED);
    chat_world_assert_text(event->room, "#a");
    chat_world_assert_text(event->text, "see you");
    assert_int_equal(event->count, 1);
    event = chat_world_take(&s->world, CHAT_EV_LEFT);
    assert_int_equal(event->target_id, s->bob->id);
    chat_world_assert_text(event->room, "#a");
    chat_world_assert_text(event->extra, "#b"); /* still */
    assert_int_equal(chat_world_take(&s->world, CHAT_EV_CHANGED)->change, CHAT_CHANGE_SUCCEED);
    (void)chat_world_take(&s->world, CHAT_EV_CHANGE_DONE);
    chat_world_type(&s->world, s->bob, "/part");
    chat_world_assert_text(chat_world_take(&s->world, CHAT_EV_PARTED)->room, "#b");
    chat_world_assert_text(chat_world_take(&s->world, CHAT_EV_LEFT)->extra, "#lobby");
    chat_world_type(&s->world, s->bob, "/part good bye");
    chat_world_assert_text(chat_world_take(&s->world, CHAT_EV_PARTED)->text, "good bye");
    assert_int_equal(chat_world_take(&s->world, CHAT_EV_LEFT)->extra.len, 0);
    assert_current(s->bob, NULL);
    assert_int_equal(user_room_count(s->bob), 0);
}

static void test_cmd_room_part_refuses_rooms_one_is_not_in(void **state)
{
    struct chat_scene *s = *state;
    chat_world_type(&s->world, s->bob, "/join #ops");
    chat_world_forget_events(&s->world);
    chat_world_type(&s->world, s->alice, "/part #ops");
    chat_world_assert_text(chat_world_take_refusal(&s->world, s->alice, CHAT_ERR_NOT_IN_ROOM)->text, "#ops");
    chat_world_type(&s->world, s->alice, "/part #opps");
    const struct chat_event *event = chat_world_take_refusal(&s->world, s->alice, CHAT_ERR_NO_SUCH_ROOM);
    chat_world_assert_text(event->text, "#opps");
    chat_world_assert_text(event->extra, "#ops");
    chat_world_type(&s->world, s->alice, "/part #?");
    chat_world_take_refusal(&s->world, s->alice, CHAT_ERR_ROOM_NAME_BAD);
    chat_world_expect_nothing(&s->world);
}

static void test_cmd_room_room_ends_with_the_last_one(void **state)
{
    struct chat_scene *s = *state;
    chat_world_type(&s->world, s->bob, "/join #ops");
    chat_world_type(&s->world, s->bob, "/topic old");
    struct room *old = hub_find_room(s->world.hub, BYTES("#ops"));
    uint64_t old_id = old->id;
    chat_world_type(&s->world, s->bob, "/part");
    assert_null(hub_find_room(s->world.hub, BYTES("#ops")));
    chat_world_forget_events(&s->world);
    chat_world_type(&s->world, s->alice, "/join #ops");
    assert_int_not_equal(chat_world_take(&s->world, CHAT_EV_JOINED)->room_id, old_id);
    assert_int_equal(chat_world_take(&s->world, CHAT_EV_ENTERED)->text.len, 0);
    assert_true(s->alice->current->is_operator);
}

static void test_cmd_room_lobby_stays_when_empty(void **state)
{
    struct chat_scene *s = *state;
    chat_world_type(&s->world, s->bob, "/part");
    chat_world_type(&s->world, s->alice, "/part");
    assert_non_null(hub_find_room(s->world.hub, BYTES("#Lobby")));
    assert_int_equal(hub_join_lobby(s->world.hub, s->bob), 0);
    assert_false(s->bob->current->is_operator);
    assert_string_equal(hub_config(s->world.hub)->lobby, "#lobby");
}

static void test_cmd_room_rejoin_stands_beside_the_departure(void **state)
{
    struct chat_scene *s = *state;
    struct room *lobby = s->bob->current->room;
    chat_world_type(&s->world, s->bob, "/part");
    chat_world_type(&s->world, s->bob, "/join lobby");
    assert_int_equal(s->bob->memberships.count, 2);
    assert_int_equal(user_room_count(s->bob), 1);
    assert_int_equal(lobby->present_count, 2);
    assert_int_equal(lobby->member_count, 3);
}

static void test_cmd_room_switch_by_name_and_beginning(void **state)
{
    struct chat_scene *s = *state;
    chat_world_type(&s->world, s->bob, "/join #ops");
    chat_world_type(&s->world, s->bob, "/join #ops2");
    chat_world_forget_events(&s->world);
    chat_world_type(&s->world, s->bob, "/switch LOB");
    chat_world_assert_text(chat_world_take(&s->world, CHAT_EV_SWITCHED)->room, "#lobby");
    assert_current(s->bob, "#lobby");
    chat_world_type(&s->world, s->bob, "/s ops"); /* exactly one, though it begins another */
    chat_world_take(&s->world, CHAT_EV_SWITCHED);
    assert_current(s->bob, "#ops");
    chat_world_type(&s->world, s->bob, "/s op");
    const struct chat_event *event = chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_NO_SUCH_ROOM);
    chat_world_assert_text(event->extra, "#ops");
    assert_current(s->bob, "#ops");
    chat_world_type(&s->world, s->alice, "/s #ops");
    chat_world_take_refusal(&s->world, s->alice, CHAT_ERR_NOT_IN_ROOM);
    chat_world_type(&s->world, s->alice, "/s #nowhere");
    chat_world_take_refusal(&s->world, s->alice, CHAT_ERR_NO_SUCH_ROOM);
    chat_world_type(&s->world, s->alice, "/s a b");
    chat_world_assert_text(chat_world_take_refusal(&s->world, s->alice, CHAT_ERR_USAGE)->text, "switch");
}

static void test_cmd_room_topic_is_shown_set_and_cleared(void **state)
{
    struct chat_scene *s = *state;
    chat_world_type(&s->world, s->bob, "/topic");
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_TOPIC_IS);
    assert_int_equal(event->text.len + event->extra.len, 0);
    chat_world_type(&s->world, s->bob, "/topic Release\x1B on Friday ");
    event = chat_world_take(&s->world, CHAT_EV_TOPIC);
    assert_int_equal(event->audience, CHAT_TO_ROOM);
    chat_world_assert_text(event->text, "Release on Friday");
    event = chat_world_take(&s->world, CHAT_EV_TOPIC_SET);
    assert_int_equal(event->target_id, s->bob->id);
    chat_world_assert_text(event->room, "#lobby");
    chat_world_type(&s->world, s->alice, "/topic ");
    event = chat_world_take(&s->world, CHAT_EV_TOPIC_IS);
    chat_world_assert_text(event->text, "Release on Friday");
    chat_world_assert_text(event->extra, "bob");
    chat_world_type(&s->world, s->alice, "/topic \x07");
    chat_world_take_refusal(&s->world, s->alice, CHAT_ERR_TEXT_EMPTY);
    chat_world_type(&s->world, s->alice, "/topic - ");
    assert_int_equal(chat_world_take(&s->world, CHAT_EV_TOPIC)->text.len, 0);
    chat_world_take(&s->world, CHAT_EV_TOPIC_SET);
    assert_null(s->bob->current->room->topic);
}

static void test_cmd_room_topic_is_cut_between_characters(void **state)
{
    struct chat_scene *s = *state;
    char line[420] = "/topic x";
    size_t start = strlen("/topic "), len = start + 1;
    while (len < 400) {
        memcpy(&line[len], "\xE2\x82\xAC", 3);
        len += 3;
    }
    line[len] = '\0';
    chat_world_type(&s->world, s->bob, line);
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_TOPIC);
    assert_int_equal(event->text.len, 298); /* 1 + 99 * 3 */
    assert_true(text_is_clean(event->text));
}

static void test_cmd_room_names_lists_everyone(void **state)
{
    struct chat_scene *s = *state;
    chat_world_type(&s->world, s->bob, "/join #ops");
    chat_world_forget_events(&s->world);
    chat_world_type(&s->world, s->bob, "/names");
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_NAMES);
    chat_world_assert_text(event->room, "#ops");
    assert_int_equal(event->count, 1);
    assert_int_equal(event->items[0].flags, CHAT_ITEM_F_OPERATOR | CHAT_ITEM_F_YOU);
    chat_world_type(&s->world, s->bob, "/names LOBBY");
    event = chat_world_take(&s->world, CHAT_EV_NAMES);
    assert_int_equal(event->item_count, 2);
    chat_world_assert_text(event->items[0].name, "alice");
    assert_int_equal(event->items[1].flags, CHAT_ITEM_F_YOU);
    chat_world_type(&s->world, s->bob, "/names #loby");
    event = chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_NO_SUCH_ROOM);
    chat_world_assert_text(event->extra, "#lobby");
}

static void test_cmd_room_names_leaves_out_who_has_left(void **state)
{
    struct chat_scene *s = *state;
    chat_world_type(&s->world, s->alice, "/part");
    chat_world_forget_events(&s->world);
    chat_world_type(&s->world, s->bob, "/names");
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_NAMES);
    assert_int_equal(event->count, 1);
    assert_int_equal(event->item_count, 1);
}

static void test_cmd_room_lists_are_capped(void **state)
{
    struct chat_scene *s = *state;
    for (int i = 0; i < CHAT_LIST_ITEMS_MAX; i++) {
        char name[16], line[24];
        snprintf(name, sizeof(name), "u%03d", i * 7 % CHAT_LIST_ITEMS_MAX);
        snprintf(line, sizeof(line), "/join #r%03d", i);
        struct user *user = chat_world_enter(&s->world, name);
        assert_int_equal(hub_join_lobby(s->world.hub, user), 0);
        chat_world_type(&s->world, user, line);
    }
    chat_world_forget_events(&s->world);
    chat_world_type(&s->world, s->bob, "/names");
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_NAMES);
    assert_int_equal(event->count, CHAT_LIST_ITEMS_MAX + 2);
    assert_int_equal(event->item_count, CHAT_LIST_ITEMS_MAX);
    chat_world_assert_text(event->items[2].name, "u000");
    chat_world_assert_text(event->items[CHAT_LIST_ITEMS_MAX - 1].name, "u497");
    chat_world_type(&s->world, s->bob, "/rooms");
    event = chat_world_take(&s->world, CHAT_EV_ROOMS);
    assert_int_equal(event->count, CHAT_LIST_ITEMS_MAX + 1);
    assert_int_equal(event->item_count, CHAT_LIST_ITEMS_MAX);
    chat_world_assert_text(event->items[CHAT_LIST_ITEMS_MAX - 1].name, "#r498");
}

static void test_cmd_room_rooms_come_by_people_then_name(void **state)
{
    struct chat_scene *s = *state;
    chat_world_type(&s->world, s->bob, "/join #zoo");
    chat_world_type(&s->world, s->bob, "/topic Animals");
    chat_world_type(&s->world, s->alice, "/join #zoo");
    chat_world_type(&s->world, s->alice, "/join #Ants");
    chat_world_forget_events(&s->world);
    chat_world_type(&s->world, s->bob, "/rooms");
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_ROOMS);
    assert_int_equal(event->count, 3);
    assert_int_equal(event->item_count, 3);
    chat_world_assert_text(event->items[0].name, "#lobby");
    chat_world_assert_text(event->items[1].name, "#zoo");
    chat_world_assert_text(event->items[1].detail, "Animals");
    assert_int_equal(event->items[1].count, 2);
    chat_world_assert_text(event->items[2].name, "#Ants");
    assert_int_equal(event->items[2].count, 1);
}

#define ROOM_TEST(test) cmocka_unit_test_setup_teardown(test, chat_scene_set_up, chat_scene_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROOM_TEST(test_cmd_room_join_opens_a_room),
        ROOM_TEST(test_cmd_room_join_shows_who_is_there),
        ROOM_TEST(test_cmd_room_nobody_is_operator_of_the_lobby),
        ROOM_TEST(test_cmd_room_join_lists_at_most_thirty_sorted),
        ROOM_TEST(test_cmd_room_join_again_switches_or_refuses),
        ROOM_TEST(test_cmd_room_join_refuses_bad_names_and_too_many),
        ROOM_TEST(test_cmd_room_part_tells_and_moves_on),
        ROOM_TEST(test_cmd_room_part_refuses_rooms_one_is_not_in),
        ROOM_TEST(test_cmd_room_room_ends_with_the_last_one),
        ROOM_TEST(test_cmd_room_lobby_stays_when_empty),
        ROOM_TEST(test_cmd_room_rejoin_stands_beside_the_departure),
        ROOM_TEST(test_cmd_room_switch_by_name_and_beginning),
        ROOM_TEST(test_cmd_room_topic_is_shown_set_and_cleared),
        ROOM_TEST(test_cmd_room_topic_is_cut_between_characters),
        ROOM_TEST(test_cmd_room_names_lists_everyone),
        ROOM_TEST(test_cmd_room_names_leaves_out_who_has_left),
        ROOM_TEST(test_cmd_room_lists_are_capped),
        ROOM_TEST(test_cmd_room_rooms_come_by_people_then_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
