/* What a person sees. The longer answers are in plain_reply.c. */
#include "proto/plain.h"

#include <inttypes.h>
#include <stddef.h>

#include "base/check.h"
#include "proto/plain_admin.h"
#include "proto/plain_colour.h"
#include "proto/plain_out.h"
#include "proto/plain_people.h"
#include "proto/plain_reply.h"
#include "proto/plain_room.h"

#define QUESTION "Your name? (or: /help, /quit)"
#define NAME_RULE "*** Names have 1-30 letters, digits or -_[]{}|^ and start with a letter."

static const struct bytes nothing = {NULL, 0};

/* ---- before there is a name ---- */

/* All of it is the administrator's text: it is not looked at, for a strange byte in the settings must
 * not end the server. */
static void greet(struct wire_form form, const struct greeting *greeting, struct buf *out)
{
    buf_put_text(out, "Welcome to ");
    buf_put(out, greeting->server_name);
    buf_put_text(out, " (mingle). ");
    if (greeting->people == 0) {
        buf_put_text(out, "Nobody else is here yet.");
    } else {
        plain_out_count(out, greeting->people, "person", "people");
        buf_put_text(out, " here now.");
    }
    plain_out_end(form, out);

    if (greeting->welcome.len > 0) {
        buf_put(out, greeting->welcome);
        plain_out_end(form, out);
    }
    if (greeting->offers_tls) {
        buf_put_text(out, "Not encrypted. With TLS: openssl s_client -quiet -connect ");
        buf_put(out, greeting->tls_address);
        plain_out_end(form, out);
    }
    plain_out_fixed(form, out, QUESTION);
}

static void name_refused(struct wire_form form, enum chat_err err, struct bytes name, struct bytes suggestion,
                         struct buf *out)
{
    if (err == CHAT_ERR_NAME_TAKEN) {
        plain_out_line(form, out,
                       suggestion.len > 0 ? "*** \"$\" is taken. Try ~ or another name:"
                                          : "*** \"$\" is taken. Try another name:",
                       name, suggestion);
        return;
    }
    CHECK(err == CHAT_ERR_NAME_BAD);
    plain_out_fixed(form, out, NAME_RULE " Name?");
}

void plain_name_help(struct wire_form form, struct buf *out)
{
    plain_out_fixed(form, out,
                    "*** Type the name that others shall see, and press Enter. Enter alone: a guest name.");
    plain_out_fixed(form, out, NAME_RULE);
    plain_out_fixed(form, out, QUESTION);
}

void plain_name_first(struct wire_form form, struct buf *out)
{
    plain_out_fixed(form, out, "*** Commands work once you have a name.");
    plain_out_fixed(form, out, QUESTION);
}

/* ---- what happens in rooms ---- */

static bool is_join_or_leave(enum chat_event_kind kind)
{
    return kind == CHAT_EV_JOINED || kind == CHAT_EV_PARTED || kind == CHAT_EV_QUIT;
}

static bool is_speech(const struct chat_event *event)
{
    return event->kind == CHAT_EV_MESSAGE || event->kind == CHAT_EV_ACTION;
}

bool plain_is_shown(struct wire_form form, const struct chat_event *event, const struct chat_view *view)
{
    if (view->is_actor) {
        return event->kind == CHAT_EV_ROOM_RENAMED || (is_speech(event) && (form.flags & WIRE_F_ECHO) != 0);
    }
    if (!is_join_or_leave(event->kind) || (form.flags & WIRE_F_ALL_JOINS) != 0)
        return true;
    if ((form.flags & WIRE_F_NO_JOINS) != 0)
        return false;
    return view->quiet_above == 0 || event->count <= view->quiet_above;
}

/* '$' the actor, '~' the text. */
static const char *room_pattern(const struct chat_event *event)
{
    bool has_text = event->text.len > 0;

    switch (event->kind) {
    case CHAT_EV_JOINED:
        return "-- $ joined";
    case CHAT_EV_PARTED:
    case CHAT_EV_QUIT:
        return has_text ? "-- $ left (~)" : "-- $ left";
    case CHAT_EV_TOPIC:
        return has_text ? "-- $ set the topic: ~" : "-- $ cleared the topic";
    case CHAT_EV_RENAMED:
        return "-- $ is now known as ~";
    default:
        BUG("%s is no event of a room", chat_event_kind_str(event->kind));
    }
}

static void put_speech(struct wire_form form, const struct chat_event *event, struct bytes you,
                       struct buf *out)
{
    bool is_message = event->kind == CHAT_EV_MESSAGE;

    buf_put_text(out, is_message ? "<" : "* ");
    plain_colour_name(form, event->actor, you, out);
    buf_put_text(out, is_message ? "> " : " ");
    plain_colour_said(form, event->text, you, out);
}

/* A message of the current room; `view` is NULL for one that is shown again. */
static void put_said(struct wire_form form, const struct chat_event *event, const struct chat_view *view,
                     struct bytes you, struct buf *out)
{
    size_t start = out->len;

    plain_out_time(form, out, event->wall_ms);
    plain_colour_dim(form, start, out);
    if (view != NULL && !view->is_current && event->room.len > 0)
        plain_out_fill(out, "$ ", event->room, nothing);
    put_speech(form, event, you, out);
    if (view != NULL)
        plain_colour_ring(form, event, view, out);
    plain_out_end(form, out);
}

static void render_in_room(struct wire_form form, const struct chat_event *event,
                           const struct chat_view *view, struct buf *out)
{
    size_t start = out->len;

    if (is_speech(event)) {
        put_said(form, event, view, view->you, out);
        return;
    }
    if (event->kind == CHAT_EV_ROOM_RENAMED) {
        plain_room_renamed(form, event, out);
        plain_colour_dim(form, start, out);
        return;
    }
    plain_out_time(form, out, event->wall_ms);
    if (!view->is_current && event->room.len > 0)
        plain_out_fill(out, "$ ", event->room, nothing);
    if (event->kind == CHAT_EV_CHANGED) {
        plain_room_changed(form, event, out);
    } else if (event->kind == CHAT_EV_KICKED) {
        plain_out_fill(out, "-- $ kicked ~", event->actor, event->extra);
        plain_out_line(form, out, event->text.len > 0 ? " ($)" : "", event->text, nothing);
    } else if (event->kind == CHAT_EV_REDACTED) {
        bool is_own = bytes_eq(event->actor, event->extra);
        plain_out_fill(out, is_own ? "-- $ took back a message" : "-- $ took back a message of ~",
                       event->actor, event->extra);
        plain_out_line(form, out, event->text.len > 0 ? " ($)" : "", event->text, nothing);
    } else {
        plain_out_line(form, out, room_pattern(event), event->actor, event->text);
    }
    plain_colour_dim(form, start, out);
}

/* ---- entering a room ---- */

static void put_company(const struct chat_event *event, struct buf *out)
{
    size_t shown = event->item_count;

    if (shown == 0 && event->count == 0) {
        buf_put_text(out, ", alone so far");
        return;
    }
    buf_put_text(out, " with ");
    for (size_t i = 0; i < shown; i++) {
        bool is_operator = (event->items[i].flags & CHAT_ITEM_F_OPERATOR) != 0;
        buf_put_text(out, i > 0 ? ", " : "");
        plain_out_fill(out, is_operator ? "@$" : "$", event->items[i].name, nothing);
    }
    if (event->count > shown)
        buf_printf(out, "%s%zu more (/names)", shown > 0 ? " and " : "", event->count - shown);
}

static void put_day(struct wire_form form, int64_t wall_ms, struct buf *out)
{
    size_t start = out->len;

    buf_put_text(out, "--- ");
    plain_out_date(form, out, wall_ms);
    plain_out_fixed(form, out, " ---");
    plain_colour_dim(form, start, out);
}

static void put_history(struct wire_form form, const struct chat_view *view, struct buf *out)
{
    int64_t day_ms = view->history[0]->wall_ms;
    size_t start = out->len;

    buf_put_text(out, "--- ");
    plain_out_date(form, out, day_ms);
    if (view->history_count == 1)
        buf_put_text(out, ", last message");
    else
        buf_printf(out, ", last %zu messages", view->history_count);
    plain_out_fixed(form, out, " ---");
    plain_colour_dim(form, start, out);

    for (size_t i = 0; i < view->history_count; i++) {
        const struct chat_event *event = view->history[i];
        if (!plain_out_is_same_day(form, day_ms, event->wall_ms)) {
            day_ms = event->wall_ms;
            put_day(form, day_ms, out);
        }
        put_said(form, event, NULL, view->you, out);
    }
    start = out->len;
    plain_out_fixed(form, out, "--- now --- (/help for commands)");
    plain_colour_dim(form, start, out);
}

/* The actor of CHAT_EV_ENTERED is the reader: it is the one event that tells people who they are. */
static void render_entered(struct wire_form form, const struct chat_event *event,
                           const struct chat_view *view, struct buf *out)
{
    plain_out_fill(out, "*** You are $, in ~", event->actor, event->room);
    put_company(event, out);
    plain_out_line(form, out, event->text.len > 0 ? ". Topic: $" : ".", event->text, nothing);
    if (view->history_count == 0)
        plain_out_fixed(form, out, "*** Type to talk, /help for commands.");
}

/* ---- answers to one person ---- */

static void render_history(struct wire_form form, const struct chat_event *event,
                           const struct chat_view *view, struct buf *out)
{
    if (view->history_count == 0)
        plain_out_line(form, out, "*** Nothing of it is left: $ has no messages from then.", event->room,
                       nothing);
}

/* The answers that are one line: '$' the room, '~' the text. NULL for all others. */
static const char *answer_pattern(const struct chat_event *event)
{
    bool has_text = event->text.len > 0;

    switch (event->kind) {
    case CHAT_EV_SWITCHED:
        return "*** What you type goes to $ now.";
    case CHAT_EV_NICK:
        return "*** You are ~ now.";
    case CHAT_EV_TOPIC_SET:
        return has_text ? "*** You set the topic of $: ~" : "*** You cleared the topic of $.";
    case CHAT_EV_NOTICE:
        return "*** ~";
    case CHAT_EV_LABEL:
        return has_text ? "*** To ~:" : "*** That was all.";
    case CHAT_EV_INVITED:
        return "*** ~ invites you to $. To enter: /join $";
    default:
        return NULL;
    }
}

static void render_left(struct wire_form form, const struct chat_event *event, struct buf *out)
{
    plain_out_line(form, out,
                   event->extra.len > 0 ? "*** You left $. What you type goes to ~ now."
                                        : "*** You left $ and are in no room now. To enter one: /join #ROOM",
                   event->room, event->extra);
}

static void render_topic(struct wire_form form, const struct chat_event *event, struct buf *out)
{
    if (event->text.len == 0) {
        plain_out_line(form, out, "*** $ has no topic. To set one: /topic TEXT", event->room, nothing);
        return;
    }
    plain_out_fill(out, event->extra.len > 0 ? "*** Topic of $, set by ~: " : "*** Topic of $: ", event->room,
                   event->extra);
    plain_out_line(form, out, "$", event->text, nothing);
}

static void render_private(struct wire_form form, const struct chat_event *event,
                           const struct chat_view *view, struct buf *out)
{
    bool is_sent = event->kind == CHAT_EV_PRIVATE_SENT;

    size_t start = out->len;
    plain_out_time(form, out, event->wall_ms);
    plain_colour_dim(form, start, out);
    buf_put_text(out, is_sent ? "[-> " : "[");
    plain_colour_name(form, is_sent ? event->extra : event->actor, view->you, out);
    buf_put_text(out, "] ");
    plain_colour_said(form, event->text, view->you, out);
    if (!is_sent)
        plain_colour_ring(form, event, view, out);
    plain_out_end(form, out);
}

static void render_answer(struct wire_form form, const struct chat_event *event, const struct chat_view *view,
                          struct buf *out)
{
    const char *pattern = answer_pattern(event);

    if (pattern != NULL) {
        plain_out_line(form, out, pattern, event->room,
                       event->kind == CHAT_EV_INVITED ? event->actor : event->text);
        return;
    }
    if (plain_people(form, event, out) || plain_admin(form, event, out))
        return;
    switch (event->kind) {
    case CHAT_EV_ENTERED:
        render_entered(form, event, view, out);
        break;
    case CHAT_EV_LEFT:
        render_left(form, event, out);
        break;
    case CHAT_EV_TOPIC_IS:
        render_topic(form, event, out);
        break;
    case CHAT_EV_NAMES:
        plain_reply_names(form, event, out);
        break;
    case CHAT_EV_ROOMS:
        plain_reply_rooms(form, event, out);
        break;
    case CHAT_EV_HELP:
        plain_reply_help(form, event, out);
        break;
    case CHAT_EV_REFUSED:
        plain_reply_refused(form, event, out);
        break;
    case CHAT_EV_CHANGE_DONE:
        plain_room_done(form, event, out);
        break;
    case CHAT_EV_KICKED_OUT:
        plain_room_kicked_out(form, event, out);
        break;
    case CHAT_EV_HISTORY:
        render_history(form, event, view, out);
        break;
    case CHAT_EV_ROLE_SAID:
        plain_room_role_said(form, event, out);
        break;
    case CHAT_EV_INVITES:
        plain_room_invites(form, event, out);
        break;
    case CHAT_EV_MODES:
        plain_room_modes(form, event, out);
        break;
    case CHAT_EV_RESTRICTED:
        plain_room_restricted(form, event, out);
        break;
    default:
        BUG("%s is no answer", chat_event_kind_str(event->kind));
    }
}

/* ---- the dialect ---- */

static void render(struct wire_form form, const struct chat_event *event, const struct chat_view *view,
                   struct buf *out)
{
    if (chat_event_is_for_programs(event->kind))
        return;
    /* Answers are for their actor, too: only what others get as well can be one's own news. */
    if (event->kind == CHAT_EV_PRIVATE || event->kind == CHAT_EV_PRIVATE_SENT) {
        render_private(form, event, view, out);
    } else if (chat_event_audience(event->kind) == CHAT_TO_USER) {
        size_t start = out->len;
        render_answer(form, event, view, out);
        plain_colour_dim(form, start, out);
        if (view->history_count > 0)
            put_history(form, view, out);
    } else if (plain_is_shown(form, event, view)) {
        render_in_room(form, event, view, out);
    }
}

static void gap(struct wire_form form, struct bytes room, uint64_t count, struct buf *out)
{
    buf_put_text(out, "*** ");
    plain_out_count(out, count, "line", "lines");
    plain_out_line(form, out,
                   count == 1 ? " in $ was skipped: you were reading too slowly."
                              : " in $ were skipped: you were reading too slowly.",
                   room, nothing);
}

const char *plain_goodbye_text(enum close_reason reason)
{
    switch (reason) {
    case CLOSE_QUIT:
    case CLOSE_EOF:
        return "*** Bye.";
    case CLOSE_LOST:
        return "*** The connection was lost. Bye.";
    case CLOSE_SHUTDOWN:
        return "*** The server is shutting down. Bye.";
    case CLOSE_NAME_TIMEOUT:
        return "*** Timed out waiting for a name. Bye.";
    case CLOSE_TLS_FAILED:
        return "*** The TLS handshake failed or took too long. Bye.";
    case CLOSE_TLS_HANDSHAKES:
        return "*** There were too many TLS handshakes from your address. Try again in a minute. Bye.";
    case CLOSE_PING_TIMEOUT:
        return "*** Nothing was heard from you for too long. Bye.";
    case CLOSE_NOT_READING:
        return "*** You were reading too slowly: too much was waiting for you. Bye.";
    case CLOSE_PER_ADDRESS:
        return "*** There are too many connections from your address. Close one, then try again. Bye.";
    case CLOSE_SERVER_FULL:
        return "*** The server is full. Try again later. Bye.";
    case CLOSE_NOT_TEXT:
        return "*** That is no line of text. Use nc or telnet. Bye.";
    case CLOSE_BAD_NAMES:
        return "*** Two names in one second, and neither is one. Connect again and take your time. Bye.";
    case CLOSE_UNNAMED:
        return "*** Too many connections from your address have no name yet. Name or close one first. Bye.";
    case CLOSE_TLS_REQUIRED:
        return "*** This port takes TLS only: openssl s_client -quiet -connect HOST:PORT. Bye.";
    case CLOSE_HTTP:
    case CLOSE_SSH:
    case CLOSE_PROXY:
        return "*** This server does not speak that protocol. Use nc or telnet. Bye.";
    case CLOSE_KILLED:
        return "*** Bye.";
    case CLOSE_PASSWORDS:
        return "*** Too many wrong passwords. Bye.";
    case CLOSE_DIALECT:
        return "*** This port does not take that. Bye.";
    case CLOSE_NO_MEMORY:
        return "*** The server is short of memory. Try again later. Bye.";
    case CLOSE_DRAINING:
        return "*** The server takes no new connections now. Try again in a few minutes. Bye.";
    case CLOSE_KICKED:
        return "*** The administrator has ended this connection. Bye.";
    case CLOSE_BANNED:
        return "*** You are banned from this server. Ask its administrator if you think you should not be. Bye.";
    case CLOSE_REASON_COUNT:
        break;
    }
    BUG("no such close reason: %d", (int)reason);
}

static void goodbye(struct wire_form form, enum close_reason reason, struct buf *out)
{
    plain_out_fixed(form, out, plain_goodbye_text(reason));
}

static void alive(struct wire_form form, struct buf *out)
{
    plain_out_fixed(form, out, "[yes]");
}

const struct dialect plain_dialect = {
    .name = "plain",
    .greet = greet,
    .name_refused = name_refused,
    .render = render,
    .gap = gap,
    .goodbye = goodbye,
    .alive = alive,
};
