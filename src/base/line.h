/* Cutting a stream of bytes into lines, none longer than a maximum.
 *
 * Pure: the caller keeps the bytes that are not consumed yet and offers them again, with more behind
 * them. However the stream is split into calls, the same lines come out.
 *
 * A line ends with LF, CR LF, or the CR NUL that telnet clients send for Enter (RFC 854, "The NVT
 * Printer and Keyboard"). Any other CR is part of the line, and so is any other NUL. */
#ifndef BASE_LINE_H
#define BASE_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"

/* Bytes that must be kept between calls never exceed the maximum by more than this. */
#define LINE_END_BYTES_MAX 2

/* Starts as {.max = …}. */
struct line_framer {
    uint32_t max;       /* bytes of a line without its end; at least 1 */
    bool is_discarding; /* inside a line that was too long */
};

/* Takes the first line off `in`.
 *
 * 1: *ret_line is a line without its end, a slice into `in`; *ret_ended_crlf tells whether its end was
 *    CR LF or CR NUL, which is how the sender wants to be answered.
 * 0: more bytes are needed.
 * -EMSGSIZE: a line is longer than max. Told once per line, as soon as it is known; later calls drop
 *    the rest of the line without a word.
 *
 * *ret_consumed is set in every case, also when it is 0: that many bytes are to be dropped from the
 * front of `in` (after the line has been used) before the next call. */
MUST_CHECK int line_cut(struct line_framer *framer, struct bytes in, size_t *ret_consumed,
                        struct bytes *ret_line, bool *ret_ended_crlf);

/* At the end of the stream: is there a last line that has no end? `in` is what line_cut() left when it
 * returned 0. A CR at the end of `in` is half of a line's end and no part of the line. */
bool line_rest(const struct line_framer *framer, struct bytes in, struct bytes *ret_line);

#endif
