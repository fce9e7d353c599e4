/* How many columns of a terminal a character takes.
 *
 * libc's wcwidth() answers for the process's locale, and a daemon runs in "C", where it knows ASCII
 * only. The tables here are Unicode 14's: East Asian Width W and F take two columns; marks, format
 * characters and the inner letters of Hangul syllables take none. What a terminal that knows another
 * version of Unicode draws otherwise is off by a column until the next line. */
#ifndef BASE_WIDTH_H
#define BASE_WIDTH_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/* 0, 1 or 2. Control characters are 0. */
unsigned width_of_char(uint32_t c);

/* Of a whole text; a malformed sequence counts as one U+FFFD. */
size_t width_of_text(struct bytes text);

#define WIDTH_CLUSTER_CHARS_MAX 32

/* Bytes of what is drawn as one: the first character and those behind it that take no column, but no more
 * than WIDTH_CLUSTER_CHARS_MAX. `text` is not empty. *ret_width: the columns of it. */
size_t width_cut_cluster(struct bytes text, unsigned *ret_width);

#endif
