/* The session as a whole: its states, its reason to end, and the order in which things are acquired
 * and released. */
#include "session/session.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "async/loop.h"
#include "async/task.h"
#include "base/check.h"
#include "base/log_event.h"
#include "base/utf8.h"
#include "chat/hub.h"
#include "chat/user.h"
#include "session/ban_list.h"
#include "session/rest.h"
#include "session/session_irc.h"

#include "async/poison.h"

static const char *const state_names[SESSION_ST_COUNT] = {
    [SESSION_ST_NEW] = "new",     [SESSION_ST_DETECT] = "detect", [SESSION_ST_HANDSHAKE] = "handshake",
    [SESSION_ST_NAME] = "name",   [SESSION_ST_TALK] = "talk",     [SESSION_ST_LEAVE] = "leave",
    [SESSION_ST_CLOSE] = "close",
};

const char *session_state_str(enum session_state state)
{
    return state_names[state];
}

bool session_is_encrypted(const struct session *session)
{
    return session->conn.is_open && conn_is_tls(&session->conn);
}

void session_enter(struct session *session, enum session_state state)
{
    CHECK(state > session->state); /* states are passed in order, some left out */
    log_debug("session=%" PRIu64 " state=%s was=%s", session->id, session_state_str(state),
              session_state_str(session->state));
    session->state = state;
}

void session_set_reason(struct session *session, enum close_reason reason)
{
    if (session->has_reason)
        return;
    session->has_reason = true;
    session->reason = reason;
}

void session_set_reason_of(struct session *session, int code)
{
    session_set_reason(session, code == CO_EEOF ? CLOSE_EOF : code == ENOMEM ? CLOSE_NO_MEMORY : CLOSE_LOST);
}

/* Gives a reason and cancels the session: for those who are not the session. */
static void session_fail(struct session *session, enum close_reason reason)
{
    session_set_reason(session, reason);
    co_cancel(&session->task->self);
}

void session_expel(struct session *session, enum close_reason reason, struct bytes why)
{
    if (session->has_reason)
        return;
    session->why = bytes_dup(utf8_prefix(why, HUB_WHY_BYTES_MAX)); /* NULL: without words */
    /* A notice that does not fit into memory: the goodbye will do. */
    if (session->user && !session->user->is_gone && session->why && why.len > 0 &&
        hub_notify(session->env->hub, session->user, bytes_of(session->why)) < 0)
        log_warning("session=%" PRIu64 " no memory to say why it is ended", session->id);
    session_fail(session, reason);
}

static void on_outbox_fail(struct outbox *outbox, enum close_reason reason)
{
    session_fail(container_of(outbox, struct session, outbox), reason);
}

/* Everything but the arguments is zero. */
static void session_init(struct session *session, struct co_task *task)
{
    struct session_env *env = session->env;
    const struct session_config *config = env->config;

    session->task = task;
    session->id = ++env->last_session_id;
    session->rests_left = REST_AT_ONCE_MAX;
    session->opened_ms = clock_mono_ms(env->clock);
    bucket_init(&session->bucket, config->flood_rate_milli, config->flood_burst, session->opened_ms);
    outbox_init(&session->outbox, env->delivery, &session->conn, on_outbox_fail);
}

bool session_is_refusal(enum close_reason reason)
{
    switch (reason) {
    case CLOSE_QUIT:
    case CLOSE_EOF:
    case CLOSE_LOST:
    case CLOSE_PING_TIMEOUT:
    case CLOSE_SHUTDOWN:
    case CLOSE_NOT_READING:
        return false;
    default:
        return true;
    }
}

void session_count_input(struct session *session)
{
    session->env->stats.bytes_in += session->conn.bytes_in - session->counted_in_bytes;
    session->counted_in_bytes = session->conn.bytes_in;
}

static void tell_closed(const struct session *session)
{
    struct addr addr = session_peer(session);
    char peer[ADDR_TEXT_MAX];

    addr_format(&addr, peer);
    log_event(session_is_refusal(session->reason) ? LOG_KIND_SESSION_REFUSED : LOG_KIND_SESSION_CLOSED,
              LOG_LEVEL_INFO, LOG_UINT("session", session->id),
              LOG_STR("reason", close_reason_str(session->reason)), LOG_UINT("in", session->conn.bytes_in),
              LOG_UINT("out", session->conn.bytes_out), LOG_UINT("lines", session->line_count),
              LOG_INT("ms", clock_mono_ms(session->env->clock) - session->opened_ms),
              LOG_STR("address", peer), LOG_STR("name", session->name));
}

static void place_finish(struct co_task *task, struct co_with *with)
{
    struct session *session = container_of(with, struct session, place_with);
    (void)task;
    /* Whatever ends a session ends here: no error of one client may reach the others. */
    if (with->error.code && with->error.code != ECANCELED)
        log_event(LOG_KIND_SESSION_FAILED, LOG_LEVEL_WARNING, LOG_UINT("session", session->id),
                  LOG_STR("error", co_error_str(with->error.code)), LOG_STR("what", with->error.msg),
                  LOG_STR("file", with->error.file), LOG_INT("line", with->error.line));
    with->error = (struct co_error){0};
    session_set_reason(session, session->env->is_shutting_down ? CLOSE_SHUTDOWN : CLOSE_LOST);
    session->env->registry->closed_count[session->reason]++;
    session_count_input(session);
    if (session->counted)
        (*session->counted)--;
    tell_closed(session);
    conn_done(&session->conn);
    terminal_free(session->terminal);
    free(session->keys);
    session_irc_free(session->irc);
    free(session->arrival);
    free(session->closing);
    session_drop_paste(session);
    free(session->why);
    if (session->fd >= 0)
        close(session->fd);
    registry_leave(&session->place);
    session->port->session_count--;
}

static struct co_with *place_open(struct session *session)
{
    co_with_init(&session->place_with, session_close_conn, place_finish);
    return &session->place_with;
}

/* What a connection that is not let in hears. It has no dialect yet, so it is a line for people. */
static void refuse(struct session *session, enum close_reason reason)
{
    struct buf text;

    session_set_reason(session, reason);
    buf_init(&text, SESSION_TEXT_MAX);
    session->outbox.form.dialect->goodbye(session->outbox.form, reason, &text);
    if (send(session->fd, text.ptr, text.len, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
        shutdown(session->fd, SHUT_WR);
    buf_done(&text);
}

struct addr session_peer(const struct session *session)
{
    return addr_expand(&session->peer);
}

static bool admit(struct session *session)
{
    struct addr peer = session_peer(session);
    char text[ADDR_TEXT_MAX];

    addr_format(&peer, text);
    log_event(LOG_KIND_SESSION_OPEN, LOG_LEVEL_INFO, LOG_UINT("session", session->id),
              LOG_STR("address", text));
    if (session->env->is_draining) {
        refuse(session, CLOSE_DRAINING);
        return false;
    }
    if (registry_admit(session->env->registry, &session->place) < 0) {
        refuse(session, CLOSE_SERVER_FULL);
        return false;
    }
    session->arrival = malloc(sizeof(*session->arrival));
    if (!session->arrival) {
        refuse(session, CLOSE_NO_MEMORY);
        return false;
    }
    session->arrival->since_ms = session->opened_ms;
    return true;
}

/* Once it is known who the peer is. */
static bool admit_host(struct session *session)
{
    struct addr peer = session_peer(session);

    session_trace_begin(session);
    if (ban_list_find(session->env->bans, &peer, (struct bytes){NULL, 0},
                      clock_mono_ms(session->env->clock))) {
        refuse(session, CLOSE_BANNED);
        return false;
    }
    int r = registry_set_host(&session->place, &peer);
    if (r == 0)
        return true;
    refuse(session, r == -EUSERS ? CLOSE_PER_ADDRESS : r == -EBUSY ? CLOSE_UNNAMED : CLOSE_NO_MEMORY);
    return false;
}

/* It has its name, or will never have one. */
static void end_arrival(struct session *session)
{
    if (!session->user && session->arrival->timeout.has_expired)
        session_set_reason(session, CLOSE_NAME_TIMEOUT);
    free(session->arrival);
    session->arrival = NULL;
}

static int64_t name_timeout_ms(const struct session *session)
{
    return session->env->config->name_timeout_ms;
}

ASYNC(session_run)
{
    session_init(&self->session, co);
    WITH(place_open(&self->session)) {
        if (!admit(&self->session))
            return;
        if (session_has_proxy(&self->session))
            AWAIT(CALL(&self->session.arrival->u.proxy, session_proxy, .session = &self->session));
        if (self->session.has_reason || !admit_host(&self->session))
            return;
        WITH(co_timeout_open(co, &self->session.arrival->timeout, name_timeout_ms(&self->session), false)) {
            AWAIT(CALL(&self->session.arrival->u.detect, session_detect, .session = &self->session));
            if (!self->session.has_reason)
                AWAIT(CALL(&self->session.arrival->u.first, session_first, .session = &self->session));
            if (!self->session.has_reason)
                AWAIT(CALL(&self->session.arrival->u.name, session_name, .session = &self->session));
        }
        END_WITH;
        end_arrival(&self->session);
        if (!self->session.user)
            return;
        WITH(session_user_open(&self->session)) {
            while (session_begin_talk(&self->session)) {
                AWAIT(CALL(self->session.talk, session_talk, .session = &self->session));
                session_end_talk(&self->session);
                if (self->session.has_reason)
                    break;
                AWAIT(session_rest(&self->session));
            }
        }
        END_WITH;
    }
    END_WITH;
}
END_ASYNC
