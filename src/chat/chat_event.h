/* What people are told: one immutable, refcounted event.
 *
 * The hub emits events in one order (`seq`), each with an audience. It says what happened, never how
 * it looks: the dialects render it. All slices point into the event's own allocation, and events name
 * users and rooms by ids that are never reused, so that an event outlives both.
 *
 * The rule for replies: whoever asked for something learns the result from an event of its own
 * (audience CHAT_TO_USER); the event that the others get is shown to its actor only by dialects that
 * want the echo. */
#ifndef CHAT_EVENT_H
#define CHAT_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "base/list.h"
#include "chat/chat_err.h"
#include "chat/option.h"

enum chat_event_kind {
    /* To a room, in its log. */
    CHAT_EV_MESSAGE, /* actor says text in room; like all that is said it may have lines (chat/text.h) */
    CHAT_EV_ACTION,  /* actor does text in room (/me) */
    CHAT_EV_JOINED,  /* count: people in the room now; text: actor's realname, may be empty; extra: why
                        it is away, empty: it is not */
    CHAT_EV_PARTED,  /* text: why, may be empty; count: people left in the room */
    CHAT_EV_TOPIC,   /* text: the new topic, may be empty */
    CHAT_EV_KICKED,  /* actor throws extra (target_id) out; text: why; count: people left in the room */
    CHAT_EV_TAGS,    /* for programs: nothing but chat_event_tags(); only while somebody wants them */
    CHAT_EV_INVITED_THERE, /* for programs: actor invites extra to room */
    CHAT_EV_CHANGED,       /* actor changes something: see enum chat_change */
    CHAT_EV_REDACTED,      /* actor takes back what extra said: seq target_id, time_ms, id count; text: why */
    CHAT_EV_ROOM_RENAMED, /* actor gives room the name extra; text: why, may be empty. For programs that have to
                              enter it anew: items: the topic, may be empty (detail: who set it, at time_ms), then
                              as in NAMES; count: people; change: SECRET of a secret room */
    /* To all who share a room with the actor, in the logs of the actor's rooms. */
    CHAT_EV_RENAMED, /* actor: old name, text: new name */
    CHAT_EV_QUIT,    /* text: why */
    /* The same, but for programs: people are not told. Only while somebody wants them (hub_set_wants()). */
    CHAT_EV_AWAY_CHANGED,     /* count 1: actor is away (text: why), 0: is back */
    CHAT_EV_REALNAME_CHANGED, /* text: actor's new realname; the name when there is none */
    /* To one user. */
    CHAT_EV_PRIVATE,      /* actor says text to you */
    CHAT_EV_PRIVATE_SENT, /* you said text to `extra`; count 1: the event before it told them, 0: none did */
    CHAT_EV_ENTERED,      /* you are in room, now current; items: who is there, without you, at most
                             CHAT_ENTERED_NAMES_MAX; count: people with you; text: topic. The history
                             is shown with it. The topic is as in TOPIC_IS */
    CHAT_EV_LEFT,         /* you left room; text: why; extra, next_room_id: the room that is current now, may
                             be none */
    CHAT_EV_SWITCHED,     /* room is current now */
    CHAT_EV_NICK,         /* you are text now */
    CHAT_EV_TOPIC_IS,     /* topic of room is text (may be empty), set by extra at time_ms */
    CHAT_EV_TOPIC_SET,    /* you set the topic of room to text */
    CHAT_EV_NAMES,        /* items: everyone in room; count: how many (items may be fewer);
                             change: SECRET of a secret room */
    CHAT_EV_ROOMS,        /* items: rooms (detail: topic, count: people); count: how many; text: which were
                             asked for (room_filter.h), may be empty */
    CHAT_EV_HELP,         /* text: the command asked about, or empty for the overview; count 1: you are an
                             operator of the server */
    CHAT_EV_REFUSED,      /* err, text: what it is about, extra: suggestion; items: the command, if any */
    CHAT_EV_NOTICE,       /* the server says text */
    CHAT_EV_CHANGE_DONE,  /* you changed something: see enum chat_change */
    CHAT_EV_KICKED_OUT,   /* actor threw you out of room; text: why; extra, next_room_id: as of LEFT */
    CHAT_EV_INVITED,      /* actor invites you to room */
    CHAT_EV_MODES,        /* items: modes that are on (count: their number); time_ms: when room opened */
    CHAT_EV_RESTRICTED,   /* change: BAN, MUTE, EXCEPT or ADMIT; items: masks (detail: why, count:
                             seconds left, 0: no end); count: how many there are, also those of
                             addresses, which are left out for who is no operator */
    CHAT_EV_WHO,          /* items: people whose names fit text, or who are in room (detail: why away,
                             count: seconds idle);
                             count: how many; extra: the request's second word, for the dialect that put it there */
    CHAT_EV_WHOIS,        /* items: the person (detail: why away, count: seconds idle), then the rooms in
                             common; text: its client, may be empty; extra: its address, only for
                             operators of the server; time_ms: since when it is here */
    CHAT_EV_AWAY,         /* count 1: you are away (text: why), 0: you are back */
    CHAT_EV_AWAY_IS,      /* extra, to whom you sent something, is away; text: why */
    CHAT_EV_IGNORED,      /* count 1: you ignore text, 0: no longer */
    CHAT_EV_IGNORES,      /* items: whom you ignore */
    CHAT_EV_HISTORY,      /* the last `count` messages of room since time_ms, or chat_event_range() */
    CHAT_EV_OPTION_SET,   /* from here on `option` has the value `count`, or `zone`; text, extra: in words */
    CHAT_EV_OPTIONS,      /* items: your options or one of them (detail: the value) */
    CHAT_EV_TIME,         /* what time it is: wall_ms */
    CHAT_EV_PONG,
    CHAT_EV_VERSION,         /* text: the server's version, may be empty */
    CHAT_EV_UPTIME,          /* count: seconds; time_ms: since when */
    CHAT_EV_WALL,            /* actor, an operator of the server, says text to everybody who is here */
    CHAT_EV_KILLED,          /* actor, an operator of the server, disconnects you; text: why, may be empty */
    CHAT_EV_KILL_DONE,       /* you disconnected extra */
    CHAT_EV_PASSWORD_ASK,    /* the next line is to be the password */
    CHAT_EV_SERVER_OPERATOR, /* count 1: you are an operator of the server, 0: no longer */
    CHAT_EV_MOTD,            /* text: lines of the administrator's, between them \n; empty: there are none */
    CHAT_EV_RULES,           /* the same */
    CHAT_EV_LABEL,        /* text: what a program calls what it asked; answers follow. Empty: that was all */
    CHAT_EV_REALNAME,     /* your realname is text, may be empty; count 1: from now on */
    CHAT_EV_WHOWAS,       /* items: who left or changed the name text lately, newest first (detail: its
                                address, only for operators of the server; count: seconds ago; span_s) */
    CHAT_EV_WATCHED,      /* items: people you watch, with or without CHAT_ITEM_F_HERE; count: how many you
                                asked about, 0: one of them has come or gone */
    CHAT_EV_WATCHES,      /* items: whom you watch, the same; extra: the question's command */
    CHAT_EV_UNWATCHED,    /* items: whom you watch no longer; none: nobody */
    CHAT_EV_WATCHED_AWAY, /* AWAY_CHANGED and REALNAME_CHANGED of somebody whom you watch and share no room */
    CHAT_EV_WATCHED_REALNAME, /* with */
    CHAT_EV_PRIVATE_TAGS,     /* as TAGS; count 1: you sent them to extra */
    CHAT_EV_ROLE_SAID,  /* actor says text to the operators of room; count 1: and to who has voice there.
                                Its actor gets it, too */
    CHAT_EV_USER_MODES, /* count: USER_MODE_… that you have; text: which word has changed, to extra;
                                empty: you asked */
    CHAT_EV_WALLOPS,    /* actor says text to the operators of the server and who wants to read that */
    CHAT_EV_INVITES,    /* items: rooms that you are invited to */
    CHAT_EV_COUNTS,     /* items: enum chat_count, each with its number */
    CHAT_EV_PRESENT,    /* items: those of the people asked about who are here; extra: the question's
                                command */
    CHAT_EV_RELOADING,  /* the settings are being read again, as you asked; a NOTICE tells how it went */
    CHAT_EV_STATS,      /* items: what the server tells of itself; text: which, a letter of IRC */
    CHAT_EV_KIND_COUNT
};

/* What an operator did in a room. `extra` is whom or which mask, `text` why, `time_ms` until when (wall
 * time; 0: no end). The last four are on or off: `count` is 1 or 0. */
enum chat_change {
    CHAT_CHANGE_NONE,
    CHAT_CHANGE_KICK, /* only as CHAT_EV_CHANGE_DONE */
    CHAT_CHANGE_BAN,
    CHAT_CHANGE_UNBAN,
    CHAT_CHANGE_MUTE,
    CHAT_CHANGE_UNMUTE,
    CHAT_CHANGE_EXCEPT, /* from bans and mutes */
    CHAT_CHANGE_UNEXCEPT,
    CHAT_CHANGE_ADMIT, /* without an invitation */
    CHAT_CHANGE_UNADMIT,
    CHAT_CHANGE_OP,
    CHAT_CHANGE_DEOP,
    CHAT_CHANGE_SUCCEED, /* actor, who is here longest, is an operator now: the last one has left */
    CHAT_CHANGE_VOICE,
    CHAT_CHANGE_DEVOICE,
    CHAT_CHANGE_INVITE, /* only as CHAT_EV_CHANGE_DONE */
    CHAT_CHANGE_SLOW,   /* count: seconds, 0: off */
    CHAT_CHANGE_KEY,    /* count: 1 or 0; text: the key, only in CHAT_EV_CHANGE_DONE */
    CHAT_CHANGE_LIMIT,  /* count: people, 0: no limit */
    CHAT_CHANGE_INVITE_ONLY,
    CHAT_CHANGE_SECRET,
    CHAT_CHANGE_TOPIC_LOCK,
    CHAT_CHANGE_MODERATED,
    CHAT_CHANGE_COUNT
};

/* The items of CHAT_EV_COUNTS, in this order. */
enum chat_count {
    CHAT_COUNT_PEOPLE,
    CHAT_COUNT_PEOPLE_MOST, /* at a time since the server started */
    CHAT_COUNT_OPERATORS,   /* of the server */
    CHAT_COUNT_ROOMS,
    CHAT_COUNT_HIDDEN, /* of the people: in no list for strangers */
    CHAT_COUNT_COUNT
};

enum chat_audience { CHAT_TO_USER, CHAT_TO_ROOM, CHAT_TO_PEERS };

#define CHAT_ENTERED_NAMES_MAX 30
#define CHAT_HISTORY_MAX 200    /* HISTORY shows no more than this many */
#define CHAT_REDACT_MAX_S 3600  /* so long can what one has said be taken back */
#define CHAT_LIST_ITEMS_MAX 500 /* NAMES and ROOMS list no more than this many */

#define CHAT_TAGS_BYTES_MAX 1024

enum {
    CHAT_ITEM_F_OPERATOR = 1u << 0,
    CHAT_ITEM_F_YOU = 1u << 1,
    CHAT_ITEM_F_VOICED = 1u << 2,
    CHAT_ITEM_F_AWAY = 1u << 3,
    CHAT_ITEM_F_ENCRYPTED = 1u << 4,     /* talks over TLS */
    CHAT_ITEM_F_ROOM_OPERATOR = 1u << 5, /* where OPERATOR means the server's */
    CHAT_ITEM_F_HERE = 1u << 6,          /* of somebody who is watched */
    CHAT_ITEM_F_BOT = 1u << 7,           /* says of itself that it is a program */
};

struct chat_item {
    struct bytes name, detail;
    struct bytes realname; /* of a person, in CHAT_EV_WHO and CHAT_EV_WHOIS; empty: none */
    uint32_t count;
    uint32_t flags;  /* CHAT_ITEM_F_… */
    uint32_t span_s; /* in CHAT_EV_WHOWAS: so long it was here */
};

struct chat_range;

struct chat_event {
    uint32_t refs;
    uint32_t count;
    enum chat_event_kind kind : 8;
    enum chat_audience audience : 8;
    enum chat_err err : 8;
    enum chat_change change : 8;
    enum chat_option option : 8;
    bool is_notice : 1;   /* what is said is said by a program, and is not to be answered by one */
    bool is_bot : 1;      /* the actor says of itself to be a program */
    bool is_silent : 1;   /* a departure that is told to nobody: everyone is leaving */
    bool is_raw : 1;      /* NOTICE: see hub_pass() */
    bool has_range : 1;   /* see chat_event_range() */
    bool is_redacted : 1; /* see chat_event_redact() */
    uint16_t tags_len;
    size_t item_count;
    uint64_t seq;       /* the hub's order over all events, from 1 */
    uint64_t id;        /* per room, from 1, never reused; 0 for events that are not in a log */
    int64_t wall_ms;    /* when it happened */
    uint64_t actor_id;  /* 0: the server */
    uint64_t target_id; /* audience CHAT_TO_USER; who is kicked */
    uint64_t room_id;   /* 0: none */
    union {
        int64_t time_ms;       /* a wall time that it is about; 0: none */
        uint64_t next_room_id; /* LEFT and KICKED_OUT; 0: none */
    };
    const struct chat_zone *zone;
    struct chat_item *items;
    struct bytes actor, room, text, extra;
    struct list_link queue_link; /* on its way from the hub to the broadcaster */
};

/* What goes into a new event; slices are copied, fields left out are zero. */
struct chat_event_spec {
    enum chat_event_kind kind;
    enum chat_err err;
    enum chat_change change;
    enum chat_option option;
    uint64_t actor_id, target_id, room_id;
    union {
        int64_t time_ms;
        uint64_t next_room_id;
    };
    const struct chat_zone *zone;
    uint32_t count;
    bool is_notice, is_raw, is_bot;
    const struct chat_range *range; /* copied; NULL: none */
    const struct chat_item *items;
    size_t item_count;
    struct bytes actor, room, text, extra;
    struct bytes tags; /* at most CHAT_TAGS_BYTES_MAX */
};

/* One allocation, one reference, owned by the caller; NULL when out of memory. seq, id and wall_ms
 * are the hub's to fill in. The audience follows from the kind. */
MUST_CHECK struct chat_event *chat_event_new(const struct chat_event_spec *spec);
struct chat_event *chat_event_ref(struct chat_event *event);
void chat_event_unref(struct chat_event *event); /* NULL is fine */

/* The messages that CHAT_EV_HISTORY is to show; NULL: it says so itself. */
const struct chat_range *chat_event_range(const struct chat_event *event);

/* The one change that an event may see: its text is gone, and it is shown to nobody any more. */
void chat_event_redact(struct chat_event *event);

enum chat_audience chat_event_audience(enum chat_event_kind kind);
/* What the actor's program adds for other programs, as its protocol has it (IRCv3, "client-only tags"). Never shown to
 * people. The slice is the event's. */
struct bytes chat_event_tags(const struct chat_event *event);

/* Not told to people: the dialects for them show nothing. */
bool chat_event_is_for_programs(enum chat_event_kind kind);
const char *chat_event_kind_str(enum chat_event_kind kind);
const char *chat_change_str(enum chat_change change); /* like "invite-only" */

#endif
