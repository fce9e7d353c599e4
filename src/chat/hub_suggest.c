/* Names that the hub proposes: free ones, and near ones for "did you mean". */
#include <stdio.h>

#include "base/check.h"
#include "chat/hub.h"
#include "chat/hub_private.h"
#include "chat/policy.h"
#include "chat/room.h"
#include "chat/user.h"

enum {
    LOOK_MAX = 1000,          /* names compared for one "did you mean" */
    NUMBERED_MAX = 99,        /* "bob2" … "bob99" */
    GUEST_FOUR_DIGITS = 9000, /* from 1000 to 9999 */
    GUEST_TRIES = 64,         /* before guests get more digits */
    SHORT_NAME_BYTES = 3,     /* up to here one difference is near, above two */
};

/* Spreads consecutive ids over all four-digit numbers: it has no divisor in common with 9000. */
#define GUEST_STEP 7919u

/* ---- free names ---- */

static bool is_free(const struct hub *hub, const char *name)
{
    return hub_find_user_name(hub, bytes_of(name)) == NULL;
}

static void suggest_guest(const struct hub *hub, char ret_name[NAME_USER_BYTES_MAX + 1])
{
    uint64_t spread = hub->next_user_id * GUEST_STEP;
    for (uint64_t i = 0; i < GUEST_TRIES; i++) {
        unsigned number = 1000 + (unsigned)((spread + i) % GUEST_FOUR_DIGITS);
        snprintf(ret_name, NAME_USER_BYTES_MAX + 1, "guest-%u", number);
        if (is_free(hub, ret_name))
            return;
    }
    /* There are more of these than people: the search ends. */
    for (uint64_t i = 0;; i++) {
        snprintf(ret_name, NAME_USER_BYTES_MAX + 1, "guest-%llu", (unsigned long long)(spread + 10000 + i));
        if (is_free(hub, ret_name))
            return;
    }
}

static bool suggest_numbered(const struct hub *hub, struct bytes wanted,
                             char ret_name[NAME_USER_BYTES_MAX + 1])
{
    for (unsigned number = 2; number <= NUMBERED_MAX; number++) {
        size_t digits = number < 10 ? 1 : 2;
        struct bytes stem = bytes_slice(wanted, 0, NAME_USER_BYTES_MAX - digits);
        snprintf(ret_name, NAME_USER_BYTES_MAX + 1, "%.*s%u", BYTES_ARG(stem), number);
        if (is_free(hub, ret_name))
            return true;
    }
    return false;
}

void hub_suggest_name(const struct hub *hub, struct bytes wanted, char ret_name[NAME_USER_BYTES_MAX + 1])
{
    bool is_found = false;
    if (name_is_user(wanted)) {
        CHECK(bytes_copy(wanted, ret_name, NAME_USER_BYTES_MAX + 1));
        is_found = is_free(hub, ret_name) || suggest_numbered(hub, wanted, ret_name);
    }
    if (!is_found)
        suggest_guest(hub, ret_name);
}

/* ---- near names ---- */

struct search {
    struct bytes wanted;
    struct bytes best;
    unsigned distance; /* only what is less far is taken */
    size_t looks_left;
};

static struct search search_start(struct bytes wanted)
{
    struct search search = {.wanted = wanted, .looks_left = LOOK_MAX};
    search.distance = wanted.len <= SHORT_NAME_BYTES ? 2 : 3;
    return search;
}

/* False when enough has been looked at. */
static bool search_look(struct search *search, struct bytes candidate)
{
    if (search->looks_left == 0)
        return false;
    search->looks_left--;
    unsigned distance = bytes_distance(search->wanted, candidate);
    if (distance < search->distance) {
        search->distance = distance;
        search->best = candidate;
    }
    return true;
}

static void look_at_members(struct search *search, const struct room *room, const struct user *except)
{
    for (size_t i = 0; i < room->member_count; i++) {
        const struct membership *membership = room->members[i];
        if (membership->is_leaving || membership->user == except)
            continue;
        if (!search_look(search, user_name(membership->user)))
            return;
    }
}

struct bytes hub_nearest_user(const struct hub *hub, const struct user *user, struct bytes wanted)
{
    struct search search = search_start(wanted);
    LIST_FOREACH(membership, &user->memberships, struct membership, user_link) {
        if (!membership->is_leaving)
            look_at_members(&search, membership->room, user);
    }
    if (search.best.len > 0)
        return search.best;
    size_t iter = 0;
    for (struct user *other; (other = hashmap_next(&hub->user_names, &iter)) != NULL;) {
        if (other != user && !search_look(&search, user_name(other)))
            break;
    }
    return search.best;
}

struct bytes hub_nearest_room(const struct hub *hub, const struct user *user, struct bytes wanted)
{
    struct search search = search_start(wanted);
    LIST_FOREACH(membership, &user->memberships, struct membership, user_link) {
        if (!membership->is_leaving && !search_look(&search, room_name(membership->room)))
            return search.best;
    }
    if (search.best.len > 0)
        return search.best;
    size_t iter = 0;
    for (struct room *room; (room = hashmap_next(&hub->room_names, &iter)) != NULL;) {
        if (policy_may_see(room, user) && !search_look(&search, room_name(room)))
            break;
    }
    return search.best;
}

void hub_visit_rooms(const struct hub *hub, const struct user *user, size_t look_max,
                     void (*visit)(void *arg, const struct room *room), void *arg)
{
    size_t iter = 0;
    struct room *room;

    while (look_max-- > 0 && (room = hashmap_next(&hub->room_names, &iter)) != NULL) {
        if (policy_may_see(room, user))
            visit(arg, room);
    }
}
