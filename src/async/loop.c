/* The turn of the loop: timers, ready tasks, poll. */
#include "async/loop.h"

#include <event2/event.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

#include "async/loop_private.h"
#include "base/check.h"

/* Between two polls at most so many steps run, so that I/O is looked at in time. */
#define RESUMES_PER_TURN 256

static int64_t read_clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Wakes the poll when the next of our own timers is due; the work is done at the top of the turn. */
static void on_poll_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    (void)arg;
}

struct co_loop *co_loop_new(void)
{
    struct co_loop *loop = calloc(1, sizeof(*loop));
    struct event_config *config = event_config_new();
    if (!loop || !config)
        goto fail;
    event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
    event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
    loop->base = event_base_new_with_config(config);
    if (!loop->base)
        goto fail;
    loop->poll_timer = evtimer_new(loop->base, on_poll_timer, NULL);
    if (!loop->poll_timer)
        goto fail;
    event_config_free(config);
    loop->now_ns = read_clock_ns();
    return loop;
fail:
    if (config)
        event_config_free(config);
    co_loop_free(loop);
    return NULL;
}

size_t co_loop_free(struct co_loop *loop)
{
    if (!loop)
        return 0;
    size_t left = loop->timers.count;
    for (struct co_task *task = loop->ready_first; task; task = task->next_ready)
        left++;
    co_timer_heap_done(&loop->timers);
    if (loop->poll_timer)
        event_free(loop->poll_timer);
    if (loop->base)
        event_base_free(loop->base);
    free(loop);
    return left;
}

void co_loop_enqueue(struct co_loop *loop, struct co_task *task)
{
    task->next_ready = NULL;
    if (loop->ready_last)
        loop->ready_last->next_ready = task;
    else
        loop->ready_first = task;
    loop->ready_last = task;
}

static struct co_task *take_ready(struct co_loop *loop)
{
    struct co_task *task = loop->ready_first;
    if (!task)
        return NULL;
    loop->ready_first = task->next_ready;
    if (!loop->ready_first)
        loop->ready_last = NULL;
    task->is_queued = false;
    return task;
}

static void fire_timers(struct co_loop *loop)
{
    struct co_timer *timer;
    while ((timer = co_timer_take_due(&loop->timers, loop->now_ns)) != NULL)
        timer->fire(timer);
}

static void resume_ready(struct co_loop *loop)
{
    for (int i = 0; i < RESUMES_PER_TURN; i++) {
        struct co_task *task = take_ready(loop);
        if (!task)
            return;
        loop->stats.resumes++;
        co_task_resume(task);
    }
}

/* Waits for I/O, unless tasks are ready: then it only looks. */
static void poll_io(struct co_loop *loop)
{
    int flags = EVLOOP_ONCE | EVLOOP_NO_EXIT_ON_EMPTY;
    int64_t next_ns = co_timer_next_ns(&loop->timers);
    if (loop->ready_first) {
        flags |= EVLOOP_NONBLOCK;
    } else if (next_ns != INT64_MAX) {
        int64_t wait_us = (next_ns - read_clock_ns() + 999) / 1000;
        if (wait_us <= 0) {
            flags |= EVLOOP_NONBLOCK;
        } else {
            struct timeval wait = {.tv_sec = wait_us / 1000000, .tv_usec = wait_us % 1000000};
            CHECK(event_add(loop->poll_timer, &wait) == 0);
        }
    }
    CHECK(event_base_loop(loop->base, flags) >= 0);
    event_del(loop->poll_timer);
}

static void turn(struct co_loop *loop)
{
    loop->now_ns = read_clock_ns();
    fire_timers(loop);
    resume_ready(loop);
    int64_t took_ns = read_clock_ns() - loop->now_ns;
    if (took_ns > loop->stats.longest_turn_ns)
        loop->stats.longest_turn_ns = took_ns;
    loop->stats.turns++;
}

struct co_error co_loop_run(struct co_loop *loop, struct co_task *root)
{
    CHECK(!loop->root);
    root->loop = loop;
    loop->root = root;
    co_task_ready(root);
    turn(loop);
    while (!root->is_done) {
        poll_io(loop);
        turn(loop);
    }
    loop->root = NULL;
    return root->error;
}

struct event_base *co_loop_base(struct co_loop *loop)
{
    return loop->base;
}

struct co_loop *co_loop_of(const struct co_task *task)
{
    return task->loop;
}

int64_t co_loop_now_ns(const struct co_loop *loop)
{
    return loop->now_ns;
}

int64_t co_loop_now_ms(const struct co_loop *loop)
{
    return loop->now_ns / 1000000;
}

int co_loop_arm(struct co_loop *loop, struct co_timer *timer, int64_t ms)
{
    return co_timer_arm(&loop->timers, timer, read_clock_ns() + (ms < 0 ? 0 : ms) * 1000000);
}

void co_loop_disarm(struct co_loop *loop, struct co_timer *timer)
{
    co_timer_disarm(&loop->timers, timer);
}

struct co_loop_stats co_loop_stats(const struct co_loop *loop)
{
    return loop->stats;
}
