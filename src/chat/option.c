/* The options and their words, in one table. */
#include "chat/option.h"

#include <stdio.h>

#include "base/attr.h"
#include "base/check.h"

#define WORDS_MAX 4

struct option_row {
    const char *name;
    const char *words[WORDS_MAX]; /* by value; NULL-terminated */
    const char *alias;            /* another word for the value 0, or NULL */
};

static const struct option_row rows[OPTION_COUNT] = {
    [OPTION_TIME] = {"time", {"on", "off", "iso"}, "HH:MM"},
    [OPTION_JOINS] = {"joins", {"smart", "on", "off"}, NULL},
    [OPTION_ECHO] = {"echo", {"off", "on"}, NULL},
    [OPTION_WIDTH] = {"width", {"auto"}, "off"},
};

const char *option_name(enum chat_option option)
{
    CHECK(option < OPTION_COUNT);
    return rows[option].name;
}

static bool parse_value(enum chat_option option, struct bytes word, uint16_t *ret_value)
{
    const struct option_row *row = &rows[option];
    uint64_t number;

    for (size_t i = 0; row->words[i] != NULL; i++) {
        if (bytes_eq_nocase(word, bytes_of(row->words[i]))) {
            *ret_value = (uint16_t)i;
            return true;
        }
    }
    if (row->alias != NULL && bytes_eq_nocase(word, bytes_of(row->alias))) {
        *ret_value = 0;
        return true;
    }
    if (option != OPTION_WIDTH || bytes_parse_u64(word, OPTION_WIDTH_MAX, &number) != 0 ||
        number < OPTION_WIDTH_MIN)
        return false;
    *ret_value = (uint16_t)number;
    return true;
}

bool option_parse(struct bytes name, struct bytes word, enum chat_option *ret_option, uint16_t *ret_value)
{
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (!bytes_eq_nocase(name, bytes_of(rows[i].name)))
            continue;
        if (!parse_value((enum chat_option)i, word, ret_value))
            return false;
        *ret_option = (enum chat_option)i;
        return true;
    }
    return false;
}

void option_word(enum chat_option option, uint16_t value, char ret_word[OPTION_WORD_BYTES_MAX + 1])
{
    CHECK(option < OPTION_COUNT);
    if (option == OPTION_WIDTH && value > 0)
        snprintf(ret_word, OPTION_WORD_BYTES_MAX + 1, "%u", value);
    else
        snprintf(ret_word, OPTION_WORD_BYTES_MAX + 1, "%s", rows[option].words[value]);
}
