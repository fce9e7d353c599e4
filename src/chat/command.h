/* The command table: one row holds everything the dispatcher must enforce and /help prints.
 *
 * Handlers never test what a row says. Dialects find rows by name and cut a line into arguments by
 * the row's spec; the hub calls the handler. */
#ifndef CHAT_COMMAND_H
#define CHAT_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "chat/chat_err.h"
#include "chat/policy.h"

struct hub;
struct user;
struct chat_range;
struct chat_request;
struct chat_zone;

enum { COMMAND_WORDS_MAX = 2, COMMAND_ALIASES_MAX = 3 };

enum {
    COMMAND_F_NEEDS_ROOM = 1u << 0, /* only with a current room */
    COMMAND_F_TEXT = 1u << 1,       /* takes free text after its words */
    COMMAND_F_TEXT_REQUIRED = 1u << 2,
    COMMAND_F_EVERYDAY = 1u << 3,    /* in the short /help */
    COMMAND_F_SESSION = 1u << 4,     /* has no handler: the session does it, it never comes to hub_apply() */
    COMMAND_F_ROOM_WORD = 1u << 5,   /* words above words_min are words only when they begin with '#';
                                      otherwise they are text */
    COMMAND_F_SPEAKS = 1u << 6,      /* says something in the current room */
    COMMAND_F_SHOWS_ALONE = 1u << 7, /* without arguments it only shows something: anyone may */
};

/* What the session does by itself, for rows with COMMAND_F_SESSION. */
enum command_act {
    COMMAND_ACT_NONE,
    COMMAND_ACT_QUIT,
    COMMAND_ACT_PASTE, /* what follows is a text of several lines */
    COMMAND_ACT_OPER,  /* word: the operator's name; text: the password, empty: it is asked for */
    COMMAND_ACT_RELOAD,
    COMMAND_ACT_STATS, /* word: what about, as IRC has it */
};

struct command {
    const char *name; /* without slash, lower case */
    const char *aliases[COMMAND_ALIASES_MAX];
    uint8_t words_min, words_max; /* single words before the text */
    uint16_t flags;               /* COMMAND_F_… */
    uint8_t cost;                 /* tokens of the sender's flood bucket */
    enum command_act act;         /* with COMMAND_F_SESSION */
    enum policy_role role; /* needed in the current room: above POLICY_ANYONE with NEEDS_ROOM only, but for
                                     POLICY_SERVER_OPERATOR, which is the same everywhere */
    uint32_t operator_if_mode; /* a ROOM_MODE_…: the role is needed only in rooms with it; 0: always */
    const char *arguments;     /* as /help shows them: "NAME TEXT", "[#ROOM] [WHY]" */
    const char *summary;       /* one line */
    const char *help;          /* an example and what else to know, or NULL */
    /* 0, or a negative errno. Refusals that a person sees are emitted as events. */
    int (*handler)(struct hub *hub, struct user *user, const struct chat_request *request);
};

/* What a member asks. Slices are the caller's and need live only through hub_apply(). A say is the
 * command "say", which has no slash form for people: its row is command_say(). */
struct chat_request {
    const struct command *command; /* NULL: the dialect could not make sense of it, see err */
    struct bytes words[COMMAND_WORDS_MAX];
    size_t word_count;
    struct bytes room; /* it is about this one of the user's rooms, by its full name, not about the
                                     current one; for rows that need a room; empty: the current one */
    bool is_notice;    /* said by a program: no refusal is sent back, nor that somebody is away */
    struct bytes text; /* what is said may have several lines, all else has one */
    struct bytes tags; /* chat_event_tags() of what is said: valid UTF-8 without control characters */
    const struct chat_zone *zone;   /* that words[1] of /set tz names; NULL: none */
    const struct chat_range *range; /* of "range" and "redact" */
    enum chat_err err;              /* with command == NULL: the refusal to send back, in order */
    struct bytes err_subject;       /* cleaned by the hub */
    struct bytes err_suggestion;
};

/* The rows that people can type, in the order of /help; NULL after the last one. */
const struct command *command_row(size_t index);
const struct command *command_say(void);
/* What has no slash form: only programs ask for it, by way of a protocol that has a word for it. NULL when there is
 * none of that name. */
const struct command *command_client(struct bytes name);

/* By name or alias, case folded, without slash; NULL when there is none. */
const struct command *command_find(struct bytes word);

/* The row with the nearest name or alias for "did you mean", NULL when nothing is near: a distance of at
 * most 2, less for short words; two or more first letters count as a distance of 1. */
const struct command *command_suggest(struct bytes word);

/* Cuts `rest` (what follows the command word) by the row's spec into *ret_request. When the words or
 * the required text are missing, or something is left that the row does not take, the request becomes
 * a CHAT_ERR_USAGE refusal. Text without words before it keeps its leading blanks. */
void command_cut(const struct command *command, struct bytes rest, struct chat_request *ret_request);

#endif
