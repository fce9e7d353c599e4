#include "async/broadcast.h"

#include <stdlib.h>

#include "base/check.h"

int co_broadcast_init(struct co_broadcast *channel, size_t capacity, void (*release)(void *value))
{
    CHECK(capacity >= 1);
    *channel = (struct co_broadcast){.capacity = capacity, .release = release};
    channel->ring = calloc(capacity, sizeof(*channel->ring));
    return channel->ring ? 0 : -ENOMEM;
}

static uint64_t first_kept(const struct co_broadcast *channel)
{
    return channel->next > channel->capacity ? channel->next - channel->capacity : 0;
}

void co_broadcast_done(struct co_broadcast *channel)
{
    CHECK(!channel->waiters.first);
    for (uint64_t i = first_kept(channel); channel->release && i < channel->next; i++)
        channel->release(channel->ring[i % channel->capacity]);
    free(channel->ring);
    channel->ring = NULL;
}

static void wake_all(struct co_broadcast *channel)
{
    struct co_op *op;
    while ((op = co_op_list_pop(&channel->waiters)) != NULL)
        co_op_complete(op, 0);
}

void co_broadcast_send(struct co_broadcast *channel, void *value)
{
    CHECK(!channel->is_closed);
    void **slot = &channel->ring[channel->next % channel->capacity];
    if (channel->next >= channel->capacity && channel->release)
        channel->release(*slot);
    *slot = value;
    channel->next++;
    wake_all(channel);
}

void co_broadcast_close(struct co_broadcast *channel)
{
    channel->is_closed = true;
    wake_all(channel);
}

void co_receiver_init(struct co_receiver *receiver, struct co_broadcast *channel)
{
    *receiver = (struct co_receiver){.channel = channel, .cursor = channel->next};
}

static bool has_news(const struct co_receiver *receiver)
{
    return receiver->cursor < receiver->channel->next || receiver->channel->is_closed;
}

static bool receive_start(struct co_op *op)
{
    struct co_receiver *receiver = container_of(op, struct co_receive_op, op)->receiver;
    if (has_news(receiver))
        return true;
    co_op_list_push(&receiver->channel->waiters, op);
    return false;
}

static bool receive_abort(struct co_op *op)
{
    co_op_list_remove(&container_of(op, struct co_receive_op, op)->receiver->channel->waiters, op);
    return true;
}

/* Gives the receiver what it is owed: a value, word of a loss, or the end. A value that was taken earlier
 * than this could be gone from the ring by now. */
static void receive_collect(struct co_op *op)
{
    struct co_receive_op *receive = container_of(op, struct co_receive_op, op);
    struct co_receiver *receiver = receive->receiver;
    const struct co_broadcast *channel = receiver->channel;
    uint64_t first = first_kept(channel);

    CHECK(has_news(receiver));
    if (receiver->cursor < first) {
        receive->missed = first - receiver->cursor;
        receiver->cursor = first;
        op->code = CO_ELAGGED;
    } else if (receiver->cursor < channel->next) {
        receive->value = channel->ring[receiver->cursor++ % channel->capacity];
    } else {
        op->code = CO_ECLOSED;
    }
}

static const struct co_op_vt receive_vt = {
    .name = "receive", .start = receive_start, .abort = receive_abort, .collect = receive_collect};

struct co_call co_receive(struct co_receiver *receiver, struct co_receive_op *op)
{
    op->receiver = receiver;
    op->value = NULL;
    op->missed = 0;
    return co_call_op(&op->op, &receive_vt);
}
