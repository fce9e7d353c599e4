/* One epoll instance inside of libevent's: it is readable while one of its own sockets is. */
#include "net/parking.h"

#include <errno.h>
#include <event2/event.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "async/loop.h"
#include "base/check.h"
#include "net/conn.h"
#include "net/conn_kind.h"

/* Woken in one turn of the loop; those that are left are told in the next one. */
#define WAKE_MAX 64

static void on_ready(evutil_socket_t fd, short what, void *arg)
{
    struct epoll_event ready[WAKE_MAX];
    int count = epoll_wait(fd, ready, WAKE_MAX, 0);
    (void)what;
    (void)arg;
    for (int i = 0; i < count; i++)
        conn_wake(ready[i].data.ptr);
}

int parking_init(struct parking *parking, struct co_loop *loop)
{
    int fd = epoll_create1(EPOLL_CLOEXEC);
    if (fd < 0)
        return -errno;
    struct event *event = event_new(co_loop_base(loop), fd, EV_READ | EV_PERSIST, on_ready, NULL);
    if (!event || event_add(event, NULL) < 0) {
        if (event)
            event_free(event);
        close(fd);
        return -ENOMEM;
    }
    *parking = (struct parking){.epoll_fd = fd, .event = event};
    return 0;
}

void parking_done(struct parking *parking)
{
    if (!parking->event)
        return;
    CHECK(parking->count == 0);
    event_free(parking->event);
    close(parking->epoll_fd);
    *parking = (struct parking){0};
}

int parking_add(struct parking *parking, struct conn *conn)
{
    /* The end and errors are told, too: the end is readable, an error is always reported. */
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = conn};
    if (epoll_ctl(parking->epoll_fd, EPOLL_CTL_ADD, conn_fd(conn), &event) < 0)
        return -ENOMEM;
    parking->count++;
    return 0;
}

void parking_remove(struct parking *parking, struct conn *conn)
{
    CHECK(epoll_ctl(parking->epoll_fd, EPOLL_CTL_DEL, conn_fd(conn), NULL) == 0);
    parking->count--;
}
