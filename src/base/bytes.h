/* A slice of bytes that somebody else owns.
 *
 * Parsers take and return slices into their input; nothing is copied and nothing needs a NUL. A
 * slice is valid as long as the memory it points into. {NULL, 0} is a valid empty slice. */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/attr.h"

struct bytes {
    const char *ptr;
    size_t len;
};

/* A slice over a string literal. */
#define BYTES(literal) ((struct bytes){(literal), sizeof(literal) - 1})

/* For printf("%.*s", BYTES_ARG(b)). Evaluates `b` twice: give it a variable. Slices longer than INT_MAX do
 * not occur here (limits are far below). */
#define BYTES_ARG(b) (int)(b).len, (b).ptr

struct bytes bytes_of(const char *text); /* NULL gives the empty slice */

/* From byte `from` to before byte `to`, clamped to b. */
static inline struct bytes bytes_slice(struct bytes b, size_t from, size_t to)
{
    if (b.len == 0)
        return b;
    if (to > b.len)
        to = b.len;
    if (from > to)
        from = to;
    return (struct bytes){b.ptr + from, to - from};
}

static inline bool bytes_eq(struct bytes a, struct bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool bytes_eq_nocase(struct bytes a, struct bytes b); /* ASCII letters only */
bool bytes_starts_with(struct bytes b, struct bytes prefix);
int bytes_cmp(struct bytes a, struct bytes b); /* as memcmp; a prefix comes before the longer one */

/* Index of the first `c`, or b.len when there is none. */
size_t bytes_find(struct bytes b, char c);

/* Without spaces and tabs at both ends. */
struct bytes bytes_trim(struct bytes b);

/* Cuts the first word (up to a space or tab) off `rest`, which is left at the next word, or empty.
 * Leading blanks are skipped. Returns the word, empty when there is none. */
struct bytes bytes_word(struct bytes *rest);

/* Cuts `rest` at the first `separator`: returns what is before it, leaves `rest` after it. Without a
 * separator everything is returned and `rest` is empty. */
struct bytes bytes_cut(struct bytes *rest, char separator);

/* Decimal digits only, nothing before or after. 0; -EINVAL for anything else or an empty slice;
 * -ERANGE above `max`. */
MUST_CHECK int bytes_parse_u64(struct bytes b, uint64_t max, uint64_t *ret_value);

/* Copies at most size-1 bytes (size > 0) and ends them with NUL. Returns false when it had to cut. */
bool bytes_copy(struct bytes b, char *dst, size_t size);

/* A NUL-terminated malloc'd copy, owned by the caller; NULL when out of memory. */
MUST_CHECK char *bytes_dup(struct bytes b);

/* Edit distance (Levenshtein, ASCII case folded) for "did you mean"; slices over 32 bytes give 33. */
unsigned bytes_distance(struct bytes a, struct bytes b);

#endif
