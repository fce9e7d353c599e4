#include "load/scenario.h"

#include <stdlib.h>

#include "load/traffic.h"

enum { DRAIN_S = 20, IDLE_SETTLE_S = 1 };

static const int64_t second_ns = 1000000000;

static void read_server(const struct load *load, struct process_stat *stat, bool *has_server)
{
    *has_server = load->options->server_pid && process_stat_read(load->options->server_pid, stat) == 0;
}

/* --- getting in --------------------------------------------------------------------------------------- */

static void count_ready(void *arg, struct peer *peer)
{
    struct report *report = arg;
    histogram_add(&report->connect, (uint64_t)(load_now_ns() - peer->began_ns));
}

/* All peers, and what it cost. Those at the end of a room never read afterwards, when the options say so. */
static bool get_in(struct load *load, struct report *report)
{
    const struct options *options = load->options;
    unsigned readers = options->members - options->members * options->slow_percent / 100;

    for (size_t i = 0; i < load->peer_count; i++)
        load->peers[i].never_reads = i % options->members >= readers;
    read_server(load, &report->before, &report->has_server);
    load->listener = (struct load_listener){.on_ready = count_ready, .arg = report};
    int64_t began_ns = load_now_ns();
    if (!load_connect_all(load))
        return false;
    report->connect_seconds = (double)(load_now_ns() - began_ns) / (double)second_ns;
    report->connections = load->ready_count;
    read_server(load, &report->begin, &report->has_server);
    report->connect_cpu_ns = report->begin.cpu_ns - report->before.cpu_ns;
    load->listener = (struct load_listener){0};
    return true;
}

static void measure_begin(struct load *load, struct report *report, struct process_stat *own)
{
    read_server(load, &report->begin, &report->has_server);
    if (process_stat_read(0, own) < 0)
        *own = (struct process_stat){0};
}

static void measure_end(struct load *load, struct report *report, const struct process_stat *own_before)
{
    struct process_stat own;
    read_server(load, &report->end, &report->has_server);
    if (process_stat_read(0, &own) == 0)
        report->own_cpu_ns = own.cpu_ns - own_before->cpu_ns;
    report->closed = load->closed_count;
}

/* --- fanout ------------------------------------------------------------------------------------------- */

static void run_traffic(struct load *load, struct traffic *traffic, struct report *report)
{
    struct process_stat own;

    traffic_run(traffic, load_now_ns() + load->options->warmup_s * second_ns);
    measure_begin(load, report, &own);
    traffic->is_measuring = true;
    int64_t began_ns = load_now_ns();
    traffic_run(traffic, began_ns + load->options->duration_s * second_ns);
    traffic->is_measuring = false;
    report->seconds = (double)(load_now_ns() - began_ns) / (double)second_ns;
    measure_end(load, report, &own);

    report->lost = traffic_drain(traffic, load_now_ns() + DRAIN_S * second_ns);
    report->sent = traffic->sent;
    report->delivered = traffic->delivered;
    report->repeated = traffic->repeated;
    report->latency = traffic->latency;
}

static bool run_fanout(struct load *load, struct report *report)
{
    struct traffic *traffic = malloc(sizeof(*traffic));

    if (!traffic || !get_in(load, report) || traffic_init(traffic, load) < 0) {
        load_fail(load, "out of memory", 0);
        free(traffic);
        return false;
    }
    run_traffic(load, traffic, report);
    load->listener = (struct load_listener){0};
    traffic_done(traffic);
    free(traffic);
    return !load->failure;
}

/* --- connect, idle ------------------------------------------------------------------------------------ */

static bool run_connect(struct load *load, struct report *report)
{
    struct process_stat own;

    if (process_stat_read(0, &own) < 0 || !get_in(load, report))
        return false;
    struct process_stat before = report->before;
    report->seconds = report->connect_seconds;
    measure_end(load, report, &own);
    report->begin = before;
    return true;
}

/* Everybody is in and nobody says anything. */
static bool run_idle(struct load *load, struct report *report)
{
    struct process_stat own;

    if (!get_in(load, report))
        return false;
    int64_t settled_ns = load_now_ns() + IDLE_SETTLE_S * second_ns;
    while (load_now_ns() < settled_ns)
        load_poll(load, settled_ns);
    measure_begin(load, report, &own);
    int64_t began_ns = load_now_ns(), until_ns = began_ns + load->options->duration_s * second_ns;
    while (load_now_ns() < until_ns)
        load_poll(load, until_ns);
    report->seconds = (double)(load_now_ns() - began_ns) / (double)second_ns;
    measure_end(load, report, &own);
    return true;
}

static const struct scenario scenarios[] = {
    {.name = "fanout", .help = "rooms of members, some of whom talk", .run = run_fanout},
    {.name = "connect",
     .help = "clients connect and enter, as fast as the server lets them",
     .run = run_connect},
    {.name = "idle", .help = "clients connect, enter, and say nothing", .run = run_idle},
};

const struct scenario *scenario_at(unsigned index)
{
    return index < ARRAY_LEN(scenarios) ? &scenarios[index] : NULL;
}

const struct scenario *scenario_find(struct bytes name)
{
    for (unsigned i = 0; i < ARRAY_LEN(scenarios); i++)
        if (bytes_eq(name, bytes_of(scenarios[i].name)))
            return &scenarios[i];
    return NULL;
}
