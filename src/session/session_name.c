/* The greeting and the question for a name. There is no user yet, so what is said here is written
 * directly, not as events. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/log_event.h"
#include "chat/hub.h"
#include "chat/user.h"
#include "session/ban_list.h"
#include "session/session.h"
#include "session/session_irc.h"

#include "async/poison.h"

/* Somebody who cannot answer the question so many times is no person. */
#define BAD_NAMES_MAX 10
/* An IRC client needs about five lines, and one more for each name that is taken. */
#define IRC_LINES_MAX 100
/* Nor is who gives two names that are none within this time: most likely another server, which takes our
 * question for an answer to its own. The two would go on for ever. */
#define BAD_NAMES_MS 1000

static void write_text(struct session *session, struct buf *text)
{
    if (session_write(session, buf_bytes(text)) == -ENOMEM || buf_error(text))
        session_set_reason(session, CLOSE_NO_MEMORY);
    buf_done(text);
}

/* The greeting goes to `out`, unless the client has had it. */
static void put_greeting(struct session *session, struct buf *out)
{
    if (session->is_greeted)
        return;
    session->is_greeted = true;
    const struct session_env *env = session->env;
    const struct session_config *config = env->config;
    const struct greeting greeting = {
        .server_name = config->server_name,
        .welcome = config->welcome,
        .people = hub_user_count(env->hub),
        .offers_tls = env->tls && session->port->tls != SESSION_TLS_OFF &&
                      session_takes(session, SESSION_DIALECT_TLS) && !conn_is_tls(&session->conn) &&
                      config->tls_address.len,
        .tls_address = config->tls_address,
    };
    session->outbox.form.dialect->greet(session->outbox.form, &greeting, out);
}

void session_greet(struct session *session)
{
    struct buf text;

    buf_init(&text, SESSION_TEXT_MAX);
    put_greeting(session, &text);
    write_text(session, &text);
}

static void say_why_not(struct session *session, enum chat_err err, struct bytes name)
{
    char suggestion[NAME_USER_BYTES_MAX + 1];
    struct buf text;

    hub_suggest_name(session->env->hub, name, suggestion);
    buf_init(&text, SESSION_TEXT_MAX);
    session->outbox.form.dialect->name_refused(session->outbox.form, err, name, bytes_of(suggestion), &text);
    write_text(session, &text);
}

static void say(struct session *session, void (*what)(struct wire_form, struct buf *))
{
    struct buf text;
    buf_init(&text, SESSION_TEXT_MAX);
    what(session->outbox.form, &text);
    write_text(session, &text);
}

/* The address without the port; of an IPv6 address the network, for a host has all of it. */
static void host_text(const struct addr *peer, char ret_text[INET6_ADDRSTRLEN])
{
    char key[ADDR_KEY_MAX];
    size_t len = addr_host_key(peer, key);
    struct in6_addr in6 = {0};

    if (len == sizeof(struct in_addr)) {
        inet_ntop(AF_INET, key, ret_text, INET6_ADDRSTRLEN);
    } else if (len == sizeof(in6) / 2) {
        memcpy(&in6, key, len);
        inet_ntop(AF_INET6, &in6, ret_text, INET6_ADDRSTRLEN);
    } else {
        snprintf(ret_text, INET6_ADDRSTRLEN, "unix");
    }
}

static const char *client_name(const struct session *session)
{
    return session->terminal ? "telnet" : session->outbox.form.dialect->name;
}

static void tell_origin(struct session *session)
{
    struct addr peer = session_peer(session);
    char host[INET6_ADDRSTRLEN];

    host_text(&peer, host);
    hub_set_origin(session->env->hub, session->user,
                   &(struct hub_origin){.host = bytes_of(host),
                                        .client = session->outbox.form.dialect->name,
                                        .is_encrypted = conn_is_tls(&session->conn),
                                        .wants_names = session->irc != NULL});
}

static void refuse_name(struct session_name *self, enum chat_err err, struct bytes name)
{
    if (err == CHAT_ERR_NAME_BAD) {
        int64_t now_ms = clock_mono_ms(self->session->env->clock);
        if (now_ms - self->bad_at_ms < BAD_NAMES_MS) {
            session_set_reason(self->session, CLOSE_BAD_NAMES);
            return;
        }
        self->bad_at_ms = now_ms;
    }
    say_why_not(self->session, err, name);
}

int session_take_name(struct session *session, struct bytes name)
{
    struct addr peer = session_peer(session);

    if (ban_list_find(session->env->bans, &peer, name, clock_mono_ms(session->env->clock))) {
        session_set_reason(session, CLOSE_BANNED);
        return -EPERM;
    }
    int r = hub_enter(session->env->hub, name, NULL, &session->user);
    if (r < 0)
        session_set_reason(session, CLOSE_NO_MEMORY);
    if (r != 0)
        return r;
    tell_origin(session);
    registry_set_named(&session->place);
    session->counted = stats_enter(&session->env->stats, client_name(session), conn_is_tls(&session->conn));
    bytes_copy(user_name(session->user), session->name, sizeof(session->name));
    log_event(LOG_KIND_SESSION_NAMED, LOG_LEVEL_INFO, LOG_UINT("session", session->id),
              LOG_STR("name", session->name));
    return 0;
}

/* Enter alone chooses a guest name. Returns false when the name was refused. Who has said the name without being asked
 * gets the greeting together with what comes behind it: one write less. */
static bool take_name(struct session_name *self, struct bytes name)
{
    struct session *session = self->session;
    char guest[NAME_USER_BYTES_MAX + 1];
    struct buf greeting;

    if (name.len == 0) {
        hub_suggest_name(session->env->hub, name, guest);
        name = bytes_of(guest);
    }
    buf_init(&greeting, SESSION_TEXT_MAX);
    put_greeting(session, &greeting);
    int r = session_take_name(session, name);
    if (r == 0 && greeting.len > 0 && !buf_error(&greeting) &&
        hub_pass(session->env->hub, session->user, buf_bytes(&greeting), 0) == 0)
        buf_reset(&greeting);
    write_text(session, &greeting);
    if (r > 0)
        refuse_name(self, (enum chat_err)r, name);
    return r == 0;
}

/* Returns false when this was no name. */
static bool answer(struct session_name *self, struct bytes line)
{
    struct session *session = self->session;
    struct bytes name;
    enum plain_answer answered = plain_parse_answer(line, &name);

    if (answered == PLAIN_ANSWER_NAME)
        return take_name(self, name);
    session_greet(session);
    if (answered == PLAIN_ANSWER_QUIT)
        session_set_reason(session, CLOSE_QUIT);
    else
        say(session, answered == PLAIN_ANSWER_HELP ? plain_name_help : plain_name_first);
    return false;
}

/* The first line tells how the client ends its lines; it gets the same. Telnet's clients end them with CR
 * LF and say nothing else of themselves before they are asked. */
static void note_line_end(struct session *session, bool has_crlf)
{
    session->has_answered = true;
    if (has_crlf)
        (void)session_start_terminal(session);
}

/* A line before there is a name. Returns true when that is what it gave. */
static bool take_line(struct session_name *self)
{
    struct session *session = self->session;
    bool is_too_long = self->line.code == CO_ETOOLONG;

    if (self->line.code && !(is_too_long && session->irc)) {
        if (!session->irc)
            session_greet(session);
        if (is_too_long)
            session_set_reason(session, CLOSE_NOT_TEXT);
        session_set_reason_of(session, self->line.code);
        return false;
    }
    if (session->irc)
        return session_irc_register(session, self->line.line, is_too_long);
    if (self->line.has_crlf)
        session_greet(session); /* before the terminal's own questions */
    note_line_end(session, self->line.has_crlf);
    return answer(self, self->line.line);
}

/* Whether a line has come that was not asked for. */
static bool has_line(const struct session *session)
{
    struct conn_waiting waiting;

    conn_look_waiting(&session->conn, 0, false, &waiting);
    return waiting.line_count > 0;
}

ASYNC(session_name)
{
    session_enter(self->session, SESSION_ST_NAME);
    self->bad_at_ms = -BAD_NAMES_MS;
    if (!self->session->irc && !has_line(self->session))
        session_greet(self->session);
    while (!self->session->has_reason) {
        AWAIT(CALL(&self->line, session_line, .session = self->session));
        if (take_line(self))
            return;
        if (++self->bad_count >= (self->session->irc ? IRC_LINES_MAX : BAD_NAMES_MAX))
            session_set_reason(self->session, CLOSE_NOT_TEXT);
    }
}
END_ASYNC
