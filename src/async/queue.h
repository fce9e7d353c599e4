/* A bounded FIFO between tasks.
 *
 * Items embed a list_link and stay their owner's: the queue links them and allocates nothing, so that
 * putting can be refused but cannot fail. Hand-off is direct: an item goes to the task that waits
 * longest, and a putter that waits gets the place that becomes free; nobody wakes to look again. A
 * cancelled get takes nothing, a cancelled put leaves nothing. */
#ifndef ASYNC_QUEUE_H
#define ASYNC_QUEUE_H

#include <stddef.h>

#include "async/co.h"
#include "base/attr.h"
#include "base/list.h"

struct co_queue {
    struct list items;
    size_t capacity;
    struct co_op_list getters, putters, roomers, joiners;
    size_t unfinished_count; /* put, and not yet said to be done */
    bool is_closed;
};

struct co_queue_op {
    struct co_op op;
    struct co_queue *queue;
    struct list_link *item; /* result of a get: use container_of */
};

void co_queue_init(struct co_queue *queue, size_t capacity); /* capacity >= 1 */

/* Waits for an item: op->item. CO_ECLOSED once the queue is closed and empty. */
CO_MUST_AWAIT struct co_call co_queue_get(struct co_queue *queue, struct co_queue_op *op);
/* Waits for a place. CO_ECLOSED once the queue is closed: the item is not in it then. */
CO_MUST_AWAIT struct co_call co_queue_put(struct co_queue *queue, struct co_queue_op *op,
                                          struct list_link *item);

/* Without waiting. NULL when there is nothing. */
struct list_link *co_queue_try_get(struct co_queue *queue);
/* 0; -EAGAIN when full; -EPIPE when closed. */
MUST_CHECK int co_queue_try_put(struct co_queue *queue, struct list_link *item);

/* For producers that cannot wait at the moment they produce: co_queue_force() puts beyond the capacity
 * (into a closed queue, too), and co_queue_room() is awaited before producing more. It completes when
 * fewer than `capacity` items are queued (CO_ECLOSED once closed) and reserves nothing: the queue can
 * exceed its capacity by what the tasks that were let through at once produce. Of those that wait, each item
 * that is taken lets one go on, and the last one all. */
void co_queue_force(struct co_queue *queue, struct list_link *item);
CO_MUST_AWAIT struct co_call co_queue_room(struct co_queue *queue, struct co_queue_op *op);

/* For consumers that tell when an item is dealt with: one co_queue_task_done() per item got, and
 * co_queue_join() completes when all that were put are. */
void co_queue_task_done(struct co_queue *queue);
CO_MUST_AWAIT struct co_call co_queue_join(struct co_queue *queue, struct co_queue_op *op);

/* No more puts; waiting putters and roomers fail with CO_ECLOSED, getters get what is left. */
void co_queue_close(struct co_queue *queue);

#endif
