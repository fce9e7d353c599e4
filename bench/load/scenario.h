/* What a run does, from connected peers to a report. */
#ifndef BENCH_LOAD_SCENARIO_H
#define BENCH_LOAD_SCENARIO_H

#include "base/attr.h"
#include "base/bytes.h"
#include "load/load.h"
#include "load/report.h"

struct scenario {
    const char *name, *help;
    /* Fills the report. False: load->failure says why. */
    bool (*run)(struct load *load, struct report *report);
};

const struct scenario *scenario_at(unsigned index); /* NULL after the last */
const struct scenario *scenario_find(struct bytes name);

#endif
