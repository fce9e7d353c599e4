/* All connections: how many there are, from where, and whether one more may come in. */
#ifndef SESSION_REGISTRY_H
#define SESSION_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/hashmap.h"
#include "base/list.h"
#include "net/addr.h"
#include "proto/dialect.h"

struct registry_config {
    size_t sessions;            /* most at a time; 0: no limit */
    size_t per_address;         /* most from one host (see addr_host_key); 0: no limit */
    size_t unnamed_per_address; /* of these, most that have no name yet; 0: no limit */
};

/* One connection's place; embedded in the session. */
struct registry_entry {
    struct registry *registry;  /* NULL: not admitted */
    struct registry_host *host; /* NULL: not known yet */
    bool is_named;
    struct list_link link;
};

/* A look at all entries that may take several steps, with pauses in which some leave and others come. */
struct registry_walk {
    struct list_link *next;
    struct list_link link;
};

struct registry {
    struct registry_config config;
    struct list entries;
    struct list walks;
    struct hashmap hosts;
    size_t most_count; /* at a time, since registry_is_deserted() was last true */
    size_t named_count;
    uint64_t closed_count[CLOSE_REASON_COUNT]; /* by reason, since the start */
};

void registry_init(struct registry *registry, const struct registry_config *config);
/* New limits, for those who come from now on: who is in stays in. */
void registry_configure(struct registry *registry, const struct registry_config *config);
void registry_done(struct registry *registry); /* nobody may be in it */

/* A place among all. 0, or -ENFILE: there are too many. */
MUST_CHECK int registry_admit(struct registry *registry, struct registry_entry *entry);
/* And among those of its host, once that is known; not twice. 0, or why not: -EUSERS (too many from this
 * host), -EBUSY (too many of them without a name), -ENOMEM. */
MUST_CHECK int registry_set_host(struct registry_entry *entry, const struct addr *peer);
/* It has a name. */
void registry_set_named(struct registry_entry *entry);
/* Also for an entry that was not admitted, and again. */
void registry_leave(struct registry_entry *entry);

size_t registry_count(const struct registry *registry);
size_t registry_unnamed_count(const struct registry *registry);
/* Whether a crowd has come and at least half of it has gone again. Once for each halving. */
bool registry_is_deserted(struct registry *registry);

/* What registry_admit() and registry_set_host() would say to one more from there. *ret_count, *ret_unnamed:
 * how many there are of its host. */
MUST_CHECK int registry_ask(const struct registry *registry, const struct addr *peer, size_t *ret_count,
                            size_t *ret_unnamed);

/* Oldest first; those that come during the walk are part of it. A walk that was begun must be ended. */
void registry_walk_begin(struct registry *registry, struct registry_walk *walk);
struct registry_entry *registry_walk_next(struct registry *registry,
                                          struct registry_walk *walk);         /* or NULL */
void registry_walk_end(struct registry *registry, struct registry_walk *walk); /* also when not begun */

#endif
