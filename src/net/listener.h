/* A listening socket and accepting from it, also when descriptors run out. */
#ifndef NET_LISTENER_H
#define NET_LISTENER_H

#include <stdbool.h>
#include <stdint.h>

#include <event2/event_struct.h>

#include "async/co.h"
#include "async/timer.h"
#include "base/attr.h"
#include "net/addr.h"

struct co_loop;
struct listener_op;

struct listener {
    struct co_loop *loop;
    struct addr addr; /* as bound: port 0 is replaced by the real one */
    int fd;           /* -1: closed */
    bool is_adopted;  /* came from the service manager: a unix path is not unlinked */
    int reserve_fd;   /* given up to tell one client that the server is full */
    struct event event;
    struct co_timer retry;
    struct listener_op *waiter;
    struct bytes full_text;
    bool is_exhausted;                        /* since the last client that was accepted */
    uint64_t accepted_count, exhausted_count; /* exhausted: times descriptors or memory ran out */
};

struct listener_op {
    struct co_op op;
    struct listener *listener;
    int fd;           /* result: non-blocking, close-on-exec, the caller's */
    struct addr peer; /* result */
};

/* Binds and listens. [::] takes IPv4 clients, too. A unix socket that nobody listens on any more is
 * replaced; it is for the daemon's user and group (mode 0660), since its clients all count as one host.
 * 0 or -errno, e.g. -EADDRINUSE, -EACCES, -EADDRNOTAVAIL. */
MUST_CHECK int listener_open(struct listener *listener, struct co_loop *loop, const struct addr *addr,
                             int backlog);
/* Takes over a stream socket that listens already (socket activation). 0 or -errno (-EINVAL: not
 * listening); the caller still owns fd on failure. */
MUST_CHECK int listener_adopt(struct listener *listener, struct co_loop *loop, int fd);
/* `to`, which is not open, gets the socket, and `from` is closed without closing it: a wait in progress ends
 * with CO_ECLOSED, and no client is lost. */
void listener_move(struct listener *from, struct listener *to);
/* How many connections the kernel holds until they are accepted, from now on. */
void listener_set_backlog(struct listener *listener, int backlog);
/* Stops listening; a wait in progress ends with CO_ECLOSED. Also when not open, and again. */
void listener_close(struct listener *listener);

/* Suspends until a client has connected. CO_ECLOSED when the listener is closed, EBUSY when somebody else
 * waits, ENOMEM when there is no memory even to wait. A client that went away before it was accepted is
 * no error. When descriptors run out, the next client gets `full_text`
 * and is closed by means of a reserved descriptor; then accepting pauses for 100 ms: the loop never
 * spins on a socket it cannot accept from. The accepted socket has TCP_NODELAY and keepalive set
 * (60 s idle, 15 s apart, 4 times, and TCP_USER_TIMEOUT 120 s). */
CO_MUST_AWAIT struct co_call listener_accept(struct listener *listener, struct listener_op *op);
void listener_set_full_text(struct listener *listener, struct bytes text); /* not copied */

#endif
