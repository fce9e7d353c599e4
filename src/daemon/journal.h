/* The journal of systemd as a place for the log, with the fields of every event:
 * `journalctl MINGLE_SESSION=12`, `journalctl MESSAGE_ID=...`.
 *
 * It speaks the native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL): one datagram of KEY=value lines per event
 * to a unix socket. No value of ours has a newline, and a datagram is far below what the socket takes, so
 * neither of the protocol's two other forms is needed. */
#ifndef DAEMON_JOURNAL_H
#define DAEMON_JOURNAL_H

#include "base/attr.h"
#include "base/log_event.h"

#define JOURNAL_PATH "/run/systemd/journal/socket"

struct journal {
    int fd; /* -1: closed */
};

/* Connects to the journal at `path`. 0, or -errno: there is none. */
MUST_CHECK int journal_open(struct journal *journal, const char *path);
void journal_close(struct journal *journal);

/* A log_taker_fn; `arg` is the struct journal. Never waits: what the journal does not take at once, or is too
 * long for it, is written to stderr instead. */
bool journal_take(void *arg, const struct log_record *record);

#endif
