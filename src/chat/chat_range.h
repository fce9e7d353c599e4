/* A part of what was said in a room, as programs ask for it: before, after or around a message or a moment.
 *
 * It is read from the room's log (chat/room_log.h) when the answer is written, so that it holds all that was told
 * before the answer, and nothing that comes behind it. */
#ifndef CHAT_RANGE_H
#define CHAT_RANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chat_event;
struct room_log;

enum chat_range_way {
    CHAT_RANGE_LATEST,  /* the last ones; with a mark: those after it */
    CHAT_RANGE_BEFORE,  /* the last ones before `from` */
    CHAT_RANGE_AFTER,   /* the first ones after `from` */
    CHAT_RANGE_AROUND,  /* half of them before `from`, then the one at it, then those after it */
    CHAT_RANGE_BETWEEN, /* from `from` on, forwards or backwards, up to `to`; neither is in it */
    CHAT_RANGE_ROOMS,   /* of each of the user's rooms the last message, if it is between `from` and `to` */
};

enum chat_mark_kind {
    CHAT_MARK_NONE,
    CHAT_MARK_TIME,    /* wall_ms */
    CHAT_MARK_MESSAGE, /* the event with this seq, said at wall_ms; it need not be there any more */
};

struct chat_mark {
    enum chat_mark_kind kind;
    uint64_t seq;
    int64_t wall_ms;
};

struct chat_range {
    enum chat_range_way way;
    struct chat_mark from, to; /* `to` only with BETWEEN and ROOMS */
    uint32_t most;             /* messages, or rooms */
};

/* Whether this is something said that can still be read. */
bool chat_range_is_said(const struct chat_event *event);

/* Whom the messages are for: those that it does not want are passed over. */
struct chat_range_reader {
    bool (*wants)(const void *arg, const struct chat_event *event);
    const void *arg;
};

/* Collects into `ret` (room for range->most) borrowed pointers to what is in the range, of what the log has before
 * `position`; oldest first. Returns how many. Not for CHAT_RANGE_ROOMS. */
size_t chat_range_find(const struct chat_range *range, const struct room_log *log, uint64_t position,
                       const struct chat_range_reader *reader, struct chat_event **ret);

/* Whether it begins with what is newest: `from` is later than `to`. */
bool chat_range_is_backwards(const struct chat_range *range);

/* Whether what was said last in a room is in the range: for CHAT_RANGE_ROOMS. */
bool chat_range_has(const struct chat_range *range, const struct chat_event *event);

#endif
