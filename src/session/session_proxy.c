/* The header by which a trusted balancer tells whom it connects. */
#include <errno.h>
#include <inttypes.h>
#include <sys/socket.h>

#include "base/log_event.h"
#include "net/addr_block.h"
#include "net/proxyhdr.h"
#include "session/session.h"

#include "async/poison.h"

bool session_has_proxy(const struct session *session)
{
    const struct session_port *port = session->port;
    struct addr peer = session_peer(session);

    for (size_t i = 0; i < port->proxy_count; i++)
        if (addr_block_has(&port->proxies[i], &peer))
            return true;
    return false;
}

/* Whether there is a whole header in what was peeked at: 0, -EAGAIN or why not. */
static int look(struct session_proxy *self)
{
    struct session *session = self->session;
    const struct peek *peek = &self->u.peek;
    char client[ADDR_TEXT_MAX];
    struct proxyhdr header;

    if (peek->has_ended && peek->count == 0) /* a health check */
        session_set_reason(session, CLOSE_EOF);
    int r = proxyhdr_parse((struct bytes){peek->bytes, peek->count}, &header);
    if (r == -EAGAIN && peek->has_ended)
        return -ECONNRESET;
    if (r < 0)
        return r;
    self->left_bytes = header.len;
    if (header.has_peer)
        session->peer = addr_compact(&header.peer);
    struct addr peer = session_peer(session);
    addr_format(&peer, client);
    log_event(LOG_KIND_SESSION_CLIENT, LOG_LEVEL_INFO, LOG_UINT("session", session->id),
              LOG_STR("address", client));
    return 0;
}

/* Takes the header off the socket, and not a byte more. True when more of it has to come. */
static bool take(struct session_proxy *self)
{
    char taken[512];

    while (self->left_bytes > 0) {
        size_t most = self->left_bytes < sizeof(taken) ? self->left_bytes : sizeof(taken);
        ssize_t n = recv(self->session->fd, taken, most, MSG_DONTWAIT);
        if (n > 0) {
            self->left_bytes -= (size_t)n;
        } else if (n < 0 && errno == EAGAIN) {
            return true;
        } else if (n == 0 || errno != EINTR) {
            self->result = -ECONNRESET;
            return false;
        }
    }
    return false;
}

ASYNC(session_proxy)
{
    WITH(co_timeout_open(co, &self->timeout, self->session->env->config->tls_handshake_ms, false)) {
        self->u.peek.count = 0;
        do {
            TRY_AWAIT(self->code,
                      CALL(&self->u.peek, peek, .fd = self->session->fd, .want = self->u.peek.count + 1));
            self->result = self->code ? -self->code : look(self);
        } while (self->result == -EAGAIN);
        while (self->result == 0 && take(self))
            AWAIT(co_fd_wait(&self->u.wait, self->session->fd, EV_READ));
    }
    END_WITH;
    if (self->result < 0 || self->timeout.has_expired)
        session_set_reason(self->session, CLOSE_PROXY);
}
END_ASYNC
