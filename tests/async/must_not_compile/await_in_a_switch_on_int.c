/* An await inside a switch of one's own: its label is too large for an int. */
/* expect gcc: changes value from .*Werror=overflow */
/* expect clang: overflow converting case value */
#include "async/sleep.h"

struct bad {
    struct co_frame co;
    int kind;
    struct co_sleep_op sleep;
};

ASYNC(bad)
{
#ifdef RIGHT
    if (self->kind == 1)
        AWAIT(co_sleep(&self->sleep, 1));
#else
    switch (self->kind) {
    case 1:
        AWAIT(co_sleep(&self->sleep, 1));
        break;
    }
#endif
}
END_ASYNC
