/* Taking back what was said: REDACT (IRCv3, "Message Redaction", a draft). */
#ifndef PROTO_IRC_REDACT_H
#define PROTO_IRC_REDACT_H

#include "base/buf.h"
#include "chat/chat_event.h"
#include "proto/irc_message.h"
#include "proto/irc_numeric.h"
#include "proto/irc_request.h"

/* REDACT, made into a request. */
void irc_redact_apply(const struct irc_reader *reader, const struct irc_message *message,
                      struct irc_requests *requests, struct buf *out);

/* CHAT_EV_REDACTED: for clients that do not know it in words. */
void irc_redact_put(const struct irc_reader *reader, const struct chat_event *event, struct buf *out);

#endif
