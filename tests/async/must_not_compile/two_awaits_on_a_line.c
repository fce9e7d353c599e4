/* Two awaits on one line would resume at the same place. */
/* expect gcc: duplicate case value */
/* expect clang: duplicate case value */
#include "async/sleep.h"

struct bad {
    struct co_frame co;
    struct co_sleep_op sleep;
};

ASYNC(bad)
{
#ifdef RIGHT
    AWAIT(co_sleep(&self->sleep, 1));
    AWAIT(co_sleep(&self->sleep, 2));
#else
    /* clang-format off */
    AWAIT(co_sleep(&self->sleep, 1)); AWAIT(co_sleep(&self->sleep, 2));
    /* clang-format on */
#endif
}
END_ASYNC
