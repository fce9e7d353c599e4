/* See the header. Failures are cmocka's, reported at the place in this file; the test's name tells. */
#include "support/chat_world.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "chat/user.h"

static void keep(struct chat_sink *sink, struct chat_event *event)
{
    struct chat_world *world = container_of(sink, struct chat_world, sink);
    list_push_back(&world->emitted, &event->queue_link);
}

void chat_world_init(struct chat_world *world, size_t log_events)
{
    *world = (struct chat_world){.sink = {.emit = keep}};
    clock_fake_init(&world->clock, 1000, 1700000000000);
    list_init(&world->emitted);
    hub_news_init(&world->news);
    struct hub_config config = {
        .lobby = "#lobby", .log_events = log_events, .rooms_per_user = CHAT_WORLD_ROOMS_PER_USER};
    world->hub = hub_new(&config, &world->clock.clock, &world->sink);
    assert_non_null(world->hub);
}

void chat_world_done(struct chat_world *world)
{
    chat_world_forget_events(world);
    chat_world_drop_news(world);
    hub_free(world->hub);
}

struct user *chat_world_enter(struct chat_world *world, const char *name)
{
    struct user *user = NULL;
    assert_int_equal(hub_enter(world->hub, bytes_of(name), NULL, &user), 0);
    return user;
}

int chat_world_try(struct chat_world *world, struct user *user, const char *line)
{
    struct chat_request request = {.command = command_say(), .text = bytes_of(line)};
    if (line[0] == '/') {
        struct bytes rest = bytes_of(line + 1);
        struct bytes word = bytes_word(&rest);
        const struct command *command = command_find(word);
        if (command == NULL)
            command = command_client(word);
        assert_non_null(command);
        command_cut(command, rest, &request);
    }
    return hub_apply(world->hub, user, &request);
}

void chat_world_type(struct chat_world *world, struct user *user, const char *line)
{
    assert_int_equal(chat_world_try(world, user, line), 0);
}

void chat_world_ask(struct chat_world *world, struct user *user, const char *command, const char *text)
{
    struct chat_request request = {.command = command_client(bytes_of(command)), .text = bytes_of(text)};
    assert_non_null(request.command);
    assert_int_equal(hub_apply(world->hub, user, &request), 0);
}

const struct chat_event *chat_world_take(struct chat_world *world, enum chat_event_kind kind)
{
    chat_event_unref(world->taken);
    world->taken = NULL;
    struct list_link *link = list_pop_front(&world->emitted);
    assert_non_null(link);
    world->taken = container_of(link, struct chat_event, queue_link);
    assert_string_equal(chat_event_kind_str(world->taken->kind), chat_event_kind_str(kind));
    return world->taken;
}

const struct chat_event *chat_world_take_refusal(struct chat_world *world, const struct user *user,
                                                 enum chat_err err)
{
    const struct chat_event *event = chat_world_take(world, CHAT_EV_REFUSED);
    assert_int_equal(event->target_id, user->id);
    assert_int_equal(event->err, err);
    return event;
}

void chat_world_expect_nothing(const struct chat_world *world)
{
    assert_true(list_is_empty(&world->emitted));
}

void chat_world_forget_events(struct chat_world *world)
{
    chat_event_unref(world->taken);
    world->taken = NULL;
    for (struct list_link *link; (link = list_pop_front(&world->emitted)) != NULL;)
        chat_event_unref(container_of(link, struct chat_event, queue_link));
}

struct user *chat_world_publish(struct chat_world *world)
{
    struct list_link *link = list_pop_front(&world->emitted);
    assert_non_null(link);
    struct chat_event *event = container_of(link, struct chat_event, queue_link);
    struct user *gone = hub_publish(world->hub, event, &world->news);
    chat_event_unref(event);
    return gone;
}

void chat_world_publish_all(struct chat_world *world)
{
    while (!list_is_empty(&world->emitted))
        assert_null(chat_world_publish(world));
    chat_world_drop_news(world);
}

void chat_world_drop_news(struct chat_world *world)
{
    while (list_pop_front(&world->news.rooms) != NULL)
        continue;
}

void chat_world_assert_text(struct bytes have, const char *want)
{
    struct bytes wanted = bytes_of(want);
    if (!bytes_eq(have, wanted))
        fail_msg("have \"%.*s\", want \"%s\"", BYTES_ARG(have), want);
}

int chat_scene_set_up(void **state)
{
    struct chat_scene *scene = calloc(1, sizeof(*scene));
    assert_non_null(scene);
    chat_world_init(&scene->world, 100);
    scene->bob = chat_world_enter(&scene->world, "bob");
    scene->alice = chat_world_enter(&scene->world, "alice");
    assert_int_equal(hub_join_lobby(scene->world.hub, scene->bob), 0);
    assert_int_equal(hub_join_lobby(scene->world.hub, scene->alice), 0);
    chat_world_forget_events(&scene->world);
    *state = scene;
    return 0;
}

int chat_scene_tear_down(void **state)
{
    struct chat_scene *scene = *state;
    chat_world_done(&scene->world);
    free(scene);
    return 0;
}
