/* The bar that shows how far a run is: on stderr, and only when that is a terminal. */
#ifndef BENCH_LOAD_PROGRESS_H
#define BENCH_LOAD_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    bool is_on;
    const char *label;
    int64_t shown_ns; /* when it was last drawn */
};

void progress_init(struct progress *progress);
/* What is going on from now. */
void progress_begin(struct progress *progress, const char *label);
/* How far that is, from 0 to 1; drawn a few times a second. */
void progress_show(struct progress *progress, double share, int64_t now_ns);
/* Wipes it away. */
void progress_end(struct progress *progress);

#endif
