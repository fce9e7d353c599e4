/* Writes JSON (RFC 8259) piece by piece to a buf.
 *
 *     struct json json;
 *     json_init(&json, out);
 *     json_begin(&json);
 *     json_put_text(&json, "room", room->name);
 *     json_key(&json, "members");
 *     json_list_begin(&json);
 *     ...
 *     json_list_end(&json);
 *     json_end(&json);                              {"room":"#lobby","members":[...]}
 *
 * Commas are put by the writer, never a newline or a blank: one value is one line. What does not fit
 * sticks in the buf's error. The caller sees to it that begins and ends match.
 *
 * Output is safe for terminals: control characters (C0, DEL, C1) are written as \u00NN, malformed
 * UTF-8 as U+FFFD; all other characters stand for themselves. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"

struct json {
    struct buf *out;
    bool needs_comma;
};

void json_init(struct json *json, struct buf *out); /* `out` is only appended to */

void json_begin(struct json *json); /* an object */
void json_end(struct json *json);
void json_list_begin(struct json *json);
void json_list_end(struct json *json);

void json_key(struct json *json, const char *key); /* the next value is its value */

void json_text(struct json *json, struct bytes value);
void json_int(struct json *json, int64_t value);
void json_uint(struct json *json, uint64_t value);
void json_double(struct json *json, double value); /* 6 digits; not finite: null */
void json_bool(struct json *json, bool value);
void json_null(struct json *json);

/* Key and value of an object. */
void json_put_text(struct json *json, const char *key, struct bytes value);
void json_put_int(struct json *json, const char *key, int64_t value);
void json_put_uint(struct json *json, const char *key, uint64_t value);
void json_put_double(struct json *json, const char *key, double value);
void json_put_bool(struct json *json, const char *key, bool value);

#endif
