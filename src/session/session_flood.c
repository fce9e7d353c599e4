/* Who sends faster than is let through. Nothing is lost at first: the connection is not read for a while, a few
 * lines wait in its input, and TCP holds the sender back. But who has a whole page waiting would see it go by for
 * minutes and could do nothing else meanwhile; so of what waits at once, SESSION_FLOOD_LINES_MAX lines are kept,
 * and those behind them are refused, visibly, where they would have been.
 *
 * What waits is looked at when somebody has to wait, and only what is in the input: at most two lines of the
 * largest size. A program that writes without end is thus held back by TCP and in addition loses what does not
 * fit; whatever is sent in order is in order. The refused part is remembered as a part of the stream, so that
 * nothing has to be taken out of the middle of it: telnet's commands in there are still obeyed. */
#include <stdio.h>

#include "chat/hub.h"
#include "chat/text.h"
#include "session/delivery.h"
#include "session/session.h"
#include "session/session_irc.h"

#include "async/poison.h"

/* Without a command row a line costs what a said line costs. */
#define LINE_COST 1

static int64_t flood_wait_ms(struct session *session, const struct chat_request *request)
{
    if (session->bucket.rate_milli == 0)
        return 0;
    int64_t cost = request->command ? request->command->cost : LINE_COST;
    int64_t lines = (int64_t)text_count_lines(request->text);
    /* What is done with it, without a pause, is like it. */
    int64_t times = 1 + (int64_t)session_irc_count_left(session);
    return bucket_take(&session->bucket, times * (cost + (lines > 1 ? lines - 1 : 0)),
                       clock_mono_ms(session->env->clock));
}

static bool overflows(struct session *session)
{
    struct session_flood *flood = &session->talk->flood;

    if (conn_position(&session->conn) < flood->waiting.end)
        return false;
    conn_look_waiting(&session->conn, SESSION_FLOOD_LINES_MAX, session->terminal, &flood->waiting);
    if (flood->waiting.line_count > SESSION_FLOOD_LINES_MAX)
        return true;
    flood->waiting = (struct conn_waiting){0};
    return false;
}

bool session_flood_refuses(const struct session *session)
{
    const struct session_flood *flood = &session->talk->flood;
    uint64_t position = conn_position(&session->conn);

    return position > flood->waiting.keep_end && position <= flood->waiting.end;
}

size_t session_flood_take_refused(struct session *session, bool is_end)
{
    struct session_flood *flood = &session->talk->flood;
    size_t count = flood->refused_count;

    if (!is_end && conn_position(&session->conn) <= flood->waiting.last_start)
        return 0;
    flood->refused_count = 0;
    return count;
}

/* Told at once, and what it was at its place. */
static int warn(struct session_wait *self)
{
    char words[120];

    snprintf(words, sizeof(words),
             "Slow down: %zu lines wait, but only %d may. Those behind them are not sent.",
             self->session->talk->flood.waiting.line_count, SESSION_FLOOD_LINES_MAX);
    return hub_notify(self->session->env->hub, self->session->user, bytes_of(words));
}

ASYNC(session_wait)
{
    if (self->session->irc && session_irc_count_left(self->session) == 0 &&
        session_irc_is_free(self->session, self->request))
        return;
    self->wait_ms = flood_wait_ms(self->session, self->request);
    if (self->wait_ms > 0 && overflows(self->session)) {
        AWAIT(delivery_room(self->session->env->delivery, &self->u.room));
        if (warn(self) < 0)
            session_set_reason(self->session, CLOSE_NO_MEMORY);
    }
    while (self->wait_ms > 0 && !self->session->has_reason) {
        AWAIT(co_sleep(&self->u.sleep, self->wait_ms));
        if (conn_is_lost(&self->session->conn)) /* nothing is read meanwhile that would tell */
            session_set_reason(self->session, CLOSE_LOST);
        self->wait_ms = flood_wait_ms(self->session, self->request);
    }
}
END_ASYNC
