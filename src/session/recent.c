#include "session/recent.h"

#include <string.h>

void recent_init(struct recent *recent, int64_t keep_ms)
{
    *recent = (struct recent){.keep_ms = keep_ms};
}

/* The host's place, or NULL. The table is small, and is filled in order. */
static const struct recent_host *find(const struct recent *recent, const struct addr *peer)
{
    char key[ADDR_KEY_MAX];
    size_t key_len = addr_host_key(peer, key);

    for (size_t i = 0; i < RECENT_HOSTS && recent->hosts[i].key_len > 0; i++) {
        const struct recent_host *host = &recent->hosts[i];
        if (host->key_len == key_len && memcmp(host->key, key, key_len) == 0)
            return host;
    }
    return NULL;
}

void recent_note(struct recent *recent, const struct addr *peer, int64_t now_ms)
{
    const struct recent_host *known = find(recent, peer);
    struct recent_host *host = &recent->hosts[known ? (size_t)(known - recent->hosts) : recent->next];

    if (!known) {
        recent->next = (recent->next + 1) % RECENT_HOSTS;
        host->key_len = addr_host_key(peer, host->key);
    }
    host->at_ms = now_ms;
}

bool recent_has(const struct recent *recent, const struct addr *peer, int64_t now_ms)
{
    const struct recent_host *host = find(recent, peer);

    return host && now_ms - host->at_ms < recent->keep_ms;
}
