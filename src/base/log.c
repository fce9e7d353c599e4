/* The log: format one line, make it harmless, hand it to stderr or to the sink.
 *
 * A line is made on the stack and written with one write(), so that lines never mix. There is
 * nothing to flush, to reopen or to rotate: that is the service manager's work. */
#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log_event.h"
#include "base/utf8.h"

#define LINE_MAX_BYTES LOG_LINE_BYTES
#define JSON_MAX_BYTES (16 * 1024)
#define ELLIPSIS "..."

static struct {
    enum log_level most_verbose;
    enum log_format format;
    log_sink_fn sink;
    void *sink_arg;
    log_taker_fn taker;
    void *taker_arg;
} log_state = {.most_verbose = LOG_LEVEL_INFO};

/* The second number is the priority in syslog(3), which journald understands. */
static const struct {
    const char *name;
    int priority;
} levels[LOG_LEVEL_COUNT] = {
    [LOG_LEVEL_ERROR] = {"error", 3},   [LOG_LEVEL_WARNING] = {"warning", 4},
    [LOG_LEVEL_NOTICE] = {"notice", 5}, [LOG_LEVEL_INFO] = {"info", 6},
    [LOG_LEVEL_DEBUG] = {"debug", 7},
};

struct log_line {
    char text[LINE_MAX_BYTES + 1]; /* one more for the newline */
    size_t len;
    size_t cut_len; /* the longest part that leaves room for the ellipsis */
    bool is_cut;
};

void log_set_level(enum log_level most_verbose)
{
    CHECK(most_verbose < LOG_LEVEL_COUNT);
    log_state.most_verbose = most_verbose;
}

void log_set_sink(log_sink_fn sink, void *arg)
{
    log_state.sink = sink;
    log_state.sink_arg = arg;
}

void log_set_taker(log_taker_fn take, void *arg)
{
    log_state.taker = take;
    log_state.taker_arg = arg;
}

void log_set_format(enum log_format format)
{
    log_state.format = format;
}

enum log_level log_level(void)
{
    return log_state.most_verbose;
}

bool log_is_on(enum log_level level)
{
    return level <= log_state.most_verbose;
}

int log_level_parse(struct bytes word, enum log_level *ret_level)
{
    for (unsigned i = 0; i < LOG_LEVEL_COUNT; i++) {
        if (bytes_eq(word, bytes_of(levels[i].name))) {
            *ret_level = (enum log_level)i;
            return 0;
        }
    }
    return -EINVAL;
}

const char *log_level_str(enum log_level level)
{
    CHECK(level < LOG_LEVEL_COUNT);
    return levels[level].name;
}

/* Is stderr really the journal? JOURNAL_STREAM alone may be inherited from a desktop session; so it
 * names device and inode of the stream to compare with, see systemd.exec(5). */
bool log_is_journal(void)
{
    struct bytes inode = bytes_of(getenv("JOURNAL_STREAM"));
    struct bytes device = bytes_cut(&inode, ':');
    uint64_t device_number, inode_number;
    struct stat status;
    return bytes_parse_u64(device, UINT64_MAX, &device_number) == 0 &&
           bytes_parse_u64(inode, UINT64_MAX, &inode_number) == 0 && fstat(STDERR_FILENO, &status) == 0 &&
           status.st_dev == device_number && status.st_ino == inode_number;
}

/* Appends a piece whole, or nothing from here on: a character or an escape is never cut in two. */
static void line_add(struct log_line *line, const char *piece, size_t len)
{
    if (line->is_cut || len > LINE_MAX_BYTES - line->len) {
        line->is_cut = true;
        return;
    }
    memcpy(line->text + line->len, piece, len);
    line->len += len;
    if (line->len <= LINE_MAX_BYTES - strlen(ELLIPSIS))
        line->cut_len = line->len;
}

/* The date of the thread's last line, "2026-01-31T12:00:00": many lines in a row have the same. */
static _Thread_local struct {
    int64_t second;
    char text[32];
} log_date;

static const char *date_of(int64_t second)
{
    time_t seconds = (time_t)second;
    struct tm utc;

    if (second == log_date.second && log_date.text[0] != '\0')
        return log_date.text;
    CHECK(gmtime_r(&seconds, &utc) != NULL);
    CHECK(strftime(log_date.text, sizeof(log_date.text), "%Y-%m-%dT%H:%M:%S", &utc) > 0);
    log_date.second = second;
    return log_date.text;
}

enum { TIME_BYTES = sizeof("2026-11-21T14:05:03.120Z") + 16 };

static void format_time(char ret_text[TIME_BYTES])
{
    int64_t now_ms = clock_wall_ms(clock_system());
    snprintf(ret_text, TIME_BYTES, "%s.%03" PRId64 "Z", date_of(now_ms / 1000), now_ms % 1000);
}

static void line_add_prefix(struct log_line *line, enum log_level level, bool is_journal)
{
    char prefix[64], date[TIME_BYTES];
    int len;
    if (is_journal) {
        len = snprintf(prefix, sizeof(prefix), "<%d>", levels[level].priority);
    } else {
        format_time(date);
        len = snprintf(prefix, sizeof(prefix), "%s %s ", date, levels[level].name);
    }
    CHECK(len > 0 && (size_t)len < sizeof(prefix));
    line_add(line, prefix, (size_t)len);
}

static void line_add_escaped(struct log_line *line, struct bytes text)
{
    while (text.len > 0 && !line->is_cut) {
        uint32_t c;
        bool is_valid;
        size_t n = utf8_next(text, &c, &is_valid);
        if (is_valid && c >= 0x20 && (c < 0x7F || c > 0x9F)) {
            line_add(line, text.ptr, n);
        } else {
            char escape[UTF8_MAX_BYTES * 4 + 1];
            for (size_t i = 0; i < n; i++)
                snprintf(escape + 4 * i, 5, "\\x%02x", (unsigned)(uint8_t)text.ptr[i]);
            line_add(line, escape, 4 * n);
        }
        text = bytes_slice(text, n, text.len);
    }
}

static void line_end(struct log_line *line)
{
    if (!line->is_cut)
        return;
    memcpy(line->text + line->cut_len, ELLIPSIS, strlen(ELLIPSIS));
    line->len = line->cut_len + strlen(ELLIPSIS);
}

/* A log that cannot be written is no reason to stop serving: errors end the line, nothing else. The byte
 * after the line is there for its newline. */
static void write_stderr(char *line, size_t len)
{
    line[len] = '\n';
    for (size_t at = 0; at <= len;) {
        ssize_t n = write(STDERR_FILENO, line + at, len + 1 - at);
        if (n > 0)
            at += (size_t)n;
        else if (n == 0 || errno != EINTR)
            return;
    }
}

static void put_line(enum log_level level, char *line, size_t len)
{
    if (log_state.sink != NULL)
        log_state.sink(log_state.sink_arg, level, (struct bytes){line, len});
    else
        write_stderr(line, len);
}

static void put_json_field(struct json *json, const struct log_field *field)
{
    switch (field->type) {
    case LOG_FIELD_TEXT:
        json_put_text(json, field->key, field->text);
        break;
    case LOG_FIELD_INT:
        json_put_int(json, field->key, field->number);
        break;
    case LOG_FIELD_UINT:
        json_put_uint(json, field->key, (uint64_t)field->number);
        break;
    case LOG_FIELD_SAY:
        break;
    }
}

static void put_json(const struct log_record *record, bool has_fields, struct buf *out)
{
    char date[TIME_BYTES];
    struct json json;
    format_time(date);
    json_init(&json, out);
    json_begin(&json);
    json_put_text(&json, "time", bytes_of(date));
    json_put_text(&json, "level", bytes_of(levels[record->level].name));
    if (record->kind != NULL)
        json_put_text(&json, "event", bytes_of(record->kind->name));
    json_put_text(&json, "message", record->message);
    for (size_t i = 0; has_fields && i < record->field_count; i++)
        put_json_field(&json, &record->fields[i]);
    if (!has_fields)
        json_put_bool(&json, "is_cut", true);
    json_end(&json);
}

/* A line that would be too long goes without its fields: it has to stay one JSON object. */
static void write_json(const struct log_record *record)
{
    char memory[JSON_MAX_BYTES + 1];
    struct buf out;
    buf_init_fixed(&out, memory, sizeof(memory));
    put_json(record, true, &out);
    if (buf_error(&out) != 0) {
        buf_init_fixed(&out, memory, sizeof(memory));
        put_json(record, false, &out);
    }
    put_line(record->level, memory, out.len);
}

static void write_text(const struct log_record *record)
{
    struct log_line line;
    line.len = line.cut_len = 0;
    line.is_cut = false;
    line_add_prefix(&line, record->level, log_state.sink == NULL && log_is_journal());
    line_add_escaped(&line, record->message);
    line_end(&line);
    put_line(record->level, line.text, line.len);
}

void log_write(const struct log_record *record)
{
    int saved_errno = errno;
    if (log_state.taker != NULL && log_state.taker(log_state.taker_arg, record))
        ;
    else if (log_state.format == LOG_FORMAT_JSON)
        write_json(record);
    else
        write_text(record);
    errno = saved_errno;
}

void log_msg(enum log_level level, const char *format, ...)
{
    CHECK(level < LOG_LEVEL_COUNT);
    if (!log_is_on(level))
        return;
    int saved_errno = errno;

    /* Escaping only makes text longer: what does not fit here would not fit the line either. */
    char text[LINE_MAX_BYTES + 1];
    va_list args;
    va_start(args, format);
    int written = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    size_t text_len = written < 0 ? 0 : (size_t)written < sizeof(text) ? (size_t)written : sizeof(text) - 1;

    struct log_record record = {.level = level, .message = {text, text_len}};
    struct log_line line;
    if (log_state.taker != NULL) { /* which gets a line that is harmless already */
        line.len = line.cut_len = 0;
        line.is_cut = false;
        line_add_escaped(&line, record.message);
        line_end(&line);
        record.message = (struct bytes){line.text, line.len};
    }
    log_write(&record);
    errno = saved_errno;
}
