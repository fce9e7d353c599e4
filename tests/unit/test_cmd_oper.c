/* Kicks, bans and mutes: what they change, who hears of it, and what gets around them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "chat/restriction.h"
#include "chat/room.h"
#include "chat/user.h"
#include "support/chat_world.h"

/* Bob is an operator of the lobby, and alice is not. */
static int set_up(void **state)
{
    chat_scene_set_up(state);
    struct chat_scene *s = *state;
    s->bob->current->is_operator = true;
    return 0;
}

/* The pair that every change emits: to the room and to the operator. */
static void take_change(struct chat_scene *s, enum chat_change change, const char *whom, int64_t for_ms)
{
    const enum chat_event_kind kinds[] = {CHAT_EV_CHANGED, CHAT_EV_CHANGE_DONE};
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        const struct chat_event *event = chat_world_take(&s->world, kinds[i]);
        assert_int_equal(event->change, change);
        chat_world_assert_text(event->extra, whom);
        assert_int_equal(event->time_ms, for_ms > 0 ? event->wall_ms + for_ms : 0);
        assert_int_equal(event->target_id, i > 0 ? s->bob->id : 0);
    }
}

static void take_kick(struct chat_scene *s, const struct user *target, const char *why)
{
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_KICKED);
    assert_int_equal(event->target_id, target->id);
    assert_int_equal(event->audience, CHAT_TO_ROOM);
    chat_world_assert_text(event->actor, "bob");
    chat_world_assert_text(event->text, why);
    event = chat_world_take(&s->world, CHAT_EV_KICKED_OUT);
    assert_int_equal(event->target_id, target->id);
    chat_world_assert_text(event->text, why);
}

static void test_cmd_oper_kick_throws_out(void **state)
{
    struct chat_scene *s = *state;

    chat_world_type(&s->world, s->alice, "/join #ops");
    chat_world_type(&s->world, s->alice, "/switch lobby");
    chat_world_forget_events(&s->world);
    chat_world_type(&s->world, s->bob, "/kick Alice  enough\x1b of that ");
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_KICKED);
    assert_int_equal(event->count, 1);
    chat_world_assert_text(event->extra, "alice");
    chat_world_assert_text(event->text, "enough of that");
    event = chat_world_take(&s->world, CHAT_EV_KICKED_OUT);
    chat_world_assert_text(event->room, "#lobby");
    chat_world_assert_text(event->extra, "#ops");
    event = chat_world_take(&s->world, CHAT_EV_CHANGE_DONE);
    assert_int_equal(event->change, CHAT_CHANGE_KICK);
    assert_int_equal(event->target_id, s->bob->id);
    chat_world_expect_nothing(&s->world);
    chat_world_assert_text(room_name(s->alice->current->room), "#ops");
    chat_world_type(&s->world, s->alice, "/join #lobby"); /* nothing keeps alice out */
    chat_world_take(&s->world, CHAT_EV_JOINED);
}

static void test_cmd_oper_kick_is_refused(void **state)
{
    struct chat_scene *s = *state;
    struct user *carol = chat_world_enter(&s->world, "carol");

    chat_world_type(&s->world, s->alice, "/kick bob");
    const struct chat_event *event = chat_world_take_refusal(&s->world, s->alice, CHAT_ERR_NOT_OPERATOR);
    chat_world_assert_text(event->text, "#lobby");
    chat_world_assert_text(event->extra, "bob");
    chat_world_type(&s->world, s->bob, "/kick bob");
    chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_NOT_YOURSELF);
    chat_world_type(&s->world, s->bob, "/kick carol");
    event = chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_NOT_THERE);
    chat_world_assert_text(event->extra, "#lobby");
    chat_world_type(&s->world, s->bob, "/kick nobody");
    chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_NO_SUCH_USER);
    s->alice->current->is_operator = true;
    chat_world_type(&s->world, s->bob, "/kick alice");
    chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_TARGET_OPERATOR);
    chat_world_type(&s->world, carol, "/kick bob");
    chat_world_take_refusal(&s->world, carol, CHAT_ERR_NO_CURRENT_ROOM);
    chat_world_expect_nothing(&s->world);
}

static void test_cmd_oper_ban_throws_out_and_keeps_out(void **state)
{
    struct chat_scene *s = *state;

    chat_world_type(&s->world, s->bob, "/ban alice 1h spam");
    take_change(s, CHAT_CHANGE_BAN, "alice", 3600000);
    take_kick(s, s->alice, "spam");
    chat_world_expect_nothing(&s->world);
    assert_null(s->alice->current);
    chat_world_type(&s->world, s->alice, "/nick ecila"); /* no way around it */
    chat_world_forget_events(&s->world);
    chat_world_type(&s->world, s->alice, "/join lobby");
    const struct chat_event *event = chat_world_take_refusal(&s->world, s->alice, CHAT_ERR_BANNED);
    assert_int_equal(event->count, 3600);
    chat_world_assert_text(event->text, "#lobby");
    chat_world_assert_text(event->extra, "bob");
    clock_fake_advance(&s->world.clock, 3600000);
    chat_world_type(&s->world, s->alice, "/join lobby");
    chat_world_take(&s->world, CHAT_EV_JOINED);
}

static void test_cmd_oper_ban_of_a_mask_silences_and_keeps_out(void **state)
{
    struct chat_scene *s = *state;

    chat_world_type(&s->world, s->bob, "/ban ali*");
    take_change(s, CHAT_CHANGE_BAN, "ali*", 0);
    chat_world_expect_nothing(&s->world); /* nobody is thrown out */
    chat_world_type(&s->world, s->alice, "hello");
    const struct chat_event *event = chat_world_take_refusal(&s->world, s->alice, CHAT_ERR_BANNED);
    assert_int_equal(event->count, 0);
    chat_world_type(&s->world, s->bob, "/unban ALI*");
    take_change(s, CHAT_CHANGE_UNBAN, "ALI*", 0);
    chat_world_type(&s->world, s->alice, "hello");
    chat_world_take(&s->world, CHAT_EV_MESSAGE);
    chat_world_type(&s->world, s->bob, "/unban ali*");
    event = chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_NOT_LISTED);
    chat_world_assert_text(event->extra, "ban");
    chat_world_type(&s->world, s->bob, "/ban a/b");
    chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_MASK_BAD);
}

static void test_cmd_oper_ban_of_a_host_names_no_address(void **state)
{
    struct chat_scene *s = *state;
    struct user *carol = chat_world_enter(&s->world, "carol");

    hub_set_origin(s->world.hub, s->alice, &(struct hub_origin){.host = BYTES("192.0.2.7")});
    hub_set_origin(s->world.hub, carol, &(struct hub_origin){.host = BYTES("192.0.2.7")});
    chat_world_type(&s->world, s->bob, "/ban *@alice 1d");
    take_change(s, CHAT_CHANGE_BAN, "*@alice", 86400000);
    chat_world_type(&s->world, carol, "/join lobby");
    chat_world_take_refusal(&s->world, carol, CHAT_ERR_BANNED);
    hub_set_origin(s->world.hub, carol, &(struct hub_origin){.host = BYTES("192.0.2.8")});
    chat_world_type(&s->world, carol, "/join lobby");
    chat_world_take(&s->world, CHAT_EV_JOINED);
}

static void test_cmd_oper_mute_holds_until_its_end(void **state)
{
    struct chat_scene *s = *state;

    chat_world_type(&s->world, s->bob, "/mute alice 10m");
    take_change(s, CHAT_CHANGE_MUTE, "alice", 600000);
    clock_fake_advance(&s->world.clock, 121000);
    chat_world_type(&s->world, s->alice, "/me waves");
    const struct chat_event *event = chat_world_take_refusal(&s->world, s->alice, CHAT_ERR_MUTED);
    assert_int_equal(event->count, 479);
    chat_world_type(&s->world, s->alice, "/part");
    chat_world_type(&s->world, s->alice, "/join lobby");
    chat_world_type(&s->world, s->alice, "/nick ecila");
    chat_world_forget_events(&s->world);
    chat_world_type(&s->world, s->alice, "hello");
    chat_world_take_refusal(&s->world, s->alice, CHAT_ERR_MUTED);
    chat_world_type(&s->world, s->bob, "/unmute ecila"); /* the name of now */
    take_change(s, CHAT_CHANGE_UNMUTE, "ecila", 0);
    chat_world_type(&s->world, s->alice, "hello");
    chat_world_take(&s->world, CHAT_EV_MESSAGE);
}

static void test_cmd_oper_lists_are_shown_to_everybody(void **state)
{
    struct chat_scene *s = *state;

    chat_world_type(&s->world, s->bob, "/mute one 90s rude words");
    chat_world_type(&s->world, s->bob, "/mute two*");
    chat_world_forget_events(&s->world);
    clock_fake_advance(&s->world.clock, 30500);
    chat_world_type(&s->world, s->bob, "/mute");
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_RESTRICTED);
    assert_int_equal(event->change, CHAT_CHANGE_MUTE);
    assert_int_equal(event->count, 2);
    assert_int_equal(event->item_count, 2);
    chat_world_assert_text(event->items[0].name, "one");
    chat_world_assert_text(event->items[0].detail, "rude words");
    assert_int_equal(event->items[0].count, 60);
    assert_int_equal(event->items[1].count, 0);
    clock_fake_advance(&s->world.clock, 59500);
    chat_world_type(&s->world, s->bob, "/mute");
    assert_int_equal(chat_world_take(&s->world, CHAT_EV_RESTRICTED)->count, 1);
    chat_world_type(&s->world, s->bob, "/ban");
    assert_int_equal(chat_world_take(&s->world, CHAT_EV_RESTRICTED)->count, 0);
    chat_world_type(&s->world, s->alice, "/ban");
    assert_int_equal(chat_world_take(&s->world, CHAT_EV_RESTRICTED)->count, 0);
    chat_world_type(&s->world, s->alice, "/ban troll");
    chat_world_take_refusal(&s->world, s->alice, CHAT_ERR_NOT_OPERATOR);
}

static void test_cmd_oper_lists_show_addresses_to_operators(void **state)
{
    static const char *const masks[] = {"*@alice", "t*@192.0.2.*", "troll", "x*@*", "*@gone"};
    struct chat_scene *s = *state;

    hub_set_origin(s->world.hub, s->alice, &(struct hub_origin){.host = BYTES("192.0.2.7")});
    for (size_t i = 0; i < ARRAY_LEN(masks); i++) {
        char line[64];
        snprintf(line, sizeof(line), "/ban %s", masks[i]);
        chat_world_type(&s->world, s->bob, line);
    }
    chat_world_forget_events(&s->world);
    chat_world_type(&s->world, s->bob, "/ban");
    assert_int_equal(chat_world_take(&s->world, CHAT_EV_RESTRICTED)->item_count, ARRAY_LEN(masks));
    chat_world_type(&s->world, s->alice, "/ban");
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_RESTRICTED);
    assert_int_equal(event->count, ARRAY_LEN(masks));
    assert_int_equal(event->item_count, 3); /* that of a host says only from where alice comes */
    chat_world_assert_text(event->items[0].name, "*@alice");
    chat_world_assert_text(event->items[1].name, "troll");
    chat_world_assert_text(event->items[2].name, "x*@*");
    s->alice->is_server_operator = true;
    chat_world_type(&s->world, s->alice, "/ban");
    assert_int_equal(chat_world_take(&s->world, CHAT_EV_RESTRICTED)->item_count, ARRAY_LEN(masks));
    s->alice->is_server_operator = false;
}

static void test_cmd_oper_lists_are_bounded(void **state)
{
    struct chat_scene *s = *state;

    for (int i = 0; i <= RESTRICTIONS_MAX; i++) {
        char line[32];
        snprintf(line, sizeof(line), i == 0 ? "/ban m%d 1h" : "/ban m%d", i);
        if (i < RESTRICTIONS_MAX) {
            chat_world_type(&s->world, s->bob, line);
            chat_world_forget_events(&s->world);
        } else {
            chat_world_type(&s->world, s->bob, line);
            chat_world_assert_text(chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_LIST_FULL)->text,
                                   "unban");
        }
    }
    clock_fake_advance(&s->world.clock, 3600000); /* one ends: there is room for another */
    chat_world_type(&s->world, s->bob, "/ban more");
    take_change(s, CHAT_CHANGE_BAN, "more", 0);
    assert_int_equal(s->bob->current->room->bans.count, RESTRICTIONS_MAX);
}

static void test_cmd_oper_exceptions_hold_against_bans_and_mutes(void **state)
{
    struct chat_scene *s = *state;

    chat_world_type(&s->world, s->bob, "/except alice 10m");
    take_change(s, CHAT_CHANGE_EXCEPT, "alice", 600000);
    chat_world_type(&s->world, s->bob, "/ban alice");
    take_change(s, CHAT_CHANGE_BAN, "alice", 0);
    chat_world_expect_nothing(&s->world); /* it does not hold her: she stays */
    chat_world_type(&s->world, s->bob, "/mute a*");
    take_change(s, CHAT_CHANGE_MUTE, "a*", 0);
    chat_world_type(&s->world, s->alice, "/nick ecila"); /* the exception goes with her, as the ban does */
    chat_world_forget_events(&s->world);
    chat_world_type(&s->world, s->alice, "hello");
    chat_world_take(&s->world, CHAT_EV_MESSAGE);
    clock_fake_advance(&s->world.clock, 600000);
    chat_world_type(&s->world, s->alice, "hello");
    chat_world_take_refusal(&s->world, s->alice, CHAT_ERR_BANNED);
    chat_world_type(&s->world, s->bob, "/except e*@*");
    take_change(s, CHAT_CHANGE_EXCEPT, "e*@*", 0);
    chat_world_type(&s->world, s->alice, "hello");
    chat_world_take(&s->world, CHAT_EV_MESSAGE);
    chat_world_type(&s->world, s->bob, "/unexcept E*@*");
    take_change(s, CHAT_CHANGE_UNEXCEPT, "E*@*", 0);
    chat_world_type(&s->world, s->alice, "hello");
    chat_world_take_refusal(&s->world, s->alice, CHAT_ERR_BANNED);
    chat_world_type(&s->world, s->bob, "/unexcept e*@*");
    chat_world_assert_text(chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_NOT_LISTED)->extra, "except");
    chat_world_type(&s->world, s->bob, "/except a/b");
    chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_MASK_BAD);
}

static void test_cmd_oper_who_is_admitted_needs_no_invitation(void **state)
{
    struct chat_scene *s = *state;
    struct user *carol = chat_world_enter(&s->world, "carol");

    s->bob->current->room->modes |= ROOM_MODE_INVITE_ONLY;
    chat_world_type(&s->world, carol, "/part");
    chat_world_forget_events(&s->world);
    for (int i = 0; i < 2; i++) { /* an admission is not used up */
        chat_world_type(&s->world, carol, "/join lobby");
        chat_world_take_refusal(&s->world, carol, CHAT_ERR_INVITE_ONLY);
        chat_world_type(&s->world, s->bob, "/admit car*");
        take_change(s, CHAT_CHANGE_ADMIT, "car*", 0);
        for (int k = 0; k < 2; k++) {
            chat_world_type(&s->world, carol, "/join lobby");
            chat_world_take(&s->world, CHAT_EV_JOINED);
            chat_world_type(&s->world, carol, "/part");
            chat_world_forget_events(&s->world);
        }
        chat_world_type(&s->world, s->bob, "/unadmit car*");
        take_change(s, CHAT_CHANGE_UNADMIT, "car*", 0);
    }
}

/* No punishment: also for oneself and for other operators. */
static void test_cmd_oper_exceptions_are_for_operators_too(void **state)
{
    struct chat_scene *s = *state;

    s->alice->current->is_operator = true;
    chat_world_type(&s->world, s->bob, "/except bob");
    take_change(s, CHAT_CHANGE_EXCEPT, "bob", 0);
    chat_world_type(&s->world, s->bob, "/admit alice");
    take_change(s, CHAT_CHANGE_ADMIT, "alice", 0);
    s->alice->current->is_operator = false;
    chat_world_type(&s->world, s->alice, "/except alice");
    chat_world_take_refusal(&s->world, s->alice, CHAT_ERR_NOT_OPERATOR);
    chat_world_type(&s->world, s->alice, "/unadmit alice");
    chat_world_take_refusal(&s->world, s->alice, CHAT_ERR_NOT_OPERATOR);
    chat_world_type(&s->world, s->alice, "/admit");
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_RESTRICTED);
    assert_int_equal(event->change, CHAT_CHANGE_ADMIT);
    assert_int_equal(event->item_count, 1);
    chat_world_assert_text(event->items[0].name, "alice");
    chat_world_type(&s->world, s->bob, "/except x@192.0.2.7 1h a friend");
    take_change(s, CHAT_CHANGE_EXCEPT, "x@192.0.2.7", 3600000);
    chat_world_type(&s->world, s->alice, "/except");
    event = chat_world_take(&s->world, CHAT_EV_RESTRICTED);
    assert_int_equal(event->change, CHAT_CHANGE_EXCEPT);
    assert_int_equal(event->count, 2);
    assert_int_equal(event->item_count, 1); /* addresses are for operators */
    chat_world_type(&s->world, s->bob, "/except");
    event = chat_world_take(&s->world, CHAT_EV_RESTRICTED);
    assert_int_equal(event->item_count, 2);
    assert_int_equal(event->items[1].count, 3600);
    chat_world_assert_text(event->items[1].detail, "a friend");
}

static void test_cmd_oper_exceptions_are_bounded(void **state)
{
    static const char *const commands[] = {"except", "admit"};
    struct chat_scene *s = *state;

    for (size_t k = 0; k < ARRAY_LEN(commands); k++) {
        char line[32];
        for (int i = 0; i < RESTRICTIONS_MAX; i++) {
            snprintf(line, sizeof(line), "/%s m%d", commands[k], i);
            chat_world_type(&s->world, s->bob, line);
        }
        chat_world_forget_events(&s->world);
        snprintf(line, sizeof(line), "/%s more", commands[k]);
        chat_world_type(&s->world, s->bob, line);
        snprintf(line, sizeof(line), "un%s", commands[k]);
        chat_world_assert_text(chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_LIST_FULL)->text, line);
    }
    assert_int_equal(s->bob->current->room->exceptions.count, RESTRICTIONS_MAX);
    assert_int_equal(s->bob->current->room->admissions.count, RESTRICTIONS_MAX);
}

#define SCENE_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, chat_scene_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(test_cmd_oper_kick_throws_out),
        SCENE_TEST(test_cmd_oper_kick_is_refused),
        SCENE_TEST(test_cmd_oper_ban_throws_out_and_keeps_out),
        SCENE_TEST(test_cmd_oper_ban_of_a_mask_silences_and_keeps_out),
        SCENE_TEST(test_cmd_oper_ban_of_a_host_names_no_address),
        SCENE_TEST(test_cmd_oper_mute_holds_until_its_end),
        SCENE_TEST(test_cmd_oper_lists_are_shown_to_everybody),
        SCENE_TEST(test_cmd_oper_lists_show_addresses_to_operators),
        SCENE_TEST(test_cmd_oper_lists_are_bounded),
        SCENE_TEST(test_cmd_oper_exceptions_hold_against_bans_and_mutes),
        SCENE_TEST(test_cmd_oper_who_is_admitted_needs_no_invitation),
        SCENE_TEST(test_cmd_oper_exceptions_are_for_operators_too),
        SCENE_TEST(test_cmd_oper_exceptions_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
