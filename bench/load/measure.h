/* What was measured between two moments: messages, the server's processor time and memory, our own. */
#ifndef BENCH_LOAD_MEASURE_H
#define BENCH_LOAD_MEASURE_H

#include <stdbool.h>
#include <stdint.h>

#include "load/process_stat.h"
#include "load/quantiles.h"

struct measure {
    int64_t began_ns;
    double seconds;
    uint64_t sent, delivered;
    struct quantiles latency; /* from sending to reading, in ns */
    bool has_server;
    struct process_stat begin, end; /* of the server */
    int64_t own_cpu_ns;             /* of this process */
};

/* `server`: its process, or 0. */
void measure_begin(struct measure *measure, pid_t server);
void measure_end(struct measure *measure, pid_t server);

double measure_server_cpu_s(const struct measure *measure);
double measure_deliveries_per_s(const struct measure *measure);
double measure_deliveries_per_cpu_s(const struct measure *measure); /* of the server; 0: unknown */
/* The share of one core that this program used: near 1 it was the limit, not the server. */
double measure_own_share(const struct measure *measure);

/* a / b; 0 when there is no b. */
double measure_ratio(double a, double b);

#endif
