/* What a session has more when its client speaks IRC. There it is a session like others: session_name() and
 * session_talk() ask here what a line means, and delivery renders with the IRC dialect. */
#ifndef SESSION_SESSION_IRC_H
#define SESSION_SESSION_IRC_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "chat/command.h"
#include "proto/dialect.h"
#include "proto/irc_dialect.h"
#include "proto/irc_register.h"
#include "proto/irc_request.h"
#include "session/session.h"

/* The client's next line. One that is silent for long is asked whether it is there, and given up when it does not
 * say so. Results as session_line(). */
struct session_irc_line {
    struct co_frame co;
    struct session *session;
    int code;
    struct bytes line;
    bool is_asked;
    struct co_timeout timeout;
    struct conn_read_op read;
};
ASYNC_DECLARE(session_irc_line);

/* Rests until something comes from the client, which is asked whether it is there as above. */
struct session_irc_rest {
    struct co_frame co;
    struct session *session;
    bool is_asked;
    struct co_timeout timeout;
    struct conn_rest_op rest;
};
ASYNC_DECLARE(session_irc_rest);

struct session_irc {
    struct wire_irc wire;           /* as it is told */
    struct irc_dialect_client has;  /* as it has asked for; before it has entered, `client` has it */
    struct irc_register *client;    /* owned; NULL once it has entered */
    struct irc_requests *requests;  /* owned: of the line that is being dealt with; NULL: none left */
    size_t next;                    /* of them */
    struct buf answers;             /* to that line, not from the hub */
    uint8_t free_joins, free_looks; /* that cost nothing: see session_irc_is_free() */
    union {
        struct session_irc_line line;
        struct session_irc_rest rest;
    } u; /* it waits for */
};

/* The client speaks IRC. False: out of memory, which is then the session's reason to end. */
bool session_irc_start(struct session *session);
void session_irc_free(struct session_irc *irc); /* NULL is fine */

/* A line of a client that has no name yet, answered at once. True: now it has one. */
bool session_irc_register(struct session *session, struct bytes line, bool is_too_long);

/* It has been welcomed: what it wants to be told is as it has asked for. 0 or -ENOMEM. */
MUST_CHECK int session_irc_enter(struct session *session);

/* A line of one that has: its answers and requests are kept for the next two functions, so what `line` points to must
 * stay. 0 or -ENOMEM. */
MUST_CHECK int session_irc_read(struct session *session, struct bytes line, bool is_too_long);
/* STATS m and o. */
void session_irc_stats(struct session *session, const struct chat_request *request);
/* Gives the answers to the hub, in whose order they are told. Out of memory is a reason to end. */
void session_irc_answer(struct session *session);
/* The next request; false: that was the last one. */
bool session_irc_next(struct session *session, struct chat_request *ret_request);

/* Whether the line has a label: then all that it asks for is done without a pause, between these two. */
bool session_irc_has_label(const struct session *session);
/* From here on the hub's answers are to the line, and when it has a label, they have it. Out of memory is a reason to
 * end. */
void session_irc_begin_answers(struct session *session);
void session_irc_end_answers(struct session *session);
/* Whether a message of several lines has begun and not ended: it is bounded by itself. */
bool session_irc_is_in_batch(const struct session *session);
/* How many requests are left to be done without a pause. */
size_t session_irc_count_left(const struct session *session);

/* Whether the request is one that a client makes by itself when it comes: then it waits for nothing, or its person
 * could say nothing for a minute. These are the first IRC_TARGETS_MAX joins, and IRC_LOOKS_MAX looks for each join.
 * To be asked once for each request. */
bool session_irc_is_free(struct session *session, const struct chat_request *request);

#endif
