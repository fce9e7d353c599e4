/* What the sessions count: plain integers, added to where the thing happens. */
#ifndef SESSION_STATS_H
#define SESSION_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STATS_DIALECTS 8
#define STATS_IRC_COMMANDS 64

/* People with a name, by what their client speaks. */
struct stats_dialect {
    const char *name;  /* static; NULL: free */
    uint64_t count[2]; /* without TLS, with TLS */
};

struct stats {
    uint64_t lines, messages;     /* from clients; messages: said in a room or to somebody */
    uint64_t bytes_in, bytes_out; /* of sessions, without TLS's own */
    uint64_t oper_logins, oper_failures, oper_held; /* passwords of operators: right, wrong, not checked */
    struct stats_dialect dialects[STATS_DIALECTS];
    uint64_t
        irc_commands[STATS_IRC_COMMANDS]; /* how often each was sent, in the order of irc_request_row() */
};

/* The place where somebody is counted, who is so from now on; NULL when there are too many dialects. */
uint64_t *stats_enter(struct stats *stats, const char *dialect, bool is_tls);

#endif
