/* Structured events: what happened, as a kind of a table and fields, for people and for programs.
 *
 *     log_event(LOG_KIND_SESSION_NAMED, LOG_LEVEL_INFO, LOG_UINT("session", 12), LOG_TEXT("name", name));
 *
 *     2026-11-21T14:05:03.120Z info session=12 named user=alice
 *     {"time":"2026-11-21T14:05:03.120Z","level":"info","event":"session-named","message":...,"session":12,...}
 *
 * A text line is the kind's text with its {key}s filled in, then the fields that it has not named, as
 * key=value. Values with blanks, quotes, '=', backslashes or control characters, and empty ones, stand in
 * double quotes, in which \" \\ and \xNN are escapes.
 *
 * Kinds that clients can cause at will have a token bucket each (log_set_limit). What it holds back is
 * counted, and told as `suppressed=COUNT kind=NAME` before the next event of that kind, or by log_tick()
 * at the latest. Errors are never held back. All of it belongs to the loop's thread; from another one,
 * only kinds without a limit may be logged. */
#ifndef BASE_LOG_EVENT_H
#define BASE_LOG_EVENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/log_kind.h"

enum log_field_type {
    LOG_FIELD_TEXT,
    LOG_FIELD_INT,
    LOG_FIELD_UINT,
    LOG_FIELD_SAY, /* no field: the line that people read, instead of the kind's text and the fields */
};

struct log_field {
    const char *key; /* lower case and '_'; not time, level, event or message, which JSON has already */
    enum log_field_type type;
    struct bytes text;
    int64_t number; /* of LOG_FIELD_UINT, its bits */
};

#define LOG_TEXT(key_, value) ((struct log_field){.key = (key_), .type = LOG_FIELD_TEXT, .text = (value)})
#define LOG_STR(key_, value) LOG_TEXT(key_, bytes_of(value))
#define LOG_INT(key_, value) ((struct log_field){.key = (key_), .type = LOG_FIELD_INT, .number = (value)})
#define LOG_UINT(key_, value) \
    ((struct log_field){.key = (key_), .type = LOG_FIELD_UINT, .number = (int64_t)(value)})
#define LOG_SAY(value) ((struct log_field){.key = "", .type = LOG_FIELD_SAY, .text = (value)})

/* One event on its way out. Lives only for the call. */
struct log_record {
    enum log_level level;
    const struct log_kind_row *kind; /* NULL: a message without structure (log_msg) */
    struct bytes message;            /* one line, harmless, without time and level */
    const struct log_field *fields;
    size_t field_count;
    const char *file; /* NULL: not known */
    int line;
};

/* At least one field. */
#define log_event(kind, level, ...) \
    log_event_at(__FILE__, __LINE__, (kind), (level), (const struct log_field[]){__VA_ARGS__}, \
                 sizeof((const struct log_field[]){__VA_ARGS__}) / sizeof(struct log_field))
/* Keeps errno. */
void log_event_at(const char *file, int line, enum log_kind kind, enum log_level level,
                  const struct log_field *fields, size_t count);

/* Where records go before anything else, such as the journal; false: it could not take it, and the record is
 * written as a line. NULL: nowhere. */
typedef bool (*log_taker_fn)(void *arg, const struct log_record *record);
void log_set_taker(log_taker_fn take, void *arg);

/* As log_set_level(), while the server runs: the log tells of it. */
void log_change_level(enum log_level most_verbose);

/* How often an event of each limited kind is told: per second times 1000 (0: no limit) and how many at once.
 * Default: no limit. */
void log_set_limit(int64_t rate_milli, int64_t burst);
void log_set_clock(const struct clock *clock); /* of the limits; NULL: the system's */

/* Tells what was held back, of each kind whose bucket has filled again, and of all others every 10 s; to be
 * called every few seconds. */
void log_tick(void);
/* Tells all that was held back: before the log ends. */
void log_flush(void);

/* Lines held back since the start. */
uint64_t log_suppressed_count(enum log_kind kind);

/* ---- for the log's own sources ---- */

/* Hands a record on: to the taker, or as a line in the format that is set. */
void log_write(const struct log_record *record);
/* Room for the longest line, JSON included. */
#define LOG_LINE_BYTES 2048

#endif
