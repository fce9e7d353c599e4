/* A task for a group: waits, then says its name or fails; its probe is left on the way. */
#ifndef SUPPORT_GROUP_CHILD_H
#define SUPPORT_GROUP_CHILD_H

#include "async/sleep.h"
#include "support/async_probe.h"

struct group_child {
    struct co_frame co;
    struct words *trace;
    const char *name;
    int ms;      /* 0: does not wait */
    int error;   /* what it fails with after waiting */
    int exit_ms; /* of its probe */
    int exit_error;
    struct probe probe;
    struct co_sleep_op sleep;
};

ASYNC_DECLARE(group_child);

#endif
