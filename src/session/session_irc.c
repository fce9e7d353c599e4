/* IRC clients: how they come in, what their lines ask for, and whether they are still there. */
#include "session/session_irc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "chat/hub.h"
#include "chat/user.h"
#include "proto/irc_dialect.h"
#include "proto/irc_read.h"
#include "session/operators.h"
#include "session/rest.h"

#include "async/poison.h"

/* A line has IRC_TARGETS_MAX answers at most, but for CAP LS and LIST, which are as long as their table. */
#define ANSWERS_BYTES_MAX (16u * 1024)

bool session_irc_start(struct session *session)
{
    struct session_irc *irc = calloc(1, sizeof(*irc));

    if (irc)
        irc->client = calloc(1, sizeof(*irc->client));
    if (!irc || !irc->client) {
        free(irc);
        session_set_reason(session, CLOSE_NO_MEMORY);
        return false;
    }
    irc->client->cap.offered = IRC_CAP_F_ALL;
    irc->free_joins = IRC_TARGETS_MAX;
    irc->free_looks = IRC_LOOKS_MAX; /* for the lobby */
    irc->wire.dialect = &session->env->irc->dialect;
    buf_init(&irc->answers, ANSWERS_BYTES_MAX);
    session->irc = irc;
    conn_set_line_bytes(&session->conn, IRC_CLIENT_LINE_BYTES_MAX);
    outbox_set_irc(&session->outbox, &irc->wire);
    return true;
}

void session_irc_free(struct session_irc *irc)
{
    if (!irc)
        return;
    buf_done(&irc->answers);
    irc_multiline_free(irc->has.batch);
    irc_read_free(irc->wire.marks);
    free(irc->client);
    free(irc->requests);
    free(irc);
}

static struct irc_reader reader_of(const struct session *session)
{
    return (struct irc_reader){
        .server = irc_dialect_server(session->env->irc),
        .you = session->user ? user_name(session->user) : (struct bytes){NULL, 0},
    };
}

/* ---- coming in ---- */

static void welcome(struct session *session, struct buf *out)
{
    const struct hub *hub = session->env->hub;
    struct session_irc *irc = session->irc;
    const struct irc_welcome what = {
        .isupport = irc_dialect_isupport(session->env->irc),
        .version = bytes_of(hub_config(hub)->version),
        .started_wall_ms = hub_started_wall_ms(hub),
    };

    irc_register_welcome(irc->client, &what, irc_dialect_server(session->env->irc), out);
    irc->has.cap = irc->client->cap;
    irc->wire.caps = irc->has.cap.enabled;
    CHECK(bytes_copy(user_name(session->user), irc->wire.you, sizeof(irc->wire.you)));
    outbox_set_irc(&session->outbox, &irc->wire);
}

static void take_name(struct session *session, struct buf *out)
{
    struct irc_register *client = session->irc->client;
    int r = session_take_name(session, bytes_of(client->name));

    if (r == 0)
        welcome(session, out);
    else if (r > 0)
        irc_register_taken(client, irc_dialect_server(session->env->irc), out);
}

/* The answers to a message with a label have it. What lets the client in is no answer any more. */
static void put_label(struct session *session, const struct irc_message *message, struct buf *out)
{
    struct irc_reader reader = reader_of(session);
    struct bytes label;
    struct buf answers;

    reader.caps = session->irc->client->cap.enabled;
    if (!irc_label_find(&reader, message, &label))
        return;
    buf_init(&answers, ANSWERS_BYTES_MAX);
    buf_put(&answers, buf_bytes(out));
    buf_reset(out);
    irc_label_put(&reader, label, 0, buf_bytes(&answers), out);
    if (buf_error(&answers))
        session_set_reason(session, CLOSE_NO_MEMORY);
    buf_done(&answers);
}

static void apply(struct session *session, struct bytes line, struct buf *out)
{
    struct bytes server = irc_dialect_server(session->env->irc);
    struct irc_message message;
    int r = irc_message_parse(line, &message);

    if (r == -E2BIG || r == -EMSGSIZE) {
        const struct irc_reader reader = reader_of(session);
        irc_dialect_too_long(&reader, out);
    }
    if (r < 0)
        return;
    switch (irc_register_apply(session->irc->client, &message, server, out)) {
    case IRC_REGISTER_MORE:
        put_label(session, &message, out);
        break;
    case IRC_REGISTER_NAME:
        take_name(session, out);
        if (!session->user)
            put_label(session, &message, out);
        break;
    case IRC_REGISTER_QUIT:
        session_set_reason(session, CLOSE_QUIT);
        break;
    }
}

bool session_irc_register(struct session *session, struct bytes line, bool is_too_long)
{
    const struct irc_reader reader = reader_of(session);
    struct buf out;

    buf_init(&out, ANSWERS_BYTES_MAX);
    if (is_too_long)
        irc_dialect_too_long(&reader, &out);
    else
        apply(session, line, &out);
    if (session_write(session, buf_bytes(&out)) == -ENOMEM || buf_error(&out))
        session_set_reason(session, CLOSE_NO_MEMORY);
    buf_done(&out);
    return session->user != NULL;
}

int session_irc_enter(struct session *session)
{
    struct session_irc *irc = session->irc;
    int r = hub_set_realname(session->env->hub, session->user, bytes_of(irc->client->realname));

    free(irc->client);
    irc->client = NULL;
    hub_set_wants(session->env->hub, session->user, irc_cap_wants(irc->has.cap.enabled));
    return r;
}

/* ---- talking ---- */

static void count(struct session *session, const struct irc_request_row *row)
{
    size_t index = (size_t)(row - irc_request_row(0));

    CHECK(index < STATS_IRC_COMMANDS);
    session->env->stats.irc_commands[index]++;
}

int session_irc_read(struct session *session, struct bytes line, bool is_too_long)
{
    const struct irc_reader reader = reader_of(session);
    struct session_irc *irc = session->irc;
    int r = 0;

    free(irc->requests);
    irc->requests = malloc(sizeof(*irc->requests));
    irc->next = 0;
    if (!irc->requests)
        return -ENOMEM;
    *irc->requests = (struct irc_requests){.count = 0};
    if (is_too_long)
        irc_dialect_too_long(&reader, &irc->answers);
    else
        r = irc_dialect_read(&reader, &irc->has, &irc->wire, line, irc->requests, &irc->answers);
    hub_set_wants(session->env->hub, session->user, irc_cap_wants(irc->has.cap.enabled));
    if (irc->requests->row)
        count(session, irc->requests->row);
    return r;
}

static size_t list_commands(const struct session *session, struct chat_item *items)
{
    const uint64_t *counts = session->env->stats.irc_commands;
    size_t n = 0;

    for (size_t i = 0; irc_request_row(i); i++) {
        uint64_t most = counts[i] < UINT32_MAX ? counts[i] : UINT32_MAX;
        if (most > 0)
            items[n++] =
                (struct chat_item){.name = bytes_of(irc_request_row(i)->name), .count = (uint32_t)most};
    }
    return n;
}

static size_t list_operators(const struct session *session, struct chat_item *items)
{
    const struct operators *operators = session->env->operators;
    size_t n = 0;

    for (; n < operators->count && n < CHAT_LIST_ITEMS_MAX; n++)
        items[n] = (struct chat_item){.name = bytes_of(operators->entries[n].name)};
    return n;
}

void session_irc_stats(struct session *session, const struct chat_request *request)
{
    bool is_commands = bytes_eq(request->words[0], BYTES("m"));
    struct chat_item items[CHAT_LIST_ITEMS_MAX];
    size_t n = 0;

    if (is_commands)
        n = list_commands(session, items);
    else if (session->user->is_server_operator)
        n = list_operators(session, items);
    else
        session_refuse(session, CHAT_ERR_NOT_SERVER_OPERATOR, bytes_of(request->command->name));
    if (hub_answer(session->env->hub, session->user, CHAT_EV_STATS, request->words[0], items, n) < 0)
        session_refuse(session, CHAT_ERR_NO_MEMORY, (struct bytes){0});
}

void session_irc_answer(struct session *session)
{
    struct session_irc *irc = session->irc;

    if (buf_error(&irc->answers) ||
        (irc->answers.len > 0 &&
         hub_pass(session->env->hub, session->user, buf_bytes(&irc->answers), irc->has.cap.enabled) < 0))
        session_set_reason(session, CLOSE_NO_MEMORY);
    buf_done(&irc->answers);
    buf_init(&irc->answers, ANSWERS_BYTES_MAX);
}

bool session_irc_next(struct session *session, struct chat_request *ret_request)
{
    struct session_irc *irc = session->irc;

    if (irc->requests && irc->next < irc->requests->count) {
        *ret_request = irc->requests->items[irc->next++];
        return true;
    }
    free(irc->requests);
    irc->requests = NULL;
    irc_multiline_clean(&irc->has.batch);
    return false;
}

bool session_irc_is_in_batch(const struct session *session)
{
    return session->irc && session->irc->has.batch && !session->irc->has.batch->is_done;
}

/* ---- labels ---- */

bool session_irc_has_label(const struct session *session)
{
    const struct session_irc *irc = session->irc;

    return irc && irc->requests && irc->requests->label.len > 0;
}

size_t session_irc_count_left(const struct session *session)
{
    return session_irc_has_label(session) ? session->irc->requests->count - session->irc->next : 0;
}

static void tell_label(struct session *session, struct bytes label)
{
    if (hub_label(session->env->hub, session->user, label) < 0)
        session_set_reason(session, CLOSE_NO_MEMORY);
}

void session_irc_begin_answers(struct session *session)
{
    if (session_irc_has_label(session))
        tell_label(session, session->irc->requests->label);
}

void session_irc_end_answers(struct session *session)
{
    if (session_irc_has_label(session))
        tell_label(session, (struct bytes){NULL, 0});
}

static bool take_one(uint8_t *left)
{
    if (*left == 0)
        return false;
    --*left;
    return true;
}

bool session_irc_is_free(struct session *session, const struct chat_request *request)
{
    struct session_irc *irc = session->irc;

    if (request->command && strcmp(request->command->name, "join") == 0) {
        if (irc->free_looks <= UINT8_MAX - IRC_LOOKS_MAX)
            irc->free_looks = (uint8_t)(irc->free_looks + IRC_LOOKS_MAX);
        return take_one(&irc->free_joins);
    }
    return irc_dialect_is_look(request) && take_one(&irc->free_looks);
}

/* ---- still there? ---- */

/* Until there is a name, the time for that is the limit. */
static int64_t silence_max_ms(const struct session *session)
{
    return session->user ? session->env->config->irc_keepalive_ms : -1;
}

/* Asks whether the client is there. False: it was asked already, or cannot be; the session ends. One that does not even
 * read is the sweeper's. */
static bool on_silence(struct session *session, bool *is_asked)
{
    struct buf out;

    if (conn_is_full(&session->conn))
        return true;
    if (*is_asked) {
        session_set_reason(session, CLOSE_PING_TIMEOUT);
        return false;
    }
    *is_asked = true;
    buf_init(&out, IRC_BODY_BYTES_MAX);
    buf_printf(&out, "PING :%s\r\n", session->env->irc->server);
    if (session_write(session, buf_bytes(&out)) == -ENOMEM || buf_error(&out))
        session_set_reason(session, CLOSE_NO_MEMORY);
    buf_done(&out);
    return !session->has_reason;
}

ASYNC(session_irc_line)
{
    self->is_asked = false;
    do {
        WITH(co_timeout_open(co, &self->timeout, silence_max_ms(self->session), false)) {
            TRY_AWAIT(self->code, conn_readline(&self->session->conn, &self->read));
        }
        END_WITH;
        if (self->timeout.has_expired)
            self->code = on_silence(self->session, &self->is_asked) ? 0 : CO_EEOF;
    } while (self->timeout.has_expired && !self->code);
    self->line = self->read.line;
}
END_ASYNC

ASYNC(session_irc_rest)
{
    self->is_asked = false;
    do {
        WITH(co_timeout_open(co, &self->timeout, silence_max_ms(self->session), false)) {
            AWAIT(conn_rest(&self->session->conn, &self->rest, &self->session->env->rest->parking));
        }
        END_WITH;
    } while (self->timeout.has_expired && on_silence(self->session, &self->is_asked));
}
END_ASYNC
