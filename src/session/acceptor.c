#include "session/acceptor.h"

#include <unistd.h>

#include "base/log_event.h"

#include "async/poison.h"

static void start_session(struct acceptor *self)
{
    int r = SPAWN_NEW(self->sessions, session_run, .env = self->env, .fd = self->accept.fd,
                      .peer = self->accept.peer, .port = self->port);
    if (r == 0) {
        self->port->session_count++;
        return;
    }
    log_event(LOG_KIND_NO_MEMORY, LOG_LEVEL_WARNING, LOG_INT("code", r));
    close(self->accept.fd);
}

ASYNC(acceptor)
{
    for (;;) {
        TRY_AWAIT(self->code, listener_accept(self->listener, &self->accept));
        if (self->code)
            return; /* closed */
        start_session(self);
    }
}
END_ASYNC
