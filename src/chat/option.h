/* What people choose with /set about what they are shown. Values are small numbers, for the dialects; 0 is
 * what it is without a choice. */
#ifndef CHAT_OPTION_H
#define CHAT_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/tz.h"

enum chat_option {
    OPTION_TIME,
    OPTION_TZ, /* has no value: a struct chat_zone, or NULL for the server's */
    OPTION_JOINS,
    OPTION_COLOUR,
    OPTION_BELL,
    OPTION_ECHO,
    OPTION_FORMAT,
    OPTION_WIDTH,
    OPTION_PLAIN,
    OPTION_EDIT,
    OPTION_COUNT
};

enum { OPTION_TIME_ON, OPTION_TIME_OFF, OPTION_TIME_ISO };
enum { OPTION_JOINS_SMART, OPTION_JOINS_ON, OPTION_JOINS_OFF };
/* auto: as it fits the client. */
enum { OPTION_COLOUR_AUTO, OPTION_COLOUR_ON, OPTION_COLOUR_OFF };
enum { OPTION_BELL_AUTO, OPTION_BELL_ON, OPTION_BELL_OFF, OPTION_BELL_ALL };
enum { OPTION_ECHO_AUTO, OPTION_ECHO_ON, OPTION_ECHO_OFF };
enum { OPTION_FORMAT_TEXT, OPTION_FORMAT_JSON };
enum { OPTION_PLAIN_OFF, OPTION_PLAIN_ON };
enum { OPTION_EDIT_ON, OPTION_EDIT_OFF };

/* OPTION_WIDTH is a number of columns in these limits, or 0 ("auto"). */
#define OPTION_WIDTH_MIN 40
#define OPTION_WIDTH_MAX 400

/* A time zone that somebody chose. Lives as long as the server. */
struct chat_zone {
    char name[TZ_NAME_BYTES_MAX + 1];
    struct tz *tz; /* NULL: UTC */
};
extern const struct chat_zone option_zone_utc;

const char *option_name(enum chat_option option);
/* All values, as /set lists them: "on, off, HH:MM, iso". */
const char *option_choices(enum chat_option option);

/* By name or alias, without regard to case. */
bool option_find(struct bytes name, enum chat_option *ret_option);
/* False when the option has no such value, always for OPTION_TZ. */
bool option_parse(enum chat_option option, struct bytes word, uint16_t *ret_value);

/* The nearest name of an option, or word of an option, for "did you mean"; NULL when nothing is near. */
const char *option_suggest(struct bytes name);
const char *option_suggest_word(enum chat_option option, struct bytes word);

/* Whether the word is one of those zones that need no file. NULL in *ret_zone: the server's. */
bool option_zone(struct bytes word, const struct chat_zone **ret_zone);

#define OPTION_WORD_BYTES_MAX TZ_NAME_BYTES_MAX
/* The word for a value that option_parse() gave; of OPTION_TZ, for the zone. */
void option_word(enum chat_option option, uint16_t value, const struct chat_zone *zone,
                 char ret_word[OPTION_WORD_BYTES_MAX + 1]);

#endif
