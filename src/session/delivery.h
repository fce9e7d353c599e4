/* From the hub's events to the readers' sockets.
 *
 *     hub → events (async queue) → broadcaster task → room logs → readers
 *
 * The broadcaster takes all events that are queued, publishes them in order, and then writes: each
 * room's news are rendered once per wire form and view in use, into one shared block, and every reader
 * in step gets that block with one write, however many messages it holds. Readers not in step (own
 * messages to leave out, a reply in between, several rooms, lagging) are served from their cursors. A
 * reader whose socket is full is passed over; the catch-up task continues it when it has drained, and
 * the sweeper ends it when that takes too long. So the cost grows with readers times turns, not with
 * readers times messages, and no reader waits for another. */
#ifndef SESSION_DELIVERY_H
#define SESSION_DELIVERY_H

#include <stdint.h>

#include "async/co.h"
#include "async/event.h"
#include "async/queue.h"
#include "async/sleep.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/list.h"
#include "chat/hub.h"
#include "proto/dialect.h"

struct delivery_config {
    size_t queue_events;   /* senders wait above so many */
    size_t log_events;     /* as the hub keeps per room */
    size_t inbox_events;   /* most that may wait for one reader */
    size_t history_events; /* shown on entering a room */
    uint32_t quiet_above;  /* joins and leaves are not shown in rooms with more people; 0: always */
    int64_t stalled_ms;    /* a reader that takes nothing for so long is closed */
};

/* A room's news in one form and view. */
struct delivery_block {
    struct wire_form form; /* without a dialect: free */
    bool is_current;
    struct buf bytes;
};

#define DELIVERY_BLOCKS 16 /* forms × views of one room that are shared; more are rendered singly */

struct delivery_stats {
    uint64_t events, batches;
    uint64_t deliveries;                /* events times readers */
    uint64_t shared_writes, own_writes; /* from a block, from cursors */
    uint64_t gaps;                      /* events readers missed */
    uint64_t blocks;                    /* rendered */
};

struct delivery {
    struct chat_sink sink; /* give it to hub_new */
    struct hub *hub;
    const struct clock *clock;
    struct delivery_config config;
    struct co_queue events;
    struct hub_news news;
    size_t mention_readers;                  /* attached, with a form of WIRE_F_MENTIONS */
    struct list slow, behind, drained, reap; /* struct outbox */
    struct list leavers;                     /* struct user: departures published in this batch */
    struct co_event has_drained; /* something is on that list, or hub_tell_departures() has something to do */
    struct delivery_block blocks[DELIVERY_BLOCKS];
    struct buf scratch;
    struct chat_event **history; /* room for history_events and CHAT_HISTORY_MAX */
    uint64_t batch;
    struct delivery_stats stats;
};

/* 0 or -ENOMEM. The hub is made after it, with &delivery->sink, and set by delivery_set_hub(). */
MUST_CHECK int delivery_init(struct delivery *delivery, const struct clock *clock,
                             const struct delivery_config *config);
/* Another configuration, from the next event on; queue_events and log_events are kept as they are. 0, or
 * -ENOMEM: nothing has changed. */
MUST_CHECK int delivery_configure(struct delivery *delivery, const struct delivery_config *config);
void delivery_set_hub(struct delivery *delivery, struct hub *hub);
void delivery_done(struct delivery *delivery); /* drops events that are still queued */

/* Suspends while too many events wait: to be awaited before hub_apply(). */
CO_MUST_AWAIT struct co_call delivery_room(struct delivery *delivery, struct co_queue_op *op);

/* hub_leave() had no memory to tell: the catch-up task tries again. */
void delivery_retell(struct delivery *delivery);

/* Publishes and delivers the batch that begins with `first`. What the broadcaster does per turn. */
void delivery_batch(struct delivery *delivery, struct list_link *first);

/* The three tasks; they run until cancelled. */
struct broadcaster {
    struct co_frame co;
    struct delivery *delivery;
    int code;
    struct list_link *first; /* of the events of a batch */
    union {
        struct co_queue_op get;
        struct co_op yield;
    } u;
};
ASYNC_DECLARE(broadcaster);

struct catch_up {
    struct co_frame co;
    struct delivery *delivery;
    int code;
    union {
        struct co_event_op wait;
        struct co_sleep_op sleep;
    } u;
};
ASYNC_DECLARE(catch_up);

struct sweeper {
    struct co_frame co;
    struct delivery *delivery;
    struct co_sleep_op sleep;
};
ASYNC_DECLARE(sweeper);

#endif
