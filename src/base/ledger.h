/* What is remembered of many keys that strangers choose, such as addresses: a time and a count of each, in memory
 * that never grows. When there are too many, the one whose time ends first makes room.
 *
 * Keys are not kept, but a keyed hash of 64 bits: nobody outside can choose two that meet, or where they fall. */
#ifndef BASE_LEDGER_H
#define BASE_LEDGER_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

#define LEDGER_SETS 128
#define LEDGER_WAYS 8 /* entries in a set; a key falls into one set */

struct ledger_entry {
    uint64_t hash; /* 0: free */
    int64_t until_us;
    uint64_t count;
};

/* Zeroed: empty. Needs no freeing. */
struct ledger {
    struct ledger_entry entries[LEDGER_SETS][LEDGER_WAYS];
};

/* NULL: nothing is known of the key. */
const struct ledger_entry *ledger_find(const struct ledger *ledger, struct bytes key);
/* The key's entry; when there was none a new one, with until_us and count 0. Valid until the next call. */
struct ledger_entry *ledger_get(struct ledger *ledger, struct bytes key);
void ledger_forget(struct ledger *ledger, struct bytes key); /* also when nothing is known of it */

#endif
