#include "async/debug.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "async/loop_private.h"
#include "base/check.h"
#include "base/clock.h"

#define NOTES_MAX 256       /* prepared calls that are watched at a time */
#define SCRIBBLE_BYTES 1024 /* of the stack below a step */

/* A call that was prepared and not yet awaited. */
struct call_note {
    const struct co_frame *frame;
    const char *name, *file;
    int line;
};

struct co_debug {
    struct co_debug_config config;
    size_t note_count;
    struct call_note notes[NOTES_MAX];
    /* What the loop's thread tells the watchdog: */
    _Atomic(const struct co_type *) running; /* NULL: between steps */
    atomic_uint running_line;
    atomic_llong since_ns;
    /* The watchdog: */
    pthread_t thread;
    bool has_thread;
    pthread_mutex_t mutex;
    pthread_cond_t ends;
    bool is_ending; /* guarded by mutex */
};

/* CALL has no loop at hand, so that the loop in debug mode is the one that prepared calls are noted for. */
static struct co_debug *noting;
bool co_debug_notes_calls;

static void report(const struct co_debug *debug, const char *format, ...) ATTR_PRINTF(2, 3);
static void report(const struct co_debug *debug, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (len < 0)
        return;
    size_t size = (size_t)len < sizeof(text) ? (size_t)len : sizeof(text) - 1;
    debug->config.report(debug->config.arg, (struct bytes){text, size});
}

/* ---- calls that nobody awaits ---- */

static void report_note(const struct call_note *note)
{
    report(noting, "never awaited: %s, prepared at %s:%d", note->name, note->file, note->line);
}

void co_debug_note_prepared(const struct co_frame *frame, const char *file, int line)
{
    struct co_debug *debug = noting;
    co_debug_note_started(frame, true);
    if (debug->note_count < NOTES_MAX)
        debug->notes[debug->note_count++] = (struct call_note){frame, frame->type->name, file, line};
}

/* `is_overwritten`: the frame is prepared anew, so that the call before was lost. */
void co_debug_note_started(const struct co_frame *frame, bool is_overwritten)
{
    struct co_debug *debug = noting;
    for (size_t i = debug->note_count; i-- > 0;) {
        if (debug->notes[i].frame != frame)
            continue;
        if (is_overwritten)
            report_note(&debug->notes[i]);
        debug->notes[i] = debug->notes[--debug->note_count];
        return;
    }
}

/* ---- steps ---- */

/* What a local was before the await is not there afterwards. */
__attribute__((noinline)) static void scribble(void)
{
    volatile unsigned char below[SCRIBBLE_BYTES];
    for (size_t i = 0; i < sizeof(below); i++)
        below[i] = 0xA5;
}

void co_debug_resume(struct co_loop *loop, struct co_task *task)
{
    struct co_debug *debug = loop->debug;
    const struct co_type *type = task->top->type; /* the task may be gone afterwards */
    unsigned line = task->top->line & ~CO_END_;
    int64_t start_ns = clock_system_mono_ns();

    atomic_store(&debug->since_ns, start_ns);
    atomic_store(&debug->running_line, line);
    atomic_store(&debug->running, type);
    scribble();
    co_task_resume(task);
    atomic_store(&debug->running, NULL);
    int64_t took_ms = (clock_system_mono_ns() - start_ns) / 1000000;
    if (took_ms >= debug->config.slow_step_ms)
        report(debug, "slow step: %s ran %" PRId64 " ms after %s:%u", type->name, took_ms, type->file, line);
}

void co_debug_check_place(const struct co_loop *loop, const void *object, const char *name)
{
    const char *at = object, *here = __builtin_frame_address(0), *base = loop->stack_base;
    if (at > here && at < base)
        BUG("%s is on the C stack: it is gone at the first await; put it into the frame", name);
}

/* ---- the watchdog ---- */

static void look(const struct co_debug *debug, int64_t *told_since_ns)
{
    const struct co_type *type = atomic_load(&debug->running);
    int64_t since_ns = atomic_load(&debug->since_ns);
    int64_t took_ms = (clock_system_mono_ns() - since_ns) / 1000000;
    if (!type || took_ms < debug->config.hang_ms || since_ns == *told_since_ns)
        return;
    *told_since_ns = since_ns;
    report(debug, "loop hangs: %s is running for %" PRId64 " ms, after %s:%u", type->name, took_ms,
           type->file, atomic_load(&debug->running_line));
}

static void *watch(void *arg)
{
    struct co_debug *debug = arg;
    int64_t told_since_ns = 0;
    pthread_mutex_lock(&debug->mutex);
    while (!debug->is_ending) {
        int64_t ns = clock_system_mono_ns() + debug->config.hang_ms * 1000000 / 2;
        const struct timespec until = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
        pthread_cond_timedwait(&debug->ends, &debug->mutex, &until);
        if (!debug->is_ending)
            look(debug, &told_since_ns);
    }
    pthread_mutex_unlock(&debug->mutex);
    return NULL;
}

static bool start_watchdog(struct co_debug *debug)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&debug->ends, &attr);
    pthread_condattr_destroy(&attr);
    pthread_mutex_init(&debug->mutex, NULL);
    if (debug->config.hang_ms <= 0)
        return true;
    debug->has_thread = pthread_create(&debug->thread, NULL, watch, debug) == 0;
    return debug->has_thread;
}

static void stop_watchdog(struct co_debug *debug)
{
    pthread_mutex_lock(&debug->mutex);
    debug->is_ending = true;
    pthread_cond_signal(&debug->ends);
    pthread_mutex_unlock(&debug->mutex);
    if (debug->has_thread)
        pthread_join(debug->thread, NULL);
    pthread_cond_destroy(&debug->ends);
    pthread_mutex_destroy(&debug->mutex);
}

/* ---- on and off ---- */

void co_debug_off(struct co_loop *loop)
{
    struct co_debug *debug = loop->debug;
    if (!debug)
        return;
    stop_watchdog(debug);
    for (size_t i = 0; i < debug->note_count; i++)
        report_note(&debug->notes[i]);
    for (const struct co_task *task = loop->ready.first; task; task = task->next_ready)
        report(debug, "left behind: task %s (%s:%u)", co_task_name(task), task->top->type->file,
               (unsigned)(task->top->line & ~CO_END_));
    if (loop->timers.count)
        report(debug, "left behind: %zu timers", loop->timers.count);
    co_debug_notes_calls = false;
    noting = NULL;
    loop->debug = NULL;
    free(debug);
}

int co_loop_set_debug(struct co_loop *loop, const struct co_debug_config *config)
{
    co_debug_off(loop);
    if (!config)
        return 0;
    if (noting)
        return -EBUSY;
    struct co_debug *debug = calloc(1, sizeof(*debug));
    if (!debug)
        return -ENOMEM;
    debug->config = *config;
    if (!start_watchdog(debug)) {
        stop_watchdog(debug);
        free(debug);
        return -EAGAIN;
    }
    loop->debug = debug;
    noting = debug;
    co_debug_notes_calls = true;
    return 0;
}
