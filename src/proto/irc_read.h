/* How far a person has read: MARKREAD (IRCv3, "Read Marker", a draft).
 *
 * The marks are a client's own, and nobody else is told. They last as long as its connection: nobody has two at once here,
 * so they serve clients that keep no state of their own. */
#ifndef PROTO_IRC_READ_H
#define PROTO_IRC_READ_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "chat/name.h"
#include "proto/irc_message.h"
#include "proto/irc_numeric.h"

#define IRC_READ_MARKS_MAX 100 /* when there are more, the one that was set the longest time ago lapses */

struct irc_read_mark {
    char target[NAME_BYTES_MAX + 1]; /* a room or a person */
    int64_t wall_ms;
};

/* Only while there are marks. */
struct irc_read_marks {
    struct irc_read_mark *items; /* owned; the one set last is the last */
    size_t count, capacity;
};

void irc_read_free(struct irc_read_marks *marks); /* NULL is fine */

/* MARKREAD: sets a mark, or asks for one; appends the answer. *marks is NULL while there are none. 0 or -ENOMEM. */
MUST_CHECK int irc_read_apply(struct irc_read_marks **marks, const struct irc_reader *reader,
                              const struct irc_message *message, struct buf *out);

/* The room has another name: its mark goes with it. What another room of that name had is gone. NULL is fine. */
void irc_read_rename(struct irc_read_marks *marks, struct bytes before, struct bytes now);

/* "MARKREAD target timestamp=TIME", or '*' when there is no mark. `marks` may be NULL. */
void irc_read_put(const struct irc_read_marks *marks, const struct irc_reader *reader, struct bytes target,
                  struct buf *out);

#endif
