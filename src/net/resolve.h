/* Looking up names without blocking the loop. */
#ifndef NET_RESOLVE_H
#define NET_RESOLVE_H

#include <stddef.h>

#include "async/co.h"
#include "async/executor.h"
#include "net/addr.h"

#define RESOLVE_ADDRS_MAX 8

/* A coroutine: looks up a name on a thread (getaddrinfo(3), which may block for seconds). Fails with
 * ENOENT when there is no such host, EAGAIN when the name server does not answer. */
struct resolve {
    struct co_frame co;
    struct co_executor *executor;
    const char *host, *port;              /* the port in digits */
    struct addr addrs[RESOLVE_ADDRS_MAX]; /* result, in the order of preference */
    size_t count;                         /* result, >= 1 */
    int error;
    struct co_job job;
};
ASYNC_DECLARE(resolve);

#endif
