/* Broadcast: one sender, many receivers, each at its own pace, and nobody can hold up the sender.
 *
 *     # asyncio has none; the usual recipe is a queue per receiver:
 *     for queue in queues:
 *         queue.put_nowait(news)              # QueueFull: and now?
 *
 * Here there is one ring for all. Who falls behind by more than the ring holds is told how many values it
 * has missed, and goes on. */
#include "async/broadcast.h"
#include "async/group.h"
#include "async/sleep.h"
#include "example.h"

enum { NEWS = 8, RING = 4 };

struct listener {
    struct co_frame co;
    const char *name;
    int ms; /* how long it takes to deal with each */
    struct co_receiver receiver;
    int code;
    struct co_receive_op op;
    struct co_sleep_op sleep;
};

ASYNC(listener)
{
    for (;;) {
        TRY_AWAIT(self->code, co_receive(&self->receiver, &self->op));
        if (self->code == CO_ECLOSED)
            break;
        if (self->code == CO_ELAGGED) {
            printf("%s: missed %u\n", self->name, (unsigned)self->op.missed);
            continue;
        }
        if (self->code)
            RAISE(self->code, "receive");
        printf("%s: news %d\n", self->name, *(int *)self->op.value);
        if (self->ms > 0)
            AWAIT(co_sleep(&self->sleep, self->ms));
    }
    printf("%s: the end\n", self->name);
}
END_ASYNC

struct root {
    struct co_frame co;
    int i;
    int news[NEWS];
    struct co_broadcast channel;
    struct co_with finally;
    struct co_group group;
    CO_TASK(listener) quick, slow;
    struct co_sleep_op sleep;
};

static void root_finally(struct co_task *task, struct co_with *with)
{
    (void)task;
    co_broadcast_done(&container_of(with, struct root, finally)->channel);
}

/* Gives each listener a receiver before the first value is sent: what was sent earlier it does not get. */
static void start_listeners(struct root *self)
{
    SPAWN(&self->group, &self->quick, listener, .name = "quick");
    SPAWN(&self->group, &self->slow, listener, .name = "        slow", .ms = 330);
    co_receiver_init(&self->quick.fn.receiver, &self->channel);
    co_receiver_init(&self->slow.fn.receiver, &self->channel);
}

ASYNC(root)
{
    if (co_broadcast_init(&self->channel, RING, NULL) != 0)
        RAISE(ENOMEM, "broadcast");
    co_with_init(&self->finally, NULL, root_finally);
    WITH(&self->finally) {
        WITH(co_group_open(co, &self->group, -1)) {
            start_listeners(self);
            for (self->i = 0; self->i < NEWS; self->i++) {
                self->news[self->i] = self->i + 1;
                co_broadcast_send(&self->channel, &self->news[self->i]); /* never waits */
                AWAIT(co_sleep(&self->sleep, 50));
            }
            co_broadcast_close(&self->channel);
        }
        END_WITH;
    }
    END_WITH;
}
END_ASYNC

int main(void)
{
    CO_TASK(root) task;
    return example_run(TASK(&task, root));
}
