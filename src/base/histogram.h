/* How values are spread: counts in buckets that grow by the factor 4. Adding is a few instructions. */
#ifndef BASE_HISTOGRAM_H
#define BASE_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

/* Bucket i takes values up to 4 to the power i; the last one all above. With microseconds: 1 µs to 16.8 s. */
#define HISTOGRAM_BUCKETS 14

struct histogram {
    uint64_t counts[HISTOGRAM_BUCKETS];
    uint64_t sum;
};

static inline size_t histogram_bucket(uint64_t value)
{
    if (value <= 1)
        return 0;
    size_t bits = 64 - (size_t)__builtin_clzll(value - 1); /* the least n with value <= 2^n */
    size_t bucket = (bits + 1) / 2;
    return bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1;
}

static inline void histogram_add(struct histogram *histogram, uint64_t value)
{
    histogram->counts[histogram_bucket(value)]++;
    histogram->sum += value;
}

#endif
