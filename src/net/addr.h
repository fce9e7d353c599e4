/* Addresses to listen on and addresses of peers: 127.0.0.1:7000, [::]:7000, unix:/path. */
#ifndef NET_ADDR_H
#define NET_ADDR_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/attr.h"
#include "base/bytes.h"

#define ADDR_TEXT_MAX 128 /* "[ipv6]:port" or "unix:/path" with its NUL; sun_path has 108 bytes */
#define ADDR_KEY_MAX 16

struct addr {
    union {
        struct sockaddr sa;
        struct sockaddr_storage storage;
        struct sockaddr_un un;
    } u;
    socklen_t len;
};

/* An address that is kept for long, one of many: without the path of a unix socket, which peers hardly have. */
struct addr_compact {
    union {
        struct sockaddr sa;
        struct sockaddr_in in4;
        struct sockaddr_in6 in6;
    } u;
};
struct addr_compact addr_compact(const struct addr *addr);
struct addr addr_expand(const struct addr_compact *compact);

/* Numbers only, no names are resolved. "7000" or ":7000" alone is refused: say which interface. 0, or
 * -EINVAL with *ret_why (a static text that says what is wrong and what is expected). */
MUST_CHECK int addr_parse(struct bytes text, struct addr *ret_addr, const char **ret_why);

void addr_from_sockaddr(const struct sockaddr *sa, socklen_t len, struct addr *ret_addr);

/* As addr_parse takes it; a unix peer without a path is "unix:". */
void addr_format(const struct addr *addr, char ret_text[ADDR_TEXT_MAX]);

/* What counts as one host for limits: the IPv4 address (also when mapped into IPv6), the /64 of an
 * IPv6 address, one key for all unix peers. Returns the length, 1 to ADDR_KEY_MAX. */
size_t addr_host_key(const struct addr *addr, char ret_key[ADDR_KEY_MAX]);

/* Whether what comes from there has not been on a wire: loopback addresses and unix sockets. */
bool addr_is_local(const struct addr *addr);

#endif
