/* The plain dialect's longer answers to one person: refusals, lists, help. For plain_render.c. */
#ifndef PROTO_PLAIN_REPLY_H
#define PROTO_PLAIN_REPLY_H

#include "base/buf.h"
#include "chat/chat_event.h"
#include "proto/dialect.h"

#define PLAIN_REPLY_HELP_LINES_MAX 20

void plain_reply_refused(struct wire_form form, const struct chat_event *event, struct buf *out);
void plain_reply_names(struct wire_form form, const struct chat_event *event, struct buf *out);
void plain_reply_rooms(struct wire_form form, const struct chat_event *event, struct buf *out);
void plain_reply_help(struct wire_form form, const struct chat_event *event, struct buf *out);

#endif
