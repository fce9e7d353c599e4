#include "support/group_child.h"

ASYNC(group_child)
{
    WITH(probe_open(&self->probe, (struct probe){.trace = self->trace,
                                                 .name = self->name,
                                                 .exit_ms = self->exit_ms,
                                                 .exit_error = self->exit_error})) {
        if (self->ms)
            AWAIT(co_sleep(&self->sleep, self->ms));
        if (self->error)
            RAISE(self->error, "child");
        words_add(self->trace, "%s", self->name);
    }
    END_WITH;
}
END_ASYNC
