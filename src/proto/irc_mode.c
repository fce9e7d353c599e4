/* Roles, bans and the rules of a room as modes of channels. The letters are those of ISUPPORT's CHANMODES and
 * PREFIX. */
#include "proto/irc_mode.h"

#include <inttypes.h>

#include "base/check.h"
#include "proto/irc_mask.h"
#include "proto/irc_out.h"

struct mode_row {
    enum chat_change on, off; /* NONE: `on` is both, and count tells */
    char letter;
    const char *word; /* in CHAT_EV_MODES; NULL: not there */
};

static const struct mode_row rows[] = {
    {CHAT_CHANGE_BAN, CHAT_CHANGE_UNBAN, 'b', NULL},
    {CHAT_CHANGE_MUTE, CHAT_CHANGE_UNMUTE, 'q', NULL},
    {CHAT_CHANGE_EXCEPT, CHAT_CHANGE_UNEXCEPT, 'e', NULL},
    {CHAT_CHANGE_ADMIT, CHAT_CHANGE_UNADMIT, 'I', NULL},
    {CHAT_CHANGE_OP, CHAT_CHANGE_DEOP, 'o', NULL},
    {CHAT_CHANGE_SUCCEED, CHAT_CHANGE_NONE, 'o', NULL},
    {CHAT_CHANGE_VOICE, CHAT_CHANGE_DEVOICE, 'v', NULL},
    {CHAT_CHANGE_KEY, CHAT_CHANGE_NONE, 'k', "key"},
    {CHAT_CHANGE_LIMIT, CHAT_CHANGE_NONE, 'l', "limit"},
    {CHAT_CHANGE_SLOW, CHAT_CHANGE_NONE, 'W', "slow"},
    {CHAT_CHANGE_INVITE_ONLY, CHAT_CHANGE_NONE, 'i', "invite-only"},
    {CHAT_CHANGE_SECRET, CHAT_CHANGE_NONE, 's', "secret"},
    {CHAT_CHANGE_TOPIC_LOCK, CHAT_CHANGE_NONE, 't', "topic-lock"},
    {CHAT_CHANGE_MODERATED, CHAT_CHANGE_NONE, 'm', "moderated"},
};

static const struct mode_row *row_of(enum chat_change change)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (rows[i].on == change || (rows[i].off == change && change != CHAT_CHANGE_NONE))
            return &rows[i];
    }
    BUG("change %d is no mode", (int)change);
}

static bool is_on(const struct chat_event *event, const struct mode_row *row)
{
    if (row->off != CHAT_CHANGE_NONE)
        return event->change == row->on;
    return event->change == CHAT_CHANGE_SUCCEED || event->count > 0;
}

/* The parameter behind the letter; nothing for those that have none. Of a key the others see that it is
 * there. */
static void put_parameter(const struct chat_event *event, bool on, struct buf *out)
{
    switch (event->change) {
    case CHAT_CHANGE_BAN:
    case CHAT_CHANGE_UNBAN:
    case CHAT_CHANGE_MUTE:
    case CHAT_CHANGE_UNMUTE:
    case CHAT_CHANGE_EXCEPT:
    case CHAT_CHANGE_UNEXCEPT:
    case CHAT_CHANGE_ADMIT:
    case CHAT_CHANGE_UNADMIT:
        irc_mask_put(event->extra, out);
        break;
    case CHAT_CHANGE_KEY:
        buf_put(out, event->text.len > 0 ? event->text : BYTES("*"));
        break;
    case CHAT_CHANGE_LIMIT:
    case CHAT_CHANGE_SLOW:
        if (on)
            buf_printf(out, "%" PRIu32, event->count);
        break;
    default:
        buf_put(out, event->extra);
        break;
    }
}

static void put_mode(const struct irc_reader *reader, const struct chat_event *event, struct buf *out)
{
    const struct mode_row *row = row_of(event->change);
    bool on = is_on(event, row);
    char letters[3] = {on ? '+' : '-', row->letter, '\0'}, text[IRC_BODY_BYTES_MAX];
    struct irc_line line = {.out = out};
    struct buf parameter;

    buf_init_fixed(&parameter, text, sizeof(text));
    put_parameter(event, on, &parameter);
    irc_out_start(&line, reader, event, event->change == CHAT_CHANGE_SUCCEED ? BYTES("") : event->actor,
                  "MODE");
    irc_line_word(&line, event->room);
    irc_line_word(&line, bytes_of(letters));
    if (parameter.len > 0)
        irc_line_word(&line, buf_bytes(&parameter));
    irc_line_end(&line);
}

void irc_mode_changed(const struct irc_reader *reader, const struct chat_event *event, struct buf *out)
{
    struct irc_line line = {.out = out};

    switch (event->change) {
    case CHAT_CHANGE_KICK: /* whoever does it is told like the others in the room */
        break;
    case CHAT_CHANGE_INVITE:
        irc_numeric_start(&line, reader, IRC_RPL_INVITING);
        irc_line_word(&line, event->extra);
        irc_line_word(&line, event->room);
        irc_line_end(&line);
        break;
    default:
        put_mode(reader, event, out);
        break;
    }
}

static char letter_of(struct bytes word)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (rows[i].word != NULL && bytes_eq(word, bytes_of(rows[i].word)))
            return rows[i].letter;
    }
    BUG("no letter for the mode %.*s", BYTES_ARG(word));
}

static void put_opened(const struct irc_reader *reader, const struct chat_event *event, struct buf *out)
{
    struct irc_line line = {.out = out};

    irc_numeric_start(&line, reader, IRC_RPL_CREATIONTIME);
    irc_line_word(&line, event->room);
    irc_line_number(&line, event->time_ms / 1000);
    irc_line_end(&line);
}

/* 'n' is always on: who is not in a room says nothing there. */
void irc_mode_list(const struct irc_reader *reader, const struct chat_event *event, struct buf *out)
{
    char letters[ARRAY_LEN(rows) + 3] = "+n";
    size_t len = 2;
    struct irc_line line = {.out = out};

    irc_numeric_start(&line, reader, IRC_RPL_CHANNELMODEIS);
    irc_line_word(&line, event->room);
    for (size_t i = 0; i < event->item_count && len < sizeof(letters) - 1; i++)
        letters[len++] = letter_of(event->items[i].name);
    irc_line_word(&line, (struct bytes){letters, len});
    for (size_t i = 0; i < event->item_count; i++) {
        if (bytes_eq(event->items[i].name, BYTES("key")))
            irc_line_word(&line, BYTES("*"));
        else if (event->items[i].count > 0)
            irc_line_number(&line, event->items[i].count);
    }
    irc_line_end(&line);
    put_opened(reader, event, out);
}

struct list_row {
    enum chat_change change;
    const char *letter; /* where the numerics have it */
    enum irc_numeric item, end;
};

static const struct list_row *list_row_of(enum chat_change change)
{
    static const struct list_row list_rows[] = {
        {CHAT_CHANGE_BAN, "", IRC_RPL_BANLIST, IRC_RPL_ENDOFBANLIST},
        {CHAT_CHANGE_MUTE, "q", IRC_RPL_QUIETLIST, IRC_RPL_ENDOFQUIETLIST},
        {CHAT_CHANGE_EXCEPT, "", IRC_RPL_EXCEPTLIST, IRC_RPL_ENDOFEXCEPTLIST},
        {CHAT_CHANGE_ADMIT, "", IRC_RPL_INVEXLIST, IRC_RPL_ENDOFINVEXLIST},
    };

    for (size_t i = 0; i < ARRAY_LEN(list_rows); i++) {
        if (list_rows[i].change == change)
            return &list_rows[i];
    }
    BUG("change %d has no list", (int)change);
}

void irc_mode_restricted(const struct irc_reader *reader, const struct chat_event *event, struct buf *out)
{
    const struct list_row *row = list_row_of(event->change);
    struct bytes letter = bytes_of(row->letter);

    for (size_t i = 0; i < event->item_count; i++) {
        char text[2 * RESTRICTION_MASK_BYTES_MAX];
        struct irc_line line = {.out = out};
        struct buf mask;
        buf_init_fixed(&mask, text, sizeof(text));
        irc_mask_put(event->items[i].name, &mask);
        irc_numeric_start(&line, reader, row->item);
        irc_line_word(&line, event->room);
        if (letter.len > 0)
            irc_line_word(&line, letter);
        irc_line_word(&line, buf_bytes(&mask));
        irc_line_end(&line);
    }
    irc_numeric_put(reader, row->end, event->room, letter, out);
}
