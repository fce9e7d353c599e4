/* UTF-8, decoded strictly: what is not well formed never passes as a character.
 *
 * The second byte's range depends on the first (RFC 3629, section 4); that alone keeps out overlong
 * forms, surrogates and everything above U+10FFFF. */
#include "base/utf8.h"

#include <string.h>

#include "base/check.h"

/* What a first byte announces. */
struct lead {
    size_t len; /* 0: no character begins with this byte */
    uint8_t second_min, second_max;
    uint8_t bits; /* the part of the character that the first byte carries */
};

static struct lead lead_of(uint8_t first)
{
    if (first < 0x80)
        return (struct lead){1, 0, 0, first};
    if (first >= 0xC2 && first <= 0xDF)
        return (struct lead){2, 0x80, 0xBF, first & 0x1F};
    if (first >= 0xE0 && first <= 0xEF)
        return (struct lead){3, first == 0xE0 ? 0xA0 : 0x80, first == 0xED ? 0x9F : 0xBF, first & 0x0F};
    if (first >= 0xF0 && first <= 0xF4)
        return (struct lead){4, first == 0xF0 ? 0x90 : 0x80, first == 0xF4 ? 0x8F : 0xBF, first & 0x07};
    return (struct lead){0, 0, 0, 0};
}

static bool is_continuation(char c)
{
    return ((uint8_t)c & 0xC0) == 0x80;
}

size_t utf8_next(struct bytes b, uint32_t *ret_char, bool *ret_valid)
{
    CHECK(b.len > 0);
    if ((uint8_t)b.ptr[0] < 0x80) { /* by far the most */
        *ret_valid = true;
        *ret_char = (uint8_t)b.ptr[0];
        return 1;
    }
    struct lead lead = lead_of((uint8_t)b.ptr[0]);
    uint32_t c = lead.bits;
    size_t n = 1;
    while (n < lead.len && n < b.len) {
        uint8_t byte = (uint8_t)b.ptr[n];
        uint8_t min = n == 1 ? lead.second_min : 0x80, max = n == 1 ? lead.second_max : 0xBF;
        if (byte < min || byte > max)
            break;
        c = c << 6 | (byte & 0x3F);
        n++;
    }
    *ret_valid = n == lead.len;
    *ret_char = *ret_valid ? c : UTF8_REPLACEMENT;
    return n;
}

size_t utf8_encode(uint32_t c, char dst[UTF8_MAX_BYTES])
{
    if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        c = UTF8_REPLACEMENT;
    if (c < 0x80) {
        dst[0] = (char)c;
        return 1;
    }
    size_t len = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = len - 1; i > 0; i--) {
        dst[i] = (char)(0x80 | (c & 0x3F));
        c >>= 6;
    }
    dst[0] = (char)((0xF00u >> len & 0xF0) | c); /* C0, E0, F0 for 2, 3, 4 bytes */
    return len;
}

bool utf8_is_valid(struct bytes b)
{
    size_t at = 0;
    bool is_valid = true;
    while (is_valid && at < b.len) {
        uint32_t c;
        at += utf8_next(bytes_slice(b, at, b.len), &c, &is_valid);
    }
    return is_valid;
}

/* Eight bytes at a time: the highest bit of a byte is set in `word` above 0x7F, in the difference below 0x20, in
 * the sum at 0x7F. What a byte borrows or carries into the next makes no difference, for then it was found. */
static bool has_unprintable(uint64_t word)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    return ((word | (word - 0x20 * ones) | (word + ones)) & 0x80 * ones) != 0;
}

bool utf8_is_printable_ascii(struct bytes b)
{
    uint64_t word;
    size_t at = 0;

    for (; b.len - at >= sizeof(word); at += sizeof(word)) {
        memcpy(&word, b.ptr + at, sizeof(word));
        if (has_unprintable(word))
            return false;
    }
    for (; at < b.len; at++) {
        if (b.ptr[at] < 0x20 || b.ptr[at] > 0x7E)
            return false;
    }
    return true;
}

struct bytes utf8_prefix(struct bytes b, size_t max_bytes)
{
    if (b.len <= max_bytes)
        return b;
    /* Only a character that begins at most three bytes before the cut can lie across it. */
    size_t start = max_bytes;
    while (start > 0 && max_bytes - start < UTF8_MAX_BYTES - 1 && is_continuation(b.ptr[start]))
        start--;
    uint32_t c;
    bool is_valid;
    size_t n = utf8_next(bytes_slice(b, start, b.len), &c, &is_valid);
    return bytes_slice(b, 0, start + n > max_bytes ? start : max_bytes);
}

bool utf8_is_in(const struct utf8_range *ranges, size_t count, uint32_t c)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (c > ranges[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && c >= ranges[low].first;
}
