/* Accepts, reads one request, answers, closes; see metrics_server.h. */
#include "daemon/metrics_server.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "async/loop.h"
#include "base/log_event.h"
#include "daemon/metrics.h"
#include "daemon/server.h"
#include "daemon/settings.h"

#include "async/poison.h"

#define BACKLOG 16
/* For the client to take the answer, and to close its side. */
#define FLUSH_MS 5000
#define LINGER_MS 500

int metrics_port_open(struct metrics_port *port, struct co_loop *loop, const char *address, struct buf *error)
{
    struct addr addr;
    const char *why;

    if (addr_parse(bytes_of(address), &addr, &why) < 0) {
        buf_printf(error, "metrics.address = %s: %s\n", address, why);
        return -EINVAL;
    }
    int r = listener_open(&port->listener, loop, &addr, BACKLOG);
    if (r < 0) {
        buf_printf(error, "cannot listen on %s for metrics: %s; set another metrics.address, or none\n",
                   address, strerror(-r));
        return r;
    }
    port->executor = co_executor_new(loop, 1);
    return port->executor ? 0 : -ENOMEM;
}

void metrics_port_close(struct metrics_port *port)
{
    listener_close(&port->listener);
    co_executor_free(port->executor);
    port->executor = NULL;
}

/* ---- the answer ---- */

static const char *status_text(int status)
{
    static const struct {
        int status;
        const char *text;
    } texts[] = {{200, "OK"},
                 {400, "Bad Request"},
                 {404, "Not Found"},
                 {405, "Method Not Allowed"},
                 {421, "Misdirected Request"},
                 {431, "Request Header Fields Too Large"},
                 {500, "Internal Server Error"},
                 {503, "Service Unavailable"}};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (texts[i].status == status)
            return texts[i].text;
    return "Error";
}

static void put_refusal(int status, struct buf *body)
{
    buf_printf(body, "%d %s\n", status, status_text(status));
    if (status == 404 || status == 405)
        buf_put_text(body, "Here are: GET /metrics, GET /healthz.\n");
    if (status == 421)
        buf_put_text(body, "Ask for localhost, for an address in numbers, or for the server's name.\n");
}

/* Returns the status. */
static int put_health(const struct server *server, struct buf *body)
{
    if (server->session_env.is_shutting_down)
        buf_put_text(body, "stopping\n");
    else if (server->health.is_bad)
        buf_put_text(body, "stuck\n");
    else
        buf_put_text(body, "ok\n");
    return server->session_env.is_shutting_down || server->health.is_bad ? 503 : 200;
}

static void put_head(int status, bool is_metrics, size_t body_bytes, struct buf *out)
{
    buf_printf(out, "HTTP/1.1 %d %s\r\n", status, status_text(status));
    buf_printf(out, "Content-Type: text/plain; %scharset=utf-8\r\n", is_metrics ? "version=0.0.4; " : "");
    buf_printf(out, "Content-Length: %zu\r\n", body_bytes);
    if (status == 405)
        buf_put_text(out, "Allow: GET, HEAD\r\n");
    buf_put_text(out,
                 "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n");
}

static void answer(struct metrics_conn *self)
{
    bool is_metrics = self->status == 200 && self->request.target == METRICS_TARGET_METRICS;
    struct buf body, out;

    buf_init(&body, METRICS_BYTES_MAX);
    buf_init(&out, METRICS_BYTES_MAX + METRICS_REQUEST_BYTES_MAX);
    if (is_metrics)
        metrics_render(self->server, &self->process, &body);
    else if (self->status == 200)
        self->status = put_health(self->server, &body);
    else
        put_refusal(self->status, &body);
    if (buf_error(&body)) {
        self->status = 500;
        is_metrics = false;
        buf_reset(&body);
    }
    put_head(self->status, is_metrics, body.len, &out);
    if (!self->request.is_head)
        buf_put(&out, buf_bytes(&body));
    /* Out of memory or connection: nothing more can be done for this client. */
    if (buf_error(&out) == 0)
        (void)conn_write(&self->conn, buf_bytes(&out));
    buf_done(&body);
    buf_done(&out);
}

/* ---- one connection ---- */

static struct co_call conn_exit(struct co_task *task, struct co_with *with)
{
    struct metrics_conn *self = container_of(with, struct metrics_conn, with);
    (void)task;
    if (!self->conn.is_open) {
        close(self->fd);
        return (struct co_call){0};
    }
    return CALL(&self->u.close, conn_close, .conn = &self->conn, .flush_ms = FLUSH_MS,
                .linger_ms = LINGER_MS);
}

static struct co_with *conn_enter(struct metrics_conn *self, struct co_task *co)
{
    const struct conn_limits limits = {.line_bytes = METRICS_REQUEST_BYTES_MAX,
                                       .high_bytes = 2 * METRICS_BYTES_MAX,
                                       .low_bytes = METRICS_BYTES_MAX};
    self->code = -conn_init_tcp(&self->conn, co_loop_of(co), self->fd, &limits);
    co_with_init(&self->with, conn_exit, NULL);
    return &self->with;
}

static void look(struct metrics_conn *self)
{
    self->seen_bytes = self->u.read.line.len;
    if (!self->code)
        self->status = metrics_request_parse(self->u.read.line, bytes_of(self->server->settings->server.name),
                                             &self->request);
}

static void read_process(void *arg)
{
    process_stats_read(arg);
}

ASYNC(metrics_conn)
{
    WITH(conn_enter(self, co)) {
        WITH(co_timeout_open(co, &self->timeout, METRICS_SERVER_REQUEST_MS, false)) {
            while (!self->code && !self->status) {
                TRY_AWAIT(self->code, conn_peek(&self->conn, &self->u.read, self->seen_bytes + 1));
                look(self);
            }
        }
        END_WITH;
        if (self->code || !self->status)
            return;
        if (self->status == 200 && self->request.target == METRICS_TARGET_METRICS)
            AWAIT(co_run_in_executor(self->server->metrics.executor, &self->u.job, read_process,
                                     &self->process));
        answer(self);
    }
    END_WITH;
}
END_ASYNC

/* ---- the port ---- */

static void turn_away(int fd)
{
    static const char text[] =
        "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    char ignored[512];

    (void)!send(fd, text, sizeof(text) - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)!recv(fd, ignored, sizeof(ignored), MSG_DONTWAIT);
    close(fd);
}

static void start(struct metrics_server *self)
{
    if (self->group.live_count >= METRICS_SERVER_CONNS_MAX ||
        SPAWN_NEW(&self->group, metrics_conn, .server = self->server, .fd = self->accept.fd) < 0)
        turn_away(self->accept.fd);
}

ASYNC(metrics_server)
{
    if (!self->server->metrics.executor)
        return;
    WITH(co_group_open(co, &self->group, -1)) {
        self->group.is_tolerant = true; /* one that fails is nobody else's business */
        while (!self->code) {
            TRY_AWAIT(self->code, listener_accept(&self->server->metrics.listener, &self->accept));
            if (!self->code)
                start(self);
        }
    }
    END_WITH;
}
END_ASYNC
