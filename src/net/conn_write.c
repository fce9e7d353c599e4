/* What a connection sends: at once, or kept until the socket takes it, with watermarks for those who write. */
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <poll.h>

#include "net/conn.h"
#include "net/conn_kind.h"

int conn_write(struct conn *conn, struct bytes data)
{
    if (!conn->is_open || !conn->is_connected || conn->error || conn->write_error)
        return -EPIPE;
    if (data.len == 0)
        return 0;
    int r = conn->kind->write(conn, data);
    if (r < 0)
        return r;
    conn->bytes_out += data.len;
    if (conn->events && conn->events->on_write)
        conn->events->on_write(conn, conn->events_arg, data);
    if (conn_pending_bytes(conn) > conn->high_bytes)
        conn->is_full = true;
    return 0;
}

bool conn_is_lost(const struct conn *conn)
{
    struct pollfd look = {.fd = conn_fd(conn)}; /* errors are always told */
    if (!conn->is_open || conn->error || conn->write_error)
        return true;
    return poll(&look, 1, 0) > 0 && (look.revents & POLLERR);
}

bool conn_is_full(const struct conn *conn)
{
    return conn->is_full;
}

size_t conn_pending_bytes(const struct conn *conn)
{
    /* Most connections have nothing, and to ask libevent is to touch memory of four structs for each. */
    return conn->bev && conn->has_kept ? evbuffer_get_length(bufferevent_get_output(conn->bev)) : 0;
}

int conn_keep(struct conn *conn, struct bytes data)
{
    if (conn_unpark(conn) < 0)
        return -ENOMEM;
    conn->has_kept = true;
    return bufferevent_write(conn->bev, data.ptr, data.len) == 0 ? 0 : -ENOMEM;
}

void conn_end_writer(struct conn *conn, int code)
{
    struct conn_write_op *op = conn->writer;
    conn->writer = NULL;
    if (op)
        co_op_complete(&op->op, code);
}

static bool write_wait_start(struct co_op *op)
{
    struct conn_write_op *write_op = container_of(op, struct conn_write_op, op);
    struct conn *conn = write_op->conn;
    if (!conn->is_open || conn->error || conn->write_error) {
        op->code = EPIPE;
        return true;
    }
    if (conn_pending_bytes(conn) <= write_op->below_bytes)
        return true;
    if (conn->writer) {
        op->code = EBUSY;
        return true;
    }
    conn->writer = write_op;
    return false;
}

static bool write_wait_abort(struct co_op *op)
{
    container_of(op, struct conn_write_op, op)->conn->writer = NULL;
    return true;
}

static const struct co_op_vt drain_vt = {
    .name = "conn.drain", .start = write_wait_start, .abort = write_wait_abort};
static const struct co_op_vt flush_vt = {
    .name = "conn.flush", .start = write_wait_start, .abort = write_wait_abort};

struct co_call conn_drain(struct conn *conn, struct conn_write_op *op)
{
    op->conn = conn;
    op->below_bytes = conn->low_bytes;
    return co_call_op(&op->op, &drain_vt);
}

struct co_call conn_flush(struct conn *conn, struct conn_write_op *op)
{
    op->conn = conn;
    op->below_bytes = 0;
    return co_call_op(&op->op, &flush_vt);
}
