/* Lines from a client, whatever it is: cut out of the stream by the connection, or, for telnet, made by
 * its terminal. And text to it, the other way. */
#include <errno.h>
#include <stdlib.h>

#include "session/session.h"
#include "session/session_irc.h"

#include "proto/editor.h"

#include "async/poison.h"

/* So much of what a terminal has sent is dealt with before others have their turn. */
#define FEED_BYTES_MAX 256

bool session_start_terminal(struct session *session)
{
    if (session->terminal)
        return true;
    outbox_set_fact(&session->outbox, WIRE_FACT_CRLF, true);
    if (!session_takes(session, SESSION_DIALECT_TELNET))
        return true;
    session->keys = malloc(sizeof(*session->keys));
    session->terminal = session->keys ? terminal_new(session) : NULL;
    if (!session->terminal)
        session_set_reason(session, CLOSE_NO_MEMORY);
    return session->terminal;
}

int session_write(struct session *session, struct bytes text)
{
    return session->terminal ? terminal_print(session->terminal, text) : conn_write(&session->conn, text);
}

void session_forget_line(struct session *session)
{
    if (session->terminal && session->terminal->editor)
        editor_forget(session->terminal->editor);
}

void session_set_secret(struct session *session, bool is_secret)
{
    session->trace.is_next_secret = is_secret;
    if (session->terminal)
        terminal_set_secret(session->terminal, is_secret);
}

/* Some of what was read; what is left is read again. */
static void feed(struct session_keys *self, struct bytes raw)
{
    struct terminal *terminal = self->session->terminal;
    size_t used = terminal_feed(terminal, bytes_slice(raw, 0, FEED_BYTES_MAX), &self->event);

    if (raw.len > 0)
        conn_unread(&self->session->conn, raw.len - used);
    self->line = terminal->current;
    if (self->event == TERMINAL_EV_TOO_LONG)
        self->code = CO_ETOOLONG;
    if (self->event == TERMINAL_EV_LEAVE)
        session_set_reason(self->session, CLOSE_QUIT);
    if (self->session->has_reason)
        self->code = CO_EEOF;
}

/* Nothing came for a while; if nothing went out either, something does now. A lost connection is noticed by
 * the next read. */
static void keep_alive(struct session_keys *self)
{
    struct session *session = self->session;

    self->code = 0; /* of the read that was given up */
    if (session->conn.bytes_out == self->quiet_bytes_out && terminal_keep_alive(session->terminal) == -ENOMEM)
        session_set_reason(session, CLOSE_NO_MEMORY);
    if (session->has_reason)
        self->code = CO_EEOF;
}

ASYNC(session_keys)
{
    feed(self, (struct bytes){NULL, 0});
    while (self->event == TERMINAL_EV_NONE && !self->code) {
        while ((self->wait_ms = terminal_wait_ms(self->session->terminal)) > 0)
            AWAIT(co_sleep(&self->u.sleep, self->wait_ms));
        /* Every key is answered: whoever does not read that cannot type more. */
        if (conn_is_full(&self->session->conn))
            TRY_AWAIT(self->code, conn_drain(&self->session->conn, &self->u.drain));
        /* Looked at twice in the time, so that no silence is longer than that. */
        self->quiet_bytes_out = self->session->conn.bytes_out;
        self->session->terminal->is_idle = true;
        WITH(co_timeout_open(co, &self->timeout, self->session->env->config->keepalive_ms / 2, false)) {
            TRY_AWAIT(self->code, conn_read(&self->session->conn, &self->u.read));
        }
        END_WITH;
        self->session->terminal->is_idle = false;
        if (self->timeout.has_expired) {
            keep_alive(self);
            continue;
        }
        if (self->code == CO_EEOF && terminal_take_rest(self->session->terminal)) {
            self->line = self->session->terminal->current;
            self->code = 0;
            return;
        }
        if (self->code)
            return;
        feed(self, self->u.read.line);
    }
}
END_ASYNC

static void note(struct session_line *self)
{
    if (self->code)
        return;
    self->session->line_count++;
    self->session->env->stats.lines++;
    session_count_input(self->session);
    session_trace_in(self->session, self->line);
}

ASYNC(session_line)
{
    if (self->session->terminal) {
        AWAIT(CALL(self->session->keys, session_keys, .session = self->session));
        self->line = self->session->keys->line;
        self->code = self->session->keys->code;
    } else if (self->session->irc) {
        AWAIT(CALL(&self->session->irc->u.line, session_irc_line, .session = self->session));
        self->line = self->session->irc->u.line.line;
        self->code = self->session->irc->u.line.code;
    } else {
        TRY_AWAIT(self->code, conn_readline(&self->session->conn, &self->read));
        self->line = self->read.line;
        self->has_crlf = self->read.has_crlf;
    }
    note(self);
}
END_ASYNC
