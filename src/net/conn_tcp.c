/* A connection over TCP or a unix socket. */
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <sys/socket.h>

#include "async/loop.h"
#include "base/check.h"
#include "net/conn_kind.h"

/* What the kernel takes goes out by one system call and is never copied here: most writes are short
 * and find the socket empty. Only the rest goes through the bufferevent. */
static int tcp_write(struct conn *conn, struct bytes data)
{
    ssize_t sent = 0;
    if (conn_pending_bytes(conn) == 0) {
        sent = send(conn_fd(conn), data.ptr, data.len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno != EAGAIN && errno != EINTR) {
            conn_on_send_error(conn, errno);
            return -EPIPE;
        }
        if (sent < 0)
            sent = 0;
    }
    struct bytes rest = bytes_slice(data, (size_t)sent, data.len);
    if (rest.len == 0 || conn_keep(conn, rest) == 0)
        return 0;
    if (sent == 0)
        return -ENOMEM;
    conn_abort(conn, ENOMEM); /* the client has half of a line and cannot get the other half */
    return -EPIPE;
}

/* libevent reads 4 KiB at a time at most, and that was all of it when less has come. What one client sends in one
 * go should be read in one go: what is read together is delivered together. An end is left to the next read. */
static void tcp_read_more(struct conn *conn)
{
    struct evbuffer *input = bufferevent_get_input(conn->bev);
    struct evbuffer_iovec space;
    ssize_t got = -1;

    evbuffer_unfreeze(input, 0);
    if (evbuffer_reserve_space(input, CONN_READ_MORE_BYTES, &space, 1) == 1) {
        got = recv(conn->fd, space.iov_base, CONN_READ_MORE_BYTES, MSG_DONTWAIT);
        int error = errno;
        space.iov_len = got > 0 ? (size_t)got : 0;
        CHECK(evbuffer_commit_space(input, &space, 1) == 0);
        if (got < 0 && error != EAGAIN && error != EINTR)
            conn_on_lost(conn, error);
    }
    evbuffer_freeze(input, 0);
}

static void tcp_on_end(struct conn *conn, short what, int error)
{
    if ((what & BEV_EVENT_EOF) && conn->write_error)
        conn_on_lost(conn, conn->write_error); /* it was a reset, of which the write has taken the error */
    else if (what & BEV_EVENT_EOF)
        conn_on_eof(conn);
    else if (what & BEV_EVENT_WRITING)
        conn_on_send_error(conn, error);
    else
        conn_on_lost(conn, error);
}

static int tcp_goodbye(struct conn *conn)
{
    shutdown(conn_fd(conn), SHUT_WR); /* fails when the client is gone, which is as good */
    return 0;
}

static struct bufferevent *tcp_make_bev(struct conn *conn)
{
    return bufferevent_socket_new(co_loop_base(conn->loop), conn->fd, 0);
}

static const struct conn_kind tcp_kind = {
    .name = "tcp",
    .write = tcp_write,
    .read_more = tcp_read_more,
    .on_end = tcp_on_end,
    .goodbye = tcp_goodbye,
    .make_bev = tcp_make_bev,
};

int conn_init_tcp(struct conn *conn, struct co_loop *loop, int fd, const struct conn_limits *limits)
{
    struct bufferevent *bev = bufferevent_socket_new(co_loop_base(loop), fd, 0);
    if (!bev)
        return -ENOMEM;
    conn_start(conn, loop, &tcp_kind, fd, bev, limits);
    return 0;
}
