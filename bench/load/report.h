/* The result of a run, for people and for programs. */
#ifndef BENCH_LOAD_REPORT_H
#define BENCH_LOAD_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "load/load_options.h"
#include "load/measure.h"
#include "load/quantiles.h"

/* What a scenario does not measure stays 0 and is not shown. */
struct report {
    uint64_t connections;
    struct measure getting_in; /* while all connections were made */
    struct quantiles connect;  /* from connect(2) to being in, in ns */
    struct measure main;
    struct measure without_slow; /* the same, before those came who never read */
    bool has_without_slow;
    uint64_t visits;        /* clients that came again */
    struct quantiles visit; /* as connect, while others talked */
    uint64_t lost, repeated;
    uint64_t closed;      /* clients, by the server */
    uint64_t slow_closed; /* of these that never read */
};

/* Prints to stdout; warns on stderr when this program was the limit. */
void report_print(const struct report *report, const struct load_options *options);

/* Whether the limits that were asked for hold; each that does not has a line on stderr. */
bool report_holds(const struct report *report, const struct load_options *options);

#endif
