/* JSON writer. One flag is enough: a comma is due before a key or value when a value of the same list or
 * object stands before it, and that is so whenever the last thing written was a value or an end. */
#include "base/json.h"

#include <inttypes.h>
#include <math.h>

#include "base/utf8.h"

void json_init(struct json *json, struct buf *out)
{
    *json = (struct json){.out = out};
}

static void put_comma(struct json *json)
{
    if (json->needs_comma)
        buf_put_char(json->out, ',');
    json->needs_comma = true;
}

static void open_with(struct json *json, char bracket)
{
    put_comma(json);
    buf_put_char(json->out, bracket);
    json->needs_comma = false;
}

static void close_with(struct json *json, char bracket)
{
    buf_put_char(json->out, bracket);
    json->needs_comma = true;
}

void json_begin(struct json *json)
{
    open_with(json, '{');
}

void json_end(struct json *json)
{
    close_with(json, '}');
}

void json_list_begin(struct json *json)
{
    open_with(json, '[');
}

void json_list_end(struct json *json)
{
    close_with(json, ']');
}

static bool is_plain(struct bytes character, uint32_t c, bool is_valid)
{
    if (!is_valid || c < 0x20 || (c >= 0x7f && c <= 0x9f))
        return false;
    return character.ptr[0] != '"' && character.ptr[0] != '\\';
}

static void put_escaped(struct buf *out, uint32_t c)
{
    char encoded[UTF8_MAX_BYTES];

    switch (c) {
    case '"':
        buf_put_text(out, "\\\"");
        break;
    case '\\':
        buf_put_text(out, "\\\\");
        break;
    case '\n':
        buf_put_text(out, "\\n");
        break;
    case '\t':
        buf_put_text(out, "\\t");
        break;
    case UTF8_REPLACEMENT:
        buf_put(out, (struct bytes){encoded, utf8_encode(c, encoded)});
        break;
    default:
        buf_printf(out, "\\u%04" PRIx32, c);
    }
}

/* Runs of characters that need nothing are copied as one piece. */
static void put_quoted(struct buf *out, struct bytes text)
{
    size_t run = 0, at = 0;

    buf_put_char(out, '"');
    while (at < text.len) {
        uint32_t c;
        bool is_valid;
        struct bytes rest = bytes_slice(text, at, text.len);
        size_t len = utf8_next(rest, &c, &is_valid);
        if (!is_plain(rest, c, is_valid)) {
            buf_put(out, bytes_slice(text, run, at));
            put_escaped(out, c);
            run = at + len;
        }
        at += len;
    }
    buf_put(out, bytes_slice(text, run, text.len));
    buf_put_char(out, '"');
}

void json_key(struct json *json, const char *key)
{
    put_comma(json);
    put_quoted(json->out, bytes_of(key));
    buf_put_char(json->out, ':');
    json->needs_comma = false;
}

void json_text(struct json *json, struct bytes value)
{
    put_comma(json);
    put_quoted(json->out, value);
}

void json_int(struct json *json, int64_t value)
{
    put_comma(json);
    buf_printf(json->out, "%" PRId64, value);
}

void json_uint(struct json *json, uint64_t value)
{
    put_comma(json);
    buf_printf(json->out, "%" PRIu64, value);
}

void json_double(struct json *json, double value)
{
    if (!isfinite(value)) {
        json_null(json);
        return;
    }
    put_comma(json);
    buf_printf(json->out, "%.6g", value);
}

void json_bool(struct json *json, bool value)
{
    put_comma(json);
    buf_put_text(json->out, value ? "true" : "false");
}

void json_null(struct json *json)
{
    put_comma(json);
    buf_put_text(json->out, "null");
}

void json_put_text(struct json *json, const char *key, struct bytes value)
{
    json_key(json, key);
    json_text(json, value);
}

void json_put_int(struct json *json, const char *key, int64_t value)
{
    json_key(json, key);
    json_int(json, value);
}

void json_put_uint(struct json *json, const char *key, uint64_t value)
{
    json_key(json, key);
    json_uint(json, value);
}

void json_put_double(struct json *json, const char *key, double value)
{
    json_key(json, key);
    json_double(json, value);
}

void json_put_bool(struct json *json, const char *key, bool value)
{
    json_key(json, key);
    json_bool(json, value);
}
