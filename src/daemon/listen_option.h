/* An entry of listen.address: where to listen, and how clients are received there.
 *
 *     127.0.0.1:7001 tls=required greeting=off proxy=10.0.0.0/8,192.0.2.7
 *
 * tls = offered (as the first bytes of a client say), required or off; greeting = on or off: whether
 * silent clients are greeted; proxy = addresses and blocks, or `unix`, from which a PROXY header must come;
 * dialects = what is taken: plain, telnet, irc, http, tls.
 * Pure: opens nothing, allocates nothing. */
#ifndef DAEMON_LISTEN_OPTION_H
#define DAEMON_LISTEN_OPTION_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "net/addr_block.h"
#include "session/session.h"

#define LISTEN_OPTION_PROXIES 16

struct listen_option {
    struct bytes address;     /* of the entry */
    struct session_port port; /* its proxies are set by whoever keeps the struct: they are its own member */
    struct addr_block proxies[LISTEN_OPTION_PROXIES];
};

/* The address of an entry, a slice into it. */
struct bytes listen_option_address(const char *entry);

/* 0, or -EINVAL: one message that ends in a newline is appended to `errors` for each mistake. The address
 * itself is not looked at. */
MUST_CHECK int listen_option_parse(const char *entry, struct listen_option *ret_option, struct buf *errors);

#endif
