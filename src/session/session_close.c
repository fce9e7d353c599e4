/* The end of a connection: why, in the client's own words, then flush and close. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/attr.h"
#include "session/session.h"

#include "async/poison.h"

/* How long the client may take to close its side after ours, once it has been sent everything. */
#define LINGER_MS 1000
/* When the server stops, all sessions wait for this at the same time. */
#define LINGER_SHUTDOWN_MS 200

static void say_goodbye(struct session *session)
{
    struct buf text;

    if (session->terminal)
        terminal_end(session->terminal);
    buf_init(&text, SESSION_TEXT_MAX);
    session->outbox.form.dialect->goodbye(session->outbox.form, session->reason, &text);
    /* Out of memory or connection: nothing more can be done for this client. */
    if (buf_error(&text) == 0 && conn_write(&session->conn, buf_bytes(&text)) < 0)
        conn_abort(&session->conn, ENOTCONN);
    buf_done(&text);
}

ASYNC(session_close)
{
    session_enter(self->session, SESSION_ST_CLOSE);
    if (self->session->reason != CLOSE_TLS_FAILED && !self->session->is_mute)
        say_goodbye(self->session);
    WITH(co_timeout_open(co, &self->timeout, self->session->env->config->close_ms, false)) {
        AWAIT(CALL(&self->close, conn_close, .conn = &self->session->conn, .flush_ms = -1,
                   .linger_ms = self->session->reason == CLOSE_SHUTDOWN ? LINGER_SHUTDOWN_MS : LINGER_MS));
    }
    END_WITH;
}
END_ASYNC

struct co_call session_close_conn(struct co_task *task, struct co_with *with)
{
    struct session *session = container_of(with, struct session, place_with);
    (void)task;
    if (!session->conn.is_open)
        return (struct co_call){0};
    session_set_reason(session, session->env->is_shutting_down ? CLOSE_SHUTDOWN : CLOSE_LOST);
    session->closing = malloc(sizeof(*session->closing));
    if (!session->closing)
        return (struct co_call){0}; /* closed at once, without goodbye */
    return CALL(session->closing, session_close, .session = session);
}
