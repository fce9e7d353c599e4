/* Refusals that a person sees. The dialects have the words; every one says what to do next. */
#ifndef CHAT_ERR_H
#define CHAT_ERR_H

enum chat_err {
    CHAT_OK,
    CHAT_ERR_NAME_BAD,        /* subject: what was asked for */
    CHAT_ERR_NAME_TAKEN,      /* subject: the name; suggestion: a free one */
    CHAT_ERR_NO_SUCH_USER,    /* subject: the name; suggestion: a similar one */
    CHAT_ERR_NO_SUCH_ROOM,    /* subject: the room; suggestion */
    CHAT_ERR_ROOM_NAME_BAD,   /* subject: what was asked for */
    CHAT_ERR_NOT_IN_ROOM,     /* subject: the room */
    CHAT_ERR_ALREADY_IN_ROOM, /* subject: the room */
    CHAT_ERR_NO_CURRENT_ROOM, /* a line to say, but no room to say it in */
    CHAT_ERR_TOO_MANY_ROOMS,  /* subject: the limit in digits */
    CHAT_ERR_NOBODY_TO_REPLY, /* /reply before any private message */
    CHAT_ERR_UNKNOWN_COMMAND, /* subject: the word without slash; suggestion: a similar command */
    CHAT_ERR_USAGE,           /* subject: the command's name without slash */
    CHAT_ERR_LEADING_SPACE,   /* a known command after leading spaces: subject: the command */
    CHAT_ERR_BARE_WORD,       /* a line that is exactly quit, exit or help: subject: the word */
    CHAT_ERR_TEXT_EMPTY,      /* nothing was left after cleaning */
    CHAT_ERR_LINE_TOO_LONG,   /* subject: the limit in digits */
    CHAT_ERR_NO_MEMORY,
    CHAT_ERR_COUNT
};

#endif
