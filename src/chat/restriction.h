/* Bans, mutes and ignores, and the exceptions from them: whom they mean, and until when.
 *
 * A mask is a glob over names, "troll*", or over names and hosts, "*@192.0.2.*" (also as "*!*@192.0.2.*"),
 * without regard to case. A restriction may besides mean one person, whatever that person's name becomes,
 * and one host, which is never shown. */
#ifndef CHAT_RESTRICTION_H
#define CHAT_RESTRICTION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "base/list.h"

#define RESTRICTION_MASK_BYTES_MAX 64
#define RESTRICTION_WHY_BYTES_MAX 200
#define RESTRICTION_FOREVER INT64_MAX
#define RESTRICTIONS_MAX 100 /* in one list */

struct user;

struct restriction {
    struct list_link link;
    uint64_t user_id; /* who was meant; 0: nobody in particular */
    int64_t until_ms; /* monotonic, or RESTRICTION_FOREVER */
    const char *mask; /* in the same allocation, as are the others */
    const char *host; /* "": none */
    const char *why;  /* may be empty */
};

/* What goes into a new one; slices are copied. */
struct restriction_spec {
    struct bytes mask, host, why;
    uint64_t user_id;
    int64_t until_ms;
};

/* Name characters, '*', '?', and in a host '.' and ':'; one '@' at most. */
bool restriction_is_mask(struct bytes text);

/* True when the glob fits the whole text: '*' any run, '?' any one character, ASCII case folded. */
bool restriction_glob(struct bytes glob, struct bytes text);

/* For struct room and struct user: lists of struct restriction by `link`. */

/* Whether the mask is about where people come from and may hold an address; "*@bob" said whom it meant. */
bool restriction_has_address(const struct restriction *restriction);

/* NULL when out of memory. */
MUST_CHECK struct restriction *restriction_new(const struct restriction_spec *spec);
void restriction_free(struct restriction *restriction); /* unlinked; NULL is fine */

/* Takes it over; one of the same mask goes. */
void restriction_add(struct list *list, struct restriction *restriction);
/* The one that holds this user longest; NULL when there is none. */
const struct restriction *restriction_find(const struct list *list, const struct user *user, int64_t now_ms);
/* Whether there are any with this mask, or that mean this person (0: nobody). */
bool restriction_has(const struct list *list, struct bytes mask, uint64_t user_id);
/* Removes them. */
void restriction_remove(struct list *list, struct bytes mask, uint64_t user_id);
/* Removes those whose time is over. */
void restriction_purge(struct list *list, int64_t now_ms);
void restriction_clear(struct list *list);

#endif
