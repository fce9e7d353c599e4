/* The types that a setting can have: text to value, value to text.
 *
 * One function per direction, chosen by the type of the row, so that the file, the command line, the
 * dump and the error messages all agree on the syntax. Values are written in their canonical form:
 * the largest unit without a fraction (65536 is `64K`, 60000 ms is `1m`).
 *
 * Nothing here suspends. Memory comes from xalloc.h: settings are read at start-up. */
#ifndef DAEMON_SETTING_TYPE_H
#define DAEMON_SETTING_TYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/bytes.h"

/* Behind each type: the C type of its field, and what min and max of a row count. */
enum setting_type {
    SETTING_TYPE_TEXT,     /* char *, never NULL; bytes. UTF-8 without control characters */
    SETTING_TYPE_HOST,     /* char *, never NULL; bytes. Letters, digits, '.' and '-' */
    SETTING_TYPE_PATH,     /* char *, never NULL, empty: none; bytes */
    SETTING_TYPE_BOOL,     /* bool; unused. yes no on off true false */
    SETTING_TYPE_COUNT,    /* uint32_t; the number itself */
    SETTING_TYPE_BYTES,    /* size_t; bytes. K and M are 1024 and 1024 * 1024 */
    SETTING_TYPE_DURATION, /* int64_t; milliseconds. ms, s, m and h; 0 needs no unit */
    SETTING_TYPE_LIST,  /* struct setting_list; entries, each a text that is not empty; with a min of 0, none
                               when the text is empty */
    SETTING_TYPE_FLOOD, /* struct setting_flood; unused. `off` or `1 burst 5` */
    SETTING_TYPE_MODE,  /* uint32_t; unused. Permissions of a file in octal: 0660 */
    SETTING_TYPE_LOG_LEVEL,  /* enum log_level; unused */
    SETTING_TYPE_CLIENTS,    /* enum tls_clients; unused. no, optional or required */
    SETTING_TYPE_LOG_FORMAT, /* enum setting_log_format; unused. auto, text, json or journal */
};

/* How the log is written. */
enum setting_log_format {
    SETTING_LOG_AUTO, /* the journal's own fields under systemd, text otherwise */
    SETTING_LOG_TEXT,
    SETTING_LOG_JSON,
    SETTING_LOG_JOURNAL,
    SETTING_LOG_COUNT
};

struct setting_list {
    char **items;
    size_t count;
};

/* How many lines a client may send; the two arguments of bucket_init(). */
struct setting_flood {
    int64_t rate_milli; /* thousandths of a line per second; 0: no limit */
    int64_t burst;      /* whole lines; 0 when there is no limit */
};

/* Puts the value of `text` into `field` and frees what was there; a list gets one entry more. The
 * field must be zeroed or hold a value. -EINVAL: not of this type. -ERANGE: outside min and max. On
 * failure the field is untouched. */
MUST_CHECK int setting_type_parse(enum setting_type type, struct bytes text, int64_t min, int64_t max,
                                  void *field);

/* Appends the value in its canonical form; the entries of a list stand between ", ". */
void setting_type_format(enum setting_type type, const void *field, struct buf *out);

/* Appends what a valid value looks like, range included: "a duration such as ... from 1s to 1h". */
void setting_type_describe(enum setting_type type, int64_t min, int64_t max, struct buf *out);

bool setting_type_is_equal(enum setting_type type, const void *a, const void *b);

/* Puts a copy of `from` into `to`, and frees what was there. */
void setting_type_copy(enum setting_type type, const void *from, void *to);

/* Frees what the field owns and zeroes it. */
void setting_type_clear(enum setting_type type, void *field);

#endif
