/* The table, the common steps, and the scenarios in which nobody talks. */
#include "load/scenario.h"

enum { IDLE_SETTLE_S = 1 };

static const int64_t second_ns = 1000000000;

void scenario_cast(struct load *load, unsigned first_witness)
{
    const struct load_options *options = load->options;
    unsigned readers = options->members - load_options_slow_members(options);

    for (size_t i = 0; i < load->peer_count; i++) {
        unsigned place = (unsigned)(i % options->members);
        load->peers[i].never_reads = place >= readers;
        load->peers[i].is_witness = place >= first_witness && place < readers;
    }
}

static void count_ready(void *arg, struct peer *peer)
{
    struct report *report = arg;
    quantiles_add(&report->connect, (uint64_t)(load_now_ns() - peer->began_ns));
}

bool scenario_get_in(struct load *load, struct report *report)
{
    measure_begin(&report->getting_in, load->options->server_pid);
    load->listener = (struct load_listener){.on_ready = count_ready, .arg = report};
    bool is_in = load_connect_all(load);
    measure_end(&report->getting_in, load->options->server_pid);
    report->connections = load->in_count;
    load->listener = (struct load_listener){0};
    return is_in;
}

void scenario_run_traffic(struct traffic *traffic, scenario_run_fn run, struct measure *measure,
                          struct report *report)
{
    struct load *load = traffic->load;
    const struct load_options *options = load->options;

    run(traffic, "warming up", load_now_ns() + options->warmup_s * second_ns);
    measure_begin(measure, options->server_pid);
    traffic->measure = measure;
    run(traffic, "measuring", measure->began_ns + options->duration_s * second_ns);
    traffic->measure = NULL;
    measure_end(measure, options->server_pid);

    report->lost += traffic_drain(traffic);
    report->repeated += traffic->repeated;
    report->closed = load->closed_count;
    report->slow_closed = load->slow_closed_count;
}

static bool run_connect(struct load *load, struct report *report)
{
    scenario_cast(load, 0);
    if (!scenario_get_in(load, report))
        return false;
    report->main = report->getting_in;
    return true;
}

static bool run_idle(struct load *load, struct report *report)
{
    scenario_cast(load, 0);
    if (!scenario_get_in(load, report))
        return false;
    load_wait(load, "settling", load_now_ns() + IDLE_SETTLE_S * second_ns);
    measure_begin(&report->main, load->options->server_pid);
    load_wait(load, "idling", report->main.began_ns + load->options->duration_s * second_ns);
    measure_end(&report->main, load->options->server_pid);
    report->closed = load->closed_count;
    return true;
}

static const struct scenario scenarios[] = {
    {.name = "fanout", .help = "rooms of members, some of whom talk", .run = scenario_fanout},
    {.name = "slow",
     .help = "fanout without and with members who never read: what do these cost the others?",
     .slow_percent = 10,
     .run = scenario_slow},
    {.name = "connect",
     .help = "clients connect and enter, as fast as the server lets them",
     .run = run_connect},
    {.name = "idle", .help = "clients connect, enter, and say nothing", .run = run_idle},
    {.name = "churn",
     .help = "the senders connect, talk, leave and come again, all the time; the others check",
     .wants_witnesses = true,
     .run = scenario_churn},
    {.name = "mixed",
     .help = "a day in a chat: the senders come, talk, talk privately, and go; the others check",
     .wants_witnesses = true,
     .run = scenario_mixed},
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
