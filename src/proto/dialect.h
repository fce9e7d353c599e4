/* A dialect turns lines into requests and events into bytes. It knows no socket, no clock and no
 * session: everything it needs comes in as arguments, what it makes goes into a buf.
 *
 * A wire form is a dialect with the choices that change the bytes. All readers that have the same
 * form and view get the same bytes, so a room's news are rendered once per form in use and shared. */
#ifndef PROTO_DIALECT_H
#define PROTO_DIALECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "chat/chat_err.h"
#include "chat/chat_event.h"
#include "chat/command.h"
#include "chat/name.h"

struct dialect;
struct irc_read_marks;
struct user;

enum {
    WIRE_F_CRLF = 1u << 0, /* lines end in CR LF, not LF */
    WIRE_F_ECHO = 1u << 1, /* own messages are sent back */
    WIRE_F_NO_TIME = 1u << 2,
    WIRE_F_ISO_TIME = 1u << 3,
    WIRE_F_ALL_JOINS = 1u << 4, /* joins and leaves are shown in large rooms, too */
    WIRE_F_NO_JOINS = 1u << 5,
    WIRE_F_COLOUR = 1u << 6,    /* colours, the 16 that all have */
    WIRE_F_COLOUR256 = 1u << 7, /* with WIRE_F_COLOUR: the 256 */
    WIRE_F_BELL = 1u << 8,      /* rings for a private message and for the reader's name */
    WIRE_F_BELL_ALL = 1u << 9,  /* rings for every message */
    WIRE_F_COUNT = 1u << 10,
};

/* From this bit on stands what an IRC client and the server agree on: IRC_CAP_F_… (proto/irc_cap.h). */
#define WIRE_CAPS_SHIFT 10

/* Whoever has one of these gets lines with its own name apart from the others. */
#define WIRE_F_MENTIONS (WIRE_F_COLOUR | WIRE_F_BELL)

struct wire_form {
    const struct dialect *dialect;
    uint32_t flags; /* WIRE_F_…, below WIRE_F_COUNT, and the capabilities of IRC */
    uint16_t width; /* columns of lists; 0: the dialect's own. Nothing in a room's news depends on it */
    const struct chat_zone *zone; /* whose clocks are shown; NULL: the server's */
};

/* Whether a room's news look the same in both, but for what wire_form_is_personal(). */
bool wire_form_is_same_news(struct wire_form a, struct wire_form b);
/* Whether readers of this form get the event with their own names in it, so that each needs its own bytes. */
bool wire_form_is_personal(struct wire_form form, const struct chat_event *event);
/* Whether joins and leaves of large rooms may be shown in it. */
bool wire_form_shows_all_joins(struct wire_form form);

/* What is known of a client. */
enum {
    WIRE_FACT_CRLF = 1u << 0,
    WIRE_FACT_TERMINAL = 1u << 1, /* it named a terminal that can be drawn on */
    WIRE_FACT_256COLOR = 1u << 2,
    WIRE_FACT_EDITOR = 1u << 3, /* what is typed is gone from where it was typed */
};

/* An IRC client as of what is written next: what is changed by an answer is changed behind that. */
struct wire_irc {
    const struct dialect *dialect;
    uint32_t caps;                     /* IRC_CAP_F_… */
    char you[NAME_USER_BYTES_MAX + 1]; /* its name, as it was told last */
    struct irc_read_marks *marks;      /* owned: how far it has read; NULL: it has not said */
};

/* Whom the bytes are for: the facts, and what the reader has chosen. */
struct wire_reader {
    uint32_t facts;
    uint16_t options[OPTION_COUNT];
    const struct chat_zone *zone;
    struct wire_irc *irc; /* NULL: no IRC client; otherwise nothing else here matters */
};
struct wire_form wire_form_of(const struct wire_reader *reader);

/* How one reader stands to an event. */
struct chat_view {
    bool is_actor;             /* the reader did it */
    struct bytes you;          /* the reader's name; empty: not in these lines, or no matter */
    bool is_current;           /* it happened in the reader's current room */
    uint32_t quiet_above;      /* joins and leaves in rooms with more people are left out; 0: all shown */
    const struct user *reader; /* NULL: these bytes are for many */
    const struct irc_read_marks *marks; /* of an IRC client; NULL: none */
    struct chat_event *const *history;  /* with CHAT_EV_ENTERED and CHAT_EV_HISTORY: oldest first */
    size_t history_count;
};

struct greeting {
    struct bytes server_name, welcome; /* welcome: a line of the administrator's, may be empty */
    size_t people;
    bool offers_tls;          /* this connection is not encrypted, but could be */
    struct bytes tls_address; /* HOST:PORT to show with it */
};

/* Why a connection ends. Every close has one; it goes to the client, to the log and to a counter. */
enum close_reason {
    CLOSE_QUIT,           /* the user said so */
    CLOSE_EOF,            /* the client closed its side */
    CLOSE_LOST,           /* connection error */
    CLOSE_PING_TIMEOUT,   /* asked whether it is there, it did not answer */
    CLOSE_SHUTDOWN,       /* the server stops */
    CLOSE_NAME_TIMEOUT,   /* no name in time */
    CLOSE_TLS_FAILED,     /* the handshake failed or took too long */
    CLOSE_TLS_HANDSHAKES, /* too many of them from one address */
    CLOSE_NOT_READING,    /* took nothing for too long, or too much is waiting */
    CLOSE_PER_ADDRESS,    /* too many connections from one address */
    CLOSE_SERVER_FULL,
    CLOSE_NOT_TEXT,     /* what came is no line of text */
    CLOSE_BAD_NAMES,    /* two names in a second that are none: a program */
    CLOSE_UNNAMED,      /* too many from one address that have no name yet */
    CLOSE_TLS_REQUIRED, /* no TLS on a port that demands it */
    CLOSE_HTTP,         /* protocols that are not served */
    CLOSE_SSH,
    CLOSE_PROXY,     /* a PROXY header that is broken, missing, or from somebody who may not send one */
    CLOSE_KILLED,    /* an operator of the server said so */
    CLOSE_PASSWORDS, /* too many wrong ones */
    CLOSE_DIALECT,   /* this port does not take what the client speaks */
    CLOSE_NO_MEMORY,
    CLOSE_DRAINING, /* no new connections for now */
    CLOSE_KICKED,   /* by an administrator */
    CLOSE_BANNED,   /* the address or the name is banned from the server */
    CLOSE_REASON_COUNT
};
/* One word for logs and counters: "quit", "name-timeout" … */
const char *close_reason_str(enum close_reason reason);

/* Most that is written for one event, but for those with lists or history. */
#define DIALECT_EVENT_BYTES_MAX 10240

/* Of IRC only render, gap and goodbye are there. */
struct dialect {
    const char *name;
    void (*greet)(struct wire_form form, const struct greeting *greeting, struct buf *out);
    /* A name was refused: why, and the question again. err: CHAT_ERR_NAME_BAD or CHAT_ERR_NAME_TAKEN. */
    void (*name_refused)(struct wire_form form, enum chat_err err, struct bytes name, struct bytes suggestion,
                         struct buf *out);
    /* Nothing may be written for an event; it is never more than DIALECT_EVENT_BYTES_MAX, but for
     * CHAT_EV_ENTERED with its history and the lists. */
    void (*render)(struct wire_form form, const struct chat_event *event, const struct chat_view *view,
                   struct buf *out);
    /* The reader missed `count` events of a room. */
    void (*gap)(struct wire_form form, struct bytes room, uint64_t count, struct buf *out);
    void (*goodbye)(struct wire_form form, enum close_reason reason, struct buf *out);
    /* "Yes, I am there." */
    void (*alive)(struct wire_form form, struct buf *out);
};

#endif
