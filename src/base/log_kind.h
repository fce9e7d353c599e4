/* The kinds of events that the log tells: one table of names, texts and message ids.
 *
 * A kind's name and id never change and are never used again for something else: dashboards and
 * `journalctl MESSAGE_ID=...` go by them. docs/logs.md lists all of them; a test compares. */
#ifndef BASE_LOG_KIND_H
#define BASE_LOG_KIND_H

#include <stdbool.h>

enum log_kind {
    LOG_KIND_STARTING,
    LOG_KIND_LISTENING,
    LOG_KIND_NOT_LISTENING,
    LOG_KIND_METRICS_ON,
    LOG_KIND_CONTROL_ON,
    LOG_KIND_CONTROL_OFF,
    LOG_KIND_SIGNAL,
    LOG_KIND_STOPPING,
    LOG_KIND_STOPPED,
    LOG_KIND_LEVEL_SET,
    LOG_KIND_RELOADING,
    LOG_KIND_RELOADED,
    LOG_KIND_RELOAD_REFUSED,
    LOG_KIND_RELOAD_REPORT,
    LOG_KIND_TLS_ON,
    LOG_KIND_CERTIFICATE_ENDS,
    LOG_KIND_CONTROL_OPEN,
    LOG_KIND_CONTROL_REQUEST,
    LOG_KIND_CONTROL_CLOSED,
    LOG_KIND_CONTROL_REFUSED,
    LOG_KIND_BAN_ADDED,
    LOG_KIND_BAN_REMOVED,
    LOG_KIND_DRAIN_SET,
    LOG_KIND_SHUTDOWN_ASKED,
    LOG_KIND_SHUTDOWN_OFF,
    LOG_KIND_SESSION_OPEN,
    LOG_KIND_SESSION_CLIENT,
    LOG_KIND_SESSION_TLS,
    LOG_KIND_SESSION_TLS_FAILED,
    LOG_KIND_SESSION_NAMED,
    LOG_KIND_OPER_GRANTED,
    LOG_KIND_OPER_REFUSED,
    LOG_KIND_SESSION_CLOSED,
    LOG_KIND_SESSION_REFUSED,
    LOG_KIND_SESSION_FAILED,
    LOG_KIND_SESSION_TRACE,
    LOG_KIND_TRACE_SET,
    LOG_KIND_OPER_HELD,
    LOG_KIND_ACCEPT_FAILED,
    LOG_KIND_NO_MEMORY,
    LOG_KIND_UNHEALTHY,
    LOG_KIND_LOOP_HANGS,
    LOG_KIND_SUPPRESSED,
    LOG_KIND_COUNT
};

struct log_kind_row {
    const char *name; /* one word, for programs */
    const char *id;   /* 128 bits, 32 hexadecimal digits: MESSAGE_ID in the journal */
    const char *text; /* what a person reads; {key} stands for the value of a field */
    bool is_limited;  /* clients can cause it at will, so that it is told only so often (log.limit) */
};

const struct log_kind_row *log_kind_row(enum log_kind kind);

#endif
