/* The one event that is made long before its words are known: see user.h, quit_event. */
#ifndef CHAT_EVENT_PRIVATE_H
#define CHAT_EVENT_PRIVATE_H

#include "base/attr.h"
#include "base/bytes.h"
#include "chat/chat_event.h"

/* A CHAT_EV_QUIT with room for a name; NULL when out of memory. */
MUST_CHECK struct chat_event *chat_event_new_quit(uint64_t actor_id);

/* Fills it in, once, before it is emitted, and returns it; or, when a reason was given, a new one in its place
 * with room for that, too. Without memory for that one the reason is left out. */
struct chat_event *chat_event_fill_quit(struct chat_event *event, struct bytes actor, struct bytes why);

#endif
