/* What a request can say besides its command: the room it is about, and that a program asks. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "chat/room.h"
#include "chat/user.h"
#include "support/chat_world.h"

static void ask(struct chat_scene *s, struct user *user, const char *room, const char *command,
                const char *word, const char *text)
{
    struct chat_request request = {.command = command_find(bytes_of(command)),
                                   .room = bytes_of(room),
                                   .words = {bytes_of(word)},
                                   .word_count = word[0] != '\0' ? 1 : 0,
                                   .text = bytes_of(text)};

    if (request.command == NULL)
        request.command = command_say();
    assert_int_equal(hub_apply(s->world.hub, user, &request), 0);
}

/* Bob opens #ops and #dev; #dev is his current room. */
static void open_rooms(struct chat_scene *s)
{
    chat_world_type(&s->world, s->bob, "/join #ops");
    chat_world_type(&s->world, s->bob, "/join #dev");
    chat_world_forget_events(&s->world);
}

static void test_hub_request_is_about_the_room_it_names(void **state)
{
    struct chat_scene *s = *state;
    open_rooms(s);
    ask(s, s->bob, "#OPS", "say", "", "hello");
    chat_world_assert_text(chat_world_take(&s->world, CHAT_EV_MESSAGE)->room, "#ops");
    ask(s, s->bob, "#ops", "topic", "", "news");
    chat_world_assert_text(chat_world_take(&s->world, CHAT_EV_TOPIC)->room, "#ops");
    chat_world_take(&s->world, CHAT_EV_TOPIC_SET);
    assert_string_equal(s->bob->current->room->name.text, "#dev");
    assert_null(s->bob->current->room->topic);
}

static void test_hub_request_room_needs_no_current_one(void **state)
{
    struct chat_scene *s = *state;
    open_rooms(s);
    s->bob->current = NULL;
    ask(s, s->bob, "#ops", "say", "", "hello");
    chat_world_take(&s->world, CHAT_EV_MESSAGE);
    assert_null(s->bob->current);
}

static void test_hub_request_room_is_refused_to_who_is_not_there(void **state)
{
    struct chat_scene *s = *state;
    open_rooms(s);
    ask(s, s->alice, "#ops", "say", "", "hello");
    const struct chat_event *event = chat_world_take_refusal(&s->world, s->alice, CHAT_ERR_NOT_IN_ROOM);
    chat_world_assert_text(event->text, "#ops");
    ask(s, s->alice, "#nosuch", "say", "", "hello");
    chat_world_take_refusal(&s->world, s->alice, CHAT_ERR_NO_SUCH_ROOM);
    chat_world_type(&s->world, s->bob, "/mode secret on");
    chat_world_forget_events(&s->world);
    ask(s, s->alice, "#dev", "say", "", "hello");
    chat_world_take_refusal(&s->world, s->alice, CHAT_ERR_NO_SUCH_ROOM);
}

static void test_hub_request_room_has_its_own_roles(void **state)
{
    struct chat_scene *s = *state;
    open_rooms(s);
    chat_world_type(&s->world, s->alice, "/join #ops");
    chat_world_type(&s->world, s->alice, "/join #hers");
    chat_world_forget_events(&s->world);
    ask(s, s->alice, "#ops", "kick", "bob", "");
    chat_world_take_refusal(&s->world, s->alice, CHAT_ERR_NOT_OPERATOR);
    ask(s, s->bob, "#ops", "kick", "alice", "");
    chat_world_take(&s->world, CHAT_EV_KICKED);
    chat_world_forget_events(&s->world);
    assert_null(user_membership(s->alice, hub_find_room(s->world.hub, BYTES("#ops"))));
    assert_string_equal(s->bob->current->room->name.text, "#dev");
}

static void notice(struct chat_scene *s, struct user *user, const char *command, const char *word)
{
    struct chat_request request = {.command = command_find(bytes_of(command)),
                                   .words = {bytes_of(word)},
                                   .word_count = word[0] != '\0' ? 1 : 0,
                                   .text = BYTES("beep"),
                                   .is_notice = true};

    if (request.command == NULL)
        request.command = command_say();
    assert_int_equal(hub_apply(s->world.hub, user, &request), 0);
}

static void test_hub_request_notice_is_marked(void **state)
{
    struct chat_scene *s = *state;
    notice(s, s->bob, "say", "");
    assert_true(chat_world_take(&s->world, CHAT_EV_MESSAGE)->is_notice);
    notice(s, s->bob, "msg", "alice");
    assert_true(chat_world_take(&s->world, CHAT_EV_PRIVATE)->is_notice);
    assert_true(chat_world_take(&s->world, CHAT_EV_PRIVATE_SENT)->is_notice);
    chat_world_type(&s->world, s->bob, "hello");
    assert_false(chat_world_take(&s->world, CHAT_EV_MESSAGE)->is_notice);
}

static void test_hub_request_notice_is_never_answered(void **state)
{
    struct chat_scene *s = *state;
    chat_world_type(&s->world, s->alice, "/away lunch");
    chat_world_forget_events(&s->world);
    notice(s, s->bob, "msg", "alice");
    chat_world_take(&s->world, CHAT_EV_PRIVATE);
    chat_world_take(&s->world, CHAT_EV_PRIVATE_SENT);
    chat_world_expect_nothing(&s->world);
    notice(s, s->bob, "msg", "nobody");
    s->bob->current = NULL;
    notice(s, s->bob, "say", "");
    chat_world_expect_nothing(&s->world);
    chat_world_type(&s->world, s->bob, "hello");
    chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_NO_CURRENT_ROOM);
}

static void test_hub_request_gives_names_to_who_wants_them(void **state)
{
    struct chat_scene *s = *state;
    open_rooms(s);
    hub_set_origin(s->world.hub, s->alice, &(struct hub_origin){.wants_names = true});
    chat_world_type(&s->world, s->alice, "/join #ops");
    chat_world_take(&s->world, CHAT_EV_JOINED);
    chat_world_take(&s->world, CHAT_EV_ENTERED);
    const struct chat_event *names = chat_world_take(&s->world, CHAT_EV_NAMES);
    assert_int_equal(names->target_id, s->alice->id);
    assert_int_equal(names->item_count, 2);
    chat_world_assert_text(names->items[0].name, "alice");
    assert_int_equal(names->items[0].flags, CHAT_ITEM_F_YOU);
    assert_int_equal(names->items[1].flags, CHAT_ITEM_F_OPERATOR);
    chat_world_type(&s->world, s->alice, "/join #own");
    chat_world_take(&s->world, CHAT_EV_JOINED);
    chat_world_take(&s->world, CHAT_EV_ENTERED);
    names = chat_world_take(&s->world, CHAT_EV_NAMES);
    assert_int_equal(names->items[0].flags, CHAT_ITEM_F_YOU | CHAT_ITEM_F_OPERATOR);
}

static void test_hub_request_who_lists_a_room(void **state)
{
    struct chat_scene *s = *state;
    open_rooms(s);
    chat_world_type(&s->world, s->alice, "/who #ops");
    const struct chat_event *who = chat_world_take(&s->world, CHAT_EV_WHO);
    chat_world_assert_text(who->room, "#ops");
    assert_int_equal(who->item_count, 1);
    assert_int_equal(who->items[0].flags, CHAT_ITEM_F_ROOM_OPERATOR);
    chat_world_type(&s->world, s->bob, "/mode secret on");
    chat_world_forget_events(&s->world);
    chat_world_type(&s->world, s->alice, "/who #dev");
    chat_world_take_refusal(&s->world, s->alice, CHAT_ERR_NO_SUCH_ROOM);
}

static void test_hub_request_topic_and_modes_have_times(void **state)
{
    struct chat_scene *s = *state;
    open_rooms(s);
    clock_fake_advance(&s->world.clock, 5000);
    chat_world_type(&s->world, s->bob, "/topic news");
    chat_world_forget_events(&s->world);
    clock_fake_advance(&s->world.clock, 5000);
    chat_world_type(&s->world, s->bob, "/topic");
    int64_t set_ms = chat_world_take(&s->world, CHAT_EV_TOPIC_IS)->time_ms;
    chat_world_type(&s->world, s->bob, "/mode");
    assert_int_equal(set_ms - chat_world_take(&s->world, CHAT_EV_MODES)->time_ms, 5000);
    chat_world_type(&s->world, s->alice, "/join #dev");
    chat_world_take(&s->world, CHAT_EV_JOINED);
    const struct chat_event *entered = chat_world_take(&s->world, CHAT_EV_ENTERED);
    assert_int_equal(entered->time_ms, set_ms);
    chat_world_assert_text(entered->extra, "bob");
}

#define REQUEST_TEST(test) cmocka_unit_test_setup_teardown(test, chat_scene_set_up, chat_scene_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        REQUEST_TEST(test_hub_request_is_about_the_room_it_names),
        REQUEST_TEST(test_hub_request_room_needs_no_current_one),
        REQUEST_TEST(test_hub_request_room_is_refused_to_who_is_not_there),
        REQUEST_TEST(test_hub_request_room_has_its_own_roles),
        REQUEST_TEST(test_hub_request_notice_is_marked),
        REQUEST_TEST(test_hub_request_notice_is_never_answered),
        REQUEST_TEST(test_hub_request_gives_names_to_who_wants_them),
        REQUEST_TEST(test_hub_request_who_lists_a_room),
        REQUEST_TEST(test_hub_request_topic_and_modes_have_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
