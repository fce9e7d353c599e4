/* What somebody said, as messages: one, or several when it is long or has lines. For irc_render.c and irc_history.c. */
#ifndef PROTO_IRC_SAY_H
#define PROTO_IRC_SAY_H

#include "base/buf.h"
#include "base/bytes.h"
#include "chat/chat_event.h"
#include "proto/irc_numeric.h"

struct irc_say {
    const struct irc_reader *reader;
    const struct chat_event *event; /* CHAT_EV_MESSAGE, ACTION, PRIVATE or PRIVATE_SENT */
    struct bytes target, batch;     /* batch: the reference of the one it is in, or empty */
    struct buf *out;
    struct bytes stamp; /* put before each text, when it is no batch of its own; may be empty */
};

void irc_say(const struct irc_say *say);

#endif
