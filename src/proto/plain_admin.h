/* The plain dialect's words from and for operators of the server, and the administrator's texts. For
 * plain_render.c. */
#ifndef PROTO_PLAIN_ADMIN_H
#define PROTO_PLAIN_ADMIN_H

#include <stdbool.h>

#include "base/buf.h"
#include "chat/chat_event.h"
#include "proto/dialect.h"

/* Writes the answer when the event is one of these; false when it is another. */
bool plain_admin(struct wire_form form, const struct chat_event *event, struct buf *out);

#endif
