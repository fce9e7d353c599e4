/* The command line of mingle-bench. */
#ifndef BENCH_LOAD_LOAD_OPTIONS_H
#define BENCH_LOAD_LOAD_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/attr.h"
#include "load/load_dialect.h"

struct scenario;

struct load_options {
    const struct scenario *scenario;
    const struct load_dialect *dialect;
    const char *host, *port; /* of the server */
    bool is_tls;
    bool is_json;
    pid_t server_pid; /* 0: unknown */
    unsigned rooms;
    unsigned members;      /* of each room */
    unsigned senders;      /* of each room, among its members */
    unsigned payload;      /* bytes of a message's text */
    unsigned window;       /* messages of a sender that may be on their way; when rate is 0 */
    unsigned rate;         /* messages a second, of all senders; 0: as many as the window allows */
    unsigned slow_percent; /* members that never read */
    unsigned sources;      /* addresses 127.0.1.0 and on to connect from; 1: the usual one */
    unsigned first;        /* number of the first client, and of the first room */
    unsigned duration_s, warmup_s;
    int64_t max_p99_ns; /* the run fails above it; -1: no limit */
    int64_t max_lost;   /* likewise */
};

/* Members of each room that never read. */
unsigned load_options_slow_members(const struct load_options *options);

/* 0: run; 1: nothing to run, help or version was printed; -EINVAL: a message is on stderr. Texts point into
 * argv. */
MUST_CHECK int load_options_parse(int argc, char **argv, struct load_options *ret_options);

#endif
