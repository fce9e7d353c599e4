/* A task queue: a producer, a bounded queue, and workers that run until there is nothing left.
 *
 *     queue = asyncio.Queue(maxsize=2)
 *
 *     async def worker(name):
 *         while True:
 *             job = await queue.get()
 *             await asyncio.sleep(job.seconds)
 *             queue.task_done()
 *
 *     async with asyncio.TaskGroup() as group:
 *         workers = [group.create_task(worker(i)) for i in range(2)]
 *         for job in jobs:
 *             await queue.put(job)        # waits while the queue is full
 *         await queue.join()              # until every job is done
 *         for w in workers: w.cancel()
 *
 * Here the queue can be closed, so that workers end by themselves instead of being cancelled. */
#include "async/group.h"
#include "async/queue.h"
#include "async/sleep.h"
#include "example.h"

enum { WORKERS = 2, JOBS = 6, CAPACITY = 2 };

struct job {
    struct list_link queue_link; /* items embed a link: the queue allocates nothing */
    int number, ms;
};

struct worker {
    struct co_frame co;
    int number;
    struct co_queue *queue;
    struct job *job;
    int done_count, code;
    struct co_queue_op get;
    struct co_sleep_op sleep;
};

ASYNC(worker)
{
    for (;;) {
        TRY_AWAIT(self->code, co_queue_get(self->queue, &self->get));
        if (self->code == CO_ECLOSED) /* closed and empty */
            break;
        if (self->code)
            RAISE(self->code, "get");
        self->job = container_of(self->get.item, struct job, queue_link);
        printf("worker %d: job %d begins\n", self->number, self->job->number);
        AWAIT(co_sleep(&self->sleep, self->job->ms));
        printf("worker %d: job %d done\n", self->number, self->job->number);
        self->done_count++;
        co_queue_task_done(self->queue);
    }
    printf("worker %d: goes home after %d jobs\n", self->number, self->done_count);
}
END_ASYNC

struct root {
    struct co_frame co;
    int i;
    struct co_queue queue;
    struct job jobs[JOBS];
    struct co_queue_op op;
    struct co_group group;
    CO_TASK(worker) workers[WORKERS];
};

ASYNC(root)
{
    co_queue_init(&self->queue, CAPACITY);
    WITH(co_group_open(co, &self->group, -1)) {
        for (int i = 0; i < WORKERS; i++)
            SPAWN(&self->group, &self->workers[i], worker, .number = i + 1, .queue = &self->queue);

        for (self->i = 0; self->i < JOBS; self->i++) {
            /* 100, 150, 100 … ms: so that no two jobs end at the same time */
            self->jobs[self->i] = (struct job){.number = self->i + 1, .ms = self->i == 1 ? 150 : 100};
            AWAIT(co_queue_put(&self->queue, &self->op, &self->jobs[self->i].queue_link));
            printf("producer: job %d is in the queue\n", self->i + 1);
        }
        AWAIT(co_queue_join(&self->queue, &self->op));
        puts("producer: all jobs are done");
        co_queue_close(&self->queue);
    }
    END_WITH;
}
END_ASYNC

int main(void)
{
    CO_TASK(root) task;
    return example_run(TASK(&task, root));
}
