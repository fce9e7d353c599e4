/* The frame of a callee is of the callee's type. */
/* expect gcc: incompatible types when assigning */
/* expect clang: assigning to .struct other. from incompatible type */
#include "async/sleep.h"

struct child {
    struct co_frame co;
    int n;
};

ASYNC(child)
{
}
END_ASYNC

struct other {
    struct co_frame co;
    int n;
};

struct bad {
    struct co_frame co;
    struct child child;
    struct other other;
};

ASYNC(bad)
{
#ifdef RIGHT
    AWAIT(CALL(&self->child, child, .n = 1));
#else
    AWAIT(CALL(&self->other, child, .n = 1));
#endif
}
END_ASYNC
