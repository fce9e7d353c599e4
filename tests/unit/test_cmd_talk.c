/* Talking: what is said to whom, and what is refused. */
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

static void test_cmd_talk_say_goes_to_the_current_room(void **state)
{
    struct chat_scene *s = *state;
    chat_world_type(&s->world, s->bob, "  he\x1Bllo ");
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_MESSAGE);
    assert_int_equal(event->audience, CHAT_TO_ROOM);
    assert_int_equal(event->actor_id, s->bob->id);
    assert_int_equal(event->room_id, s->bob->current->room->id);
    chat_world_assert_text(event->actor, "bob");
    chat_world_assert_text(event->room, "#lobby");
    chat_world_assert_text(event->text, "  hello ");
    chat_world_type(&s->world, s->bob, "/me waves");
    chat_world_assert_text(chat_world_take(&s->world, CHAT_EV_ACTION)->text, "waves");
    chat_world_expect_nothing(&s->world);
}

static void test_cmd_talk_say_refuses_nothing(void **state)
{
    struct chat_scene *s = *state;
    static const char *const nothings[] = {"", "   ", "\t", "\x07\x1B", " \xEF\xBB\xBF "};
    for (size_t i = 0; i < ARRAY_LEN(nothings); i++) {
        chat_world_type(&s->world, s->bob, nothings[i]);
        chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_TEXT_EMPTY);
        chat_world_expect_nothing(&s->world);
    }
    chat_world_type(&s->world, s->bob, "/me \x07");
    chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_TEXT_EMPTY);
    chat_world_type(&s->world, s->bob, "/msg alice \x07");
    chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_TEXT_EMPTY);
    assert_int_equal(user_reply_to(s->alice).len, 0);
}

static void test_cmd_talk_say_cuts_what_grew_while_cleaning(void **state)
{
    struct chat_scene *s = *state;
    char text[HUB_TEXT_BYTES_MAX + 1];
    memset(text, '\xFF', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    chat_world_type(&s->world, s->bob, text);
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_MESSAGE);
    assert_int_equal(event->text.len, HUB_TEXT_BYTES_MAX / 3 * 3);
    assert_true(text_is_clean(event->text));
}

static void test_cmd_talk_say_keeps_lines(void **state)
{
    struct chat_scene *s = *state;
    chat_world_type(&s->world, s->bob, "one\n/quit\n\n");
    chat_world_assert_text(chat_world_take(&s->world, CHAT_EV_MESSAGE)->text, "one\n/quit");
    chat_world_expect_nothing(&s->world);
}

static void test_cmd_talk_say_needs_a_room(void **state)
{
    struct chat_scene *s = *state;
    struct user *carol = chat_world_enter(&s->world, "carol");
    static const char *const lines[] = {"hello", "/me waves", "/topic", "/topic x",
                                        "/part", "/part why", "/names"};
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        chat_world_type(&s->world, carol, lines[i]);
        chat_world_take_refusal(&s->world, carol, CHAT_ERR_NO_CURRENT_ROOM);
        chat_world_expect_nothing(&s->world);
    }
}

static void test_cmd_talk_msg_tells_both(void **state)
{
    struct chat_scene *s = *state;
    chat_world_type(&s->world, s->bob, "/msg ALICE psst\x07 hey");
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_PRIVATE);
    assert_int_equal(event->target_id, s->alice->id);
    assert_int_equal(event->actor_id, s->bob->id);
    chat_world_assert_text(event->actor, "bob");
    chat_world_assert_text(event->text, "psst hey");
    event = chat_world_take(&s->world, CHAT_EV_PRIVATE_SENT);
    assert_int_equal(event->target_id, s->bob->id);
    chat_world_assert_text(event->extra, "alice");
    chat_world_assert_text(event->text, "psst hey");
    assert_string_equal(s->alice->rare->reply_to, "bob");
    assert_int_equal(user_reply_to(s->bob).len, 0);
}

static void test_cmd_talk_msg_to_oneself_is_fine(void **state)
{
    struct chat_scene *s = *state;
    chat_world_type(&s->world, s->bob, "/w bob note");
    assert_int_equal(chat_world_take(&s->world, CHAT_EV_PRIVATE)->target_id, s->bob->id);
    assert_int_equal(chat_world_take(&s->world, CHAT_EV_PRIVATE_SENT)->target_id, s->bob->id);
    assert_string_equal(s->bob->rare->reply_to, "bob");
}

static void test_cmd_talk_msg_suggests_who_is_near(void **state)
{
    struct chat_scene *s = *state;
    chat_world_type(&s->world, s->bob, "/msg alcie hi");
    const struct chat_event *event = chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_NO_SUCH_USER);
    chat_world_assert_text(event->text, "alcie");
    chat_world_assert_text(event->extra, "alice");
    chat_world_type(&s->world, s->bob, "/msg zebedee hi");
    event = chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_NO_SUCH_USER);
    assert_int_equal(event->extra.len, 0);
    chat_world_enter(&s->world, "zebedeX"); /* in no room, but here */
    chat_world_type(&s->world, s->bob, "/msg zebedee hi");
    event = chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_NO_SUCH_USER);
    chat_world_assert_text(event->extra, "zebedeX");
    chat_world_enter(&s->world, "alicd"); /* as near as alice, but not in bob's room */
    chat_world_type(&s->world, s->bob, "/msg alicf hi");
    event = chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_NO_SUCH_USER);
    chat_world_assert_text(event->extra, "alice");
    chat_world_enter(&s->world, "alicxx"); /* nearer than alice, but not in bob's room */
    chat_world_type(&s->world, s->bob, "/msg alicxy hi");
    event = chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_NO_SUCH_USER);
    chat_world_assert_text(event->extra, "alice");
}

static void test_cmd_talk_refusal_is_cleaned_and_cut(void **state)
{
    struct chat_scene *s = *state;
    char line[200], word[101] = {0};
    memset(word, 'x', sizeof(word) - 1);
    snprintf(line, sizeof(line), "/msg \x1B[31m%s hi", word);
    chat_world_type(&s->world, s->bob, line);
    const struct chat_event *event = chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_NO_SUCH_USER);
    assert_int_equal(event->text.len, HUB_SUBJECT_BYTES_MAX);
    assert_true(bytes_starts_with(event->text, BYTES("[31mxx")));
}

static void test_cmd_talk_reply_answers_the_last(void **state)
{
    struct chat_scene *s = *state;
    chat_world_type(&s->world, s->bob, "/reply hi");
    chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_NOBODY_TO_REPLY);
    struct user *carol = chat_world_enter(&s->world, "carol");
    chat_world_type(&s->world, s->alice, "/msg bob 1");
    chat_world_type(&s->world, carol, "/msg bob 2");
    chat_world_forget_events(&s->world);
    chat_world_type(&s->world, s->bob, "/r yes");
    assert_int_equal(chat_world_take(&s->world, CHAT_EV_PRIVATE)->target_id, carol->id);
    assert_string_equal(carol->rare->reply_to, "bob");
    chat_world_take(&s->world, CHAT_EV_PRIVATE_SENT);
    hub_leave(s->world.hub, carol, BYTES(""));
    chat_world_take(&s->world, CHAT_EV_QUIT);
    chat_world_type(&s->world, s->bob, "/r still there?");
    chat_world_assert_text(chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_NO_SUCH_USER)->text, "carol");
}

#define TALK_TEST(test) cmocka_unit_test_setup_teardown(test, chat_scene_set_up, chat_scene_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TALK_TEST(test_cmd_talk_say_goes_to_the_current_room),
        TALK_TEST(test_cmd_talk_say_refuses_nothing),
        TALK_TEST(test_cmd_talk_say_cuts_what_grew_while_cleaning),
        TALK_TEST(test_cmd_talk_say_keeps_lines),
        TALK_TEST(test_cmd_talk_say_needs_a_room),
        TALK_TEST(test_cmd_talk_msg_tells_both),
        TALK_TEST(test_cmd_talk_msg_to_oneself_is_fine),
        TALK_TEST(test_cmd_talk_msg_suggests_who_is_near),
        TALK_TEST(test_cmd_talk_refusal_is_cleaned_and_cut),
        TALK_TEST(test_cmd_talk_reply_answers_the_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
