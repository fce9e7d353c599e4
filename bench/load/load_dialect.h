/* How a server wants to be spoken to: entering a room, saying something in it or to one other, leaving; and
 * how its lines are read: whether one is in, and what was said.
 *
 * Whatever the protocol, a message is found again by its mark (see mark.h) in a line that ends with \n; so
 * servers of other kinds can be measured with the same code. */
#ifndef BENCH_LOAD_LOAD_DIALECT_H
#define BENCH_LOAD_LOAD_DIALECT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/bytes.h"

struct load_dialect {
    const char *name;
    const char *help;
    unsigned payload_max; /* bytes of a text that a message has room for; 0: for all that the options allow */
    const char *ping;     /* begins a line that has to be answered; NULL: none */
    const char *pong;     /* begins the answer; the rest is that of the ping */
    bool hears_itself;    /* a sender gets its own messages as well */
    bool echoes_private;  /* who tells something gets it, too */
    const char *leave;    /* asks the server to close, after all that was said; NULL: a FIN does */
    void (*enter)(struct buf *out, unsigned client, unsigned room);
    /* A line that comes to who enters `room`. True: it tells that they are in. Adds what they have to say to
     * it. */
    bool (*entering)(struct bytes line, unsigned room, struct buf *answer);
    void (*say)(struct buf *out, unsigned room, struct bytes text);
    /* Privately; NULL: it has no such thing. */
    void (*tell)(struct buf *out, unsigned client, struct bytes text);
    /* What somebody said, in a line; empty: it is of another kind. NULL: the mark may be anywhere in it. */
    struct bytes (*text)(struct bytes line);
};

/* The dialect at `index`; NULL after the last. */
const struct load_dialect *load_dialect_at(unsigned index);
/* NULL: no such dialect. */
const struct load_dialect *load_dialect_find(struct bytes name);

#endif
