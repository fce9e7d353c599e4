/* Whether the server gets on, beyond that its loop turns: events must not lie undelivered from one look to the
 * next. The service manager's watchdog is fed, and /healthz says yes, only while it does. Pure. */
#ifndef DAEMON_HEALTH_H
#define DAEMON_HEALTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct health {
    bool is_stuck;
    int64_t stuck_since_ms;
    uint64_t batches; /* at the last look */
    bool is_bad;
};

/* Events that wait for so long, while not one batch is delivered, will not be delivered any more. */
#define HEALTH_STUCK_MS 10000

/* A look: how many batches were delivered since the start, and how many events wait. Returns whether all is well;
 * is_bad is the opposite of the last answer. */
bool health_look(struct health *health, uint64_t batches, size_t queued, int64_t now_ms);

#endif
