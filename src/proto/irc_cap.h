/* Which extensions of IRC a client and the server agree on (IRCv3, "Client Capability Negotiation"), as a state
 * machine without I/O: a CAP message in, answers out.
 *
 * A client that begins with CAP LS or CAP REQ is not let in before CAP END. */
#ifndef PROTO_IRC_CAP_H
#define PROTO_IRC_CAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "proto/irc_message.h"
#include "proto/irc_numeric.h"

enum {
    IRC_CAP_F_BATCH = 1u << 0,
    IRC_CAP_F_CAP_NOTIFY = 1u << 1,
    IRC_CAP_F_ECHO_MESSAGE = 1u << 2,
    IRC_CAP_F_EXTENDED_JOIN = 1u << 3,
    IRC_CAP_F_MESSAGE_TAGS = 1u << 4,
    IRC_CAP_F_MULTI_PREFIX = 1u << 5,
    IRC_CAP_F_SERVER_TIME = 1u << 6,
    IRC_CAP_F_STANDARD_REPLIES = 1u << 7,
    IRC_CAP_F_USERHOST_IN_NAMES = 1u << 8,
    IRC_CAP_F_AWAY_NOTIFY = 1u << 9,
    IRC_CAP_F_CHGHOST = 1u << 10,
    IRC_CAP_F_NO_IMPLICIT_NAMES = 1u << 11,
    IRC_CAP_F_SETNAME = 1u << 12,
    IRC_CAP_F_EXTENDED_MONITOR = 1u << 13,
    IRC_CAP_F_INVITE_NOTIFY = 1u << 14,
    IRC_CAP_F_CHATHISTORY = 1u << 15,
    IRC_CAP_F_LABELED_RESPONSE = 1u << 16,
    IRC_CAP_F_MULTILINE = 1u << 17,
    IRC_CAP_F_MESSAGE_REDACTION = 1u << 18,
    IRC_CAP_F_READ_MARKER = 1u << 19,
    IRC_CAP_F_CHANNEL_RENAME = 1u << 20,
    IRC_CAP_F_RENDERED = (1u << 21) - 1, /* those above: what a client is told depends on them */
    /* There are no accounts, so that these change nothing. */
    IRC_CAP_F_ACCOUNT_NOTIFY = 1u << 21,
    IRC_CAP_F_ACCOUNT_TAG = 1u << 22,
    IRC_CAP_F_ALL = (1u << 23) - 1,
};

struct irc_cap_row {
    const char *name;
    uint32_t flag;
};
/* In the order of CAP LS; NULL after the last one. */
const struct irc_cap_row *irc_cap_row(size_t index);

/* What a client that agreed on these is to be told, as hub_set_wants() takes it. */
uint8_t irc_cap_wants(uint32_t enabled);

/* Starts as {.offered = …}. */
struct irc_cap {
    uint32_t offered, enabled; /* IRC_CAP_F_… */
    uint64_t version;          /* the highest that the client named with CAP LS; 0: none */
    bool is_registered;        /* set by whoever lets the client in */
    bool is_negotiating;       /* it must not be let in yet */
};

/* A message whose command is CAP; appends the answers. `reader->caps` is not looked at. */
void irc_cap_apply(struct irc_cap *cap, const struct irc_message *message, const struct irc_reader *reader,
                   struct buf *out);

/* The server offers these from now on. What is gone is not in force any more; clients that want to know are
 * told. */
void irc_cap_offer(struct irc_cap *cap, uint32_t offered, const struct irc_reader *reader, struct buf *out);

#endif
