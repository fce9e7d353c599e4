/* See operators.h. */
#include "session/operators.h"

#include <errno.h>

#include "base/check.h"

int operators_parse(struct bytes text, struct operators_entry *ret_entry, const char **ret_why)
{
    struct operators_entry entry;
    struct bytes rest = text;
    struct bytes name = bytes_word(&rest);

    if (!name_is_user(name)) {
        *ret_why = "expected NAME HASH, the line that `mingled --hash-password` prints";
        return -EINVAL;
    }
    int r = password_hash_parse(bytes_trim(rest), &entry.hash, ret_why);
    if (r < 0)
        return r;
    CHECK(bytes_copy(name, entry.name, sizeof(entry.name)));
    *ret_entry = entry;
    return 0;
}

const struct operators_entry *operators_find(const struct operators *operators, struct bytes name)
{
    for (size_t i = 0; i < operators->count; i++) {
        if (bytes_eq_nocase(bytes_of(operators->entries[i].name), name))
            return &operators->entries[i];
    }
    return NULL;
}

/* The cost of the first operator's hash stands for all of them: they come from the same command. */
static struct password_hash hash_of_nobody(const struct operators *operators)
{
    const struct operators_entry *first = operators->count > 0 ? operators->entries : NULL;
    struct password_hash hash = password_hash_none;

    if (first) {
        hash.log2_n = first->hash.log2_n;
        hash.r = first->hash.r;
        hash.p = first->hash.p;
    }
    return hash;
}

struct password_hash operators_hash(const struct operators *operators, struct bytes name)
{
    const struct operators_entry *entry = operators_find(operators, name);

    return entry ? entry->hash : hash_of_nobody(operators);
}
