/* A plain function cannot wait. */
/* expect gcc: case label not within a switch statement */
/* expect clang: 'case' statement not in switch statement */
#include "async/sleep.h"

struct bad {
    struct co_frame co;
    struct co_sleep_op sleep;
};

void helper(struct bad *self, struct co_task *co);

#ifdef RIGHT
ASYNC(bad)
{
    AWAIT(co_sleep(&self->sleep, 1));
}
END_ASYNC
#else
void helper(struct bad *self, struct co_task *co)
{
    AWAIT(co_sleep(&self->sleep, 1));
}
#endif
