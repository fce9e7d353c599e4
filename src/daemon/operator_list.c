/* See operator_list.h. */
#include "daemon/operator_list.h"

#include <errno.h>
#include <stdlib.h>

static struct bytes name_of(const char *item)
{
    struct bytes rest = bytes_of(item);

    return bytes_word(&rest);
}

static bool has_twin_before(const struct setting_list *list, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (bytes_eq_nocase(name_of(list->items[i]), name_of(list->items[index])))
            return true;
    }
    return false;
}

void operator_list_check(const struct setting_list *list, struct buf *errors)
{
    struct operators_entry entry;
    const char *why;

    for (size_t i = 0; i < list->count; i++) {
        struct bytes name = bytes_slice(name_of(list->items[i]), 0, NAME_USER_BYTES_MAX);
        if (operators_parse(bytes_of(list->items[i]), &entry, &why) < 0)
            buf_printf(errors, "operators.operator \"%.*s\": %s\n", BYTES_ARG(name), why);
        else if (has_twin_before(list, i))
            buf_printf(errors, "operators.operator \"%.*s\" is given twice\n", BYTES_ARG(name));
    }
}

int operator_list_load(const struct setting_list *list, struct operators *ret_operators)
{
    struct operators operators = {.entries = calloc(list->count + 1, sizeof(*operators.entries))};
    const char *why;

    if (!operators.entries)
        return -ENOMEM;
    for (; operators.count < list->count; operators.count++) {
        int r = operators_parse(bytes_of(list->items[operators.count]), &operators.entries[operators.count],
                                &why);
        if (r < 0) {
            operator_list_done(&operators);
            return r;
        }
    }
    *ret_operators = operators;
    return 0;
}

void operator_list_done(struct operators *operators)
{
    free(operators->entries);
    *operators = (struct operators){0};
}
