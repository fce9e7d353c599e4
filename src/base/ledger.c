/* A table of sets: a key is looked for in one set only, so that a search has few steps and nothing moves. */
#include "base/ledger.h"

#include "base/hashmap.h"

static uint64_t hash_of(struct bytes key)
{
    uint64_t hash = hashmap_hash(key);
    return hash ? hash : 1;
}

/* Its place in its set; LEDGER_WAYS: it has none. */
static size_t find(const struct ledger_entry *set, uint64_t hash)
{
    size_t i = 0;
    while (i < LEDGER_WAYS && set[i].hash != hash)
        i++;
    return i;
}

const struct ledger_entry *ledger_find(const struct ledger *ledger, struct bytes key)
{
    uint64_t hash = hash_of(key);
    const struct ledger_entry *set = ledger->entries[hash % LEDGER_SETS];
    size_t i = find(set, hash);

    return i < LEDGER_WAYS ? &set[i] : NULL;
}

struct ledger_entry *ledger_get(struct ledger *ledger, struct bytes key)
{
    uint64_t hash = hash_of(key);
    struct ledger_entry *set = ledger->entries[hash % LEDGER_SETS];
    struct ledger_entry *entry = set;
    size_t i = find(set, hash);

    if (i < LEDGER_WAYS)
        return &set[i];
    for (i = 1; i < LEDGER_WAYS && entry->hash; i++)
        if (!set[i].hash || set[i].until_us < entry->until_us)
            entry = &set[i];
    *entry = (struct ledger_entry){.hash = hash};
    return entry;
}

void ledger_forget(struct ledger *ledger, struct bytes key)
{
    uint64_t hash = hash_of(key);
    struct ledger_entry *set = ledger->entries[hash % LEDGER_SETS];
    size_t i = find(set, hash);

    if (i < LEDGER_WAYS)
        set[i] = (struct ledger_entry){0};
}
