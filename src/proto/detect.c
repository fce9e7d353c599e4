/* One rule after the other; the first that matches decides.
 *
 * Most rules need a few bytes. What is left is decided by the end of the first line, or by its lack. */
#include "proto/detect.h"

#include <stddef.h>

#include "base/attr.h"

/* Six bytes are looked at, not one: 0x16 alone is Ctrl-V, which a person may well type. A record of the
 * type handshake, version 3.x (any x: RFC 8446, 5.1 says to ignore it), a length of two bytes, handshake
 * type client_hello. -1: any byte. */
static const int client_hello[DETECT_TLS_BYTES] = {0x16, 0x03, -1, -1, -1, 0x01};

#define RECORD_HEADER_BYTES 5

/* Version 1 has three forms; the word alone is no header, and may be somebody's. */
static const struct bytes proxy_starts[] = {
    {"\r\n\r\n\0\r\nQUIT\n", 12},
    {"PROXY TCP4 ", 11},
    {"PROXY TCP6 ", 11},
    {"PROXY UNKNOWN", 13},
};

static const char *const http_methods[] = {"GET",     "HEAD",    "POST",  "PUT",  "DELETE",
                                           "OPTIONS", "CONNECT", "TRACE", "PATCH"};

static const char *const irc_verbs[] = {"CAP", "NICK", "PASS", "USER", "WEBIRC", "AUTHENTICATE", "PING"};

bool detect_may_be_tls(struct bytes first)
{
    for (size_t i = 0; i < ARRAY_LEN(client_hello) && i < first.len; i++)
        if (client_hello[i] >= 0 && (unsigned char)first.ptr[i] != client_hello[i])
            return false;
    return true;
}

/* Its length is in its first four bytes, and those need not be in one record (RFC 8446, 5.1). */
size_t detect_hello_bytes(struct bytes first)
{
    const unsigned char *bytes = (const unsigned char *)first.ptr;
    size_t start = 0, got = 0, total = 0, seen = 0; /* seen: of the four bytes */

    for (;;) {
        if (first.len < start + RECORD_HEADER_BYTES)
            return start + RECORD_HEADER_BYTES;
        size_t len = (size_t)bytes[start + 3] << 8 | bytes[start + 4];
        size_t end = start + RECORD_HEADER_BYTES + len;
        if (bytes[start] != client_hello[0] || len == 0)
            return start; /* what follows is something else */
        for (size_t i = start + RECORD_HEADER_BYTES; i < end && i < first.len && seen < 4; i++, seen++)
            total = seen == 0 ? 0 : total << 8 | bytes[i];
        if (end > first.len || (seen == 4 && got + len >= total + 4))
            return end;
        got += len;
        start = end;
    }
}

/* How far `first` agrees with `start`: all of it is there (1), so far (0), not (-1). */
static int compare_start(struct bytes first, struct bytes start)
{
    if (bytes_starts_with(first, start))
        return 1;
    return bytes_starts_with(start, first) ? 0 : -1;
}

static int compare_proxy(struct bytes first)
{
    int best = -1;
    for (size_t i = 0; i < ARRAY_LEN(proxy_starts); i++) {
        int agrees = compare_start(first, proxy_starts[i]);
        best = agrees > best ? agrees : best;
    }
    return best;
}

static bool is_http(struct bytes first)
{
    size_t space = bytes_find(first, ' ');
    for (size_t i = 0; i < ARRAY_LEN(http_methods); i++)
        if (space < first.len && bytes_eq(bytes_slice(first, 0, space), bytes_of(http_methods[i])))
            return true;
    return false;
}

/* Without the spaces in front; IRC has no other blank. */
static struct bytes skip_spaces(struct bytes text)
{
    size_t i = 0;
    while (i < text.len && text.ptr[i] == ' ')
        i++;
    return bytes_slice(text, i, text.len);
}

bool detect_is_irc(struct bytes line, bool capitals_only)
{
    struct bytes rest = line;

    if (bytes_starts_with(rest, BYTES("@"))) {
        (void)bytes_cut(&rest, ' ');
        rest = skip_spaces(rest);
    }
    if (bytes_starts_with(rest, BYTES(":"))) {
        (void)bytes_cut(&rest, ' ');
        rest = skip_spaces(rest);
    }
    struct bytes verb = bytes_cut(&rest, ' ');
    if (skip_spaces(rest).len == 0)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(irc_verbs); i++) {
        struct bytes wanted = bytes_of(irc_verbs[i]);
        if (capitals_only ? bytes_eq(verb, wanted) : bytes_eq_nocase(verb, wanted))
            return true;
    }
    return false;
}

/* The first line without its end (LF, or the CR NUL of telnet), or all there is of it. */
static struct bytes first_line(struct bytes first, bool *ret_is_whole)
{
    size_t end = bytes_find(first, '\n');
    for (size_t i = 1; i < end; i++)
        if (first.ptr[i] == '\0' && first.ptr[i - 1] == '\r')
            end = i;
    *ret_is_whole = end < first.len;
    if (end > 0 && first.ptr[end - 1] == '\r')
        end--;
    return bytes_slice(first, 0, end);
}

static enum detect_result detect_line(struct bytes first, unsigned flags)
{
    bool is_whole;
    struct bytes line = first_line(first, &is_whole);

    if (is_http(line))
        return DETECT_HTTP;
    if (bytes_starts_with(line, BYTES("PRI * HTTP/2")))
        return DETECT_HTTP2;
    if (bytes_starts_with(line, BYTES("SSH-")))
        return DETECT_SSH;
    if (detect_is_irc(line, flags & DETECT_F_LATE))
        return DETECT_IRC;
    if (is_whole)
        return DETECT_PLAIN;
    if (first.len == DETECT_BYTES_MAX)
        return DETECT_NOT_TEXT;
    return DETECT_MORE;
}

/* DETECT_MORE also when more bytes could not change that: detect() knows whether they will come. */
static enum detect_result detect_all(struct bytes first, unsigned flags)
{
    if (first.len == 0)
        return DETECT_MORE;
    if (detect_may_be_tls(first))
        return first.len >= DETECT_TLS_BYTES ? DETECT_TLS : DETECT_MORE;
    /* The signature of version 2 begins like Enter pressed twice. Who is late is a person. */
    int agrees = flags & DETECT_F_LATE ? -1 : compare_proxy(first);
    if (agrees >= 0)
        return agrees > 0 ? DETECT_PROXY : DETECT_MORE;
    if ((unsigned char)first.ptr[0] == 0xff)
        return DETECT_TELNET;
    return detect_line(first, flags);
}

enum detect_result detect(struct bytes first, unsigned flags)
{
    enum detect_result result = detect_all(bytes_slice(first, 0, DETECT_BYTES_MAX), flags);

    return result == DETECT_MORE && (flags & DETECT_F_AT_END) ? DETECT_PLAIN : result;
}
