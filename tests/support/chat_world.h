/* A hub with a clock that stands still and a sink that keeps what is emitted, for tests of the chat
 * folder: lines go in as a person would type them, events come out one by one. */
#ifndef SUPPORT_CHAT_WORLD_H
#define SUPPORT_CHAT_WORLD_H

#include <stddef.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/list.h"
#include "chat/chat_event.h"
#include "chat/hub.h"

#define CHAT_WORLD_ROOMS_PER_USER 3

struct chat_world {
    struct chat_sink sink;
    struct clock_fake clock;
    struct hub *hub;
    struct list emitted;      /* struct chat_event by queue_link, oldest first */
    struct chat_event *taken; /* what chat_world_take() gave out last */
    struct hub_news news;
};

void chat_world_init(struct chat_world *world, size_t log_events);
void chat_world_done(struct chat_world *world);

/* Enters under a name that must be free. */
struct user *chat_world_enter(struct chat_world *world, const char *name);

/* Applies a line: "/command …" (also those that only programs ask for), or text that is said. chat_world_type() demands success. */
MUST_CHECK int chat_world_try(struct chat_world *world, struct user *user, const char *line);
void chat_world_type(struct chat_world *world, struct user *user, const char *line);

/* Applies what only programs ask for (command_client()), with this text; demands success. */
void chat_world_ask(struct chat_world *world, struct user *user, const char *command, const char *text);

/* The oldest event emitted that was not taken yet; it must be of this kind. Good until the next call. */
const struct chat_event *chat_world_take(struct chat_world *world, enum chat_event_kind kind);
/* The same for a refusal, which must be told to the user. */
const struct chat_event *chat_world_take_refusal(struct chat_world *world, const struct user *user,
                                                 enum chat_err err);
void chat_world_expect_nothing(const struct chat_world *world);
/* Drops all that is emitted. */
void chat_world_forget_events(struct chat_world *world);

/* Publishes the oldest event emitted; returns what hub_publish() does. */
struct user *chat_world_publish(struct chat_world *world);
/* Publishes everything and empties the news. Nobody may have left. */
void chat_world_publish_all(struct chat_world *world);
void chat_world_drop_news(struct chat_world *world);

void chat_world_assert_text(struct bytes have, const char *want);

/* Bob and alice in the lobby, nothing waiting to be looked at: for cmocka's setup and teardown. */
struct chat_scene {
    struct chat_world world;
    struct user *bob, *alice;
};

int chat_scene_set_up(void **state);
int chat_scene_tear_down(void **state);

#endif
