/* Debug mode: finds the mistakes that the compiler cannot.
 *
 *   - a step that runs too long: which task, and the line it went on from;
 *   - a loop that hangs: a thread of its own says so while it hangs, with the running task;
 *   - a coroutine that was prepared with CALL or TASK but never awaited or started, with the line;
 *   - an operation or a frame on the C stack, which would be gone at the first await (aborts);
 *   - a C local that is used after an await: the stack is overwritten before each step.
 *
 * Costs two clock reads and a 1 KiB write per step. Off by default. */
#ifndef ASYNC_DEBUG_H
#define ASYNC_DEBUG_H

#include <stdint.h>

#include "async/loop.h"
#include "base/attr.h"
#include "base/bytes.h"

struct co_debug_config {
    int64_t slow_step_ms; /* steps that take longer are reported */
    int64_t hang_ms;      /* the watchdog speaks after so long; 0: no watchdog thread */
    /* Takes one line. The watchdog calls it from its own thread. */
    void (*report)(void *arg, struct bytes text);
    void *arg;
};

/* On, or with NULL off again, which is also done by co_loop_free(). Before co_loop_run(). One loop of a
 * process can be in debug mode at a time (-EBUSY). 0, -ENOMEM, -EAGAIN (no thread). */
MUST_CHECK int co_loop_set_debug(struct co_loop *loop, const struct co_debug_config *config);

/* ---- for the runtime ---- */
struct co_debug;
void co_debug_off(struct co_loop *loop); /* reports what is left */
void co_debug_resume(struct co_loop *loop, struct co_task *task);
void co_debug_check_place(const struct co_loop *loop, const void *object, const char *name);

#endif
