/* RPL_ISUPPORT: what clients have to know of this server's limits and letters (modern.ircdocs.horse, "RPL_ISUPPORT
 * Parameters"). Every value is the one that is in force. */
#ifndef PROTO_IRC_ISUPPORT_H
#define PROTO_IRC_ISUPPORT_H

#include <stddef.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "proto/irc_numeric.h"

#define IRC_NETWORK_BYTES_MAX 56 /* more of a network's name is not told */

/* What the settings say. */
struct irc_isupport {
    struct bytes network; /* spaces become '-' */
    size_t rooms_per_user;
};

/* Calls `visit` with each token, "NICKLEN=30". */
void irc_isupport_visit(const struct irc_isupport *settings, void (*visit)(void *arg, struct bytes token),
                        void *arg);

/* The messages with all of them, 13 in each at most. */
void irc_isupport_put(const struct irc_reader *reader, const struct irc_isupport *settings, struct buf *out);

#endif
