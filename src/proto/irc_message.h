/* One message of IRC: taken apart, and written (RFC 1459, 2.3.1; modern.ircdocs.horse, "Client Messages";
 * IRCv3, "Message Tags").
 *
 *     [@tags SPACE] [:source SPACE] command [parameters] CR LF
 *
 * Reading copies nothing and leaves the values of tags as they were sent. Writing is done through struct
 * irc_line, which keeps the limits: what is too long is cut, and never inside a character. */
#ifndef PROTO_IRC_MESSAGE_H
#define PROTO_IRC_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/bytes.h"

#define IRC_PARAMS_MAX 15
#define IRC_BODY_BYTES_MAX 510      /* all but the tags and the end of the line */
#define IRC_TAG_DATA_BYTES_MAX 4094 /* of one side, without the '@' and the space */
#define IRC_TAGS_BYTES_MAX 8191     /* of both sides, with them */
#define IRC_CLIENT_LINE_BYTES_MAX (IRC_TAG_DATA_BYTES_MAX + 2 + IRC_BODY_BYTES_MAX)

struct irc_message {
    struct bytes tags;   /* without the '@'; read with irc_tag_next() or irc_tag_find() */
    struct bytes source; /* without the ':' */
    struct bytes command;
    struct bytes params[IRC_PARAMS_MAX];
    size_t param_count;
};

/* A line that a client sent, without its end. Slices in *ret_message point into it.
 *
 * 0; -ENODATA: there is nothing but spaces; -E2BIG: too many bytes of tags; -EMSGSIZE: too many of the rest;
 * -EBADMSG: no message: a NUL or a CR in it, tags or a source and nothing behind, a command that is neither
 * letters nor three digits. */
MUST_CHECK int irc_message_parse(struct bytes line, struct irc_message *ret_message);

/* The parameter, or an empty slice when there are fewer. */
struct bytes irc_message_param(const struct irc_message *message, size_t index);

struct irc_tag {
    struct bytes key;   /* with vendor and the '+' of those that are only for clients */
    struct bytes value; /* as sent: see irc_tag_unescape() */
};

/* Cuts the first tag off `rest`, which begins as message.tags. False when there is none left. */
bool irc_tag_next(struct bytes *rest, struct irc_tag *ret_tag);
/* The last tag with this key; false when there is none. */
bool irc_tag_find(struct bytes tags, struct bytes key, struct bytes *ret_value);
/* Appends what the value means: "\:" is ';', "\s" a space, "\r" and "\n" those, "\\" a backslash. Before any
 * other character, and at the end, the backslash is dropped. */
void irc_tag_unescape(struct bytes value, struct buf *out);
/* Appends the value as it is sent. */
void irc_tag_escape(struct bytes value, struct buf *out);

/* ---- writing ---- */

/* A message that is being written to `out`. Starts as {.out = …}; its functions are called in their order
 * here, the last of them once. What `out` does not take (see buf.h) is not there, nor is what follows. */
struct irc_line {
    struct buf *out;
    bool has_tags;
    size_t body_at; /* where in `out` the body begins */
};

/* The value may be empty, and hold anything. A tag that would go over IRC_TAG_DATA_BYTES_MAX is left out. */
void irc_line_tag(struct irc_line *line, const char *key, struct bytes value);
/* Those of `tags`, as a client sent them, that are for clients: their keys begin with '+'. */
void irc_line_client_tags(struct irc_line *line, struct bytes tags);
/* The source may be empty: then the message has none. */
void irc_line_start(struct irc_line *line, struct bytes source, const char *command);
/* One that is neither empty nor begins with ':', without spaces; CHECKed. It is cut to what is left. */
void irc_line_word(struct irc_line *line, struct bytes word);
void irc_line_number(struct irc_line *line, int64_t number);
/* What a client sent, to be shown to it again: at most IRC_ECHO_BYTES_MAX of it, or '*' for what is no word. */
#define IRC_ECHO_BYTES_MAX 64
void irc_line_echo(struct irc_line *line, struct bytes text);
/* How many bytes the last parameter can have. */
size_t irc_line_left(const struct irc_line *line);
/* The last parameter, which may hold spaces and be empty. It is cut to what is left. */
void irc_line_last(struct irc_line *line, struct bytes text);
void irc_line_end(struct irc_line *line);

/* Cuts the first piece off `rest`: up to the end of its line, and no more than max_bytes, which is at least
 * UTF8_MAX_BYTES. Where it has to be cut, it is at a space in its second half, or else between characters.
 * False when nothing is left. A piece may be empty, for an empty line. */
bool irc_split(struct bytes *rest, size_t max_bytes, struct bytes *ret_piece);

#endif
