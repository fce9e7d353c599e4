/* Accepting: one task per listener, which starts a session for each client. */
#ifndef SESSION_ACCEPTOR_H
#define SESSION_ACCEPTOR_H

#include "async/group.h"
#include "async/sleep.h"
#include "net/listener.h"
#include "session/session.h"

/* Runs until it is cancelled or the listener is closed. */
struct acceptor {
    struct co_frame co;
    struct listener *listener; /* argument; open */
    struct co_group *sessions; /* argument: where the sessions live */
    struct session_env *env;   /* argument */
    struct session_port *port; /* argument: of the listener */
    int code;
    union {
        struct listener_op accept;
        struct co_op yield;
    } u;
};
ASYNC_DECLARE(acceptor);

#endif
