/* Reading and writing socket addresses as text. Names are never resolved: a lookup would block the
 * loop, and an address to listen on should mean the same on every day. */
#include "net/addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#define UNIX_PREFIX BYTES("unix:")
#define PATH_OFFSET offsetof(struct sockaddr_un, sun_path)

static int refuse(const char **ret_why, const char *why)
{
    *ret_why = why;
    return -EINVAL;
}

static int parse_unix(struct bytes path, struct addr *ret_addr, const char **ret_why)
{
    struct addr addr = {0};

    if (path.len == 0 || path.ptr[0] != '/')
        return refuse(ret_why, "a unix socket needs an absolute path, as in unix:/run/mingle/chat.sock");
    if (path.len >= sizeof(addr.u.un.sun_path))
        return refuse(ret_why, "the path of a unix socket can have at most 107 bytes");
    if (bytes_find(path, '\0') < path.len)
        return refuse(ret_why, "the path of a unix socket cannot contain a NUL");
    addr.u.un.sun_family = AF_UNIX;
    memcpy(addr.u.un.sun_path, path.ptr, path.len);
    addr.len = (socklen_t)(PATH_OFFSET + path.len + 1);
    *ret_addr = addr;
    return 0;
}

/* Cuts "host:port" in two; an IPv6 host has lost its brackets. */
static int split_port(struct bytes text, struct bytes *ret_host, bool *ret_is_ipv6, struct bytes *ret_port,
                      const char **ret_why)
{
    if (text.len > 0 && text.ptr[0] == '[') {
        size_t end = bytes_find(text, ']');
        if (end + 1 >= text.len || text.ptr[end + 1] != ':')
            return refuse(ret_why, "an IPv6 address is written in brackets, as in [::]:7000");
        *ret_host = bytes_slice(text, 1, end);
        *ret_is_ipv6 = true;
        *ret_port = bytes_slice(text, end + 2, text.len);
        return 0;
    }
    size_t colon = bytes_find(text, ':');
    struct bytes port = bytes_slice(text, colon + 1, text.len);
    if (bytes_find(port, ':') < port.len)
        return refuse(ret_why, "an IPv6 address is written in brackets, as in [::]:7000");
    if (colon == 0 || colon == text.len)
        return refuse(ret_why, "expected address:port, as in 0.0.0.0:7000, [::]:7000 or 127.0.0.1:7000");
    *ret_host = bytes_slice(text, 0, colon);
    *ret_is_ipv6 = false;
    *ret_port = port;
    return 0;
}

int addr_parse(struct bytes text, struct addr *ret_addr, const char **ret_why)
{
    struct bytes host, port_text;
    bool is_ipv6;
    char host_text[INET6_ADDRSTRLEN];
    uint64_t port;

    if (bytes_starts_with(text, UNIX_PREFIX))
        return parse_unix(bytes_slice(text, UNIX_PREFIX.len, text.len), ret_addr, ret_why);
    int r = split_port(text, &host, &is_ipv6, &port_text, ret_why);
    if (r < 0)
        return r;
    if (bytes_parse_u64(port_text, UINT16_MAX, &port) < 0)
        return refuse(ret_why, "the port is not a number from 0 to 65535");

    struct addr addr = {0};
    struct sockaddr_in *in4 = (struct sockaddr_in *)&addr.u.storage;
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&addr.u.storage;
    bool fits = bytes_find(host, '\0') == host.len && bytes_copy(host, host_text, sizeof(host_text));
    if (is_ipv6) {
        if (!fits || inet_pton(AF_INET6, host_text, &in6->sin6_addr) != 1)
            return refuse(ret_why, "what is in the brackets is not an IPv6 address");
        in6->sin6_family = AF_INET6;
        in6->sin6_port = htons((uint16_t)port);
        addr.len = sizeof(*in6);
    } else {
        if (!fits || inet_pton(AF_INET, host_text, &in4->sin_addr) != 1)
            return refuse(ret_why, "not an IPv4 address in numbers; names are not looked up");
        in4->sin_family = AF_INET;
        in4->sin_port = htons((uint16_t)port);
        addr.len = sizeof(*in4);
    }
    *ret_addr = addr;
    return 0;
}

/* The IPv4 address in ::ffff:a.b.c.d, as an address of its own. */
static void unmap(struct addr *addr)
{
    const struct sockaddr_in6 in6 = *(const struct sockaddr_in6 *)&addr->u.storage;
    struct sockaddr_in in4 = {.sin_family = AF_INET, .sin_port = in6.sin6_port};

    memcpy(&in4.sin_addr, &in6.sin6_addr.s6_addr[12], sizeof(in4.sin_addr));
    *addr = (struct addr){.len = sizeof(in4)};
    memcpy(&addr->u.storage, &in4, sizeof(in4));
}

void addr_from_sockaddr(const struct sockaddr *sa, socklen_t len, struct addr *ret_addr)
{
    struct addr addr = {0};

    addr.len = len < sizeof(addr.u) ? len : (socklen_t)sizeof(addr.u);
    memcpy(&addr.u, sa, addr.len);
    const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&addr.u.storage;
    if (addr.u.sa.sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr))
        unmap(&addr);
    *ret_addr = addr;
}

struct addr_compact addr_compact(const struct addr *addr)
{
    struct addr_compact compact = {.u.sa.sa_family = addr->u.sa.sa_family};

    if (addr->u.sa.sa_family != AF_UNIX)
        memcpy(&compact.u, &addr->u, sizeof(compact.u));
    return compact;
}

struct addr addr_expand(const struct addr_compact *compact)
{
    sa_family_t family = compact->u.sa.sa_family;
    struct addr addr = {.len = family == AF_INET    ? sizeof(struct sockaddr_in)
                               : family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                                    : sizeof(sa_family_t)};

    memcpy(&addr.u, &compact->u, sizeof(compact->u));
    return addr;
}

/* Nothing for a peer that has no name, and for one in the abstract namespace. */
static struct bytes unix_path(const struct addr *addr)
{
    if (addr->len <= PATH_OFFSET || addr->u.un.sun_path[0] == '\0')
        return (struct bytes){0};
    size_t room = addr->len - PATH_OFFSET;
    if (room > sizeof(addr->u.un.sun_path))
        room = sizeof(addr->u.un.sun_path);
    return (struct bytes){addr->u.un.sun_path, strnlen(addr->u.un.sun_path, room)};
}

void addr_format(const struct addr *addr, char ret_text[ADDR_TEXT_MAX])
{
    const struct sockaddr_in *in4 = (const struct sockaddr_in *)&addr->u.storage;
    const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&addr->u.storage;
    char host[INET6_ADDRSTRLEN] = "?";

    switch (addr->u.sa.sa_family) {
    case AF_INET:
        inet_ntop(AF_INET, &in4->sin_addr, host, sizeof(host));
        snprintf(ret_text, ADDR_TEXT_MAX, "%s:%u", host, (unsigned)ntohs(in4->sin_port));
        break;
    case AF_INET6:
        inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof(host));
        snprintf(ret_text, ADDR_TEXT_MAX, "[%s]:%u", host, (unsigned)ntohs(in6->sin6_port));
        break;
    case AF_UNIX:
        snprintf(ret_text, ADDR_TEXT_MAX, "unix:%.*s", BYTES_ARG(unix_path(addr)));
        break;
    default:
        snprintf(ret_text, ADDR_TEXT_MAX, "?");
    }
}

size_t addr_host_key(const struct addr *addr, char ret_key[ADDR_KEY_MAX])
{
    const struct sockaddr_in *in4 = (const struct sockaddr_in *)&addr->u.storage;
    const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&addr->u.storage;

    /* The lengths differ, so that keys of different kinds are never the same. */
    if (addr->u.sa.sa_family == AF_INET) {
        memcpy(ret_key, &in4->sin_addr, 4);
        return 4;
    }
    if (addr->u.sa.sa_family != AF_INET6) {
        ret_key[0] = 'u';
        return 1;
    }
    if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr)) {
        memcpy(ret_key, &in6->sin6_addr.s6_addr[12], 4);
        return 4;
    }
    memcpy(ret_key, &in6->sin6_addr, 8);
    return 8;
}

bool addr_is_local(const struct addr *addr)
{
    const struct sockaddr_in *in4 = (const struct sockaddr_in *)&addr->u.storage;
    const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&addr->u.storage;

    if (addr->u.sa.sa_family == AF_INET)
        return ntohl(in4->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
    if (addr->u.sa.sa_family != AF_INET6)
        return addr->u.sa.sa_family == AF_UNIX;
    if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr))
        return in6->sin6_addr.s6_addr[12] == IN_LOOPBACKNET;
    return IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
}
