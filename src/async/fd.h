/* Waiting for a file descriptor to become readable or writable, without taking anything from it. */
#ifndef ASYNC_FD_H
#define ASYNC_FD_H

#include <event2/event.h>
#include <event2/event_struct.h>

#include "async/co.h"

struct co_loop;

struct co_fd_op {
    struct co_op op;
    struct event event;
    int fd;
    short what; /* result: which of them came */
};

/* `what`: EV_READ, EV_WRITE, EV_CLOSED (the peer sends no more) or several. End of stream and errors
 * count as readable. The fd stays the caller's and must stay open meanwhile. EBADF: it is closed, or a file,
 * which cannot be waited for. */
CO_MUST_AWAIT struct co_call co_fd_wait(struct co_fd_op *op, int fd, short what);

#endif
