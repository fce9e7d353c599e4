/* The bounded buffer: everything that grows because of what a peer sends grows in one of these.
 *
 * The allocation is one byte larger than cap, so that vsnprintf() has a place for its NUL even when
 * the text ends exactly at max. */
#include "base/buf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

#define FIRST_CAP_BYTES 128

void buf_init(struct buf *buf, size_t max_bytes)
{
    CHECK(max_bytes < SIZE_MAX);
    *buf = (struct buf){.max = max_bytes};
}

void buf_init_fixed(struct buf *buf, char *memory, size_t size)
{
    CHECK(size > 1);
    *buf = (struct buf){.ptr = memory, .cap = size - 1, .max = size - 1};
}

void buf_done(struct buf *buf)
{
    if (buf == NULL)
        return;
    free(buf->ptr);
    *buf = (struct buf){0};
}

void buf_reset(struct buf *buf)
{
    buf->len = 0;
    buf->error = 0;
}

/* Doubles, so that appending costs constant time on average, but stays at or under max. */
static size_t grown_cap(const struct buf *buf, size_t need)
{
    size_t cap = buf->cap > 0 ? buf->cap : FIRST_CAP_BYTES;
    while (cap < need && cap <= buf->max / 2)
        cap *= 2;
    return cap < need || cap > buf->max ? buf->max : cap;
}

/* Makes room for n more bytes; false, with the error set, when that cannot be. */
static bool reserve(struct buf *buf, size_t n)
{
    if (buf->error != 0)
        return false;
    if (n > buf->max - buf->len) {
        buf->error = -EMSGSIZE;
        return false;
    }
    if (n <= buf->cap - buf->len)
        return true;
    size_t cap = grown_cap(buf, buf->len + n);
    char *grown = realloc(buf->ptr, cap + 1);
    if (grown == NULL) {
        buf->error = -ENOMEM;
        return false;
    }
    buf->ptr = grown;
    buf->cap = cap;
    return true;
}

/* Growing would move the bytes away under such a piece, but only now and then: so always refuse it. */
static bool is_own_memory(const struct buf *buf, struct bytes piece)
{
    uintptr_t begin = (uintptr_t)buf->ptr, at = (uintptr_t)piece.ptr;
    return at < begin + buf->cap && at + piece.len > begin;
}

void buf_put(struct buf *buf, struct bytes piece)
{
    if (piece.len == 0)
        return;
    CHECK(!is_own_memory(buf, piece));
    if (!reserve(buf, piece.len))
        return;
    memcpy(buf->ptr + buf->len, piece.ptr, piece.len);
    buf->len += piece.len;
}

void buf_put_text(struct buf *buf, const char *text)
{
    buf_put(buf, bytes_of(text));
}

void buf_put_char(struct buf *buf, char c)
{
    buf_put(buf, (struct bytes){&c, 1});
}

void buf_printf(struct buf *buf, const char *format, ...)
{
    if (buf->error != 0)
        return;
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    size_t room = buf->cap - buf->len;
    int written = buf->ptr != NULL ? vsnprintf(buf->ptr + buf->len, room + 1, format, args)
                                   : vsnprintf(NULL, 0, format, args);
    size_t n = (size_t)written;
    if (written < 0) {
        buf->error = errno == ENOMEM ? -ENOMEM : -EMSGSIZE; /* otherwise the text is over INT_MAX */
    } else if (buf->ptr != NULL && n <= room) {
        buf->len += n;
    } else if (n > 0 && reserve(buf, n)) {
        vsnprintf(buf->ptr + buf->len, n + 1, format, again);
        buf->len += n;
    }
    va_end(again);
    va_end(args);
}

void buf_consume(struct buf *buf, size_t n)
{
    CHECK(n <= buf->len);
    if (n == 0)
        return;
    memmove(buf->ptr, buf->ptr + n, buf->len - n);
    buf->len -= n;
}

void buf_truncate(struct buf *buf, size_t n)
{
    CHECK(n <= buf->len);
    buf->len = n;
}
