/* Which protocol a connection speaks, from its first bytes. Pure; the caller peeks, so that nothing is
 * consumed before the decision. Once decided, the same bytes with more behind them give the same. */
#ifndef PROTO_DETECT_H
#define PROTO_DETECT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"

enum detect_result {
    DETECT_MORE,     /* cannot tell yet: DETECT_BYTES_MAX bytes are enough in any case */
    DETECT_TLS,      /* a ClientHello record (RFC 8446, 5.1 and 4.1.2): 16 03 xx .. .. 01 */
    DETECT_PROXY,    /* a PROXY header, version 1 or 2 (HAProxy's proxy-protocol.txt) */
    DETECT_TELNET,   /* begins with IAC (RFC 854) */
    DETECT_HTTP,     /* a method and a space (RFC 9110, 9.1) */
    DETECT_HTTP2,    /* HTTP/2 with prior knowledge: "PRI * HTTP/2" (RFC 9113, 3.4) */
    DETECT_SSH,      /* "SSH-" (RFC 4253, 4.2) */
    DETECT_IRC,      /* what an IRC client says first (RFC 2812, IRCv3) */
    DETECT_PLAIN,    /* any other line: a person typing, or a script */
    DETECT_NOT_TEXT, /* DETECT_BYTES_MAX bytes without the end of a line */
};

#define DETECT_BYTES_MAX 512
#define DETECT_TLS_BYTES 6

enum {
    DETECT_F_AT_END = 1u << 0, /* no more bytes will come: never DETECT_MORE */
    DETECT_F_LATE = 1u << 1,   /* the client was asked for a name before it said anything: programs have
                                  spoken by now, so "nick smith" is a person's answer */
};

/* Only the first DETECT_BYTES_MAX bytes are looked at. */
enum detect_result detect(struct bytes first, unsigned flags);

/* Whether the bytes, of which DETECT_TLS_BYTES count, agree with a ClientHello. When there are as many,
 * it is one. */
bool detect_may_be_tls(struct bytes first);

/* How many bytes the ClientHello has that begins so, its records' headers included; while its beginning does not tell,
 * the least that tells more. Not more than first.len: it is complete, or cannot become one. */
size_t detect_hello_bytes(struct bytes first);

/* Whether a line, of which the end may not be there yet, is what an IRC client sends first: optional @tags
 * and :source, then CAP, NICK, PASS, USER, WEBIRC, AUTHENTICATE or PING with a parameter. */
bool detect_is_irc(struct bytes line, bool capitals_only);

#endif
