/* Looking at the first bytes of a connection without taking them. */
#ifndef NET_PEEK_H
#define NET_PEEK_H

#include <stdbool.h>
#include <stddef.h>

#include "async/co.h"
#include "async/fd.h"
#include "async/sleep.h"

#define PEEK_BYTES_MAX 108  /* are looked at */
#define PEEK_WANT_MAX 16384 /* can be waited for */

/* Suspends until `want` bytes (<= PEEK_WANT_MAX) or the end of the stream are there, and fills in
 * bytes (all that are there, but no more than PEEK_BYTES_MAX), count and has_ended. Waits by SO_RCVLOWAT,
 * so that a slow sender does not make the loop spin (on unix sockets, which do not heed it, it looks 20
 * times a second); the option is back at 1 afterwards. Fails with the socket's error. Cancelling it takes
 * nothing. */
struct peek {
    struct co_frame co;
    int fd;
    size_t want;
    char bytes[PEEK_BYTES_MAX];
    size_t count;     /* in bytes */
    size_t available; /* in the socket, as far as they have been counted: count, or more */
    bool has_ended;   /* before `want` bytes */
    int code;
    struct co_with restore;
    union {
        struct co_fd_op wait;
        struct co_sleep_op nap;
    } u;
};
ASYNC_DECLARE(peek);

#endif
