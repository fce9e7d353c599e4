/* All that is made from the sources of settings before anything of the running server is touched: read,
 * checked, and loaded from the files that they name. A start, a reload and --check-config make it alike, so
 * that what --check-config calls good does start, but for binding addresses. */
#ifndef DAEMON_SETUP_H
#define DAEMON_SETUP_H

#include "base/attr.h"
#include "base/buf.h"
#include "daemon/texts.h"
#include "session/operators.h"

struct options;
struct settings;
struct tls_context;
struct tls_tickets;

struct setup {
    struct settings *settings;
    struct tls_context *tls;     /* NULL: no TLS */
    struct tls_tickets *tickets; /* of all setups of a process: a reload costs nobody a full handshake */
    struct texts texts;
    struct operators operators;
};

/* Reads, checks and loads. `tickets`: those of the setup that is in effect, of which it takes a reference;
 * NULL at a start, when it makes new ones and takes a certificate that has expired, too. 0, or -Exxx: every error is appended to `errors`, one line each, beginning with
 * where the setting stands. Blocks while it reads files, and may run on a thread; the caller owns the
 * result. */
MUST_CHECK int setup_load(const struct options *options, const char *default_config,
                          struct tls_tickets *tickets, struct buf *errors, struct setup **ret_setup);
void setup_free(struct setup *setup); /* NULL is fine */

#endif
