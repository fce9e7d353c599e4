/* The domain's one door: who is here, which rooms there are, what happens when somebody asks.
 *
 * Everything is synchronous: no function here may suspend, and none does I/O. A request changes the
 * state at once and emits events through the sink, in one order. Whoever owns the sink publishes them
 * later, in that order, with hub_publish(): that is when readers' cursors move (see chat/room.h).
 *
 *     hub_enter → hub_apply … → hub_leave          what is          (session's side)
 *     sink.emit → (async queue) → hub_publish      what is told     (broadcaster's side)
 *
 * Ownership: the hub owns users and rooms. A user is freed when its departure is published. */
#ifndef CHAT_HUB_H
#define CHAT_HUB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/hashmap.h"
#include "base/list.h"
#include "chat/chat_err.h"
#include "chat/chat_event.h"
#include "chat/command.h"
#include "chat/name.h"
#include "chat/policy.h"
#include "chat/text.h"

struct outbox;
struct room;
struct user;

/* Where events go. */
struct chat_sink {
    /* Takes over the reference. Must not fail, must not call back into the hub. */
    void (*emit)(struct chat_sink *sink, struct chat_event *event);
};

struct hub_config {
    const char *lobby;     /* the room that always exists; a valid room name */
    size_t log_events;     /* kept per room, at least 1 */
    size_t rooms_per_user; /* at least 1 */
    const char *version;   /* for /version; static; NULL: none */
};

/* What people type is cleaned and cut to these. */
#define HUB_TEXT_BYTES_MAX TEXT_BYTES_MAX
#define HUB_TOPIC_BYTES_MAX 300
#define HUB_WHY_BYTES_MAX 200
#define HUB_SUBJECT_BYTES_MAX 64 /* what a refusal is about, and its suggestion */

struct hub; /* one per server; two may live in one process */

/* NULL when out of memory. `clock` and `sink` must outlive the hub; config is copied. */
MUST_CHECK struct hub *hub_new(const struct hub_config *config, const struct clock *clock,
                               struct chat_sink *sink);
/* Another limit for who joins from now on; nobody has to leave a room. At least 1. */
void hub_set_rooms_per_user(struct hub *hub, size_t rooms_per_user);
/* Frees users and rooms that are left, emits nothing. */
void hub_free(struct hub *hub);

/* Somebody takes a name. 0; CHAT_ERR_NAME_BAD or CHAT_ERR_NAME_TAKEN (> 0); -ENOMEM. The user is in
 * no room yet. `outbox` is opaque here and may be NULL. */
MUST_CHECK int hub_enter(struct hub *hub, struct bytes name, struct outbox *outbox, struct user **ret_user);

/* What the session knows of the user, to be told before anything else is asked. */
struct hub_origin {
    struct bytes host;  /* numeric address, cut to USER_HOST_BYTES_MAX; for bans and server operators */
    const char *client; /* the dialect's name; static */
    bool is_encrypted;
    bool wants_names; /* HUB_WANTS_NAMES and HUB_WANTS_WELCOME */
};
void hub_set_origin(struct hub *hub, struct user *user, const struct hub_origin *origin);
/* What else the user's program is to be told; may change at any time. */
enum {
    HUB_WANTS_NAMES = 1u << 0,   /* on entering a room the names of all, as an answer of their own */
    HUB_WANTS_CHANGES = 1u << 1, /* who is away, has another realname or is invited, in its rooms */
    HUB_WANTS_WATCHED = 1u << 2, /* the same of those it watches */
    HUB_WANTS_WELCOME =
        1u << 4, /* on coming in the numbers of the server, and a word if there is no message of the day */
    HUB_WANTS_TAGS = 1u << 3, /* CHAT_EV_TAGS and CHAT_EV_PRIVATE_TAGS */
};
void hub_set_wants(struct hub *hub, struct user *user, uint8_t wants);
/* What the user's program says of the person besides the name, in silence; cleaned and cut here, empty: nothing.
 * 0 or -ENOMEM. */
MUST_CHECK int hub_set_realname(struct hub *hub, struct user *user, struct bytes text);
/* An operator of all rooms, and of the server itself. */
/* From now on, or no longer; tells the user. 0 or -ENOMEM: nothing changed. */
MUST_CHECK int hub_set_server_operator(struct hub *hub, struct user *user, bool is_operator);
/* Asks the user for a password, which the session waits for. 0 or -ENOMEM. */
MUST_CHECK int hub_ask_password(struct hub *hub, struct user *user);

/* What the administrator has to say to everybody: clean lines (text_clean()), between them '\n'. */
struct hub_texts {
    struct bytes motd, rules; /* empty: none */
};
/* Not copied; until the next call. */
void hub_set_texts(struct hub *hub, const struct hub_texts *texts);
/* Shows a newcomer the message of the day, if there is one; what comes before it see HUB_WANTS_WELCOME. 0 or -ENOMEM. */
MUST_CHECK int hub_welcome(struct hub *hub, struct user *user);

/* Writes a free name like `wanted` ("bob2"), or a guest name when `wanted` is no name. */
void hub_suggest_name(const struct hub *hub, struct bytes wanted, char ret_name[NAME_USER_BYTES_MAX + 1]);

/* Does what is asked, or emits why not. 0, or -ENOMEM: then nothing changed and nothing was emitted.
 * The user must not have left; the command must not be one of the session's (COMMAND_F_SESSION).
 * A room that the last one leaves has ended: its name is free, and who joins it opens a new room. */
MUST_CHECK int hub_apply(struct hub *hub, struct user *user, const struct chat_request *request);

/* The same as a request to join, for the session that leads a newcomer into the lobby. */
MUST_CHECK int hub_join_lobby(struct hub *hub, struct user *user);

/* Tells one user something from the server. 0 or -ENOMEM. */
MUST_CHECK int hub_notify(struct hub *hub, struct user *user, struct bytes text);

/* Tells one user what its session found out: an event of this kind, which is one for one user. 0 or -ENOMEM. */
MUST_CHECK int hub_answer(struct hub *hub, struct user *user, enum chat_event_kind kind, struct bytes text,
                          const struct chat_item *items, size_t item_count);

/* Passes on an answer that the user's session made: bytes as its client is to get them, between what came before
 * and what comes after. `state`, too, is the session's, for when they are written. 0 or -ENOMEM. */
MUST_CHECK int hub_pass(struct hub *hub, struct user *user, struct bytes bytes, uint32_t state);

/* What the user is told from here on, and has not been told by others, answers what its program calls `label`; an empty
 * one: that was all. Labels are not nested. 0 or -ENOMEM. */
MUST_CHECK int hub_label(struct hub *hub, struct user *user, struct bytes label);

/* The user leaves, for the reason given (cleaned and cut here). Cannot fail. Frees the name at once.
 * The user object lives until its CHAT_EV_QUIT is published. False: there was no memory for that event, and
 * hub_tell_departures() has to emit it. (An event for each user, made in time and kept only for that case, would
 * be a tenth of what an idle one needs.) */
bool hub_leave(struct hub *hub, struct user *user, struct bytes why);
/* Tries again to tell of those who left when there was no memory for it. False: some are still to be told. */
bool hub_tell_departures(struct hub *hub);

/* From now on departures are silent: everyone is leaving at once, so nobody is told who. Their events are
 * emitted and published as ever, only into no log, so that whoever leaves still gets what came before. */
void hub_close(struct hub *hub);

/* ---- publishing ---- */

/* What a batch of events touched; emptied by whoever delivers. */
struct hub_news {
    struct list rooms; /* struct room by news_link; news are [room->news_from, room->log.next) */
};

void hub_news_init(struct hub_news *news);
/* Appends the event to the logs of its audience and moves memberships along: a join gets its cursor,
 * a departure its end. Rooms touched are added to `news`. For CHAT_TO_USER nothing happens here: the
 * caller finds the user by target_id. Returns the actor when this was its CHAT_EV_QUIT: the caller
 * delivers what is left, then calls hub_forget(). NULL otherwise. Events are published in the order
 * of their seq, each once. */
struct user *hub_publish(struct hub *hub, struct chat_event *event, struct hub_news *news);
/* Detaches the user's memberships that are ENDED and read to their end. Rooms left empty that are not
 * permanent are freed: call it when the news are delivered and `news` is empty. */
void hub_reap(struct hub *hub, struct user *user);
/* Frees a user whose departure is published, with all its memberships. */
void hub_forget(struct hub *hub, struct user *user);

/* ---- looking ---- */
struct user *hub_find_user(const struct hub *hub, uint64_t id); /* also one that is gone but not forgotten */
struct user *hub_find_user_name(const struct hub *hub, struct bytes name); /* only present ones */
struct room *hub_find_room(const struct hub *hub, struct bytes name);
/* Calls `visit` for the rooms that /rooms would show the user, in no order, but looks at `look_max` at most. */
void hub_visit_rooms(const struct hub *hub, const struct user *user, size_t look_max,
                     void (*visit)(void *arg, const struct room *room), void *arg);
/* The room with this id; NULL when it has been freed. */
struct room *hub_find_room_id(const struct hub *hub, uint64_t id);
/* The ids of the rooms that have not ended, as many as there is space for. Returns how many were written. */
size_t hub_room_ids(const struct hub *hub, uint64_t *ids, size_t max);
size_t hub_user_count(const struct hub *hub); /* present ones */
size_t hub_room_count(const struct hub *hub);
int64_t hub_started_wall_ms(const struct hub *hub);

/* ---- for command handlers (chat/cmd_*.c) ---- */
const struct hub_config *hub_config(const struct hub *hub);
/* A handler makes all its events first (chat_event_new may fail: -ENOMEM, nothing changed), then changes
 * the state, then emits, which cannot fail. Emitting fills in seq, time and, for rooms, the id, takes
 * over the reference and hands the event to the sink. */
void hub_emit(struct hub *hub, struct chat_event *event);
/* Emits CHAT_EV_REFUSED to the user. 0 or -ENOMEM. */
MUST_CHECK int hub_refuse(struct hub *hub, struct user *user, enum chat_err err, struct bytes subject,
                          struct bytes suggestion);
/* The same for what the policy says about a room. */
MUST_CHECK int hub_refuse_verdict(struct hub *hub, struct user *user, const struct room *room,
                                  struct policy_verdict verdict);

#endif
