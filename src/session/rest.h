/* Sessions that are idle, as most are most of the time, and what they give back meanwhile: the connection its
 * buffers (net/parking.h), and the session the frame in which it reads and does what it was asked.
 *
 *     session_run   WITH user: talk, rest, talk, rest …
 *
 * To rest and to wake costs about as much as a line does. So whoever has come in and said a word or two rests
 * at once, but whoever goes on talking is kept awake, until it has been quiet for some seconds: a busy client
 * does not pay for each line. Terminals do not rest: they have an editor, and are kept alive by it. */
#ifndef SESSION_REST_H
#define SESSION_REST_H

#include <stdbool.h>

#include "async/co.h"
#include "async/sleep.h"
#include "base/attr.h"
#include "base/list.h"
#include "net/parking.h"

struct co_loop;
struct session;
struct session_talk;

#define REST_TICK_MS 5000  /* whoever is quiet for one to two of these may rest */
#define REST_AT_ONCE_MAX 4 /* as often it may do so without that, after it was quiet */

struct rest {
    struct parking parking;
    struct list awake; /* struct session_talk by awake_link: those who wait for a line, longest first */
    unsigned tick;
};

MUST_CHECK int rest_init(struct rest *rest, struct co_loop *loop); /* 0 or a negative errno */
void rest_done(struct rest *rest);                                 /* also for a zeroed one */

/* Wakes those who only wait for somebody's next line, and have for long: their reads end with EAGAIN. A task;
 * runs until it is cancelled. */
struct rester {
    struct co_frame co;
    struct rest *rest;
    struct co_sleep_op sleep;
};
ASYNC_DECLARE(rester);

/* ---- for the session's own sources ---- */

/* Makes the frame for session_talk(); false: the session ends. */
bool session_begin_talk(struct session *session);
void session_end_talk(struct session *session); /* also when there is none */
/* Whether session_talk() should end here, for nothing is there to be done. */
bool session_shall_rest(struct session *session);
/* Suspends until there is something to be done; clients of IRC are asked meanwhile whether they are there. */
CO_MUST_AWAIT struct co_call session_rest(struct session *session);
/* Around the wait for a line. */
void session_listen(struct session_talk *talk);
void session_unlisten(struct session_talk *talk);

#endif
