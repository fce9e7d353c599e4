/* A block of addresses, for lists of who is trusted: 10.0.0.0/8, 192.0.2.7, 2001:db8::/32, unix. */
#ifndef NET_ADDR_BLOCK_H
#define NET_ADDR_BLOCK_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "net/addr.h"

struct addr_block {
    int family;           /* AF_INET, AF_INET6 or AF_UNIX, which is all of them */
    unsigned bits;        /* of the address that count */
    unsigned char ip[16]; /* 4 bytes for AF_INET */
};

/* ADDRESS or ADDRESS/BITS, or "unix"; bits behind the prefix must be 0. 0, or -EINVAL with *ret_why (a
 * static text that says what is wrong). */
MUST_CHECK int addr_block_parse(struct bytes text, struct addr_block *ret_block, const char **ret_why);

/* An IPv4 address mapped into IPv6 is an IPv4 address. */
bool addr_block_has(const struct addr_block *block, const struct addr *addr);

#endif
