/* Which dialect a client speaks: from its first line, or from its silence. Plain connections and the
 * inside of TLS go the same way here. */
#include <inttypes.h>

#include "base/log.h"
#include "proto/refusal.h"
#include "session/recent.h"
#include "session/session.h"
#include "session/session_irc.h"

#include "async/poison.h"

bool session_takes(const struct session *session, unsigned dialect)
{
    return (session->port->refused & dialect) == 0;
}

/* On a port that takes no people nobody waits to be asked for a name. */
static bool is_greeting(const struct session *session)
{
    return session->port->is_greeting &&
           (session_takes(session, SESSION_DIALECT_PLAIN) || session_takes(session, SESSION_DIALECT_TELNET));
}

int64_t session_silence_ms(const struct session *session)
{
    const struct session_config *config = session->env->config;
    int64_t now_ms = clock_mono_ms(session->env->clock);
    int64_t delay_ms = config->greeting_delay_ms;

    if (!is_greeting(session))
        return -1;
    /* A browser keeps silent connections in reserve. Greeted, its next request on one of them would fail. */
    struct addr peer = session_peer(session);
    if (delay_ms < config->browser_delay_ms && recent_has(session->env->browsers, &peer, now_ms))
        delay_ms = config->browser_delay_ms;
    int64_t left_ms = session->arrival->since_ms + delay_ms - now_ms;
    return left_ms > 0 ? left_ms : 0;
}

/* What was agreed on in the handshake; DETECT_MORE when nothing was. */
static enum detect_result protocol_of_alpn(struct session *session)
{
    struct bytes name = conn_alpn(&session->conn);

    if (bytes_eq(name, BYTES("http/1.1"))) {
        session->is_mute = true; /* until its request: a browser's connection in reserve */
        return DETECT_HTTP;
    }
    return bytes_eq(name, BYTES("irc")) ? DETECT_IRC : DETECT_MORE;
}

static void on_silence(struct session_first *self)
{
    self->session->is_silent = true;
    /* Half of a line may mean something else now that its sender is late. */
    self->least_bytes = self->peek.line.len ? self->peek.line.len : 1;
    if (is_greeting(self->session))
        session_greet(self->session);
}

static void on_timeout(struct session_first *self)
{
    self->code = 0;                             /* of the peek that was given up */
    if (session_silence_ms(self->session) <= 0) /* otherwise a browser was seen meanwhile */
        on_silence(self);
}

/* How long to wait for more. Without a greeting silence means nothing, but half of a line does not wait
 * for its other half for ever. */
static int64_t wait_ms(const struct session_first *self)
{
    const struct session *session = self->session;

    if (session->is_silent)
        return -1;
    if (!is_greeting(session) && self->peek.line.len > 0)
        return session->env->config->greeting_delay_ms;
    return session_silence_ms(session);
}

/* Looks at what has come, after a peek that ended with self->code. */
static void look(struct session_first *self)
{
    unsigned flags = self->session->is_silent ? DETECT_F_LATE : 0;

    if (self->code == CO_EEOF && self->peek.line.len > 0) {
        flags |= DETECT_F_AT_END;
        self->code = 0;
    }
    if (self->code)
        return;
    self->protocol = detect(self->peek.line, flags);
    self->least_bytes = self->peek.line.len + 1;
}

/* Answers a protocol that is not served in its own words. */
static void refuse(struct session *session, enum detect_result protocol, struct bytes first)
{
    struct addr peer = session_peer(session);
    struct buf text;

    if (protocol == DETECT_HTTP)
        recent_note(session->env->browsers, &peer, clock_mono_ms(session->env->clock));
    session->is_mute = protocol != DETECT_NOT_TEXT;
    for (struct bytes rest = first; rest.len > 0;)
        session_trace_in(session, bytes_cut(&rest, '\n'));
    buf_init(&text, SESSION_TEXT_MAX);
    refusal_render(protocol, first, &text);
    /* Out of memory or connection: nothing more can be done for this client. */
    if (buf_error(&text) == 0)
        (void)conn_write(&session->conn, buf_bytes(&text));
    buf_done(&text);
    session_set_reason(session, refusal_reason(protocol));
}

/* Telnet's clients say nothing of themselves before they are asked, but end their lines with CR LF. */
static bool may_be_telnet(struct bytes first)
{
    size_t end = bytes_find(first, '\n');

    return end > 0 && end < first.len && first.ptr[end - 1] == '\r';
}

/* Whether the port takes what the client speaks. */
static bool is_taken(const struct session *session, enum detect_result protocol, struct bytes first)
{
    switch (protocol) {
    case DETECT_HTTP:
    case DETECT_HTTP2:
        return session_takes(session, SESSION_DIALECT_HTTP);
    case DETECT_IRC:
        return session_takes(session, SESSION_DIALECT_IRC);
    case DETECT_TELNET:
        return session_takes(session, SESSION_DIALECT_TELNET);
    case DETECT_PLAIN:
        return session_takes(session, SESSION_DIALECT_PLAIN) ||
               (session_takes(session, SESSION_DIALECT_TELNET) && may_be_telnet(first));
    default:
        return true;
    }
}

static struct bytes instead_of(const struct session *session)
{
    bool has_plain = session_takes(session, SESSION_DIALECT_PLAIN);
    bool has_telnet = session_takes(session, SESSION_DIALECT_TELNET);

    return has_plain && has_telnet                       ? BYTES("nc or telnet")
           : has_plain                                   ? BYTES("nc")
           : has_telnet                                  ? BYTES("telnet")
           : session_takes(session, SESSION_DIALECT_IRC) ? BYTES("an IRC client")
                                                         : BYTES("");
}

/* Answers what other ports may take. */
static void refuse_here(struct session *session, enum detect_result protocol, struct bytes first)
{
    struct buf text;

    session->is_mute = true;
    buf_init(&text, SESSION_TEXT_MAX);
    refusal_render_port(protocol, first, instead_of(session), &text);
    if (buf_error(&text) == 0)
        (void)conn_write(&session->conn, buf_bytes(&text));
    buf_done(&text);
    session_set_reason(session, CLOSE_DIALECT);
}

ASYNC(session_first)
{
    self->least_bytes = 1;
    self->protocol = protocol_of_alpn(self->session);
    if (self->protocol == DETECT_HTTP)
        TRY_AWAIT(self->code, conn_peek(&self->session->conn, &self->peek, 1));
    if (self->session->is_silent)
        on_silence(self);
    while (!self->code && self->protocol == DETECT_MORE && !self->session->has_reason) {
        WITH(co_timeout_open(co, &self->timeout, wait_ms(self), false)) {
            TRY_AWAIT(self->code, conn_peek(&self->session->conn, &self->peek, self->least_bytes));
        }
        END_WITH;
        if (!self->timeout.has_expired)
            look(self);
        else
            on_timeout(self);
    }
    if (self->session->has_reason)
        return;
    if (self->code)
        session_set_reason_of(self->session, self->code);
    else if (!is_taken(self->session, self->protocol, self->peek.line))
        refuse_here(self->session, self->protocol, self->peek.line);
    else if (refusal_reason(self->protocol) != CLOSE_REASON_COUNT)
        refuse(self->session, self->protocol, self->peek.line);
    else if (self->protocol == DETECT_TELNET)
        (void)session_start_terminal(self->session);
    else if (self->protocol == DETECT_IRC)
        (void)session_irc_start(self->session);
}
END_ASYNC
