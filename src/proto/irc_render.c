/* See irc_render.h. What is said is in irc_say.c, lists are in irc_reply.c, modes in irc_mode.c, refusals in irc_refuse.c. */
#include "proto/irc_render.h"

#include <inttypes.h>

#include "base/check.h"
#include "chat/name.h"
#include "proto/irc_cap.h"
#include "proto/irc_history.h"
#include "proto/irc_mask.h"
#include "proto/irc_mode.h"
#include "proto/irc_notify.h"
#include "proto/irc_out.h"
#include "proto/irc_redact.h"
#include "proto/irc_refuse.h"
#include "proto/irc_rename.h"
#include "proto/irc_reply.h"
#include "proto/irc_say.h"

static const struct bytes nothing = {NULL, 0};

/* ---- what is said ---- */

/* "@#room": to the operators there (modern.ircdocs.horse, "STATUSMSG"). */
static void say_to_role(const struct irc_reader *reader, const struct chat_event *event, struct buf *out)
{
    char text[NAME_ROOM_BYTES_MAX + 2];
    struct buf target;

    buf_init_fixed(&target, text, sizeof(text));
    buf_put_char(&target, event->count > 0 ? '+' : '@');
    buf_put(&target, event->room);
    irc_say(&(struct irc_say){reader, event, buf_bytes(&target), nothing, out, nothing});
}

/* ---- what happens in rooms ---- */

static void render_joined(const struct irc_reader *reader, const struct chat_event *event, struct buf *out)
{
    bool is_long = (reader->caps & IRC_CAP_F_EXTENDED_JOIN) != 0;
    const struct bytes *realname = event->text.len > 0 ? &event->text : &event->actor;

    irc_out_event(reader, event,
                  &(struct irc_out_event){.actor = event->actor,
                                          .command = "JOIN",
                                          .first = event->room,
                                          .second = is_long ? BYTES("*") : nothing, /* no account */
                                          .text = is_long ? realname : NULL},
                  out);
}

/* ":actor COMMAND first :text", without a text that is empty. */
static void render_simple(const struct irc_reader *reader, const struct chat_event *event,
                          const char *command, struct bytes first, struct buf *out)
{
    irc_out_event(reader, event,
                  &(struct irc_out_event){.actor = event->actor,
                                          .command = command,
                                          .first = first,
                                          .text = event->text.len > 0 ? &event->text : NULL},
                  out);
}

static void render_topic(const struct irc_reader *reader, const struct chat_event *event, struct buf *out)
{
    irc_out_event(reader, event,
                  &(struct irc_out_event){event->actor, "TOPIC", event->room, nothing, &event->text}, out);
}

static void render_kick(const struct irc_reader *reader, const struct chat_event *event, struct bytes target,
                        struct buf *out)
{
    const struct bytes *why = event->text.len > 0 ? &event->text : &event->actor;

    irc_out_event(reader, event, &(struct irc_out_event){event->actor, "KICK", event->room, target, why},
                  out);
}

/* The host is made of the name, so it is another one now (IRCv3, "chghost"). */
static void render_new_host(const struct irc_reader *reader, const struct chat_event *event, struct buf *out)
{
    struct irc_line line = {.out = out};
    struct irc_source before = {""}, now = {""};
    char text[IRC_SOURCE_BYTES_MAX + 1];
    struct buf source;

    buf_init_fixed(&source, text, sizeof(text));
    buf_printf(&source, "%.*s!" IRC_MASK_USER "@", BYTES_ARG(event->text));
    buf_put(&source, irc_source_host(irc_source(&before, event->actor)));
    irc_out_start_as(&line, reader, event, buf_bytes(&source), "CHGHOST");
    irc_line_word(&line, BYTES(IRC_MASK_USER));
    irc_line_last(&line, irc_source_host(irc_source(&now, event->text)));
    irc_line_end(&line);
}

/* event->text is the new name. */
static void render_renamed(const struct irc_reader *reader, const struct chat_event *event, struct buf *out)
{
    if (bytes_eq(event->actor, event->text))
        return;
    irc_out_event(reader, event, &(struct irc_out_event){event->actor, "NICK", event->text, nothing, NULL},
                  out);
    if ((reader->caps & IRC_CAP_F_CHGHOST) != 0)
        render_new_host(reader, event, out);
}

static void render_in_room(const struct irc_reader *reader, const struct chat_event *event, struct buf *out)
{
    switch (event->kind) {
    case CHAT_EV_MESSAGE:
    case CHAT_EV_ACTION:
        irc_say(&(struct irc_say){reader, event, event->room, nothing, out, nothing});
        break;
    case CHAT_EV_JOINED:
        render_joined(reader, event, out);
        break;
    case CHAT_EV_PARTED:
        render_simple(reader, event, "PART", event->room, out);
        break;
    case CHAT_EV_QUIT:
        render_simple(reader, event, "QUIT", nothing, out);
        break;
    case CHAT_EV_TOPIC:
        render_topic(reader, event, out);
        break;
    case CHAT_EV_KICKED:
        render_kick(reader, event, event->extra, out);
        break;
    case CHAT_EV_RENAMED:
        render_renamed(reader, event, out);
        break;
    case CHAT_EV_CHANGED:
        irc_mode_changed(reader, event, out);
        break;
    case CHAT_EV_REDACTED:
        irc_redact_put(reader, event, out);
        break;
    default:
        if (irc_notify(reader, event, false, out))
            break;
        BUG("%s is no event of a room", chat_event_kind_str(event->kind));
    }
}

/* ---- answers ---- */

static void render_topic_by(const struct irc_reader *reader, const struct chat_event *event, struct buf *out)
{
    struct irc_line line = {.out = out};
    struct irc_source source = {""};

    irc_numeric_start(&line, reader, IRC_RPL_TOPICWHOTIME);
    irc_line_word(&line, event->room);
    irc_line_word(&line, irc_source(&source, event->extra));
    irc_line_number(&line, event->time_ms / 1000);
    irc_line_end(&line);
}

static void render_topic_is(const struct irc_reader *reader, const struct chat_event *event, struct buf *out)
{
    struct irc_line line = {.out = out};

    if (event->text.len == 0) {
        irc_numeric_put(reader, IRC_RPL_NOTOPIC, event->room, nothing, out);
        return;
    }
    irc_numeric_start(&line, reader, IRC_RPL_TOPIC);
    irc_line_word(&line, event->room);
    irc_line_last(&line, event->text);
    irc_line_end(&line);
    if (event->extra.len > 0)
        render_topic_by(reader, event, out);
}

static void render_entered(const struct irc_reader *reader, const struct chat_event *event,
                           const struct chat_view *view, struct buf *out)
{
    if (event->text.len > 0)
        render_topic_is(reader, event, out);
    irc_history_put_entered(reader, event, view, out);
}

static void render_operator(const struct irc_reader *reader, const struct chat_event *event, struct buf *out)
{
    irc_out_event(reader, event,
                  &(struct irc_out_event){nothing, "MODE", reader->you,
                                          event->count > 0 ? BYTES("+o") : BYTES("-o"), NULL},
                  out);
    if (event->count > 0)
        irc_numeric_put(reader, IRC_RPL_YOUREOPER, nothing, nothing, out);
}

static void render_lines(const struct irc_reader *reader, struct bytes text, struct buf *out)
{
    while (text.len > 0)
        irc_out_notice(reader, bytes_cut(&text, '\n'), out);
}

/* Notices of the server's. False when the event is none. */
static bool render_notices(const struct irc_reader *reader, const struct chat_event *event, struct buf *out)
{
    char text[NAME_USER_BYTES_MAX + 32];
    struct buf notice;

    switch (event->kind) {
    case CHAT_EV_NOTICE:
    case CHAT_EV_RULES:
        render_lines(reader, event->text, out);
        return true;
    case CHAT_EV_KILL_DONE:
        buf_init_fixed(&notice, text, sizeof(text));
        buf_printf(&notice, "You disconnected %.*s", BYTES_ARG(event->extra));
        irc_out_notice(reader, buf_bytes(&notice), out);
        return true;
    case CHAT_EV_WALL:
        render_simple(reader, event, "NOTICE", reader->you, out);
        return true;
    default:
        return false;
    }
}

static void render_answer(const struct irc_reader *reader, const struct chat_event *event,
                          const struct chat_view *view, struct buf *out)
{
    if (irc_reply(reader, event, out) || render_notices(reader, event, out) ||
        irc_notify(reader, event, view->is_actor, out))
        return;
    switch (event->kind) {
    case CHAT_EV_PRIVATE:
        irc_say(&(struct irc_say){reader, event, reader->you, nothing, out, nothing});
        break;
    case CHAT_EV_PRIVATE_SENT:
        if ((reader->caps & IRC_CAP_F_ECHO_MESSAGE) != 0)
            irc_say(&(struct irc_say){reader, event, event->extra, nothing, out, nothing});
        break;
    case CHAT_EV_ROLE_SAID:
        if (!view->is_actor || (reader->caps & IRC_CAP_F_ECHO_MESSAGE) != 0)
            say_to_role(reader, event, out);
        break;
    case CHAT_EV_ENTERED:
        render_entered(reader, event, view, out);
        break;
    case CHAT_EV_HISTORY:
        irc_history_put(reader, event, view, out);
        break;
    case CHAT_EV_LEFT:
        render_simple(reader, event, "PART", event->room, out);
        break;
    case CHAT_EV_NICK:
        render_renamed(reader, event, out);
        break;
    case CHAT_EV_TOPIC_IS:
        render_topic_is(reader, event, out);
        break;
    case CHAT_EV_TOPIC_SET:
        render_topic(reader, event, out);
        break;
    case CHAT_EV_REFUSED:
        irc_refuse(reader, event, out);
        break;
    case CHAT_EV_CHANGE_DONE:
        irc_mode_changed(reader, event, out);
        break;
    case CHAT_EV_KICKED_OUT:
        render_kick(reader, event, reader->you, out);
        break;
    case CHAT_EV_INVITED:
        irc_out_event(reader, event,
                      &(struct irc_out_event){event->actor, "INVITE", reader->you, event->room, NULL}, out);
        break;
    case CHAT_EV_MODES:
        irc_mode_list(reader, event, out);
        break;
    case CHAT_EV_RESTRICTED:
        irc_mode_restricted(reader, event, out);
        break;
    case CHAT_EV_KILLED:
        render_simple(reader, event, "KILL", reader->you, out);
        break;
    case CHAT_EV_SERVER_OPERATOR:
        render_operator(reader, event, out);
        break;
    default: /* answers to what no command of IRC asks for */
        break;
    }
}

/* ---- all of it ---- */

/* Whether whoever did it gets it like the others: the own join begins what is told of a room, and a ban throws
 * somebody out without another answer than this one. */
static bool is_for_actor(const struct irc_reader *reader, const struct chat_event *event)
{
    bool is_said =
        event->kind == CHAT_EV_MESSAGE || event->kind == CHAT_EV_ACTION || event->kind == CHAT_EV_TAGS;
    bool is_move = event->kind == CHAT_EV_JOINED || event->kind == CHAT_EV_KICKED;

    return is_move || event->kind == CHAT_EV_REDACTED ||
           (is_said && (reader->caps & IRC_CAP_F_ECHO_MESSAGE) != 0);
}

void irc_render(const struct irc_reader *reader, const struct chat_event *event, const struct chat_view *view,
                struct buf *out)
{
    if (chat_event_audience(event->kind) == CHAT_TO_USER)
        render_answer(reader, event, view, out);
    else if (event->kind == CHAT_EV_ROOM_RENAMED)
        irc_rename_put(reader, event, view, out);
    else if (!view->is_actor || is_for_actor(reader, event))
        render_in_room(reader, event, out);
    if (event->kind == CHAT_EV_JOINED && !view->is_actor)
        irc_notify_joined(reader, event, out);
}

void irc_render_gap(const struct irc_reader *reader, struct bytes room, uint64_t count, struct buf *out)
{
    struct irc_line line = {.out = out};
    char text[128];
    struct buf notice;

    buf_init_fixed(&notice, text, sizeof(text));
    buf_printf(&notice, "%" PRIu64 " %s skipped: you were reading too slowly", count,
               count == 1 ? "line was" : "lines were");
    irc_line_start(&line, reader->server, "NOTICE");
    irc_line_word(&line, room);
    irc_line_last(&line, buf_bytes(&notice));
    irc_line_end(&line);
}

static const char *goodbye_text(enum close_reason reason)
{
    switch (reason) {
    case CLOSE_QUIT:
    case CLOSE_EOF:
        return "Bye";
    case CLOSE_SHUTDOWN:
        return "The server is shutting down";
    case CLOSE_NAME_TIMEOUT:
        return "Registration took too long";
    case CLOSE_PING_TIMEOUT:
        return "Ping timeout";
    case CLOSE_NOT_TEXT:
        return "Registration took too many lines";
    case CLOSE_NOT_READING:
        return "You were reading too slowly: too much was waiting for you";
    case CLOSE_PER_ADDRESS:
    case CLOSE_UNNAMED:
        return "There are too many connections from your address";
    case CLOSE_SERVER_FULL:
        return "The server is full; try again later";
    case CLOSE_TLS_REQUIRED:
        return "This port takes TLS only";
    case CLOSE_KILLED:
    case CLOSE_KICKED:
        return "An operator has ended this connection";
    case CLOSE_PASSWORDS:
        return "Too many wrong passwords";
    case CLOSE_NO_MEMORY:
        return "The server is short of memory; try again later";
    case CLOSE_DRAINING:
        return "The server takes no new connections now; try again in a few minutes";
    case CLOSE_BANNED:
        return "You are banned from this server";
    default:
        return "The connection is closed";
    }
}

void irc_render_goodbye(enum close_reason reason, struct buf *out)
{
    struct irc_line line = {.out = out};
    char text[128];
    struct buf words;

    buf_init_fixed(&words, text, sizeof(text));
    buf_printf(&words, "Closing link: %s", goodbye_text(reason));
    irc_line_start(&line, nothing, "ERROR");
    irc_line_last(&line, buf_bytes(&words));
    irc_line_end(&line);
}
