/* See watch.h. */
#include "chat/watch.h"

#include <errno.h>
#include <stdlib.h>

#include "base/check.h"
#include "chat/user.h"

const struct watched *watch_find(const struct hashmap *map, struct bytes name)
{
    char folded[NAME_BYTES_MAX + 1];

    name_fold(name, folded);
    return hashmap_find(map, bytes_of(folded));
}

static struct watched *find_or_make(struct hashmap *map, struct bytes name)
{
    char folded[NAME_BYTES_MAX + 1];

    name_fold(name, folded);
    struct watched *watched = hashmap_find(map, bytes_of(folded));
    if (watched != NULL)
        return watched;
    watched = calloc(1, sizeof(*watched));
    if (watched == NULL)
        return NULL;
    name_set(&watched->name, name);
    list_init(&watched->watches);
    if (hashmap_put(map, bytes_of(watched->name.folded), watched) == 0)
        return watched;
    free(watched);
    return NULL;
}

static void drop_if_unwatched(struct hashmap *map, struct watched *watched)
{
    if (!list_is_empty(&watched->watches))
        return;
    hashmap_remove(map, bytes_of(watched->name.folded));
    free(watched);
}

static void remove_watch(struct hashmap *map, struct watch *watch)
{
    struct watched *watched = watch->watched;

    list_remove(&watched->watches, &watch->name_link);
    list_remove(&watch->user->rare->watches, &watch->user_link);
    free(watch);
    drop_if_unwatched(map, watched);
}

static struct watch *find_watch(const struct user *user, struct bytes name)
{
    if (user->rare == NULL)
        return NULL;
    LIST_FOREACH(watch, &user->rare->watches, struct watch, user_link) {
        if (bytes_eq_nocase(bytes_of(watch->watched->name.text), name))
            return watch;
    }
    return NULL;
}

bool watch_has(const struct user *user, struct bytes name)
{
    return find_watch(user, name) != NULL;
}

int watch_add(struct hashmap *map, struct user *user, struct bytes name)
{
    CHECK(name_is_user(name));
    if (find_watch(user, name) != NULL)
        return -EEXIST;
    struct user_rare *rare = user_get_rare(user);
    if (rare == NULL)
        return -ENOMEM;
    if (rare->watches.count >= WATCHES_MAX)
        return -ENOSPC;
    struct watch *watch = calloc(1, sizeof(*watch));
    struct watched *watched = watch != NULL ? find_or_make(map, name) : NULL;
    if (watched == NULL) {
        free(watch);
        return -ENOMEM;
    }
    watch->user = user;
    watch->watched = watched;
    list_push_back(&watched->watches, &watch->name_link);
    list_push_back(&rare->watches, &watch->user_link);
    return 0;
}

bool watch_remove(struct hashmap *map, struct user *user, struct bytes name)
{
    struct watch *watch = find_watch(user, name);

    if (watch != NULL)
        remove_watch(map, watch);
    return watch != NULL;
}

void watch_clear(struct hashmap *map, struct user *user)
{
    if (user->rare == NULL)
        return;
    LIST_FOREACH_SAFE(watch, &user->rare->watches, struct watch, user_link)
        remove_watch(map, watch);
}
