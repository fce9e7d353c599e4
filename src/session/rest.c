/* Who rests when. See rest.h. */
#include "session/rest.h"

#include <stdlib.h>

#include "net/conn.h"
#include "session/session.h"
#include "session/session_irc.h"

#include "async/poison.h"

int rest_init(struct rest *rest, struct co_loop *loop)
{
    *rest = (struct rest){0};
    list_init(&rest->awake);
    return parking_init(&rest->parking, loop);
}

void rest_done(struct rest *rest)
{
    parking_done(&rest->parking);
}

/* Two ticks: at least one whole interval has passed. */
static void interrupt_quiet(struct rest *rest)
{
    rest->tick++;
    LIST_FOREACH(talk, &rest->awake, struct session_talk, awake_link) {
        if (rest->tick - talk->tick < 2)
            return; /* the list is in this order */
        talk->session->rests_left = REST_AT_ONCE_MAX;
        conn_interrupt(&talk->session->conn);
    }
}

ASYNC(rester)
{
    for (;;) {
        AWAIT(co_sleep(&self->sleep, REST_TICK_MS));
        interrupt_quiet(self->rest);
    }
}
END_ASYNC

bool session_begin_talk(struct session *session)
{
    if (session->has_reason)
        return false;
    session->talk = calloc(1, sizeof(*session->talk));
    if (!session->talk)
        session_set_reason(session, CLOSE_NO_MEMORY);
    return session->talk;
}

void session_end_talk(struct session *session)
{
    if (!session->talk)
        return;
    session_unlisten(session->talk);
    free(session->talk->words);
    free(session->talk);
    session->talk = NULL;
}

bool session_shall_rest(struct session *session)
{
    if (session->rests_left == 0 || session->terminal || !conn_can_rest(&session->conn))
        return false;
    session->rests_left--;
    return true;
}

struct co_call session_rest(struct session *session)
{
    if (session->irc)
        return CALL(&session->irc->u.rest, session_irc_rest, .session = session);
    return conn_rest(&session->conn, &session->u.rest, &session->env->rest->parking);
}

void session_listen(struct session_talk *talk)
{
    struct rest *rest = talk->session->env->rest;

    if (talk->session->terminal)
        return;
    talk->tick = rest->tick;
    list_push_back(&rest->awake, &talk->awake_link);
}

void session_unlisten(struct session_talk *talk)
{
    list_remove(&talk->session->env->rest->awake, &talk->awake_link);
}
