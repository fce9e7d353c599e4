/* Token bucket in integers.
 *
 * A call that takes nothing also refills nothing: it only computes when the tokens will be there.
 * So asking often loses no fractions, and the promised waiting time is exact. A call that takes
 * tokens drops less than a thousandth of one. */
#include "base/bucket.h"

#include "base/check.h"

void bucket_init(struct bucket *bucket, int64_t rate_milli, int64_t burst, int64_t now_ms)
{
    /* A burst within this bound keeps every product below from overflowing. */
    CHECK(rate_milli >= 0);
    CHECK(burst >= 1 && burst <= INT64_MAX / 1000000);
    *bucket = (struct bucket){
        .rate_milli = rate_milli,
        .burst_milli = burst * 1000,
        .level_milli = burst * 1000,
        .last_ms = now_ms,
    };
}

/* Milliseconds after last_ms at which the bucket holds this much, rounded up. */
static int64_t ms_until(const struct bucket *bucket, int64_t level_milli)
{
    int64_t missing_milli = level_milli - bucket->level_milli;
    if (missing_milli <= 0)
        return 0;
    int64_t scaled = missing_milli * 1000;
    return scaled / bucket->rate_milli + (scaled % bucket->rate_milli != 0);
}

static void refill(struct bucket *bucket, int64_t now_ms)
{
    int64_t elapsed_ms = now_ms - bucket->last_ms;
    if (elapsed_ms >= ms_until(bucket, bucket->burst_milli))
        bucket->level_milli = bucket->burst_milli;
    else
        bucket->level_milli += elapsed_ms * bucket->rate_milli / 1000;
    bucket->last_ms = now_ms;
}

int64_t bucket_take(struct bucket *bucket, int64_t cost, int64_t now_ms)
{
    CHECK(cost >= 0);
    if (bucket->rate_milli == 0)
        return 0;
    if (now_ms < bucket->last_ms)
        bucket->last_ms = now_ms; /* Or nothing would flow until the clock has caught up. */
    int64_t cost_milli = cost < bucket->burst_milli / 1000 ? cost * 1000 : bucket->burst_milli;
    int64_t ready_ms = ms_until(bucket, cost_milli);
    int64_t elapsed_ms = now_ms - bucket->last_ms;
    if (elapsed_ms < ready_ms)
        return ready_ms - elapsed_ms;
    refill(bucket, now_ms);
    bucket->level_milli -= cost_milli;
    return 0;
}
