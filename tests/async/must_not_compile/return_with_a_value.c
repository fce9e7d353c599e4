/* A coroutine returns nothing: results are members of its frame. */
/* expect gcc: 'return' with a value, in function returning void */
/* expect clang: should not return a value */
#include "async/sleep.h"

struct bad {
    struct co_frame co;
    int ret;
    struct co_sleep_op sleep;
};

ASYNC(bad)
{
    AWAIT(co_sleep(&self->sleep, 1));
#ifdef RIGHT
    self->ret = 5;
    return;
#else
    return 5;
#endif
}
END_ASYNC
