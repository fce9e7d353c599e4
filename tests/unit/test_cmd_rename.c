/* Another name for a room: who may, which names, and what stays. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "chat/room.h"
#include "chat/user.h"
#include "support/chat_world.h"

#define SCENE(test) cmocka_unit_test_setup_teardown(test, set_up, chat_scene_tear_down)

/* Alice is the operator of #ops, with a topic and an invitation; bob is there. */
static int set_up(void **state)
{
    int r = chat_scene_set_up(state);
    struct chat_scene *s = *state;
    struct user *carol = chat_world_enter(&s->world, "carol");

    chat_world_type(&s->world, s->alice, "/join #ops");
    chat_world_type(&s->world, s->bob, "/join #ops");
    chat_world_type(&s->world, s->alice, "/topic Release");
    chat_world_type(&s->world, s->alice, "/invite carol");
    chat_world_type(&s->world, s->alice, "/mode invite-only on");
    chat_world_type(&s->world, carol, "/join #other");
    chat_world_forget_events(&s->world);
    return r;
}

static void assert_refuses(struct chat_scene *s, struct user *user, const char *line, enum chat_err err,
                           const char *subject)
{
    chat_world_type(&s->world, user, line);
    chat_world_assert_text(chat_world_take_refusal(&s->world, user, err)->text, subject);
    chat_world_expect_nothing(&s->world);
}

static void test_cmd_rename_keeps_all_but_the_name(void **state)
{
    struct chat_scene *s = *state;
    struct room *room = s->alice->current->room;
    const uint64_t id = room->id;

    chat_world_type(&s->world, s->alice, "/rename #DevOps  more than one team ");
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_ROOM_RENAMED);
    assert_int_equal(event->audience, CHAT_TO_ROOM);
    assert_int_equal(event->room_id, id);
    chat_world_assert_text(event->actor, "alice");
    chat_world_assert_text(event->room, "#ops");
    chat_world_assert_text(event->extra, "#DevOps");
    chat_world_assert_text(event->text, "more than one team");
    assert_int_equal(event->item_count, 3);
    chat_world_assert_text(event->items[0].name, "Release");
    chat_world_assert_text(event->items[0].detail, "alice");
    assert_int_equal(event->time_ms, room->topic_wall_ms);
    chat_world_assert_text(event->items[1].name, "alice");
    assert_int_equal(event->items[1].flags, CHAT_ITEM_F_OPERATOR);
    chat_world_assert_text(event->items[2].name, "bob");
    assert_int_equal(event->count, 2);
    chat_world_expect_nothing(&s->world);

    assert_null(hub_find_room(s->world.hub, BYTES("#ops")));
    assert_ptr_equal(hub_find_room(s->world.hub, BYTES("#devops")), room);
    assert_ptr_equal(hub_find_room_id(s->world.hub, id), room);
    chat_world_assert_text(room_name(room), "#DevOps");
    assert_string_equal(room->topic, "Release");
    assert_int_equal(room->modes, ROOM_MODE_INVITE_ONLY);
    assert_int_equal(room->present_count, 2);
    assert_true(s->alice->current->is_operator);
    assert_ptr_equal(s->bob->current->room, room);
    chat_world_type(&s->world, s->bob, "hello");
    chat_world_assert_text(chat_world_take(&s->world, CHAT_EV_MESSAGE)->room, "#DevOps");
}

static void test_cmd_rename_frees_the_old_name_and_keeps_invitations(void **state)
{
    struct chat_scene *s = *state;
    struct room *room = s->alice->current->room;
    struct user *carol = hub_find_user_name(s->world.hub, BYTES("carol"));

    chat_world_type(&s->world, s->alice, "/rename new");
    chat_world_type(&s->world, carol, "/join #new");
    assert_ptr_equal(carol->current->room, room);
    chat_world_type(&s->world, carol, "/join #ops");
    assert_ptr_not_equal(carol->current->room, room);
    assert_true(carol->current->is_operator);
    assert_ptr_equal(hub_find_room(s->world.hub, BYTES("#ops")), carol->current->room);
    chat_world_forget_events(&s->world);
    assert_refuses(s, s->alice, "/rename #OPS", CHAT_ERR_ROOM_NAME_TAKEN, "#OPS");
    chat_world_type(&s->world, carol, "/part #ops");
    chat_world_type(&s->world, s->alice, "/rename #OPS");
    assert_ptr_equal(hub_find_room(s->world.hub, BYTES("#ops")), room);
}

static void test_cmd_rename_refuses(void **state)
{
    static const char longest[] = "/rename #1234567890123456789012345678901234567890123456789";
    struct chat_scene *s = *state;

    assert_refuses(s, s->bob, "/rename #new", CHAT_ERR_NOT_OPERATOR, "#ops");
    assert_refuses(s, s->alice, "/rename #a!b", CHAT_ERR_ROOM_NAME_BAD, "#a!b");
    assert_refuses(s, s->alice, "/rename #other", CHAT_ERR_ROOM_NAME_TAKEN, "#other");
    assert_refuses(s, s->alice, "/rename #LOBBY", CHAT_ERR_ROOM_NAME_TAKEN, "#LOBBY");
    assert_refuses(s, s->alice, "/rename #ops", CHAT_ERR_ROOM_NAME_TAKEN, "#ops");
    assert_refuses(s, s->alice, "/rename", CHAT_ERR_USAGE, "rename");
    chat_world_type(&s->world, s->alice, "/rename #12345678901234567890123456789012345678901234567890");
    chat_world_take_refusal(&s->world, s->alice, CHAT_ERR_ROOM_NAME_BAD);
    chat_world_type(&s->world, s->alice, longest);
    chat_world_take(&s->world, CHAT_EV_ROOM_RENAMED);
    chat_world_assert_text(room_name(s->alice->current->room), strchr(longest, '#'));
    chat_world_type(&s->world, s->alice, "/rename #Ops");
    chat_world_type(&s->world, s->alice, "/rename #ops");
    chat_world_assert_text(room_name(s->alice->current->room), "#ops");
}

static void test_cmd_rename_leaves_the_lobby_alone(void **state)
{
    struct chat_scene *s = *state;

    chat_world_type(&s->world, s->alice, "/switch #lobby");
    chat_world_forget_events(&s->world);
    assert_refuses(s, s->alice, "/rename #new", CHAT_ERR_NOT_OPERATOR, "#lobby");
    assert_int_equal(hub_set_server_operator(s->world.hub, s->alice, true), 0);
    chat_world_forget_events(&s->world);
    assert_refuses(s, s->alice, "/rename #new", CHAT_ERR_ROOM_NAME_FIXED, "#new");
    assert_string_equal(hub_config(s->world.hub)->lobby, "#lobby");
}

/* The tables have been grown and have gaps: every name leads to its room, and to no other. */
static void test_cmd_rename_again_and_again(void **state)
{
    struct chat_scene *s = *state;
    struct room *room = s->alice->current->room;

    for (int i = 0; i < 1000; i++) {
        char line[] = "/rename #a000";
        line[10] = (char)('0' + i / 100), line[11] = (char)('0' + i / 10 % 10),
        line[12] = (char)('0' + i % 10);
        chat_world_type(&s->world, s->alice, line);
        chat_world_forget_events(&s->world);
        assert_ptr_equal(hub_find_room(s->world.hub, bytes_of(&line[8])), room);
        assert_int_equal(hub_room_count(s->world.hub), 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE(test_cmd_rename_keeps_all_but_the_name),
        SCENE(test_cmd_rename_frees_the_old_name_and_keeps_invitations),
        SCENE(test_cmd_rename_refuses),
        SCENE(test_cmd_rename_leaves_the_lobby_alone),
        SCENE(test_cmd_rename_again_and_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
