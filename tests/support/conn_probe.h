/* For tests of connections: one over a pair, a coroutine that reads all lines, one that feeds the other end. */
#ifndef SUPPORT_CONN_PROBE_H
#define SUPPORT_CONN_PROBE_H

#include "async/co.h"
#include "async/group.h"
#include "async/sleep.h"
#include "net/conn.h"
#include "support/net_pair.h"

/* Limits small enough to be hit by short texts. */
#define CONN_PROBE_LINE_BYTES 8
#define CONN_PROBE_LIMITS ((struct conn_limits){CONN_PROBE_LINE_BYTES, 4096, 1024})

/* A new pair, and a connection with these limits over its server's end. */
void conn_probe_open(struct conn *conn, struct net_pair *pair, struct co_task *co);

/* What has been read from the socket, but not from the connection. */
size_t conn_probe_buffered_bytes(const struct conn *conn);

/* Reads to the end. Each line is written to `text` with ">" behind it, ">>" when it ended in CR LF or
 * CR NUL, and "!" for a line that was too long; `code` is what ended it. */
struct conn_gather {
    struct co_frame co;
    struct conn *conn;
    char text[1024];
    size_t len;
    int code;
    struct conn_read_op op;
};
ASYNC_DECLARE(conn_gather);

enum conn_feed_end { CONN_FEED_STAY, CONN_FEED_EOF, CONN_FEED_RESET };

/* Sends two parts with a pause between them, and ends as it is told. After CONN_FEED_RESET the
 * descriptor is closed. */
struct conn_feed {
    struct co_frame co;
    int fd;
    struct bytes parts[2];
    enum conn_feed_end end;
    struct co_sleep_op sleep;
};
ASYNC_DECLARE(conn_feed);

/* Does the handshakes of two connections that are each other's peer. */
struct conn_both_handshakes {
    struct co_frame co;
    struct conn *server, *client;
    struct co_group group;
    CO_TASK(conn_handshake) tasks[2];
};
ASYNC_DECLARE(conn_both_handshakes);

#endif
