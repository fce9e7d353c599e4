/* Parts of a room's log, and who may ask for them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "chat/chat_range.h"
#include "chat/room.h"
#include "chat/room_log.h"
#include "chat/user.h"
#include "support/chat_world.h"

/* Six messages with the numbers 10, 20 … 60, said at 1000, 2000, 2000, 3000, 4000, 5000; between them somebody joins,
 * and one is from somebody who is not wanted. */
static void fill(struct room_log *log)
{
    static const struct {
        uint64_t seq;
        int64_t wall_ms;
        enum chat_event_kind kind;
        uint64_t actor_id;
    } events[] = {
        {10, 1000, CHAT_EV_MESSAGE, 1}, {15, 1500, CHAT_EV_JOINED, 1},  {20, 2000, CHAT_EV_ACTION, 1},
        {25, 2000, CHAT_EV_MESSAGE, 2}, {30, 2000, CHAT_EV_MESSAGE, 1}, {40, 3000, CHAT_EV_MESSAGE, 1},
        {50, 4000, CHAT_EV_MESSAGE, 1}, {60, 5000, CHAT_EV_MESSAGE, 1},
    };

    room_log_init(log, 100);
    for (size_t i = 0; i < ARRAY_LEN(events); i++) {
        struct chat_event *event =
            chat_event_new(&(struct chat_event_spec){.kind = events[i].kind, .actor_id = events[i].actor_id});
        assert_non_null(event);
        event->seq = events[i].seq;
        event->wall_ms = events[i].wall_ms;
        assert_int_equal(room_log_append(log, event), 0);
        chat_event_unref(event);
    }
}

static bool is_wanted(const void *arg, const struct chat_event *event)
{
    (void)arg;
    return event->actor_id != 2;
}

static const struct chat_range_reader everybody = {.wants = is_wanted};

static struct chat_mark at_time(int64_t wall_ms)
{
    return (struct chat_mark){.kind = CHAT_MARK_TIME, .wall_ms = wall_ms};
}

static struct chat_mark at_message(uint64_t seq, int64_t wall_ms)
{
    return (struct chat_mark){.kind = CHAT_MARK_MESSAGE, .seq = seq, .wall_ms = wall_ms};
}

/* "20 30" of what the log has before `position`. */
static void assert_finds_before(uint64_t position, struct chat_range range, const char *want)
{
    struct room_log log;
    struct chat_event *found[8];
    char text[200];
    struct buf have;

    fill(&log);
    buf_init_fixed(&have, text, sizeof(text));
    size_t count = chat_range_find(&range, &log, position, &everybody, found);
    assert_true(count <= range.most);
    for (size_t i = 0; i < count; i++)
        buf_printf(&have, "%s%d", i > 0 ? " " : "", (int)found[i]->seq);
    buf_put_char(&have, '\0');
    assert_string_equal(text, want);
    room_log_done(&log);
}

static void assert_finds(struct chat_range range, const char *want)
{
    assert_finds_before(100, range, want);
}

static void test_chat_range_latest(void **state)
{
    const struct chat_mark none = {CHAT_MARK_NONE, 0, 0};
    (void)state;

    assert_finds((struct chat_range){CHAT_RANGE_LATEST, none, none, 2}, "50 60");
    assert_finds((struct chat_range){CHAT_RANGE_LATEST, none, none, 8}, "10 20 30 40 50 60");
    assert_finds((struct chat_range){CHAT_RANGE_LATEST, at_time(3000), none, 8}, "50 60");
    assert_finds((struct chat_range){CHAT_RANGE_LATEST, at_time(3000), none, 1}, "60");
    assert_finds((struct chat_range){CHAT_RANGE_LATEST, at_message(60, 5000), none, 8}, "");
    assert_finds_before(0, (struct chat_range){CHAT_RANGE_LATEST, none, none, 8}, "");
    assert_finds_before(6, (struct chat_range){CHAT_RANGE_LATEST, none, none, 2}, "30 40");
}

static void test_chat_range_before_and_after_leave_the_mark_out(void **state)
{
    const struct chat_mark none = {CHAT_MARK_NONE, 0, 0};
    (void)state;

    assert_finds((struct chat_range){CHAT_RANGE_BEFORE, at_message(40, 3000), none, 2}, "20 30");
    assert_finds((struct chat_range){CHAT_RANGE_BEFORE, at_time(2000), none, 8}, "10");
    assert_finds((struct chat_range){CHAT_RANGE_BEFORE, at_message(10, 1000), none, 8}, "");
    assert_finds((struct chat_range){CHAT_RANGE_AFTER, at_message(20, 2000), none, 2}, "30 40");
    assert_finds((struct chat_range){CHAT_RANGE_AFTER, at_time(2000), none, 2}, "40 50");
    assert_finds((struct chat_range){CHAT_RANGE_AFTER, at_message(0, 0), none, 1}, "10");
    assert_finds((struct chat_range){CHAT_RANGE_AFTER, at_message(35, 0), none, 8}, "40 50 60");
    assert_finds_before(6, (struct chat_range){CHAT_RANGE_AFTER, at_time(2000), none, 8}, "40");
}

static void test_chat_range_around_has_the_mark_in_it(void **state)
{
    const struct chat_mark none = {CHAT_MARK_NONE, 0, 0};
    (void)state;

    assert_finds((struct chat_range){CHAT_RANGE_AROUND, at_message(30, 2000), none, 3}, "20 30 40");
    assert_finds((struct chat_range){CHAT_RANGE_AROUND, at_message(30, 2000), none, 1}, "30");
    assert_finds((struct chat_range){CHAT_RANGE_AROUND, at_message(10, 1000), none, 4}, "10 20 30 40");
    assert_finds((struct chat_range){CHAT_RANGE_AROUND, at_message(60, 5000), none, 4}, "40 50 60");
    assert_finds((struct chat_range){CHAT_RANGE_AROUND, at_time(2500), none, 2}, "30 40");
}

static void test_chat_range_between_goes_both_ways(void **state)
{
    (void)state;
    assert_finds((struct chat_range){CHAT_RANGE_BETWEEN, at_message(10, 1000), at_message(50, 4000), 2},
                 "20 30");
    assert_finds((struct chat_range){CHAT_RANGE_BETWEEN, at_message(50, 4000), at_message(10, 1000), 2},
                 "30 40");
    assert_finds((struct chat_range){CHAT_RANGE_BETWEEN, at_time(1000), at_message(50, 4000), 8}, "20 30 40");
    assert_finds((struct chat_range){CHAT_RANGE_BETWEEN, at_time(5000), at_time(2000), 1}, "50");
    assert_finds((struct chat_range){CHAT_RANGE_BETWEEN, at_time(2000), at_time(2000), 8}, "");
}

/* ---- the request ---- */

static void ask(struct chat_world *world, struct user *user, const char *room, const struct chat_range *range)
{
    const struct chat_request request = {.command = command_client(BYTES("range")),
                                         .words = {bytes_of(room)},
                                         .word_count = room != NULL,
                                         .text = BYTES("LATEST"),
                                         .range = range};

    assert_int_equal(hub_apply(world->hub, user, &request), 0);
}

static void test_chat_range_is_only_read_by_who_is_in_the_room(void **state)
{
    struct chat_scene *s = *state;
    const struct chat_range range = {.way = CHAT_RANGE_LATEST, .most = 5};
    struct user *carol = chat_world_enter(&s->world, "carol");

    ask(&s->world, s->bob, "#LOBBY", &range);
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_HISTORY);
    assert_int_equal(event->target_id, s->bob->id);
    chat_world_assert_text(event->room, "#lobby");
    assert_int_equal(chat_event_range(event)->most, 5);

    ask(&s->world, carol, "#lobby", &range);
    event = chat_world_take_refusal(&s->world, carol, CHAT_ERR_NO_HISTORY);
    chat_world_assert_text(event->text, "#lobby");
    chat_world_assert_text(event->extra, "LATEST");
    ask(&s->world, s->bob, "#none", &range);
    chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_NO_HISTORY);
    chat_world_type(&s->world, s->bob, "/part");
    chat_world_forget_events(&s->world);
    ask(&s->world, s->bob, "#lobby", &range);
    chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_NO_HISTORY);
    ask(&s->world, carol, NULL, &(struct chat_range){.way = CHAT_RANGE_ROOMS, .most = 5});
    event = chat_world_take(&s->world, CHAT_EV_HISTORY);
    assert_int_equal(event->room_id, 0);
}

static void test_chat_range_has_a_limit(void **state)
{
    struct chat_scene *s = *state;

    ask(&s->world, s->bob, "#lobby", &(struct chat_range){.most = CHAT_HISTORY_MAX + 1});
    assert_int_equal(chat_event_range(chat_world_take(&s->world, CHAT_EV_HISTORY))->most, CHAT_HISTORY_MAX);
    ask(&s->world, s->bob, "#lobby", &(struct chat_range){.most = CHAT_HISTORY_MAX - 1});
    assert_int_equal(chat_event_range(chat_world_take(&s->world, CHAT_EV_HISTORY))->most,
                     CHAT_HISTORY_MAX - 1);
}

/* What an earlier run of the server said has a number that now is another's, or nobody's. */
static void test_chat_range_takes_marks_of_earlier_runs_for_the_beginning(void **state)
{
    struct chat_scene *s = *state;
    const int64_t start_ms = clock_wall_ms(&s->world.clock.clock);
    struct chat_range range = {.way = CHAT_RANGE_AFTER, .from = at_message(7, start_ms - 1), .most = 1};

    ask(&s->world, s->bob, "#lobby", &range);
    assert_int_equal(chat_event_range(chat_world_take(&s->world, CHAT_EV_HISTORY))->from.seq, 0);
    range.from.wall_ms = start_ms;
    ask(&s->world, s->bob, "#lobby", &range);
    assert_int_equal(chat_event_range(chat_world_take(&s->world, CHAT_EV_HISTORY))->from.seq, 7);
}

#define SCENE(test) cmocka_unit_test_setup_teardown(test, chat_scene_set_up, chat_scene_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chat_range_latest),
        cmocka_unit_test(test_chat_range_before_and_after_leave_the_mark_out),
        cmocka_unit_test(test_chat_range_around_has_the_mark_in_it),
        cmocka_unit_test(test_chat_range_between_goes_both_ways),
        SCENE(test_chat_range_is_only_read_by_who_is_in_the_room),
        SCENE(test_chat_range_has_a_limit),
        SCENE(test_chat_range_takes_marks_of_earlier_runs_for_the_beginning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
