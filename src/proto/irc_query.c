/* See irc_query.h. */
#include "proto/irc_query.h"

#include "base/attr.h"

#define USERHOST_NAMES_MAX 5

/* The first `most` parameters, between blanks, in the requests' own text. */
static struct bytes join_params(const struct irc_message *message, size_t most, struct irc_requests *requests)
{
    struct buf text;

    buf_init_fixed(&text, requests->text, sizeof(requests->text));
    for (size_t i = 0; i < message->param_count && i < most; i++) {
        buf_put(&text, message->params[i]);
        buf_put_char(&text, ' ');
    }
    return buf_bytes(&text);
}

/* The names stand in one parameter, or in several. */
void irc_query_ison(const struct irc_reader *reader, const struct irc_message *message,
                    struct irc_requests *requests, struct buf *out)
{
    (void)reader, (void)out;
    irc_request_add(requests, "ison")->text = join_params(message, IRC_PARAMS_MAX, requests);
}

void irc_query_userhost(const struct irc_reader *reader, const struct irc_message *message,
                        struct irc_requests *requests, struct buf *out)
{
    (void)reader, (void)out;
    irc_request_add(requests, "userhost")->text = join_params(message, USERHOST_NAMES_MAX, requests);
}

void irc_query_lusers(const struct irc_reader *reader, const struct irc_message *message,
                      struct irc_requests *requests, struct buf *out)
{
    (void)reader, (void)message, (void)out;
    (void)irc_request_add(requests, "stats");
}

void irc_query_setname(const struct irc_reader *reader, const struct irc_message *message,
                       struct irc_requests *requests, struct buf *out)
{
    (void)reader, (void)out;
    irc_request_add(requests, "realname")->text = message->params[0];
}
