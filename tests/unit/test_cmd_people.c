/* Who is who, who is away, whom nobody wants to read; and what the server tells of itself. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "chat/restriction.h"
#include "chat/room.h"
#include "chat/user.h"
#include "support/chat_world.h"

static void test_cmd_people_whois(void **state)
{
    struct chat_scene *s = *state;

    hub_set_origin(s->world.hub, s->alice,
                   &(struct hub_origin){.host = BYTES("192.0.2.7"), .client = "plain", .is_encrypted = true});
    chat_world_type(&s->world, s->alice, "/join #private");
    chat_world_type(&s->world, s->alice, "/away lunch");
    clock_fake_advance(&s->world.clock, 90500);
    chat_world_forget_events(&s->world);
    chat_world_type(&s->world, s->bob, "/whois ALICE");
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_WHOIS);
    assert_int_equal(event->target_id, s->bob->id);
    assert_int_equal(event->time_ms, s->alice->since_wall_ms);
    chat_world_assert_text(event->text, "plain");
    assert_int_equal(event->item_count, 2); /* #private is not bob's business */
    chat_world_assert_text(event->items[0].name, "alice");
    chat_world_assert_text(event->items[0].detail, "lunch");
    assert_int_equal(event->items[0].count, 90);
    assert_int_equal(event->items[0].flags, CHAT_ITEM_F_AWAY | CHAT_ITEM_F_ENCRYPTED);
    chat_world_assert_text(event->items[1].name, "#lobby");
    chat_world_type(&s->world, s->bob, "/whois alcie");
    event = chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_NO_SUCH_USER);
    chat_world_assert_text(event->extra, "alice");
}

static void test_cmd_people_who_fits_masks(void **state)
{
    struct chat_scene *s = *state;

    chat_world_enter(&s->world, "Albert");
    chat_world_type(&s->world, s->bob, "/who AL*");
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_WHO);
    assert_int_equal(event->count, 2);
    chat_world_assert_text(event->items[0].name, "Albert");
    chat_world_assert_text(event->items[1].name, "alice");
    chat_world_type(&s->world, s->bob, "/who");
    event = chat_world_take(&s->world, CHAT_EV_WHO);
    assert_int_equal(event->count, 3);
    assert_int_equal(event->items[2].flags, CHAT_ITEM_F_YOU);
    chat_world_type(&s->world, s->bob, "/who *@192.*"); /* would tell addresses, bit by bit */
    chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_MASK_BAD);
}

static void test_cmd_people_away_is_told_once_to_each(void **state)
{
    struct chat_scene *s = *state;
    struct user *carol = chat_world_enter(&s->world, "carol");

    chat_world_type(&s->world, s->alice, "/away out\x07 for lunch");
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_AWAY);
    assert_int_equal(event->count, 1);
    chat_world_assert_text(event->text, "out for lunch");
    struct user *const senders[] = {s->bob, carol};
    for (size_t i = 0; i < ARRAY_LEN(senders); i++) {
        chat_world_type(&s->world, senders[i], "/msg alice hi");
        chat_world_take(&s->world, CHAT_EV_PRIVATE);
        chat_world_take(&s->world, CHAT_EV_PRIVATE_SENT);
        event = chat_world_take(&s->world, CHAT_EV_AWAY_IS);
        assert_int_equal(event->target_id, senders[i]->id);
        chat_world_assert_text(event->extra, "alice");
        chat_world_assert_text(event->text, "out for lunch");
    }
    chat_world_type(&s->world, s->bob, "/msg alice hi again");
    chat_world_take(&s->world, CHAT_EV_PRIVATE);
    chat_world_take(&s->world, CHAT_EV_PRIVATE_SENT);
    chat_world_expect_nothing(&s->world);
    chat_world_type(&s->world, s->alice, "/back");
    assert_int_equal(chat_world_take(&s->world, CHAT_EV_AWAY)->count, 0);
    assert_null(s->alice->away);
    chat_world_type(&s->world, s->alice, "/away");
    chat_world_forget_events(&s->world);
    chat_world_type(&s->world, s->bob, "/msg alice hi"); /* a new absence is news again */
    chat_world_take(&s->world, CHAT_EV_PRIVATE);
    chat_world_take(&s->world, CHAT_EV_PRIVATE_SENT);
    chat_world_take(&s->world, CHAT_EV_AWAY_IS);
}

static void test_cmd_people_ignored_ones_are_not_heard(void **state)
{
    struct chat_scene *s = *state;

    chat_world_type(&s->world, s->bob, "/ignore Alice");
    chat_world_assert_text(chat_world_take(&s->world, CHAT_EV_IGNORED)->text, "alice");
    chat_world_type(&s->world, s->alice, "/away");
    chat_world_forget_events(&s->world);
    chat_world_type(&s->world, s->alice, "/msg bob hi");
    chat_world_take(&s->world, CHAT_EV_PRIVATE_SENT); /* alice is not told */
    chat_world_expect_nothing(&s->world);
    assert_int_equal(user_reply_to(s->bob).len, 0);
    chat_world_type(&s->world, s->alice, "/nick ecila");
    chat_world_forget_events(&s->world);
    assert_true(user_ignores(s->bob, s->alice->id, BYTES("ecila"))); /* the person */
    assert_true(user_ignores(s->bob, 999, BYTES("ALICE")));          /* the name */
    assert_false(user_ignores(s->bob, 999, BYTES("ecila")));
    chat_world_type(&s->world, s->bob, "/ignore");
    chat_world_assert_text(chat_world_take(&s->world, CHAT_EV_IGNORES)->items[0].name, "alice");
    chat_world_type(&s->world, s->bob, "/unignore ecila");
    assert_int_equal(chat_world_take(&s->world, CHAT_EV_IGNORED)->count, 0);
    chat_world_type(&s->world, s->alice, "/msg bob hi");
    chat_world_take(&s->world, CHAT_EV_PRIVATE);
    chat_world_take(&s->world, CHAT_EV_PRIVATE_SENT);
    chat_world_type(&s->world, s->bob, "/unignore alice");
    chat_world_assert_text(chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_NOT_LISTED)->extra, "ignore");
    chat_world_type(&s->world, s->bob, "/ignore bob");
    chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_NOT_YOURSELF);
}

static void test_cmd_people_ignores_are_bounded(void **state)
{
    struct chat_scene *s = *state;

    for (int i = 0; i < RESTRICTIONS_MAX; i++) {
        char line[32];
        snprintf(line, sizeof(line), "x%d", i);
        chat_world_enter(&s->world, line);
        snprintf(line, sizeof(line), "/ignore x%d", i);
        chat_world_type(&s->world, s->bob, line);
        chat_world_take(&s->world, CHAT_EV_IGNORED);
    }
    chat_world_type(&s->world, s->bob, "/ignore alice");
    chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_LIST_FULL);
}

static void test_cmd_server_history_extent(void **state)
{
    static const struct {
        const char *line;
        uint32_t count;
        int64_t ago_ms; /* 0: from the beginning */
    } cases[] = {
        {"/history", 20, 0},
        {"/history 1", 1, 0},
        {"/last 200", 200, 0},
        {"/history 201", 200, 0},
        {"/history 2h", 200, 7200000},
        /* The clock stands at Tue 14 Nov 2023, 22:13:20 UTC. */
        {"/history Yesterday", 200, ((24 + 22) * 3600 + 13 * 60 + 20) * INT64_C(1000)},
    };
    struct chat_scene *s = *state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        chat_world_type(&s->world, s->bob, cases[i].line);
        const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_HISTORY);
        assert_int_equal(event->count, cases[i].count);
        assert_int_equal(event->time_ms, cases[i].ago_ms == 0 ? 0 : event->wall_ms - cases[i].ago_ms);
        assert_int_equal(event->room_id, s->bob->current->room->id);
    }
    static const char *const bad[] = {"/history 0", "/history tomorrow", "/history -1", "/history 2x"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        chat_world_type(&s->world, s->bob, bad[i]);
        chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_TIME_BAD);
    }
}

static void test_cmd_server_tells_of_itself(void **state)
{
    struct chat_scene *s = *state;
    int64_t start_ms = clock_wall_ms(&s->world.clock.clock);

    clock_fake_advance(&s->world.clock, 61500);
    chat_world_type(&s->world, s->bob, "/uptime");
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_UPTIME);
    assert_int_equal(event->count, 61);
    assert_int_equal(event->time_ms, start_ms);
    chat_world_type(&s->world, s->bob, "/time");
    assert_int_equal(chat_world_take(&s->world, CHAT_EV_TIME)->wall_ms, start_ms + 61500);
    chat_world_type(&s->world, s->bob, "/version");
    assert_int_equal(chat_world_take(&s->world, CHAT_EV_VERSION)->text.len, 0);
    chat_world_type(&s->world, s->bob, "/ping");
    chat_world_take(&s->world, CHAT_EV_PONG);
}

#define SCENE_TEST(test) cmocka_unit_test_setup_teardown(test, chat_scene_set_up, chat_scene_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(test_cmd_people_whois),
        SCENE_TEST(test_cmd_people_who_fits_masks),
        SCENE_TEST(test_cmd_people_away_is_told_once_to_each),
        SCENE_TEST(test_cmd_people_ignored_ones_are_not_heard),
        SCENE_TEST(test_cmd_people_ignores_are_bounded),
        SCENE_TEST(test_cmd_server_history_extent),
        SCENE_TEST(test_cmd_server_tells_of_itself),
    };
    setenv("TZ", "UTC0", 1);
    tzset();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
