/* The generic cell rate algorithm: of each key only the moment is kept at which its bucket is full again. */
#include "base/quota.h"

#include "base/check.h"

void quota_configure(struct quota *quota, int64_t rate_milli, int64_t burst)
{
    CHECK(rate_milli >= 0 && burst >= 1 && burst <= INT32_MAX);
    quota->step_us = rate_milli ? INT64_C(1000000000) / rate_milli : 0;
    quota->burst_us = quota->step_us * burst;
}

bool quota_take(struct quota *quota, struct bytes key, int64_t now_ms)
{
    if (quota->step_us == 0)
        return true;
    struct ledger_entry *entry = ledger_get(&quota->ledger, key);
    int64_t now_us = now_ms * 1000;
    int64_t full_us = entry->until_us;

    /* Further ahead than a bucket can be, the clock has stepped back. */
    if (full_us < now_us || full_us > now_us + quota->burst_us)
        full_us = now_us;
    entry->until_us = full_us;
    if (full_us + quota->step_us > now_us + quota->burst_us)
        return false;
    entry->until_us = full_us + quota->step_us;
    return true;
}
