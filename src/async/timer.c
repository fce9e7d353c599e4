/* 4-ary heap: shallower than a binary one, and four children share a cache line. */
#include "async/timer.h"

#include <errno.h>
#include <stdlib.h>

#include "base/check.h"

#define ARITY 4

/* Indexes count from 1 here, so that a timer's index 0 means "not armed". */
static struct co_timer_entry *at(const struct co_timer_heap *heap, size_t index)
{
    return &heap->entries[index - 1];
}

static void place(struct co_timer_heap *heap, size_t index, struct co_timer_entry entry)
{
    *at(heap, index) = entry;
    entry.timer->index = index;
}

static void sift_up(struct co_timer_heap *heap, size_t index, struct co_timer_entry entry)
{
    while (index > 1) {
        size_t parent = (index - 2) / ARITY + 1;
        if (at(heap, parent)->when_ns <= entry.when_ns)
            break;
        place(heap, index, *at(heap, parent));
        index = parent;
    }
    place(heap, index, entry);
}

static size_t earliest_child(const struct co_timer_heap *heap, size_t first)
{
    size_t best = first;
    for (size_t child = first + 1; child < first + ARITY && child <= heap->count; child++)
        if (at(heap, child)->when_ns < at(heap, best)->when_ns)
            best = child;
    return best;
}

static void sift_down(struct co_timer_heap *heap, size_t index, struct co_timer_entry entry)
{
    for (;;) {
        size_t first = (index - 1) * ARITY + 2;
        if (first > heap->count)
            break;
        size_t child = earliest_child(heap, first);
        if (entry.when_ns <= at(heap, child)->when_ns)
            break;
        place(heap, index, *at(heap, child));
        index = child;
    }
    place(heap, index, entry);
}

static int grow(struct co_timer_heap *heap)
{
    size_t capacity = heap->capacity ? heap->capacity * 2 : 64;
    struct co_timer_entry *entries = realloc(heap->entries, capacity * sizeof(*entries));
    if (!entries)
        return -ENOMEM;
    heap->entries = entries;
    heap->capacity = capacity;
    return 0;
}

void co_timer_heap_done(struct co_timer_heap *heap)
{
    free(heap->entries);
    *heap = (struct co_timer_heap){0};
}

int co_timer_arm(struct co_timer_heap *heap, struct co_timer *timer, int64_t when_ns)
{
    co_timer_disarm(heap, timer);
    if (heap->count == heap->capacity) {
        int r = grow(heap);
        if (r < 0)
            return r;
    }
    heap->count++;
    sift_up(heap, heap->count, (struct co_timer_entry){when_ns, timer});
    return 0;
}

void co_timer_disarm(struct co_timer_heap *heap, struct co_timer *timer)
{
    size_t index = timer->index;
    if (index == 0)
        return;
    CHECK(index <= heap->count && at(heap, index)->timer == timer);
    timer->index = 0;
    struct co_timer_entry last = *at(heap, heap->count);
    heap->count--;
    if (last.timer == timer)
        return;
    if (index > 1 && last.when_ns < at(heap, (index - 2) / ARITY + 1)->when_ns)
        sift_up(heap, index, last);
    else
        sift_down(heap, index, last);
}

int64_t co_timer_next_ns(const struct co_timer_heap *heap)
{
    return heap->count ? at(heap, 1)->when_ns : INT64_MAX;
}

struct co_timer *co_timer_take_due(struct co_timer_heap *heap, int64_t now_ns)
{
    if (heap->count == 0 || at(heap, 1)->when_ns > now_ns)
        return NULL;
    struct co_timer *timer = at(heap, 1)->timer;
    co_timer_disarm(heap, timer);
    return timer;
}
