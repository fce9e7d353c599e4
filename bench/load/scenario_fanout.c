/* Rooms in which some talk and all others listen, or pretend to. */
#include "load/scenario.h"

static bool run_room(struct load *load, struct measure *measure, struct report *report)
{
    const struct load_options *options = load->options;
    struct traffic traffic;

    if (traffic_init(&traffic, load, options->rate ? 0 : options->window) == 0)
        scenario_run_traffic(&traffic, traffic_run, measure, report);
    else
        load_fail(load, "out of memory", 0);
    traffic_done(&traffic);
    return !load->failure;
}

bool scenario_fanout(struct load *load, struct report *report)
{
    scenario_cast(load, 0);
    return scenario_get_in(load, report) && run_room(load, &report->main, report);
}

/* The same people do the same twice; the second time others are there, too, who never read. */
bool scenario_slow(struct load *load, struct report *report)
{
    scenario_cast(load, 0);
    for (size_t i = 0; i < load->peer_count; i++)
        load->peers[i].is_absent = load->peers[i].never_reads;
    if (!scenario_get_in(load, report) || !run_room(load, &report->without_slow, report))
        return false;
    for (size_t i = 0; i < load->peer_count; i++)
        load->peers[i].is_absent = false;
    report->has_without_slow = true;
    return load_connect_all(load) && run_room(load, &report->main, report);
}
