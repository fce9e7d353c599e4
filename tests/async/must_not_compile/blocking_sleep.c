/* Nobody else runs while one coroutine blocks, so that calls which do are refused. */
/* expect gcc: 'blocks_the_loop_await_co_sleep_instead' undeclared */
/* expect clang: use of undeclared identifier 'blocks_the_loop_await_co_sleep_instead' */
#include "async/co.h"

#include <netdb.h>
#include <poll.h>
#include <unistd.h>

#include "async/poison.h"

struct bad {
    struct co_frame co;
};

ASYNC(bad)
{
#ifndef RIGHT
    sleep(1);
#endif
}
END_ASYNC
