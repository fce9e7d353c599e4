/* How an IRC client comes in (RFC 2812, 3.1; modern.ircdocs.horse, "Connection Registration"): a state machine
 * without I/O. Messages go in until there is a name to be tried; whoever tries it says so when it is taken. */
#ifndef PROTO_IRC_REGISTER_H
#define PROTO_IRC_REGISTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "chat/name.h"
#include "chat/user.h"
#include "proto/irc_cap.h"
#include "proto/irc_isupport.h"
#include "proto/irc_message.h"

/* Starts as {.cap = {.offered = …}}. */
struct irc_register {
    struct irc_cap cap;
    char name[NAME_USER_BYTES_MAX + 1]; /* a valid one; "": none yet */
    bool has_user;                      /* USER was sent */
    char realname[USER_REALNAME_BYTES_MAX +
                  1]; /* as USER has it, cut; for hub_set_realname(), which cleans it */
};

enum irc_register_result {
    IRC_REGISTER_MORE,
    IRC_REGISTER_NAME, /* all is there: `name` is to be tried */
    IRC_REGISTER_QUIT, /* the client leaves */
};

/* Appends the answers. */
enum irc_register_result irc_register_apply(struct irc_register *client, const struct irc_message *message,
                                            struct bytes server, struct buf *out);

/* Somebody has the name: the client has to send another one. */
void irc_register_taken(struct irc_register *client, struct bytes server, struct buf *out);

struct irc_welcome {
    struct irc_isupport isupport;
    struct bytes version;    /* may be empty */
    int64_t started_wall_ms; /* since when the server runs */
};
/* The client has its name: 001 to 005. From here on CAP holds it up no more. */
void irc_register_welcome(struct irc_register *client, const struct irc_welcome *welcome, struct bytes server,
                          struct buf *out);

#endif
