/* mingled --hash-password: asks for a password and prints the line for the configuration. */
#ifndef DAEMON_HASH_PASSWORD_H
#define DAEMON_HASH_PASSWORD_H

#include "base/attr.h"
#include "base/buf.h"

/* Reads the password from the terminal, twice and without showing it, or its first line from a stdin that
 * is none. The line goes to stdout, what to do with it to stderr. 0, or -Exxx with one message appended to
 * `error`. Blocks. */
MUST_CHECK int hash_password(struct buf *error);

#endif
