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

#include "base/check.h"
#include "base/clock.h"
#include "base/utf8.h"

#define LINE_MAX_BYTES 2048
#define ELLIPSIS "..."

static struct {
    enum log_level most_verbose;
    log_sink_fn sink;
    void *sink_arg;
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
static bool is_stderr_journal(void)
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

static void line_add_prefix(struct log_line *line, enum log_level level, bool is_journal)
{
    char prefix[64];
    int len;
    const char *name = levels[level].name;
    if (is_journal) {
        len = snprintf(prefix, sizeof(prefix), "<%d>", levels[level].priority);
    } else {
        int64_t now_ms = clock_wall_ms(clock_system());
        time_t seconds = (time_t)(now_ms / 1000);
        struct tm utc;
        char date[32];
        CHECK(gmtime_r(&seconds, &utc) != NULL);
        CHECK(strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &utc) > 0);
        len = snprintf(prefix, sizeof(prefix), "%s.%03" PRId64 "Z %s ", date, now_ms % 1000, name);
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

/* A log that cannot be written is no reason to stop serving: errors end the line, nothing else. */
static void write_stderr(struct log_line *line)
{
    line->text[line->len] = '\n';
    for (size_t at = 0; at <= line->len;) {
        ssize_t n = write(STDERR_FILENO, line->text + at, line->len + 1 - at);
        if (n > 0)
            at += (size_t)n;
        else if (n == 0 || errno != EINTR)
            return;
    }
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

    struct log_line line;
    line.len = line.cut_len = 0;
    line.is_cut = false;
    line_add_prefix(&line, level, log_state.sink == NULL && is_stderr_journal());
    line_add_escaped(&line, (struct bytes){text, text_len});
    line_end(&line);
    if (log_state.sink != NULL)
        log_state.sink(log_state.sink_arg, level, (struct bytes){line.text, line.len});
    else
        write_stderr(&line);
    errno = saved_errno;
}
