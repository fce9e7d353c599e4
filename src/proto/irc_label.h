/* Answers that say to which message they are one: the tag "label" of a client's message comes back with all that answers
 * it (IRCv3, "Labeled Responses").
 *
 * The answers are rendered as ever, and gathered; when all are there they are one message, a batch, or an ACK. */
#ifndef PROTO_IRC_LABEL_H
#define PROTO_IRC_LABEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "proto/irc_message.h"
#include "proto/irc_numeric.h"

#define IRC_LABEL_BYTES_MAX 64

/* The label of a message from a client that knows labels, as it was sent: it is a slice of the message. False when there
 * is none, or one that cannot be given back. */
bool irc_label_find(const struct irc_reader *reader, const struct irc_message *message,
                    struct bytes *ret_label);

/* Appends the answers, which are whole messages of the server's, with the label. `number` is one that no other batch that
 * is open has. */
void irc_label_put(const struct irc_reader *reader, struct bytes label, uint64_t number, struct bytes answers,
                   struct buf *out);

#endif
