/* What IRC clients are told: events of the domain as messages of IRC (modern.ircdocs.horse).
 *
 * An event of a room looks the same to all who agreed on the same capabilities, so it is rendered once for them:
 * nothing in it depends on the reader's name, but when the room gets another one (irc_rename.h). Who does something learns of it by the answer, as a message from
 * itself; of the events that the others get it is shown its own joins, and what it says with echo-message. */
#ifndef PROTO_IRC_RENDER_H
#define PROTO_IRC_RENDER_H

#include <stdint.h>

#include "base/buf.h"
#include "chat/chat_event.h"
#include "proto/dialect.h"
#include "proto/irc_numeric.h"

/* Appends the messages for an event, which may be none. `reader->you` is needed for answers only. */
void irc_render(const struct irc_reader *reader, const struct chat_event *event, const struct chat_view *view,
                struct buf *out);

/* The reader missed `count` events of a room. */
void irc_render_gap(const struct irc_reader *reader, struct bytes room, uint64_t count, struct buf *out);

/* The last message before a connection ends. */
void irc_render_goodbye(enum close_reason reason, struct buf *out);

#endif
