/* Where idle connections wait for their next byte.
 *
 * A bufferevent with its empty buffers is 900 bytes and more, and most connections are idle most of the time.
 * A connection that rests gives its bufferevent back; all that wakes it is an entry in one epoll instance
 * that all of them share, which the kernel keeps, not we. libevent watches that instance with one event. When
 * something comes, conn_wake() makes a bufferevent anew, and that reads it. */
#ifndef NET_PARKING_H
#define NET_PARKING_H

#include <stddef.h>

#include "base/attr.h"

struct co_loop;
struct conn;
struct event;

struct parking {
    int epoll_fd;
    struct event *event;
    size_t count; /* connections here */
};

/* 0 or a negative errno: there is no parking then. */
MUST_CHECK int parking_init(struct parking *parking, struct co_loop *loop);
void parking_done(
    struct parking *parking); /* nobody may be left; also when it was zeroed or not initialised */

/* For connections. 0 or -ENOMEM (also for ENOSPC: too many are watched). */
MUST_CHECK int parking_add(struct parking *parking, struct conn *conn);
void parking_remove(struct parking *parking, struct conn *conn);

#endif
