/* What operators of the server can do, and nobody else: /kill, /wall, /deoper; /whois with addresses. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "chat/room.h"
#include "chat/user.h"
#include "support/chat_world.h"

static void make_operator(struct chat_scene *s, struct user *user)
{
    assert_int_equal(hub_set_server_operator(s->world.hub, user, true), 0);
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_SERVER_OPERATOR);
    assert_int_equal(event->target_id, user->id);
    assert_int_equal(event->count, 1);
}

static void test_cmd_admin_is_for_operators_of_the_server(void **state)
{
    static const char *const lines[] = {"/kill alice", "/wall hello", "/deoper"};
    struct chat_scene *s = *state;

    chat_world_type(&s->world, s->bob, "/join #ops"); /* to be an operator there is not enough */
    chat_world_forget_events(&s->world);
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        chat_world_type(&s->world, s->bob, lines[i]);
        (void)chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_NOT_SERVER_OPERATOR);
    }
    chat_world_type(&s->world, s->bob, "/part #ops");
    chat_world_type(&s->world, s->bob, "/part");
    chat_world_forget_events(&s->world);
    chat_world_type(&s->world, s->bob, "/wall hello"); /* also in no room */
    chat_world_assert_text(chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_NOT_SERVER_OPERATOR)->text,
                           "wall");
    chat_world_expect_nothing(&s->world);
}

static void test_cmd_admin_kill(void **state)
{
    struct chat_scene *s = *state;

    make_operator(s, s->bob);
    chat_world_type(&s->world, s->bob, "/kill alice  spam\x1b here ");
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_KILLED);
    assert_int_equal(event->target_id, s->alice->id);
    chat_world_assert_text(event->actor, "bob");
    chat_world_assert_text(event->text, "spam here");
    chat_world_assert_text(chat_world_take(&s->world, CHAT_EV_KILL_DONE)->extra, "alice");
    assert_string_equal(s->alice->rare->killed_why, "disconnected by bob: spam here");
    chat_world_type(&s->world, s->bob, "/kill alice");
    assert_string_equal(s->alice->rare->killed_why, "disconnected by bob");
    assert_false(s->alice->is_gone); /* her session ends, and only that */
}

static void test_cmd_admin_kill_has_limits(void **state)
{
    struct chat_scene *s = *state;

    make_operator(s, s->bob);
    chat_world_type(&s->world, s->bob, "/kill bob");
    (void)chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_NOT_YOURSELF);
    chat_world_type(&s->world, s->bob, "/kill nobody");
    (void)chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_NO_SUCH_USER);
    make_operator(s, s->alice);
    chat_world_type(&s->world, s->bob, "/kill alice");
    (void)chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_SERVER_OPERATOR);
    assert_int_equal(user_killed_why(s->alice).len, 0);
}

static void test_cmd_admin_wall_reaches_everybody_once(void **state)
{
    struct chat_scene *s = *state;
    struct user *carol = chat_world_enter(&s->world, "carol"); /* in no room */
    uint64_t seen = 0;

    make_operator(s, s->bob);
    chat_world_type(&s->world, s->bob, "/wall  at \x07three ");
    for (int i = 0; i < 3; i++) {
        const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_WALL);
        chat_world_assert_text(event->text, "at three");
        chat_world_assert_text(event->actor, "bob");
        seen |= UINT64_C(1) << event->target_id;
    }
    assert_int_equal(seen,
                     UINT64_C(1) << s->bob->id | UINT64_C(1) << s->alice->id | UINT64_C(1) << carol->id);
    chat_world_expect_nothing(&s->world);
    chat_world_type(&s->world, s->bob, "/wall \x07");
    (void)chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_TEXT_EMPTY);
}

static void test_cmd_admin_deoper(void **state)
{
    struct chat_scene *s = *state;

    make_operator(s, s->bob);
    chat_world_type(&s->world, s->bob, "/deoper");
    assert_int_equal(chat_world_take(&s->world, CHAT_EV_SERVER_OPERATOR)->count, 0);
    assert_false(s->bob->is_server_operator);
    chat_world_type(&s->world, s->bob, "/deoper");
    (void)chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_NOT_SERVER_OPERATOR);
}

static void test_cmd_admin_whois_shows_addresses_to_operators_only(void **state)
{
    struct chat_scene *s = *state;

    hub_set_origin(s->world.hub, s->alice,
                   &(struct hub_origin){.host = BYTES("192.0.2.7"), .client = "plain"});
    chat_world_type(&s->world, s->bob, "/whois alice");
    assert_int_equal(chat_world_take(&s->world, CHAT_EV_WHOIS)->extra.len, 0);
    make_operator(s, s->bob);
    chat_world_type(&s->world, s->bob, "/whois alice");
    chat_world_assert_text(chat_world_take(&s->world, CHAT_EV_WHOIS)->extra, "192.0.2.7");
}

static void test_cmd_admin_moderates_the_lobby(void **state)
{
    struct chat_scene *s = *state;

    chat_world_type(&s->world, s->bob, "/kick alice");
    (void)chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_NOT_OPERATOR);
    make_operator(s, s->bob);
    chat_world_type(&s->world, s->bob, "/mode moderated on");
    (void)chat_world_take(&s->world, CHAT_EV_CHANGED);
    (void)chat_world_take(&s->world, CHAT_EV_CHANGE_DONE);
    chat_world_type(&s->world, s->alice, "hello?");
    (void)chat_world_take_refusal(&s->world, s->alice, CHAT_ERR_MODERATED);
    chat_world_type(&s->world, s->bob, "/mute alice 10m");
    chat_world_type(&s->world, s->bob, "/topic quiet");
    chat_world_type(&s->world, s->bob, "/kick alice");
    assert_null(s->alice->current);
    chat_world_type(&s->world, s->bob, "/ban alice");
    chat_world_forget_events(&s->world);
    chat_world_type(&s->world, s->alice, "/join #lobby");
    (void)chat_world_take_refusal(&s->world, s->alice, CHAT_ERR_BANNED);
}

static void test_cmd_admin_texts(void **state)
{
    struct chat_scene *s = *state;

    assert_int_equal(hub_welcome(s->world.hub, s->bob), 0);
    chat_world_expect_nothing(&s->world); /* no message, no word */
    chat_world_type(&s->world, s->bob, "/motd");
    assert_int_equal(chat_world_take(&s->world, CHAT_EV_MOTD)->text.len, 0);
    hub_set_texts(s->world.hub,
                  &(struct hub_texts){.motd = BYTES("hello\n\nall"), .rules = BYTES("be kind")});
    assert_int_equal(hub_welcome(s->world.hub, s->bob), 0);
    chat_world_assert_text(chat_world_take(&s->world, CHAT_EV_MOTD)->text, "hello\n\nall");
    chat_world_type(&s->world, s->bob, "/rules");
    chat_world_assert_text(chat_world_take(&s->world, CHAT_EV_RULES)->text, "be kind");
}

/* To somebody outside a closed secret room looks the same whatever closes it, and names nobody. */
static void test_cmd_admin_closed_secret_room_tells_nothing(void **state)
{
    static const char *const doors[] = {"/key sesame", "/mode invite-only on", "/limit 1", "/ban alice"};
    struct chat_scene *s = *state;

    for (size_t i = 0; i < ARRAY_LEN(doors); i++) {
        chat_world_type(&s->world, s->bob, "/join #den");
        chat_world_type(&s->world, s->bob, "/mode secret on");
        chat_world_type(&s->world, s->bob, doors[i]);
        chat_world_forget_events(&s->world);
        chat_world_type(&s->world, s->alice, "/join #den wrong");
        const struct chat_event *event = chat_world_take_refusal(&s->world, s->alice, CHAT_ERR_ROOM_CLOSED);
        chat_world_assert_text(event->text, "#den");
        assert_int_equal(event->count, 0);
        assert_int_equal(event->extra.len, 0);
        chat_world_type(&s->world, s->alice, "/part #den");
        (void)chat_world_take_refusal(&s->world, s->alice, CHAT_ERR_NO_SUCH_ROOM);
        chat_world_type(&s->world, s->alice, "/names #den");
        (void)chat_world_take_refusal(&s->world, s->alice, CHAT_ERR_NO_SUCH_ROOM);
        chat_world_type(&s->world, s->bob, "/part #den");
        chat_world_forget_events(&s->world);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, chat_scene_set_up, chat_scene_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_cmd_admin_is_for_operators_of_the_server),
        TEST(test_cmd_admin_kill),
        TEST(test_cmd_admin_kill_has_limits),
        TEST(test_cmd_admin_wall_reaches_everybody_once),
        TEST(test_cmd_admin_deoper),
        TEST(test_cmd_admin_whois_shows_addresses_to_operators_only),
        TEST(test_cmd_admin_moderates_the_lobby),
        TEST(test_cmd_admin_texts),
        TEST(test_cmd_admin_closed_secret_room_tells_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
