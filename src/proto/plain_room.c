/* What operators did, in words: to the room "dave muted bob for 10 minutes", to the operator "You muted
 * bob in #ops for 10 minutes, until 14:15". */
#include "proto/plain_room.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/check.h"
#include "proto/plain_colour.h"
#include "proto/plain_out.h"

static const struct bytes nothing = {NULL, 0};

/* What was done, '$' whom; and how the room is tied to it. For what is on or off: the word for the mode. */
struct change_words {
    const char *did, *at;
    const char *mode;
};

static struct change_words words_of(enum chat_change change)
{
    switch (change) {
    case CHAT_CHANGE_KICK:
        return (struct change_words){"kicked $", " from ", NULL};
    case CHAT_CHANGE_BAN:
        return (struct change_words){"banned $", " from ", NULL};
    case CHAT_CHANGE_UNBAN:
        return (struct change_words){"lifted the ban of $", " in ", NULL};
    case CHAT_CHANGE_MUTE:
        return (struct change_words){"muted $", " in ", NULL};
    case CHAT_CHANGE_UNMUTE:
        return (struct change_words){"lifted the mute of $", " in ", NULL};
    case CHAT_CHANGE_EXCEPT:
        return (struct change_words){"excepted $ from bans and mutes", " in ", NULL};
    case CHAT_CHANGE_UNEXCEPT:
        return (struct change_words){"lifted the exception of $ from bans and mutes", " in ", NULL};
    case CHAT_CHANGE_ADMIT:
        return (struct change_words){"admitted $", " to ", NULL};
    case CHAT_CHANGE_UNADMIT:
        return (struct change_words){"took back the admission of $", " to ", NULL};
    case CHAT_CHANGE_OP:
        return (struct change_words){"made $ an operator", " of ", NULL};
    case CHAT_CHANGE_DEOP:
        return (struct change_words){"took the operator's role from $", " in ", NULL};
    case CHAT_CHANGE_SUCCEED:
        return (struct change_words){"became an operator", " of ", NULL};
    case CHAT_CHANGE_VOICE:
        return (struct change_words){"gave $ voice", " in ", NULL};
    case CHAT_CHANGE_DEVOICE:
        return (struct change_words){"took voice from $", " in ", NULL};
    case CHAT_CHANGE_INVITE:
        return (struct change_words){"invited $", " to ", NULL};
    case CHAT_CHANGE_SLOW:
    case CHAT_CHANGE_KEY:
    case CHAT_CHANGE_LIMIT:
        return (struct change_words){NULL, " in ", NULL};
    case CHAT_CHANGE_INVITE_ONLY:
        return (struct change_words){NULL, " in ", "invite-only"};
    case CHAT_CHANGE_SECRET:
        return (struct change_words){NULL, " in ", "secret"};
    case CHAT_CHANGE_TOPIC_LOCK:
        return (struct change_words){NULL, " in ", "topic-lock"};
    case CHAT_CHANGE_MODERATED:
        return (struct change_words){NULL, " in ", "moderated"};
    case CHAT_CHANGE_NONE:
    case CHAT_CHANGE_COUNT:
        break;
    }
    BUG("no such change: %d", (int)change);
}

/* The rules that have a value. */
static void put_rule(const struct chat_event *event, struct buf *out)
{
    uint32_t count = event->count;

    switch (event->change) {
    case CHAT_CHANGE_SLOW:
        if (count > 0)
            buf_printf(out, "set slow mode to one message in %" PRIu32 " s", count);
        else
            buf_put_text(out, "turned slow mode off");
        break;
    case CHAT_CHANGE_KEY:
        buf_put_text(out, count > 0 ? "set a key" : "removed the key");
        break;
    case CHAT_CHANGE_LIMIT:
        if (count > 0)
            buf_printf(out, "set a limit of %" PRIu32 " people", count);
        else
            buf_put_text(out, "removed the limit");
        break;
    default:
        BUG("change %d has no value", (int)event->change);
    }
}

static void put_deed(const struct chat_event *event, struct change_words words, struct buf *out)
{
    if (words.did != NULL)
        plain_out_fill(out, words.did, event->extra, nothing);
    else if (words.mode != NULL)
        buf_printf(out, "turned %s %s", words.mode, event->count > 0 ? "on" : "off");
    else
        put_rule(event, out);
}

static void put_for(const struct chat_event *event, struct buf *out)
{
    if (event->time_ms == 0)
        return;
    buf_put_text(out, " for ");
    plain_out_duration(out, (event->time_ms - event->wall_ms + 999) / 1000, "");
}

static bool has_why(const struct chat_event *event)
{
    return event->text.len > 0 && event->change != CHAT_CHANGE_KEY;
}

void plain_room_renamed(struct wire_form form, const struct chat_event *event, struct buf *out)
{
    plain_out_fill(out, "*** $ renamed ~", event->actor, event->room);
    plain_out_fill(out, " to $", event->extra, nothing);
    plain_out_line(form, out, event->text.len > 0 ? ": $" : "", event->text, nothing);
}

void plain_room_changed(struct wire_form form, const struct chat_event *event, struct buf *out)
{
    plain_out_fill(out, "-- $ ", event->actor, nothing);
    put_deed(event, words_of(event->change), out);
    put_for(event, out);
    plain_out_line(form, out, has_why(event) ? " ($)" : "", event->text, nothing);
}

static void put_until(struct wire_form form, const struct chat_event *event, struct buf *out)
{
    if (event->time_ms == 0)
        return;
    buf_put_text(out, ", until ");
    if (!plain_out_is_same_day(form, event->wall_ms, event->time_ms)) {
        plain_out_date(form, out, event->time_ms);
        buf_put_char(out, ' ');
    }
    plain_out_clock(form, out, event->time_ms);
}

void plain_room_done(struct wire_form form, const struct chat_event *event, struct buf *out)
{
    struct change_words words = words_of(event->change);

    buf_put_text(out, "*** You ");
    put_deed(event, words, out);
    buf_put_text(out, words.at);
    plain_out_text(out, event->room);
    put_for(event, out);
    put_until(form, event, out);
    if (event->change == CHAT_CHANGE_KEY && event->count > 0)
        plain_out_line(form, out, ". To enter: /join $ ~", event->room, event->text);
    else
        plain_out_line(form, out, has_why(event) ? " ($)." : ".", event->text, nothing);
}

void plain_room_kicked_out(struct wire_form form, const struct chat_event *event, struct buf *out)
{
    plain_out_fill(out, "*** $ kicked you from ~", event->actor, event->room);
    plain_out_fill(out, event->text.len > 0 ? " ($)." : ".", event->text, nothing);
    plain_out_line(form, out,
                   event->extra.len > 0 ? " What you type goes to $ now."
                                        : " You are in no room now. To enter one: /join #ROOM",
                   event->extra, nothing);
}

void plain_room_modes(struct wire_form form, const struct chat_event *event, struct buf *out)
{
    if (event->item_count == 0) {
        plain_out_line(form, out,
                       "*** $ has no modes set. To set one: /mode invite-only on (more: /help mode)",
                       event->room, nothing);
        return;
    }
    plain_out_fill(out, "*** Modes of $:", event->room, nothing);
    for (size_t i = 0; i < event->item_count; i++) {
        plain_out_fill(out, i > 0 ? ", $" : " $", event->items[i].name, nothing);
        if (event->items[i].count > 0)
            buf_printf(out, " %" PRIu32, event->items[i].count);
    }
    plain_out_end(form, out);
}

struct list_words {
    const char *nobody, *one, *many;
};

static struct list_words list_words_of(enum chat_change change)
{
    switch (change) {
    case CHAT_CHANGE_BAN:
        return (struct list_words){"*** Nobody is banned from $.", "ban", "bans"};
    case CHAT_CHANGE_MUTE:
        return (struct list_words){"*** Nobody is muted in $.", "mute", "mutes"};
    case CHAT_CHANGE_EXCEPT:
        return (struct list_words){"*** Nobody is excepted from bans and mutes in $.",
                                   "exception from bans and mutes", "exceptions from bans and mutes"};
    case CHAT_CHANGE_ADMIT:
        return (struct list_words){"*** Nobody is admitted to $ without an invitation.",
                                   "admission without an invitation", "admissions without an invitation"};
    default:
        BUG("change %d has no list", (int)change);
    }
}

void plain_room_restricted(struct wire_form form, const struct chat_event *event, struct buf *out)
{
    const struct list_words words = list_words_of(event->change);

    if (event->count == 0) {
        plain_out_line(form, out, words.nobody, event->room, nothing);
        return;
    }
    buf_put_text(out, "--- ");
    plain_out_count(out, event->count, words.one, words.many);
    plain_out_line(form, out, " in $ ---", event->room, nothing);
    for (size_t i = 0; i < event->item_count; i++) {
        const struct chat_item *item = &event->items[i];
        plain_out_fill(out, PLAIN_OUT_MORE "$", item->name, nothing);
        if (item->count > 0) {
            buf_put_text(out, "  ");
            plain_out_duration(out, item->count, "more ");
        }
        plain_out_line(form, out, item->detail.len > 0 ? "  ($)" : "", item->detail, nothing);
    }
    if (event->count > event->item_count) {
        uint32_t hidden = event->count - (uint32_t)event->item_count;
        buf_printf(out, PLAIN_OUT_MORE "%" PRIu32 " of ", hidden);
        plain_out_fixed(form, out,
                        hidden == 1 ? "an address: only operators see it"
                                    : "addresses: only operators see them");
    }
}

void plain_room_role_said(struct wire_form form, const struct chat_event *event, struct buf *out)
{
    plain_out_time(form, out, event->wall_ms);
    plain_out_fill(out, event->count > 0 ? "[$ -> operators and voiced of ~] " : "[$ -> operators of ~] ",
                   event->actor, event->room);
    plain_colour_said(form, event->text, BYTES(""), out);
    plain_out_end(form, out);
}

void plain_room_invites(struct wire_form form, const struct chat_event *event, struct buf *out)
{
    if (event->item_count == 0) {
        plain_out_fixed(form, out, "*** You are invited nowhere now. To see open rooms: /rooms");
        return;
    }
    buf_put_text(out, "*** You are invited to ");
    for (size_t i = 0; i < event->item_count; i++)
        plain_out_fill(out, i > 0 ? ", $" : "$", event->items[i].name, BYTES(""));
    plain_out_fixed(form, out, ". To enter: /join #ROOM");
}
