#include "session/acceptor.h"

#include <unistd.h>

#include "base/log_event.h"

#include "async/poison.h"

static void start_session(struct acceptor *self)
{
    int r = SPAWN_NEW(self->sessions, session_run,
                      .session = {.env = self->env,
                                  .fd = self->u.accept.fd,
                                  .peer = addr_compact(&self->u.accept.peer),
                                  .port = self->port});
    if (r == 0) {
        self->port->session_count++;
        return;
    }
    log_event(LOG_KIND_NO_MEMORY, LOG_LEVEL_WARNING, LOG_INT("code", r));
    close(self->u.accept.fd);
}

ASYNC(acceptor)
{
    co_task_set_background(co, true);
    for (;;) {
        TRY_AWAIT(self->code, listener_accept(self->listener, &self->u.accept));
        if (self->code)
            return; /* closed */
        start_session(self);
        /* One that is turned away closes its descriptor now: a crowd does not use up those that are kept for the
         * control socket, the metrics and files. */
        AWAIT(co_yield(&self->u.yield));
    }
}
END_ASYNC
