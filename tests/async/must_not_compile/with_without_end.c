/* A context that is entered and never left. */
/* expect gcc: expected declaration or statement at end of input */
/* expect clang: expected '}' */
#include "async/sleep.h"
#include "async/timeout.h"

struct bad {
    struct co_frame co;
    struct co_timeout limit;
    struct co_sleep_op sleep;
};

ASYNC(bad)
{
    WITH(co_timeout_open(co, &self->limit, 10, true)) {
        AWAIT(co_sleep(&self->sleep, 1));
    }
#ifdef RIGHT
    END_WITH;
#endif
}
END_ASYNC
