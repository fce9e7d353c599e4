/* The log: one line one event, on stderr. What happens is told as a structured event (log_event.h); log_msg()
 * is for the few lines that have no structure.
 *
 * The sink, the level and the output (daemon/log_output.h) are, besides the hash map's key, the process's only
 * global state. A line is
 *     2026-11-21T14:05:03.120Z info session=12 joined room=#lobby
 * and when stderr is the journal (JOURNAL_STREAM names it, see systemd.exec(5)) `<6>` stands in place
 * of time and level, see sd-daemon(3). With LOG_FORMAT_JSON a line is one JSON object instead. Every byte of control characters (C0, DEL, C1) and of malformed
 * UTF-8 in the text is written as \xNN: what users type cannot forge a line or reach the terminal of
 * whoever reads the log.
 *
 * base, proto and chat do not log, they return; session, net and daemon log once, where the decision
 * is made. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/bytes.h"

enum log_level {
    LOG_LEVEL_ERROR,
    LOG_LEVEL_WARNING,
    LOG_LEVEL_NOTICE,
    LOG_LEVEL_INFO,
    LOG_LEVEL_DEBUG,
    LOG_LEVEL_COUNT
};

enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };

/* Receives one finished line without newline, always in the form with time and level. `line` lives
 * only for the call. */
typedef void (*log_sink_fn)(void *arg, enum log_level level, struct bytes line);

void log_set_level(enum log_level most_verbose); /* default: LOG_LEVEL_INFO */
void log_set_sink(log_sink_fn sink, void *arg);  /* NULL: back to stderr */
void log_set_format(enum log_format format);     /* default: LOG_FORMAT_TEXT */
enum log_level log_level(void);
bool log_is_on(enum log_level level);

/* "error", "warning" …; -EINVAL for another word. */
MUST_CHECK int log_level_parse(struct bytes word, enum log_level *ret_level);
const char *log_level_str(enum log_level level);

/* Whether stderr is a stream of the journal. */
bool log_is_journal(void);

/* Lines over 2 KiB (without the newline) are cut between characters and end in "...". Keeps errno,
 * so %m may be used. */
void log_msg(enum log_level level, const char *format, ...) ATTR_PRINTF(2, 3);

#define log_error(...) log_msg(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_msg(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_notice(...) log_msg(LOG_LEVEL_NOTICE, __VA_ARGS__)
#define log_info(...) log_msg(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_msg(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
