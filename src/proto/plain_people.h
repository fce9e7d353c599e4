/* The plain dialect's answers about people and the server. For plain_render.c. */
#ifndef PROTO_PLAIN_PEOPLE_H
#define PROTO_PLAIN_PEOPLE_H

#include <stdbool.h>

#include "base/buf.h"
#include "chat/chat_event.h"
#include "proto/dialect.h"

/* Writes the answer when the event is one of these; false when it is another. */
bool plain_people(struct wire_form form, const struct chat_event *event, struct buf *out);

#endif
