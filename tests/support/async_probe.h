/* What the tests of the runtime observe with: a text that grows, a context manager that writes down when
 * it is left, and tasks that do something later or nothing much. */
#ifndef SUPPORT_ASYNC_PROBE_H
#define SUPPORT_ASYNC_PROBE_H

#include "async/co.h"
#include "async/sleep.h"
#include "base/attr.h"

/* What has happened, in order, as words without spaces between them. Overlong text fails the test. */
struct words {
    char text[1024];
    size_t len;
};

void words_add(struct words *words, const char *format, ...) ATTR_PRINTF(2, 3);

struct probe;

struct probe_exit {
    struct co_frame co;
    struct probe *probe;
    struct co_sleep_op nap;
};

ASYNC_DECLARE(probe_exit);

/* A context manager. Its exit adds "-name" when it begins, and "=name" when it has also slept to the end. */
struct probe {
    struct co_with with;
    struct words *trace;
    const char *name;
    int exit_ms;         /* 0: the exit awaits nothing; < 0: gives way once; > 0: sleeps */
    int exit_error;      /* what the exit fails with */
    bool is_suppressing; /* clears the error in its finish */
    int seen_error;      /* what its finish was told */
    struct probe_exit leaving;
};

struct co_with *probe_open(struct probe *probe, struct probe plan);

/* Waits `ms` (0: gives way `yields` times instead), then calls act(arg). */
struct later {
    struct co_frame co;
    int ms, yields;
    void (*act)(void *arg);
    void *arg;
    struct co_sleep_op nap;
};

ASYNC_DECLARE(later);

/* Actions for it. */
void later_cancel(void *scope);
void later_kill(void *scope);
void later_cancel_group(void *group);

/* Gives way, and that is all. */
struct yield_once {
    struct co_frame co;
    struct co_op op;
};

ASYNC_DECLARE(yield_once);

#endif
