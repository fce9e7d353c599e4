/* Who is here, away, ignored; how the server is. */
#include "proto/plain_people.h"

#include <inttypes.h>
#include <stdint.h>

#include "base/check.h"
#include "chat/option.h"
#include "proto/plain_out.h"

/* Somebody who typed something so long ago is not idle. */
#define IDLE_SECONDS_MIN 60

#define OPTION_NAME_COLUMNS 8
#define OPTION_VALUE_COLUMNS 14

static const struct bytes nothing = {NULL, 0};

/* What there is to say of a person behind the name. */
static void put_state(const struct chat_item *person, struct buf *out)
{
    if (person->count >= IDLE_SECONDS_MIN) {
        buf_put_text(out, ", idle for ");
        plain_out_duration(out, person->count, "");
    }
    if ((person->flags & CHAT_ITEM_F_AWAY) != 0)
        plain_out_fill(out, person->detail.len > 0 ? ", away ($)" : ", away", person->detail, nothing);
}

static void put_who(struct wire_form form, const struct chat_event *event, struct buf *out)
{
    if (event->count == 0) {
        plain_out_line(form, out, "*** Nobody here is called like $. To list all: /who", event->text,
                       nothing);
        return;
    }
    buf_put_text(out, "--- ");
    plain_out_count(out, event->count, "person", "people");
    plain_out_fixed(form, out, " ---");
    for (size_t i = 0; i < event->item_count; i++) {
        const struct chat_item *person = &event->items[i];
        buf_put_text(out, PLAIN_OUT_MORE);
        if ((person->flags & (CHAT_ITEM_F_ROOM_OPERATOR | CHAT_ITEM_F_VOICED)) != 0)
            buf_put_char(out, (person->flags & CHAT_ITEM_F_ROOM_OPERATOR) != 0 ? '@' : '+');
        plain_out_fill(out, (person->flags & CHAT_ITEM_F_YOU) != 0 ? "$ (you)" : "$", person->name, nothing);
        put_state(person, out);
        plain_out_end(form, out);
    }
    if (event->count > event->item_count) {
        buf_printf(out, PLAIN_OUT_MORE "and %zu more", (size_t)event->count - event->item_count);
        plain_out_end(form, out);
    }
}

static void put_rooms(const struct chat_event *event, struct buf *out)
{
    for (size_t i = 1; i < event->item_count; i++) {
        const struct chat_item *room = &event->items[i];
        buf_put_text(out, i == 1 ? " In " : ", ");
        if ((room->flags & (CHAT_ITEM_F_OPERATOR | CHAT_ITEM_F_VOICED)) != 0)
            buf_put_char(out, (room->flags & CHAT_ITEM_F_OPERATOR) != 0 ? '@' : '+');
        plain_out_text(out, room->name);
    }
    if (event->item_count > 1)
        buf_put_text(out, " with you.");
}

static void put_whois(struct wire_form form, const struct chat_event *event, struct buf *out)
{
    if (event->item_count == 0) {
        plain_out_fixed(form, out, "*** Nobody is known by that name. To see who is here: /who");
        return;
    }
    const struct chat_item *person = &event->items[0];
    bool is_operator = (person->flags & CHAT_ITEM_F_OPERATOR) != 0;
    bool is_encrypted = (person->flags & CHAT_ITEM_F_ENCRYPTED) != 0;

    plain_out_fill(out, person->realname.len > 0 ? "*** $ (~)" : "*** $", person->name, person->realname);
    buf_put_text(out, is_operator ? ", an operator of the server, is here since " : " is here since ");
    if (!plain_out_is_same_day(form, event->time_ms, event->wall_ms)) {
        plain_out_date(form, out, event->time_ms);
        buf_put_char(out, ' ');
    }
    plain_out_clock(form, out, event->time_ms);
    put_state(person, out);
    if (event->text.len > 0)
        plain_out_fill(out, is_encrypted ? ", on $ with TLS" : ", on $ without TLS", event->text, nothing);
    if (event->extra.len > 0)
        plain_out_fill(out, ", from $", event->extra, nothing);
    buf_put_char(out, '.');
    put_rooms(event, out);
    plain_out_end(form, out);
}

static void put_ignores(struct wire_form form, const struct chat_event *event, struct buf *out)
{
    if (event->item_count == 0) {
        plain_out_fixed(form, out, "*** You ignore nobody. To ignore somebody: /ignore NAME");
        return;
    }
    buf_put_text(out, "*** You ignore ");
    for (size_t i = 0; i < event->item_count; i++)
        plain_out_fill(out, i > 0 ? ", $" : "$", event->items[i].name, nothing);
    plain_out_fixed(form, out, ". To undo it: /unignore NAME");
}

/* Fills a column; one blank at least. */
static void put_blanks(struct buf *out, size_t columns, size_t used)
{
    do
        buf_put_char(out, ' ');
    while (++used < columns);
}

static void put_options(struct wire_form form, const struct chat_event *event, struct buf *out)
{
    plain_out_fixed(form, out, "*** To change an option: /set OPTION VALUE (more: /help set)");
    for (size_t i = 0; i < event->item_count; i++) {
        const struct chat_item *item = &event->items[i];
        enum chat_option option;
        plain_out_fill(out, PLAIN_OUT_MORE "$", item->name, nothing);
        put_blanks(out, OPTION_NAME_COLUMNS, item->name.len);
        plain_out_text(out, item->detail);
        put_blanks(out, OPTION_VALUE_COLUMNS, item->detail.len);
        CHECK(option_find(item->name, &option));
        plain_out_line(form, out, "($)", bytes_of(option_choices(option)), nothing);
    }
}

static void put_away(struct wire_form form, const struct chat_event *event, struct buf *out)
{
    if (event->count == 0)
        plain_out_fixed(form, out, "*** You are back.");
    else
        plain_out_line(form, out,
                       event->text.len > 0 ? "*** You are away ($). When you are back: /back"
                                           : "*** You are away. When you are back: /back",
                       event->text, nothing);
}

static void put_uptime(struct wire_form form, const struct chat_event *event, struct buf *out)
{
    buf_put_text(out, "*** The server is up for ");
    plain_out_duration(out, event->count, "");
    buf_put_text(out, ", since ");
    plain_out_date(form, out, event->time_ms);
    buf_put_char(out, ' ');
    plain_out_clock(form, out, event->time_ms);
    plain_out_fixed(form, out, ".");
}

static void put_time(struct wire_form form, const struct chat_event *event, struct buf *out)
{
    buf_put_text(out, "*** It is ");
    plain_out_clock(form, out, event->wall_ms);
    buf_put_text(out, " on ");
    plain_out_date(form, out, event->wall_ms);
    if (form.zone == NULL)
        plain_out_fixed(form, out, ", server's time.");
    else
        plain_out_line(form, out, ", $.", bytes_of(form.zone->name), nothing);
}

static void put_realname(struct wire_form form, const struct chat_event *event, struct buf *out)
{
    const char *text = event->count > 0 ? "*** /whois says of you now: $" : "*** /whois says of you: $";

    if (event->text.len == 0)
        text = "*** /whois says nothing of you but your name. To change that: /realname TEXT";
    plain_out_line(form, out, text, event->text, nothing);
}

static void put_whowas(struct wire_form form, const struct chat_event *event, struct buf *out)
{
    if (event->item_count == 0)
        plain_out_line(form, out, "*** Nobody who was called $ has left lately. To see who is here: /who",
                       event->text, nothing);
    for (size_t i = 0; i < event->item_count; i++) {
        const struct chat_item *person = &event->items[i];
        plain_out_fill(out, person->realname.len > 0 ? "*** $ (~) was here for " : "*** $ was here for ",
                       person->name, person->realname);
        plain_out_duration(out, person->span_s, "");
        if (person->detail.len > 0)
            plain_out_fill(out, ", from $", person->detail, nothing);
        buf_put_text(out, ", until ");
        plain_out_duration(out, person->count, "");
        plain_out_fixed(form, out, " ago.");
    }
}

static void put_watches(struct wire_form form, const struct chat_event *event, struct buf *out)
{
    if (event->item_count == 0) {
        plain_out_fixed(form, out,
                        "*** You watch nobody. To be told when somebody comes and goes: /watch NAME");
        return;
    }
    buf_put_text(out, "*** You watch ");
    for (size_t i = 0; i < event->item_count; i++) {
        bool is_here = (event->items[i].flags & CHAT_ITEM_F_HERE) != 0;
        plain_out_fill(out, i > 0 ? ", $" : "$", event->items[i].name, nothing);
        buf_put_text(out, is_here ? " (here)" : "");
    }
    plain_out_fixed(form, out, ". To undo it: /unwatch NAME");
}

static void put_watched(struct wire_form form, const struct chat_event *event, struct buf *out)
{
    if (event->item_count == 0)
        put_watches(form, event, out);
    for (size_t i = 0; i < event->item_count; i++) {
        const struct chat_item *item = &event->items[i];
        bool is_here = (item->flags & CHAT_ITEM_F_HERE) != 0;
        const char *text = is_here ? "*** $ is here now." : "*** $ has left.";

        if (event->count > 0)
            text = is_here ? "*** You watch $, who is here. To undo it: /unwatch $"
                           : "*** You watch $, who is not here. To undo it: /unwatch $";
        plain_out_line(form, out, text, item->name, nothing);
    }
}

static void put_unwatched(struct wire_form form, const struct chat_event *event, struct buf *out)
{
    if (event->item_count == 0)
        plain_out_fixed(form, out, "*** You watch nobody any more.");
    for (size_t i = 0; i < event->item_count; i++)
        plain_out_line(form, out, "*** You do not watch $ any more.", event->items[i].name, nothing);
}

static void put_counts(struct wire_form form, const struct chat_event *event, struct buf *out)
{
    uint32_t counts[CHAT_COUNT_COUNT] = {0};

    for (size_t i = 0; i < CHAT_COUNT_COUNT && i < event->item_count; i++)
        counts[i] = event->items[i].count;
    buf_put_text(out, "*** Here: ");
    plain_out_count(out, counts[CHAT_COUNT_PEOPLE], "person", "people");
    buf_put_text(out, " (at most ");
    plain_out_count(out, counts[CHAT_COUNT_PEOPLE_MOST], "person", "people");
    buf_put_text(out, " at a time so far), of them ");
    plain_out_count(out, counts[CHAT_COUNT_OPERATORS], "operator", "operators");
    buf_put_text(out, " of the server, in ");
    plain_out_count(out, counts[CHAT_COUNT_ROOMS], "room", "rooms");
    plain_out_fixed(form, out, ". To list them: /who, /rooms");
}

bool plain_people(struct wire_form form, const struct chat_event *event, struct buf *out)
{
    switch (event->kind) {
    case CHAT_EV_WHO:
        put_who(form, event, out);
        return true;
    case CHAT_EV_WHOIS:
        put_whois(form, event, out);
        return true;
    case CHAT_EV_AWAY:
        put_away(form, event, out);
        return true;
    case CHAT_EV_AWAY_IS:
        plain_out_line(form, out, event->text.len > 0 ? "*** $ is away (~)." : "*** $ is away.", event->extra,
                       event->text);
        return true;
    case CHAT_EV_IGNORED:
        plain_out_line(form, out,
                       event->count > 0 ? "*** You ignore $ now. To undo it: /unignore $"
                                        : "*** You do not ignore $ any more.",
                       event->text, nothing);
        return true;
    case CHAT_EV_IGNORES:
        put_ignores(form, event, out);
        return true;
    case CHAT_EV_OPTION_SET:
        plain_out_line(form, out, "*** $ is ~ now.", event->text, event->extra);
        return true;
    case CHAT_EV_OPTIONS:
        put_options(form, event, out);
        return true;
    case CHAT_EV_TIME:
        put_time(form, event, out);
        return true;
    case CHAT_EV_PONG:
        plain_out_fixed(form, out, "*** pong");
        return true;
    case CHAT_EV_VERSION:
        plain_out_line(form, out, "*** mingle $", event->text, nothing);
        return true;
    case CHAT_EV_REALNAME:
        put_realname(form, event, out);
        return true;
    case CHAT_EV_WHOWAS:
        put_whowas(form, event, out);
        return true;
    case CHAT_EV_WATCHED:
        put_watched(form, event, out);
        return true;
    case CHAT_EV_WATCHES:
        put_watches(form, event, out);
        return true;
    case CHAT_EV_UNWATCHED:
        put_unwatched(form, event, out);
        return true;
    case CHAT_EV_COUNTS:
        put_counts(form, event, out);
        return true;
    case CHAT_EV_UPTIME:
        put_uptime(form, event, out);
        return true;
    default:
        return false;
    }
}
