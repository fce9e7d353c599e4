/* From the settings of TLS to a context, at the start and at a reload. */
#ifndef DAEMON_TLS_SETUP_H
#define DAEMON_TLS_SETUP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"

struct settings;
struct tls_context;
struct tls_tickets;

/* The path of a file that a setting names: `credential:NAME` is NAME in the folder in which the service
 * manager puts credentials ($CREDENTIALS_DIRECTORY, systemd.exec(5)); all else is a path. -EINVAL: the reason,
 * without newline, is appended to `error`. */
MUST_CHECK int tls_setup_path(const char *text, char *ret_path, size_t size, struct buf *error);

/* Loads and checks what the settings name; the new context is in *ret_context, NULL when there is no
 * certificate. With `is_any_date` a certificate that has expired will do (tls_watch tells of it): better an old
 * one than no server. A reload says false, and keeps what it has. -EINVAL: the reason, without newline, is
 * appended to `error`; *ret_context is as before. Blocks while it reads files. */
MUST_CHECK int tls_setup_load(const struct settings *settings, struct tls_tickets *tickets, bool is_any_date,
                              struct buf *error, struct tls_context **ret_context);

#endif
