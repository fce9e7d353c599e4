/* The dialect of IRC clients, as sessions use it: what such a client asks for with a line, and what it is told, as
 * messages of this server. What is in the messages is in irc_request.h, irc_cap.h and irc_render.h. */
#ifndef PROTO_IRC_DIALECT_H
#define PROTO_IRC_DIALECT_H

#include "base/buf.h"
#include "base/bytes.h"
#include "proto/dialect.h"
#include "proto/irc_cap.h"
#include "proto/irc_isupport.h"
#include "proto/irc_multiline.h"
#include "proto/irc_request.h"

#define IRC_SERVER_BYTES_MAX 63 /* RFC 2812, 2.3.1: a host's name in messages */
#define IRC_SERVER_END ".mingle"

/* One for each server: forms point to `dialect`, which is how the name is found again. */
struct irc_dialect {
    struct dialect dialect;
    char server[IRC_SERVER_BYTES_MAX + 1];
    char network[IRC_NETWORK_BYTES_MAX + 1];
    size_t rooms_per_user; /* for ISUPPORT; whoever has another limit sets it */
};

void irc_dialect_init(struct irc_dialect *irc, struct bytes name);
/* Clients tell servers from people by a dot, so a name without one gets IRC_SERVER_END. What cannot stand in the
 * name of a host becomes '-'. In force with the next message. */
void irc_dialect_set_server(struct irc_dialect *irc, struct bytes name);
struct bytes irc_dialect_server(const struct irc_dialect *irc);
/* What ISUPPORT tells now; slices are the dialect's, until the next irc_dialect_set_server(). */
struct irc_isupport irc_dialect_isupport(const struct irc_dialect *irc);

/* What is known of a client that has its name. Starts as {.cap = …}. */
struct irc_dialect_client {
    struct irc_cap cap;
    struct irc_multiline *batch; /* owned; NULL: none is open */
    bool was_told_utf8;          /* that its text is no UTF-8, by a notice */
};

/* A line of such a client: what it asks for, as irc_request(), of which ret_requests is; they may point into the
 * batch, which is to be cleaned when they are used up (irc_multiline_clean()). Its marks are in `wire`. CAP changes
 * client->cap, and lines that are no messages are answered. `reader->caps` is not looked at: they are cap.enabled.
 * 0 or -ENOMEM. */
MUST_CHECK int irc_dialect_read(const struct irc_reader *reader, struct irc_dialect_client *client,
                                struct wire_irc *wire, struct bytes line, struct irc_requests *ret_requests,
                                struct buf *out);
/* After the client has entered a room: how far it has read there, if it wants to know. */
void irc_dialect_put_mark(struct wire_form form, const struct wire_irc *irc, struct bytes room,
                          struct buf *out);
/* What the answers to a labelled message are once they are all there: see irc_label_put(). `event` is the
 * CHAT_EV_LABEL behind them. */
void irc_dialect_label(struct wire_form form, const struct chat_event *event, struct bytes label,
                       struct bytes answers, struct buf *out);
/* The line was over IRC_CLIENT_LINE_BYTES_MAX, or one of its parts over its own limit. */
void irc_dialect_too_long(const struct irc_reader *reader, struct buf *out);

/* What clients ask by themselves of a room that they have entered: its modes, its people, its lists. */
#define IRC_LOOKS_MAX 6
bool irc_dialect_is_look(const struct chat_request *request);

/* Whether the line is a QUIT. */
bool irc_dialect_is_quit(struct bytes line);

#endif
