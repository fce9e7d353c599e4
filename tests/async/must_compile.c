/* The control of must_not_compile/: what is right compiles under the same flags, without a warning. */
#include "async/group.h"
#include "async/sleep.h"
#include "async/timeout.h"
#include "async/poison.h"

struct child {
    struct co_frame co;
    int ms;
    struct co_sleep_op sleep; /* may be named as a call that is banned */
};

ASYNC(child)
{
    AWAIT(co_sleep(&self->sleep, self->ms));
}
END_ASYNC

struct parent {
    struct co_frame co;
    int i, code;
    struct co_group group;
    struct co_timeout limit;
    CO_TASK(child) task;
    struct child child;
};

ASYNC_DECLARE(parent);

ASYNC(parent)
{
    for (self->i = 0; self->i < 3; self->i++) {
        int next = self->i + 1; /* its scope ends before the await */
        if (next == 3)
            continue;
    }
    WITH(co_group_open(co, &self->group, 100)) {
        SPAWN(&self->group, &self->task, child, .ms = 1);
        WITH(co_timeout_open(co, &self->limit, 1, true)) {
            TRY_AWAIT(self->code, CALL(&self->child, child, .ms = 1));
            if (self->code == EIO)
                return;
            if (self->code)
                RAISE(self->code, "child");
        }
        END_WITH;
    }
    END_WITH;
    AWAIT(CALL(&self->child, child));
}
END_ASYNC
