/* See irc_say.h. */
#include "proto/irc_say.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/utf8.h"
#include "proto/irc_cap.h"
#include "proto/irc_mark.h"
#include "proto/irc_message.h"
#include "proto/irc_out.h"

#define ACTION_START "\001ACTION "
#define ACTION_END "\001"

static const struct bytes nothing = {NULL, 0};

static void tag_id(struct irc_line *line, const struct chat_event *event)
{
    char text[40];
    struct buf id;

    buf_init_fixed(&id, text, sizeof(text));
    irc_mark_put_id(event, &id);
    irc_line_tag(line, "msgid", buf_bytes(&id));
}

/* What else there is to know of something said. What is said to a role is an event of its own for each who has it, so it
 * has no id. */
static void tag_message(struct irc_line *line, const struct irc_say *say, bool is_first)
{
    const struct chat_event *event = say->event;

    if ((say->reader->caps & IRC_CAP_F_MESSAGE_TAGS) == 0)
        return;
    if (is_first && event->kind != CHAT_EV_ROLE_SAID)
        tag_id(line, event);
    if (is_first)
        irc_line_client_tags(line, chat_event_tags(event));
}

/* One piece of a text; false when it was the last one. Only the first one has the id. */
static bool say_piece(const struct irc_say *say, bool is_first, struct bytes *rest)
{
    const struct chat_event *event = say->event;
    bool is_action = event->kind == CHAT_EV_ACTION;
    size_t before = say->out->len;
    struct irc_line line = {.out = say->out};
    struct bytes piece;

    if (say->batch.len > 0)
        irc_line_tag(&line, "batch", say->batch);
    tag_message(&line, say, is_first);
    irc_out_start(&line, say->reader, event, event->actor, event->is_notice ? "NOTICE" : "PRIVMSG");
    irc_line_word(&line, say->target);
    size_t around = say->stamp.len + (is_action ? sizeof(ACTION_START ACTION_END) - 1 : 0);
    bool is_there = irc_split(rest, irc_line_left(&line) - around, &piece);
    if (!is_there || piece.len == 0) {
        buf_truncate(say->out, before); /* an empty message is none */
        return is_there;
    }
    char text[IRC_BODY_BYTES_MAX];
    struct buf last;
    buf_init_fixed(&last, text, sizeof(text));
    buf_put_text(&last, is_action ? ACTION_START : "");
    buf_put(&last, say->stamp);
    buf_put(&last, piece);
    buf_put_text(&last, is_action ? ACTION_END : "");
    irc_line_last(&line, buf_bytes(&last));
    irc_line_end(&line);
    return true;
}

/* ---- as a batch ---- */

/* How many bytes one message can have. */
static size_t space_of(const struct irc_say *say)
{
    size_t before = say->out->len;
    struct irc_line line = {.out = say->out};

    irc_out_start(&line, say->reader, say->event, say->event->actor, "PRIVMSG");
    irc_line_word(&line, say->target);
    size_t space = irc_line_left(&line);
    buf_truncate(say->out, before);
    return space;
}

/* What does not fit in one message is yet one to who knows batches of them. */
static bool is_multiline(const struct irc_say *say)
{
    const uint32_t needed = IRC_CAP_F_BATCH | IRC_CAP_F_MULTILINE;
    struct bytes text = say->event->text;

    return (say->reader->caps & needed) == needed && say->event->kind != CHAT_EV_ACTION &&
           (bytes_find(text, '\n') < text.len || text.len > space_of(say));
}

static void begin_batch(const struct irc_say *say, const struct irc_out_batch *batch)
{
    char reference[sizeof(batch->reference) + 1];
    struct irc_line line = {.out = say->out};

    snprintf(reference, sizeof(reference), "+%s", batch->reference);
    if (say->batch.len > 0)
        irc_line_tag(&line, "batch", say->batch);
    tag_message(&line, say, true);
    irc_out_start(&line, say->reader, say->event, say->event->actor, "BATCH");
    irc_line_word(&line, bytes_of(reference));
    irc_line_word(&line, BYTES("draft/multiline"));
    irc_line_word(&line, say->target);
    irc_line_end(&line);
}

/* Up to the last space in its second half, with it: what is cut apart is put together without anything between. */
static struct bytes cut_piece(struct bytes *rest, size_t max_bytes)
{
    struct bytes piece = utf8_prefix(*rest, max_bytes);

    for (size_t end = piece.len; piece.len < rest->len && end > piece.len / 2; end--) {
        if (piece.ptr[end - 1] != ' ')
            continue;
        piece.len = end;
        break;
    }
    *rest = bytes_slice(*rest, piece.len, rest->len);
    return piece;
}

static void put_line(const struct irc_say *say, struct bytes batch, struct bytes text)
{
    bool is_more = false;

    do {
        struct irc_line line = {.out = say->out};
        irc_line_tag(&line, "batch", batch);
        if (is_more)
            irc_line_tag(&line, "draft/multiline-concat", nothing);
        irc_out_start(&line, say->reader, say->event, say->event->actor,
                      say->event->is_notice ? "NOTICE" : "PRIVMSG");
        irc_line_word(&line, say->target);
        irc_line_last(&line, cut_piece(&text, irc_line_left(&line)));
        irc_line_end(&line);
        is_more = true;
    } while (text.len > 0);
}

static void say_lines(const struct irc_say *say)
{
    struct irc_out_batch batch;
    struct bytes rest = say->event->text;

    snprintf(batch.reference, sizeof(batch.reference), "%" PRIx64, say->event->seq);
    begin_batch(say, &batch);
    while (rest.len > 0)
        put_line(say, bytes_of(batch.reference), bytes_cut(&rest, '\n'));
    irc_out_batch_end(&batch, say->reader, say->out);
}

void irc_say(const struct irc_say *say)
{
    struct bytes rest = say->event->text;

    if (is_multiline(say)) {
        say_lines(say);
        return;
    }
    for (bool is_first = true; say_piece(say, is_first, &rest); is_first = false)
        continue;
}
