/* See irc_notify.h. */
#include "proto/irc_notify.h"

#include "chat/user.h"
#include "proto/irc_cap.h"
#include "proto/irc_out.h"

static const struct bytes nothing = {NULL, 0};

/* An AWAY without a text means that somebody is back. */
static void put_away(const struct irc_reader *reader, const struct chat_event *event, struct buf *out)
{
    const struct bytes why = event->text.len > 0 ? event->text : BYTES("away");

    if ((reader->caps & IRC_CAP_F_AWAY_NOTIFY) != 0)
        irc_out_event(
            reader, event,
            &(struct irc_out_event){event->actor, "AWAY", nothing, nothing, event->count > 0 ? &why : NULL},
            out);
}

void irc_notify_joined(const struct irc_reader *reader, const struct chat_event *event, struct buf *out)
{
    if (event->extra.len > 0 && (reader->caps & IRC_CAP_F_AWAY_NOTIFY) != 0)
        irc_out_event(reader, event,
                      &(struct irc_out_event){event->actor, "AWAY", nothing, nothing, &event->extra}, out);
}

static void put_setname(const struct irc_reader *reader, const struct chat_event *event, struct buf *out)
{
    const struct bytes *realname = event->text.len > 0 ? &event->text : &event->actor;

    if ((reader->caps & IRC_CAP_F_SETNAME) != 0)
        irc_out_event(reader, event,
                      &(struct irc_out_event){event->actor, "SETNAME", nothing, nothing, realname}, out);
}

static void put_invite(const struct irc_reader *reader, const struct chat_event *event, struct buf *out)
{
    if ((reader->caps & IRC_CAP_F_INVITE_NOTIFY) != 0)
        irc_out_event(reader, event,
                      &(struct irc_out_event){event->actor, "INVITE", event->extra, event->room, NULL}, out);
}

/* A TAGMSG is nothing but its tags. */
static void put_tags(const struct irc_reader *reader, const struct chat_event *event, struct bytes target,
                     struct buf *out)
{
    struct irc_line line = {.out = out};

    if ((reader->caps & IRC_CAP_F_MESSAGE_TAGS) == 0)
        return;
    irc_line_client_tags(&line, chat_event_tags(event));
    irc_out_start(&line, reader, event, event->actor, "TAGMSG");
    irc_line_word(&line, target);
    irc_line_end(&line);
}

static void put_private_tags(const struct irc_reader *reader, const struct chat_event *event, struct buf *out)
{
    if (event->count == 0)
        put_tags(reader, event, reader->you, out);
    else if ((reader->caps & IRC_CAP_F_ECHO_MESSAGE) != 0)
        put_tags(reader, event, event->extra, out);
}

/* ---- modes of people ---- */

static const struct {
    char letter;
    uint8_t mode;
    const char *word;
} modes[] = {{'B', USER_MODE_BOT, "bot"},
             {'i', USER_MODE_HIDDEN, "hidden"},
             {'o', USER_MODE_OPERATOR, NULL},
             {'w', USER_MODE_WALLOPS, "wallops"}};

static void put_all_modes(const struct irc_reader *reader, uint32_t on, struct buf *out)
{
    struct irc_line line = {.out = out};
    char text[ARRAY_LEN(modes) + 2];
    struct buf letters;

    buf_init_fixed(&letters, text, sizeof(text));
    buf_put_char(&letters, '+');
    for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
        if ((on & modes[i].mode) != 0)
            buf_put_char(&letters, modes[i].letter);
    }
    irc_numeric_start(&line, reader, IRC_RPL_UMODEIS);
    irc_line_word(&line, buf_bytes(&letters));
    irc_line_end(&line);
}

static void put_modes(const struct irc_reader *reader, const struct chat_event *event, struct buf *out)
{
    char text[3] = {bytes_eq(event->extra, BYTES("on")) ? '+' : '-', '?', '\0'};

    if (event->text.len == 0) {
        put_all_modes(reader, event->count, out);
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
        if (modes[i].word != NULL && bytes_eq(event->text, bytes_of(modes[i].word)))
            text[1] = modes[i].letter;
    }
    irc_out_event(reader, event,
                  &(struct irc_out_event){event->actor, "MODE", reader->you, bytes_of(text), NULL}, out);
}

bool irc_notify(const struct irc_reader *reader, const struct chat_event *event, bool is_actor,
                struct buf *out)
{
    bool is_extended = (reader->caps & IRC_CAP_F_EXTENDED_MONITOR) != 0;

    switch (event->kind) {
    case CHAT_EV_AWAY_CHANGED:
        put_away(reader, event, out);
        return true;
    case CHAT_EV_WATCHED_AWAY:
        if (is_extended)
            put_away(reader, event, out);
        return true;
    case CHAT_EV_REALNAME_CHANGED:
        put_setname(reader, event, out);
        return true;
    case CHAT_EV_WATCHED_REALNAME:
        if (is_extended)
            put_setname(reader, event, out);
        return true;
    case CHAT_EV_REALNAME:
        if (event->count > 0) /* otherwise it was asked for */
            put_setname(reader, event, out);
        return true;
    case CHAT_EV_INVITED_THERE:
        if (!is_actor)
            put_invite(reader, event, out);
        return true;
    case CHAT_EV_TAGS:
        put_tags(reader, event, event->room, out);
        return true;
    case CHAT_EV_PRIVATE_TAGS:
        put_private_tags(reader, event, out);
        return true;
    case CHAT_EV_USER_MODES:
        put_modes(reader, event, out);
        return true;
    case CHAT_EV_WALLOPS:
        irc_out_event(reader, event,
                      &(struct irc_out_event){event->actor, "WALLOPS", nothing, nothing, &event->text}, out);
        return true;
    default:
        return false;
    }
}
