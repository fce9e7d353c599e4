/* Values below 32 have a bucket each. Above, a bucket is the position of the highest bit and the five bits
 * after it. */
#include "load/quantiles.h"

#include <string.h>

enum { SUB_COUNT = 1 << QUANTILES_SUB_BITS };

static unsigned bucket_of(uint64_t value)
{
    if (value < SUB_COUNT)
        return (unsigned)value;
    unsigned shift = 63u - (unsigned)__builtin_clzll(value) - QUANTILES_SUB_BITS;
    return ((shift + 1) << QUANTILES_SUB_BITS) + (unsigned)(value >> shift) - SUB_COUNT;
}

/* The largest value of a bucket. */
static uint64_t top_of(unsigned bucket)
{
    if (bucket < SUB_COUNT)
        return bucket;
    unsigned shift = (bucket >> QUANTILES_SUB_BITS) - 1;
    uint64_t first = (uint64_t)(SUB_COUNT + bucket % SUB_COUNT) << shift;
    return first + ((uint64_t)1 << shift) - 1;
}

void quantiles_reset(struct quantiles *quantiles)
{
    memset(quantiles, 0, sizeof(*quantiles));
}

void quantiles_add(struct quantiles *quantiles, uint64_t value)
{
    quantiles->counts[bucket_of(value)]++;
    quantiles->count++;
    if (value > quantiles->max)
        quantiles->max = value;
}

uint64_t quantiles_at(const struct quantiles *quantiles, double q)
{
    uint64_t rank = (uint64_t)(q * (double)quantiles->count), seen = 0;

    if (quantiles->count == 0)
        return 0;
    for (unsigned bucket = 0; bucket < QUANTILES_BUCKETS; bucket++) {
        seen += quantiles->counts[bucket];
        if (seen > rank || seen == quantiles->count)
            return top_of(bucket) < quantiles->max ? top_of(bucket) : quantiles->max;
    }
    return quantiles->max;
}
