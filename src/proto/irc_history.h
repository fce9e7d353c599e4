/* What was said before: the command CHATHISTORY, and its answers (IRCv3, "chathistory", a draft of 2019 to 2023, and its
 * batch; ISUPPORT's CHATHISTORY and MSGREFTYPES).
 *
 * There is as much as the room still keeps in memory, and only who is in the room reads it. What was said in private is
 * kept nowhere. */
#ifndef PROTO_IRC_HISTORY_H
#define PROTO_IRC_HISTORY_H

#include "base/buf.h"
#include "chat/chat_event.h"
#include "proto/dialect.h"
#include "proto/irc_message.h"
#include "proto/irc_request.h"

/* CHATHISTORY, made into a request; what is wrong with its form is answered. */
void irc_history_apply(const struct irc_reader *reader, const struct irc_message *message,
                       struct irc_requests *requests, struct buf *out);

/* CHAT_EV_HISTORY. To who asked for a range there is a batch also when nothing is in it, but only messages when the
 * client does not know batches. */
void irc_history_put(const struct irc_reader *reader, const struct chat_event *event,
                     const struct chat_view *view, struct buf *out);
/* What is shown on coming in: only to clients that know times, and so can tell it from what is said now, and do not ask
 * for it by themselves. */
void irc_history_put_entered(const struct irc_reader *reader, const struct chat_event *event,
                             const struct chat_view *view, struct buf *out);

#endif
