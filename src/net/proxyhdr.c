/* Version 1 is a line of text, version 2 a struct. Both name their first bytes so that nothing else
 * begins like them. */
#include "net/proxyhdr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

#define SIGNATURE BYTES("\r\n\r\n\0\r\nQUIT\n")
#define FIXED_BYTES 16 /* of version 2: signature, version and command, family, length */

enum { COMMAND_LOCAL = 0x20, COMMAND_PROXY = 0x21 };
enum { FAMILY_UNSPEC = 0x00, FAMILY_TCP4 = 0x11, FAMILY_TCP6 = 0x21, FAMILY_UNIX = 0x31 };
enum { TCP4_BYTES = 12, TCP6_BYTES = 36, UNIX_BYTES = 216 };

static void set_peer4(struct proxyhdr *header, const void *ip, uint16_t port_be)
{
    struct sockaddr_in in4 = {.sin_family = AF_INET, .sin_port = port_be};
    memcpy(&in4.sin_addr, ip, sizeof(in4.sin_addr));
    addr_from_sockaddr((const struct sockaddr *)&in4, sizeof(in4), &header->peer);
    header->has_peer = true;
}

static void set_peer6(struct proxyhdr *header, const void *ip, uint16_t port_be)
{
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = port_be};
    memcpy(&in6.sin6_addr, ip, sizeof(in6.sin6_addr));
    addr_from_sockaddr((const struct sockaddr *)&in6, sizeof(in6), &header->peer);
    header->has_peer = true;
}

/* ---- version 1 ---- */

static bool parse_ip(int family, struct bytes text, unsigned char ret_ip[16])
{
    char copy[INET6_ADDRSTRLEN];
    return bytes_find(text, '\0') == text.len && bytes_copy(text, copy, sizeof(copy)) &&
           inet_pton(family, copy, ret_ip) == 1;
}

/* "SOURCE DESTINATION PORT PORT", one space between two. */
static int parse_pair(int family, struct bytes rest, struct proxyhdr *header)
{
    unsigned char source[16], destination[16];
    uint64_t source_port, destination_port;
    struct bytes source_text = bytes_cut(&rest, ' ');
    struct bytes destination_text = bytes_cut(&rest, ' ');
    struct bytes port_text = bytes_cut(&rest, ' ');

    if (!parse_ip(family, source_text, source) || !parse_ip(family, destination_text, destination) ||
        bytes_parse_u64(port_text, UINT16_MAX, &source_port) < 0 ||
        bytes_parse_u64(rest, UINT16_MAX, &destination_port) < 0)
        return -EINVAL;
    if (family == AF_INET)
        set_peer4(header, source, htons((uint16_t)source_port));
    else
        set_peer6(header, source, htons((uint16_t)source_port));
    return 0;
}

static int parse_v1(struct bytes first, struct proxyhdr *ret_header)
{
    const struct bytes look = bytes_slice(first, 0, PROXYHDR_LOOK_BYTES);
    size_t end = bytes_find(look, '\n');
    struct proxyhdr header = {.len = end + 1};

    if (end == look.len)
        return look.len == PROXYHDR_LOOK_BYTES ? -EINVAL : -EAGAIN;
    if (look.ptr[end - 1] != '\r')
        return -EINVAL;
    struct bytes rest = bytes_slice(look, 0, end - 1);
    (void)bytes_cut(&rest, ' ');
    struct bytes family = bytes_cut(&rest, ' ');
    int r = -EINVAL;
    if (bytes_eq(family, BYTES("UNKNOWN")))
        r = 0;
    else if (bytes_eq(family, BYTES("TCP4")))
        r = parse_pair(AF_INET, rest, &header);
    else if (bytes_eq(family, BYTES("TCP6")))
        r = parse_pair(AF_INET6, rest, &header);
    if (r == 0)
        *ret_header = header;
    return r;
}

/* ---- version 2 ---- */

static uint16_t get_u16(const char *at)
{
    return (uint16_t)((unsigned char)at[0] << 8 | (unsigned char)at[1]);
}

static int parse_v2(struct bytes first, struct proxyhdr *ret_header)
{
    if (first.len < FIXED_BYTES)
        return -EAGAIN;
    const unsigned char command = (unsigned char)first.ptr[12], family = (unsigned char)first.ptr[13];
    const size_t rest_len = get_u16(first.ptr + 14);
    const char *addresses = first.ptr + FIXED_BYTES;
    struct proxyhdr header = {.len = FIXED_BYTES + rest_len};

    if (command != COMMAND_LOCAL && command != COMMAND_PROXY)
        return -EINVAL;
    if (header.len > PROXYHDR_BYTES_MAX)
        return -EMSGSIZE;
    if (command == COMMAND_PROXY && family != FAMILY_UNSPEC) {
        size_t least = family == FAMILY_TCP4   ? TCP4_BYTES
                       : family == FAMILY_TCP6 ? TCP6_BYTES
                       : family == FAMILY_UNIX ? UNIX_BYTES
                                               : SIZE_MAX;
        if (rest_len < least)
            return -EINVAL;
        if (family != FAMILY_UNIX && first.len < FIXED_BYTES + least)
            return -EAGAIN;
        uint16_t port;
        if (family == FAMILY_TCP4) {
            memcpy(&port, addresses + 8, sizeof(port));
            set_peer4(&header, addresses, port);
        } else if (family == FAMILY_TCP6) {
            memcpy(&port, addresses + 32, sizeof(port));
            set_peer6(&header, addresses, port);
        }
    }
    *ret_header = header;
    return 0;
}

int proxyhdr_parse(struct bytes first, struct proxyhdr *ret_header)
{
    const struct bytes text = BYTES("PROXY ");

    if (bytes_starts_with(first, SIGNATURE))
        return parse_v2(first, ret_header);
    if (bytes_starts_with(first, text))
        return parse_v1(first, ret_header);
    return bytes_starts_with(SIGNATURE, first) || bytes_starts_with(text, first) ? -EAGAIN : -EINVAL;
}
