/* A message of several lines, as a client sends it (IRCv3, "Multiline Messages" and "Client Batch", drafts):
 *
 *     BATCH +a draft/multiline #room
 *     @batch=a PRIVMSG #room :the first line,
 *     @batch=a PRIVMSG #room :the second,
 *     @batch=a;draft/multiline-concat PRIVMSG #room : and more of it
 *     BATCH -a
 *
 * A state machine without I/O. One batch is open at a time, and what is not of it is dealt with as ever. A batch with a
 * mistake is dropped as a whole: there is one FAIL, and what comes of it later is not looked at. */
#ifndef PROTO_IRC_MULTILINE_H
#define PROTO_IRC_MULTILINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "proto/irc_label.h"
#include "proto/irc_message.h"
#include "proto/irc_numeric.h"

#define IRC_MULTILINE_REFERENCE_BYTES_MAX 64
#define IRC_MULTILINE_TARGET_BYTES_MAX 64

/* Only while a batch is open, and until its text is used. */
struct irc_multiline {
    char reference[IRC_MULTILINE_REFERENCE_BYTES_MAX + 1];
    char target[IRC_MULTILINE_TARGET_BYTES_MAX + 1];
    char label[IRC_LABEL_BYTES_MAX + 1]; /* of its beginning: that of the answer; "": none */
    size_t line_count;
    bool is_notice;
    bool is_dropped;  /* there was a mistake */
    bool is_done;     /* its end was there */
    bool is_answered; /* its label is used up */
    char *tags;       /* of its beginning: those for other clients are the whole message's */
    struct buf text;
};

enum irc_multiline_result {
    IRC_MULTILINE_OTHER,    /* the message is none of a batch */
    IRC_MULTILINE_TAKEN,    /* it is, and there is nothing more to do, but for an answer */
    IRC_MULTILINE_DONE,     /* that was all: (*batch)->text is to be said */
    IRC_MULTILINE_NO_MEMORY /* it is, but could not be kept */
};

/* A message; appends the answers. `*batch` is NULL when none is open, and is made here. Once its end was there the caller
 * has to call irc_multiline_clean(), when it needs the text and the label no more, before the next message. */
enum irc_multiline_result irc_multiline_take(struct irc_multiline **batch, const struct irc_reader *reader,
                                             const struct irc_message *message, struct buf *out);
/* Frees the batch if its end was there. */
void irc_multiline_clean(struct irc_multiline **batch);
void irc_multiline_free(struct irc_multiline *batch); /* NULL is fine */

/* The label of what is answered now, once for each batch; false: it has none, or it is used up. */
bool irc_multiline_use_label(struct irc_multiline *batch, struct bytes *ret_label);

#endif
