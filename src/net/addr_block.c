#include "net/addr_block.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

static int refuse(const char **ret_why, const char *why)
{
    *ret_why = why;
    return -EINVAL;
}

/* The first bits of both are the same. */
static bool is_same_prefix(const unsigned char *a, const unsigned char *b, unsigned bits)
{
    unsigned whole = bits / 8, rest = bits % 8;

    if (memcmp(a, b, whole) != 0)
        return false;
    return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

static bool is_zero_behind(const struct addr_block *block, unsigned bits_max)
{
    for (unsigned bit = block->bits; bit < bits_max; bit++)
        if (block->ip[bit / 8] & (0x80u >> (bit % 8)))
            return false;
    return true;
}

int addr_block_parse(struct bytes text, struct addr_block *ret_block, const char **ret_why)
{
    struct addr_block block = {.family = AF_UNIX};
    char host[INET6_ADDRSTRLEN];

    if (bytes_eq(text, BYTES("unix"))) {
        *ret_block = block;
        return 0;
    }
    bool has_bits = bytes_find(text, '/') < text.len;
    struct bytes bits_text = text;
    struct bytes host_text = bytes_cut(&bits_text, '/');
    block.family = bytes_find(host_text, ':') < host_text.len ? AF_INET6 : AF_INET;
    if (bytes_find(host_text, '\0') < host_text.len || !bytes_copy(host_text, host, sizeof(host)) ||
        inet_pton(block.family, host, block.ip) != 1)
        return refuse(ret_why,
                      "expected an address in numbers, as in 192.0.2.7, 10.0.0.0/8 or fd00::/8, or unix");
    unsigned bits_max = block.family == AF_INET ? 32 : 128;
    uint64_t bits = bits_max;
    if (has_bits && bytes_parse_u64(bits_text, bits_max, &bits) < 0)
        return refuse(ret_why, "what follows the / is no number of bits: at most 32, or 128 for IPv6");
    block.bits = (unsigned)bits;
    if (!is_zero_behind(&block, bits_max))
        return refuse(ret_why, "the address has bits behind its prefix, as 10.0.0.1/8 has; write 10.0.0.0/8");
    *ret_block = block;
    return 0;
}

bool addr_block_has(const struct addr_block *block, const struct addr *addr)
{
    const struct sockaddr_in *in4 = (const struct sockaddr_in *)&addr->u.storage;
    const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&addr->u.storage;
    unsigned char ip[16] = {0};
    int family = addr->u.sa.sa_family;

    if (family == AF_INET) {
        memcpy(ip, &in4->sin_addr, 4);
    } else if (family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr)) {
        family = AF_INET;
        memcpy(ip, &in6->sin6_addr.s6_addr[12], 4);
    } else if (family == AF_INET6) {
        memcpy(ip, &in6->sin6_addr, 16);
    }
    return family == block->family && is_same_prefix(block->ip, ip, block->bits);
}
