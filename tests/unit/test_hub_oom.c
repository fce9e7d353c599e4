/* Running out of memory: whatever allocation of a request fails, nothing has changed, nothing was
 * told, and the same request works later.
 *
 * Linked with -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=reallocarray: the linker sends all
 * calls of the tested code through the functions below. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "chat/chat_range.h"
#include "chat/hub_private.h"
#include "chat/restriction.h"
#include "chat/room.h"
#include "chat/room_log.h"
#include "chat/user.h"
#include "support/chat_world.h"

/* The names are the linker's. NOLINTBEGIN(bugprone-reserved-identifier) */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *ptr, size_t size);
void *__real_reallocarray(void *ptr, size_t count, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *ptr, size_t size);
void *__wrap_reallocarray(void *ptr, size_t count, size_t size);

static long allocations_left = -1; /* -1: no limit */

static int must_fail(void)
{
    if (allocations_left < 0)
        return 0;
    if (allocations_left == 0)
        return 1;
    allocations_left--;
    return 0;
}

void *__wrap_malloc(size_t size)
{
    return must_fail() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return must_fail() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *ptr, size_t size)
{
    return must_fail() ? NULL : __real_realloc(ptr, size);
}

void *__wrap_reallocarray(void *ptr, size_t count, size_t size)
{
    return must_fail() ? NULL : __real_reallocarray(ptr, count, size);
}
/* NOLINTEND(bugprone-reserved-identifier) */

/* ---- what can be seen of a hub, as text ---- */

static void show_user(struct buf *out, struct user *user)
{
    buf_printf(out, "%s/%s away=%d ignores=%zu reply=%s current=%s:", user->name, user->name_key,
               user->away != NULL, user_ignore_count(user),
               user_reply_to(user).len > 0 ? user->rare->reply_to : "",
               user->current != NULL ? user->current->room->name.text : "");
    for (size_t i = 0; i < OPTION_COUNT; i++)
        buf_printf(out, " %u", user->options[i]);
    buf_printf(out, " realname=%s watches=%zu",
               user->rare != NULL && user->rare->realname != NULL ? user->rare->realname : "",
               user->rare != NULL ? user->rare->watches.count : 0);
    buf_printf(out, " modes=%u", user->modes);
    buf_printf(out, " oper=%d killed=%s", user->is_server_operator,
               user_killed_why(user).len > 0 ? user->rare->killed_why : "");
    LIST_FOREACH(membership, &user->memberships, struct membership, user_link)
        buf_printf(out, " %s%s%s%s", membership->room->name.text, membership->is_leaving ? "-" : "+",
                   membership->is_operator ? "@" : "", membership->is_voiced ? "v" : "");
    buf_put_char(out, '\n');
}

static void show_room(struct buf *out, const struct hub *hub, const char *name)
{
    struct room *room = hub_find_room(hub, bytes_of(name));
    if (room == NULL)
        return;
    buf_printf(out, "%s topic=%s by=%s members=%zu present=%zu next=%d\n", room->name.text,
               room->topic != NULL ? room->topic : "", room->topic_by.text, room->member_count,
               room->present_count, (int)room->next_event_id);
    buf_printf(out, "modes=%x slow=%d max=%zu key=%s invited=%zu", room->modes, (int)room->slow_ms,
               room->people_max, room->key, room->invited_count);
    LIST_FOREACH(ban, &room->bans, struct restriction, link)
        buf_printf(out, " ban=%s", ban->mask);
    LIST_FOREACH(mute, &room->mutes, struct restriction, link)
        buf_printf(out, " mute=%s", mute->mask);
    LIST_FOREACH(exception, &room->exceptions, struct restriction, link)
        buf_printf(out, " except=%s", exception->mask);
    LIST_FOREACH(admission, &room->admissions, struct restriction, link)
        buf_printf(out, " admit=%s", admission->mask);
    buf_put_char(out, '\n');
}

static void show(const struct hub *hub, struct buf *out)
{
    static const char *const names[] = {"bob", "alice", "robert", "carol"};
    static const char *const rooms[] = {"#lobby", "#ops", "#new"};
    buf_reset(out);
    buf_printf(out, "users=%zu/%zu rooms=%zu/%zu seq=%d\n", hub->user_names.count, hub->users.count,
               hub->room_names.count, hub->rooms.count, (int)hub->emitted_seq);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct user *user = hub_find_user_name(hub, bytes_of(names[i]));
        if (user != NULL)
            show_user(out, user);
    }
    for (size_t i = 0; i < ARRAY_LEN(rooms); i++)
        show_room(out, hub, rooms[i]);
    assert_int_equal(buf_error(out), 0);
}

/* ---- requests ---- */

struct scene {
    struct chat_world world;
    struct user *bob;
    struct buf before, after;
};

/* Bob is in #lobby and #ops, alice wrote to him; the tables and arrays are about full, so that what
 * comes next has to grow them. */
static void scene_init(struct scene *scene)
{
    chat_world_init(&scene->world, 10);
    scene->bob = chat_world_enter(&scene->world, "bob");
    struct user *alice = chat_world_enter(&scene->world, "alice");
    assert_int_equal(hub_join_lobby(scene->world.hub, scene->bob), 0);
    assert_int_equal(hub_join_lobby(scene->world.hub, alice), 0);
    chat_world_type(&scene->world, scene->bob, "/join #ops");
    chat_world_type(&scene->world, alice, "/join #ops");
    chat_world_type(&scene->world, scene->bob, "/ban troll");
    chat_world_type(&scene->world, scene->bob, "/mute troll");
    chat_world_type(&scene->world, scene->bob, "/except carol");
    chat_world_type(&scene->world, scene->bob, "/admit dev-*");
    chat_world_type(&scene->world, alice, "/msg bob hi");
    chat_world_type(&scene->world, scene->bob, "/ignore alice");
    chat_world_type(&scene->world, scene->bob, "/away");
    assert_int_equal(hub_set_server_operator(scene->world.hub, scene->bob, true), 0);
    hub_set_origin(scene->world.hub, scene->bob, &(struct hub_origin){.wants_names = true});
    hub_set_wants(scene->world.hub, scene->bob, HUB_WANTS_NAMES | HUB_WANTS_CHANGES | HUB_WANTS_TAGS);
    hub_set_wants(scene->world.hub, alice, HUB_WANTS_TAGS);
    chat_world_type(&scene->world, scene->bob, "/voice alice");
    chat_world_type(&scene->world, scene->bob, "/watch x0,x1");
    for (int i = 0; i < 10; i++) {
        char text[32];
        snprintf(text, sizeof(text), "x%d", i);
        struct user *extra = chat_world_enter(&scene->world, text);
        snprintf(text, sizeof(text), "/join #x%d", i);
        chat_world_type(&scene->world, extra, text);
        chat_world_type(&scene->world, extra, "/away");
    }
    buf_init(&scene->before, 8192);
    buf_init(&scene->after, 8192);
}

static void scene_done(struct scene *scene)
{
    buf_done(&scene->before);
    buf_done(&scene->after);
    chat_world_done(&scene->world);
}

/* Lets the first, second … allocation fail until the request works. */
static void fail_until_it_works(const char *line)
{
    struct scene scene;
    scene_init(&scene);
    chat_world_forget_events(&scene.world);
    int result = -ENOMEM;
    long failures = 0;
    for (; result != 0; failures++) {
        assert_true(failures < 100);
        show(scene.world.hub, &scene.before);
        allocations_left = failures;
        result = chat_world_try(&scene.world, scene.bob, line);
        allocations_left = -1;
        if (result == 0)
            break;
        assert_int_equal(result, -ENOMEM);
        show(scene.world.hub, &scene.after);
        if (!bytes_eq(buf_bytes(&scene.before), buf_bytes(&scene.after)))
            fail_msg("%s: have\n%.*swant\n%.*s", line, BYTES_ARG(buf_bytes(&scene.after)),
                     BYTES_ARG(buf_bytes(&scene.before)));
        chat_world_expect_nothing(&scene.world);
    }
    assert_true(failures > 0); /* each of them makes an event at least */
    assert_false(list_is_empty(&scene.world.emitted));
    scene_done(&scene);
}

static void test_hub_oom_changes_nothing(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "hello",
        "/me waves",
        "/msg alice hi",
        "/reply hi",
        "/join #new",
        "/join #x1",
        "/join #",
        "/join #lobby",
        "/part",
        "/part #ops x",
        "/switch lobby",
        "/topic x",
        "/topic -",
        "/topic",
        "/names",
        "/rooms",
        "/nick robert",
        "/nick BOB",
        "/nick alice",
        "/help",
        "/help xyz",
        "/msg nobody x",
        "/kick alice x",
        "/kick nobody",
        "/ban alice 1h x",
        "/ban x*@192.0.2.*",
        "/ban TROLL 1h",
        "/ban $",
        "/ban",
        "/unban troll",
        "/unban alice",
        "/kill alice x",
        "/wall hello",
        "/deoper",
        "/motd",
        "/mute alice 10m x",
        "/mute",
        "/unmute troll",
        "/except alice 10m x",
        "/except",
        "/unexcept carol",
        "/admit x*@192.0.2.*",
        "/admit",
        "/unadmit dev-*",
        "/op alice",
        "/deop bob",
        "/voice alice",
        "/devoice alice",
        "/invite x1",
        "/invite alice",
        "/mode",
        "/mode secret on",
        "/mode x on",
        "/slow 10",
        "/key sesame",
        "/limit 5",
        "/who",
        "/who #ops",
        "/whois alice",
        "/whois nobody",
        "/away lunch",
        "/back",
        "/ignore alice",
        "/ignore",
        "/unignore alice",
        "/msg x1 hi",
        "/history",
        "/history x",
        "/time",
        "/set",
        "/set time iso",
        "/set x y",
        "/ping",
        "/version",
        "/uptime",
        "/realname Robert",
        "/realname",
        "/realname -",
        "/stats",
        "/ops hello",
        "/voiced hello",
        "/leave-all bye",
        "/ison alice",
        "/userhost alice",
        "/who-fields * %n",
        "/watch-status",
        "/tags",
        "/tags-to alice",
        "/modes-of-user",
        "/modes-of-user hidden on",
        "/invites",
        "/wallops hello",
        "/whowas bob",
        "/watch alice,carol nobody",
        "/watch",
        "/unwatch x0 x1",
        "/unwatch alice",
        "/unwatch *",
        "/rooms x*,>0",
        "/rename #new why",
        "/rename #OPS",
        "/rename #x1",
        " ",
    };
    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        fail_until_it_works(lines[i]);
}

/* What programs ask for: without memory nothing is taken back. */
static void test_hub_oom_of_programs_changes_nothing(void **state)
{
    (void)state;
    struct scene scene;
    scene_init(&scene);
    chat_world_type(&scene.world, scene.bob, "oops");
    chat_world_publish_all(&scene.world);
    const struct room_log *log = &scene.bob->current->room->log;
    const struct chat_event *said = room_log_get(log, log->next - 1);
    const struct chat_range range = {.from = {CHAT_MARK_MESSAGE, said->seq, said->wall_ms}, .most = 1};
    const struct bytes room = room_name(scene.bob->current->room);
    const struct chat_request requests[] = {
        {.command = command_client(BYTES("range")), .words = {room}, .word_count = 1, .range = &range},
        {.command = command_client(BYTES("redact")),
         .room = room,
         .words = {BYTES("x")},
         .word_count = 1,
         .range = &range},
    };

    for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
        allocations_left = 0;
        int result = hub_apply(scene.world.hub, scene.bob, &requests[i]);
        allocations_left = -1;
        assert_int_equal(result, -ENOMEM);
        assert_true(bytes_eq(said->text, BYTES("oops")));
        chat_world_expect_nothing(&scene.world);
        assert_int_equal(hub_apply(scene.world.hub, scene.bob, &requests[i]), 0);
        chat_world_forget_events(&scene.world);
    }
    assert_true(said->is_redacted);
    allocations_left = 0;
    assert_int_equal(hub_label(scene.world.hub, scene.bob, BYTES("l1")), -ENOMEM);
    allocations_left = -1;
    scene_done(&scene);
}

static void test_hub_oom_on_entering_takes_no_name(void **state)
{
    (void)state;
    struct scene scene;
    scene_init(&scene);
    int result = -ENOMEM;
    for (long failures = 0; result != 0; failures++) {
        struct user *user = NULL;
        show(scene.world.hub, &scene.before);
        allocations_left = failures;
        result = hub_enter(scene.world.hub, BYTES("carol"), NULL, &user);
        allocations_left = -1;
        if (result == 0) {
            assert_true(failures >= 3);
            break;
        }
        assert_int_equal(result, -ENOMEM);
        assert_null(user);
        show(scene.world.hub, &scene.after);
        assert_true(bytes_eq(buf_bytes(&scene.before), buf_bytes(&scene.after)));
    }
    scene_done(&scene);
}

static void test_hub_oom_on_start_gives_no_hub(void **state)
{
    (void)state;
    struct clock_fake clock;
    clock_fake_init(&clock, 0, 0);
    struct chat_sink sink = {0};
    struct hub_config config = {.lobby = "#lobby", .log_events = 1, .rooms_per_user = 1};
    struct hub *hub = NULL;
    for (long failures = 0; hub == NULL; failures++) {
        assert_true(failures < 100);
        allocations_left = failures;
        hub = hub_new(&config, &clock.clock, &sink);
        allocations_left = -1;
        assert_true(hub == NULL || failures >= 4);
    }
    hub_free(hub);
}

static void test_hub_tells_departures_when_there_is_memory_again(void **state)
{
    (void)state;
    struct scene scene;
    scene_init(&scene);
    chat_world_publish_all(&scene.world);
    struct user *alice = hub_find_user_name(scene.world.hub, BYTES("alice"));
    char why[300];
    memset(why, '\xFF', sizeof(why)); /* grows while it is cleaned */
    allocations_left = 0;
    assert_false(hub_leave(scene.world.hub, scene.bob, (struct bytes){why, sizeof(why)}));
    assert_false(hub_leave(scene.world.hub, alice, BYTES("")));
    assert_false(hub_tell_departures(scene.world.hub));
    assert_null(hub_find_user_name(scene.world.hub, BYTES("bob")));
    assert_true(list_is_empty(&scene.world.emitted));
    allocations_left = 1;
    assert_false(hub_tell_departures(scene.world.hub)); /* one of them */
    allocations_left = 0;
    struct user *gone = chat_world_publish(&scene.world);
    chat_world_drop_news(&scene.world);
    assert_ptr_equal(gone, scene.bob);
    hub_forget(scene.world.hub, gone);
    assert_true(list_is_empty(&scene.world.emitted));
    allocations_left = -1;
    assert_true(hub_tell_departures(scene.world.hub));
    gone = chat_world_publish(&scene.world);
    chat_world_drop_news(&scene.world);
    assert_ptr_equal(gone, alice);
    hub_forget(scene.world.hub, gone);
    assert_true(hub_tell_departures(scene.world.hub)); /* nobody is left */
    assert_true(list_is_empty(&scene.world.emitted));
    scene_done(&scene);
}

/* ---- the log ---- */

static int append(struct room_log *log, uint64_t id, long allowed)
{
    struct chat_event *event = chat_event_new(&(struct chat_event_spec){.kind = CHAT_EV_MESSAGE});
    assert_non_null(event);
    event->id = id;
    allocations_left = allowed;
    int result = room_log_append(log, event);
    allocations_left = -1;
    chat_event_unref(event);
    return result;
}

static void test_room_log_oom_leaves_a_gap(void **state)
{
    (void)state;
    struct room_log log;
    room_log_init(&log, 100);
    assert_int_equal(append(&log, 0, 0), -ENOMEM);
    assert_int_equal(append(&log, 1, 0), -ENOMEM);
    assert_int_equal(log.first, 2);
    assert_int_equal(log.next, 2);
    assert_int_equal(append(&log, 2, -1), 0);
    assert_int_equal(log.first, 2);
    assert_int_equal(room_log_get(&log, 2)->id, 2);
    room_log_done(&log);
}

static void test_room_log_oom_drops_the_oldest_and_grows_later(void **state)
{
    (void)state;
    struct room_log log;
    room_log_init(&log, 100);
    uint64_t id = 0;
    while (log.next < 8)
        assert_int_equal(append(&log, id++, -1), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(append(&log, id++, 0), 0); /* it cannot grow */
    assert_int_equal(log.first, 3);
    assert_int_equal(log.next, 11);
    assert_int_equal(append(&log, id++, -1), 0);
    assert_int_equal(log.first, 3);
    for (uint64_t at = log.first; at < log.next; at++)
        assert_int_equal(room_log_get(&log, at)->id, at);
    room_log_done(&log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hub_oom_changes_nothing),
        cmocka_unit_test(test_hub_oom_of_programs_changes_nothing),
        cmocka_unit_test(test_hub_oom_on_entering_takes_no_name),
        cmocka_unit_test(test_hub_oom_on_start_gives_no_hub),
        cmocka_unit_test(test_hub_tells_departures_when_there_is_memory_again),
        cmocka_unit_test(test_room_log_oom_leaves_a_gap),
        cmocka_unit_test(test_room_log_oom_drops_the_oldest_and_grows_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
