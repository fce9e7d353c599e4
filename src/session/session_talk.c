/* Talking: a line in, a request to the hub. What comes of it arrives by way of the events. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "async/task.h"
#include "base/check.h"
#include "base/log.h"
#include "chat/chat_event.h"
#include "chat/hub.h"
#include "chat/user.h"
#include "session/delivery.h"
#include "session/session.h"

#include "async/poison.h"

/* Without a command row a line costs what a said line costs. */
#define LINE_COST 1

static const char *leave_text(const struct session *session)
{
    switch (session->reason) {
    case CLOSE_QUIT:
        return session->why;
    case CLOSE_LOST:
        return "connection lost";
    case CLOSE_NOT_READING:
        return "did not read";
    case CLOSE_KILLED:
        return session->user->killed_why;
    default:
        return "";
    }
}

static struct co_call user_exit(struct co_task *task, struct co_with *with)
{
    struct session *session = container_of(with, struct session, user_with);
    (void)task;
    session_set_reason(session, session->env->is_shutting_down ? CLOSE_SHUTDOWN : CLOSE_LOST);
    session_enter(session, SESSION_ST_LEAVE);
    hub_leave(session->env->hub, session->user, bytes_of(leave_text(session)));
    return co_event_wait(&session->outbox.finished, &session->exit.leave);
}

static void user_finish(struct co_task *task, struct co_with *with)
{
    struct session *session = container_of(with, struct session, user_with);
    (void)task;
    outbox_detach(&session->outbox);
    session->user = NULL;
}

struct co_with *session_user_open(struct session *session)
{
    co_with_init(&session->user_with, user_exit, user_finish);
    outbox_attach(&session->outbox, session->user);
    outbox_set_form(&session->outbox, session->form);
    return &session->user_with;
}

/* True when there is something to do: *ret_request is a command, a line to say or a refusal. */
static bool parse(struct session_talk *self, struct bytes line)
{
    if (self->code != CO_ETOOLONG)
        return plain_parse(&self->reader, line, &self->request);
    snprintf(self->limit, sizeof(self->limit), "%zu", self->session->env->config->limits.line_bytes);
    self->request =
        (struct chat_request){.err = CHAT_ERR_LINE_TOO_LONG, .err_subject = bytes_of(self->limit)};
    return true;
}

/* /quit and its like are the session's own; everything else is the hub's. */
static enum command_act act_of(const struct chat_request *request)
{
    return request->command ? request->command->act : COMMAND_ACT_NONE;
}

static bool is_quit(struct session *session, const struct chat_request *request)
{
    if (act_of(request) != COMMAND_ACT_QUIT)
        return false;
    bytes_copy(request->text, session->why, sizeof(session->why));
    session_set_reason(session, CLOSE_QUIT);
    return true;
}

static int64_t flood_wait_ms(struct session *session, const struct chat_request *request)
{
    int64_t cost = request->command ? request->command->cost : LINE_COST;
    return bucket_take(&session->flood, cost, clock_mono_ms(session->env->clock));
}

void session_refuse(struct session *session, enum chat_err err, struct bytes subject)
{
    if (hub_refuse(session->env->hub, session->user, err, subject, (struct bytes){0}) < 0)
        session_set_reason(session, CLOSE_NO_MEMORY);
}

static void apply(struct session *session, const struct chat_request *request)
{
    if (hub_apply(session->env->hub, session->user, request) == -ENOMEM)
        session_refuse(session, CHAT_ERR_NO_MEMORY, (struct bytes){0});
}

static void oper_finish(struct co_task *task, struct co_with *with)
{
    struct session_talk *self = container_of(with, struct session_talk, u.oper.with);
    (void)task;
    if (self->u.oper.call)
        password_wipe(self->u.oper.call, sizeof(*self->u.oper.call));
    free(self->u.oper.call);
}

static struct co_with *oper_open(struct session_talk *self)
{
    self->u.oper.call = malloc(sizeof(*self->u.oper.call));
    if (!self->u.oper.call)
        session_refuse(self->session, CHAT_ERR_NO_MEMORY, (struct bytes){0});
    co_with_init(&self->u.oper.with, NULL, oper_finish);
    return &self->u.oper.with;
}

static void enter_hub(struct session *session)
{
    struct hub *hub = session->env->hub;

    if (hub_welcome(hub, session->user) < 0 || hub_join_lobby(hub, session->user) < 0)
        session_set_reason(session, CLOSE_NO_MEMORY);
}

ASYNC(session_talk)
{
    session_enter(self->session, SESSION_ST_TALK);
    AWAIT(delivery_room(self->session->env->delivery, &self->u.room));
    enter_hub(self->session);
    while (!self->session->has_reason) {
        AWAIT(CALL(&self->u.line, session_line, .session = self->session));
        self->code = self->u.line.code;
        if (self->code && self->code != CO_ETOOLONG) {
            session_set_reason_of(self->session, self->code);
            return;
        }
        if (!parse(self, self->u.line.line))
            continue;
        /* The request points into the input, which stays as it is while reading is paused. This is also
         * how a flood is held back: by not reading it. */
        conn_pause(&self->session->conn, CONN_PAUSE_FLOOD);
        while ((self->wait_ms = flood_wait_ms(self->session, &self->request)) > 0) {
            AWAIT(co_sleep(&self->u.sleep, self->wait_ms));
            if (conn_is_lost(&self->session->conn)) { /* nothing is read meanwhile that would tell */
                session_set_reason(self->session, CLOSE_LOST);
                return;
            }
        }
        if (is_quit(self->session, &self->request))
            return;
        /* Whoever does not read its answers cannot ask for more. */
        if (conn_is_full(&self->session->conn))
            TRY_AWAIT(self->code, conn_drain(&self->session->conn, &self->u.drain));
        AWAIT(delivery_room(self->session->env->delivery, &self->u.room));
        if (act_of(&self->request) == COMMAND_ACT_OPER) {
            WITH(oper_open(self)) {
                if (self->u.oper.call)
                    AWAIT(CALL(self->u.oper.call, session_oper, .session = self->session,
                               .request = &self->request));
            }
            END_WITH;
        } else {
            apply(self->session, &self->request);
        }
        conn_resume(&self->session->conn, CONN_PAUSE_FLOOD);
        if (++self->line_count % self->session->env->config->lines_per_turn == 0)
            AWAIT(co_yield(&self->u.yield));
    }
}
END_ASYNC
