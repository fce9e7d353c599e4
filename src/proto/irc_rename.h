/* RENAME: a room gets another name (IRCv3, "Channel Renaming", a draft). */
#ifndef PROTO_IRC_RENAME_H
#define PROTO_IRC_RENAME_H

#include "base/buf.h"
#include "chat/chat_event.h"
#include "proto/dialect.h"
#include "proto/irc_request.h"

/* RENAME #room #new [:why]; as the other commands of irc_request.c. */
void irc_rename_apply(const struct irc_reader *reader, const struct irc_message *message,
                      struct irc_requests *requests, struct buf *out);

/* CHAT_EV_ROOM_RENAMED. Who does not know RENAME leaves the room and enters one of the new name, with all that comes
 * with it, and sees nothing when only the case has changed: `view` has the reader and `reader->you`. */
void irc_rename_put(const struct irc_reader *reader, const struct chat_event *event,
                    const struct chat_view *view, struct buf *out);

#endif
