/* The handshake of TLS, flight by flight. See conn.h.
 *
 * A flight is answered by the task that waits for it, and not by libevent as soon as it has come: what it costs
 * (a fraction of a millisecond, or several with RSA or P-384) is paid in the task's turn, so that tasks in the
 * background share a part of each turn of the loop for it. That goes for whichever flight is the costly one:
 * with TLS 1.3 the ClientHello; when that has to be sent a second time for a key of another group
 * (HelloRetryRequest, RFC 8446, 4.1.4) only the second, for the first makes no key and no signature; and with
 * TLS 1.2 and clients' certificates the last one, too. */
#include <errno.h>

#include "net/conn.h"
#include "net/conn_kind.h"

#include "async/poison.h"

/* There is a bufferevent from now on. 0 or ENOMEM. */
static int on_connected(struct conn *conn)
{
    struct bufferevent *bev = conn->kind->make_bev(conn);

    if (!bev)
        return ENOMEM;
    conn->is_connected = true;
    conn_attach(conn, bev);
    return 0;
}

/* Goes on with what has come. 0 when it is done, EAGAIN: more is needed, or another errno value. */
static int step(struct conn_handshake *self)
{
    struct conn *conn = self->conn;

    if (!conn->is_open)
        return CO_ECLOSED;
    if (conn->error)
        return conn->error;
    if (conn->is_connected)
        return 0;
    int code = -conn->kind->handshake(conn, &self->what);
    if (code == 0)
        code = on_connected(conn);
    if (code && code != EAGAIN)
        conn_on_lost(conn, code);
    return code;
}

ASYNC(conn_handshake)
{
    while ((self->code = step(self)) == EAGAIN)
        AWAIT(co_fd_wait(&self->wait, conn_fd(self->conn), self->what));
    if (self->code)
        RAISE(self->code, "conn.handshake");
}
END_ASYNC
