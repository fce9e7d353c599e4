/* Roles, bans and the rules of a room as modes of channels. For irc_render.c. */
#ifndef PROTO_IRC_MODE_H
#define PROTO_IRC_MODE_H

#include "base/buf.h"
#include "chat/chat_event.h"
#include "proto/irc_numeric.h"

/* CHAT_EV_CHANGED and CHAT_EV_CHANGE_DONE, which look the same. */
void irc_mode_changed(const struct irc_reader *reader, const struct chat_event *event, struct buf *out);
/* CHAT_EV_MODES and CHAT_EV_RESTRICTED. */
void irc_mode_list(const struct irc_reader *reader, const struct chat_event *event, struct buf *out);
void irc_mode_restricted(const struct irc_reader *reader, const struct chat_event *event, struct buf *out);

#endif
