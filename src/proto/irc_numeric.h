/* The numerics of IRC that the server sends, with their words: one table (modern.ircdocs.horse, "Numerics").
 *
 * A numeric is a message from the server whose first parameter is the client's name; what it is about comes
 * next, and its text last. */
#ifndef PROTO_IRC_NUMERIC_H
#define PROTO_IRC_NUMERIC_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "proto/irc_message.h"

/* Name, number, text; an empty text: the last parameter is made by whoever sends it. */
#define IRC_NUMERICS(X) \
    X(ERR_INVALIDCAPCMD, 410, "Invalid CAP command") \
    X(ERR_NEEDMOREPARAMS, 461, "Not enough parameters")

enum irc_numeric {
#define X(name, number, text) IRC_##name = (number),
    IRC_NUMERICS(X)
#undef X
};

/* Whom the bytes are for. */
struct irc_reader {
    struct bytes server; /* the server's name */
    struct bytes you;    /* the client's; empty before it has one */
    uint32_t caps;       /* IRC_CAP_F_…: what was agreed on */
};

/* The table's row; NULL after the last one. */
struct irc_numeric_row {
    enum irc_numeric numeric;
    const char *name, *text;
};
const struct irc_numeric_row *irc_numeric_row(size_t index);

/* ":server 461 name", into a line that starts as {.out = …}. What it is about, the text, and the end follow. */
void irc_numeric_start(struct irc_line *line, const struct irc_reader *reader, enum irc_numeric numeric);

/* The whole message with the table's text. The words before it are left out when they are empty, and shown as
 * irc_line_echo() does. */
void irc_numeric_put(const struct irc_reader *reader, enum irc_numeric numeric, struct bytes first,
                     struct bytes second, struct buf *out);

#endif
