/* Blocking work on threads, awaited from the loop.
 *
 * A job gets plain memory and never touches the loop, its tasks or its queues: the only things that
 * cross between threads are "here is a job" and "it is done". A round trip costs some microseconds, so
 * offload only what may block for longer than that: files, name lookups, password hashing. */
#ifndef ASYNC_EXECUTOR_H
#define ASYNC_EXECUTOR_H

#include "async/co.h"
#include "base/attr.h"

struct co_executor;
struct co_loop;

enum co_job_state { CO_JOB_QUEUED, CO_JOB_RUNNING, CO_JOB_DONE };

struct co_job {
    struct co_op op;
    struct co_executor *executor;
    void (*fn)(void *arg);
    void *arg;
    struct co_job *next;
    enum co_job_state state; /* guarded by the executor's mutex */
};

/* Starts `threads` (>= 1) of them. NULL when threads, memory or descriptors are not to be had. */
MUST_CHECK struct co_executor *co_executor_new(struct co_loop *loop, unsigned threads);
/* Ends the threads. No job may be pending: whoever awaits one keeps its group alive. NULL is fine. */
void co_executor_free(struct co_executor *executor);

/* Suspends until fn(arg) has run on a thread. Cancelled while it is still queued, it does not run at all;
 * a job that runs cannot be stopped: the await then lasts until it ends, and succeeds. */
CO_MUST_AWAIT struct co_call co_run_in_executor(struct co_executor *executor, struct co_job *job,
                                                void (*fn)(void *arg), void *arg);

#endif
