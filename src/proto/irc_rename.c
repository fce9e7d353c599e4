/* See irc_rename.h. */
#include "proto/irc_rename.h"

#include "base/check.h"
#include "chat/user.h"
#include "proto/irc_cap.h"
#include "proto/irc_out.h"
#include "proto/irc_read.h"
#include "proto/irc_render.h"

static const struct bytes nothing = {NULL, 0};

void irc_rename_apply(const struct irc_reader *reader, const struct irc_message *message,
                      struct irc_requests *requests, struct buf *out)
{
    (void)reader, (void)out;
    irc_request_add_word(requests, "rename", message->params[0], message->params[1]);
    requests->items[0].text = irc_message_param(message, 2);
}

/* ":alice!u@host RENAME #old #new :why": the last one is always there. */
static void put_rename(const struct irc_reader *reader, const struct chat_event *event, struct buf *out)
{
    irc_out_event(reader, event,
                  &(struct irc_out_event){event->actor, "RENAME", event->room, event->extra, &event->text},
                  out);
}

static void put_joined(const struct irc_reader *reader, const struct chat_event *event,
                       const struct chat_view *view, struct buf *out)
{
    bool is_long = (reader->caps & IRC_CAP_F_EXTENDED_JOIN) != 0;
    struct bytes realname = view->reader != NULL ? user_realname(view->reader) : nothing;

    if (realname.len == 0)
        realname = reader->you;
    irc_out_event(reader, event,
                  &(struct irc_out_event){.actor = reader->you,
                                          .command = "JOIN",
                                          .first = event->extra,
                                          .second = is_long ? BYTES("*") : nothing, /* no account */
                                          .text = is_long ? &realname : NULL},
                  out);
}

/* What follows a JOIN: the topic, how far the reader has read, who is there. */
static void put_entered(const struct irc_reader *reader, const struct chat_event *event,
                        const struct chat_view *view, struct buf *out)
{
    struct chat_event topic = *event, names = *event;

    CHECK(event->item_count > 0);
    topic.kind = CHAT_EV_TOPIC_IS;
    topic.room = names.room = event->extra;
    topic.text = event->items[0].name;
    topic.extra = event->items[0].detail;
    if (topic.text.len > 0)
        irc_render(reader, &topic, view, out);
    if ((reader->caps & IRC_CAP_F_READ_MARKER) != 0)
        irc_read_put(view->marks, reader, event->extra, out);
    names.kind = CHAT_EV_NAMES;
    names.items++;
    names.item_count--;
    if ((reader->caps & IRC_CAP_F_NO_IMPLICIT_NAMES) == 0)
        irc_render(reader, &names, view, out);
}

void irc_rename_put(const struct irc_reader *reader, const struct chat_event *event,
                    const struct chat_view *view, struct buf *out)
{
    struct chat_event own = *event; /* what the reader itself is shown to do */

    if ((reader->caps & IRC_CAP_F_CHANNEL_RENAME) != 0) {
        put_rename(reader, event, out);
        return;
    }
    if (bytes_eq_nocase(event->room, event->extra))
        return;
    own.is_bot = false;
    irc_out_event(reader, &own,
                  &(struct irc_out_event){.actor = reader->you,
                                          .command = "PART",
                                          .first = event->room,
                                          .text = event->text.len > 0 ? &event->text : NULL},
                  out);
    put_joined(reader, &own, view, out);
    put_entered(reader, &own, view, out);
}
