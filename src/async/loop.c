/* The turn of the loop: timers, ready tasks, chores, poll. */
#include "async/loop.h"

#include <event2/event.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "async/debug.h"
#include "async/loop_private.h"
#include "base/check.h"
#include "base/clock.h"

/* Between two polls at most so many steps run, so that I/O is looked at in time. */
#define RESUMES_PER_TURN 256
#define TURN_NS 1000000 /* nor for longer, but for the step that takes so long */

/* Of a turn, tasks in the background get so much, and so much goes to timers that are due all at once: a crowd
 * holds up everybody else for no longer. Its own work takes a few per cent longer by the polls in between. */
#define BACKGROUND_NS 250000
#define TIMERS_NS 250000

/* The longest wait, 34 years: whatever is asked for, nanoseconds do not overflow. */
#define ARM_MS_MAX (INT64_C(1) << 40)

static int64_t read_clock_ns(const struct co_loop *loop)
{
    return loop->is_virtual ? loop->virtual_ns : clock_system_mono_ns();
}

/* Wakes the poll when the next of our own timers is due; the work is done at the top of the turn. */
static void on_poll_timer(evutil_socket_t fd, short what, void *arg)
{
    struct co_loop *loop = arg;
    uint64_t count;
    (void)what;
    if (read(fd, &count, sizeof(count)) == sizeof(count))
        loop->timer_at_ns = INT64_MAX;
}

/* A descriptor of our own, because libevent's precise timers cost it a system call in every poll. */
static int open_poll_timer(struct co_loop *loop)
{
    loop->timer_at_ns = INT64_MAX;
    loop->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (loop->timer_fd < 0)
        return -errno;
    loop->poll_timer = event_new(loop->base, loop->timer_fd, EV_READ | EV_PERSIST, on_poll_timer, loop);
    return loop->poll_timer && event_add(loop->poll_timer, NULL) == 0 ? 0 : -ENOMEM;
}

struct co_loop *co_loop_new(void)
{
    struct co_loop *loop = calloc(1, sizeof(*loop));
    if (!loop)
        return NULL;
    loop->timer_fd = -1;
    list_init(&loop->chores);
    struct event_config *config = event_config_new();
    if (!config)
        goto fail;
    event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
    /* What is switched off and on again between two polls costs one system call and not two. The flag asks that no descriptor is watched under two numbers; dup(2) is not used on any. */
    event_config_set_flag(config, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST);
    loop->base = event_base_new_with_config(config);
    if (!loop->base)
        goto fail;
    if (open_poll_timer(loop) < 0)
        goto fail;
    event_config_free(config);
    loop->now_ns = read_clock_ns(loop);
    return loop;
fail:
    if (config)
        event_config_free(config);
    co_loop_free(loop);
    return NULL;
}

static size_t count_ready(const struct co_ready *ready)
{
    size_t count = 0;
    for (const struct co_task *task = ready->first; task; task = task->next_ready)
        count++;
    return count;
}

size_t co_loop_free(struct co_loop *loop)
{
    if (!loop)
        return 0;
    co_debug_off(loop);
    size_t left = loop->timers.count;
    left += count_ready(&loop->ready) + count_ready(&loop->background);
    co_timer_heap_done(&loop->timers);
    if (loop->poll_timer)
        event_free(loop->poll_timer);
    if (loop->timer_fd >= 0)
        close(loop->timer_fd);
    if (loop->base)
        event_base_free(loop->base);
    free(loop);
    return left;
}

void co_loop_enqueue(struct co_loop *loop, struct co_task *task)
{
    struct co_ready *ready = task->is_background ? &loop->background : &loop->ready;
    task->next_ready = NULL;
    if (ready->last)
        ready->last->next_ready = task;
    else
        ready->first = task;
    ready->last = task;
}

bool co_loop_is_in_background(const struct co_loop *loop)
{
    return loop->is_in_background;
}

static struct co_task *take_ready(struct co_ready *ready)
{
    struct co_task *task = ready->first;
    if (!task)
        return NULL;
    ready->first = task->next_ready;
    if (!ready->first)
        ready->last = NULL;
    task->is_queued = false;
    return task;
}

/* Those that are left are still due in the next turn, so that the poll does not wait. */
static void fire_timers(struct co_loop *loop)
{
    do {
        int64_t when_ns = co_timer_next_ns(&loop->timers);
        struct co_timer *timer = co_timer_take_due(&loop->timers, loop->now_ns);
        if (!timer)
            return;
        histogram_add(&loop->stats.late_us, (uint64_t)(loop->now_ns - when_ns) / 1000);
        timer->fire(timer);
    } while (read_clock_ns(loop) - loop->now_ns < TIMERS_NS);
}

static void end_turn_waits(struct co_loop *loop)
{
    struct co_op *op;
    while ((op = co_op_list_pop(&loop->turn_waiters)))
        co_op_complete(op, 0);
}

/* False: none is ready. */
static bool resume_one(struct co_loop *loop, struct co_ready *ready)
{
    struct co_task *task = take_ready(ready);
    if (!task)
        return false;
    loop->stats.resumes++;
    if (loop->debug)
        co_debug_resume(loop, task);
    else
        co_task_resume(task);
    return true;
}

/* However busy the others are, at least one in the background goes on. */
static void resume_background(struct co_loop *loop)
{
    if (!loop->background.first)
        return;
    int64_t until_ns = read_clock_ns(loop) + BACKGROUND_NS;
    loop->is_in_background = true;
    for (int i = 0; i < RESUMES_PER_TURN && resume_one(loop, &loop->background); i++)
        if (read_clock_ns(loop) >= until_ns)
            break;
    loop->is_in_background = false;
}

static void resume_ready(struct co_loop *loop)
{
    int64_t until_ns = read_clock_ns(loop) + TURN_NS;
    for (int i = 0; i < RESUMES_PER_TURN && resume_one(loop, &loop->ready); i++)
        if (read_clock_ns(loop) >= until_ns)
            break;
    resume_background(loop);
}

static bool has_ready(const struct co_loop *loop)
{
    return loop->ready.first || loop->background.first || loop->turn_waiters.first;
}

/* Until when the poll may wait; 0: it only looks; INT64_MAX: for as long as it takes. */
static int64_t poll_until_ns(const struct co_loop *loop)
{
    int64_t next_ns = co_timer_next_ns(&loop->timers);
    if (has_ready(loop))
        return 0;
    if (loop->is_virtual)
        return next_ns == INT64_MAX || loop->hold_count ? INT64_MAX : 0;
    return next_ns > loop->now_ns ? next_ns : 0;
}

void co_loop_put_off(struct co_loop *loop, struct co_chore *chore)
{
    if (!list_is_linked(&chore->link))
        list_push_back(&loop->chores, &chore->link);
}

void co_loop_drop_chore(struct co_loop *loop, struct co_chore *chore)
{
    list_remove(&loop->chores, &chore->link);
}

static void do_chores(struct co_loop *loop)
{
    struct list_link *link;
    while ((link = list_pop_front(&loop->chores)) != NULL) {
        struct co_chore *chore = container_of(link, struct co_chore, link);
        chore->run(chore);
    }
}

/* Waits for I/O, unless tasks are ready: then it only looks. */
static void poll_io(struct co_loop *loop)
{
    int flags = EVLOOP_ONCE | EVLOOP_NO_EXIT_ON_EMPTY;
    int64_t until_ns = poll_until_ns(loop);
    if (until_ns == 0) {
        flags |= EVLOOP_NONBLOCK;
    } else if (until_ns != INT64_MAX && until_ns != loop->timer_at_ns) {
        struct itimerspec at = {.it_value = {until_ns / 1000000000, until_ns % 1000000000}};
        CHECK(timerfd_settime(loop->timer_fd, TFD_TIMER_ABSTIME, &at, NULL) == 0);
        loop->timer_at_ns = until_ns;
    }
    CHECK(event_base_loop(loop->base, flags) >= 0);
}

/* Nothing can happen any more at this moment: on to the next. */
static void jump(struct co_loop *loop)
{
    int64_t next_ns = co_timer_next_ns(&loop->timers);
    if (!has_ready(loop) && !loop->hold_count && next_ns != INT64_MAX && next_ns > loop->virtual_ns)
        loop->virtual_ns = next_ns;
}

static void turn(struct co_loop *loop)
{
    loop->now_ns = read_clock_ns(loop);
    atomic_store_explicit(&loop->turn_since_ns, loop->now_ns, memory_order_relaxed);
    fire_timers(loop);
    end_turn_waits(loop);
    uint64_t resumes = loop->stats.resumes;
    resume_ready(loop);
    histogram_add(&loop->stats.turn_resumes, loop->stats.resumes - resumes);
    atomic_store_explicit(&loop->turn_since_ns, 0, memory_order_relaxed);
    int64_t took_ns = read_clock_ns(loop) - loop->now_ns;
    if (took_ns > loop->stats.longest_turn_ns)
        loop->stats.longest_turn_ns = took_ns;
    histogram_add(&loop->stats.turn_us, (uint64_t)took_ns / 1000);
    loop->stats.turns++;
}

struct co_error co_loop_run(struct co_loop *loop, struct co_task *root)
{
    CHECK(!loop->root);
    if (loop->debug)
        co_debug_note_started(root->top, false);
    loop->stack_base = __builtin_frame_address(0);
    root->loop = loop;
    loop->root = root;
    co_task_ready(root);
    turn(loop);
    do_chores(loop);
    while (!root->is_done) {
        poll_io(loop);
        if (loop->is_virtual)
            jump(loop);
        turn(loop);
        do_chores(loop);
    }
    loop->root = NULL;
    return root->error;
}

void co_loop_set_virtual(struct co_loop *loop, bool is_virtual)
{
    loop->virtual_ns = read_clock_ns(loop);
    loop->is_virtual = is_virtual;
    loop->now_ns = read_clock_ns(loop);
}

void co_loop_hold(struct co_loop *loop)
{
    loop->hold_count++;
}

void co_loop_unhold(struct co_loop *loop)
{
    CHECK(loop->hold_count > 0);
    loop->hold_count--;
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
    int64_t wait_ms = ms < 0 ? 0 : ms > ARM_MS_MAX ? ARM_MS_MAX : ms;
    return co_timer_arm(&loop->timers, timer, read_clock_ns(loop) + wait_ms * 1000000);
}

void co_loop_disarm(struct co_loop *loop, struct co_timer *timer)
{
    co_timer_disarm(&loop->timers, timer);
}

struct co_loop_stats co_loop_stats(const struct co_loop *loop)
{
    return loop->stats;
}
