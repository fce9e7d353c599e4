/* The loop's inside, for the runtime's own sources. */
#ifndef ASYNC_LOOP_PRIVATE_H
#define ASYNC_LOOP_PRIVATE_H

#include "async/loop.h"

struct event;

struct co_loop {
    struct event_base *base;
    struct event *poll_timer;
    struct co_timer_heap timers;
    struct co_task *ready_first, *ready_last;
    struct co_task *root; /* while running */
    int64_t now_ns;
    struct co_loop_stats stats;
};

#endif
