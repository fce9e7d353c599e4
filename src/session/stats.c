#include "session/stats.h"

#include <string.h>

uint64_t *stats_enter(struct stats *stats, const char *dialect, bool is_tls)
{
    for (size_t i = 0; i < STATS_DIALECTS; i++) {
        struct stats_dialect *slot = &stats->dialects[i];
        if (!slot->name)
            slot->name = dialect;
        if (strcmp(slot->name, dialect) != 0)
            continue;
        slot->count[is_tls]++;
        return &slot->count[is_tls];
    }
    return NULL;
}
