/* How values are spread, in fixed memory: buckets that get wider as values get larger, 32 in each power of
 * two, so that any quantile is right to 3 %. Values are nanoseconds here, but need not be. */
#ifndef BENCH_LOAD_HISTOGRAM_H
#define BENCH_LOAD_HISTOGRAM_H

#include <stdint.h>

enum { HISTOGRAM_SUB_BITS = 5, HISTOGRAM_BUCKETS = (64 - HISTOGRAM_SUB_BITS + 1) << HISTOGRAM_SUB_BITS };

struct histogram {
    uint64_t counts[HISTOGRAM_BUCKETS];
    uint64_t count, max;
};

void histogram_reset(struct histogram *histogram);
void histogram_add(struct histogram *histogram, uint64_t value);

/* The value below or at which the share `q` (0 to 1) of all lies; 0 when there is none. */
uint64_t histogram_quantile(const struct histogram *histogram, double q);

#endif
