/* A room, who is in it, and how far each has read.
 *
 * State changes at once when the hub applies a request; readers hear of it later, when the event is
 * published into the log. A membership therefore outlives the wish to leave: it stays, leaving, until
 * the departure is published, so that its reader still gets everything that was said before. */
#ifndef CHAT_ROOM_H
#define CHAT_ROOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "base/list.h"
#include "chat/name.h"
#include "chat/room_log.h"

#define ROOM_INVITED_MAX 32
#define ROOM_KEY_BYTES_MAX 32

struct user;

enum membership_state {
    MEMBERSHIP_JOINING, /* its join is not published: it has no cursor */
    MEMBERSHIP_READING, /* gets [cursor, log.next) */
    MEMBERSHIP_ENDED,   /* its departure is published at `end`: gets [cursor, end), then goes */
};

struct membership {
    struct user *user;
    struct room *room;
    struct list_link user_link;
    uint32_t index; /* in room->members */
    enum membership_state state : 8;
    bool is_leaving; /* counts no more; its departure is emitted */
    bool is_operator, is_voiced;
    uint64_t joined_seq; /* the hub's events up to the join: the least is here longest */
    uint64_t start;      /* position of its own join in the log: history is what came before */
    uint64_t cursor;     /* next position owed to the reader */
    union {
        int64_t said_ms; /* not leaving; for slow mode: when its last message was, or the join */
        uint64_t end;    /* ENDED */
    };
};

struct room {
    uint64_t id; /* never reused */
    struct name name;
    bool is_permanent; /* stays when empty */
    char *topic;       /* owned; NULL: none */
    struct name topic_by;
    int64_t topic_wall_ms;  /* when it was set */
    int64_t opened_wall_ms; /* when the room was */
    uint64_t next_event_id;
    /* The rules; see chat/policy.h. */
    uint32_t modes;                     /* ROOM_MODE_… */
    int64_t slow_ms;                    /* between two messages of one person; 0: no slow mode */
    size_t people_max;                  /* 0: no limit */
    char key[ROOM_KEY_BYTES_MAX + 1];   /* "": none is needed */
    struct list bans, mutes;            /* struct restriction by link, as are these: */
    struct list exceptions;             /* from both */
    struct list admissions;             /* without an invitation */
    uint64_t invited[ROOM_INVITED_MAX]; /* ids of users, oldest first */
    size_t invited_count;
    struct membership **members; /* dense, in no order; leaving ones too */
    size_t member_count, member_capacity;
    size_t present_count;     /* without the leaving ones */
    size_t unpublished_count; /* events emitted to the room that are not in the log yet */
    struct room_log log;
    uint64_t renamed_end; /* the position behind its latest CHAT_EV_ROOM_RENAMED that is published; 0: none */
    /* For whoever publishes: rooms that have news, and where their news begin. */
    struct list_link news_link;
    uint64_t news_from;
    uint64_t held_to;  /* news up to there are left for later, for nobody is to see them; 0: none are */
    bool has_watchers; /* somebody here may want to see who comes and goes, also in a large room */
};

MUST_CHECK struct room *room_new(uint64_t id, struct bytes name, size_t log_max_events);
void room_free(struct room *room); /* must have no members */

/* A new membership, JOINING; NULL when out of memory. */
MUST_CHECK struct membership *room_join(struct room *room, struct user *user);
/* No longer counts, but still reads until room_detach(). It must not be the user's current one any more. */
void room_leave(struct membership *membership);
/* Frees the membership; it need not have left. If it is the user's current one, the user has none then. */
void room_detach(struct membership *membership);

struct bytes room_name(const struct room *room);

/* Drops from the log, of the events from position `from` on, what is no history, if every reader has them. */
void room_forget_news(struct room *room, uint64_t from);

/* When there are too many, the oldest invitation lapses. Inviting twice is inviting once. */
void room_invite(struct room *room, const struct user *user);
bool room_is_invited(const struct room *room, const struct user *user);
/* An invitation is used up by coming in. */
void room_uninvite(struct room *room, const struct user *user);

#endif
