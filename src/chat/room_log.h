/* The latest events of a room: a bounded ring, read through cursors.
 *
 * Positions count up from 0 and are never reused. [first, next) is what the ring still has. A reader
 * keeps the position of the next event it is owed; when that is below `first`, the ring has moved on
 * and the difference is what the reader missed. The ring grows by doubling up to its maximum, so that
 * a quiet room stays small.
 *
 * What is said is kept for the history. Comings and goings are news only, and most of what a quiet room has:
 * they are forgotten as soon as everybody has read them. */
#ifndef CHAT_ROOM_LOG_H
#define CHAT_ROOM_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct chat_event;

struct room_log {
    struct chat_event **ring;
    size_t capacity, max;
    uint64_t first, next;
    size_t said_count; /* messages and actions in it, also those that were taken back */
};

void room_log_init(struct room_log *log, size_t max_events);
void room_log_done(struct room_log *log); /* drops the references it holds */

/* Takes a reference of its own. When the ring is full, or cannot grow for lack of memory, the oldest
 * event goes. -ENOMEM only when not even the first slots can be had: the event is then lost for
 * readers, who see a gap (next still counts up). */
MUST_CHECK int room_log_append(struct room_log *log, struct chat_event *event);

/* Whether room_log_history() may give the event at this position, first <= position < next. */
bool room_log_is_history(const struct room_log *log, uint64_t position);

/* Every reader has passed the position, and history does not show what stands there: the event goes, its
 * position stays. Also when it went before. first <= position < next. */
void room_log_forget(struct room_log *log, uint64_t position);

/* Borrowed; first <= position < next. NULL: forgotten, so that no reader asks. */
struct chat_event *room_log_get(const struct room_log *log, uint64_t position);

/* Collects into `ret` (room for `most`) borrowed pointers to the last messages and actions before
 * `position`, oldest first. Returns how many. */
size_t room_log_history(const struct room_log *log, uint64_t position, struct chat_event **ret, size_t most);

#endif
