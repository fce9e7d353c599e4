/* The loop's inside, for the runtime's own sources. */
#ifndef ASYNC_LOOP_PRIVATE_H
#define ASYNC_LOOP_PRIVATE_H

#include <stdatomic.h>

#include "async/loop.h"

struct event;

struct co_ready {
    struct co_task *first, *last;
};

struct co_loop {
    struct event_base *base;
    int timer_fd;
    int64_t timer_at_ns; /* when timer_fd ends the poll; INT64_MAX: it does not */
    struct event *poll_timer;
    struct co_timer_heap timers;
    struct co_ready ready, background; /* tasks to be resumed; background: see co_task_set_background() */
    struct co_op_list turn_waiters;    /* see co_next_turn() */
    bool is_in_background;             /* the task that runs is from there */
    struct co_task *root;              /* while running */
    struct list chores;                /* struct co_chore */
    int64_t now_ns;
    _Atomic int64_t turn_since_ns; /* when the turn began; 0: in the poll. The watchdog reads it */
    bool is_virtual;               /* the clock is virtual_ns */
    int64_t virtual_ns;
    unsigned hold_count;
    struct co_loop_stats stats;
    struct co_debug *debug; /* NULL: off */
    const void *stack_base; /* of co_loop_run(): what is below it is gone at the next await */
};

#endif
