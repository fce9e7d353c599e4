/* How a server wants to be spoken to: entering a room, saying something in it or to one other, leaving, and
 * the line that tells that one is in.
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
    const char *ready; /* is in the line that tells that a client has entered */
    const char *ping;  /* begins a line that has to be answered; NULL: none */
    const char *pong;  /* begins the answer; the rest is that of the ping */
    bool hears_itself; /* a sender gets its own messages as well */
    void (*enter)(struct buf *out, unsigned client, unsigned room);
    /* What is said once a line with `welcome` has come; NULL: nothing. */
    const char *welcome;
    void (*join)(struct buf *out, unsigned room);
    void (*say)(struct buf *out, unsigned room, struct bytes text);
    void (*tell)(struct buf *out, unsigned client,
                 struct bytes text); /* privately; NULL: it has no such thing */
    bool echoes_private;             /* who tells something gets it, too */
    const char *leave;               /* asks the server to close, after all that was said; NULL: a FIN does */
};

/* The dialect at `index`; NULL after the last. */
const struct load_dialect *load_dialect_at(unsigned index);
/* NULL: no such dialect. */
const struct load_dialect *load_dialect_find(struct bytes name);

#endif
