/* TLS or not: from the first bytes, before anything is taken from the socket. What is spoken inside is for
 * session_first.c, which sees the bytes of both alike. */
#include <errno.h>
#include <inttypes.h>
#include <sys/socket.h>

#include "async/loop.h"
#include "base/log_event.h"
#include "base/quota.h"
#include "session/session.h"

#include "async/poison.h"

#define LOG_TEXT_MAX 128

/* Of RFC 8446, 6.2. */
#define ALERT_HANDSHAKE_FAILURE 0x28
#define ALERT_INTERNAL_ERROR 0x50

/* The answer in the client's own language is a fatal alert. What it sent is read first, for a socket that is
 * closed with unread input resets the connection and the alert is lost. */
static void refuse_tls(struct session *session, enum close_reason reason, char what)
{
    const char alert[] = {0x15, 0x03, 0x03, 0x00, 0x02, 0x02, what};
    char dropped[PEEK_WANT_MAX];

    session_set_reason(session, reason);
    if (recv(session->fd, dropped, sizeof(dropped), MSG_DONTWAIT) > 0 &&
        send(session->fd, alert, sizeof(alert), MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
        shutdown(session->fd, SHUT_WR);
}

/* There is no certificate, or this port does not want TLS. */
static void refuse_no_tls(struct session *session)
{
    refuse_tls(session, session_takes(session, SESSION_DIALECT_TLS) ? CLOSE_TLS_FAILED : CLOSE_DIALECT,
               ALERT_HANDSHAKE_FAILURE);
}

/* Whether its address may have one more handshake now. */
static bool may_handshake(struct session *session)
{
    char host[ADDR_KEY_MAX];
    struct addr peer = session_peer(session);
    size_t len = addr_host_key(&peer, host);

    return quota_take(session->env->handshake_quota, (struct bytes){host, len},
                      clock_mono_ms(session->env->clock));
}

static void on_drained(struct conn *conn, void *arg)
{
    (void)conn;
    outbox_on_drained(&((struct session *)arg)->outbox);
}

/* What goes to a terminal with an editor is traced before it is drawn: terminal_print(). */
static void on_write(struct conn *conn, void *arg, struct bytes data)
{
    struct session *session = arg;
    (void)conn;
    session->env->stats.bytes_out += data.len;
    if (!session->terminal || !session->terminal->editor)
        session_trace_out(session, data);
}

static const struct conn_events conn_events = {.on_drained = on_drained, .on_write = on_write};

static void start_conn(struct session *session, bool has_tls)
{
    const struct conn_limits *limits = &session->env->config->limits;
    struct co_loop *loop = co_loop_of(session->task);
    int r = has_tls ? conn_init_tls(&session->conn, loop, session->fd, limits, session->env->tls)
                    : conn_init_tcp(&session->conn, loop, session->fd, limits);
    if (r < 0) {
        session_set_reason(session, CLOSE_NO_MEMORY);
        return;
    }
    session->fd = -1;
    session->conn.events = &conn_events;
    session->conn.events_arg = session;
}

/* The client speaks without TLS, or waits to be spoken to. */
static void start_plain(struct session *session)
{
    start_conn(session, false);
    if (session->port->tls == SESSION_TLS_REQUIRED)
        session_set_reason(session, CLOSE_TLS_REQUIRED);
}

/* "sha256:0102…", or nothing. */
static void format_fingerprint(const struct conn *conn, struct buf *out)
{
    unsigned char fingerprint[CONN_FINGERPRINT_BYTES];

    if (!conn_fingerprint(conn, fingerprint))
        return;
    buf_put_text(out, "sha256:");
    for (size_t i = 0; i < sizeof(fingerprint); i++)
        buf_printf(out, "%02x", fingerprint[i]);
}

static void on_handshake(struct session *session)
{
    char description[CONN_DESCRIPTION_BYTES];
    struct buf text;

    session->arrival->since_ms = clock_mono_ms(session->env->clock);
    buf_init(&text, LOG_TEXT_MAX);
    format_fingerprint(&session->conn, &text);
    log_event(LOG_KIND_SESSION_TLS, LOG_LEVEL_INFO, LOG_UINT("session", session->id),
              LOG_STR("tls", conn_describe(&session->conn, description)),
              LOG_TEXT("certificate", buf_bytes(&text)));
    buf_done(&text);
}

/* Each failed handshake has its line with the reason, unless there are many: a scanner makes hundreds. */
static void on_failure(struct session *session, bool is_late)
{
    struct handshake_log *log = session->env->handshake_log;
    const char *why = conn_failure(&session->conn);

    session_set_reason(session, CLOSE_TLS_FAILED);
    if (bucket_take(&log->bucket, 1, clock_mono_ms(session->env->clock)) > 0) {
        log->untold_count++;
        return;
    }
    if (log->untold_count > 0)
        log_info("tls: %" PRIu64 " more handshakes failed, their reasons are left out", log->untold_count);
    log->untold_count = 0;
    log_event(LOG_KIND_SESSION_TLS_FAILED, LOG_LEVEL_INFO, LOG_UINT("session", session->id),
              LOG_STR("error", is_late ? "not done within tls.handshake_timeout"
                               : why   ? why
                                       : "the client has gone"));
}

static bool offers_tls(const struct session *session)
{
    return session->env->tls && session->port->tls != SESSION_TLS_OFF &&
           session_takes(session, SESSION_DIALECT_TLS);
}

static bool may_be_tls(const struct peek *peek)
{
    return detect_may_be_tls((struct bytes){peek->bytes, peek->count});
}

/* Whether to wait for more of a ClientHello, for hello_bytes in all. Until then
 * it costs no more than a place in the kernel. */
static bool is_hello_to_come(struct session_detect *self)
{
    const struct peek *peek = &self->u.peek;
    char bytes[PEEK_WANT_MAX];

    if (self->code || peek->has_ended || peek->count < DETECT_TLS_BYTES || !may_be_tls(peek) ||
        !offers_tls(self->session))
        return false;
    ssize_t n = recv(self->session->fd, bytes, sizeof(bytes), MSG_PEEK | MSG_DONTWAIT);
    size_t count = n > 0 ? (size_t)n : 0;
    self->hello_bytes = detect_hello_bytes((struct bytes){bytes, count});
    return self->hello_bytes > count && self->hello_bytes <= PEEK_WANT_MAX;
}

/* What the first bytes say. True: a handshake of TLS may begin. */
static bool decide(struct session_detect *self)
{
    struct session *session = self->session;
    const struct peek *peek = &self->u.peek;

    if (self->code)
        session_set_reason_of(session, self->code);
    else if (peek->count == 0)
        session_set_reason(session, CLOSE_EOF);
    else if (peek->count < DETECT_TLS_BYTES || !may_be_tls(peek))
        start_plain(session);
    else if (!offers_tls(session))
        refuse_no_tls(session);
    else if (self->hello_bytes > PEEK_WANT_MAX)
        refuse_tls(session, CLOSE_TLS_FAILED, ALERT_HANDSHAKE_FAILURE);
    else if (!may_handshake(session))
        refuse_tls(session, CLOSE_TLS_HANDSHAKES, ALERT_INTERNAL_ERROR);
    else
        return true;
    return false;
}

ASYNC(session_detect)
{
    session_enter(self->session, SESSION_ST_DETECT);
    do {
        WITH(co_timeout_open(co, &self->timeout, session_silence_ms(self->session), false)) {
            TRY_AWAIT(self->code, CALL(&self->u.peek, peek, .fd = self->session->fd, .want = 1));
        }
        END_WITH;
    } while (self->timeout.has_expired && session_silence_ms(self->session) > 0);
    if (self->timeout.has_expired) { /* silent: a person who waits to be asked */
        self->session->is_silent = true;
        start_plain(self->session);
        return;
    }
    if (!self->code && self->u.peek.count > 0 && may_be_tls(&self->u.peek)) {
        WITH(co_timeout_open(co, &self->timeout, self->session->env->config->tls_handshake_ms, false)) {
            TRY_AWAIT(self->code,
                      CALL(&self->u.peek, peek, .fd = self->session->fd, .want = DETECT_TLS_BYTES));
            while (is_hello_to_come(self))
                TRY_AWAIT(self->code,
                          CALL(&self->u.peek, peek, .fd = self->session->fd, .want = self->hello_bytes));
        }
        END_WITH;
        if (self->timeout.has_expired) {
            session_set_reason(self->session, CLOSE_TLS_FAILED);
            return;
        }
    }
    if (!decide(self))
        return;
    session_enter(self->session, SESSION_ST_HANDSHAKE);
    start_conn(self->session, true);
    if (self->session->has_reason)
        return;
    /* Each flight is answered here, and a session without a name is in the background: however many there are,
     * they get a part of each turn. */
    WITH(co_timeout_open(co, &self->timeout, self->session->env->config->tls_handshake_ms, false)) {
        TRY_AWAIT(self->code, CALL(&self->u.handshake, conn_handshake, .conn = &self->session->conn));
    }
    END_WITH;
    if (self->code == ENOMEM)
        session_set_reason(self->session, CLOSE_NO_MEMORY);
    else if (self->code || self->timeout.has_expired)
        on_failure(self->session, self->timeout.has_expired);
    else
        on_handshake(self->session);
}
END_ASYNC
