/* Roles, invitations and the modes of a room. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "chat/room.h"
#include "chat/user.h"
#include "support/chat_world.h"

/* Bob is an operator of #ops, where alice is a member; carol is in no room. */
struct ops {
    struct chat_scene *scene;
    struct chat_world *world;
    struct user *bob, *alice, *carol;
    struct room *room;
};

static struct ops in_ops(void **state)
{
    struct chat_scene *s = *state;
    struct ops ops = {s, &s->world, s->bob, s->alice, chat_world_enter(&s->world, "carol"), NULL};

    chat_world_type(ops.world, ops.bob, "/join #ops");
    chat_world_type(ops.world, ops.alice, "/join #ops");
    chat_world_forget_events(ops.world);
    ops.room = ops.bob->current->room;
    return ops;
}

static void take_change(const struct ops *ops, enum chat_change change, const char *whom, uint32_t count)
{
    const struct chat_event *event = chat_world_take(ops->world, CHAT_EV_CHANGED);
    assert_int_equal(event->change, change);
    assert_int_equal(event->count, count);
    chat_world_assert_text(event->extra, whom);
    event = chat_world_take(ops->world, CHAT_EV_CHANGE_DONE);
    assert_int_equal(event->change, change);
    assert_int_equal(event->count, count);
    assert_int_equal(event->target_id, ops->bob->id);
    chat_world_expect_nothing(ops->world);
}

static void test_cmd_role_operators_are_made_and_unmade(void **state)
{
    struct ops ops = in_ops(state);

    chat_world_type(ops.world, ops.alice, "/op alice");
    chat_world_take_refusal(ops.world, ops.alice, CHAT_ERR_NOT_OPERATOR);
    chat_world_type(ops.world, ops.bob, "/op alice");
    take_change(&ops, CHAT_CHANGE_OP, "alice", 0);
    assert_true(ops.alice->current->is_operator);
    chat_world_type(ops.world, ops.bob, "/deop alice");
    take_change(&ops, CHAT_CHANGE_DEOP, "alice", 0);
    assert_false(ops.alice->current->is_operator);
    chat_world_type(ops.world, ops.bob, "/op carol");
    chat_world_take_refusal(ops.world, ops.bob, CHAT_ERR_NOT_THERE);
    assert_int_equal(hub_set_server_operator(ops.world->hub, ops.alice, true), 0);
    (void)chat_world_take(ops.world, CHAT_EV_SERVER_OPERATOR);
    chat_world_type(ops.world, ops.bob, "/deop alice");
    chat_world_take_refusal(ops.world, ops.bob, CHAT_ERR_SERVER_OPERATOR);
}

/* Who becomes an operator of #ops, and who is told. */
static void take_succession(const struct ops *ops, const struct user *heir)
{
    for (int i = 0; i < 2; i++) {
        const struct chat_event *event =
            chat_world_take(ops->world, i == 0 ? CHAT_EV_CHANGED : CHAT_EV_CHANGE_DONE);
        assert_int_equal(event->change, CHAT_CHANGE_SUCCEED);
        assert_int_equal(event->actor_id, heir->id);
        assert_int_equal(event->target_id, i == 0 ? 0 : heir->id);
    }
    chat_world_expect_nothing(ops->world);
    assert_true(user_membership(heir, ops->room)->is_operator);
}

static void test_cmd_role_who_is_here_longest_succeeds_the_last_operator(void **state)
{
    struct ops ops = in_ops(state);

    chat_world_type(ops.world, ops.carol, "/join #ops");
    chat_world_forget_events(ops.world);
    chat_world_type(ops.world, ops.bob, "/part #ops");
    (void)chat_world_take(ops.world, CHAT_EV_PARTED);
    (void)chat_world_take(ops.world, CHAT_EV_LEFT);
    take_succession(&ops, ops.alice);
    chat_world_type(ops.world, ops.bob, "/join #ops"); /* too late: now the last */
    chat_world_forget_events(ops.world);
    hub_leave(ops.world->hub, ops.alice, BYTES(""));
    (void)chat_world_take(ops.world, CHAT_EV_QUIT);
    take_succession(&ops, ops.carol);
    assert_int_equal(hub_set_server_operator(ops.world->hub, ops.bob, true), 0);
    chat_world_type(ops.world, ops.bob, "/ban carol");
    for (int i = 0; i < 5; i++)
        (void)chat_world_take(ops.world, i == 0   ? CHAT_EV_SERVER_OPERATOR
                                         : i == 1 ? CHAT_EV_CHANGED
                                         : i == 2 ? CHAT_EV_CHANGE_DONE
                                         : i == 3 ? CHAT_EV_KICKED
                                                  : CHAT_EV_KICKED_OUT);
    take_succession(&ops, ops.bob);
}

static void test_cmd_role_nobody_succeeds_without_need(void **state)
{
    struct ops ops = in_ops(state);

    chat_world_type(ops.world, ops.carol, "/join #ops");
    chat_world_type(ops.world, ops.bob, "/op alice");
    chat_world_type(ops.world, ops.carol, "/part #ops"); /* was none */
    chat_world_type(ops.world, ops.carol, "/join #ops");
    chat_world_type(ops.world, ops.bob, "/part #ops"); /* alice is one */
    assert_false(user_membership(ops.carol, ops.room)->is_operator);
    chat_world_type(ops.world, ops.alice, "/join #lobby");
    user_membership(ops.alice, ops.alice->current->room)->is_operator = true;
    chat_world_type(ops.world, ops.alice, "/part #lobby"); /* the lobby has none by itself */
    assert_false(ops.bob->current->is_operator);
    hub_close(ops.world->hub);
    hub_leave(ops.world->hub, ops.alice, BYTES(""));
    assert_false(user_membership(ops.carol, ops.room)->is_operator);
}

static void test_cmd_role_voice_lets_talk_in_a_moderated_room(void **state)
{
    struct ops ops = in_ops(state);

    chat_world_type(ops.world, ops.bob, "/mode moderated on");
    take_change(&ops, CHAT_CHANGE_MODERATED, "", 1);
    chat_world_type(ops.world, ops.alice, "hello");
    chat_world_take_refusal(ops.world, ops.alice, CHAT_ERR_MODERATED);
    chat_world_type(ops.world, ops.bob, "/voice alice");
    take_change(&ops, CHAT_CHANGE_VOICE, "alice", 0);
    chat_world_type(ops.world, ops.alice, "hello");
    chat_world_take(ops.world, CHAT_EV_MESSAGE);
    chat_world_type(ops.world, ops.alice, "/names");
    const struct chat_event *event = chat_world_take(ops.world, CHAT_EV_NAMES);
    assert_int_equal(event->items[0].flags, CHAT_ITEM_F_VOICED | CHAT_ITEM_F_YOU);
    chat_world_type(ops.world, ops.bob, "/devoice alice");
    take_change(&ops, CHAT_CHANGE_DEVOICE, "alice", 0);
    chat_world_type(ops.world, ops.alice, "hello");
    chat_world_take_refusal(ops.world, ops.alice, CHAT_ERR_MODERATED);
}

static void test_cmd_role_invitation_opens_the_room_once(void **state)
{
    struct ops ops = in_ops(state);

    chat_world_type(ops.world, ops.bob, "/mode invite-only on");
    chat_world_forget_events(ops.world);
    chat_world_type(ops.world, ops.carol, "/join #ops");
    const struct chat_event *event = chat_world_take_refusal(ops.world, ops.carol, CHAT_ERR_INVITE_ONLY);
    chat_world_assert_text(event->text, "#ops");
    chat_world_assert_text(event->extra, "bob");
    chat_world_type(ops.world, ops.alice, "/invite carol");
    chat_world_take_refusal(ops.world, ops.alice, CHAT_ERR_NOT_OPERATOR);
    chat_world_type(ops.world, ops.bob, "/invite carol");
    event = chat_world_take(ops.world, CHAT_EV_INVITED);
    assert_int_equal(event->target_id, ops.carol->id);
    chat_world_assert_text(event->room, "#ops");
    event = chat_world_take(ops.world, CHAT_EV_CHANGE_DONE);
    assert_int_equal(event->change, CHAT_CHANGE_INVITE);
    chat_world_type(ops.world, ops.carol, "/join #ops");
    chat_world_type(ops.world, ops.carol, "/part");
    chat_world_forget_events(ops.world);
    chat_world_type(ops.world, ops.carol, "/join #ops");
    chat_world_take_refusal(ops.world, ops.carol, CHAT_ERR_INVITE_ONLY);
    chat_world_type(ops.world, ops.bob, "/invite alice");
    chat_world_take_refusal(ops.world, ops.bob, CHAT_ERR_THERE_ALREADY);
}

static void test_cmd_role_invitations_are_bounded(void **state)
{
    struct ops ops = in_ops(state);
    struct user user = {.id = 1000};

    for (size_t i = 0; i <= ROOM_INVITED_MAX; i++, user.id++)
        room_invite(ops.room, &user);
    assert_int_equal(ops.room->invited_count, ROOM_INVITED_MAX);
    assert_int_equal(ops.room->invited[0], 1001); /* the oldest has lapsed */
    assert_int_equal(ops.room->invited[ROOM_INVITED_MAX - 1], 1000 + ROOM_INVITED_MAX);
    user.id = 1001;
    room_invite(ops.room, &user);
    assert_int_equal(ops.room->invited_count, ROOM_INVITED_MAX);
    assert_int_equal(ops.room->invited[ROOM_INVITED_MAX - 1], 1001);
}

static void test_cmd_mode_words_and_values(void **state)
{
    struct ops ops = in_ops(state);

    chat_world_type(ops.world, ops.bob, "/mode");
    assert_int_equal(chat_world_take(ops.world, CHAT_EV_MODES)->item_count, 0);
    chat_world_type(ops.world, ops.bob, "/mode Secret ON");
    take_change(&ops, CHAT_CHANGE_SECRET, "", 1);
    chat_world_type(ops.world, ops.bob, "/slow 2m");
    take_change(&ops, CHAT_CHANGE_SLOW, "", 120);
    chat_world_type(ops.world, ops.bob, "/limit 20");
    take_change(&ops, CHAT_CHANGE_LIMIT, "", 20);
    chat_world_type(ops.world, ops.alice, "/mode");
    const struct chat_event *event = chat_world_take(ops.world, CHAT_EV_MODES);
    assert_int_equal(event->item_count, 3);
    chat_world_assert_text(event->items[0].name, "secret");
    chat_world_assert_text(event->items[1].name, "slow");
    assert_int_equal(event->items[1].count, 120);
    assert_int_equal(event->items[2].count, 20);
    chat_world_type(ops.world, ops.bob, "/mode secret off");
    take_change(&ops, CHAT_CHANGE_SECRET, "", 0);
    chat_world_type(ops.world, ops.bob, "/slow off");
    take_change(&ops, CHAT_CHANGE_SLOW, "", 0);
    chat_world_type(ops.world, ops.bob, "/limit off");
    take_change(&ops, CHAT_CHANGE_LIMIT, "", 0);
    assert_int_equal(ops.room->modes + ops.room->people_max + (uint64_t)ops.room->slow_ms, 0);
}

static void test_cmd_mode_refuses_nonsense(void **state)
{
    static const char *const lines[] = {
        "/mode secret",   "/mode secret yes", "/mode nonsense on", "/slow 3601",
        "/slow 61m",      "/slow -1",         "/slow x",           "/limit 0",
        "/limit 1000001", "/limit x",         "/key \x1b",         "/key 123456789012345678901234567890123",
    };
    struct ops ops = in_ops(state);

    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        chat_world_type(ops.world, ops.bob, lines[i]);
        chat_world_take_refusal(ops.world, ops.bob, CHAT_ERR_USAGE);
    }
    chat_world_expect_nothing(ops.world);
    chat_world_type(ops.world, ops.bob, "/slow 3600");
    take_change(&ops, CHAT_CHANGE_SLOW, "", 3600);
}

static void test_cmd_mode_key_is_told_to_the_operator_only(void **state)
{
    struct ops ops = in_ops(state);

    chat_world_type(ops.world, ops.bob, "/key sesame");
    assert_int_equal(chat_world_take(ops.world, CHAT_EV_CHANGED)->text.len, 0);
    chat_world_assert_text(chat_world_take(ops.world, CHAT_EV_CHANGE_DONE)->text, "sesame");
    chat_world_type(ops.world, ops.carol, "/join #ops");
    chat_world_take_refusal(ops.world, ops.carol, CHAT_ERR_KEY_NEEDED);
    chat_world_type(ops.world, ops.carol, "/join #ops open");
    chat_world_take_refusal(ops.world, ops.carol, CHAT_ERR_KEY_WRONG);
    chat_world_type(ops.world, ops.carol, "/join #ops sesame");
    chat_world_take(ops.world, CHAT_EV_JOINED);
    chat_world_forget_events(ops.world);
    chat_world_type(ops.world, ops.bob, "/key off");
    take_change(&ops, CHAT_CHANGE_KEY, "", 0);
    assert_string_equal(ops.room->key, "");
}

static void test_cmd_mode_slow_counts_from_the_last_message_and_the_join(void **state)
{
    struct ops ops = in_ops(state);

    chat_world_type(ops.world, ops.bob, "/slow 10");
    chat_world_forget_events(ops.world);
    clock_fake_advance(&ops.world->clock, 10000);
    chat_world_type(ops.world, ops.alice, "one");
    chat_world_take(ops.world, CHAT_EV_MESSAGE);
    clock_fake_advance(&ops.world->clock, 1001);
    chat_world_type(ops.world, ops.alice, "two");
    assert_int_equal(chat_world_take_refusal(ops.world, ops.alice, CHAT_ERR_SLOW_MODE)->count, 9);
    chat_world_type(ops.world, ops.alice, "/part");
    chat_world_type(ops.world, ops.alice, "/join #ops");
    chat_world_forget_events(ops.world);
    chat_world_type(ops.world, ops.alice, "three");
    assert_int_equal(chat_world_take_refusal(ops.world, ops.alice, CHAT_ERR_SLOW_MODE)->count, 10);
    chat_world_type(ops.world, ops.bob, "one");
    chat_world_type(ops.world, ops.bob, "two"); /* an operator */
    chat_world_take(ops.world, CHAT_EV_MESSAGE);
    chat_world_take(ops.world, CHAT_EV_MESSAGE);
}

static void test_cmd_mode_secret_room_is_in_no_list(void **state)
{
    struct ops ops = in_ops(state);

    chat_world_type(ops.world, ops.bob, "/mode secret on");
    chat_world_forget_events(ops.world);
    chat_world_type(ops.world, ops.carol, "/rooms");
    const struct chat_event *event = chat_world_take(ops.world, CHAT_EV_ROOMS);
    assert_int_equal(event->count, 1);
    assert_int_equal(event->item_count, 1);
    chat_world_type(ops.world, ops.carol, "/names #ops");
    event = chat_world_take_refusal(ops.world, ops.carol, CHAT_ERR_NO_SUCH_ROOM);
    assert_int_equal(event->extra.len, 0);
    chat_world_type(ops.world, ops.carol, "/names #opss");
    event = chat_world_take_refusal(ops.world, ops.carol, CHAT_ERR_NO_SUCH_ROOM);
    assert_int_equal(event->extra.len, 0); /* nor is it suggested */
    chat_world_type(ops.world, ops.alice, "/rooms");
    assert_int_equal(chat_world_take(ops.world, CHAT_EV_ROOMS)->count, 2);
}

static void test_cmd_mode_topic_lock(void **state)
{
    struct ops ops = in_ops(state);

    chat_world_type(ops.world, ops.bob, "/mode topic-lock on");
    chat_world_forget_events(ops.world);
    chat_world_type(ops.world, ops.alice, "/topic mine");
    chat_world_take_refusal(ops.world, ops.alice, CHAT_ERR_NOT_OPERATOR);
    chat_world_type(ops.world, ops.alice, "/topic");
    chat_world_take(ops.world, CHAT_EV_TOPIC_IS);
    chat_world_type(ops.world, ops.bob, "/topic mine");
    chat_world_take(ops.world, CHAT_EV_TOPIC);
}

#define SCENE_TEST(test) cmocka_unit_test_setup_teardown(test, chat_scene_set_up, chat_scene_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(test_cmd_role_operators_are_made_and_unmade),
        SCENE_TEST(test_cmd_role_who_is_here_longest_succeeds_the_last_operator),
        SCENE_TEST(test_cmd_role_nobody_succeeds_without_need),
        SCENE_TEST(test_cmd_role_voice_lets_talk_in_a_moderated_room),
        SCENE_TEST(test_cmd_role_invitation_opens_the_room_once),
        SCENE_TEST(test_cmd_role_invitations_are_bounded),
        SCENE_TEST(test_cmd_mode_words_and_values),
        SCENE_TEST(test_cmd_mode_refuses_nonsense),
        SCENE_TEST(test_cmd_mode_key_is_told_to_the_operator_only),
        SCENE_TEST(test_cmd_mode_slow_counts_from_the_last_message_and_the_join),
        SCENE_TEST(test_cmd_mode_secret_room_is_in_no_list),
        SCENE_TEST(test_cmd_mode_topic_lock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
