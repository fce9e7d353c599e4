/* Nobody else runs while one coroutine blocks, so that calls which do are refused. */
/* expect gcc: 'blocks_the_loop_use_a_thread_instead' undeclared */
/* expect clang: use of undeclared identifier 'blocks_the_loop_use_a_thread_instead' */
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
    getaddrinfo(NULL, NULL, NULL, NULL);
#endif
}
END_ASYNC
