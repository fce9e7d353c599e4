/* Who is here, in numbers and by name; what people say of themselves, and who is told when it changes. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "chat/user.h"
#include "support/chat_world.h"

static void assert_counts(struct chat_scene *s, const uint32_t wanted[CHAT_COUNT_COUNT])
{
    chat_world_forget_events(&s->world);
    chat_world_type(&s->world, s->bob, "/stats");
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_COUNTS);
    assert_int_equal(event->target_id, s->bob->id);
    assert_int_equal(event->item_count, CHAT_COUNT_COUNT);
    for (size_t i = 0; i < CHAT_COUNT_COUNT; i++)
        assert_int_equal(event->items[i].count, wanted[i]);
}

static void test_cmd_present_counts_people_and_rooms(void **state)
{
    struct chat_scene *s = *state;
    struct hub *hub = s->world.hub;

    assert_counts(s, (const uint32_t[]){2, 2, 0, 1, 0});
    struct user *carol = chat_world_enter(&s->world, "carol");
    assert_int_equal(hub_set_server_operator(hub, carol, true), 0);
    assert_int_equal(hub_set_server_operator(hub, carol, true), 0);
    assert_int_equal(hub_set_server_operator(hub, s->bob, true), 0);
    chat_world_type(&s->world, s->bob, "/join #ops");
    assert_counts(s, (const uint32_t[]){3, 3, 2, 2, 0});
    chat_world_type(&s->world, s->bob, "/part");
    chat_world_type(&s->world, s->bob, "/deoper");
    assert_counts(s, (const uint32_t[]){3, 3, 1, 1, 0});
    hub_leave(hub, carol, BYTES(""));
    assert_counts(s, (const uint32_t[]){2, 3, 0, 1, 0});
}

static void test_cmd_present_counts_are_told_on_coming_in(void **state)
{
    struct chat_scene *s = *state;

    assert_int_equal(hub_welcome(s->world.hub, s->bob), 0);
    chat_world_expect_nothing(&s->world);
    hub_set_wants(s->world.hub, s->bob, HUB_WANTS_WELCOME);
    assert_int_equal(hub_welcome(s->world.hub, s->bob), 0);
    chat_world_take(&s->world, CHAT_EV_COUNTS);
    assert_int_equal(chat_world_take(&s->world, CHAT_EV_MOTD)->text.len, 0);
    hub_set_texts(s->world.hub, &(struct hub_texts){.motd = BYTES("hi")});
    assert_int_equal(hub_welcome(s->world.hub, s->bob), 0);
    chat_world_take(&s->world, CHAT_EV_COUNTS);
    chat_world_take(&s->world, CHAT_EV_MOTD);
}

static void test_cmd_present_names_those_who_are_here(void **state)
{
    struct chat_scene *s = *state;

    chat_world_type(&s->world, s->alice, "/away");
    chat_world_forget_events(&s->world);
    chat_world_ask(&s->world, s->bob, "ison", "nobody ALICE  bob ");
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_PRESENT);
    chat_world_assert_text(event->extra, "ison");
    assert_int_equal(event->item_count, 2);
    chat_world_assert_text(event->items[0].name, "alice");
    assert_int_equal(event->items[0].flags, CHAT_ITEM_F_AWAY);
    chat_world_assert_text(event->items[1].name, "bob");
    chat_world_ask(&s->world, s->bob, "userhost", "nobody");
    event = chat_world_take(&s->world, CHAT_EV_PRESENT);
    chat_world_assert_text(event->extra, "userhost");
    assert_int_equal(event->item_count, 0);
}

/* "bob " so many times, but for one. */
static void test_cmd_present_names_a_hundred_at_most(void **state)
{
    struct chat_scene *s = *state;
    char text[4 * 101 + 1];

    for (size_t i = 0; i < 101; i++)
        memcpy(&text[4 * i], "bob ", 5);
    chat_world_ask(&s->world, s->alice, "ison", text);
    assert_int_equal(chat_world_take(&s->world, CHAT_EV_PRESENT)->item_count, 100);
    text[4 * 99] = '\0';
    chat_world_ask(&s->world, s->alice, "ison", text);
    assert_int_equal(chat_world_take(&s->world, CHAT_EV_PRESENT)->item_count, 99);
}

/* ---- leaving all rooms ---- */

static void test_cmd_present_leaves_all_rooms_at_once(void **state)
{
    struct chat_scene *s = *state;

    chat_world_type(&s->world, s->bob, "/join #ops");
    chat_world_type(&s->world, s->alice, "/join #ops");
    chat_world_forget_events(&s->world);
    chat_world_ask(&s->world, s->bob, "leave-all", "bye");
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_PARTED);
    chat_world_assert_text(event->room, "#lobby");
    chat_world_assert_text(event->text, "bye");
    assert_int_equal(event->count, 1);
    chat_world_take(&s->world, CHAT_EV_LEFT);
    event = chat_world_take(&s->world, CHAT_EV_PARTED);
    chat_world_assert_text(event->room, "#ops");
    chat_world_take(&s->world, CHAT_EV_LEFT);
    event = chat_world_take(&s->world, CHAT_EV_CHANGED); /* the room is not left without an operator */
    assert_int_equal(event->change, CHAT_CHANGE_SUCCEED);
    assert_null(s->bob->current);
    assert_int_equal(user_room_count(s->bob), 0);
    chat_world_forget_events(&s->world);
    chat_world_ask(&s->world, s->bob, "leave-all", "");
    chat_world_expect_nothing(&s->world);
}

/* ---- what people say of themselves ---- */

static void test_cmd_profile_realname_is_shown_and_told(void **state)
{
    struct chat_scene *s = *state;

    chat_world_type(&s->world, s->bob, "/realname");
    chat_world_assert_text(chat_world_take(&s->world, CHAT_EV_REALNAME)->text, "");
    assert_null(s->bob->rare);
    chat_world_type(&s->world, s->bob, "/realname  Bob the\x01 Builder ");
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_REALNAME);
    assert_int_equal(event->count, 1);
    chat_world_expect_nothing(&s->world); /* nobody wants it */
    chat_world_type(&s->world, s->alice, "/whois bob");
    event = chat_world_take(&s->world, CHAT_EV_WHOIS);
    assert_true(bytes_starts_with(event->items[0].realname, BYTES("Bob the")));
    hub_set_wants(s->world.hub, s->alice, HUB_WANTS_CHANGES);
    chat_world_type(&s->world, s->bob, "/setname Robert");
    chat_world_take(&s->world, CHAT_EV_REALNAME);
    chat_world_assert_text(chat_world_take(&s->world, CHAT_EV_REALNAME_CHANGED)->text, "Robert");
    chat_world_type(&s->world, s->bob, "/join #ops");
    chat_world_assert_text(chat_world_take(&s->world, CHAT_EV_JOINED)->text, "Robert");
    chat_world_take(&s->world, CHAT_EV_ENTERED);
    chat_world_type(&s->world, s->bob, "/realname -");
    chat_world_take(&s->world, CHAT_EV_REALNAME);
    chat_world_assert_text(chat_world_take(&s->world, CHAT_EV_REALNAME_CHANGED)->text, "bob");
    chat_world_assert_text(user_realname(s->bob), "");
    chat_world_type(&s->world, s->bob, "/realname \x01");
    assert_non_null(chat_world_take(&s->world, CHAT_EV_REFUSED));
}

static void test_cmd_profile_realname_is_cut(void **state)
{
    struct chat_scene *s = *state;
    char text[USER_REALNAME_BYTES_MAX + 2];

    for (size_t len = USER_REALNAME_BYTES_MAX - 1; len <= USER_REALNAME_BYTES_MAX + 1; len++) {
        memset(text, 'x', len);
        text[len] = '\0';
        assert_int_equal(hub_set_realname(s->world.hub, s->bob, bytes_of(text)), 0);
        size_t wanted = len < USER_REALNAME_BYTES_MAX ? len : USER_REALNAME_BYTES_MAX;
        assert_int_equal(user_realname(s->bob).len, wanted);
    }
    assert_int_equal(hub_set_realname(s->world.hub, s->bob, BYTES(" ")), 0);
    assert_int_equal(user_realname(s->bob).len, 0);
    chat_world_expect_nothing(&s->world);
}

static void test_cmd_people_away_is_told_to_programs_that_want_it(void **state)
{
    struct chat_scene *s = *state;

    chat_world_type(&s->world, s->bob, "/away lunch");
    chat_world_take(&s->world, CHAT_EV_AWAY);
    chat_world_expect_nothing(&s->world);
    hub_set_wants(s->world.hub, s->alice, HUB_WANTS_CHANGES);
    chat_world_type(&s->world, s->bob, "/away tea");
    chat_world_take(&s->world, CHAT_EV_AWAY);
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_AWAY_CHANGED);
    assert_int_equal(event->count, 1);
    chat_world_assert_text(event->text, "tea");
    chat_world_type(&s->world, s->bob, "/back");
    chat_world_take(&s->world, CHAT_EV_AWAY);
    assert_int_equal(chat_world_take(&s->world, CHAT_EV_AWAY_CHANGED)->count, 0);
    chat_world_type(&s->world, s->bob, "/back");
    chat_world_take(&s->world, CHAT_EV_AWAY);
    chat_world_expect_nothing(&s->world); /* nothing has changed */
    hub_leave(s->world.hub, s->alice, BYTES(""));
    chat_world_forget_events(&s->world);
    chat_world_type(&s->world, s->bob, "/away");
    chat_world_take(&s->world, CHAT_EV_AWAY);
    chat_world_expect_nothing(&s->world); /* who wanted it has left */
}

/* ---- modes, roles, tags ---- */

static void set_mode(struct chat_scene *s, struct user *user, const char *mode, const char *value)
{
    struct chat_request request = {.command = command_client(BYTES("modes-of-user")),
                                   .words = {bytes_of(mode), bytes_of(value)},
                                   .word_count = 2};
    assert_int_equal(hub_apply(s->world.hub, user, &request), 0);
}

static void test_cmd_profile_modes_are_set_and_counted(void **state)
{
    struct chat_scene *s = *state;
    struct user *carol = chat_world_enter(&s->world, "carol");

    set_mode(s, carol, "hidden", "on");
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_USER_MODES);
    chat_world_assert_text(event->text, "hidden");
    chat_world_assert_text(event->extra, "on");
    set_mode(s, carol, "hidden", "on"); /* nothing new */
    chat_world_expect_nothing(&s->world);
    assert_counts(s, (const uint32_t[]){3, 3, 0, 1, 1});
    chat_world_type(&s->world, s->bob, "/who c*");
    assert_int_equal(chat_world_take(&s->world, CHAT_EV_WHO)->count, 0);
    chat_world_type(&s->world, carol, "/who c*");
    assert_int_equal(chat_world_take(&s->world, CHAT_EV_WHO)->count, 1);
    assert_int_equal(hub_set_server_operator(s->world.hub, s->bob, true), 0);
    chat_world_forget_events(&s->world);
    chat_world_type(&s->world, s->bob, "/who c*");
    assert_int_equal(chat_world_take(&s->world, CHAT_EV_WHO)->count, 1);
    assert_int_equal(hub_join_lobby(s->world.hub, carol), 0);
    chat_world_forget_events(&s->world);
    chat_world_type(&s->world, s->alice, "/who c*");
    assert_int_equal(chat_world_take(&s->world, CHAT_EV_WHO)->count, 1);
    chat_world_ask(&s->world, s->bob, "modes-of-user", "");
    event = chat_world_take(&s->world, CHAT_EV_USER_MODES);
    assert_int_equal(event->count, USER_MODE_OPERATOR);
    hub_leave(s->world.hub, carol, BYTES(""));
    assert_counts(s, (const uint32_t[]){2, 3, 1, 1, 0});
}

static void test_cmd_profile_bots_are_known_by_what_they_say(void **state)
{
    struct chat_scene *s = *state;

    set_mode(s, s->bob, "bot", "on");
    chat_world_forget_events(&s->world);
    chat_world_type(&s->world, s->bob, "beep");
    assert_true(chat_world_take(&s->world, CHAT_EV_MESSAGE)->is_bot);
    chat_world_type(&s->world, s->alice, "/whois bob");
    assert_int_equal(chat_world_take(&s->world, CHAT_EV_WHOIS)->items[0].flags, CHAT_ITEM_F_BOT);
    set_mode(s, s->bob, "bot", "off");
    chat_world_forget_events(&s->world);
    chat_world_type(&s->world, s->bob, "hello");
    assert_false(chat_world_take(&s->world, CHAT_EV_MESSAGE)->is_bot);
}

static void expect_role_said(struct chat_scene *s, const struct user *target, uint32_t count)
{
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_ROLE_SAID);

    assert_int_equal(event->target_id, target->id);
    assert_int_equal(event->count, count);
    chat_world_assert_text(event->room, "#ops");
    chat_world_assert_text(event->text, "psst");
}

static void test_cmd_role_says_to_operators_and_voiced(void **state)
{
    struct chat_scene *s = *state;
    struct user *carol = chat_world_enter(&s->world, "carol"), *dave = chat_world_enter(&s->world, "dave");

    chat_world_type(&s->world, s->bob, "/join #ops");
    chat_world_type(&s->world, s->alice, "/join #ops");
    chat_world_type(&s->world, carol, "/join #ops");
    chat_world_type(&s->world, dave, "/join #ops");
    chat_world_type(&s->world, s->bob, "/voice carol");
    chat_world_forget_events(&s->world);
    chat_world_type(&s->world, dave, "/ops psst");
    expect_role_said(s, s->bob, 0);
    expect_role_said(s, dave, 0);
    chat_world_ask(&s->world, dave, "voiced", "psst");
    expect_role_said(s, s->bob, 1);
    expect_role_said(s, carol, 1);
    expect_role_said(s, dave, 1);
    chat_world_type(&s->world, s->bob, "/ops psst");
    chat_world_assert_text(chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_NOBODY_ADDRESSED)->text,
                           "#ops");
    chat_world_type(&s->world, s->bob, "/ignore dave");
    chat_world_take(&s->world, CHAT_EV_IGNORED);
    chat_world_type(&s->world, dave, "/ops psst");
    expect_role_said(s, dave, 0);
    chat_world_type(&s->world, s->bob, "/mute dave");
    chat_world_forget_events(&s->world);
    chat_world_type(&s->world, dave, "/ops psst");
    chat_world_take_refusal(&s->world, dave, CHAT_ERR_MUTED);
}

static int say_with_tags(struct chat_scene *s, struct user *user, const struct command *command,
                         const char *word)
{
    struct chat_request request = {.command = command,
                                   .words = {bytes_of(word)},
                                   .word_count = word[0] != '\0' ? 1 : 0,
                                   .text = BYTES("hi"),
                                   .tags = BYTES("+typing=done")};
    return hub_apply(s->world.hub, user, &request);
}

static void test_cmd_talk_passes_tags_on_to_who_wants_them(void **state)
{
    struct chat_scene *s = *state;
    const struct command *tags = command_client(BYTES("tags")), *to = command_client(BYTES("tags-to"));

    assert_int_equal(say_with_tags(s, s->bob, command_say(), ""), 0);
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_MESSAGE);
    chat_world_assert_text(chat_event_tags(event), "+typing=done");
    chat_world_assert_text(event->text, "hi");
    assert_int_equal(say_with_tags(s, s->bob, command_find(BYTES("msg")), "alice"), 0);
    chat_world_assert_text(chat_event_tags(chat_world_take(&s->world, CHAT_EV_PRIVATE)), "+typing=done");
    chat_world_assert_text(chat_event_tags(chat_world_take(&s->world, CHAT_EV_PRIVATE_SENT)), "+typing=done");
    assert_int_equal(say_with_tags(s, s->bob, tags, ""), 0);
    chat_world_expect_nothing(&s->world);
    assert_int_equal(say_with_tags(s, s->bob, to, "alice"), 0);
    assert_int_equal(chat_world_take(&s->world, CHAT_EV_PRIVATE_TAGS)->target_id, s->bob->id);
    hub_set_wants(s->world.hub, s->alice, HUB_WANTS_TAGS);
    assert_int_equal(say_with_tags(s, s->bob, tags, ""), 0);
    chat_world_assert_text(chat_event_tags(chat_world_take(&s->world, CHAT_EV_TAGS)), "+typing=done");
    assert_int_equal(say_with_tags(s, s->bob, to, "alice"), 0);
    assert_int_equal(chat_world_take(&s->world, CHAT_EV_PRIVATE_TAGS)->target_id, s->alice->id);
    event = chat_world_take(&s->world, CHAT_EV_PRIVATE_TAGS);
    assert_int_equal(event->count, 1);
    chat_world_assert_text(event->extra, "alice");
    chat_world_type(&s->world, s->alice, "/ignore bob");
    chat_world_take(&s->world, CHAT_EV_IGNORED);
    assert_int_equal(say_with_tags(s, s->bob, to, "alice"), 0);
    assert_int_equal(chat_world_take(&s->world, CHAT_EV_PRIVATE_TAGS)->count, 1);
}

static void test_cmd_role_invitations_are_listed_and_told(void **state)
{
    struct chat_scene *s = *state;

    chat_world_type(&s->world, s->bob, "/join #ops");
    chat_world_forget_events(&s->world);
    chat_world_type(&s->world, s->bob, "/invite alice");
    chat_world_take(&s->world, CHAT_EV_INVITED);
    chat_world_take(&s->world, CHAT_EV_CHANGE_DONE);
    chat_world_expect_nothing(&s->world);
    hub_set_wants(s->world.hub, s->bob, HUB_WANTS_CHANGES);
    chat_world_type(&s->world, s->bob, "/invite alice");
    chat_world_take(&s->world, CHAT_EV_INVITED);
    chat_world_take(&s->world, CHAT_EV_CHANGE_DONE);
    chat_world_assert_text(chat_world_take(&s->world, CHAT_EV_INVITED_THERE)->extra, "alice");
    chat_world_type(&s->world, s->alice, "/invites");
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_INVITES);
    assert_int_equal(event->item_count, 1);
    chat_world_assert_text(event->items[0].name, "#ops");
    chat_world_type(&s->world, s->alice, "/join #ops");
    chat_world_forget_events(&s->world);
    chat_world_type(&s->world, s->alice, "/invites");
    assert_int_equal(chat_world_take(&s->world, CHAT_EV_INVITES)->item_count, 0);
}

static void test_cmd_admin_wallops_is_for_operators_and_who_wants_it(void **state)
{
    struct chat_scene *s = *state;

    chat_world_type(&s->world, s->bob, "/wallops x");
    chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_NOT_SERVER_OPERATOR);
    assert_int_equal(hub_set_server_operator(s->world.hub, s->bob, true), 0);
    chat_world_forget_events(&s->world);
    chat_world_type(&s->world, s->bob, "/wallops x");
    assert_int_equal(chat_world_take(&s->world, CHAT_EV_WALLOPS)->target_id, s->bob->id);
    chat_world_expect_nothing(&s->world);
    set_mode(s, s->alice, "wallops", "on");
    chat_world_forget_events(&s->world);
    chat_world_type(&s->world, s->bob, "/wallops x");
    chat_world_take(&s->world, CHAT_EV_WALLOPS);
    chat_world_take(&s->world, CHAT_EV_WALLOPS);
    chat_world_expect_nothing(&s->world);
}

#define scene_test(test) cmocka_unit_test_setup_teardown(test, chat_scene_set_up, chat_scene_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        scene_test(test_cmd_present_counts_people_and_rooms),
        scene_test(test_cmd_present_counts_are_told_on_coming_in),
        scene_test(test_cmd_present_names_those_who_are_here),
        scene_test(test_cmd_present_names_a_hundred_at_most),
        scene_test(test_cmd_present_leaves_all_rooms_at_once),
        scene_test(test_cmd_profile_realname_is_shown_and_told),
        scene_test(test_cmd_profile_realname_is_cut),
        scene_test(test_cmd_people_away_is_told_to_programs_that_want_it),
        scene_test(test_cmd_profile_modes_are_set_and_counted),
        scene_test(test_cmd_profile_bots_are_known_by_what_they_say),
        scene_test(test_cmd_role_says_to_operators_and_voiced),
        scene_test(test_cmd_talk_passes_tags_on_to_who_wants_them),
        scene_test(test_cmd_role_invitations_are_listed_and_told),
        scene_test(test_cmd_admin_wallops_is_for_operators_and_who_wants_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
