/* Worker threads take jobs from one list and put them on another; an eventfd wakes the loop. */
#include "async/executor.h"

#include <event2/event.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "async/loop.h"
#include "base/check.h"

struct co_executor {
    pthread_mutex_t mutex;
    pthread_cond_t has_work;
    struct co_job *queued, **queued_tail; /* guarded by mutex, as are the next two */
    struct co_job *done, **done_tail;
    bool is_ending;
    int wake_fd;
    struct event *wake;
    struct co_loop *loop;
    size_t pending_count; /* the loop's own: jobs that are awaited */
    unsigned thread_count;
    pthread_t threads[];
};

static struct co_job *take_job(struct co_executor *executor)
{
    pthread_mutex_lock(&executor->mutex);
    while (!executor->queued && !executor->is_ending)
        pthread_cond_wait(&executor->has_work, &executor->mutex);
    struct co_job *job = executor->queued;
    if (job) {
        executor->queued = job->next;
        if (!executor->queued)
            executor->queued_tail = &executor->queued;
        job->state = CO_JOB_RUNNING;
    }
    pthread_mutex_unlock(&executor->mutex);
    return job;
}

static void put_done(struct co_executor *executor, struct co_job *job)
{
    pthread_mutex_lock(&executor->mutex);
    bool was_empty = !executor->done;
    job->state = CO_JOB_DONE;
    job->next = NULL;
    *executor->done_tail = job;
    executor->done_tail = &job->next;
    pthread_mutex_unlock(&executor->mutex);
    if (was_empty)
        CHECK(eventfd_write(executor->wake_fd, 1) == 0);
}

static void *work(void *arg)
{
    struct co_executor *executor = arg;
    struct co_job *job;
    while ((job = take_job(executor)) != NULL) {
        job->fn(job->arg);
        put_done(executor, job);
    }
    return NULL;
}

static void on_wake(evutil_socket_t fd, short what, void *arg)
{
    struct co_executor *executor = arg;
    eventfd_t count;
    (void)what;
    if (eventfd_read(fd, &count) != 0)
        return;
    pthread_mutex_lock(&executor->mutex);
    struct co_job *job = executor->done;
    executor->done = NULL;
    executor->done_tail = &executor->done;
    pthread_mutex_unlock(&executor->mutex);
    while (job) {
        struct co_job *next = job->next; /* completing may let the job's memory go */
        executor->pending_count--;
        co_loop_unhold(executor->loop);
        co_op_complete(&job->op, 0);
        job = next;
    }
}

/* Threads take no signals: those are the loop's. */
static bool start_threads(struct co_executor *executor, unsigned threads)
{
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    while (executor->thread_count < threads) {
        if (pthread_create(&executor->threads[executor->thread_count], NULL, work, executor) != 0)
            break;
        executor->thread_count++;
    }
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return executor->thread_count == threads;
}

struct co_executor *co_executor_new(struct co_loop *loop, unsigned threads)
{
    CHECK(threads >= 1);
    struct co_executor *executor = calloc(1, sizeof(*executor) + threads * sizeof(pthread_t));
    if (!executor)
        return NULL;
    executor->loop = loop;
    executor->queued_tail = &executor->queued;
    executor->done_tail = &executor->done;
    pthread_mutex_init(&executor->mutex, NULL);
    pthread_cond_init(&executor->has_work, NULL);
    executor->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (executor->wake_fd >= 0)
        executor->wake =
            event_new(co_loop_base(loop), executor->wake_fd, EV_READ | EV_PERSIST, on_wake, executor);
    if (!executor->wake || event_add(executor->wake, NULL) != 0 || !start_threads(executor, threads)) {
        co_executor_free(executor);
        return NULL;
    }
    return executor;
}

void co_executor_free(struct co_executor *executor)
{
    if (!executor)
        return;
    CHECK(executor->pending_count == 0);
    pthread_mutex_lock(&executor->mutex);
    executor->is_ending = true;
    pthread_cond_broadcast(&executor->has_work);
    pthread_mutex_unlock(&executor->mutex);
    for (unsigned i = 0; i < executor->thread_count; i++)
        pthread_join(executor->threads[i], NULL);
    if (executor->wake)
        event_free(executor->wake);
    if (executor->wake_fd >= 0)
        close(executor->wake_fd);
    pthread_cond_destroy(&executor->has_work);
    pthread_mutex_destroy(&executor->mutex);
    free(executor);
}

static bool job_start(struct co_op *op)
{
    struct co_job *job = container_of(op, struct co_job, op);
    struct co_executor *executor = job->executor;
    executor->pending_count++;
    co_loop_hold(executor->loop);
    job->next = NULL;
    job->state = CO_JOB_QUEUED;
    pthread_mutex_lock(&executor->mutex);
    *executor->queued_tail = job;
    executor->queued_tail = &job->next;
    pthread_cond_signal(&executor->has_work);
    pthread_mutex_unlock(&executor->mutex);
    return false;
}

/* The list is walked: cancelling a queued job is rare, and the list is short. */
static bool unlink_queued(struct co_executor *executor, struct co_job *job)
{
    struct co_job **link = &executor->queued;
    if (job->state != CO_JOB_QUEUED)
        return false;
    while (*link != job)
        link = &(*link)->next;
    *link = job->next;
    if (!job->next)
        executor->queued_tail = link;
    return true;
}

static bool job_abort(struct co_op *op)
{
    struct co_job *job = container_of(op, struct co_job, op);
    struct co_executor *executor = job->executor;
    pthread_mutex_lock(&executor->mutex);
    bool was_queued = unlink_queued(executor, job);
    pthread_mutex_unlock(&executor->mutex);
    if (was_queued) {
        executor->pending_count--;
        co_loop_unhold(executor->loop);
    }
    return was_queued;
}

static const struct co_op_vt job_vt = {.name = "executor.job", .start = job_start, .abort = job_abort};

struct co_call co_run_in_executor(struct co_executor *executor, struct co_job *job, void (*fn)(void *arg),
                                  void *arg)
{
    job->executor = executor;
    job->fn = fn;
    job->arg = arg;
    return co_call_op(&job->op, &job_vt);
}
