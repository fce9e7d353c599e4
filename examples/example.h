/* What every example repeats: run one coroutine on a new loop and make its outcome the exit status. It is
 * written out by hand in hello.c and event_loop.c.
 *
 * Two variables of the environment, which the tests use:
 *     EXAMPLE_CLOCK=virtual  the loop's clock jumps from timer to timer: the same program without waiting,
 *                            and with exact times
 *     EXAMPLE_DEBUG=1        as PYTHONASYNCIODEBUG=1: tells on stderr what async/debug.h finds */
#ifndef EXAMPLE_H
#define EXAMPLE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "async/debug.h"
#include "async/loop.h"
#include "async/poison.h" /* here, so that no example can block the loop by accident */

static inline bool example_has_option(const char *name, const char *value)
{
    const char *is = getenv(name);
    return is && strcmp(is, value) == 0;
}

static inline void example_report(void *arg, struct bytes text)
{
    (void)arg;
    fprintf(stderr, "debug: %.*s\n", BYTES_ARG(text));
}

/* Python's asyncio.run(): returns 0, or 1 after saying on stderr what went wrong. */
static inline int example_run(struct co_task *root)
{
    const struct co_debug_config debug = {.slow_step_ms = 1000, .hang_ms = 5000, .report = example_report};
    struct co_loop *loop = co_loop_new();
    if (!loop || (example_has_option("EXAMPLE_DEBUG", "1") && co_loop_set_debug(loop, &debug) != 0)) {
        fputs("cannot make an event loop\n", stderr);
        co_loop_free(loop);
        return 1;
    }
    co_loop_set_virtual(loop, example_has_option("EXAMPLE_CLOCK", "virtual"));

    struct co_error error = co_loop_run(loop, root);
    if (error.code)
        fprintf(stderr, "%s:%d: %s: %s\n", error.file ? error.file : "?", error.line,
                error.msg ? error.msg : "error", co_error_str(error.code));
    size_t left = co_loop_free(loop);
    return error.code || left ? 1 : 0;
}

static inline int64_t example_now_ms(const struct co_task *co)
{
    return co_loop_now_ms(co_loop_of(co));
}

/* Seconds since a time of example_now_ms(), to be printed with "%.1f". */
static inline double example_seconds(const struct co_task *co, int64_t since_ms)
{
    return (double)(example_now_ms(co) - since_ms) / 1000.0;
}

#endif
