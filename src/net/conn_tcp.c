/* A connection over TCP or a unix socket. */
#include <errno.h>
#include <event2/bufferevent.h>
#include <sys/socket.h>

#include "async/loop.h"
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

static void tcp_free_bev(struct conn *conn)
{
    bufferevent_free(conn->bev);
}

static const struct conn_kind tcp_kind = {
    .name = "tcp",
    .write = tcp_write,
    .on_end = tcp_on_end,
    .goodbye = tcp_goodbye,
    .free_bev = tcp_free_bev,
};

int conn_init_tcp(struct conn *conn, struct co_loop *loop, int fd, const struct conn_limits *limits)
{
    struct bufferevent *bev = bufferevent_socket_new(co_loop_base(loop), fd, 0);
    if (!bev)
        return -ENOMEM;
    conn_start(conn, loop, &tcp_kind, bev, limits);
    return 0;
}
