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

/* "WHO" alone and "WHO 0" mean everybody. What begins with '%' behind the mask is which fields are wanted: it comes
 * back with the answer. */
void irc_query_who(const struct irc_reader *reader, const struct irc_message *message,
                   struct irc_requests *requests, struct buf *out)
{
    struct bytes mask = irc_message_param(message, 0), fields = irc_message_param(message, 1);

    (void)reader, (void)out;
    irc_request_add_word(requests, "who", BYTES(""), bytes_eq(mask, BYTES("0")) ? BYTES("") : mask);
    requests->items[requests->count - 1].text = fields;
}

void irc_query_whowas(const struct irc_reader *reader, const struct irc_message *message,
                      struct irc_requests *requests, struct buf *out)
{
    struct bytes count = irc_message_param(message, 1);
    struct bytes name = message->params[0];

    (void)reader, (void)out;
    irc_request_add_word(requests, "whowas", BYTES(""), bytes_cut(&name, ','));
    struct chat_request *request = &requests->items[requests->count - 1];
    request->words[1] = count;
    request->word_count += request->word_count > 0 && count.len > 0 ? 1 : 0;
}

/* What stands behind it are masks and bounds (ISUPPORT's ELIST), which the domain reads. */
void irc_query_list(const struct irc_reader *reader, const struct irc_message *message,
                    struct irc_requests *requests, struct buf *out)
{
    (void)reader, (void)out;
    irc_request_add(requests, "rooms")->text = irc_message_param(message, 0);
}

/* MONITOR +|-|C|L|S [names]. Of a list without the names nothing is made. */
void irc_query_monitor(const struct irc_reader *reader, const struct irc_message *message,
                       struct irc_requests *requests, struct buf *out)
{
    struct bytes what = message->params[0], names = irc_message_param(message, 1);

    if (bytes_eq(what, BYTES("+")) && names.len > 0) {
        irc_request_add(requests, "watch")->text = names;
    } else if (bytes_eq(what, BYTES("-")) && names.len > 0) {
        struct chat_request *request = irc_request_add(requests, "unwatch");
        request->text = names;
        request->is_notice = true; /* that somebody is not on the list is no mistake */
    } else if (bytes_eq_nocase(what, BYTES("C"))) {
        irc_request_add(requests, "unwatch")->text = BYTES("*");
    } else if (bytes_eq_nocase(what, BYTES("L"))) {
        (void)irc_request_add(requests, "watch");
    } else if (bytes_eq_nocase(what, BYTES("S"))) {
        (void)irc_request_add(requests, "watch-status");
    } else {
        irc_numeric_put(reader, IRC_ERR_NEEDMOREPARAMS, BYTES("MONITOR"), BYTES(""), out);
    }
}
