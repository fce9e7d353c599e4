#include "daemon/metrics_request.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/ascii.h"
#include "base/attr.h"

static bool is_token(struct bytes text)
{
    static const char others[] = "!#$%&'*+-.^_`|~";
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!ascii_is_alnum(c) && (c == '\0' || !strchr(others, c)))
            return false;
    }
    return text.len > 0;
}

/* Visible characters, and blanks where they may be. */
static bool is_clean(struct bytes text, bool with_blanks)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        bool is_blank = c == ' ' || c == '\t';
        if ((is_blank && !with_blanks) || (c < ' ' && c != '\t') || c == 0x7F)
            return false;
    }
    return true;
}

/* Where the head ends, its empty line included; 0: not yet. */
static size_t head_len(struct bytes in)
{
    static const char end[] = "\r\n\r\n";
    const char *at = in.len ? memmem(in.ptr, in.len, end, strlen(end)) : NULL;
    return at ? (size_t)(at - in.ptr) + strlen(end) : 0;
}

/* Cuts a line that ends in CR LF off; false when there is none, or a CR or LF alone in it. */
static bool cut_line(struct bytes *rest, struct bytes *ret_line)
{
    size_t end = bytes_find(*rest, '\n');
    if (end == rest->len || end == 0 || rest->ptr[end - 1] != '\r')
        return false;
    *ret_line = bytes_slice(*rest, 0, end - 1);
    *rest = bytes_slice(*rest, end + 1, rest->len);
    return bytes_find(*ret_line, '\r') == ret_line->len;
}

static bool is_numeric(struct bytes host)
{
    char text[INET6_ADDRSTRLEN];
    unsigned char address[sizeof(struct in6_addr)];
    bool is_bracketed = host.len >= 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']';
    if (is_bracketed)
        host = bytes_slice(host, 1, host.len - 1);
    return bytes_find(host, '\0') == host.len && bytes_copy(host, text, sizeof(text)) &&
           inet_pton(is_bracketed ? AF_INET6 : AF_INET, text, address) == 1;
}

static bool is_own_host(struct bytes host, struct bytes name)
{
    size_t close = bytes_find(host, ']'); /* of an IPv6 address, whose colons are no port's */
    size_t from = close < host.len ? close : 0;
    size_t colon = from + bytes_find(bytes_slice(host, from, host.len), ':');
    struct bytes port = bytes_slice(host, colon + 1, host.len);
    uint64_t number;
    if (colon < host.len && port.len > 0 && bytes_parse_u64(port, 65535, &number) < 0)
        return false;
    host = bytes_slice(host, 0, colon);
    return bytes_eq_nocase(host, BYTES("localhost")) || bytes_eq_nocase(host, name) || is_numeric(host);
}

/* "GET /metrics HTTP/1.1" */
static int parse_request_line(struct bytes line, struct metrics_request *ret_request)
{
    struct bytes method = bytes_cut(&line, ' ');
    struct bytes target = bytes_cut(&line, ' ');
    if (!is_token(method) || target.len == 0 || target.ptr[0] != '/' || !is_clean(target, false) ||
        !(bytes_eq(line, BYTES("HTTP/1.1")) || bytes_eq(line, BYTES("HTTP/1.0"))))
        return 400;
    struct bytes path = bytes_cut(&target, '?');
    if (bytes_eq(path, BYTES("/metrics")))
        ret_request->target = METRICS_TARGET_METRICS;
    else if (bytes_eq(path, BYTES("/healthz")))
        ret_request->target = METRICS_TARGET_HEALTH;
    else
        return 404;
    ret_request->is_head = bytes_eq(method, BYTES("HEAD"));
    return ret_request->is_head || bytes_eq(method, BYTES("GET")) ? 200 : 405;
}

struct headers {
    struct bytes host;
    unsigned host_count;
    bool has_body;
};

static bool parse_header(struct bytes line, struct headers *headers)
{
    size_t colon = bytes_find(line, ':');
    struct bytes name = bytes_slice(line, 0, colon);
    struct bytes value = bytes_trim(bytes_slice(line, colon + 1, line.len));
    if (colon == line.len || !is_token(name) || !is_clean(value, true))
        return false;
    if (bytes_eq_nocase(name, BYTES("host"))) {
        headers->host = value;
        headers->host_count++;
    } else if (bytes_eq_nocase(name, BYTES("transfer-encoding")) ||
               (bytes_eq_nocase(name, BYTES("content-length")) && !bytes_eq(value, BYTES("0")))) {
        headers->has_body = true;
    }
    return true;
}

int metrics_request_parse(struct bytes in, struct bytes name, struct metrics_request *ret_request)
{
    struct headers headers = {0};
    struct metrics_request request = {0};
    struct bytes line;
    size_t len = head_len(in);

    if (len == 0)
        return in.len >= METRICS_REQUEST_BYTES_MAX ? 431 : 0;
    if (len > METRICS_REQUEST_BYTES_MAX)
        return 431;
    struct bytes rest = bytes_slice(in, 0, len - 2);
    if (!cut_line(&rest, &line))
        return 400;
    bool is_1_1 = line.len > 0 && line.ptr[line.len - 1] == '1';
    int status = parse_request_line(line, &request);
    while (rest.len > 0)
        if (!cut_line(&rest, &line) || !parse_header(line, &headers))
            return 400;
    if (status == 400 || headers.has_body || headers.host_count > 1 || (is_1_1 && headers.host_count == 0))
        return 400;
    if (headers.host_count == 1 && !is_own_host(headers.host, name))
        return 421;
    if (status == 200)
        *ret_request = request;
    return status;
}
