/* A coroutine that is called but not awaited never runs. */
/* expect gcc: ignoring return value of 'co_call_ */
/* expect clang: ignoring return value of function declared with */
#include "async/sleep.h"

struct child {
    struct co_frame co;
    int n;
};

ASYNC(child)
{
}
END_ASYNC

struct bad {
    struct co_frame co;
    struct child child;
};

ASYNC(bad)
{
#ifdef RIGHT
    AWAIT(CALL(&self->child, child, .n = 1));
#else
    CALL(&self->child, child, .n = 1);
#endif
}
END_ASYNC
