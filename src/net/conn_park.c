/* A connection that rests: without a bufferevent, until something comes or does not go out at once.
 *
 * Only one that has nothing in any buffer can do so, hence nothing can be lost on the way: what comes while
 * it is parked stays in the kernel until the new bufferevent reads it. */
#include <errno.h>

#include "net/conn.h"
#include "net/conn_kind.h"
#include "net/parking.h"

static bool is_quiet(const struct conn *conn)
{
    return conn->is_connected && !conn->has_eof && !conn->error && !conn->write_error &&
           conn->pause_reasons == 0 && !conn->is_woken;
}

bool conn_can_rest(const struct conn *conn)
{
    return conn->bev && is_quiet(conn) && !conn->reader && !conn->writer &&
           conn_input_bytes(conn) == conn->consume_bytes && conn_pending_bytes(conn) == 0 &&
           !(conn->kind->has_bytes && conn->kind->has_bytes(conn));
}

void conn_leave_parking(struct conn *conn)
{
    if (!conn->parking)
        return;
    parking_remove(conn->parking, conn);
    conn->parking = NULL;
}

int conn_unpark(struct conn *conn)
{
    if (!conn->parking)
        return 0;
    struct bufferevent *bev = conn->kind->make_bev(conn);
    if (!bev)
        return -ENOMEM;
    conn_leave_parking(conn);
    conn_attach(conn, bev);
    conn_end_rest(conn);
    return 0;
}

void conn_wake(struct conn *conn)
{
    conn->is_woken = true;
    if (conn_unpark(conn) < 0)
        conn_on_lost(conn, ENOMEM);
}

void conn_end_rest(struct conn *conn)
{
    struct conn_rest_op *op = conn->rester;
    conn->rester = NULL;
    if (op)
        co_op_complete(&op->op, 0);
}

static bool rest_start(struct co_op *op)
{
    struct conn_rest_op *rest = container_of(op, struct conn_rest_op, op);
    struct conn *conn = rest->conn;
    if (!conn->is_open || conn->rester) {
        op->code = conn->is_open ? EBUSY : CO_ECLOSED;
        return true;
    }
    if (!conn->parking) {
        if (!conn_can_rest(conn))
            return true;
        conn_drop_read(conn);
        if (parking_add(rest->parking, conn) < 0)
            return true;
        conn->parking = rest->parking;
        conn_detach(conn);
        if (conn->kind->on_park)
            conn->kind->on_park(conn);
    }
    conn->rester = rest;
    return false;
}

static bool rest_abort(struct co_op *op)
{
    container_of(op, struct conn_rest_op, op)->conn->rester = NULL;
    return true;
}

static const struct co_op_vt rest_vt = {.name = "conn.rest", .start = rest_start, .abort = rest_abort};

struct co_call conn_rest(struct conn *conn, struct conn_rest_op *op, struct parking *parking)
{
    op->conn = conn;
    op->parking = parking;
    return co_call_op(&op->op, &rest_vt);
}
