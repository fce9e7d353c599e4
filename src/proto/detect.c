/* Six bytes are looked at, not one: 0x16 alone is Ctrl-V, which a person may well type. */
#include "proto/detect.h"

#include <stddef.h>

#include "base/attr.h"

/* A TLS record that holds a ClientHello: type handshake, version 3.x (any x: RFC 8446, 5.1 says to ignore
 * it), a length of two bytes, handshake type client_hello. -1: any byte. */
static const int client_hello[DETECT_BYTES_MIN] = {0x16, 0x03, -1, -1, -1, 0x01};

enum detect_result detect(struct bytes first, bool at_end)
{
    for (size_t i = 0; i < ARRAY_LEN(client_hello); i++) {
        if (i == first.len)
            return at_end ? DETECT_PLAIN : DETECT_MORE;
        if (client_hello[i] >= 0 && (unsigned char)first.ptr[i] != client_hello[i])
            return DETECT_PLAIN;
    }
    return DETECT_TLS;
}
