/* Taking back what was said: who may, what, how long, and what is left of it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "chat/chat_range.h"
#include "chat/room.h"
#include "chat/user.h"
#include "support/chat_world.h"

#define SCENE(test) cmocka_unit_test_setup_teardown(test, set_up, chat_scene_tear_down)

/* As chat_scene_set_up(), but all is published, and what comes can be. Once an event is taken nothing can be. */
static int set_up(void **state)
{
    struct chat_scene *s = calloc(1, sizeof(*s));

    assert_non_null(s);
    chat_world_init(&s->world, 100);
    s->bob = chat_world_enter(&s->world, "bob");
    s->alice = chat_world_enter(&s->world, "alice");
    chat_world_type(&s->world, s->bob, "/join #lobby");
    chat_world_type(&s->world, s->alice, "/join #lobby");
    chat_world_publish_all(&s->world);
    *state = s;
    return 0;
}

/* Says it in the lobby, published; returns where it is. */
static struct chat_mark say(struct chat_world *world, struct user *user, const char *text)
{
    chat_world_type(world, user, text);
    const struct room_log *log = &user->current->room->log;
    chat_world_publish_all(world);
    const struct chat_event *event = room_log_get(log, log->next - 1);
    return (struct chat_mark){CHAT_MARK_MESSAGE, event->seq, event->wall_ms};
}

static void redact(struct chat_world *world, struct user *user, struct chat_mark mark, const char *why)
{
    const struct chat_range range = {.from = mark};
    const struct chat_request request = {.command = command_client(BYTES("redact")),
                                         .room = BYTES("#lobby"),
                                         .words = {BYTES("id")},
                                         .word_count = 1,
                                         .text = bytes_of(why),
                                         .range = &range};

    assert_int_equal(hub_apply(world->hub, user, &request), 0);
}

static void assert_refuses(struct chat_world *world, struct user *user, struct chat_mark mark,
                           enum chat_err err)
{
    redact(world, user, mark, "");
    const struct chat_event *event = chat_world_take_refusal(world, user, err);
    chat_world_assert_text(event->text, "id");
    chat_world_assert_text(event->extra, "#lobby");
    chat_world_expect_nothing(world);
}

static size_t count_history(const struct room *room)
{
    struct chat_event *found[10];

    return room_log_history(&room->log, room->log.next, found, ARRAY_LEN(found));
}

static void test_cmd_redact_takes_back_what_one_has_said(void **state)
{
    struct chat_scene *s = *state;
    struct room *room = s->bob->current->room;
    struct chat_mark mark = say(&s->world, s->bob, "oops");
    struct chat_event *said = room_log_get(&room->log, room->log.next - 1);
    const char *memory = said->text.ptr;

    assert_int_equal(count_history(room), 1);
    redact(&s->world, s->bob, mark, " wrong room ");
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_REDACTED);
    assert_int_equal(event->audience, CHAT_TO_ROOM);
    assert_int_equal(event->target_id, mark.seq);
    assert_int_equal(event->time_ms, mark.wall_ms);
    assert_int_equal(event->count, said->id);
    chat_world_assert_text(event->actor, "bob");
    chat_world_assert_text(event->extra, "bob");
    chat_world_assert_text(event->text, "wrong room");
    assert_true(said->is_redacted);
    assert_int_equal(said->text.len, 0);
    assert_memory_equal(memory, "\0\0\0\0", 4);
    assert_int_equal(count_history(room), 0);
    assert_refuses(&s->world, s->bob, mark, CHAT_ERR_NO_SUCH_MESSAGE);
}

static void test_cmd_redact_is_for_operators_and_who_said_it(void **state)
{
    struct chat_scene *s = *state;
    struct chat_mark mark = say(&s->world, s->bob, "oops");

    assert_refuses(&s->world, s->alice, mark, CHAT_ERR_NOT_YOUR_MESSAGE);
    s->alice->current->is_operator = true;
    redact(&s->world, s->alice, mark, "");
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_REDACTED);
    chat_world_assert_text(event->actor, "alice");
    chat_world_assert_text(event->extra, "bob");
}

static void test_cmd_redact_has_its_time(void **state)
{
    struct chat_scene *s = *state;
    struct chat_mark mark = say(&s->world, s->bob, "oops"), other = say(&s->world, s->bob, "again");

    clock_fake_advance(&s->world.clock, (int64_t)CHAT_REDACT_MAX_S * 1000);
    redact(&s->world, s->bob, mark, "");
    chat_world_take(&s->world, CHAT_EV_REDACTED);
    clock_fake_advance(&s->world.clock, 1);
    assert_refuses(&s->world, s->bob, other, CHAT_ERR_MESSAGE_OLD);
    s->bob->current->is_operator = true;
    redact(&s->world, s->bob, other, "");
    chat_world_take(&s->world, CHAT_EV_REDACTED);
}

static void test_cmd_redact_knows_only_what_was_said_there(void **state)
{
    struct chat_scene *s = *state;
    struct chat_mark mark = say(&s->world, s->bob, "oops");
    struct chat_mark later = mark, other = mark;
    struct chat_mark topic = say(&s->world, s->bob, "/topic x");
    chat_world_type(&s->world, s->bob, "/join #ops");
    struct chat_mark elsewhere = say(&s->world, s->bob, "elsewhere");

    later.wall_ms++;
    other.seq++;
    assert_refuses(&s->world, s->bob, later, CHAT_ERR_NO_SUCH_MESSAGE);
    assert_refuses(&s->world, s->bob, other, CHAT_ERR_NO_SUCH_MESSAGE);
    assert_refuses(&s->world, s->bob, topic, CHAT_ERR_NO_SUCH_MESSAGE);
    assert_refuses(&s->world, s->bob, elsewhere, CHAT_ERR_NO_SUCH_MESSAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE(test_cmd_redact_takes_back_what_one_has_said),
        SCENE(test_cmd_redact_is_for_operators_and_who_said_it),
        SCENE(test_cmd_redact_has_its_time),
        SCENE(test_cmd_redact_knows_only_what_was_said_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
