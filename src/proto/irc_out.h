/* What the renderers of IRC share. Not for other folders. */
#ifndef PROTO_IRC_OUT_H
#define PROTO_IRC_OUT_H

#include "base/buf.h"
#include "base/bytes.h"
#include "chat/chat_event.h"
#include "proto/irc_message.h"
#include "proto/irc_numeric.h"

/* ":actor!u@host COMMAND", with the tags that the reader wants; without an actor it is the server. */
void irc_out_start(struct irc_line *line, const struct irc_reader *reader, const struct chat_event *event,
                   struct bytes actor, const char *command);

/* The same with a source that is made already. */
void irc_out_start_as(struct irc_line *line, const struct irc_reader *reader, const struct chat_event *event,
                      struct bytes source, const char *command);

/* ":actor COMMAND word word :text". Empty words are left out, and a NULL text. */
struct irc_out_event {
    struct bytes actor;
    const char *command;
    struct bytes first, second;
    const struct bytes *text;
};
void irc_out_event(const struct irc_reader *reader, const struct chat_event *event,
                   const struct irc_out_event *what, struct buf *out);

/* ":server NUMBER you first second :text", without words that are empty. */
void irc_out_reply(const struct irc_reader *reader, enum irc_numeric numeric, struct bytes first,
                   struct bytes second, struct bytes text, struct buf *out);

/* The server says something to the reader. */
void irc_out_notice(const struct irc_reader *reader, struct bytes text, struct buf *out);

#endif
