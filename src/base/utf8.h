/* UTF-8 as in RFC 3629: decode, encode, validate. No overlong forms, no surrogates, nothing above
 * U+10FFFF. Pure functions. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

#define UTF8_REPLACEMENT 0xFFFDu
#define UTF8_MAX_BYTES 4

/* Decodes the first character of `b` (b.len > 0). Returns the bytes it takes. A malformed sequence
 * yields U+FFFD, sets *ret_valid to false and takes the longest prefix that could have begun a valid
 * character (Unicode, "maximal subpart"), at least one byte. */
size_t utf8_next(struct bytes b, uint32_t *ret_char, bool *ret_valid);

/* Writes 1-4 bytes to dst and returns how many. An invalid scalar is written as U+FFFD. */
size_t utf8_encode(uint32_t c, char dst[UTF8_MAX_BYTES]);

bool utf8_is_valid(struct bytes b);

/* Whether all of it is printable ASCII, space to tilde: most text is, and needs no closer look. */
bool utf8_is_printable_ascii(struct bytes b);

/* The longest prefix of at most max_bytes that does not cut in two what utf8_next() takes as one. */
struct bytes utf8_prefix(struct bytes b, size_t max_bytes);

/* Characters that follow each other, both ends included. */
struct utf8_range {
    uint32_t first, last;
};

/* Whether the character is in one of these ranges, which are sorted and apart from each other. */
bool utf8_is_in(const struct utf8_range *ranges, size_t count, uint32_t c);

#endif
