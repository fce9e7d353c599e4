#include "load/measure.h"

#include <string.h>

#include "load/load.h"

static const double second_ns = 1e9;

double measure_ratio(double a, double b)
{
    return b > 0 ? a / b : 0;
}

void measure_begin(struct measure *measure, pid_t server)
{
    struct process_stat own = {0};

    memset(measure, 0, sizeof(*measure));
    measure->has_server = server && process_stat_read(server, &measure->begin) == 0;
    if (process_stat_read(0, &own) == 0)
        measure->own_cpu_ns = -own.cpu_ns;
    measure->began_ns = load_now_ns();
}

void measure_end(struct measure *measure, pid_t server)
{
    struct process_stat own = {0};

    measure->seconds = (double)(load_now_ns() - measure->began_ns) / second_ns;
    /* A server that has died meanwhile has no figures. */
    measure->has_server = measure->has_server && process_stat_read(server, &measure->end) == 0;
    if (process_stat_read(0, &own) == 0)
        measure->own_cpu_ns += own.cpu_ns;
}

double measure_server_cpu_s(const struct measure *measure)
{
    return measure->has_server ? (double)(measure->end.cpu_ns - measure->begin.cpu_ns) / second_ns : 0;
}

double measure_deliveries_per_s(const struct measure *measure)
{
    return measure_ratio((double)measure->delivered, measure->seconds);
}

double measure_deliveries_per_cpu_s(const struct measure *measure)
{
    return measure_ratio((double)measure->delivered, measure_server_cpu_s(measure));
}

double measure_own_share(const struct measure *measure)
{
    return measure_ratio((double)measure->own_cpu_ns / second_ns, measure->seconds);
}
