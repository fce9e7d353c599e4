#include "net/connect.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "async/loop.h"
#include "base/attr.h"

#include "async/poison.h"

/* What is not handed over at the end goes. */
static void guard_finish(struct co_task *task, struct co_with *with)
{
    struct conn_connect *self = container_of(with, struct conn_connect, guard);
    (void)task;
    if (self->fd >= 0)
        close(self->fd);
    else if (!self->is_done)
        conn_done(self->conn);
}

static int begin(struct conn_connect *self)
{
    self->fd = socket(self->addr->u.sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (self->fd < 0)
        return errno;
    return connect(self->fd, &self->addr->u.sa, self->addr->len) == 0 ? 0 : errno;
}

static int outcome(int fd)
{
    int error = 0;
    socklen_t len = sizeof(error);
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0 ? errno : error;
}

static int start_conn(struct conn_connect *self, struct co_loop *loop)
{
    int r = self->tls ? conn_init_tls_client(self->conn, loop, self->fd, self->limits, self->tls, self->host)
                      : conn_init_tcp(self->conn, loop, self->fd, self->limits);
    if (r == 0)
        self->fd = -1;
    return -r;
}

ASYNC(conn_connect)
{
    co_with_init(&self->guard, NULL, guard_finish);
    self->fd = -1;
    self->is_done = true; /* there is no connection yet */
    WITH(&self->guard) {
        self->code = begin(self);
        if (self->code == EINPROGRESS) {
            AWAIT(co_fd_wait(&self->u.wait, self->fd, EV_WRITE));
            self->code = outcome(self->fd);
        }
        if (self->code)
            RAISE(self->code, "connect");
        self->code = start_conn(self, co_loop_of(co));
        if (self->code)
            RAISE(self->code, "connect");
        self->is_done = !self->tls;
        if (self->tls) {
            AWAIT(CALL(&self->u.handshake, conn_handshake, .conn = self->conn));
            self->is_done = true;
        }
    }
    END_WITH;
}
END_ASYNC
