/* Talking: a line in, a request to the hub. What comes of it arrives by way of the events. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "async/task.h"
#include "base/check.h"
#include "base/log.h"
#include "chat/chat_event.h"
#include "chat/hub.h"
#include "chat/text.h"
#include "chat/user.h"
#include "proto/irc_dialect.h"
#include "session/delivery.h"
#include "session/rest.h"
#include "session/session.h"
#include "session/session_irc.h"

#include "async/poison.h"

static struct bytes leave_text(const struct session *session)
{
    switch (session->reason) {
    case CLOSE_QUIT:
        return bytes_of(session->why);
    case CLOSE_KICKED:
    case CLOSE_BANNED:
        return session->why && session->why[0] ? bytes_of(session->why)
                                               : BYTES("sent away by the administrator");
    case CLOSE_LOST:
        return BYTES("connection lost");
    case CLOSE_PING_TIMEOUT:
        return BYTES("ping timeout");
    case CLOSE_NOT_READING:
        return BYTES("did not read");
    case CLOSE_KILLED:
        return user_killed_why(session->user);
    default:
        return BYTES("");
    }
}

static struct co_call user_exit(struct co_task *task, struct co_with *with)
{
    struct session *session = container_of(with, struct session, user_with);
    (void)task;
    session_set_reason(session, session->env->is_shutting_down ? CLOSE_SHUTDOWN : CLOSE_LOST);
    session_enter(session, SESSION_ST_LEAVE);
    co_task_set_background(session->task, true);
    if (!hub_leave(session->env->hub, session->user, leave_text(session)))
        delivery_retell(session->env->delivery);
    return co_event_wait(&session->outbox.finished, &session->u.leave);
}

static void user_finish(struct co_task *task, struct co_with *with)
{
    struct session *session = container_of(with, struct session, user_with);
    (void)task;
    outbox_detach(&session->outbox);
    session->user = NULL;
    session_end_talk(session);
}

struct co_with *session_user_open(struct session *session)
{
    co_with_init(&session->user_with, user_exit, user_finish);
    outbox_attach(&session->outbox, session->user);
    co_task_set_background(session->task, false);
    return &session->user_with;
}

#define WORDS_BYTES_MAX 160

ATTR_PRINTF(2, 0) static bool set_words(struct session_talk *self, const char *format, va_list args)
{
    char words[WORDS_BYTES_MAX];

    vsnprintf(words, sizeof(words), format, args);
    free(self->words);
    self->words = bytes_dup(bytes_of(words));
    return self->words;
}

/* An answer that is no event of the hub's, given in the place of a request. */
ATTR_PRINTF(2, 3) static void answer(struct session_talk *self, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    self->has_words = set_words(self, format, args);
    va_end(args);
    self->request = (struct chat_request){0};
    if (!self->has_words)
        self->request.err = CHAT_ERR_NO_MEMORY;
}

void session_drop_paste(struct session *session)
{
    if (session->paste)
        paste_done(session->paste);
    free(session->paste);
    session->paste = NULL;
}

static bool is_pasting(const struct session *session)
{
    return session->paste && session->paste->is_on;
}

/* Where a paste ends, and how it is dropped, is told when it begins: see begin_paste(). */
static bool take_pasted(struct session_talk *self, struct bytes line)
{
    struct paste *paste = self->session->paste;

    if (self->code == CO_ETOOLONG) {
        paste_note_long_line(paste);
        return false;
    }
    switch (paste_take(paste, line)) {
    case PASTE_MORE:
        return false;
    case PASTE_DONE:
        self->request = (struct chat_request){.command = command_say(), .text = buf_bytes(&paste->text)};
        break;
    case PASTE_DROPPED:
        answer(self, "The paste is dropped. Nothing was sent.");
        break;
    case PASTE_EMPTY:
        answer(self, "There was nothing before the \".\". Nothing was sent.");
        break;
    case PASTE_TOO_LARGE:
        answer(
            self,
            "Not sent: a message has at most %d lines and %d bytes, this paste has %zu and %zu%s. Send it in"
            " parts.",
            TEXT_LINES_MAX, TEXT_BYTES_MAX, paste->line_count, paste->byte_count,
            paste->has_long_line ? " and more" : "");
        break;
    case PASTE_NO_MEMORY:
        self->request = (struct chat_request){.err = CHAT_ERR_NO_MEMORY};
        break;
    }
    return true;
}

/* The answers come first, and cost as much as a line that is said. */
static bool parse_irc(struct session_talk *self, struct bytes line)
{
    struct session *session = self->session;

    if (session_irc_read(session, line, self->code == CO_ETOOLONG) < 0) {
        self->request = (struct chat_request){.err = CHAT_ERR_NO_MEMORY};
        return true;
    }
    self->has_answers = session->irc->answers.len > 0 || buf_error(&session->irc->answers);
    /* With a label even nothing is an answer. */
    self->has_answers =
        self->has_answers || (session_irc_has_label(session) && session_irc_count_left(session) == 0);
    return self->has_answers || session_irc_next(session, &self->request);
}

/* What else the line asks for, when the first is done. */
static bool parse_more(struct session_talk *self)
{
    self->has_words = self->has_answers = false;
    return self->session->irc && session_irc_next(self->session, &self->request);
}

/* True when there is something to do: self->request is a command, a line to say or a refusal. */
static bool parse(struct session_talk *self, struct bytes line)
{
    self->has_words = self->has_answers = false;
    self->request = (struct chat_request){0};
    if (self->session->irc)
        return parse_irc(self, line);
    if (is_pasting(self->session))
        return take_pasted(self, line);
    session_drop_paste(self->session);
    if (self->code != CO_ETOOLONG)
        return plain_parse(&self->session->reader, line, &self->request);
    answer(self, "%" PRIu32, self->session->env->config->limits.line_bytes);
    if (self->has_words)
        self->request =
            (struct chat_request){.err = CHAT_ERR_LINE_TOO_LONG, .err_subject = bytes_of(self->words)};
    self->has_words = false;
    return true;
}

/* Some commands are the session's own; everything else is the hub's. */
static enum command_act act_of(const struct chat_request *request)
{
    return request->command ? request->command->act : COMMAND_ACT_NONE;
}

static bool is_quit(struct session *session, const struct chat_request *request)
{
    if (act_of(request) != COMMAND_ACT_QUIT)
        return false;
    session->why = bytes_dup(bytes_slice(request->text, 0, HUB_WHY_BYTES_MAX)); /* NULL: left out */
    session_set_reason(session, CLOSE_QUIT);
    return true;
}

static void begin_paste(struct session_talk *self)
{
    if (!self->session->user->current) {
        self->request = (struct chat_request){.err = CHAT_ERR_NO_CURRENT_ROOM};
        return;
    }
    self->session->paste = calloc(1, sizeof(*self->session->paste));
    if (!self->session->paste) {
        self->request = (struct chat_request){.err = CHAT_ERR_NO_MEMORY};
        return;
    }
    paste_begin(self->session->paste);
    answer(self, "Paste now. End with a line that is only \".\" (/cancel drops it).");
}

void session_refuse(struct session *session, enum chat_err err, struct bytes subject)
{
    if (hub_refuse(session->env->hub, session->user, err, subject, (struct bytes){0}) < 0)
        session_set_reason(session, CLOSE_NO_MEMORY);
}

/* Whether it is something for others to read. */
static bool is_said(const struct chat_request *request)
{
    const char *const said[] = {"say", "msg", "reply", "me"};
    for (size_t i = 0; request->command && i < ARRAY_LEN(said); i++)
        if (strcmp(request->command->name, said[i]) == 0)
            return true;
    return false;
}

static void apply(struct session_talk *self)
{
    struct session *session = self->session;

    if (self->has_answers) {
        session_irc_answer(session);
        return;
    }
    if (act_of(&self->request) == COMMAND_ACT_RELOAD) {
        session_reload(session, &self->request);
        return;
    }
    if (act_of(&self->request) == COMMAND_ACT_STATS) {
        session_irc_stats(session, &self->request);
        return;
    }
    if (act_of(&self->request) == COMMAND_ACT_PASTE)
        begin_paste(self);
    session->env->stats.messages += !self->has_words && is_said(&self->request);
    int r = self->has_words ? hub_notify(session->env->hub, session->user, bytes_of(self->words))
                            : hub_apply(session->env->hub, session->user, &self->request);
    if (r == -ENOMEM)
        session_refuse(session, CHAT_ERR_NO_MEMORY, (struct bytes){0});
}

static void oper_finish(struct co_task *task, struct co_with *with)
{
    struct session_act *self = container_of(with, struct session_act, u.oper.with);
    (void)task;
    if (self->u.oper.call)
        password_wipe(self->u.oper.call, sizeof(*self->u.oper.call));
    free(self->u.oper.call);
}

static struct co_with *oper_open(struct session_act *self)
{
    self->u.oper.call = malloc(sizeof(*self->u.oper.call));
    if (!self->u.oper.call)
        session_refuse(self->talk->session, CHAT_ERR_NO_MEMORY, (struct bytes){0});
    co_with_init(&self->u.oper.with, NULL, oper_finish);
    return &self->u.oper.with;
}

static void enter_hub(struct session *session)
{
    struct hub *hub = session->env->hub;

    if (hub_welcome(hub, session->user) < 0 || (session->irc && session_irc_enter(session) < 0) ||
        hub_join_lobby(hub, session->user) < 0)
        session_set_reason(session, CLOSE_NO_MEMORY);
}

/* Words for those that were refused, at the place where they are missing. */
static bool tell_refused(struct session_talk *self)
{
    size_t count = session_flood_take_refused(self->session, self->code && self->code != CO_ETOOLONG);

    if (count == 0)
        return false;
    answer(self, "Slow down: %zu %s not sent, for only %d may wait.", count,
           count == 1 ? "line was" : "lines were", SESSION_FLOOD_LINES_MAX);
    return true;
}

static bool is_leaving(const struct session_talk *self, struct bytes line)
{
    struct plain_reader reader = self->session->reader;
    struct chat_request request;

    if (self->session->irc)
        return irc_dialect_is_quit(line);
    return plain_parse(&reader, line, &request) && act_of(&request) == COMMAND_ACT_QUIT;
}

/* A paste is bounded by itself, and who leaves makes no flood. */
static bool is_refused(struct session_talk *self, struct bytes line)
{
    if (is_pasting(self->session) || session_irc_is_in_batch(self->session) ||
        !session_flood_refuses(self->session))
        return false;
    if (!self->code && is_leaving(self, line))
        return false;
    self->flood.refused_count++;
    return true;
}

/* The last line has come; half of a paste is not sent. */
static void end_talk(struct session_talk *self)
{
    if (tell_refused(self))
        apply(self);
    if (is_pasting(self->session) && self->code == CO_EEOF && !self->session->has_reason) {
        answer(self, "Not sent: the paste had no end. Put a line that is only \".\" behind it.");
        apply(self);
    }
    session_set_reason_of(self->session, self->code);
}

/* /set tz NAME needs the zone's file. */
static bool needs_zone(const struct chat_request *request)
{
    const struct chat_zone *known;
    enum chat_option option;

    return request->command && strcmp(request->command->name, "set") == 0 && request->word_count == 2 &&
           option_find(request->words[0], &option) && option == OPTION_TZ &&
           !option_zone(request->words[1], &known);
}

static void zone_finish(struct co_task *task, struct co_with *with)
{
    (void)task;
    free(container_of(with, struct session_act, u.zone.with)->u.zone.call);
}

static struct co_with *zone_open(struct session_act *self)
{
    self->u.zone.call = malloc(sizeof(*self->u.zone.call));
    co_with_init(&self->u.zone.with, NULL, zone_finish);
    return &self->u.zone.with;
}

/* Into the request, or a refusal in its place, whose suggestion stays in the session's words. */
static void take_zone(struct session_talk *self, const struct zones_find *found)
{
    struct bytes typed = self->request.words[1];

    if (!found) {
        self->request = (struct chat_request){.err = CHAT_ERR_NO_MEMORY};
        return;
    }
    self->request.zone = found->zone;
    if (self->request.zone)
        return;
    free(self->words);
    self->words = bytes_dup(bytes_of(found->suggestion)); /* NULL: left out */
    self->request = (struct chat_request){
        .err = found->is_out_of_memory ? CHAT_ERR_NO_MEMORY
               : found->is_missing     ? CHAT_ERR_ZONES_MISSING
                                       : CHAT_ERR_ZONE_UNKNOWN,
        .err_subject = typed,
        .err_suggestion = bytes_of(self->words),
    };
}

/* Room is asked for once in a batch, for the lines of a turn: they stand together in the queue then, and what
 * stands together is one write for each reader. If it were asked for line by line, the senders of many full
 * rooms would take turns, and a batch would have one line of each. */
static void begin_turn(struct session_talk *self)
{
    self->batch = self->session->env->delivery->batch;
    self->turn_lines = 1;
}

/* A list may take as long as hundreds of lines, and many may be asked for at once: others come between them. */
static bool is_costly(const struct chat_request *request)
{
    return request->command && request->command->cost > 1;
}

/* What else a labelled line asks for is done without a pause. */
static void finish_answers(struct session_talk *self)
{
    while (session_irc_count_left(self->session) > 0 && parse_more(self))
        apply(self);
    session_irc_end_answers(self->session);
}

ASYNC(session_act)
{
    do {
        AWAIT(CALL(&self->u.wait, session_wait, .session = self->talk->session,
                   .request = &self->talk->request));
        if (self->talk->session->has_reason || is_quit(self->talk->session, &self->talk->request))
            return;
        /* Whoever does not read its answers cannot ask for more. */
        if (conn_is_full(&self->talk->session->conn))
            TRY_AWAIT(self->talk->code, conn_drain(&self->talk->session->conn, &self->u.drain));
        if (needs_zone(&self->talk->request)) {
            WITH(zone_open(self)) {
                if (self->u.zone.call)
                    AWAIT(CALL(self->u.zone.call, zones_find, .zones = self->talk->session->env->zones,
                               .name = self->talk->request.words[1]));
                take_zone(self->talk, self->u.zone.call);
            }
            END_WITH;
        }
        if (self->talk->batch != self->talk->session->env->delivery->batch) {
            AWAIT(delivery_room(self->talk->session->env->delivery, &self->u.room));
            begin_turn(self->talk);
        }
        session_irc_begin_answers(self->talk->session);
        if (act_of(&self->talk->request) == COMMAND_ACT_OPER) {
            WITH(oper_open(self)) {
                if (self->u.oper.call)
                    AWAIT(CALL(self->u.oper.call, session_oper, .session = self->talk->session,
                               .request = &self->talk->request));
            }
            END_WITH;
        } else {
            apply(self->talk);
        }
        finish_answers(self->talk);
        if (is_costly(&self->talk->request))
            AWAIT(co_next_turn(&self->u.yield));
    } while (!self->talk->session->has_reason && parse_more(self->talk));
}
END_ASYNC

ASYNC(session_talk)
{
    if (self->session->state != SESSION_ST_TALK) {
        session_enter(self->session, SESSION_ST_TALK);
        /* Whose lines are counted is held back by TCP, as soon as may be. */
        self->session->conn.reads_bursts = self->session->bucket.rate_milli == 0;
        AWAIT(delivery_room(self->session->env->delivery, &self->u.room));
        enter_hub(self->session);
    }
    while (!self->session->has_reason) {
        if (++self->turn_lines > self->session->env->config->lines_per_turn) {
            AWAIT(co_yield(&self->u.yield));
            self->turn_lines = 1;
        }
        if (session_shall_rest(self->session))
            return;
        session_listen(self);
        AWAIT(CALL(&self->u.line, session_line, .session = self->session));
        session_unlisten(self);
        self->code = self->u.line.code;
        if (self->code == EAGAIN) /* it has been quiet for long */
            continue;
        if (self->code && self->code != CO_ETOOLONG) {
            end_talk(self);
            return;
        }
        /* The request points into the input, which stays as it is while reading is paused. This is also
         * how a flood is held back: by not reading it. */
        conn_pause(&self->session->conn, CONN_PAUSE_FLOOD);
        self->line = self->u.line.line;
        self->is_refused = is_refused(self, self->line);
        if (tell_refused(self)) {
            AWAIT(delivery_room(self->session->env->delivery, &self->u.room));
            apply(self);
        }
        if (self->is_refused || !parse(self, self->line)) {
            conn_resume(&self->session->conn, CONN_PAUSE_FLOOD);
            continue;
        }
        AWAIT(CALL(&self->u.act, session_act, .talk = self));
        if (self->session->has_reason)
            return;
        conn_resume(&self->session->conn, CONN_PAUSE_FLOOD);
    }
}
END_ASYNC
