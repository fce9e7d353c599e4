/* A thread that looks after the loop: when one turn takes too long it tells so, with the tree of tasks as it is
 * at that moment. It ends nothing; that is for the service manager's watchdog, which is not fed meanwhile.
 *
 * To read the tree while the loop is in the middle of something, the loop's thread is interrupted by a signal
 * (SIGRTMIN) and held in its handler until the tree has been copied, which takes neither memory nor locks. */
#ifndef ASYNC_WATCHDOG_H
#define ASYNC_WATCHDOG_H

#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"

struct co_loop;
struct co_watchdog;

struct co_watchdog_config {
    int64_t hang_ms; /* a turn that takes longer is told of, once; > 0 */
    /* Called by the watchdog's thread: how long it has been, and the tree, a line each, cut at 32 KiB; empty when
     * the loop's thread does not even take the signal (it waits for a disk, for example). */
    void (*report)(void *arg, int64_t ms, struct bytes tree);
    void *arg;
};

/* By the thread that will run the loop. NULL: no thread, memory or descriptor to be had. */
MUST_CHECK struct co_watchdog *co_watchdog_start(struct co_loop *loop,
                                                 const struct co_watchdog_config *config);
/* By the same thread, before the loop is freed. NULL is fine. */
void co_watchdog_stop(struct co_watchdog *watchdog);

#endif
