/* Why something was not done, in numerics. For irc_render.c. */
#ifndef PROTO_IRC_REFUSE_H
#define PROTO_IRC_REFUSE_H

#include "base/buf.h"
#include "chat/chat_event.h"
#include "proto/irc_numeric.h"

/* CHAT_EV_REFUSED. */
void irc_refuse(const struct irc_reader *reader, const struct chat_event *event, struct buf *out);

#endif
