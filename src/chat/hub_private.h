/* The hub from inside: for hub*.c and the command handlers (cmd*.c) only. */
#ifndef CHAT_HUB_PRIVATE_H
#define CHAT_HUB_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/hashmap.h"
#include "chat/hub.h"
#include "chat/whowas.h"

struct membership;

struct hub {
    struct hub_config config;
    const struct clock *clock;
    struct chat_sink *sink;
    struct hashmap users;      /* all that are not forgotten, by the bytes of their id */
    struct hashmap user_names; /* the present ones, by folded name */
    struct hashmap rooms;      /* all, by the bytes of their id */
    struct hashmap room_names; /* those that have not ended, by folded name */
    struct room *lobby;
    struct list untold; /* struct user by gone_link: have left, but there was no memory to say so */
    uint64_t next_user_id, next_room_id;
    uint64_t emitted_seq, published_seq; /* the last ones */
    size_t most_people, operator_count;  /* operators of the server who are present */
    size_t changes_reader_count;         /* present ones with HUB_WANTS_CHANGES */
    size_t tags_reader_count;            /* and with HUB_WANTS_TAGS */
    size_t hidden_count;                 /* present ones with USER_MODE_HIDDEN */
    bool is_closing;
    bool is_quiet;                 /* what is asked for is a notice: it is not refused in words */
    const struct command *running; /* by hub_apply(); NULL: none */
    struct hub_texts texts;
    struct whowas whowas;
    struct hashmap watched; /* struct watched by folded name; see watch.h */
    int64_t start_ms, start_wall_ms;
    struct buf scratch; /* has all the memory it may ever need, so that cleaning cannot fail */
};

/* Monotonic. */
int64_t hub_now_ms(const struct hub *hub);

/* Cleans to at most max_bytes (up to HUB_TEXT_BYTES_MAX). The slice is good until the next call;
 * hub_refuse() and hub_notify() call this, too. */
struct bytes hub_clean(struct hub *hub, struct bytes raw, size_t max_bytes);
/* The same for what people say, by text_clean_said(); empty when nothing would be seen of it. */
struct bytes hub_clean_said(struct hub *hub, struct bytes raw);

/* A new room under a name that is free. 0 or -ENOMEM. */
MUST_CHECK int hub_open_room(struct hub *hub, struct bytes name, struct room **ret_room);
/* Gives the room a name that is valid and free, or its own in another case. 0 or -ENOMEM. */
MUST_CHECK int hub_rename_room(struct hub *hub, struct room *room, struct bytes name);
/* Leaves the room; when nobody is left in it and it is not permanent, it ends: its name becomes free. */
void hub_leave_room(struct hub *hub, struct membership *membership);
/* To be called once the departure is emitted: if it was the room's last operator who left, whoever is there
 * longest becomes one, and all are told. Not in rooms that are permanent, not when everybody leaves, and not
 * without memory to tell of it. */
void hub_succeed(struct hub *hub, const struct membership *departed);
/* Frees the room if it has ended and nothing about it is on its way any more. */
void hub_drop_room(struct hub *hub, struct room *room);

/* Gives the user a name that is valid and free, or its own in another case. 0 or -ENOMEM. */
MUST_CHECK int hub_rename(struct hub *hub, struct user *user, struct bytes name);

/* Somebody of this name has come, or has gone. Who watches it and cannot be told for lack of memory is not told. */
void hub_tell_watchers(struct hub *hub, struct bytes name, bool is_here);
/* The same for what the user did, for those who want it and share no room with the user: others learn of it there. */
void hub_tell_watchers_change(struct hub *hub, const struct user *user, const struct chat_event_spec *change);

/* For "did you mean": the nearest name of a person or a room, empty when there is none. Those that the
 * user meets come first. Looks at a bounded number. The slice is good until the state changes. */
struct bytes hub_nearest_user(const struct hub *hub, const struct user *user, struct bytes wanted);
struct bytes hub_nearest_room(const struct hub *hub, const struct user *user, struct bytes wanted);

#endif
