/* Who there is, who was, and who comes: answers to who asked. For irc_reply.c. */
#ifndef PROTO_IRC_REPLY_PEOPLE_H
#define PROTO_IRC_REPLY_PEOPLE_H

#include <stdbool.h>

#include "base/buf.h"
#include "chat/chat_event.h"
#include "proto/irc_numeric.h"

/* False when the event is none of these. */
bool irc_reply_people(const struct irc_reader *reader, const struct chat_event *event, struct buf *out);

/* "@", "+", "@+" or "": the role in a room that an item's flags tell. */
const char *irc_reply_people_prefix(const struct irc_reader *reader, uint32_t flags);
/* The name when there is no other: clients expect one. */
struct bytes irc_reply_people_realname(const struct chat_item *person);

#endif
