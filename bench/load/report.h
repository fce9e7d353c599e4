/* The result of a run, for people and for programs. */
#ifndef BENCH_LOAD_REPORT_H
#define BENCH_LOAD_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "load/histogram.h"
#include "load/options.h"
#include "load/process_stat.h"

/* What a scenario does not measure stays 0 and is not shown. */
struct report {
    double seconds; /* that were measured */
    uint64_t connections;
    double connect_seconds;   /* until all were in */
    struct histogram connect; /* from connect(2) to being in, in ns */
    uint64_t sent, delivered;
    uint64_t lost, repeated, closed;
    struct histogram latency; /* from sending to reading, in ns */
    bool has_server;
    struct process_stat before, begin, end; /* of the server: without clients, and around what was measured */
    int64_t connect_cpu_ns;                 /* of the server, for all connections */
    int64_t own_cpu_ns;                     /* of this process, while measuring */
};

/* Prints to stdout. */
void report_print(const struct report *report, const struct options *options);

/* Whether the limits that were asked for hold; each that does not has a line on stderr. */
bool report_holds(const struct report *report, const struct options *options);

#endif
