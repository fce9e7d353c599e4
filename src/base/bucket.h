/* Token bucket: how much of something may be done now, and if not, when.
 *
 * It starts full. It counts in thousandths of a token and never asks the time itself. */
#ifndef BASE_BUCKET_H
#define BASE_BUCKET_H

#include <stdint.h>

struct bucket {
    int64_t rate_milli;  /* thousandths of a token per second; 0: no limit */
    int64_t burst_milli; /* most it can hold */
    int64_t level_milli;
    int64_t last_ms;
};

/* rate_milli: tokens per second times 1000 (500 = one every two seconds), >= 0. burst: whole tokens, >= 1. */
void bucket_init(struct bucket *bucket, int64_t rate_milli, int64_t burst, int64_t now_ms);

/* Takes `cost` tokens when they are there and returns 0; otherwise takes nothing and returns the
 * milliseconds (> 0) after which the same call will succeed. A cost above the burst is charged as
 * the burst. A clock that steps back is treated as standing still. */
int64_t bucket_take(struct bucket *bucket, int64_t cost, int64_t now_ms);

#endif
