/* The hosts that have lately done something: so many, for so long. Used for HTTP requests: a browser
 * opens more connections than it needs, and keeps them silent. */
#ifndef SESSION_RECENT_H
#define SESSION_RECENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/addr.h"

#define RECENT_HOSTS 256 /* the oldest is forgotten for one more */

struct recent {
    int64_t keep_ms;
    size_t next;
    struct recent_host {
        int64_t at_ms;
        size_t key_len; /* 0: free */
        char key[ADDR_KEY_MAX];
    } hosts[RECENT_HOSTS];
};

void recent_init(struct recent *recent, int64_t keep_ms);
void recent_note(struct recent *recent, const struct addr *peer, int64_t now_ms);
/* Whether its host (see addr_host_key) was noted less than keep_ms ago. */
bool recent_has(const struct recent *recent, const struct addr *peer, int64_t now_ms);

#endif
