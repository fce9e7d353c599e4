/* The PROXY header, by which a load balancer tells whom it connects (HAProxy's proxy-protocol.txt,
 * versions 1 and 2). Pure parser.
 *
 * Who sends this header chooses the address that limits and logs go by. So it is read only from peers
 * that the administrator trusts, and these have to send it: guessing whether it is there would let a
 * client behind the balancer write one of its own. */
#ifndef NET_PROXYHDR_H
#define NET_PROXYHDR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "net/addr.h"

/* A parse never needs more bytes than this: version 1 is at most 107, and what matters of version 2 is
 * in the first 52. */
#define PROXYHDR_LOOK_BYTES 107
/* The longest header: version 2 can announce 64 KiB of additions (TLVs), which nobody needs. */
#define PROXYHDR_BYTES_MAX 4096

struct proxyhdr {
    size_t len;       /* of the whole header; the bytes behind it are the client's */
    bool has_peer;    /* false: LOCAL (the balancer itself, a health check), UNKNOWN, or no TCP */
    struct addr peer; /* the client */
};

/* `first` begins where the connection begins. 0: *ret_header is filled in, but its end may lie behind
 * `first`. -EAGAIN: so far a header, more bytes are needed. -EINVAL: no header, or a broken one.
 * -EMSGSIZE: longer than PROXYHDR_BYTES_MAX. */
MUST_CHECK int proxyhdr_parse(struct bytes first, struct proxyhdr *ret_header);

#endif
