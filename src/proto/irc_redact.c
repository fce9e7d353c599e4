/* See irc_redact.h. */
#include "proto/irc_redact.h"

#include <inttypes.h>

#include "proto/irc_cap.h"
#include "proto/irc_mark.h"
#include "proto/irc_out.h"

void irc_redact_apply(const struct irc_reader *reader, const struct irc_message *message,
                      struct irc_requests *requests, struct buf *out)
{
    struct bytes target = message->params[0], id = message->params[1];
    struct irc_out_fail fail = {.command = "REDACT", .first = target};

    if (!bytes_starts_with(target, BYTES("#"))) {
        fail.code = "INVALID_TARGET";
        fail.text = "Only what is said in rooms is kept";
        irc_out_fail(reader, &fail, out);
        return;
    }
    requests->range = (struct chat_range){.way = CHAT_RANGE_AROUND, .most = 1};
    if (!irc_mark_parse_id(id, &requests->range.from)) {
        fail.code = "UNKNOWN_MSGID";
        fail.second = id;
        fail.text = "There is no message with that id";
        irc_out_fail(reader, &fail, out);
        return;
    }
    irc_request_add_word(requests, "redact", target, id);
    requests->items[0].range = &requests->range;
    requests->items[0].text = irc_message_param(message, 2);
}

/* "alice took back what bob said 12 seconds ago: spam" */
static void put_words(const struct irc_reader *reader, const struct chat_event *event, struct buf *out)
{
    char text[IRC_BODY_BYTES_MAX];
    struct buf words;
    int64_t seconds = (event->wall_ms - event->time_ms) / 1000;

    buf_init_fixed(&words, text, sizeof(text));
    buf_printf(&words, "%.*s took back what %.*s said %" PRId64 " %s ago", BYTES_ARG(event->actor),
               BYTES_ARG(event->extra), seconds, seconds == 1 ? "second" : "seconds");
    if (event->text.len > 0)
        buf_printf(&words, ": %.*s", BYTES_ARG(event->text));
    const struct bytes said = buf_bytes(&words);
    irc_out_event(reader, event,
                  &(struct irc_out_event){.command = "NOTICE", .first = event->room, .text = &said}, out);
}

void irc_redact_put(const struct irc_reader *reader, const struct chat_event *event, struct buf *out)
{
    char text[40];
    struct buf id;

    if ((reader->caps & IRC_CAP_F_MESSAGE_REDACTION) == 0) {
        put_words(reader, event, out);
        return;
    }
    buf_init_fixed(&id, text, sizeof(text));
    irc_mark_put_redacted(event, &id);
    irc_out_event(reader, event,
                  &(struct irc_out_event){.actor = event->actor,
                                          .command = "REDACT",
                                          .first = event->room,
                                          .second = buf_bytes(&id),
                                          .text = event->text.len > 0 ? &event->text : NULL},
                  out);
}
