/* A trace of one session: every line in and out goes to the log, for whoever looks for a mistake in a client
 * or in this server. Off by default; switched on and off while the session runs, or for the next one that an
 * address opens.
 *
 * Secrets never reach the log: a line is masked before anything else is done with it (trace_mask). From a
 * client with a line editor the finished lines are shown, not the keys, and to it what is said, not how it is
 * drawn; so what is typed blindly stays unseen, too. */
#ifndef SESSION_TRACE_H
#define SESSION_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "net/addr.h"

struct session;
struct session_env;

/* Embedded in a session. */
struct trace {
    bool is_on;
    bool
        is_next_secret; /* the next line answers the question for a password; kept up to date when off, too */
};

/* The next session of this host is traced from its first line on. */
struct trace_watch {
    bool is_set;
    char key[ADDR_KEY_MAX];
    size_t key_len;
};

#define TRACE_LINE_BYTES_MAX 512 /* of a line that are shown */
#define TRACE_LINES_MAX 64       /* of one write that are shown */

/* The part of a line from a client that may be shown; what follows is secret. `is_secret` is whether the line
 * before asked for one: then nothing may. *ret_is_next_secret: whether the next line will be. Pure. What is
 * not known to be harmless counts as secret: the arguments of a command that does not exist may be those of
 * a mistyped one. */
struct bytes trace_mask(struct bytes line, bool is_secret, bool *ret_is_next_secret);

/* The same for a line to a client, which is told the key that it has given to a room. */
struct bytes trace_mask_told(struct bytes line);

void session_trace_set(struct session *session, bool is_on);

/* The session with this id; NULL when there is none (any more). It may end at the next suspension. */
struct session *session_trace_find(const struct session_env *env, uint64_t id);

/* The next session that comes from this host (the port does not count); NULL: no more. One host at a time. */
void session_trace_next(struct session_env *env, const struct addr *peer);

/* ---- for the session's own sources ---- */

/* It is known who the client is. */
void session_trace_begin(struct session *session);
/* A line came. */
void session_trace_in(struct session *session, struct bytes line);
void session_trace_out(struct session *session, struct bytes text);

#endif
