/* The same with an enum, where a forgotten case is easily blamed instead. */
/* expect gcc: changes value from .*Werror=overflow */
/* expect clang: overflow converting case value */
#include "async/sleep.h"

enum kind { KIND_A, KIND_B };

struct bad {
    struct co_frame co;
    enum kind kind;
    struct co_sleep_op sleep;
};

ASYNC(bad)
{
#ifdef RIGHT
    if (self->kind == KIND_A)
        AWAIT(co_sleep(&self->sleep, 1));
#else
    switch (self->kind) {
    case KIND_A:
        AWAIT(co_sleep(&self->sleep, 1));
        break;
    case KIND_B:
        break;
    }
#endif
}
END_ASYNC
