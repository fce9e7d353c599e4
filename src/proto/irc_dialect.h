/* The dialect of IRC clients, as sessions use it: what such a client asks for with a line, and what it is told, as
 * messages of this server. What is in the messages is in irc_request.h, irc_cap.h and irc_render.h. */
#ifndef PROTO_IRC_DIALECT_H
#define PROTO_IRC_DIALECT_H

#include "base/buf.h"
#include "base/bytes.h"
#include "proto/dialect.h"
#include "proto/irc_cap.h"
#include "proto/irc_request.h"

#define IRC_SERVER_BYTES_MAX 63 /* RFC 2812, 2.3.1: a host's name in messages */
#define IRC_SERVER_END ".mingle"

/* One for each server: forms point to `dialect`, which is how the name is found again. */
struct irc_dialect {
    struct dialect dialect;
    char server[IRC_SERVER_BYTES_MAX + 1];
};

void irc_dialect_init(struct irc_dialect *irc, struct bytes name);
/* Clients tell servers from people by a dot, so a name without one gets IRC_SERVER_END. What cannot stand in the
 * name of a host becomes '-'. In force with the next message. */
void irc_dialect_set_server(struct irc_dialect *irc, struct bytes name);
struct bytes irc_dialect_server(const struct irc_dialect *irc);

/* A line of a client that has its name: what it asks for, as irc_request(), of which ret_requests is. CAP changes
 * *cap, and lines that are no messages are answered. `reader->caps` is not looked at: they are cap->enabled. */
void irc_dialect_read(const struct irc_reader *reader, struct irc_cap *cap, struct bytes line,
                      struct irc_requests *ret_requests, struct buf *out);
/* The line was over IRC_CLIENT_LINE_BYTES_MAX, or one of its parts over its own limit. */
void irc_dialect_too_long(const struct irc_reader *reader, struct buf *out);

/* What clients ask by themselves of a room that they have entered: its modes, its people, its bans and mutes. */
#define IRC_LOOKS_MAX 4
bool irc_dialect_is_look(const struct chat_request *request);

/* Whether the line is a QUIT. */
bool irc_dialect_is_quit(struct bytes line);

#endif
