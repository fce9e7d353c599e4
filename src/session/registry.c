#include "session/registry.h"

#include <errno.h>
#include <stdlib.h>

#include "base/check.h"

struct registry_host {
    char key[ADDR_KEY_MAX];
    size_t key_len;
    size_t count;
};

void registry_init(struct registry *registry, const struct registry_config *config)
{
    *registry = (struct registry){.config = *config};
    list_init(&registry->entries);
    hashmap_init(&registry->hosts);
}

void registry_done(struct registry *registry)
{
    CHECK(list_is_empty(&registry->entries));
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

int registry_admit(struct registry *registry, const struct addr *peer, struct registry_entry *entry)
{
    const struct registry_config *config = &registry->config;
    *entry = (struct registry_entry){0};
    if (config->sessions && registry->entries.count >= config->sessions)
        return -ENFILE;
    struct registry_host *host = get_host(registry, peer);
    if (!host)
        return -ENOMEM;
    if (config->per_address && host->count >= config->per_address)
        return -EUSERS; /* the host has others, so its record stays */
    host->count++;
    entry->host = host;
    entry->registry = registry;
    list_push_back(&registry->entries, &entry->link);
    return 0;
}

void registry_leave(struct registry_entry *entry)
{
    if (!entry->registry)
        return;
    list_remove(&entry->registry->entries, &entry->link);
    if (--entry->host->count == 0) {
        CHECK(hashmap_remove(&entry->registry->hosts, host_key(entry->host)) == entry->host);
        free(entry->host);
    }
    *entry = (struct registry_entry){0};
}

size_t registry_count(const struct registry *registry)
{
    return registry->entries.count;
}
