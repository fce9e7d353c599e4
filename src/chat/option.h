/* What people choose with /set about what they are shown. Values are small numbers, for the dialects; 0 is
 * what it is without a choice. */
#ifndef CHAT_OPTION_H
#define CHAT_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

enum chat_option { OPTION_TIME, OPTION_JOINS, OPTION_ECHO, OPTION_WIDTH, OPTION_COUNT };

enum { OPTION_TIME_ON, OPTION_TIME_OFF, OPTION_TIME_ISO };
enum { OPTION_JOINS_SMART, OPTION_JOINS_ON, OPTION_JOINS_OFF };
enum { OPTION_ECHO_OFF, OPTION_ECHO_ON };

/* OPTION_WIDTH is a number of columns in these limits, or 0 ("auto"). */
#define OPTION_WIDTH_MIN 40
#define OPTION_WIDTH_MAX 400

const char *option_name(enum chat_option option);

/* By name and word, without regard to case. False when there is no such option or it has no such value. */
bool option_parse(struct bytes name, struct bytes word, enum chat_option *ret_option, uint16_t *ret_value);

#define OPTION_WORD_BYTES_MAX 15
/* The word for a value that option_parse() gave. */
void option_word(enum chat_option option, uint16_t value, char ret_word[OPTION_WORD_BYTES_MAX + 1]);

#endif
