/* Lists, people, the server: answers to who asked. For irc_render.c. */
#ifndef PROTO_IRC_REPLY_H
#define PROTO_IRC_REPLY_H

#include <stdbool.h>

#include "base/buf.h"
#include "chat/chat_event.h"
#include "proto/irc_numeric.h"

/* False when the event is none of these. */
bool irc_reply(const struct irc_reader *reader, const struct chat_event *event, struct buf *out);

#endif
