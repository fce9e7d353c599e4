/* Refusals that a person sees. The dialects have the words; every one says what to do next. */
#ifndef CHAT_ERR_H
#define CHAT_ERR_H

enum chat_err {
    CHAT_OK,
    CHAT_ERR_NAME_BAD,        /* subject: what was asked for */
    CHAT_ERR_NAME_TAKEN,      /* subject: the name; suggestion: a free one */
    CHAT_ERR_NO_SUCH_USER,    /* subject: the name; suggestion: a similar one */
    CHAT_ERR_NO_SUCH_ROOM,    /* subject: the room; suggestion */
    CHAT_ERR_ROOM_NAME_BAD,   /* subject: what was asked for; suggestion: the room that was to be renamed */
    CHAT_ERR_NOT_IN_ROOM,     /* subject: the room */
    CHAT_ERR_ALREADY_IN_ROOM, /* subject: the room */
    CHAT_ERR_NO_CURRENT_ROOM, /* a line to say, but no room to say it in */
    CHAT_ERR_TOO_MANY_ROOMS,  /* subject: the limit in digits; suggestion: the room that is one too many */
    CHAT_ERR_NOBODY_TO_REPLY, /* /reply before any private message */
    CHAT_ERR_UNKNOWN_COMMAND, /* subject: the word without slash; suggestion: a similar command */
    CHAT_ERR_USAGE,           /* subject: the command's name without slash */
    CHAT_ERR_LEADING_SPACE,   /* a known command after leading spaces: subject: the command */
    CHAT_ERR_BARE_WORD,       /* a line that is exactly quit, exit or help: subject: the word */
    CHAT_ERR_TEXT_EMPTY,      /* nothing was left after cleaning */
    CHAT_ERR_LINE_TOO_LONG,   /* subject: the limit in digits */
    /* Refusals of the policy. subject: the room; suggestion: an operator there; count: seconds left, 0: no
     * end or none. */
    CHAT_ERR_NOT_OPERATOR, /* only operators do that */
    CHAT_ERR_BANNED,
    CHAT_ERR_INVITE_ONLY,
    CHAT_ERR_KEY_NEEDED,
    CHAT_ERR_KEY_WRONG,
    CHAT_ERR_ROOM_FULL,
    CHAT_ERR_MUTED,
    CHAT_ERR_MODERATED,
    CHAT_ERR_SLOW_MODE,
    CHAT_ERR_NOT_YOURSELF,
    CHAT_ERR_SERVER_OPERATOR, /* subject: who cannot be touched */
    CHAT_ERR_TARGET_OPERATOR, /* subject: who is to lose the role first */
    CHAT_ERR_NOT_THERE,       /* subject: who is not in the room; suggestion: the room */
    CHAT_ERR_THERE_ALREADY,   /* subject: who is in the room; suggestion: the room */
    CHAT_ERR_MASK_BAD,        /* subject: what was asked for */
    CHAT_ERR_LIST_FULL,       /* subject: the command that removes an entry */
    CHAT_ERR_NOT_LISTED,      /* subject: what is not; suggestion: the command that lists */
    CHAT_ERR_TIME_BAD,        /* what /history was asked for */
    CHAT_ERR_OPTION_UNKNOWN,  /* subject: what /set does not know; suggestion: an option */
    CHAT_ERR_OPTION_BAD,      /* subject: the option; suggestion: a value of it */
    CHAT_ERR_ZONE_UNKNOWN,    /* subject: what /set tz was asked for; suggestion: a zone */
    CHAT_ERR_ZONES_MISSING,   /* the server has no database of time zones */
    CHAT_ERR_ROOM_CLOSED,     /* a secret room that lets this user not in, whatever the reason; subject: it */
    CHAT_ERR_NOT_SERVER_OPERATOR, /* subject: the command, which is only for operators of the server */
    CHAT_ERR_PASSWORD_WRONG,      /* of an operator, or there is none of that name */
    CHAT_ERR_PASSWORD_UNSAFE,     /* others might read it; subject: HOST:PORT for TLS, or empty: no TLS */
    CHAT_ERR_PASSWORD_LATER,      /* too many wrong ones from there; subject: in how long it may be tried */
    CHAT_ERR_PASSWORD_CANCELLED,  /* none was given when it was asked for */
    CHAT_ERR_NOBODY_ADDRESSED,    /* subject: the room, where nobody else has the role that is talked to */
    CHAT_ERR_NO_HISTORY, /* subject: what has none that this user may read; suggestion: the program's word for it */
    /* Taking back. subject: the program's word for the message; suggestion: the room */
    CHAT_ERR_NO_SUCH_MESSAGE,
    CHAT_ERR_NOT_YOUR_MESSAGE,
    CHAT_ERR_MESSAGE_OLD,
    CHAT_ERR_MODES_OF_OTHER, /* subject: the person */
    /* Renaming a room. subject: the name that it was to have; suggestion: the room */
    CHAT_ERR_ROOM_NAME_TAKEN,
    CHAT_ERR_ROOM_NAME_FIXED, /* it always has this one */
    CHAT_ERR_NO_MEMORY,
    CHAT_ERR_COUNT
};

/* One word, like "name-taken"; not for CHAT_OK. */
const char *chat_err_str(enum chat_err err);

#endif
