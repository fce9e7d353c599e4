#include "support/conn_probe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "support/net_pair.h"

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
