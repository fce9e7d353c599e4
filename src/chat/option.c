/* The options and their words, in one table. */
#include "chat/option.h"

#include <stdio.h>

#include "base/attr.h"
#include "base/check.h"

#define WORDS_MAX 5

struct option_row {
    const char *name;
    const char *words[WORDS_MAX]; /* by value; NULL-terminated */
    const char *word_alias;       /* another word for the value 0, or NULL */
    const char *choices;
};

#define STRING_OF(x) #x
#define DIGITS(x) STRING_OF(x)

static const struct option_row rows[OPTION_COUNT] = {
    [OPTION_TIME] = {"time", {"on", "off", "iso"}, "HH:MM", "on, off, HH:MM, iso"},
    [OPTION_TZ] = {"tz", {NULL}, NULL, "server, UTC, or a name like Europe/Paris"},
    [OPTION_JOINS] = {"joins", {"smart", "on", "off"}, NULL, "smart, on, off"},
    [OPTION_COLOUR] = {"colour", {"auto", "on", "off"}, NULL, "auto, on, off"},
    [OPTION_BELL] = {"bell", {"auto", "on", "off", "all"}, NULL, "auto, on, off, all"},
    [OPTION_ECHO] = {"echo", {"auto", "on", "off"}, NULL, "auto, on, off"},
    [OPTION_FORMAT] = {"format", {"text", "json"}, NULL, "text, json"},
    [OPTION_WIDTH] = {"width",
                      {"auto"},
                      "off",
                      "auto, " DIGITS(OPTION_WIDTH_MIN) " to " DIGITS(OPTION_WIDTH_MAX)},
    [OPTION_PLAIN] = {"plain", {"off", "on"}, NULL, "off, on"},
    [OPTION_EDIT] = {"edit", {"on", "off"}, NULL, "on, off"},
};

static const struct {
    const char *name;
    enum chat_option option;
} aliases[] = {{"color", OPTION_COLOUR}, {"timezone", OPTION_TZ}};

const struct chat_zone option_zone_utc = {.name = "UTC"};

const char *option_name(enum chat_option option)
{
    CHECK(option < OPTION_COUNT);
    return rows[option].name;
}

const char *option_choices(enum chat_option option)
{
    CHECK(option < OPTION_COUNT);
    return rows[option].choices;
}

bool option_find(struct bytes name, enum chat_option *ret_option)
{
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (bytes_eq_nocase(name, bytes_of(rows[i].name))) {
            *ret_option = (enum chat_option)i;
            return true;
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(aliases); i++) {
        if (bytes_eq_nocase(name, bytes_of(aliases[i].name))) {
            *ret_option = aliases[i].option;
            return true;
        }
    }
    return false;
}

bool option_parse(enum chat_option option, struct bytes word, uint16_t *ret_value)
{
    CHECK(option < OPTION_COUNT);
    const struct option_row *row = &rows[option];
    uint64_t number;

    for (size_t i = 0; row->words[i] != NULL; i++) {
        if (bytes_eq_nocase(word, bytes_of(row->words[i]))) {
            *ret_value = (uint16_t)i;
            return true;
        }
    }
    if (row->word_alias != NULL && bytes_eq_nocase(word, bytes_of(row->word_alias))) {
        *ret_value = 0;
        return true;
    }
    if (option != OPTION_WIDTH || bytes_parse_u64(word, OPTION_WIDTH_MAX, &number) != 0 ||
        (number != 0 && number < OPTION_WIDTH_MIN))
        return false;
    *ret_value = (uint16_t)number;
    return true;
}

/* Keeps the candidate if it is nearer than what was there. */
static void offer(struct bytes word, const char *candidate, unsigned *distance, const char **best)
{
    unsigned d = bytes_distance(word, bytes_of(candidate));

    if (d < *distance) {
        *distance = d;
        *best = candidate;
    }
}

/* At this distance or more nothing is near: one mistake in a short word, two in a longer one. */
static unsigned far_distance(struct bytes word)
{
    return word.len <= 3 ? 2 : 3;
}

const char *option_suggest(struct bytes name)
{
    unsigned distance = far_distance(name);
    const char *best = NULL;

    for (size_t i = 0; i < OPTION_COUNT; i++)
        offer(name, rows[i].name, &distance, &best);
    return best;
}

const char *option_suggest_word(enum chat_option option, struct bytes word)
{
    unsigned distance = far_distance(word);
    const char *best = NULL;

    CHECK(option < OPTION_COUNT);
    for (size_t i = 0; rows[option].words[i] != NULL; i++)
        offer(word, rows[option].words[i], &distance, &best);
    return best;
}

bool option_zone(struct bytes word, const struct chat_zone **ret_zone)
{
    if (bytes_eq_nocase(word, BYTES("server"))) {
        *ret_zone = NULL;
        return true;
    }
    if (bytes_eq_nocase(word, BYTES("UTC"))) {
        *ret_zone = &option_zone_utc;
        return true;
    }
    return false;
}

void option_word(enum chat_option option, uint16_t value, const struct chat_zone *zone,
                 char ret_word[OPTION_WORD_BYTES_MAX + 1])
{
    const char *word;

    CHECK(option < OPTION_COUNT);
    if (option == OPTION_TZ)
        word = zone != NULL ? zone->name : "server";
    else
        word = rows[option].words[option == OPTION_WIDTH ? 0 : value];
    if (option == OPTION_WIDTH && value > 0)
        snprintf(ret_word, OPTION_WORD_BYTES_MAX + 1, "%u", value);
    else
        snprintf(ret_word, OPTION_WORD_BYTES_MAX + 1, "%s", word);
}
