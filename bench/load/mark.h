/* What makes a message its own: who sent it, its number among theirs, and when. It stands in the text, in
 * digits of fixed width, so that finding and reading it costs a receiver next to nothing:
 *
 *     ~SSSS NNNNNNNN TTTTTTTTTTTTTTTT xxxxx      hexadecimal; x fills up to the payload's size */
#ifndef BENCH_LOAD_MARK_H
#define BENCH_LOAD_MARK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

enum { MARK_BYTES = 31, MARK_SENDERS_MAX = 0xffff };

struct mark {
    uint32_t sender, number;
    uint64_t sent_ns;
};

/* Writes `size` bytes, at least MARK_BYTES. */
void mark_write(struct mark mark, char *text, size_t size);
/* False: no mark in this line. */
bool mark_read(struct bytes line, struct mark *ret_mark);

#endif
