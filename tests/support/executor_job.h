/* A task that has an executor do a job, and notes how far it came. */
#ifndef SUPPORT_EXECUTOR_JOB_H
#define SUPPORT_EXECUTOR_JOB_H

#include "async/co.h"
#include "async/executor.h"

struct executor_job {
    struct co_frame co;
    struct co_executor *executor;
    void (*fn)(void *arg);
    void *arg;
    struct co_job job;
    bool is_through; /* the await has succeeded */
    int code;        /* of the one after it */
    struct co_op op;
};

ASYNC_DECLARE(executor_job);

/* Into the group of `self`, on its executor. */
#define SPAWN_EXECUTOR_JOB(self, who, fn_, arg_) \
    SPAWN(&(self)->group, &(self)->who, executor_job, .executor = (self)->executor, .fn = (fn_), \
          .arg = (arg_))

#endif
