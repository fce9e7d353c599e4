/* The answers: a whole HTTP response (RFC 9112), an ERROR of IRC (RFC 2812, 3.7.4), a line. */
#include "proto/refusal.h"

enum close_reason refusal_reason(enum detect_result protocol)
{
    switch (protocol) {
    case DETECT_HTTP:
    case DETECT_HTTP2:
        return CLOSE_HTTP;
    case DETECT_SSH:
        return CLOSE_SSH;
    case DETECT_PROXY:
        return CLOSE_PROXY;
    case DETECT_TLS: /* inside of TLS, or after the greeting */
        return CLOSE_TLS_FAILED;
    case DETECT_NOT_TEXT:
        return CLOSE_NOT_TEXT;
    case DETECT_MORE:
    case DETECT_TELNET:
    case DETECT_IRC:
    case DETECT_PLAIN:
        break;
    }
    return CLOSE_REASON_COUNT;
}

#define HTTP_BODY_BYTES_MAX 512

/* It ends with the connection, so that no byte behind the request is ever taken for another one. */
static void render_http(const char *status, struct bytes first, struct bytes body, struct buf *out)
{
    buf_printf(out,
               "HTTP/1.1 %s\r\n"
               "Content-Type: text/plain; charset=utf-8\r\n"
               "Content-Length: %zu\r\n"
               "X-Content-Type-Options: nosniff\r\n"
               "Cache-Control: no-store\r\n"
               "Connection: close\r\n"
               "\r\n",
               status, body.len);
    if (!bytes_starts_with(first, BYTES("HEAD ")))
        buf_put(out, body);
}

void refusal_render(enum detect_result protocol, struct bytes first, struct buf *out)
{
    switch (protocol) {
    case DETECT_HTTP:
        render_http("501 Not Implemented", first,
                    BYTES("This is mingle, a chat server. It has no web page yet.\n"
                          "Join with nc or telnet or an IRC client on this port, or with TLS:\n"
                          "openssl s_client -quiet -connect HOST:PORT\n"),
                    out);
        break;
    case DETECT_SSH:
        buf_put_text(out, "This is not SSH; use nc or telnet\r\n");
        break;
    case DETECT_NOT_TEXT: /* has the goodbye of people */
    case DETECT_HTTP2:    /* the others would not understand a text, or were up to no good */
    case DETECT_PROXY:
    case DETECT_TLS:
    case DETECT_MORE:
    case DETECT_TELNET:
    case DETECT_IRC:
    case DETECT_PLAIN:
        break;
    }
}

/* "This port does not take WHAT. Use nc or telnet." */
static void put_instead(const char *what, struct bytes instead, struct buf *out)
{
    buf_printf(out, "This port does not take %s.", what);
    if (instead.len > 0)
        buf_printf(out, " Use %.*s.", BYTES_ARG(instead));
    else
        buf_put_text(out, " Ask the administrator for another port.");
}

void refusal_render_port(enum detect_result protocol, struct bytes first, struct bytes instead,
                         struct buf *out)
{
    struct buf body;

    switch (protocol) {
    case DETECT_HTTP:
        buf_init(&body, HTTP_BODY_BYTES_MAX);
        put_instead("HTTP", instead, &body);
        buf_put_char(&body, '\n');
        render_http("403 Forbidden", first, buf_bytes(&body), out);
        buf_done(&body);
        break;
    case DETECT_IRC:
        buf_put_text(out, "ERROR :");
        put_instead("IRC", instead, out);
        buf_put_text(out, "\r\n");
        break;
    case DETECT_PLAIN:
    case DETECT_TELNET:
        buf_put_text(out, "*** ");
        put_instead(protocol == DETECT_PLAIN ? "nc and the like" : "telnet", instead, out);
        buf_put_text(out, " Bye.\r\n");
        break;
    default:
        refusal_render(protocol, first, out);
        break;
    }
}
