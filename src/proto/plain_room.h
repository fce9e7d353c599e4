/* How the plain dialect tells of what operators do, and of a room's rules. For plain_render.c. */
#ifndef PROTO_PLAIN_ROOM_H
#define PROTO_PLAIN_ROOM_H

#include "base/buf.h"
#include "chat/chat_event.h"
#include "proto/dialect.h"

/* CHAT_EV_CHANGED, behind the time and the room; and CHAT_EV_CHANGE_DONE. */
void plain_room_changed(struct wire_form form, const struct chat_event *event, struct buf *out);
void plain_room_done(struct wire_form form, const struct chat_event *event, struct buf *out);

/* CHAT_EV_ROOM_RENAMED: a line that is the same wherever it is shown. */
void plain_room_renamed(struct wire_form form, const struct chat_event *event, struct buf *out);

void plain_room_kicked_out(struct wire_form form, const struct chat_event *event, struct buf *out);
void plain_room_modes(struct wire_form form, const struct chat_event *event, struct buf *out);
void plain_room_restricted(struct wire_form form, const struct chat_event *event, struct buf *out);
/* CHAT_EV_ROLE_SAID and CHAT_EV_INVITES. */
void plain_room_role_said(struct wire_form form, const struct chat_event *event, struct buf *out);
void plain_room_invites(struct wire_form form, const struct chat_event *event, struct buf *out);

#endif
