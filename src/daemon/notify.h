/* What the service manager is told, and what it gives: sd_notify(3), sd_watchdog_enabled(3) and
 * sd_listen_fds(3).
 *
 * Without systemd (no NOTIFY_SOCKET, WATCHDOG_USEC, LISTEN_FDS in the environment) all of it does
 * nothing. Nothing suspends. A message that cannot be sent is logged; there is nothing else to do. */
#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

/* Start-up is over: clients may connect. */
void notify_ready(void);
/* The settings are being read again; notify_ready() ends it, whatever came of it.
 * `mono_ms`: now, of the monotonic clock. */
void notify_reloading(int64_t mono_ms);
/* One line for `systemctl status`; cut at 256 bytes, control characters become spaces. */
void notify_status(const char *format, ...) ATTR_PRINTF(1, 2);
/* A stop has begun. */
void notify_stopping(void);
/* The loop is alive. */
void notify_watchdog(void);

/* How often notify_watchdog() has to be called, in milliseconds: half of the manager's limit, at
 * least 1. 0: nobody watches. */
int64_t notify_watchdog_interval_ms(void);

/* The sockets that the service manager has opened for us; they are close-on-exec from now on, and the
 * environment no longer names them, so that a second call finds none. *ret_fds is malloc'd, the caller
 * frees it and closes the sockets; NULL with 0 of them. -Exxx: the environment is wrong; -ENOMEM. */
MUST_CHECK int notify_listen_fds(int **ret_fds, size_t *ret_count);

#endif
