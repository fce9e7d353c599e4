/* The ring of a room's latest events: the event at position p is in slot p modulo capacity. */
#include "chat/room_log.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "chat/chat_event.h"
#include "chat/chat_range.h"

#define FIRST_CAPACITY 8

void room_log_init(struct room_log *log, size_t max_events)
{
    CHECK(max_events > 0);
    *log = (struct room_log){.max = max_events};
}

static struct chat_event **slot(const struct room_log *log, uint64_t position)
{
    CHECK(log->capacity > 0);
    return &log->ring[position % log->capacity];
}

static bool was_said(const struct chat_event *event)
{
    return event && (event->kind == CHAT_EV_MESSAGE || event->kind == CHAT_EV_ACTION);
}

/* Empties the slot. */
static void drop(struct room_log *log, uint64_t position)
{
    struct chat_event **event = slot(log, position);

    log->said_count -= was_said(*event);
    chat_event_unref(*event);
    *event = NULL;
}

static void drop_first(struct room_log *log)
{
    drop(log, log->first);
    log->first++;
}

void room_log_done(struct room_log *log)
{
    while (log->first < log->next)
        drop_first(log);
    free(log->ring);
    *log = (struct room_log){0};
}

/* Doubles the ring up to its maximum. Without memory it stays as it is. */
static void grow(struct room_log *log)
{
    struct room_log grown = *log;
    grown.capacity = log->capacity > 0 ? log->capacity * 2 : FIRST_CAPACITY;
    if (grown.capacity > log->max)
        grown.capacity = log->max;
    grown.ring = calloc(grown.capacity, sizeof(struct chat_event *));
    if (grown.ring == NULL)
        return;
    for (uint64_t at = log->first; at < log->next; at++)
        *slot(&grown, at) = *slot(log, at);
    free(log->ring);
    *log = grown;
}

int room_log_append(struct room_log *log, struct chat_event *event)
{
    bool is_full = log->next - log->first == log->capacity;
    if (is_full && log->capacity < log->max) {
        grow(log);
        is_full = log->next - log->first == log->capacity;
    }
    if (log->capacity == 0) {
        log->first = ++log->next;
        return -ENOMEM;
    }
    if (is_full)
        drop_first(log);
    *slot(log, log->next) = chat_event_ref(event);
    log->said_count += was_said(event);
    log->next++;
    return 0;
}

struct chat_event *room_log_get(const struct room_log *log, uint64_t position)
{
    CHECK(position >= log->first && position < log->next);
    return *slot(log, position);
}

bool room_log_is_history(const struct room_log *log, uint64_t position)
{
    const struct chat_event *event = room_log_get(log, position);
    return event != NULL && chat_range_is_said(event);
}

void room_log_forget(struct room_log *log, uint64_t position)
{
    if (!room_log_is_history(log, position))
        drop(log, position);
}

size_t room_log_history(const struct room_log *log, uint64_t position, struct chat_event **ret, size_t most)
{
    uint64_t at = position < log->next ? position : log->next;
    size_t count = 0, unseen = log->said_count;
    /* Most of the ring may be comings and goings: it is not searched for more than there is. */
    while (at > log->first && count < most && unseen > 0) {
        unseen -= was_said(room_log_get(log, --at));
        if (room_log_is_history(log, at))
            ret[most - ++count] = room_log_get(log, at); /* The newest goes last. */
    }
    if (count > 0)
        memmove(ret, &ret[most - count], count * sizeof(struct chat_event *));
    return count;
}
