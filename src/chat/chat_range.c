/* A walk over the ring, forwards or backwards, with the marks as ends. The clock may have been set back meanwhile: so
 * every message is looked at, and none is searched for. */
#include "chat/chat_range.h"

#include <string.h>

#include "base/check.h"
#include "chat/chat_event.h"
#include "chat/room_log.h"

bool chat_range_is_said(const struct chat_event *event)
{
    return (event->kind == CHAT_EV_MESSAGE || event->kind == CHAT_EV_ACTION) && !event->is_redacted;
}

/* Below 0: the event was before the mark; 0: at it. */
static int compare(const struct chat_event *event, const struct chat_mark *mark)
{
    if (mark->kind == CHAT_MARK_MESSAGE)
        return event->seq < mark->seq ? -1 : event->seq > mark->seq;
    return event->wall_ms < mark->wall_ms ? -1 : event->wall_ms > mark->wall_ms;
}

static bool is_after(const struct chat_event *event, const struct chat_mark *mark)
{
    return mark->kind == CHAT_MARK_NONE || compare(event, mark) > 0;
}

static bool is_before(const struct chat_event *event, const struct chat_mark *mark)
{
    return mark->kind == CHAT_MARK_NONE || compare(event, mark) < 0;
}

bool chat_range_is_backwards(const struct chat_range *range)
{
    const struct chat_mark *from = &range->from, *to = &range->to;

    if (from->kind == CHAT_MARK_MESSAGE && to->kind == CHAT_MARK_MESSAGE)
        return from->seq > to->seq;
    return from->wall_ms > to->wall_ms;
}

bool chat_range_has(const struct chat_range *range, const struct chat_event *event)
{
    bool is_turned = chat_range_is_backwards(range);
    const struct chat_mark *low = is_turned ? &range->to : &range->from;
    const struct chat_mark *high = is_turned ? &range->from : &range->to;

    return is_after(event, low) && is_before(event, high);
}

struct walk {
    const struct chat_range *range;
    const struct room_log *log;
    uint64_t end; /* of what may be read */
    const struct chat_range_reader *reader;
};

typedef bool (*inside_fn)(const struct chat_range *range, const struct chat_event *event);

static struct chat_event *look(const struct walk *walk, uint64_t at, inside_fn is_inside)
{
    struct chat_event *event = room_log_get(walk->log, at);
    bool is_found = room_log_is_history(walk->log, at) && is_inside(walk->range, event) &&
                    walk->reader->wants(walk->reader->arg, event);

    return is_found ? event : NULL;
}

static size_t find_first(const struct walk *walk, inside_fn is_inside, size_t most, struct chat_event **ret)
{
    size_t count = 0;

    for (uint64_t at = walk->log->first; at < walk->end && count < most; at++) {
        struct chat_event *event = look(walk, at, is_inside);
        if (event != NULL)
            ret[count++] = event;
    }
    return count;
}

static size_t find_last(const struct walk *walk, inside_fn is_inside, size_t most, struct chat_event **ret)
{
    size_t count = 0;

    for (uint64_t at = walk->end; at > walk->log->first && count < most;) {
        struct chat_event *event = look(walk, --at, is_inside);
        if (event != NULL)
            ret[most - ++count] = event; /* The newest goes last. */
    }
    if (count > 0)
        memmove(ret, &ret[most - count], count * sizeof(struct chat_event *));
    return count;
}

static bool after_from(const struct chat_range *range, const struct chat_event *event)
{
    return is_after(event, &range->from);
}

static bool before_from(const struct chat_range *range, const struct chat_event *event)
{
    return is_before(event, &range->from);
}

static bool not_before_from(const struct chat_range *range, const struct chat_event *event)
{
    return !is_before(event, &range->from);
}

size_t chat_range_find(const struct chat_range *range, const struct room_log *log, uint64_t position,
                       const struct chat_range_reader *reader, struct chat_event **ret)
{
    const struct walk walk = {range, log, position < log->next ? position : log->next, reader};
    size_t count;

    switch (range->way) {
    case CHAT_RANGE_LATEST:
        return find_last(&walk, after_from, range->most, ret);
    case CHAT_RANGE_BEFORE:
        return find_last(&walk, before_from, range->most, ret);
    case CHAT_RANGE_AFTER:
        return find_first(&walk, after_from, range->most, ret);
    case CHAT_RANGE_AROUND:
        count = find_last(&walk, before_from, range->most / 2, ret);
        return count + find_first(&walk, not_before_from, range->most - count, &ret[count]);
    case CHAT_RANGE_BETWEEN:
        return chat_range_is_backwards(range) ? find_last(&walk, chat_range_has, range->most, ret)
                                              : find_first(&walk, chat_range_has, range->most, ret);
    case CHAT_RANGE_ROOMS:
        break;
    }
    BUG("not read from one room: %d", (int)range->way);
}
