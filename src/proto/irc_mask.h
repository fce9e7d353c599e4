/* nick!user@host: what IRC knows of a person besides the name, and the masks of bans.
 *
 * Addresses are not shown. Everybody is NAME!u@NAME.mingle: a host of its own for each, because clients ban the
 * host, not the name; such a ban holds whoever comes from where that person is (chat/restriction.h has the
 * masks of the domain). */
#ifndef PROTO_IRC_MASK_H
#define PROTO_IRC_MASK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "chat/name.h"
#include "chat/restriction.h"

#define IRC_MASK_USER "u"
#define IRC_MASK_HOST_END ".mingle"
#define IRC_SOURCE_BYTES_MAX (2 * NAME_USER_BYTES_MAX + sizeof("!" IRC_MASK_USER "@" IRC_MASK_HOST_END) - 1)

struct irc_source {
    char text[IRC_SOURCE_BYTES_MAX + 1];
};

/* "bob!u@bob.mingle", written into *source, of which the result is a slice. */
struct bytes irc_source(struct irc_source *source, struct bytes name);
/* The part behind the '@'. */
struct bytes irc_source_host(struct bytes source);

struct irc_chat_mask {
    char text[RESTRICTION_MASK_BYTES_MAX + 1];
};

/* The mask of the domain that means the same as one that an IRC client sends: "troll!*@*" is "troll",
 * "*!*@bob.mingle" is "*@bob". False when there is none: it is too long, or would mean everybody. */
bool irc_mask_parse(struct bytes mask, struct irc_chat_mask *ret_mask);
/* Appends the domain's mask as IRC clients know masks: "troll" is "troll!*@*", "*@bob" is
 * "*!*@bob.mingle", which fits what they see of bob. */
void irc_mask_put(struct bytes mask, struct buf *out);

#endif
