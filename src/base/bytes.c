/* Slices: comparing, cutting and reading bytes that somebody else owns.
 *
 * An empty slice may have a NULL pointer, which neither memcmp() nor pointer arithmetic accepts: so
 * every function looks at the length first. */
#include "base/bytes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/check.h"

#define DISTANCE_MAX_BYTES 32

struct bytes bytes_of(const char *text)
{
    return text != NULL ? (struct bytes){text, strlen(text)} : (struct bytes){NULL, 0};
}

bool bytes_eq_nocase(struct bytes a, struct bytes b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++) {
        if (ascii_lower(a.ptr[i]) != ascii_lower(b.ptr[i]))
            return false;
    }
    return true;
}

bool bytes_starts_with(struct bytes b, struct bytes prefix)
{
    return bytes_eq(bytes_slice(b, 0, prefix.len), prefix);
}

int bytes_cmp(struct bytes a, struct bytes b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common > 0 ? memcmp(a.ptr, b.ptr, common) : 0;
    if (order != 0)
        return order;
    return (a.len > b.len) - (a.len < b.len);
}

size_t bytes_find(struct bytes b, char c)
{
    const char *hit = b.len > 0 ? memchr(b.ptr, c, b.len) : NULL;
    return hit != NULL ? (size_t)(hit - b.ptr) : b.len;
}

static struct bytes skip_blanks(struct bytes b)
{
    size_t n = 0;
    while (n < b.len && ascii_is_blank(b.ptr[n]))
        n++;
    return bytes_slice(b, n, b.len);
}

struct bytes bytes_trim(struct bytes b)
{
    b = skip_blanks(b);
    while (b.len > 0 && ascii_is_blank(b.ptr[b.len - 1]))
        b.len--;
    return b;
}

struct bytes bytes_word(struct bytes *rest)
{
    struct bytes from_word = skip_blanks(*rest);
    size_t len = 0;
    while (len < from_word.len && !ascii_is_blank(from_word.ptr[len]))
        len++;
    *rest = skip_blanks(bytes_slice(from_word, len, from_word.len));
    return bytes_slice(from_word, 0, len);
}

struct bytes bytes_cut(struct bytes *rest, char separator)
{
    struct bytes all = *rest;
    size_t at = bytes_find(all, separator);
    *rest = bytes_slice(all, at < all.len ? at + 1 : at, all.len);
    return bytes_slice(all, 0, at);
}

int bytes_parse_u64(struct bytes b, uint64_t max, uint64_t *ret_value)
{
    uint64_t value = 0;
    bool is_over = false;
    if (b.len == 0)
        return -EINVAL;
    for (size_t i = 0; i < b.len; i++) {
        if (!ascii_is_digit(b.ptr[i]))
            return -EINVAL;
        uint64_t digit = (uint64_t)(b.ptr[i] - '0');
        if (is_over || value > max / 10 || digit > max - value * 10)
            is_over = true; /* Goes on: a later byte may still make it -EINVAL. */
        else
            value = value * 10 + digit;
    }
    if (is_over)
        return -ERANGE;
    *ret_value = value;
    return 0;
}

bool bytes_copy(struct bytes b, char *dst, size_t size)
{
    CHECK(size > 0);
    size_t n = b.len < size ? b.len : size - 1;
    if (n > 0)
        memcpy(dst, b.ptr, n);
    dst[n] = '\0';
    return n == b.len;
}

char *bytes_dup(struct bytes b)
{
    char *copy = malloc(b.len + 1);
    if (copy == NULL)
        return NULL;
    (void)bytes_copy(b, copy, b.len + 1);
    return copy;
}

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
    unsigned least = a < b ? a : b;
    return least < c ? least : c;
}

unsigned bytes_distance(struct bytes a, struct bytes b)
{
    unsigned row[DISTANCE_MAX_BYTES + 1]; /* row[j]: distance of a[0..i) and b[0..j) */
    if (a.len > DISTANCE_MAX_BYTES || b.len > DISTANCE_MAX_BYTES)
        return DISTANCE_MAX_BYTES + 1;
    for (unsigned j = 0; j <= b.len; j++)
        row[j] = j;
    for (unsigned i = 1; i <= a.len; i++) {
        unsigned diagonal = row[0]; /* the row before, one to the left */
        row[0] = i;
        for (unsigned j = 1; j <= b.len; j++) {
            unsigned above = row[j];
            bool is_same = ascii_lower(a.ptr[i - 1]) == ascii_lower(b.ptr[j - 1]);
            row[j] = min3(diagonal + (is_same ? 0 : 1), above + 1, row[j - 1] + 1);
            diagonal = above;
        }
    }
    return row[b.len];
}
