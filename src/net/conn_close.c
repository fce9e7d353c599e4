/* Closing a connection so that the client gets the last line. See conn.h. */
#include <errno.h>
#include <event2/bufferevent.h>
#include <sys/socket.h>

#include "net/conn.h"
#include "net/conn_kind.h"

#include "async/poison.h"

#define DROP_BYTES 4096
#define DROPS_PER_TURN 16

/* Takes what has come, unread. False at the end of the stream, and when the connection is lost. */
static bool drop_more(int fd)
{
    char bytes[DROP_BYTES];
    ssize_t n = 1;
    for (int i = 0; i < DROPS_PER_TURN && n > 0; i++)
        n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
    return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

static void done_finish(struct co_task *task, struct co_with *with)
{
    (void)task;
    conn_done(container_of(with, struct conn_close, done)->conn);
}

static bool can_say_goodbye(const struct conn *conn)
{
    return conn->is_connected && !conn->error && !conn->write_error;
}

/* The handshake has failed, and OpenSSL has sent why: a client that has sent more would lose that. */
static bool has_alerted(const struct conn *conn)
{
    return conn_failure(conn) != NULL;
}

ASYNC(conn_close)
{
    co_with_init(&self->done, NULL, done_finish);
    WITH(&self->done) {
        conn_pause(self->conn, CONN_PAUSE_CLOSING);
        conn_leave_parking(self->conn); /* a goodbye needs no buffer */
        if (!self->conn->is_open || (!can_say_goodbye(self->conn) && !has_alerted(self->conn)))
            return;
        if (has_alerted(self->conn)) {
            shutdown(conn_fd(self->conn), SHUT_WR);
        } else {
            WITH(co_timeout_open(co, &self->timeout, self->flush_ms, false)) {
                TRY_AWAIT(self->code, conn_flush(self->conn, &self->u.flush));
                while (!self->code && self->conn->kind->goodbye(self->conn) == -EAGAIN)
                    AWAIT(co_fd_wait(&self->u.wait, conn_fd(self->conn), EV_WRITE));
            }
            END_WITH;
        }
        if (self->code || self->timeout.has_expired)
            return;
        WITH(co_timeout_open(co, &self->timeout, self->linger_ms, false)) {
            conn_detach(self->conn);
            while (drop_more(conn_fd(self->conn)))
                AWAIT(co_fd_wait(&self->u.wait, conn_fd(self->conn), EV_READ));
        }
        END_WITH;
    }
    END_WITH;
}
END_ASYNC
