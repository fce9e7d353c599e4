/* A local with an initialiser has lost its value when the coroutine goes on. */
/* expect gcc: switch jumps over variable initialization */
/* expect clang: variable 'total' may be uninitialized */
#include "async/sleep.h"

struct bad {
    struct co_frame co;
    int total, ret;
    struct co_sleep_op sleep;
};

ASYNC(bad)
{
#ifdef RIGHT
    self->total = 3;
    AWAIT(co_sleep(&self->sleep, 1));
    self->ret = self->total;
#else
    int total = 3;
    AWAIT(co_sleep(&self->sleep, 1));
    self->ret = total;
#endif
}
END_ASYNC
