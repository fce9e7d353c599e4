#include "support/conn_probe.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "async/loop.h"

void conn_probe_open(struct conn *conn, struct net_pair *pair, struct co_task *co)
{
    *pair = net_pair_tcp();
    assert_int_equal(conn_init_tcp(conn, co_loop_of(co), pair->server, &CONN_PROBE_LIMITS), 0);
}

size_t conn_probe_buffered_bytes(const struct conn *conn)
{
    return evbuffer_get_length(bufferevent_get_input(conn->bev));
}

static void add(struct conn_gather *self, struct bytes text)
{
    assert_true(self->len + text.len < sizeof(self->text));
    if (text.len > 0)
        memcpy(self->text + self->len, text.ptr, text.len);
    self->len += text.len;
}

ASYNC(conn_gather)
{
    for (;;) {
        TRY_AWAIT(self->code, conn_readline(self->conn, &self->op));
        if (self->code == CO_ETOOLONG) {
            add(self, BYTES("!"));
            continue;
        }
        if (self->code)
            return;
        add(self, self->op.line);
        add(self, self->op.has_crlf ? BYTES(">>") : BYTES(">"));
    }
}
END_ASYNC

ASYNC(conn_feed)
{
    if (self->parts[0].len > 0)
        net_pair_send(self->fd, self->parts[0]);
    AWAIT(co_sleep(&self->sleep, 1));
    if (self->parts[1].len > 0)
        net_pair_send(self->fd, self->parts[1]);
    if (self->end == CONN_FEED_EOF)
        shutdown(self->fd, SHUT_WR);
    else if (self->end == CONN_FEED_RESET)
        net_pair_reset(self->fd);
}
END_ASYNC

ASYNC(conn_both_handshakes)
{
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->tasks[0], conn_handshake, .conn = self->server);
        SPAWN(&self->group, &self->tasks[1], conn_handshake, .conn = self->client);
    }
    END_WITH;
}
END_ASYNC
