/* Several lines that become one message: "/paste", the lines, then a line that is only ".".
 *
 * Pure. It holds what may be said at once (chat/text.h) and counts the rest, so that whoever pastes too much
 * hears how much it was, and nothing is sent in part. */
#ifndef PROTO_PASTE_H
#define PROTO_PASTE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/bytes.h"

enum paste_result {
    PASTE_MORE,      /* the line was taken */
    PASTE_DONE,      /* paste->text is the message, until the next paste_begin() */
    PASTE_DROPPED,   /* by /cancel */
    PASTE_EMPTY,     /* ended before there was a line */
    PASTE_TOO_LARGE, /* ended, but line_count or byte_count is above the limit */
    PASTE_NO_MEMORY, /* ended, but it could not be kept */
};

/* Starts zeroed. */
struct paste {
    bool is_on; /* lines are to be given to paste_take() */
    bool has_long_line;
    size_t line_count, byte_count;
    struct buf text;
};

void paste_begin(struct paste *paste);
void paste_done(struct paste *paste); /* also of a zeroed one */

/* A line without its end; all results but PASTE_MORE turn `is_on` off. */
enum paste_result paste_take(struct paste *paste, struct bytes line);
/* A line came that is longer than a line may be: what is here is too large now. */
void paste_note_long_line(struct paste *paste);

#endif
