/* Looking at the first bytes of a connection without taking them.
 *
 * A socket with an unread byte is readable and stays so, so that waiting for the second byte would
 * spin. SO_RCVLOWAT makes the kernel wait for as many bytes as are wanted (socket(7)). Two things are
 * left over: unix sockets do not heed it, so that with fewer bytes than wanted this looks again only
 * after a nap; and the end of the stream is not to be told from a pause by peeking, so EV_CLOSED
 * (EPOLLRDHUP) tells it. */
#include "net/peek.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/attr.h"
#include "base/check.h"

#include "async/poison.h"

#define NAP_MS 50

static void set_low_water(int fd, size_t count)
{
    int value = (int)count;
    /* Without it this costs more wake-ups and nothing else. */
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &value, sizeof(value));
}

/* Looks once. 0 or an errno value. */
static int look(struct peek *peek)
{
    ssize_t n;
    do
        n = recv(peek->fd, peek->bytes, sizeof(peek->bytes), MSG_PEEK | MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return errno == EAGAIN ? 0 : errno;
    peek->count = peek->available = (size_t)n;
    int waiting;
    if (peek->want > PEEK_BYTES_MAX && ioctl(peek->fd, FIONREAD, &waiting) == 0 && waiting > n)
        peek->available = (size_t)waiting;
    peek->has_ended = n == 0;
    return 0;
}

/* The same after the wait, which told `what`. A connection that was reset still shows the bytes that
 * came before: the error has to be asked for. */
static int look_again(struct peek *peek, short what)
{
    int code = look(peek);
    if (code || peek->available >= peek->want)
        return code;
    peek->has_ended = peek->has_ended || (what & EV_CLOSED);
    socklen_t len = sizeof(code);
    if (getsockopt(peek->fd, SOL_SOCKET, SO_ERROR, &code, &len) < 0)
        return errno;
    return code;
}

static bool is_done(const struct peek *peek)
{
    return peek->available >= peek->want || peek->has_ended;
}

static void restore_finish(struct co_task *task, struct co_with *with)
{
    struct peek *peek = container_of(with, struct peek, restore);
    (void)task;
    if (peek->want > 1)
        set_low_water(peek->fd, 1);
}

ASYNC(peek)
{
    CHECK(self->want > 0 && self->want <= PEEK_WANT_MAX);
    if (self->want > 1)
        set_low_water(self->fd, self->want);
    co_with_init(&self->restore, NULL, restore_finish);
    WITH(&self->restore) {
        self->code = look(self);
        while (!self->code && !is_done(self)) {
            AWAIT(co_fd_wait(&self->u.wait, self->fd, EV_READ | EV_CLOSED));
            self->code = look_again(self, self->u.wait.what);
            if (!self->code && !is_done(self))
                AWAIT(co_sleep(&self->u.nap, NAP_MS));
        }
        if (self->code)
            RAISE(self->code, "peek");
    }
    END_WITH;
}
END_ASYNC
