/* Quantiles of many values, in fixed memory: buckets that get wider as values get larger, 32 in each power of
 * two, so that any quantile is right to 3 %. Values are nanoseconds here, but need not be. */
#ifndef BENCH_LOAD_QUANTILES_H
#define BENCH_LOAD_QUANTILES_H

#include <stdint.h>

enum { QUANTILES_SUB_BITS = 5, QUANTILES_BUCKETS = (64 - QUANTILES_SUB_BITS + 1) << QUANTILES_SUB_BITS };

struct quantiles {
    uint64_t counts[QUANTILES_BUCKETS];
    uint64_t count, max;
};

void quantiles_reset(struct quantiles *quantiles);
void quantiles_add(struct quantiles *quantiles, uint64_t value);

/* The value below or at which the share `q` (0 to 1) of all lies; 0 when there is none. */
uint64_t quantiles_at(const struct quantiles *quantiles, double q);

#endif
