/* Hash map with open addressing and linear probing.
 *
 * Removing leaves a tombstone, so that a walk may remove what it stands on. At least a quarter of
 * the slots is always empty, which ends every search; tombstones go when the table is rebuilt. */
#include "base/hashmap.h"

#include <endian.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/check.h"

#define FIRST_CAPACITY 16 /* capacities are powers of two */

enum slot_state { SLOT_EMPTY, SLOT_LIVE, SLOT_TOMBSTONE }; /* empty is 0, as from calloc() */

/* Small, for there are more slots than entries: half of the hash is enough to tell keys apart. */
struct hashmap_slot {
    const char *key;
    void *value;
    uint32_t hash;
    uint32_t key_len : 30;
    enum slot_state state : 2;
};
#define KEY_LEN_MAX ((1u << 30) - 1)

/* One key for all maps, read once: a key per map would cost a system call for every room. */
static struct {
    pthread_once_t once;
    uint8_t key[16];
} secret = {.once = PTHREAD_ONCE_INIT};

static void secret_read(void)
{
    ssize_t n;
    do
        n = getrandom(secret.key, sizeof(secret.key), 0);
    while (n < 0 && errno == EINTR);
    CHECK(n == (ssize_t)sizeof(secret.key)); /* Up to 256 bytes come whole, or not at all. */
}

uint64_t hashmap_hash(struct bytes key)
{
    CHECK(pthread_once(&secret.once, secret_read) == 0);
    return hashmap_siphash(secret.key, key);
}

static uint64_t rotate_left(uint64_t x, unsigned bits)
{
    return x << bits | x >> (64 - bits);
}

/* The first n bytes (n < 8) as a little-endian number. */
static uint64_t load_le(const uint8_t *p, size_t n)
{
    uint64_t word = 0;
    for (size_t i = 0; i < n; i++)
        word |= (uint64_t)p[i] << (8 * i);
    return word;
}

static uint64_t load_le64(const uint8_t *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof(word));
    return le64toh(word);
}

struct sip {
    uint64_t v0, v1, v2, v3;
};

/* By value, so that the four stay in registers: most keys are one word, and rounds are all there is. */
static inline struct sip sip_round(struct sip s)
{
    s.v0 += s.v1;
    s.v2 += s.v3;
    s.v1 = rotate_left(s.v1, 13) ^ s.v0;
    s.v3 = rotate_left(s.v3, 16) ^ s.v2;
    s.v0 = rotate_left(s.v0, 32);
    s.v2 += s.v1;
    s.v0 += s.v3;
    s.v1 = rotate_left(s.v1, 17) ^ s.v2;
    s.v3 = rotate_left(s.v3, 21) ^ s.v0;
    s.v2 = rotate_left(s.v2, 32);
    return s;
}

static inline struct sip sip_word(struct sip s, uint64_t word)
{
    s.v3 ^= word;
    s = sip_round(sip_round(s));
    s.v0 ^= word;
    return s;
}

uint64_t hashmap_siphash(const uint8_t key[16], struct bytes data)
{
    const uint8_t *bytes = (const uint8_t *)data.ptr;
    uint64_t k0 = load_le64(key), k1 = load_le64(key + 8);
    /* "somepseudorandomlygeneratedbytes", as the paper says. */
    struct sip s = {k0 ^ 0x736f6d6570736575u, k1 ^ 0x646f72616e646f6du, k0 ^ 0x6c7967656e657261u,
                    k1 ^ 0x7465646279746573u};
    size_t at = 0;
    for (; data.len - at >= 8; at += 8)
        s = sip_word(s, load_le64(&bytes[at]));
    uint64_t last = (uint64_t)data.len << 56;
    if (at < data.len)
        last |= load_le(&bytes[at], data.len - at);
    s = sip_word(s, last);
    s.v2 ^= 0xff;
    s = sip_round(sip_round(sip_round(sip_round(s))));
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

void hashmap_init(struct hashmap *map)
{
    *map = (struct hashmap){0};
}

void hashmap_done(struct hashmap *map)
{
    if (map == NULL)
        return;
    free(map->slots);
    hashmap_init(map);
}

/* The live slot with this key, or NULL. */
static struct hashmap_slot *find_slot(const struct hashmap *map, struct bytes key, uint32_t hash)
{
    if (map->capacity == 0)
        return NULL;
    size_t mask = map->capacity - 1;
    for (size_t i = hash & mask; map->slots[i].state != SLOT_EMPTY; i = (i + 1) & mask) {
        struct hashmap_slot *slot = &map->slots[i];
        if (slot->state == SLOT_LIVE && slot->hash == hash &&
            bytes_eq((struct bytes){slot->key, slot->key_len}, key))
            return slot;
    }
    return NULL;
}

/* Puts an entry whose key is not in the table into the first slot that has none. */
static void place(struct hashmap *map, const struct hashmap_slot *entry)
{
    size_t mask = map->capacity - 1, i = entry->hash & mask;
    while (map->slots[i].state == SLOT_LIVE)
        i = (i + 1) & mask;
    if (map->slots[i].state == SLOT_EMPTY)
        map->used++;
    map->slots[i] = *entry;
    map->count++;
}

/* A new table without tombstones, at most half full after one more put: rebuilding stays rare even
 * when as much is removed as put. */
static int rebuild(struct hashmap *map)
{
    size_t capacity = map->capacity > 0 ? map->capacity : FIRST_CAPACITY;
    while (map->count + 1 > capacity / 2)
        capacity *= 2;
    struct hashmap fresh = {.capacity = capacity};
    fresh.slots = calloc(capacity, sizeof(*fresh.slots));
    if (fresh.slots == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < map->capacity; i++) {
        if (map->slots[i].state == SLOT_LIVE)
            place(&fresh, &map->slots[i]);
    }
    free(map->slots);
    *map = fresh;
    return 0;
}

int hashmap_put(struct hashmap *map, struct bytes key, void *value)
{
    CHECK(value != NULL); /* NULL means "absent" in every answer. */
    CHECK(key.len <= KEY_LEN_MAX);
    struct hashmap_slot entry = {.key = key.ptr,
                                 .value = value,
                                 .hash = (uint32_t)hashmap_hash(key),
                                 .key_len = (uint32_t)key.len & KEY_LEN_MAX,
                                 .state = SLOT_LIVE};
    if (find_slot(map, key, entry.hash) != NULL)
        return -EEXIST;
    if (map->used + 1 > map->capacity / 4 * 3) {
        int err = rebuild(map);
        if (err != 0)
            return err;
    }
    place(map, &entry);
    return 0;
}

void *hashmap_find(const struct hashmap *map, struct bytes key)
{
    struct hashmap_slot *slot = map->count > 0 ? find_slot(map, key, (uint32_t)hashmap_hash(key)) : NULL;
    return slot != NULL ? slot->value : NULL;
}

void *hashmap_remove(struct hashmap *map, struct bytes key)
{
    struct hashmap_slot *slot = map->count > 0 ? find_slot(map, key, (uint32_t)hashmap_hash(key)) : NULL;
    if (slot == NULL)
        return NULL;
    void *value = slot->value;
    *slot = (struct hashmap_slot){.state = SLOT_TOMBSTONE};
    map->count--;
    return value;
}

void hashmap_move_key(struct hashmap *map, struct bytes key)
{
    struct hashmap_slot *slot = find_slot(map, key, (uint32_t)hashmap_hash(key));
    CHECK(slot != NULL);
    slot->key = key.ptr;
}

void *hashmap_next(const struct hashmap *map, size_t *iter)
{
    while (*iter < map->capacity) {
        const struct hashmap_slot *slot = &map->slots[(*iter)++];
        if (slot->state == SLOT_LIVE)
            return slot->value;
    }
    return NULL;
}
