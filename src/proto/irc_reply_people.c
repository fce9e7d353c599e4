/* See irc_reply_people.h. */
#include "proto/irc_reply_people.h"

#include <time.h>

#include "chat/user.h"
#include "chat/watch.h"
#include "proto/irc_cap.h"
#include "proto/irc_mask.h"
#include "proto/irc_out.h"

static const struct bytes nothing = {NULL, 0};

const char *irc_reply_people_prefix(const struct irc_reader *reader, uint32_t flags)
{
    bool is_operator = (flags & CHAT_ITEM_F_OPERATOR) != 0, is_voiced = (flags & CHAT_ITEM_F_VOICED) != 0;

    if (is_operator && is_voiced && (reader->caps & IRC_CAP_F_MULTI_PREFIX) != 0)
        return "@+";
    return is_operator ? "@" : is_voiced ? "+" : "";
}

struct bytes irc_reply_people_realname(const struct chat_item *person)
{
    return person->realname.len > 0 ? person->realname : person->name;
}

/* ---- who is here ---- */

/* Here or gone, an operator of the server, the role in the room. */
static void put_flags(const struct irc_reader *reader, const struct chat_item *person, struct buf *out)
{
    uint32_t role = (person->flags & CHAT_ITEM_F_VOICED);

    if ((person->flags & CHAT_ITEM_F_ROOM_OPERATOR) != 0)
        role |= CHAT_ITEM_F_OPERATOR;
    buf_put_char(out, (person->flags & CHAT_ITEM_F_AWAY) != 0 ? 'G' : 'H');
    buf_put_text(out, (person->flags & CHAT_ITEM_F_OPERATOR) != 0 ? "*" : "");
    buf_put_text(out, irc_reply_people_prefix(reader, role));
    buf_put_text(out, (person->flags & CHAT_ITEM_F_BOT) != 0 ? "B" : "");
}

/* The fields that WHO %fields asks for, in the one order there is (IRCv3, "WHOX"). There are no accounts, and no
 * addresses to show. */
static void put_who_field(const struct irc_reader *reader, const struct chat_event *event,
                          const struct chat_item *person, char field, struct irc_line *line)
{
    struct irc_source source = {""};
    char marks[8];
    struct buf flags;

    buf_init_fixed(&flags, marks, sizeof(marks));
    put_flags(reader, person, &flags);
    switch (field) {
    case 'c':
        irc_line_word(line, event->room.len > 0 ? event->room : BYTES("*"));
        break;
    case 'u':
        irc_line_word(line, BYTES(IRC_MASK_USER));
        break;
    case 'i':
        irc_line_word(line, BYTES("255.255.255.255"));
        break;
    case 'h':
        irc_line_word(line, irc_source_host(irc_source(&source, person->name)));
        break;
    case 's':
        irc_line_word(line, reader->server);
        break;
    case 'n':
        irc_line_word(line, person->name);
        break;
    case 'f':
        irc_line_word(line, buf_bytes(&flags));
        break;
    case 'l':
        irc_line_number(line, person->count);
        break;
    case 'o':
        irc_line_word(line, BYTES("n/a"));
        break;
    default: /* hops, account */
        irc_line_word(line, BYTES("0"));
        break;
    }
}

/* `fields` is "%tcnf,42", with the token at its end. */
static void put_whox(const struct irc_reader *reader, const struct chat_event *event,
                     const struct chat_item *person, struct bytes fields, struct buf *out)
{
    static const char order[] = "cuihsnfdlao";
    struct bytes token = fields;
    struct bytes wanted = bytes_cut(&token, ',');
    struct irc_line line = {.out = out};

    irc_numeric_start(&line, reader, IRC_RPL_WHOSPCRPL);
    if (bytes_find(wanted, 't') < wanted.len)
        irc_line_echo(&line, token.len > 0 ? token : BYTES("0"));
    for (size_t i = 0; order[i] != '\0'; i++) {
        if (bytes_find(wanted, order[i]) < wanted.len)
            put_who_field(reader, event, person, order[i], &line);
    }
    if (bytes_find(wanted, 'r') < wanted.len)
        irc_line_last(&line, irc_reply_people_realname(person));
    irc_line_end(&line);
}

/* event->extra is "MASK %FIELDS", as irc_query_who() has it; either may be missing. */
static void put_who(const struct irc_reader *reader, const struct chat_event *event, struct buf *out)
{
    struct bytes fields = event->extra;
    struct bytes mask = bytes_starts_with(fields, BYTES("%")) ? nothing : bytes_cut(&fields, ' ');

    for (size_t i = 0; i < event->item_count; i++) {
        const struct chat_item *person = &event->items[i];
        if (fields.len > 0) {
            put_whox(reader, event, person, fields, out);
            continue;
        }
        struct irc_line line = {.out = out};
        struct irc_source source = {""};
        char marks[8], last[USER_REALNAME_BYTES_MAX + 8];
        struct buf flags, hops;

        buf_init_fixed(&flags, marks, sizeof(marks));
        put_flags(reader, person, &flags);
        buf_init_fixed(&hops, last, sizeof(last));
        buf_put_text(&hops, "0 ");
        buf_put(&hops, irc_reply_people_realname(person));
        irc_numeric_start(&line, reader, IRC_RPL_WHOREPLY);
        irc_line_word(&line, event->room.len > 0 ? event->room : BYTES("*"));
        irc_line_word(&line, BYTES(IRC_MASK_USER));
        irc_line_word(&line, irc_source_host(irc_source(&source, person->name)));
        irc_line_word(&line, reader->server);
        irc_line_word(&line, person->name);
        irc_line_word(&line, buf_bytes(&flags));
        irc_line_last(&line, buf_bytes(&hops));
        irc_line_end(&line);
    }
    irc_numeric_put(reader, IRC_RPL_ENDOFWHO, mask.len > 0 ? mask : event->text, nothing, out);
}

/* ISON wants names, USERHOST "name*=+u@host": a star for operators of the server, '-' for who is away. */
static void put_present(const struct irc_reader *reader, const struct chat_event *event, struct buf *out)
{
    bool is_long = bytes_eq(event->extra, BYTES("userhost"));
    struct irc_words words = {.reader = reader, .out = out};

    words.numeric = is_long ? IRC_RPL_USERHOST : IRC_RPL_ISON;
    if (event->item_count == 0)
        irc_out_reply(reader, words.numeric, nothing, nothing, nothing, out);
    for (size_t i = 0; i < event->item_count; i++) {
        const struct chat_item *person = &event->items[i];
        struct irc_source source = {""};
        char text[IRC_SOURCE_BYTES_MAX + 8];
        struct buf word;
        buf_init_fixed(&word, text, sizeof(text));
        buf_put(&word, person->name);
        if (is_long)
            buf_printf(&word, "%s=%c" IRC_MASK_USER "@%.*s",
                       (person->flags & CHAT_ITEM_F_OPERATOR) != 0 ? "*" : "",
                       (person->flags & CHAT_ITEM_F_AWAY) != 0 ? '-' : '+',
                       BYTES_ARG(irc_source_host(irc_source(&source, person->name))));
        irc_words_put(&words, "", buf_bytes(&word), nothing);
    }
    irc_words_end(&words);
}

/* ---- who was here ---- */

/* The server, and when it was. */
static void put_whowas_time(const struct irc_reader *reader, const struct chat_event *event,
                            const struct chat_item *person, struct buf *out)
{
    time_t seconds = (time_t)(event->wall_ms / 1000) - (time_t)person->count;
    struct tm tm;
    char text[64] = "";

    if (gmtime_r(&seconds, &tm) != NULL && strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &tm) > 0)
        irc_out_reply(reader, IRC_RPL_WHOISSERVER, person->name, reader->server, bytes_of(text), out);
}

static void put_whowas(const struct irc_reader *reader, const struct chat_event *event, struct buf *out)
{
    if (event->item_count == 0)
        irc_numeric_put(reader, IRC_ERR_WASNOSUCHNICK, event->text, nothing, out);
    for (size_t i = 0; i < event->item_count; i++) {
        const struct chat_item *person = &event->items[i];
        struct irc_source source = {""};
        struct irc_line line = {.out = out};

        irc_numeric_start(&line, reader, IRC_RPL_WHOWASUSER);
        irc_line_word(&line, person->name);
        irc_line_word(&line, BYTES(IRC_MASK_USER));
        irc_line_word(&line, irc_source_host(irc_source(&source, person->name)));
        irc_line_word(&line, BYTES("*"));
        irc_line_last(&line, irc_reply_people_realname(person));
        irc_line_end(&line);
        put_whowas_time(reader, event, person, out);
    }
    irc_numeric_put(reader, IRC_RPL_ENDOFWHOWAS, event->text, nothing, out);
}

/* ---- who comes and goes ---- */

/* Those who are here, or not, in messages of one kind; names alone, or with hosts. */
static void put_monitored(const struct irc_reader *reader, const struct chat_event *event,
                          enum irc_numeric numeric, struct buf *out)
{
    bool is_list = numeric == IRC_RPL_MONLIST;
    struct irc_words words = {.reader = reader, .numeric = numeric, .separator = ',', .out = out};

    for (size_t i = 0; i < event->item_count; i++) {
        const struct chat_item *person = &event->items[i];
        bool is_here = (person->flags & CHAT_ITEM_F_HERE) != 0;
        struct irc_source source = {""};
        struct bytes word = person->name;
        if (!is_list && is_here != (numeric == IRC_RPL_MONONLINE))
            continue;
        if (numeric == IRC_RPL_MONONLINE)
            word = irc_source(&source, person->name);
        irc_words_put(&words, "", word, nothing);
    }
    irc_words_end(&words);
}

static void put_watches(const struct irc_reader *reader, const struct chat_event *event, struct buf *out)
{
    if (event->kind == CHAT_EV_WATCHES && bytes_eq(event->extra, BYTES("watch"))) {
        put_monitored(reader, event, IRC_RPL_MONLIST, out);
        irc_numeric_put(reader, IRC_RPL_ENDOFMONLIST, nothing, nothing, out);
        return;
    }
    put_monitored(reader, event, IRC_RPL_MONONLINE, out);
    put_monitored(reader, event, IRC_RPL_MONOFFLINE, out);
}

bool irc_reply_people(const struct irc_reader *reader, const struct chat_event *event, struct buf *out)
{
    switch (event->kind) {
    case CHAT_EV_WHO:
        put_who(reader, event, out);
        return true;
    case CHAT_EV_PRESENT:
        put_present(reader, event, out);
        return true;
    case CHAT_EV_WHOWAS:
        put_whowas(reader, event, out);
        return true;
    case CHAT_EV_WATCHED:
    case CHAT_EV_WATCHES:
        put_watches(reader, event, out);
        return true;
    default:
        return false;
    }
}
