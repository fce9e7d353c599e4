/* Messages that ask about people and the server, or say something of oneself. For the table in irc_request.c, whose
 * contract all of these have. */
#ifndef PROTO_IRC_QUERY_H
#define PROTO_IRC_QUERY_H

#include "base/buf.h"
#include "proto/irc_request.h"

#define IRC_QUERY_USER_MODES "Biow" /* the letters, as 004 has them */

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

void irc_query_admin(const struct irc_reader *reader, const struct irc_message *message,
                     struct irc_requests *requests, struct buf *out);
void irc_query_help(const struct irc_reader *reader, const struct irc_message *message,
                    struct irc_requests *requests, struct buf *out);
void irc_query_info(const struct irc_reader *reader, const struct irc_message *message,
                    struct irc_requests *requests, struct buf *out);
void irc_query_links(const struct irc_reader *reader, const struct irc_message *message,
                     struct irc_requests *requests, struct buf *out);
void irc_query_modes(const struct irc_reader *reader, const struct irc_message *message,
                     struct irc_requests *requests, struct buf *out);
void irc_query_ping(const struct irc_reader *reader, const struct irc_message *message,
                    struct irc_requests *requests, struct buf *out);
void irc_query_rehash(const struct irc_reader *reader, const struct irc_message *message,
                      struct irc_requests *requests, struct buf *out);
void irc_query_stats(const struct irc_reader *reader, const struct irc_message *message,
                     struct irc_requests *requests, struct buf *out);
void irc_query_wallops(const struct irc_reader *reader, const struct irc_message *message,
                       struct irc_requests *requests, struct buf *out);

#endif
