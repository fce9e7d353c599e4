/* Who watches whom, and who was here. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "chat/hub_private.h"
#include "chat/user.h"
#include "chat/watch.h"
#include "support/chat_world.h"

/* Somebody has come or gone: told to bob. */
static void expect_news(struct chat_scene *s, const char *name, bool is_here)
{
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_WATCHED);

    assert_int_equal(event->target_id, s->bob->id);
    assert_int_equal(event->count, 0);
    assert_int_equal(event->item_count, 1);
    chat_world_assert_text(event->items[0].name, name);
    assert_int_equal(event->items[0].flags, is_here ? CHAT_ITEM_F_HERE : 0);
}

static void test_cmd_watch_tells_who_comes_and_goes(void **state)
{
    struct chat_scene *s = *state;

    chat_world_type(&s->world, s->bob, "/watch Carol,alice 9 dave");
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_WATCHED);
    assert_int_equal(event->count, 3);
    assert_int_equal(event->items[0].flags, 0);
    assert_int_equal(event->items[1].flags, CHAT_ITEM_F_HERE);
    struct user *carol = chat_world_enter(&s->world, "carol");
    expect_news(s, "carol", true);
    chat_world_type(&s->world, carol, "/nick CAROL"); /* is the same */
    chat_world_take(&s->world, CHAT_EV_RENAMED);
    chat_world_take(&s->world, CHAT_EV_NICK);
    chat_world_type(&s->world, carol, "/nick dave");
    chat_world_take(&s->world, CHAT_EV_RENAMED);
    chat_world_take(&s->world, CHAT_EV_NICK);
    expect_news(s, "CAROL", false);
    expect_news(s, "dave", true);
    hub_leave(s->world.hub, carol, BYTES(""));
    chat_world_take(&s->world, CHAT_EV_QUIT);
    expect_news(s, "dave", false);
    chat_world_enter(&s->world, "erin");
    chat_world_expect_nothing(&s->world);
}

static void test_cmd_watch_lists_and_forgets(void **state)
{
    struct chat_scene *s = *state;

    chat_world_type(&s->world, s->bob, "/watch");
    assert_int_equal(chat_world_take(&s->world, CHAT_EV_WATCHES)->item_count, 0);
    chat_world_type(&s->world, s->bob, "/watch ALICE carol");
    chat_world_forget_events(&s->world);
    chat_world_ask(&s->world, s->bob, "watch-status", "");
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_WATCHES);
    chat_world_assert_text(event->extra, "watch-status");
    assert_int_equal(event->item_count, 2);
    chat_world_assert_text(event->items[0].name, "alice");
    assert_int_equal(event->items[0].flags, CHAT_ITEM_F_HERE);
    chat_world_type(&s->world, s->bob, "/unwatch nobody Carol");
    event = chat_world_take(&s->world, CHAT_EV_UNWATCHED);
    assert_int_equal(event->item_count, 1);
    chat_world_assert_text(event->items[0].name, "Carol");
    chat_world_type(&s->world, s->bob, "/unwatch carol");
    chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_NOT_LISTED);
    chat_world_type(&s->world, s->bob, "/watch 9");
    chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_USAGE);
    chat_world_type(&s->world, s->bob, "/unwatch *");
    assert_int_equal(chat_world_take(&s->world, CHAT_EV_UNWATCHED)->item_count, 0);
    assert_int_equal(s->world.hub->watched.count, 0);
    chat_world_type(&s->world, s->bob, "/watch bob");
    hub_leave(s->world.hub, s->bob, BYTES(""));
    assert_int_equal(s->world.hub->watched.count, 0);
}

static void test_cmd_watch_has_a_limit(void **state)
{
    struct chat_scene *s = *state;
    char line[64];

    for (int i = 0; i < WATCHES_MAX - 2; i++) {
        snprintf(line, sizeof(line), "/watch n%d", i);
        chat_world_type(&s->world, s->bob, line);
    }
    chat_world_forget_events(&s->world);
    chat_world_type(&s->world, s->bob, "/watch a,b,c");
    const struct chat_event *event = chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_LIST_FULL);
    chat_world_assert_text(event->text, "unwatch");
    chat_world_assert_text(event->extra, "a,b,c");
    assert_int_equal(s->bob->rare->watches.count, WATCHES_MAX - 2);
    chat_world_type(&s->world, s->bob, "/watch a,n0,b");
    assert_int_equal(chat_world_take(&s->world, CHAT_EV_WATCHED)->count, 3);
    chat_world_type(&s->world, s->bob, "/watch n1");
    chat_world_take(&s->world, CHAT_EV_WATCHED);
    chat_world_type(&s->world, s->bob, "/watch c");
    chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_LIST_FULL);
}

static void test_cmd_watch_tells_of_changes_who_shares_no_room(void **state)
{
    struct chat_scene *s = *state;
    struct user *carol = chat_world_enter(&s->world, "carol");

    hub_set_wants(s->world.hub, s->bob, HUB_WANTS_CHANGES | HUB_WANTS_WATCHED);
    hub_set_wants(s->world.hub, s->alice, HUB_WANTS_CHANGES);
    chat_world_type(&s->world, s->bob, "/watch carol");
    chat_world_type(&s->world, s->alice, "/watch carol");
    chat_world_forget_events(&s->world);
    chat_world_type(&s->world, carol, "/away tea");
    chat_world_take(&s->world, CHAT_EV_AWAY);
    chat_world_take(&s->world, CHAT_EV_AWAY_CHANGED);
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_WATCHED_AWAY);
    assert_int_equal(event->target_id, s->bob->id);
    assert_int_equal(event->count, 1);
    chat_world_assert_text(event->text, "tea");
    chat_world_expect_nothing(&s->world);
    chat_world_type(&s->world, carol, "/realname C.");
    chat_world_take(&s->world, CHAT_EV_REALNAME);
    chat_world_take(&s->world, CHAT_EV_REALNAME_CHANGED);
    chat_world_take(&s->world, CHAT_EV_WATCHED_REALNAME);
    assert_int_equal(hub_join_lobby(s->world.hub, carol), 0);
    chat_world_forget_events(&s->world);
    chat_world_type(&s->world, carol, "/back");
    chat_world_take(&s->world, CHAT_EV_AWAY);
    chat_world_take(&s->world, CHAT_EV_AWAY_CHANGED);
    chat_world_expect_nothing(&s->world);
}

/* ---- who was here ---- */

static const struct chat_event *whowas(struct chat_scene *s, const char *line, size_t wanted)
{
    chat_world_forget_events(&s->world);
    chat_world_type(&s->world, s->bob, line);
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_WHOWAS);
    assert_int_equal(event->item_count, wanted);
    return event;
}

static void test_cmd_whowas_tells_the_newest_first(void **state)
{
    struct chat_scene *s = *state;

    hub_set_origin(s->world.hub, s->alice, &(struct hub_origin){.host = BYTES("192.0.2.7")});
    assert_int_equal(hub_set_realname(s->world.hub, s->alice, BYTES("A. L.")), 0);
    clock_fake_advance(&s->world.clock, 60500);
    chat_world_type(&s->world, s->alice, "/nick al");
    clock_fake_advance(&s->world.clock, 5000);
    hub_leave(s->world.hub, s->alice, BYTES(""));
    clock_fake_advance(&s->world.clock, 2000);
    const struct chat_event *event = whowas(s, "/whowas ALICE", 1);
    chat_world_assert_text(event->text, "ALICE");
    chat_world_assert_text(event->items[0].name, "alice");
    chat_world_assert_text(event->items[0].realname, "A. L.");
    chat_world_assert_text(event->items[0].detail, "");
    assert_int_equal(event->items[0].count, 7);
    assert_int_equal(event->items[0].span_s, 60);
    assert_int_equal(hub_set_server_operator(s->world.hub, s->bob, true), 0);
    chat_world_assert_text(whowas(s, "/whowas al", 1)->items[0].detail, "192.0.2.7");
    whowas(s, "/whowas nobody", 0);
}

static void test_cmd_whowas_is_bounded_and_expires(void **state)
{
    struct chat_scene *s = *state;

    for (int i = 0; i < WHOWAS_MAX; i++)
        hub_leave(s->world.hub, chat_world_enter(&s->world, i == 0 ? "first" : "carol"), BYTES(""));
    whowas(s, "/whowas first", 1);
    whowas(s, "/whowas carol", 5);
    whowas(s, "/whowas carol 2", 2);
    whowas(s, "/whowas carol 0", 20);
    whowas(s, "/whowas carol 21", 20);
    hub_leave(s->world.hub, chat_world_enter(&s->world, "dave"), BYTES(""));
    whowas(s, "/whowas first", 0);
    clock_fake_advance(&s->world.clock, WHOWAS_KEPT_MS - 1);
    whowas(s, "/whowas dave", 1);
    clock_fake_advance(&s->world.clock, 1);
    whowas(s, "/whowas dave", 0);
}

#define scene_test(test) cmocka_unit_test_setup_teardown(test, chat_scene_set_up, chat_scene_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        scene_test(test_cmd_watch_tells_who_comes_and_goes),
        scene_test(test_cmd_watch_lists_and_forgets),
        scene_test(test_cmd_watch_has_a_limit),
        scene_test(test_cmd_watch_tells_of_changes_who_shares_no_room),
        scene_test(test_cmd_whowas_tells_the_newest_first),
        scene_test(test_cmd_whowas_is_bounded_and_expires),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
