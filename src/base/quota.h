/* So many per second of each key, and a few at once: a token bucket for each, in memory that never grows. */
#ifndef BASE_QUOTA_H
#define BASE_QUOTA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ledger.h"

struct quota {
    int64_t step_us;  /* between two, in the long run; 0: no limit */
    int64_t burst_us; /* how far ahead of that one may be */
    struct ledger ledger;
};

/* Zeroed, or in use: what was taken so far counts on. rate_milli: per second times 1000, >= 0; 0: no limit. burst: at
 * once, >= 1. */
void quota_configure(struct quota *quota, int64_t rate_milli, int64_t burst);
/* Whether there may be one more now; then it is counted. A clock that steps back costs nobody anything. */
bool quota_take(struct quota *quota, struct bytes key, int64_t now_ms);

#endif
