/* What only clients are told that agreed on it, and what they say to one another. For irc_render.c. */
#ifndef PROTO_IRC_NOTIFY_H
#define PROTO_IRC_NOTIFY_H

#include <stdbool.h>

#include "base/buf.h"
#include "chat/chat_event.h"
#include "proto/irc_numeric.h"

/* False when the event is none of these. `is_actor`: the reader did it. */
bool irc_notify(const struct irc_reader *reader, const struct chat_event *event, bool is_actor,
                struct buf *out);
/* Behind the JOIN of somebody else, CHAT_EV_JOINED: that whoever comes is away (IRCv3, "away-notify"). */
void irc_notify_joined(const struct irc_reader *reader, const struct chat_event *event, struct buf *out);

#endif
