/* The hub's door: entering, leaving, names that it proposes, and what requests have in common. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "chat/user.h"
#include "support/chat_world.h"

static void test_hub_enter_refuses_bad_and_taken_names(void **state)
{
    struct chat_scene *s = *state;
    struct user *user = NULL;
    assert_int_equal(hub_enter(s->world.hub, BYTES("1st"), NULL, &user), CHAT_ERR_NAME_BAD);
    assert_int_equal(hub_enter(s->world.hub, BYTES(""), NULL, &user), CHAT_ERR_NAME_BAD);
    assert_int_equal(hub_enter(s->world.hub, BYTES("a\x07"), NULL, &user), CHAT_ERR_NAME_BAD);
    assert_int_equal(hub_enter(s->world.hub, BYTES("BOB"), NULL, &user), CHAT_ERR_NAME_TAKEN);
    assert_null(user);
    assert_int_equal(hub_user_count(s->world.hub), 2);
}

static void test_hub_finds_people_by_id_and_by_name(void **state)
{
    struct chat_scene *s = *state;
    assert_ptr_equal(hub_find_user(s->world.hub, s->bob->id), s->bob);
    assert_ptr_equal(hub_find_user_name(s->world.hub, BYTES("bOb")), s->bob);
    assert_null(hub_find_user_name(s->world.hub, BYTES("bo")));
    assert_null(hub_find_user_name(s->world.hub, BYTES("")));
    assert_null(hub_find_user(s->world.hub, 0));
    assert_null(hub_find_user(s->world.hub, 99));
}

static void test_hub_suggest_name_counts_up_and_fits(void **state)
{
    struct chat_scene *s = *state;
    char name[NAME_USER_BYTES_MAX + 1];
    hub_suggest_name(s->world.hub, BYTES("Bob"), name);
    assert_string_equal(name, "Bob2");
    chat_world_enter(&s->world, "bob2");
    hub_suggest_name(s->world.hub, BYTES("bob"), name);
    assert_string_equal(name, "bob3");
    hub_suggest_name(s->world.hub, BYTES("carol"), name);
    assert_string_equal(name, "carol");
    const char *longest = "abcdefghijklmnopqrstuvwxyzABCD";
    chat_world_enter(&s->world, longest);
    hub_suggest_name(s->world.hub, bytes_of(longest), name);
    assert_string_equal(name, "abcdefghijklmnopqrstuvwxyzABC2");
}

static void test_hub_suggest_name_makes_guests_that_are_free(void **state)
{
    struct chat_scene *s = *state;
    char name[NAME_USER_BYTES_MAX + 1];
    for (int i = 0; i < 300; i++) {
        hub_suggest_name(s->world.hub, i % 2 == 0 ? BYTES("") : BYTES("no name!"), name);
        assert_int_equal(strlen(name), strlen("guest-1234"));
        chat_world_enter(&s->world, name); /* fails when it is no name or not free */
    }
}

static void test_hub_suggest_name_gives_up_counting_for_a_guest(void **state)
{
    struct chat_scene *s = *state;
    char name[NAME_USER_BYTES_MAX + 1];
    for (int i = 2; i <= 99; i++) {
        snprintf(name, sizeof(name), "bob%d", i);
        chat_world_enter(&s->world, name);
    }
    hub_suggest_name(s->world.hub, BYTES("bob"), name);
    assert_true(bytes_starts_with(bytes_of(name), BYTES("guest-")));
}

static void test_hub_leave_frees_the_name_and_tells_peers(void **state)
{
    struct chat_scene *s = *state;
    uint64_t id = s->bob->id;
    hub_leave(s->world.hub, s->bob, BYTES(" gone\x07 fishing "));
    assert_true(s->bob->is_gone);
    assert_null(s->bob->current);
    assert_int_equal(hub_user_count(s->world.hub), 1);
    assert_null(hub_find_user_name(s->world.hub, BYTES("bob")));
    assert_ptr_equal(hub_find_user(s->world.hub, id), s->bob);
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_QUIT);
    assert_int_equal(event->audience, CHAT_TO_PEERS);
    assert_int_equal(event->actor_id, id);
    assert_int_equal(event->id, 0);
    chat_world_assert_text(event->actor, "bob");
    chat_world_assert_text(event->text, "gone fishing");
    chat_world_expect_nothing(&s->world);
    struct user *again = chat_world_enter(&s->world, "bob");
    assert_int_not_equal(again->id, id);
}

static void test_hub_leave_cuts_the_reason(void **state)
{
    struct chat_scene *s = *state;
    char why[HUB_WHY_BYTES_MAX + 1];
    memset(why, 'w', sizeof(why));
    hub_leave(s->world.hub, s->bob, (struct bytes){why, sizeof(why)});
    assert_int_equal(chat_world_take(&s->world, CHAT_EV_QUIT)->text.len, HUB_WHY_BYTES_MAX);
}

static void test_hub_closing_makes_departures_silent(void **state)
{
    struct chat_scene *s = *state;
    hub_leave(s->world.hub, s->bob, BYTES("first"));
    hub_close(s->world.hub);
    hub_leave(s->world.hub, s->alice, BYTES("second"));
    assert_false(chat_world_take(&s->world, CHAT_EV_QUIT)->is_silent);
    assert_true(chat_world_take(&s->world, CHAT_EV_QUIT)->is_silent);
    assert_int_equal(hub_user_count(s->world.hub), 0);
}

static void test_hub_events_have_order_and_time(void **state)
{
    struct chat_scene *s = *state;
    chat_world_type(&s->world, s->bob, "one");
    clock_fake_advance(&s->world.clock, 500);
    chat_world_type(&s->world, s->bob, "two");
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_MESSAGE);
    uint64_t seq = event->seq, id = event->id;
    assert_int_equal(event->wall_ms, 1700000000000);
    event = chat_world_take(&s->world, CHAT_EV_MESSAGE);
    assert_int_equal(event->seq, seq + 1);
    assert_int_equal(event->id, id + 1);
    assert_int_equal(event->wall_ms, 1700000000500);
}

static void test_hub_counts_event_ids_per_room_from_one(void **state)
{
    struct chat_scene *s = *state;
    chat_world_type(&s->world, s->bob, "/join #a");
    assert_int_equal(chat_world_take(&s->world, CHAT_EV_JOINED)->id, 1);
    assert_int_equal(chat_world_take(&s->world, CHAT_EV_ENTERED)->id, 0);
    chat_world_type(&s->world, s->bob, "hi");
    assert_int_equal(chat_world_take(&s->world, CHAT_EV_MESSAGE)->id, 2);
    chat_world_type(&s->world, s->bob, "/join #b");
    assert_int_equal(chat_world_take(&s->world, CHAT_EV_JOINED)->id, 1);
}

static void test_hub_nick_renames(void **state)
{
    struct chat_scene *s = *state;
    chat_world_type(&s->world, s->bob, "/nick Robert");
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_RENAMED);
    assert_int_equal(event->audience, CHAT_TO_PEERS);
    chat_world_assert_text(event->actor, "bob");
    chat_world_assert_text(event->text, "Robert");
    event = chat_world_take(&s->world, CHAT_EV_NICK);
    assert_int_equal(event->target_id, s->bob->id);
    chat_world_assert_text(event->text, "Robert");
    assert_ptr_equal(hub_find_user_name(s->world.hub, BYTES("robert")), s->bob);
    assert_null(hub_find_user_name(s->world.hub, BYTES("bob")));
    assert_int_equal(hub_user_count(s->world.hub), 2);
    chat_world_enter(&s->world, "bob");
}

static void test_hub_nick_may_change_case_only(void **state)
{
    struct chat_scene *s = *state;
    chat_world_type(&s->world, s->bob, "/nick BOB");
    chat_world_take(&s->world, CHAT_EV_RENAMED);
    chat_world_assert_text(chat_world_take(&s->world, CHAT_EV_NICK)->text, "BOB");
    assert_ptr_equal(hub_find_user_name(s->world.hub, BYTES("bob")), s->bob);
    chat_world_type(&s->world, s->bob, "/nick BOB"); /* no news to others */
    chat_world_take(&s->world, CHAT_EV_NICK);
    chat_world_expect_nothing(&s->world);
}

static void test_hub_nick_refuses_bad_and_taken(void **state)
{
    struct chat_scene *s = *state;
    chat_world_type(&s->world, s->bob, "/nick a\x07lex");
    const struct chat_event *event = chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_NAME_BAD);
    chat_world_assert_text(event->text, "alex");
    chat_world_assert_text(user_name(s->bob), "bob"); /* not cleaned into validity */
    chat_world_type(&s->world, s->bob, "/nick ALICE");
    event = chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_NAME_TAKEN);
    chat_world_assert_text(event->text, "ALICE");
    chat_world_assert_text(event->extra, "ALICE2");
    chat_world_expect_nothing(&s->world);
}

static void test_hub_help_finds_the_row(void **state)
{
    struct chat_scene *s = *state;
    chat_world_type(&s->world, s->bob, "/help");
    assert_int_equal(chat_world_take(&s->world, CHAT_EV_HELP)->text.len, 0);
    chat_world_type(&s->world, s->bob, "/help /J");
    chat_world_assert_text(chat_world_take(&s->world, CHAT_EV_HELP)->text, "join");
    chat_world_type(&s->world, s->bob, "/help topik");
    const struct chat_event *event = chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_UNKNOWN_COMMAND);
    chat_world_assert_text(event->text, "topik");
    chat_world_assert_text(event->extra, "topic");
}

static void test_hub_passes_on_the_dialects_refusal(void **state)
{
    struct chat_scene *s = *state;
    struct chat_request request = {
        .err = CHAT_ERR_UNKNOWN_COMMAND, .err_subject = BYTES("x\x1By"), .err_suggestion = BYTES("me")};
    assert_int_equal(hub_apply(s->world.hub, s->bob, &request), 0);
    const struct chat_event *event = chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_UNKNOWN_COMMAND);
    chat_world_assert_text(event->text, "xy");
    chat_world_assert_text(event->extra, "me");
}

static void test_hub_checks_arity_of_requests_made_elsewhere(void **state)
{
    struct chat_scene *s = *state;
    struct chat_request requests[] = {
        {.command = command_find(BYTES("join"))},
        {.command = command_find(BYTES("me")), .text = BYTES("  ")},
        {.command = command_find(BYTES("nick")), .words = {BYTES("a"), BYTES("b")}, .word_count = 2},
    };
    for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
        assert_int_equal(hub_apply(s->world.hub, s->bob, &requests[i]), 0);
        const struct chat_event *event = chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_USAGE);
        chat_world_assert_text(event->text, requests[i].command->name);
    }
    /* A word may be empty there: it names nothing. */
    struct chat_request empty = {.command = command_find(BYTES("join")), .word_count = 1};
    assert_int_equal(hub_apply(s->world.hub, s->bob, &empty), 0);
    chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_ROOM_NAME_BAD);
}

static void test_hub_notify_tells_one(void **state)
{
    struct chat_scene *s = *state;
    assert_int_equal(hub_notify(s->world.hub, s->alice, BYTES("Restart\nat noon")), 0);
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_NOTICE);
    assert_int_equal(event->target_id, s->alice->id);
    assert_int_equal(event->actor_id, 0);
    chat_world_assert_text(event->text, "Restartat noon");
}

#define HUB_TEST(test) cmocka_unit_test_setup_teardown(test, chat_scene_set_up, chat_scene_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        HUB_TEST(test_hub_enter_refuses_bad_and_taken_names),
        HUB_TEST(test_hub_finds_people_by_id_and_by_name),
        HUB_TEST(test_hub_suggest_name_counts_up_and_fits),
        HUB_TEST(test_hub_suggest_name_makes_guests_that_are_free),
        HUB_TEST(test_hub_suggest_name_gives_up_counting_for_a_guest),
        HUB_TEST(test_hub_leave_frees_the_name_and_tells_peers),
        HUB_TEST(test_hub_leave_cuts_the_reason),
        HUB_TEST(test_hub_closing_makes_departures_silent),
        HUB_TEST(test_hub_events_have_order_and_time),
        HUB_TEST(test_hub_counts_event_ids_per_room_from_one),
        HUB_TEST(test_hub_nick_renames),
        HUB_TEST(test_hub_nick_may_change_case_only),
        HUB_TEST(test_hub_nick_refuses_bad_and_taken),
        HUB_TEST(test_hub_help_finds_the_row),
        HUB_TEST(test_hub_passes_on_the_dialects_refusal),
        HUB_TEST(test_hub_checks_arity_of_requests_made_elsewhere),
        HUB_TEST(test_hub_notify_tells_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
