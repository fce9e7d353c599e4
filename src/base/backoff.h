/* Back-off: who fails again and again may try less and less often.
 *
 * An attempt counts as failed from its beginning, so that a hundred at the same time are a hundred; one that
 * succeeds is forgiven, and all that went before with it. Times are monotonic; nothing here asks for one. */
#ifndef BASE_BACKOFF_H
#define BASE_BACKOFF_H

#include <stdint.h>

#include "base/ledger.h"

struct backoff_config {
    unsigned free_count;       /* attempts in a row after which there is no pause */
    int64_t first_ms, most_ms; /* the first pause; each further one is twice as long, up to the most */
    int64_t forget_ms;         /* after a pause and so long without an attempt, nothing has been */
};

struct backoff {
    struct backoff_config config;
    struct ledger ledger;
};

void backoff_init(struct backoff *backoff, const struct backoff_config *config);

/* How long until this one may try; 0: now. */
int64_t backoff_wait_ms(const struct backoff *backoff, struct bytes key, int64_t now_ms);
/* An attempt begins. */
void backoff_begin(struct backoff *backoff, struct bytes key, int64_t now_ms);
/* It succeeded. */
void backoff_forgive(struct backoff *backoff, struct bytes key);

#endif
