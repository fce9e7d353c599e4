/* Who may not come to this server at all: addresses, blocks of them, and names.
 *
 *     192.0.2.7   2001:db8::/32   unix       a host or a block of them: refused when they connect
 *     *@192.0.2.*                            the same with a glob over the address as text
 *     troll*      troll*@192.0.2.*           a name, from anywhere or from there: refused when it is given
 *
 * A ban has an end, or none. Nothing here suspends. It lasts as long as the process. */
#ifndef SESSION_BAN_LIST_H
#define SESSION_BAN_LIST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "base/list.h"
#include "net/addr_block.h"

#define BAN_LIST_MAX 10000
#define BAN_MASK_BYTES_MAX 96
#define BAN_WHY_BYTES_MAX 200
#define BAN_FOREVER INT64_MAX

struct ban {
    struct list_link link;
    int64_t until_ms; /* monotonic, or BAN_FOREVER */
    bool has_block;   /* `block` is what it means; otherwise the mask is a glob */
    struct addr_block block;
    char mask[BAN_MASK_BYTES_MAX + 1];
    char why[BAN_WHY_BYTES_MAX + 1]; /* may be empty */
};

struct ban_list {
    struct list bans; /* struct ban, oldest first */
};

void ban_list_init(struct ban_list *list);
void ban_list_done(struct ban_list *list);

/* One of the same mask is replaced; `why` is cut. 0; -EINVAL: that is no mask; -ENOSPC: BAN_LIST_MAX there
 * are; -ENOMEM. */
MUST_CHECK int ban_list_add(struct ban_list *list, struct bytes mask, int64_t until_ms, struct bytes why,
                            const struct ban **ret_ban);
/* False: there is none with this mask. */
bool ban_list_remove(struct ban_list *list, struct bytes mask);
/* Removes those whose time is over. */
void ban_list_purge(struct ban_list *list, int64_t now_ms);

/* The ban that keeps this one out, or NULL. Without a name: only bans that mean all names. */
const struct ban *ban_list_find(const struct ban_list *list, const struct addr *peer, struct bytes name,
                                int64_t now_ms);
/* Whether this ban means them. */
bool ban_matches(const struct ban *ban, const struct addr *peer, struct bytes name);

#endif
