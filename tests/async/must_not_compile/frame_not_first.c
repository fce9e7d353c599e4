/* The runtime finds the struct by its first member. */
/* expect gcc: struct co_frame co must come first */
/* expect clang: struct co_frame co must come first */
#include "async/sleep.h"

struct bad {
#ifndef RIGHT
    int n;
#endif
    struct co_frame co;
};

ASYNC(bad)
{
}
END_ASYNC
