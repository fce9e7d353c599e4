/* Lists, and what is known of people: answers to who asked. */
#include "proto/irc_reply.h"

#include <inttypes.h>
#include <time.h>

#include "base/check.h"
#include "proto/irc_cap.h"
#include "proto/irc_mask.h"
#include "proto/irc_out.h"
#include "proto/irc_reply_people.h"

static const struct bytes nothing = {NULL, 0};

/* ":server NUMBER you number :text of the table", and with two, for clients that show all of it and for those that show
 * the text: ":server NUMBER you now most :Current local users now, max most". */
static void put_number(const struct irc_reader *reader, enum irc_numeric numeric, uint32_t number,
                       struct buf *out)
{
    struct irc_line line = {.out = out};

    irc_numeric_start(&line, reader, numeric);
    irc_line_number(&line, number);
    irc_line_last(&line, bytes_of(irc_numeric_text(numeric)));
    irc_line_end(&line);
}

static void put_most(const struct irc_reader *reader, enum irc_numeric numeric, uint32_t now, uint32_t most,
                     struct buf *out)
{
    struct irc_line line = {.out = out};
    char text[80];
    struct buf words;

    buf_init_fixed(&words, text, sizeof(text));
    buf_printf(&words, "Current %s users %" PRIu32 ", max %" PRIu32,
               numeric == IRC_RPL_LOCALUSERS ? "local" : "global", now, most);
    irc_numeric_start(&line, reader, numeric);
    irc_line_number(&line, now);
    irc_line_number(&line, most);
    irc_line_last(&line, buf_bytes(&words));
    irc_line_end(&line);
}

/* ---- rooms ---- */

static void put_names(const struct irc_reader *reader, const struct chat_event *event, struct buf *out)
{
    bool has_hosts = (reader->caps & IRC_CAP_F_USERHOST_IN_NAMES) != 0;
    struct irc_words words = {.reader = reader, .numeric = IRC_RPL_NAMREPLY, .out = out};

    words.first = event->change == CHAT_CHANGE_SECRET ? BYTES("@") : BYTES("=");
    words.second = event->room;
    for (size_t i = 0; i < event->item_count; i++) {
        const struct chat_item *item = &event->items[i];
        struct irc_source source = {""};
        struct bytes word = has_hosts ? irc_source(&source, item->name) : item->name;
        irc_words_put(&words, irc_reply_people_prefix(reader, item->flags), word, nothing);
    }
    irc_words_end(&words);
    irc_numeric_put(reader, IRC_RPL_ENDOFNAMES, event->room, nothing, out);
}

static void put_rooms(const struct irc_reader *reader, const struct chat_event *event, struct buf *out)
{
    irc_out_reply(reader, IRC_RPL_LISTSTART, BYTES("Channel"), nothing,
                  bytes_of(irc_numeric_text(IRC_RPL_LISTSTART)), out);
    for (size_t i = 0; i < event->item_count; i++) {
        struct irc_line line = {.out = out};
        irc_numeric_start(&line, reader, IRC_RPL_LIST);
        irc_line_word(&line, event->items[i].name);
        irc_line_number(&line, event->items[i].count);
        irc_line_last(&line, event->items[i].detail);
        irc_line_end(&line);
    }
    irc_numeric_put(reader, IRC_RPL_LISTEND, nothing, nothing, out);
}

/* ---- people ---- */

static void put_away_is(const struct irc_reader *reader, struct bytes name, struct bytes why, struct buf *out)
{
    irc_out_reply(reader, IRC_RPL_AWAY, name, nothing, why.len > 0 ? why : BYTES("away"), out);
}

static void put_whois_rooms(const struct irc_reader *reader, const struct chat_event *event, struct buf *out)
{
    struct irc_words words = {.reader = reader, .numeric = IRC_RPL_WHOISCHANNELS, .out = out};

    words.first = event->items[0].name;
    for (size_t i = 1; i < event->item_count; i++)
        irc_words_put(&words, irc_reply_people_prefix(reader, event->items[i].flags), event->items[i].name,
                      nothing);
    irc_words_end(&words);
}

static void put_whois_user(const struct irc_reader *reader, const struct chat_item *person, struct buf *out)
{
    struct bytes name = person->name;
    struct irc_line line = {.out = out};
    struct irc_source source = {""};

    irc_numeric_start(&line, reader, IRC_RPL_WHOISUSER);
    irc_line_word(&line, name);
    irc_line_word(&line, BYTES(IRC_MASK_USER));
    irc_line_word(&line, irc_source_host(irc_source(&source, name)));
    irc_line_word(&line, BYTES("*"));
    irc_line_last(&line, irc_reply_people_realname(person));
    irc_line_end(&line);
}

static void put_whois_idle(const struct irc_reader *reader, const struct chat_event *event, struct buf *out)
{
    struct irc_line line = {.out = out};

    irc_numeric_start(&line, reader, IRC_RPL_WHOISIDLE);
    irc_line_word(&line, event->items[0].name);
    irc_line_number(&line, event->items[0].count);
    irc_line_number(&line, event->time_ms / 1000);
    irc_line_last(&line, bytes_of(irc_numeric_text(IRC_RPL_WHOISIDLE)));
    irc_line_end(&line);
}

/* Where from: only operators of the server get to know. */
static void put_whois_host(const struct irc_reader *reader, const struct chat_event *event, struct buf *out)
{
    char text[128];
    struct buf from;

    buf_init_fixed(&from, text, sizeof(text));
    buf_printf(&from, "is connecting from %.*s", BYTES_ARG(event->extra));
    irc_out_reply(reader, IRC_RPL_WHOISHOST, event->items[0].name, nothing, buf_bytes(&from), out);
}

static void put_whois(const struct irc_reader *reader, const struct chat_event *event, struct buf *out)
{
    CHECK(event->item_count > 0);
    const struct chat_item *person = &event->items[0];

    put_whois_user(reader, person, out);
    put_whois_rooms(reader, event, out);
    irc_out_reply(reader, IRC_RPL_WHOISSERVER, person->name, reader->server, event->text, out);
    if ((person->flags & CHAT_ITEM_F_OPERATOR) != 0)
        irc_numeric_put(reader, IRC_RPL_WHOISOPERATOR, person->name, nothing, out);
    if ((person->flags & CHAT_ITEM_F_BOT) != 0)
        irc_numeric_put(reader, IRC_RPL_WHOISBOT, person->name, nothing, out);
    if (event->extra.len > 0)
        put_whois_host(reader, event, out);
    if ((person->flags & CHAT_ITEM_F_ENCRYPTED) != 0)
        irc_numeric_put(reader, IRC_RPL_WHOISSECURE, person->name, nothing, out);
    if ((person->flags & CHAT_ITEM_F_AWAY) != 0)
        put_away_is(reader, person->name, person->detail, out);
    put_whois_idle(reader, event, out);
    irc_numeric_put(reader, IRC_RPL_ENDOFWHOIS, person->name, nothing, out);
}

/* Everybody is connected to this one server. */
static void put_counts(const struct irc_reader *reader, const struct chat_event *event, struct buf *out)
{
    uint32_t counts[CHAT_COUNT_COUNT] = {0};
    char text[128];
    struct buf words;

    for (size_t i = 0; i < CHAT_COUNT_COUNT && i < event->item_count; i++)
        counts[i] = event->items[i].count;
    const uint32_t people = counts[CHAT_COUNT_PEOPLE], most = counts[CHAT_COUNT_PEOPLE_MOST];

    buf_init_fixed(&words, text, sizeof(text));
    buf_printf(&words, "There are %" PRIu32 " users and %" PRIu32 " invisible on 1 servers",
               people - counts[CHAT_COUNT_HIDDEN], counts[CHAT_COUNT_HIDDEN]);
    irc_out_reply(reader, IRC_RPL_LUSERCLIENT, nothing, nothing, buf_bytes(&words), out);
    if (counts[CHAT_COUNT_OPERATORS] > 0)
        put_number(reader, IRC_RPL_LUSEROP, counts[CHAT_COUNT_OPERATORS], out);
    put_number(reader, IRC_RPL_LUSERCHANNELS, counts[CHAT_COUNT_ROOMS], out);
    buf_reset(&words);
    buf_printf(&words, "I have %" PRIu32 " clients and 0 servers", people);
    irc_out_reply(reader, IRC_RPL_LUSERME, nothing, nothing, buf_bytes(&words), out);
    put_most(reader, IRC_RPL_LOCALUSERS, people, most, out);
    put_most(reader, IRC_RPL_GLOBALUSERS, people, most, out);
}

/* ---- the server ---- */

static void put_motd(const struct irc_reader *reader, const struct chat_event *event, struct buf *out)
{
    struct bytes rest = event->text;

    if (rest.len == 0) {
        irc_numeric_put(reader, IRC_ERR_NOMOTD, nothing, nothing, out);
        return;
    }
    irc_numeric_put(reader, IRC_RPL_MOTDSTART, nothing, nothing, out);
    while (rest.len > 0)
        irc_out_reply(reader, IRC_RPL_MOTD, nothing, nothing, bytes_cut(&rest, '\n'), out);
    irc_numeric_put(reader, IRC_RPL_ENDOFMOTD, nothing, nothing, out);
}

static void put_time(const struct irc_reader *reader, int64_t wall_ms, struct buf *out)
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm tm;
    char text[64] = "";

    if (gmtime_r(&seconds, &tm) != NULL && strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &tm) > 0)
        irc_out_reply(reader, IRC_RPL_TIME, reader->server, nothing, bytes_of(text), out);
}

static void put_version(const struct irc_reader *reader, const struct chat_event *event, struct buf *out)
{
    char text[64];
    struct buf version;

    buf_init_fixed(&version, text, sizeof(text));
    buf_printf(&version, "mingle-%.*s", BYTES_ARG(event->text));
    irc_out_reply(reader, IRC_RPL_VERSION, buf_bytes(&version), reader->server, nothing, out);
}

/* STATS m: how often each command was sent. STATS o: who may become an operator; nobody's host matters. */
static void put_stats(const struct irc_reader *reader, const struct chat_event *event, struct buf *out)
{
    bool is_commands = bytes_eq(event->text, BYTES("m"));

    for (size_t i = 0; i < event->item_count; i++) {
        struct irc_line line = {.out = out};
        irc_numeric_start(&line, reader, is_commands ? IRC_RPL_STATSCOMMANDS : IRC_RPL_STATSOLINE);
        irc_line_word(&line, is_commands ? event->items[i].name : BYTES("O"));
        if (is_commands) {
            irc_line_number(&line, event->items[i].count);
        } else {
            irc_line_word(&line, BYTES("*"));
            irc_line_word(&line, BYTES("*"));
            irc_line_word(&line, event->items[i].name);
        }
        irc_line_end(&line);
    }
    irc_numeric_put(reader, IRC_RPL_ENDOFSTATS, event->text, nothing, out);
}

/* STATS u is all that asks for it. */
static void put_uptime(const struct irc_reader *reader, const struct chat_event *event, struct buf *out)
{
    uint32_t seconds = event->count;
    char text[64];
    struct buf words;

    buf_init_fixed(&words, text, sizeof(text));
    buf_printf(&words, "Server Up %" PRIu32 " days %" PRIu32 ":%02" PRIu32 ":%02" PRIu32, seconds / 86400,
               seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    irc_out_reply(reader, IRC_RPL_STATSUPTIME, nothing, nothing, buf_bytes(&words), out);
    irc_numeric_put(reader, IRC_RPL_ENDOFSTATS, BYTES("u"), nothing, out);
}

static void put_invites(const struct irc_reader *reader, const struct chat_event *event, struct buf *out)
{
    for (size_t i = 0; i < event->item_count; i++) {
        struct irc_line line = {.out = out};
        irc_numeric_start(&line, reader, IRC_RPL_INVITELIST);
        irc_line_word(&line, event->items[i].name);
        irc_line_end(&line);
    }
    irc_numeric_put(reader, IRC_RPL_ENDOFINVITELIST, nothing, nothing, out);
}

bool irc_reply(const struct irc_reader *reader, const struct chat_event *event, struct buf *out)
{
    switch (event->kind) {
    case CHAT_EV_NAMES:
        put_names(reader, event, out);
        return true;
    case CHAT_EV_ROOMS:
        put_rooms(reader, event, out);
        return true;
    case CHAT_EV_WHOIS:
        put_whois(reader, event, out);
        return true;
    case CHAT_EV_AWAY:
        irc_numeric_put(reader, event->count > 0 ? IRC_RPL_NOWAWAY : IRC_RPL_UNAWAY, nothing, nothing, out);
        return true;
    case CHAT_EV_AWAY_IS:
        put_away_is(reader, event->extra, event->text, out);
        return true;
    case CHAT_EV_COUNTS:
        put_counts(reader, event, out);
        return true;
    case CHAT_EV_MOTD:
        put_motd(reader, event, out);
        return true;
    case CHAT_EV_TIME:
        put_time(reader, event->wall_ms, out);
        return true;
    case CHAT_EV_INVITES:
        put_invites(reader, event, out);
        return true;
    case CHAT_EV_STATS:
        put_stats(reader, event, out);
        return true;
    case CHAT_EV_RELOADING:
        irc_numeric_put(reader, IRC_RPL_REHASHING, BYTES("mingled.conf"), nothing, out);
        return true;
    case CHAT_EV_UPTIME:
        put_uptime(reader, event, out);
        return true;
    case CHAT_EV_VERSION:
        put_version(reader, event, out);
        return true;
    default:
        return irc_reply_people(reader, event, out);
    }
}
