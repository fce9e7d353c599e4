/* Collects what debug mode reports. */
#ifndef SUPPORT_DEBUG_REPORT_H
#define SUPPORT_DEBUG_REPORT_H

#include <pthread.h>

#include "async/debug.h"
#include "async/loop.h"

/* A line each; the watchdog writes from its own thread. */
struct debug_report {
    pthread_mutex_t mutex;
    char text[4096];
    size_t len;
};

void debug_report_init(struct debug_report *report);
void debug_report_take(void *report, struct bytes line);                    /* for struct co_debug_config */
unsigned debug_report_times(struct debug_report *report, const char *text); /* how often it was said */

/* A new loop in debug mode that reports here. */
struct co_loop *debug_report_loop(struct debug_report *report, int64_t slow_step_ms, int64_t hang_ms);
/* Runs `root`, which must succeed, and frees the loop, in which nothing may be left. */
void debug_report_run(struct co_loop *loop, struct co_task *root);

#endif
