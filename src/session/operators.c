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

struct password_hash operators_hash(const struct operators *operators, struct bytes name)
{
    const struct operators_entry *entry = operators_find(operators, name);
    struct password_hash none = password_hash_none;

    if (entry)
        return entry->hash;
    if (operators->count > 0) {
        none.log2_n = operators->entries[0].hash.log2_n;
        none.r = operators->entries[0].hash.r;
        none.p = operators->entries[0].hash.p;
    }
    return none;
}
