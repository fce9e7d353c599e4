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

/* "FAIL COMMAND CODE word word :text" (IRCv3, "Standard Replies"), for those who asked in a way that is answered so.
 * Empty words are left out. */
struct irc_out_fail {
    const char *command, *code;
    struct bytes first, second, third;
    const char *text;
};
void irc_out_fail(const struct irc_reader *reader, const struct irc_out_fail *fail, struct buf *out);
/* The same as WARN: it was done, but not as it was meant. */
void irc_out_warn(const struct irc_reader *reader, const struct irc_out_fail *warning, struct buf *out);

/* "BATCH +reference type word" and "BATCH -reference" (IRCv3, "Batch"). An empty word is left out. */
struct irc_out_batch {
    char reference[18]; /* without the '+' */
};
/* Its reference is the number of the event, which is the reader's for as long as the batch is open. */
void irc_out_batch_start(struct irc_out_batch *batch, const struct irc_reader *reader,
                         const struct chat_event *event, const char *type, struct bytes word,
                         struct buf *out);
void irc_out_batch_end(const struct irc_out_batch *batch, const struct irc_reader *reader, struct buf *out);

/* ":server NUMBER you first second :text", without words that are empty. */
void irc_out_reply(const struct irc_reader *reader, enum irc_numeric numeric, struct bytes first,
                   struct bytes second, struct bytes text, struct buf *out);

/* The server says something to the reader. */
void irc_out_notice(const struct irc_reader *reader, struct bytes text, struct buf *out);

#endif
