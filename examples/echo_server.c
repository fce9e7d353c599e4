/* An echo server: a task per client, an idle timeout, and an orderly end on SIGTERM or Ctrl-C.
 *
 *     async def client(reader, writer):
 *         async with asyncio.timeout(60) as idle:
 *             while line := await reader.readline():
 *                 writer.write(line)
 *                 await writer.drain()
 *
 *     server = await asyncio.start_server(client, "127.0.0.1", 7000)
 *     await server.serve_forever()
 *
 * Usage: echo_server [ADDRESS:PORT], then: nc 127.0.0.1 7000 */
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "async/group.h"
#include "async/signal.h"
#include "async/timeout.h"
#include "base/attr.h"
#include "net/conn.h"
#include "net/listener.h"
#include "example.h"

enum { LINE_BYTES_MAX = 1024, OUTPUT_HIGH = 64 * 1024, OUTPUT_LOW = 16 * 1024 };
enum { IDLE_MS = 60 * 1000, LINGER_MS = 1000 };

struct client {
    struct co_frame co;
    int fd; /* argument; it is the connection's as soon as there is one */
    int code;
    struct conn conn;
    struct co_with finally;
    struct co_timeout idle;
    union { /* one at a time */
        struct conn_read_op read;
        struct conn_write_op drain;
        struct conn_close close;
    } u;
};

static struct co_call client_exit(struct co_task *task, struct co_with *with)
{
    struct client *self = container_of(with, struct client, finally);
    (void)task;
    return CALL(&self->u.close, conn_close, .conn = &self->conn, .linger_ms = LINGER_MS);
}

static int client_open(struct client *self, struct co_task *co)
{
    const struct conn_limits limits = {LINE_BYTES_MAX, OUTPUT_HIGH, OUTPUT_LOW};
    int r = conn_init_tcp(&self->conn, co_loop_of(co), self->fd, &limits);
    if (r < 0)
        close(self->fd);
    co_with_init(&self->finally, client_exit, NULL);
    return r;
}

/* Sends a line and its end. */
static int client_send(struct client *self, struct bytes line)
{
    int r = conn_write(&self->conn, line);
    return r < 0 ? r : conn_write(&self->conn, BYTES("\n"));
}

ASYNC(client)
{
    if (client_open(self, co) < 0)
        return;
    WITH(&self->finally) {
        for (;;) {
            WITH(co_timeout_open(co, &self->idle, IDLE_MS, false)) {
                TRY_AWAIT(self->code, conn_readline(&self->conn, &self->u.read));
            }
            END_WITH;
            if (self->idle.has_expired) {
                client_send(self, BYTES("idle for too long, good bye"));
                return; /* the exit above sends what is left and closes */
            }
            if (self->code == CO_ETOOLONG) {
                client_send(self, BYTES("line too long"));
                continue;
            }
            if (self->code) /* the end of the stream, or a lost connection */
                return;
            if (client_send(self, self->u.read.line) < 0)
                return;
            /* Do not read faster than the client does. */
            TRY_AWAIT(self->code, conn_drain(&self->conn, &self->u.drain));
            if (self->code)
                return;
        }
    }
    END_WITH;
}
END_ASYNC

/* Waits for a signal and ends the server. */
struct stopper {
    struct co_frame co;
    struct co_signal *sig;
    struct co_group *group;
    struct co_signal_op wait;
};

ASYNC(stopper)
{
    AWAIT(co_signal_wait(self->sig, &self->wait));
    co_group_cancel(self->group);
}
END_ASYNC

struct server {
    struct co_frame co;
    struct addr addr;
    struct listener listener;
    struct co_signal terminate, interrupt;
    struct co_with finally;
    int code;
    struct listener_op accept;
    struct co_group group;
    CO_TASK(stopper) on_terminate, on_interrupt;
};

static void server_finally(struct co_task *task, struct co_with *with)
{
    struct server *self = container_of(with, struct server, finally);
    (void)task;
    listener_close(&self->listener);
    co_signal_close(&self->terminate);
    co_signal_close(&self->interrupt);
}

static int server_open(struct server *self, struct co_loop *loop)
{
    char text[ADDR_TEXT_MAX];
    int r = listener_open(&self->listener, loop, &self->addr, 128);
    if (r < 0)
        return r;
    r = co_signal_open(&self->terminate, loop, SIGTERM);
    if (r == 0)
        r = co_signal_open(&self->interrupt, loop, SIGINT);
    addr_format(&self->listener.addr, text);
    printf("listening on %s\n", text);
    fflush(stdout);
    return r;
}

ASYNC(server)
{
    self->listener.fd = -1;
    co_with_init(&self->finally, NULL, server_finally);
    WITH(&self->finally) {
        self->code = server_open(self, co_loop_of(co));
        if (self->code < 0)
            RAISE(-self->code, "cannot listen");
        /* When the group is cancelled the accept below ends, and clients have two seconds for their exits. */
        WITH(co_group_open(co, &self->group, 2000)) {
            SPAWN(&self->group, &self->on_terminate, stopper, .sig = &self->terminate, .group = &self->group);
            SPAWN(&self->group, &self->on_interrupt, stopper, .sig = &self->interrupt, .group = &self->group);
            for (;;) {
                AWAIT(listener_accept(&self->listener, &self->accept));
                if (SPAWN_NEW(&self->group, client, .fd = self->accept.fd) != 0)
                    close(self->accept.fd);
            }
        }
        END_WITH;
        puts("stopped");
    }
    END_WITH;
}
END_ASYNC

int main(int argc, char **argv)
{
    CO_TASK(server) task;
    struct addr addr;
    const char *why;
    if (addr_parse(bytes_of(argc > 1 ? argv[1] : "127.0.0.1:7000"), &addr, &why) != 0) {
        fprintf(stderr, "usage: %s [ADDRESS:PORT]: %s\n", argv[0], why);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN); /* writing to a client that is gone is an error, not the end */
    return example_run(TASK(&task, server, .addr = addr));
}
