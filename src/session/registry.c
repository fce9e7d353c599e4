#include "session/registry.h"

#include <errno.h>
#include <stdlib.h>

#include "base/check.h"

/* Fewer who leave are no crowd. */
#define CROWD_MIN 32

struct registry_host {
    char key[ADDR_KEY_MAX];
    size_t key_len;
    size_t count, unnamed_count;
};

void registry_init(struct registry *registry, const struct registry_config *config)
{
    *registry = (struct registry){.config = *config};
    list_init(&registry->entries);
    list_init(&registry->walks);
    hashmap_init(&registry->hosts);
}

void registry_configure(struct registry *registry, const struct registry_config *config)
{
    registry->config = *config;
}

void registry_done(struct registry *registry)
{
    CHECK(list_is_empty(&registry->entries) && list_is_empty(&registry->walks));
    hashmap_done(&registry->hosts);
}

static struct bytes host_key(const struct registry_host *host)
{
    return (struct bytes){host->key, host->key_len};
}

/* The host's record, made when it is the first from there; NULL when out of memory. */
static struct registry_host *get_host(struct registry *registry, const struct addr *peer)
{
    struct registry_host key = {0};
    key.key_len = addr_host_key(peer, key.key);
    struct registry_host *host = hashmap_find(&registry->hosts, host_key(&key));
    if (host)
        return host;
    host = malloc(sizeof(*host));
    if (!host)
        return NULL;
    *host = key;
    if (hashmap_put(&registry->hosts, host_key(host), host) != 0) {
        free(host);
        return NULL;
    }
    return host;
}

int registry_admit(struct registry *registry, struct registry_entry *entry)
{
    *entry = (struct registry_entry){0};
    if (registry->config.sessions && registry->entries.count >= registry->config.sessions)
        return -ENFILE;
    entry->registry = registry;
    list_push_back(&registry->entries, &entry->link);
    if (registry->entries.count > registry->most_count)
        registry->most_count = registry->entries.count;
    return 0;
}

/* Whether the host may have one more; NULL has none. */
static int ask_host(const struct registry_config *config, const struct registry_host *host)
{
    if (host && config->per_address && host->count >= config->per_address)
        return -EUSERS;
    if (host && config->unnamed_per_address && host->unnamed_count >= config->unnamed_per_address)
        return -EBUSY;
    return 0;
}

int registry_ask(const struct registry *registry, const struct addr *peer, size_t *ret_count,
                 size_t *ret_unnamed)
{
    char key[ADDR_KEY_MAX];
    size_t len = addr_host_key(peer, key);
    const struct registry_host *host = hashmap_find(&registry->hosts, (struct bytes){key, len});

    *ret_count = host ? host->count : 0;
    *ret_unnamed = host ? host->unnamed_count : 0;
    if (registry->config.sessions && registry->entries.count >= registry->config.sessions)
        return -ENFILE;
    return ask_host(&registry->config, host);
}

int registry_set_host(struct registry_entry *entry, const struct addr *peer)
{
    CHECK(!entry->host);
    struct registry_host *host = get_host(entry->registry, peer);
    if (!host)
        return -ENOMEM;
    /* When it is refused the host has others, so its record stays. */
    int r = ask_host(&entry->registry->config, host);
    if (r < 0)
        return r;
    host->count++;
    host->unnamed_count++;
    entry->host = host;
    return 0;
}

void registry_set_named(struct registry_entry *entry)
{
    CHECK(entry->host && !entry->is_named);
    entry->is_named = true;
    entry->registry->named_count++;
    entry->host->unnamed_count--;
}

static void leave_host(struct registry_entry *entry)
{
    struct registry_host *host = entry->host;
    if (!entry->is_named)
        host->unnamed_count--;
    if (--host->count > 0)
        return;
    CHECK(hashmap_remove(&entry->registry->hosts, host_key(host)) == host);
    free(host);
}

void registry_leave(struct registry_entry *entry)
{
    if (!entry->registry)
        return;
    LIST_FOREACH(walk, &entry->registry->walks, struct registry_walk, link) {
        if (walk->next == &entry->link)
            walk->next = entry->link.next;
    }
    list_remove(&entry->registry->entries, &entry->link);
    entry->registry->named_count -= entry->is_named;
    if (entry->host)
        leave_host(entry);
    *entry = (struct registry_entry){0};
}

size_t registry_count(const struct registry *registry)
{
    return registry->entries.count;
}

bool registry_is_deserted(struct registry *registry)
{
    size_t count = registry->entries.count, gone_count = registry->most_count - count;
    if (gone_count < CROWD_MIN || gone_count < count)
        return false;
    registry->most_count = count;
    return true;
}

void registry_walk_begin(struct registry *registry, struct registry_walk *walk)
{
    walk->next = registry->entries.head.next;
    list_push_back(&registry->walks, &walk->link);
}

struct registry_entry *registry_walk_next(struct registry *registry, struct registry_walk *walk)
{
    CHECK(list_is_linked(&walk->link));
    if (walk->next == &registry->entries.head)
        return NULL;
    struct registry_entry *entry = container_of(walk->next, struct registry_entry, link);
    walk->next = walk->next->next;
    return entry;
}

void registry_walk_end(struct registry *registry, struct registry_walk *walk)
{
    list_remove(&registry->walks, &walk->link);
}

size_t registry_unnamed_count(const struct registry *registry)
{
    return registry->entries.count - registry->named_count;
}
