/* What makes a message its own: who sent it, its number among theirs, and when. It stands in the text, in
 * digits of fixed width, so that finding and reading it costs a receiver next to nothing:
 *
 *     ~SSSS NNNNNNNN TTTTTTTTTTTTTTTT xxxxx      hexadecimal; x fills up to the payload's size */
#ifndef BENCH_LOAD_MARK_H
#define BENCH_LOAD_MARK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

enum {
    MARK_BYTES = 31,
    MARK_SENDERS_MAX = 0xffff, /* numbers of senders are below */
    MARK_PRIVATE = 0xffff,     /* the "sender" of what is for one client only */
};

struct mark {
    uint32_t sender, number;
    uint64_t sent_ns;
};

/* Writes `size` bytes, at least MARK_BYTES. */
void mark_write(struct mark mark, char *text, size_t size);
/* Finds the mark of a text of `size` bytes in a line. False: there is none, or the text is not whole. */
bool mark_read(struct bytes line, size_t size, struct mark *ret_mark);

#endif
