/* Connecting to a server: TCP, a unix socket, TLS. The daemon only accepts; programs on the runtime
 * connect, too. */
#ifndef NET_CONNECT_H
#define NET_CONNECT_H

#include "async/co.h"
#include "async/fd.h"
#include "net/addr.h"
#include "net/conn.h"

/* A coroutine: connects *conn, which is the caller's then (conn_close, conn_done). Fails with the errno
 * of connect(2), or as conn_handshake does; nothing is left open then, nor when it is cancelled. */
struct conn_connect {
    struct co_frame co;
    struct conn *conn;
    const struct conn_limits *limits;
    const struct addr *addr;
    struct tls_context *tls; /* of tls_context_new_client(); NULL: not encrypted */
    const char *host;        /* with TLS: the name that the certificate must be for */
    int fd;                  /* until the connection has it; then -1 */
    int code;
    bool is_done;
    struct co_with guard;
    union {
        struct co_fd_op wait;
        struct conn_handshake handshake;
    } u;
};
ASYNC_DECLARE(conn_connect);

#endif
