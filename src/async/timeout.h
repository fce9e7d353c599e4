/* A scope that cancels itself: at a time, or when somebody says so. */
#ifndef ASYNC_TIMEOUT_H
#define ASYNC_TIMEOUT_H

#include "async/co.h"
#include "async/scope.h"
#include "async/timer.h"

struct co_timeout {
    struct co_with with;
    struct co_scope scope;
    struct co_timer timer;
    struct co_loop *loop;
    bool has_expired; /* looked at after the block */
    bool is_raising;
    int error; /* why the timer could not be armed; 0 */
};

/* Enters a block that may take `ms` (< 0: no limit). When it takes longer its awaits fail; the block is
 * left, and after END_WITH either has_expired is true (raising false) or ETIMEDOUT is raised. A cancel
 * from further out is passed on as such. Does not suspend. */
struct co_with *co_timeout_open(struct co_task *co, struct co_timeout *timeout, int64_t ms, bool is_raising);

/* The limit starts anew, `ms` from now (< 0: no limit). Only inside the block. Returns 0 or -ENOMEM (the old limit holds). */
int co_timeout_restart(struct co_timeout *timeout, int64_t ms);

#endif
