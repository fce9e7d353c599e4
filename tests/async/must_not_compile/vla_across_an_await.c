/* An array of variable length has no length when the coroutine goes on. */
/* expect gcc: switch jumps into scope of identifier with variably modified type */
/* expect clang: jump bypasses initialization of variable length array */
#include "async/sleep.h"

struct bad {
    struct co_frame co;
    int count;
    struct co_sleep_op sleep;
};

ASYNC(bad)
{
#ifdef RIGHT
    char bytes[8];
#else
    char bytes[self->count];
#endif
    bytes[0] = 'a';
    self->count = bytes[0];
    AWAIT(co_sleep(&self->sleep, 1));
}
END_ASYNC
