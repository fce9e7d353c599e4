#include "daemon/health.h"

bool health_look(struct health *health, uint64_t batches, size_t queued, int64_t now_ms)
{
    bool is_stuck = queued > 0 && batches == health->batches;
    if (is_stuck && !health->is_stuck)
        health->stuck_since_ms = now_ms;
    health->is_stuck = is_stuck;
    health->batches = batches;
    health->is_bad = is_stuck && now_ms - health->stuck_since_ms >= HEALTH_STUCK_MS;
    return !health->is_bad;
}
