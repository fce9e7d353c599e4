#include "async/queue.h"

#include "base/check.h"

static struct co_queue_op *queue_op(struct co_op *op)
{
    return container_of(op, struct co_queue_op, op);
}

void co_queue_init(struct co_queue *queue, size_t capacity)
{
    CHECK(capacity >= 1);
    *queue = (struct co_queue){.capacity = capacity};
    list_init(&queue->items);
}

/* To the task that waits longest, else to the end. */
static void hand_in(struct co_queue *queue, struct list_link *item)
{
    struct co_op *getter = co_op_list_pop(&queue->getters);
    queue->unfinished_count++;
    if (!getter) {
        list_push_back(&queue->items, item);
        return;
    }
    queue_op(getter)->item = item;
    co_op_complete(getter, 0);
}

/* A place has become free: it is the first waiting putter's; else the first goes on of those who only ask for
 * room. An empty queue lets all of them go on: those before may have put nothing, and nobody would come again. */
static void refill(struct co_queue *queue)
{
    while (queue->items.count < queue->capacity) {
        struct co_op *putter = co_op_list_pop(&queue->putters);
        if (!putter)
            break;
        list_push_back(&queue->items, queue_op(putter)->item);
        queue->unfinished_count++;
        co_op_complete(putter, 0);
    }
    struct co_op *roomer;
    while (queue->items.count < queue->capacity && (roomer = co_op_list_pop(&queue->roomers)) != NULL) {
        co_op_complete(roomer, 0);
        if (queue->items.count > 0)
            break;
    }
}

struct list_link *co_queue_try_get(struct co_queue *queue)
{
    struct list_link *item = list_pop_front(&queue->items);
    if (item)
        refill(queue);
    return item;
}

int co_queue_try_put(struct co_queue *queue, struct list_link *item)
{
    if (queue->is_closed)
        return -EPIPE;
    if (queue->items.count >= queue->capacity)
        return -EAGAIN;
    hand_in(queue, item);
    return 0;
}

void co_queue_force(struct co_queue *queue, struct list_link *item)
{
    hand_in(queue, item);
}

void co_queue_close(struct co_queue *queue)
{
    struct co_op *op;
    queue->is_closed = true;
    while ((op = co_op_list_pop(&queue->putters)) != NULL)
        co_op_complete(op, CO_ECLOSED);
    while ((op = co_op_list_pop(&queue->roomers)) != NULL)
        co_op_complete(op, CO_ECLOSED);
    while ((op = co_op_list_pop(&queue->getters)) != NULL)
        co_op_complete(op, CO_ECLOSED);
}

void co_queue_task_done(struct co_queue *queue)
{
    struct co_op *op;
    CHECK(queue->unfinished_count > 0);
    if (--queue->unfinished_count == 0)
        while ((op = co_op_list_pop(&queue->joiners)) != NULL)
            co_op_complete(op, 0);
}

static bool get_start(struct co_op *op)
{
    struct co_queue_op *get = queue_op(op);
    get->item = co_queue_try_get(get->queue);
    if (get->item)
        return true;
    if (get->queue->is_closed) {
        op->code = CO_ECLOSED;
        return true;
    }
    co_op_list_push(&get->queue->getters, op);
    return false;
}

static bool get_abort(struct co_op *op)
{
    co_op_list_remove(&queue_op(op)->queue->getters, op);
    return true;
}

static bool put_start(struct co_op *op)
{
    struct co_queue_op *put = queue_op(op);
    int r = co_queue_try_put(put->queue, put->item);
    if (r == -EAGAIN) {
        co_op_list_push(&put->queue->putters, op);
        return false;
    }
    op->code = r < 0 ? CO_ECLOSED : 0;
    return true;
}

static bool put_abort(struct co_op *op)
{
    co_op_list_remove(&queue_op(op)->queue->putters, op);
    return true;
}

static bool room_start(struct co_op *op)
{
    struct co_queue *queue = queue_op(op)->queue;
    if (queue->is_closed) {
        op->code = CO_ECLOSED;
        return true;
    }
    if (queue->items.count < queue->capacity)
        return true;
    co_op_list_push(&queue->roomers, op);
    return false;
}

static bool room_abort(struct co_op *op)
{
    co_op_list_remove(&queue_op(op)->queue->roomers, op);
    return true;
}

static bool join_start(struct co_op *op)
{
    struct co_queue *queue = queue_op(op)->queue;
    if (queue->unfinished_count == 0)
        return true;
    co_op_list_push(&queue->joiners, op);
    return false;
}

static bool join_abort(struct co_op *op)
{
    co_op_list_remove(&queue_op(op)->queue->joiners, op);
    return true;
}

static const struct co_op_vt join_vt = {.name = "queue.join", .start = join_start, .abort = join_abort};
static const struct co_op_vt get_vt = {.name = "queue.get", .start = get_start, .abort = get_abort};
static const struct co_op_vt put_vt = {.name = "queue.put", .start = put_start, .abort = put_abort};
static const struct co_op_vt room_vt = {.name = "queue.room", .start = room_start, .abort = room_abort};

struct co_call co_queue_get(struct co_queue *queue, struct co_queue_op *op)
{
    op->queue = queue;
    return co_call_op(&op->op, &get_vt);
}

struct co_call co_queue_put(struct co_queue *queue, struct co_queue_op *op, struct list_link *item)
{
    op->queue = queue;
    op->item = item;
    return co_call_op(&op->op, &put_vt);
}

struct co_call co_queue_room(struct co_queue *queue, struct co_queue_op *op)
{
    op->queue = queue;
    return co_call_op(&op->op, &room_vt);
}

struct co_call co_queue_join(struct co_queue *queue, struct co_queue_op *op)
{
    op->queue = queue;
    return co_call_op(&op->op, &join_vt);
}
