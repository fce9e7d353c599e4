/* Select: wait for whichever of several operations comes first, and lose nothing of the others.
 *
 *     get = asyncio.create_task(queue.get())
 *     stop = asyncio.create_task(event.wait())
 *     done, pending = await asyncio.wait({get, stop}, timeout=0.1,
 *                                        return_when=asyncio.FIRST_COMPLETED)
 *     for task in pending: task.cancel()      # and hope that get() had taken nothing
 *
 * Here no tasks are needed. What does not win is aborted in the same moment: it did not happen. */
#include "async/event.h"
#include "async/group.h"
#include "async/queue.h"
#include "async/select.h"
#include "async/sleep.h"
#include "base/attr.h"
#include "example.h"

struct message {
    struct list_link queue_link;
    int number;
};

struct producer {
    struct co_frame co;
    struct co_queue *queue;
    struct co_event *stop;
    int i;
    struct message messages[3];
    struct co_queue_op put;
    struct co_sleep_op sleep;
};

ASYNC(producer)
{
    for (self->i = 0; self->i < 3; self->i++) {
        self->messages[self->i].number = self->i + 1;
        AWAIT(co_queue_put(self->queue, &self->put, &self->messages[self->i].queue_link));
        AWAIT(co_sleep(&self->sleep, self->i == 1 ? 250 : 50)); /* one long pause */
    }
    co_event_set(self->stop);
}
END_ASYNC

struct root {
    struct co_frame co;
    struct co_queue queue;
    struct co_event stop;
    struct co_group group;
    CO_TASK(producer) producer;
    struct co_queue_op get;
    struct co_event_op wait;
    struct co_sleep_op pause;
    struct co_op *ops[3];
    struct co_select first;
};

enum { GOT, STOPPED, IDLE };

ASYNC(root)
{
    co_queue_init(&self->queue, 1);
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->producer, producer, .queue = &self->queue, .stop = &self->stop);
        for (;;) {
            self->ops[GOT] = co_select_op(co_queue_get(&self->queue, &self->get));
            self->ops[STOPPED] = co_select_op(co_event_wait(&self->stop, &self->wait));
            self->ops[IDLE] = co_select_op(co_sleep(&self->pause, 100));
            AWAIT(co_select(&self->first, self->ops, 3));
            if (self->first.which == GOT)
                printf("message %d\n", container_of(self->get.item, struct message, queue_link)->number);
            else if (self->first.which == IDLE)
                puts("nothing for 100 ms");
            else
                break;
        }
        puts("stopped");
    }
    END_WITH;
}
END_ASYNC

int main(void)
{
    CO_TASK(root) task;
    return example_run(TASK(&task, root));
}
