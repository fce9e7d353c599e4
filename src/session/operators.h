/* Who may become an operator of the server: names and password hashes of the configuration. */
#ifndef SESSION_OPERATORS_H
#define SESSION_OPERATORS_H

#include <stddef.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "chat/name.h"
#include "net/password.h"

struct operators_entry {
    char name[NAME_USER_BYTES_MAX + 1];
    struct password_hash hash;
};

/* Whoever checks a password has copied the entry: the list may be replaced at any time. */
struct operators {
    struct operators_entry *entries; /* owned by whoever made the list */
    size_t count;
};

/* "alice $scrypt$...". 0, or -EINVAL with *ret_why, a static text. */
MUST_CHECK int operators_parse(struct bytes text, struct operators_entry *ret_entry, const char **ret_why);

/* NULL: there is none of that name. Case does not count. */
const struct operators_entry *operators_find(const struct operators *operators, struct bytes name);

/* The hash that a password for this name is checked against. For a name that there is not, one that costs
 * as much and that nothing matches, so that time does not tell which names there are. */
struct password_hash operators_hash(const struct operators *operators, struct bytes name);

#endif
