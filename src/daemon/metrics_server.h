/* The port for monitoring: GET /metrics and GET /healthz, one request a connection. It is apart from the port of
 * the clients, off by default, and answers until the last session is gone: /healthz says 503 during a stop. */
#ifndef DAEMON_METRICS_SERVER_H
#define DAEMON_METRICS_SERVER_H

#include "async/co.h"
#include "async/executor.h"
#include "async/group.h"
#include "async/timeout.h"
#include "base/attr.h"
#include "base/buf.h"
#include "daemon/metrics_request.h"
#include "daemon/process_stats.h"
#include "net/conn.h"
#include "net/listener.h"

struct server;

#define METRICS_SERVER_CONNS_MAX 8 /* at a time; who comes next is turned away with 503 */
#define METRICS_SERVER_REQUEST_MS 5000

/* Embedded in the server; zeroed: off. */
struct metrics_port {
    struct listener listener;
    struct co_executor *executor; /* reads /proc */
};

/* Opens `address`. 0; -errno with why in `error`. */
MUST_CHECK int metrics_port_open(struct metrics_port *port, struct co_loop *loop, const char *address,
                                 struct buf *error);
void metrics_port_close(struct metrics_port *port); /* nobody may be served; also when not open */

/* Serves until cancelled; ends at once when the port is not open. */
struct metrics_server {
    struct co_frame co;
    struct server *server;
    struct co_group group;
    int code;
    struct listener_op accept;
};
ASYNC_DECLARE(metrics_server);

/* One request and its answer. */
struct metrics_conn {
    struct co_frame co;
    struct server *server;
    int fd; /* argument: taken over */
    struct conn conn;
    struct co_with with;
    struct co_timeout timeout;
    int code, status;
    size_t seen_bytes;
    struct metrics_request request;
    struct process_stats process;
    union {
        struct conn_read_op read;
        struct co_job job;
        struct conn_close close;
    } u;
};
ASYNC_DECLARE(metrics_conn);

#endif
