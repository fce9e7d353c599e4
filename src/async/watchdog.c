#include "async/watchdog.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "async/loop_private.h"
#include "base/buf.h"
#include "base/check.h"
#include "base/clock.h"

#define TREE_BYTES_MAX (32 * 1024)
#define FREEZE_MS 1000 /* for the signal to arrive */

struct co_watchdog {
    struct co_watchdog_config config;
    struct co_loop *loop;
    pthread_t loop_thread, thread;
    struct sigaction old_action;
    sem_t ends;
    sem_t frozen;          /* posted by the handler, which then waits */
    int thaw_fd;           /* eventfd: one count for each signal that was sent */
    bool is_unacked;       /* a signal was sent that has not arrived yet */
    int64_t told_since_ns; /* the turn that was told of last */
    char tree[TREE_BYTES_MAX + 1];
};

/* Waits on a semaphore; false when it took longer. */
static bool wait_ms(sem_t *semaphore, int64_t ms)
{
    int64_t until_ns = clock_system_mono_ns() + ms * 1000000;
    const struct timespec until = {.tv_sec = until_ns / 1000000000, .tv_nsec = until_ns % 1000000000};
    int r;
    do
        r = sem_clockwait(semaphore, CLOCK_MONOTONIC, &until);
    while (r < 0 && errno == EINTR);
    return r == 0;
}

/* In the loop's thread. Only calls that are safe in signal handlers. */
static void freeze(int number, siginfo_t *info, void *context)
{
    (void)number;
    (void)context;
    if (info->si_code != SI_QUEUE || info->si_pid != getpid())
        return; /* not ours */
    int saved_errno = errno;
    struct co_watchdog *watchdog = info->si_value.sival_ptr;
    struct pollfd thaw = {.fd = watchdog->thaw_fd, .events = POLLIN};
    uint64_t count;
    sem_post(&watchdog->frozen);
    while (poll(&thaw, 1, -1) < 0 && errno == EINTR)
        ;
    (void)!read(watchdog->thaw_fd, &count, sizeof(count));
    errno = saved_errno;
}

static void thaw(struct co_watchdog *watchdog)
{
    const uint64_t one = 1;
    (void)!write(watchdog->thaw_fd, &one, sizeof(one));
}

static void put_line(void *arg, struct bytes line)
{
    struct buf *tree = arg;
    if (tree->max - tree->len <= line.len)
        return;
    buf_put(tree, line);
    buf_put_char(tree, '\n');
}

/* The tree of tasks, copied while the loop's thread stands still. */
static struct bytes copy_tree(struct co_watchdog *watchdog)
{
    const union sigval value = {.sival_ptr = watchdog};
    struct buf tree;

    if (watchdog->is_unacked && sem_trywait(&watchdog->frozen) < 0)
        return (struct bytes){NULL, 0};
    watchdog->is_unacked = pthread_sigqueue(watchdog->loop_thread, SIGRTMIN, value) == 0;
    if (!watchdog->is_unacked)
        return (struct bytes){NULL, 0};
    buf_init_fixed(&tree, watchdog->tree, sizeof(watchdog->tree));
    if (wait_ms(&watchdog->frozen, FREEZE_MS)) {
        watchdog->is_unacked = false;
        co_loop_dump(watchdog->loop, put_line, &tree);
    }
    thaw(watchdog);
    return buf_bytes(&tree);
}

static void look(struct co_watchdog *watchdog)
{
    int64_t since_ns = atomic_load_explicit(&watchdog->loop->turn_since_ns, memory_order_relaxed);
    int64_t took_ms = (clock_system_mono_ns() - since_ns) / 1000000;
    if (since_ns == 0 || since_ns == watchdog->told_since_ns || took_ms < watchdog->config.hang_ms)
        return;
    watchdog->told_since_ns = since_ns;
    watchdog->config.report(watchdog->config.arg, took_ms, copy_tree(watchdog));
}

static void *watch(void *arg)
{
    struct co_watchdog *watchdog = arg;
    int64_t period_ms = watchdog->config.hang_ms / 4 > 0 ? watchdog->config.hang_ms / 4 : 1;
    while (!wait_ms(&watchdog->ends, period_ms))
        look(watchdog);
    return NULL;
}

/* Signals are for the loop's thread. */
static int start_thread(struct co_watchdog *watchdog)
{
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    int error = pthread_create(&watchdog->thread, NULL, watch, watchdog);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return error;
}

struct co_watchdog *co_watchdog_start(struct co_loop *loop, const struct co_watchdog_config *config)
{
    struct co_watchdog *watchdog = calloc(1, sizeof(*watchdog));
    struct sigaction action = {.sa_sigaction = freeze, .sa_flags = SA_SIGINFO | SA_RESTART};

    CHECK(config->hang_ms > 0);
    if (!watchdog)
        return NULL;
    watchdog->config = *config;
    watchdog->loop = loop;
    watchdog->loop_thread = pthread_self();
    watchdog->thaw_fd = eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE);
    if (watchdog->thaw_fd < 0) {
        free(watchdog);
        return NULL;
    }
    CHECK(sem_init(&watchdog->ends, 0, 0) == 0 && sem_init(&watchdog->frozen, 0, 0) == 0);
    CHECK(sigaction(SIGRTMIN, &action, &watchdog->old_action) == 0);
    if (start_thread(watchdog) != 0) {
        CHECK(sigaction(SIGRTMIN, &watchdog->old_action, NULL) == 0);
        close(watchdog->thaw_fd);
        free(watchdog);
        return NULL;
    }
    return watchdog;
}

void co_watchdog_stop(struct co_watchdog *watchdog)
{
    if (!watchdog)
        return;
    sem_post(&watchdog->ends);
    pthread_join(watchdog->thread, NULL);
    /* A signal that was late has come by now: this is the thread it was for. */
    CHECK(sigaction(SIGRTMIN, &watchdog->old_action, NULL) == 0);
    close(watchdog->thaw_fd);
    sem_destroy(&watchdog->ends);
    sem_destroy(&watchdog->frozen);
    free(watchdog);
}
