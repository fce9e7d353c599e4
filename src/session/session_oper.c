/* Becoming an operator of the server, by a password that is checked against a hash of the configuration.
 *
 * And what operators have the daemon do: /reload.
 *
 * The hub is synchronous and a check takes long on purpose. So it is done here: the line is waited for,
 * the check runs on the executor while everybody else is served, and then the hub is told. Not more than a
 * few run at a time, and one of a session. The password is wiped when the frame goes (session_talk.c). */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/log_event.h"
#include "chat/hub.h"
#include "chat/user.h"
#include "session/oper_guard.h"
#include "session/operators.h"
#include "session/session.h"

#include "async/poison.h"

#define WRONG_PASSWORDS_MAX 5

/* Whether nobody else can read what the client sends. A balancer on this machine says nothing of where its
 * own client is. */
static bool is_private(const struct session *session)
{
    struct addr peer = session_peer(session);

    return conn_is_tls(&session->conn) || (addr_is_local(&peer) && !session_has_proxy(session));
}

static void take_password(struct session_oper *self, struct bytes password)
{
    self->is_unusable = !bytes_copy(password, self->password, sizeof(self->password));
    self->password_len = strlen(self->password);
}

static void take_request(struct session_oper *self)
{
    const struct operators *operators = self->session->env->operators;
    struct bytes name = self->request->words[0];
    const struct operators_entry *entry = operators_find(operators, name);

    self->hash = operators_hash(operators, name);
    bytes_copy(bytes_slice(name, 0, sizeof(self->asked) - 1), self->asked, sizeof(self->asked));
    self->is_known = entry;
    if (entry)
        memcpy(self->name, entry->name, sizeof(self->name));
    take_password(self, bytes_trim(self->request->text));
    if (self->password_len > 0)
        session_forget_line(self->session);
}

static void ask(struct session *session)
{
    if (hub_ask_password(session->env->hub, session->user) < 0)
        session_set_reason(session, CLOSE_NO_MEMORY);
    session_set_secret(session, true);
}

/* What came instead of a password ends the session or is a wrong one. */
static void take_answer(struct session_oper *self)
{
    struct session *session = self->session;

    if (self->u.line.code == 0)
        take_password(self, bytes_trim(self->u.line.line));
    else if (self->u.line.code == CO_ETOOLONG)
        self->is_unusable = true;
    else
        session_set_reason_of(session, self->u.line.code);
    session_set_secret(session, false);
    if (!session->has_reason && self->password_len == 0 && !self->is_unusable)
        session_refuse(session, CHAT_ERR_PASSWORD_CANCELLED, (struct bytes){0});
}

/* On a thread of the executor. */
static void check(void *arg)
{
    struct session_oper *self = arg;

    self->code =
        password_check(&self->hash, (struct bytes){self->password, self->password_len}, &self->is_right);
}

/* What was typed as a name may have been the password, so it is logged only if it is one. */
static void log_result(const struct session_oper *self, bool is_operator)
{
    const struct session *session = self->session;
    const char *name = self->is_known ? self->name : "(unknown)";
    struct addr addr = session_peer(session);
    char peer[ADDR_TEXT_MAX];

    addr_format(&addr, peer);
    if (is_operator)
        log_event(LOG_KIND_OPER_GRANTED, LOG_LEVEL_NOTICE, LOG_UINT("session", session->id),
                  LOG_STR("name", session->user->name), LOG_STR("address", peer), LOG_STR("operator", name));
    else
        log_event(LOG_KIND_OPER_REFUSED, LOG_LEVEL_WARNING, LOG_UINT("session", session->id),
                  LOG_STR("name", session->user->name), LOG_STR("address", peer), LOG_STR("operator", name),
                  LOG_UINT("count", session->wrong_passwords), LOG_UINT("limit", WRONG_PASSWORDS_MAX));
}

/* Whether the address has failed too often lately; then it is told when it may try again. Only asked when there
 * is a password: a script has sent it already, and as the next line it would be said in the room. */
static bool is_held(struct session *session)
{
    int64_t now_ms = clock_mono_ms(session->env->clock);
    struct addr addr = session_peer(session);
    int64_t left_ms = oper_guard_hold_ms(session->env->oper_guard, &addr, now_ms);
    char peer[ADDR_TEXT_MAX], text[32];

    if (left_ms == 0)
        return false;
    session->env->stats.oper_held++;
    addr_format(&addr, peer);
    log_event(LOG_KIND_OPER_HELD, LOG_LEVEL_WARNING, LOG_UINT("session", session->id),
              LOG_STR("name", session->user->name), LOG_STR("address", peer), LOG_INT("ms", left_ms));
    snprintf(text, sizeof(text), "%" PRId64 " s", (left_ms + 999) / 1000);
    session_refuse(session, CHAT_ERR_PASSWORD_LATER, bytes_of(text));
    return true;
}

/* Counts it as wrong, which a right one is forgiven for. */
static void begin_check(struct session_oper *self)
{
    const struct session_env *env = self->session->env;
    struct addr addr = session_peer(self->session);

    self->wait_ms =
        oper_guard_begin(env->oper_guard, &addr, bytes_of(self->asked), clock_mono_ms(env->clock));
}

static void finish(struct session_oper *self)
{
    struct session *session = self->session;
    struct addr addr = session_peer(session);
    bool is_operator = self->is_known && self->is_right && !self->is_unusable;

    if (self->code < 0) { /* it was no attempt */
        oper_guard_forgive(session->env->oper_guard, &addr, bytes_of(self->asked));
        session_refuse(session, CHAT_ERR_NO_MEMORY, (struct bytes){0});
    } else if (is_operator) {
        session->wrong_passwords = 0;
        oper_guard_forgive(session->env->oper_guard, &addr, bytes_of(self->asked));
        if (hub_set_server_operator(session->env->hub, session->user, true) < 0) {
            session_refuse(session, CHAT_ERR_NO_MEMORY, (struct bytes){0});
            return;
        }
        session->env->stats.oper_logins++;
        log_result(self, true);
    } else {
        session->wrong_passwords++;
        session->env->stats.oper_failures++;
        log_result(self, false);
        session_refuse(session, CHAT_ERR_PASSWORD_WRONG, (struct bytes){0});
        if (session->wrong_passwords >= WRONG_PASSWORDS_MAX)
            session_set_reason(session, CLOSE_PASSWORDS);
    }
}

void session_reload(struct session *session, const struct chat_request *request)
{
    const struct session_env *env = session->env;
    struct policy_verdict verdict = policy_may_run(request->command, false, session->user, 0);

    if (verdict.err != CHAT_OK)
        session_refuse(session, verdict.err, bytes_of(request->command->name));
    else if (hub_answer(env->hub, session->user, CHAT_EV_RELOADING, (struct bytes){0}, NULL, 0) < 0 ||
             env->reload(env->reload_arg, session->user->id) < 0)
        session_refuse(session, CHAT_ERR_NO_MEMORY, (struct bytes){0});
}

ASYNC(session_oper)
{
    take_request(self);
    if (!is_private(self->session)) {
        session_refuse(self->session, CHAT_ERR_PASSWORD_UNSAFE, self->session->env->config->tls_address);
        return;
    }
    /* The request is used up, so the input may move. */
    conn_resume(&self->session->conn, CONN_PAUSE_FLOOD);
    if (self->password_len == 0) {
        ask(self->session);
        AWAIT(CALL(&self->u.line, session_line, .session = self->session));
        take_answer(self);
        if (self->session->has_reason || (self->password_len == 0 && !self->is_unusable))
            return;
    }
    if (is_held(self->session))
        return;
    begin_check(self);
    if (self->wait_ms > 0)
        AWAIT(co_sleep(&self->u.wait, self->wait_ms));
    AWAIT(co_semaphore_acquire(self->session->env->password_checks, &self->u.acquire));
    WITH(co_semaphore_hold(self->session->env->password_checks, &self->slot)) {
        AWAIT(co_run_in_executor(self->session->env->executor, &self->u.job, check, self));
    }
    END_WITH;
    finish(self);
}
END_ASYNC
