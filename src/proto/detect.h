/* Which protocol a connection speaks, from its first bytes. A pure function; the caller peeks, so
 * that nothing is consumed before the decision. */
#ifndef PROTO_DETECT_H
#define PROTO_DETECT_H

#include <stdbool.h>

#include "base/bytes.h"

enum detect_result {
    DETECT_MORE,  /* cannot tell yet: DETECT_BYTES_MIN bytes are enough in any case */
    DETECT_TLS,   /* a ClientHello record (RFC 8446, 5.1 and 4.1.2): 16 03 xx .. .. 01 */
    DETECT_PLAIN, /* anything else is a person typing */
};

#define DETECT_BYTES_MIN 6

/* `at_end`: no more bytes will come; never returns DETECT_MORE then. */
enum detect_result detect(struct bytes first, bool at_end);

#endif
