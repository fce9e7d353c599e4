/* An operation that is not awaited never begins. */
/* expect gcc: ignoring return value of 'co_sleep' */
/* expect clang: ignoring return value of function declared with */
#include "async/sleep.h"

struct bad {
    struct co_frame co;
    struct co_sleep_op sleep;
};

ASYNC(bad)
{
#ifdef RIGHT
    AWAIT(co_sleep(&self->sleep, 1));
#else
    co_sleep(&self->sleep, 1);
#endif
}
END_ASYNC
