/* A growing byte buffer that has a hard maximum from birth.
 *
 * Invariants: len <= cap <= max; ptr is NULL only while cap is 0. Appending never writes part of a
 * piece: when a piece does not fit under `max` or memory runs out, nothing of it is appended, the
 * error sticks, and every later append does nothing. So a renderer appends freely and its caller
 * looks once, at buf_error(). buf_reset() clears the error and keeps the memory. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"

struct buf {
    char *ptr;
    size_t len, cap, max;
    int error; /* 0, -EMSGSIZE (over max) or -ENOMEM */
};

void buf_init(struct buf *buf, size_t max_bytes); /* allocates nothing; max_bytes < SIZE_MAX */
/* Over memory of the caller's, which holds size - 1 bytes at most; it never grows, and is not to be given to
 * buf_done(). */
void buf_init_fixed(struct buf *buf, char *memory, size_t size); /* size > 1 */
void buf_done(struct buf *buf);                                  /* frees; the buf may be initialised again */
void buf_reset(struct buf *buf);                                 /* empties, keeps the memory */

/* What is appended may not lie in the buf itself: it moves when it grows. */
void buf_put(struct buf *buf, struct bytes piece);
void buf_put_text(struct buf *buf, const char *text);
void buf_put_char(struct buf *buf, char c);
void buf_printf(struct buf *buf, const char *format, ...) ATTR_PRINTF(2, 3);

/* Drops the first n bytes (n <= len) and moves the others to the front. */
void buf_consume(struct buf *buf, size_t n);
/* Cuts to the first n bytes (n <= len). Does not clear an error. */
void buf_truncate(struct buf *buf, size_t n);

MUST_CHECK static inline int buf_error(const struct buf *buf)
{
    return buf->error;
}

static inline struct bytes buf_bytes(const struct buf *buf)
{
    return (struct bytes){buf->ptr, buf->len};
}

#endif
