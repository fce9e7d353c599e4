/* So has the counter of a loop around an await. */
/* expect gcc: switch jumps over variable initialization */
/* expect clang: variable 'i' may be uninitialized */
#include "async/sleep.h"

struct bad {
    struct co_frame co;
    int i;
    struct co_sleep_op sleep;
};

ASYNC(bad)
{
#ifdef RIGHT
    for (self->i = 0; self->i < 3; self->i++)
        AWAIT(co_sleep(&self->sleep, 1));
#else
    for (int i = 0; i < 3; i++)
        AWAIT(co_sleep(&self->sleep, 1));
#endif
}
END_ASYNC
