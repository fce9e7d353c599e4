/* Map from byte keys to pointers; SipHash-2-4 with a random key per process, so that a peer who
 * chooses the keys cannot make them collide (Aumasson and Bernstein, "SipHash", 2012).
 *
 * The map owns neither keys nor values: a key's bytes must live, unchanged, as long as its entry
 * (they usually are a member of the value). Open addressing, grows and never shrinks. */
#ifndef BASE_HASHMAP_H
#define BASE_HASHMAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"

struct hashmap_slot;

struct hashmap {
    struct hashmap_slot *slots;
    size_t count, used, capacity; /* used: live entries and tombstones */
};

void hashmap_init(struct hashmap *map); /* allocates nothing */
void hashmap_done(struct hashmap *map);

/* `value` is not NULL. 0; -EEXIST when the key is there already; -ENOMEM. On failure nothing changed. */
MUST_CHECK int hashmap_put(struct hashmap *map, struct bytes key, void *value);
void *hashmap_find(const struct hashmap *map, struct bytes key); /* NULL when absent */
void *hashmap_remove(struct hashmap *map, struct bytes key);     /* the value, NULL when absent */

/* The bytes of an entry's key are now those of `key`, which are the same; the entry is there. */
void hashmap_move_key(struct hashmap *map, struct bytes key);

/* Walks in no particular order: start with *iter = 0; NULL at the end. The entry just returned may
 * be removed during the walk; nothing may be added. */
void *hashmap_next(const struct hashmap *map, size_t *iter);

/* The hash of a key with the key of the process, as the maps have it. */
uint64_t hashmap_hash(struct bytes key);

/* The keyed hash itself; `key` is 16 bytes. Exposed for its test vectors. */
uint64_t hashmap_siphash(const uint8_t key[16], struct bytes data);

#endif
