/* What a run does, from connected peers to a report, and what all kinds of runs have in common. */
#ifndef BENCH_LOAD_SCENARIO_H
#define BENCH_LOAD_SCENARIO_H

#include "base/attr.h"
#include "base/bytes.h"
#include "load/load.h"
#include "load/report.h"
#include "load/traffic.h"

struct scenario {
    const char *name, *help;
    unsigned slow_percent; /* unless the options say otherwise */
    bool wants_witnesses;  /* members who do not talk */
    /* Fills the report. False: load->failure says why. */
    bool (*run)(struct load *load, struct report *report);
};

const struct scenario *scenario_at(unsigned index); /* NULL after the last */
const struct scenario *scenario_find(struct bytes name);

/* Marks who reads and who witnesses; the last of each room never read, when the options say so.
 * `first_witness`: how many of each room's first members come and go. */
void scenario_cast(struct load *load, unsigned first_witness);
/* Lets all who are not absent in, and notes what it cost. False: load->failure. */
MUST_CHECK bool scenario_get_in(struct load *load, struct report *report);

/* Makes traffic until then; `label` is for the progress bar. */
typedef void (*scenario_run_fn)(struct traffic *traffic, const char *label, int64_t until_ns);
/* Warms up, measures, waits for what is on its way. */
void scenario_run_traffic(struct traffic *traffic, scenario_run_fn run, struct measure *measure,
                          struct report *report);

/* scenario_fanout.c */
bool scenario_fanout(struct load *load, struct report *report);
bool scenario_slow(struct load *load, struct report *report);
/* scenario_crowd.c */
bool scenario_churn(struct load *load, struct report *report);
bool scenario_mixed(struct load *load, struct report *report);

#endif
