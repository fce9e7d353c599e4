/* How a terminal is told to show text bold, in colour … (ECMA-48, SGR). For the plain dialect, which alone writes
 * to terminals. */
#ifndef PROTO_SGR_H
#define PROTO_SGR_H

#include <stdbool.h>

#include "base/buf.h"
#include "chat/format.h"

/* Appends the escape sequence by which a terminal that shows text in any way shows it like this, with no more
 * than 16 colours unless `has_256`. */
void sgr_put(struct format format, bool has_256, struct buf *out);

#endif
