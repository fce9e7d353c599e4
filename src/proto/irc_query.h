/* Messages that ask about people and the server, or say something of oneself. For the table in irc_request.c, whose
 * contract all of these have. */
#ifndef PROTO_IRC_QUERY_H
#define PROTO_IRC_QUERY_H

#include "base/buf.h"
#include "proto/irc_request.h"

void irc_query_ison(const struct irc_reader *reader, const struct irc_message *message,
                    struct irc_requests *requests, struct buf *out);
void irc_query_list(const struct irc_reader *reader, const struct irc_message *message,
                    struct irc_requests *requests, struct buf *out);
void irc_query_lusers(const struct irc_reader *reader, const struct irc_message *message,
                      struct irc_requests *requests, struct buf *out);
void irc_query_monitor(const struct irc_reader *reader, const struct irc_message *message,
                       struct irc_requests *requests, struct buf *out);
void irc_query_setname(const struct irc_reader *reader, const struct irc_message *message,
                       struct irc_requests *requests, struct buf *out);
void irc_query_userhost(const struct irc_reader *reader, const struct irc_message *message,
                        struct irc_requests *requests, struct buf *out);
void irc_query_who(const struct irc_reader *reader, const struct irc_message *message,
                   struct irc_requests *requests, struct buf *out);
void irc_query_whowas(const struct irc_reader *reader, const struct irc_message *message,
                      struct irc_requests *requests, struct buf *out);

#endif
