/* How IRC names a message and a moment: msgid and time (IRCv3, "Message IDs", "server-time"), and what CHATHISTORY and
 * MARKREAD take as a place between messages.
 *
 * The id of a message is made of its time and of its number in the hub's order, so that it is never used again, not
 * even by the next run of the server, and says where the message was when it is kept no more. */
#ifndef PROTO_IRC_MARK_H
#define PROTO_IRC_MARK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "chat/chat_event.h"
#include "chat/chat_range.h"

/* Of what is said, in rooms and in private: there, both sides get the same id. */
void irc_mark_put_id(const struct chat_event *event, struct buf *out);
/* The id of the message that CHAT_EV_REDACTED is about. */
void irc_mark_put_redacted(const struct chat_event *event, struct buf *out);
bool irc_mark_parse_id(struct bytes text, struct chat_mark *ret_mark);

/* "2026-11-21T14:05:03.120Z", for the years 0 to 9999. */
void irc_mark_put_time(int64_t wall_ms, struct buf *out);
/* The part of a second may be missing, or of any length. */
bool irc_mark_parse_time(struct bytes text, int64_t *ret_wall_ms);

enum irc_mark_result {
    IRC_MARK_OK,
    IRC_MARK_BAD_TYPE,  /* neither "timestamp=" nor "msgid=" */
    IRC_MARK_BAD_VALUE, /* no moment */
    IRC_MARK_NO_MESSAGE /* no message has that id */
};
/* "timestamp=…" or "msgid=…". */
enum irc_mark_result irc_mark_parse(struct bytes text, struct chat_mark *ret_mark);

#endif
