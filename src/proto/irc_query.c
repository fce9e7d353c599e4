/* See irc_query.h. */
#include "proto/irc_query.h"

#include "base/attr.h"
#include "base/utf8.h"
#include "chat/restriction.h"
#include "proto/irc_out.h"

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

/* What comes back with the answers to WHO: the mask as it was given, when it is not what is looked for, and which
 * fields are wanted, from '%' on. Between them is a blank. */
static struct bytes who_note(struct bytes mask, struct bytes fields, struct irc_requests *requests)
{
    struct buf note;

    buf_init_fixed(&note, requests->text, sizeof(requests->text));
    buf_put(&note, utf8_prefix(mask, IRC_ECHO_BYTES_MAX));
    buf_put_text(&note, mask.len > 0 ? " " : "");
    buf_put(&note, bytes_slice(fields, bytes_find(fields, '%'), fields.len));
    return buf_bytes(&note);
}

/* Whether people can be looked for by this: nobody is found by a host. */
static bool is_who_mask(struct bytes name, struct bytes host)
{
    bool is_any_host = bytes_find(host, '@') == host.len || bytes_eq(host, BYTES("*@*"));

    return is_any_host && restriction_is_mask(name) && bytes_find(name, '@') == name.len;
}

/* "WHO" alone and "WHO 0" mean everybody. Of "name!*@*" the name is looked for. */
void irc_query_who(const struct irc_reader *reader, const struct irc_message *message,
                   struct irc_requests *requests, struct buf *out)
{
    struct bytes mask = irc_message_param(message, 0), fields = irc_message_param(message, 1), host = mask;
    bool has_fields = bytes_find(fields, '%') < fields.len, is_room = bytes_starts_with(mask, BYTES("#"));
    struct bytes name = is_room ? mask : bytes_cut(&host, '!');

    if (name.len == 0 || bytes_eq(name, BYTES("0")))
        name = BYTES("*");
    if (!is_room && !is_who_mask(name, host)) {
        irc_numeric_put(reader, IRC_RPL_ENDOFWHO, mask, BYTES(""), out);
        return;
    }
    bool is_other = mask.len > 0 && !bytes_eq(name, mask);
    irc_request_add_word(requests, has_fields || is_other ? "who-fields" : "who", BYTES(""), name);
    struct chat_request *request = &requests->items[requests->count - 1];
    if (has_fields || is_other)
        request->words[request->word_count++] = who_note(is_other ? mask : BYTES(""), fields, requests);
}

void irc_query_whowas(const struct irc_reader *reader, const struct irc_message *message,
                      struct irc_requests *requests, struct buf *out)
{
    struct bytes count = irc_message_param(message, 1), rest = message->params[0];
    struct bytes name = bytes_cut(&rest, ',');

    if (name.len == 0) {
        irc_numeric_put(reader, IRC_ERR_NEEDMOREPARAMS, BYTES("WHOWAS"), BYTES(""), out);
        return;
    }
    irc_request_add_word(requests, "whowas", BYTES(""), name);
    struct chat_request *request = &requests->items[requests->count - 1];
    request->words[1] = count;
    request->word_count += count.len > 0 ? 1 : 0;
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

/* ---- modes of people ---- */

static const char *mode_word(char letter)
{
    switch (letter) {
    case 'B':
        return "bot";
    case 'i':
        return "hidden";
    case 'w':
        return "wallops";
    default:
        return NULL;
    }
}

/* Being an operator is given up by -o; +o is what OPER is for, and clients that try are not told so. */
static void apply_mode_letter(const struct irc_reader *reader, char letter, bool is_off,
                              struct irc_requests *requests, struct buf *out)
{
    const char *word = mode_word(letter);

    if (word != NULL) {
        irc_request_add_word(requests, "modes-of-user", BYTES(""), bytes_of(word));
        struct chat_request *request = &requests->items[requests->count - 1];
        request->words[1] = is_off ? BYTES("off") : BYTES("on");
        request->word_count = 2;
    } else if (letter == 'o' && is_off) {
        (void)irc_request_add(requests, "deoper");
    } else if (letter != 'o') {
        irc_numeric_put(reader, IRC_ERR_UMODEUNKNOWNFLAG, (struct bytes){&letter, 1}, BYTES(""), out);
    }
}

void irc_query_modes(const struct irc_reader *reader, const struct irc_message *message,
                     struct irc_requests *requests, struct buf *out)
{
    struct bytes letters = irc_message_param(message, 1);
    bool is_off = false;

    if (letters.len == 0)
        (void)irc_request_add(requests, "modes-of-user");
    for (size_t i = 0, changes = 0; i < letters.len && changes < IRC_MODES_MAX; i++) {
        char letter = letters.ptr[i];
        if (letter == '+' || letter == '-') {
            is_off = letter == '-';
            continue;
        }
        apply_mode_letter(reader, letter, is_off, requests, out);
        changes++;
    }
}

/* ---- the server ---- */

void irc_query_ping(const struct irc_reader *reader, const struct irc_message *message,
                    struct irc_requests *requests, struct buf *out)
{
    struct bytes text = irc_message_param(message, 0);
    struct irc_line line = {.out = out};

    (void)requests;
    if (text.len == 0) {
        irc_numeric_put(reader, IRC_ERR_NOORIGIN, BYTES(""), BYTES(""), out);
        return;
    }
    irc_line_start(&line, reader->server, "PONG");
    irc_line_word(&line, reader->server);
    irc_line_last(&line, text);
    irc_line_end(&line);
}

void irc_query_wallops(const struct irc_reader *reader, const struct irc_message *message,
                       struct irc_requests *requests, struct buf *out)
{
    (void)reader, (void)out;
    irc_request_add(requests, "wallops")->text = message->params[0];
}

void irc_query_admin(const struct irc_reader *reader, const struct irc_message *message,
                     struct irc_requests *requests, struct buf *out)
{
    (void)message, (void)requests;
    irc_numeric_put(reader, IRC_ERR_NOADMININFO, reader->server, BYTES(""), out);
}

void irc_query_info(const struct irc_reader *reader, const struct irc_message *message,
                    struct irc_requests *requests, struct buf *out)
{
    static const char *const lines[] = {
        "mingle: one port, any client, everyone in the same rooms.",
        "Who uses nc, telnet or a program of their own is here beside clients of IRC.",
        "HELP lists what this server does; VERSION, LUSERS and STATS u tell how it is.",
    };

    (void)message, (void)requests;
    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        irc_out_reply(reader, IRC_RPL_INFO, BYTES(""), BYTES(""), bytes_of(lines[i]), out);
    irc_numeric_put(reader, IRC_RPL_ENDOFINFO, BYTES(""), BYTES(""), out);
}

/* There is one server, which knows no others. */
void irc_query_links(const struct irc_reader *reader, const struct irc_message *message,
                     struct irc_requests *requests, struct buf *out)
{
    (void)message, (void)requests;
    irc_numeric_put(reader, IRC_RPL_LINKS, reader->server, reader->server, out);
    irc_numeric_put(reader, IRC_RPL_ENDOFLINKS, BYTES("*"), BYTES(""), out);
}

void irc_query_stats(const struct irc_reader *reader, const struct irc_message *message,
                     struct irc_requests *requests, struct buf *out)
{
    struct bytes what = bytes_slice(message->params[0], 0, 1);

    if (bytes_eq_nocase(what, BYTES("u")))
        (void)irc_request_add(requests, "uptime");
    else if (bytes_eq_nocase(what, BYTES("m")))
        irc_request_add_word(requests, "server-stats", BYTES(""), BYTES("m"));
    else if (bytes_eq_nocase(what, BYTES("o")))
        irc_request_add_word(requests, "server-stats", BYTES(""), BYTES("o"));
    else
        irc_numeric_put(reader, IRC_RPL_ENDOFSTATS, what, BYTES(""), out);
}

void irc_query_rehash(const struct irc_reader *reader, const struct irc_message *message,
                      struct irc_requests *requests, struct buf *out)
{
    (void)reader, (void)message, (void)out;
    (void)irc_request_add(requests, "reload");
}

/* "JOIN #room,#room [key,key] | 0" */
static void put_usage(const struct irc_reader *reader, const struct irc_request_row *row,
                      struct bytes subject, struct buf *out)
{
    char text[128];
    struct buf line;

    buf_init_fixed(&line, text, sizeof(text));
    buf_printf(&line, "%s%s%s", row->name, row->usage[0] != '\0' ? " " : "", row->usage);
    irc_out_reply(reader, IRC_RPL_HELPTXT, subject, BYTES(""), buf_bytes(&line), out);
}

static const struct irc_request_row *find_row(struct bytes name)
{
    const struct irc_request_row *row;

    for (size_t i = 0; (row = irc_request_row(i)) != NULL; i++) {
        if (bytes_eq_nocase(name, bytes_of(row->name)))
            return row;
    }
    return NULL;
}

void irc_query_help(const struct irc_reader *reader, const struct irc_message *message,
                    struct irc_requests *requests, struct buf *out)
{
    struct bytes name = irc_message_param(message, 0);
    const struct irc_request_row *one = find_row(name), *row;
    struct bytes subject = one != NULL ? bytes_of(one->name) : BYTES("*");

    (void)requests;
    if (name.len > 0 && one == NULL) {
        irc_numeric_put(reader, IRC_ERR_HELPNOTFOUND, name, BYTES(""), out);
        return;
    }
    irc_numeric_put(reader, IRC_RPL_HELPSTART, subject, BYTES(""), out);
    for (size_t i = 0; (row = irc_request_row(i)) != NULL; i++) {
        if (one == NULL || one == row)
            put_usage(reader, row, subject, out);
    }
    irc_numeric_put(reader, IRC_RPL_ENDOFHELP, subject, BYTES(""), out);
}
