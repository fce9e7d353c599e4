/* Name lookup on a thread, where getaddrinfo() may block. */
#include "net/resolve.h"

#include <errno.h>
#include <netdb.h>
#include <sys/socket.h>

static int error_of(int code)
{
    switch (code) {
    case 0:
        return 0;
    case EAI_AGAIN:
        return EAGAIN;
    case EAI_MEMORY:
        return ENOMEM;
    default:
        return ENOENT;
    }
}

static void look_up(void *arg)
{
    struct resolve *self = arg;
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    struct addrinfo *found = NULL;

    self->error = error_of(getaddrinfo(self->host, self->port, &hints, &found));
    for (const struct addrinfo *each = found; each && self->count < RESOLVE_ADDRS_MAX; each = each->ai_next)
        addr_from_sockaddr(each->ai_addr, each->ai_addrlen, &self->addrs[self->count++]);
    if (found)
        freeaddrinfo(found);
}

/* From here on it is the loop's thread. */
#include "async/poison.h"

ASYNC(resolve)
{
    AWAIT(co_run_in_executor(self->executor, &self->job, look_up, self));
    if (self->error || self->count == 0)
        RAISE(self->error ? self->error : ENOENT, "resolve");
}
END_ASYNC
