/* Operators of the server, and what the administrator has written for everybody. */
#include "proto/plain_admin.h"

#include "proto/plain_out.h"

static const struct bytes nothing = {NULL, 0};

/* Whole texts come as lines that belong together. */
static void put_lines(struct wire_form form, const char *title, struct bytes text, struct buf *out)
{
    plain_out_fixed(form, out, title);
    while (text.len > 0)
        plain_out_line(form, out, PLAIN_OUT_MORE "$", bytes_cut(&text, '\n'), nothing);
}

static void put_motd(struct wire_form form, const struct chat_event *event, struct buf *out)
{
    if (event->text.len == 0)
        plain_out_fixed(form, out, "*** There is no message of the day.");
    else
        put_lines(form, "--- message of the day ---", event->text, out);
}

static void put_rules(struct wire_form form, const struct chat_event *event, struct buf *out)
{
    if (event->text.len == 0)
        plain_out_fixed(form, out, "*** This server has no written rules.");
    else
        put_lines(form, "--- rules of this server ---", event->text, out);
}

static void put_wall(struct wire_form form, const struct chat_event *event, struct buf *out)
{
    plain_out_time(form, out, event->wall_ms);
    plain_out_line(form, out, "[$ -> everybody] ~", event->actor, event->text);
}

bool plain_admin(struct wire_form form, const struct chat_event *event, struct buf *out)
{
    switch (event->kind) {
    case CHAT_EV_MOTD:
        put_motd(form, event, out);
        return true;
    case CHAT_EV_RULES:
        put_rules(form, event, out);
        return true;
    case CHAT_EV_WALL:
        put_wall(form, event, out);
        return true;
    case CHAT_EV_WALLOPS:
        plain_out_time(form, out, event->wall_ms);
        plain_out_line(form, out, "[$ -> operators of the server] ~", event->actor, event->text);
        return true;
    case CHAT_EV_KILLED:
        plain_out_line(form, out,
                       event->text.len > 0 ? "*** $, an operator of the server, disconnects you: ~"
                                           : "*** $, an operator of the server, disconnects you.",
                       event->actor, event->text);
        return true;
    case CHAT_EV_KILL_DONE:
        plain_out_line(form, out, "*** You disconnected $.", event->extra, nothing);
        return true;
    case CHAT_EV_PASSWORD_ASK:
        plain_out_fixed(form, out, "*** Password (Enter = cancel):");
        return true;
    case CHAT_EV_RELOADING:
        plain_out_fixed(form, out, "*** The settings are being read again. You are told how it went.");
        return true;
    case CHAT_EV_SERVER_OPERATOR:
        plain_out_fixed(form, out,
                        event->count > 0 ? "*** You are an operator of the server now. To give it up: /deoper"
                                         : "*** You are no operator of the server any more.");
        return true;
    default:
        return false;
    }
}
