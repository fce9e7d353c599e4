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

    assert_counts(s, (const uint32_t[]){2, 2, 0, 1});
    struct user *carol = chat_world_enter(&s->world, "carol");
    assert_int_equal(hub_set_server_operator(hub, carol, true), 0);
    assert_int_equal(hub_set_server_operator(hub, carol, true), 0);
    assert_int_equal(hub_set_server_operator(hub, s->bob, true), 0);
    chat_world_type(&s->world, s->bob, "/join #ops");
    assert_counts(s, (const uint32_t[]){3, 3, 2, 2});
    chat_world_type(&s->world, s->bob, "/part");
    chat_world_type(&s->world, s->bob, "/deoper");
    assert_counts(s, (const uint32_t[]){3, 3, 1, 1});
    hub_leave(hub, carol, BYTES(""));
    assert_counts(s, (const uint32_t[]){2, 3, 0, 1});
}

static void test_cmd_present_counts_are_told_on_coming_in(void **state)
{
    struct chat_scene *s = *state;

    assert_int_equal(hub_welcome(s->world.hub, s->bob), 0);
    chat_world_expect_nothing(&s->world);
    hub_set_wants(s->world.hub, s->bob, HUB_WANTS_NAMES);
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
