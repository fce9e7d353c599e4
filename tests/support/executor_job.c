#include "support/executor_job.h"

#include "async/sleep.h"

ASYNC(executor_job)
{
    self->code = -1;
    AWAIT(co_run_in_executor(self->executor, &self->job, self->fn, self->arg));
    self->is_through = true;
    TRY_AWAIT(self->code, co_yield(&self->op));
}
END_ASYNC
