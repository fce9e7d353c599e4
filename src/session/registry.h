/* All connections: how many there are, from where, and whether one more may come in. */
#ifndef SESSION_REGISTRY_H
#define SESSION_REGISTRY_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/hashmap.h"
#include "base/list.h"
#include "net/addr.h"
#include "proto/dialect.h"

struct registry_config {
    size_t sessions;    /* most at a time; 0: no limit */
    size_t per_address; /* most from one host (see addr_host_key); 0: no limit */
};

/* One connection's place; embedded in the session. */
struct registry_entry {
    struct registry *registry; /* NULL: not admitted */
    struct registry_host *host;
    struct list_link link;
};

struct registry {
    struct registry_config config;
    struct list entries;
    struct hashmap hosts;
    uint64_t closed_count[CLOSE_REASON_COUNT]; /* by reason, since the start */
};

void registry_init(struct registry *registry, const struct registry_config *config);
void registry_done(struct registry *registry); /* nobody may be in it */

/* 0, or why not: -EUSERS (too many from this host), -ENFILE (too many in all), -ENOMEM. */
MUST_CHECK int registry_admit(struct registry *registry, const struct addr *peer,
                              struct registry_entry *entry);
/* Also for an entry that was not admitted, and again. */
void registry_leave(struct registry_entry *entry);

size_t registry_count(const struct registry *registry);

#endif
