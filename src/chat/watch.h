/* Who wants to know when people of certain names come and go.
 *
 * A name may be watched that nobody has. For each name that is watched there is one struct watched, found by the folded
 * name, with the list of those who watch it; it goes with the last of them. */
#ifndef CHAT_WATCH_H
#define CHAT_WATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "base/hashmap.h"
#include "base/list.h"
#include "chat/name.h"

#define WATCHES_MAX 100 /* of one person */

struct user;

struct watched {
    struct name name;    /* as the first who watched it wrote it */
    struct list watches; /* struct watch by name_link */
};

struct watch {
    struct list_link name_link, user_link;
    struct user *user;
    struct watched *watched;
};

/* 0; -EEXIST: the user does that already; -ENOSPC: WATCHES_MAX; -ENOMEM. Nothing has changed then. The name is valid. */
MUST_CHECK int watch_add(struct hashmap *map, struct user *user, struct bytes name);
bool watch_has(const struct user *user, struct bytes name);
/* False when the user does not. */
bool watch_remove(struct hashmap *map, struct user *user, struct bytes name);
void watch_clear(struct hashmap *map, struct user *user);
/* NULL: nobody watches the name. */
const struct watched *watch_find(const struct hashmap *map, struct bytes name);

#endif
