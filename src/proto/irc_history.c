/* See irc_history.h. */
#include "proto/irc_history.h"

#include <errno.h>

#include "base/attr.h"
#include "chat/chat_range.h"
#include "chat/room.h"
#include "chat/user.h"
#include "proto/irc_cap.h"
#include "proto/irc_mark.h"
#include "proto/irc_out.h"
#include "proto/irc_say.h"

static const struct bytes nothing = {NULL, 0};

/* ---- what is asked for ---- */

/* "CHATHISTORY name target mark … limit"; TARGETS has no target. */
struct subcommand {
    const char *name;
    enum chat_range_way way;
    size_t marks;
};

static const struct subcommand subcommands[] = {
    {"AFTER", CHAT_RANGE_AFTER, 1},     {"AROUND", CHAT_RANGE_AROUND, 1}, {"BEFORE", CHAT_RANGE_BEFORE, 1},
    {"BETWEEN", CHAT_RANGE_BETWEEN, 2}, {"LATEST", CHAT_RANGE_LATEST, 1}, {"TARGETS", CHAT_RANGE_ROOMS, 2},
};

struct history_parse {
    const struct irc_reader *reader;
    const struct subcommand *subcommand;
    struct bytes target;
    struct buf *out;
};

static void fail(const struct history_parse *parse, const char *code, struct bytes about, const char *text)
{
    irc_out_fail(parse->reader,
                 &(struct irc_out_fail){.command = "CHATHISTORY",
                                        .code = code,
                                        .first = bytes_of(parse->subcommand->name),
                                        .second = about,
                                        .text = text},
                 parse->out);
}

/* Whether it is none at all ('*') is asked before. */
static bool parse_mark(const struct history_parse *parse, struct bytes word, struct chat_mark *ret_mark)
{
    enum irc_mark_result result = irc_mark_parse(word, ret_mark);

    if (parse->subcommand->way == CHAT_RANGE_ROOMS && bytes_starts_with(word, BYTES("msgid=")))
        result = IRC_MARK_BAD_TYPE;
    switch (result) {
    case IRC_MARK_OK:
        return true;
    case IRC_MARK_BAD_TYPE:
        fail(parse, "INVALID_MSGREFTYPE", word, "Give timestamp=TIME, or of a room also msgid=ID");
        return false;
    case IRC_MARK_BAD_VALUE:
        fail(parse, "INVALID_PARAMS", word, "Times are like timestamp=2026-11-21T14:05:03.120Z");
        return false;
    case IRC_MARK_NO_MESSAGE:
        fail(parse, "MESSAGE_ERROR", parse->target, "There is no message with that id");
        return false;
    }
    return false;
}

static bool parse_marks(const struct history_parse *parse, const struct bytes *words,
                        struct chat_range *range)
{
    bool is_open = parse->subcommand->way == CHAT_RANGE_LATEST && bytes_eq(words[0], BYTES("*"));

    if (!is_open && !parse_mark(parse, words[0], &range->from))
        return false;
    return parse->subcommand->marks < 2 || parse_mark(parse, words[1], &range->to);
}

static const struct subcommand *find_subcommand(struct bytes name)
{
    for (size_t i = 0; i < ARRAY_LEN(subcommands); i++) {
        if (bytes_eq_nocase(name, bytes_of(subcommands[i].name)))
            return &subcommands[i];
    }
    return NULL;
}

static void refuse_subcommand(const struct irc_reader *reader, struct bytes name, struct buf *out)
{
    irc_out_fail(
        reader,
        &(struct irc_out_fail){.command = "CHATHISTORY",
                               .code = name.len > 0 ? "UNKNOWN_COMMAND" : "INVALID_PARAMS",
                               .first = name,
                               .text = "There are AFTER, AROUND, BEFORE, BETWEEN, LATEST and TARGETS"},
        out);
}

static bool parse_limit(const struct history_parse *parse, struct bytes word, uint32_t *ret_most)
{
    uint64_t most = 0;
    int r = bytes_parse_u64(word, UINT32_MAX, &most);

    if (r == -ERANGE)
        most = UINT32_MAX;
    if (most == 0) {
        fail(parse, "INVALID_PARAMS", word, "The limit is a number from 1 on");
        return false;
    }
    *ret_most = (uint32_t)most;
    return true;
}

void irc_history_apply(const struct irc_reader *reader, const struct irc_message *message,
                       struct irc_requests *requests, struct buf *out)
{
    struct history_parse parse = {.reader = reader, .out = out};
    struct chat_range *range = &requests->range;

    parse.subcommand = find_subcommand(irc_message_param(message, 0));
    if (parse.subcommand == NULL) {
        refuse_subcommand(reader, irc_message_param(message, 0), out);
        return;
    }
    bool has_target = parse.subcommand->way != CHAT_RANGE_ROOMS;
    size_t marks_at = has_target ? 2 : 1, limit_at = marks_at + parse.subcommand->marks;
    if (message->param_count != limit_at + 1) {
        fail(&parse, "INVALID_PARAMS", nothing, "Too few or too many parameters");
        return;
    }
    parse.target = has_target ? message->params[1] : nothing;
    if (has_target && !bytes_starts_with(parse.target, BYTES("#"))) {
        fail(&parse, "INVALID_TARGET", parse.target, "Only what is said in rooms is kept");
        return;
    }
    *range = (struct chat_range){.way = parse.subcommand->way};
    if (!parse_marks(&parse, &message->params[marks_at], range) ||
        !parse_limit(&parse, message->params[limit_at], &range->most))
        return;
    irc_request_add_word(requests, "range", nothing, parse.target);
    requests->items[0].range = range;
    requests->items[0].text = bytes_of(parse.subcommand->name);
}

/* ---- what is answered ---- */

/* "[14:05 UTC] ", with the date when that is not today's. */
static struct bytes stamp_text(int64_t said_ms, int64_t now_ms, struct buf *out)
{
    char said_text[40], now_text[40];
    struct buf said, now;

    buf_init_fixed(&said, said_text, sizeof(said_text));
    buf_init_fixed(&now, now_text, sizeof(now_text));
    irc_mark_put_time(said_ms, &said);
    irc_mark_put_time(now_ms, &now);
    struct bytes time = buf_bytes(&said), date = bytes_cut(&time, 'T');
    bool is_today = bytes_starts_with(buf_bytes(&now), date);

    buf_reset(out);
    buf_printf(out, "[%.*s%s%.*s UTC] ", BYTES_ARG(is_today ? nothing : date), is_today ? "" : " ",
               BYTES_ARG(bytes_slice(time, 0, 5)));
    return buf_bytes(out);
}

/* Some clients take the tag with the time and yet show when the message came: irssi 1.4, unless it is told otherwise. A
 * client that asks for batches or for tags of messages makes use of what is in the tag. */
static bool needs_stamp(const struct irc_reader *reader)
{
    return (reader->caps & (IRC_CAP_F_BATCH | IRC_CAP_F_MESSAGE_TAGS)) == 0;
}

/* `answer`: that they are a part of. */
static void put_messages(const struct irc_reader *reader, const struct chat_event *answer,
                         const struct chat_view *view, struct bytes batch, struct buf *out)
{
    char text[48];
    struct buf stamp;

    buf_init_fixed(&stamp, text, sizeof(text));
    for (size_t i = 0; i < view->history_count; i++) {
        const struct chat_event *event = view->history[i];
        /* The room may have had another name then, which means nothing to the client, or a room of others. */
        struct irc_say say = {reader, event, answer->room, batch, out, nothing};
        if (needs_stamp(reader))
            say.stamp = stamp_text(event->wall_ms, answer->wall_ms, &stamp);
        irc_say(&say);
    }
}

static void put_batch(const struct irc_reader *reader, const struct chat_event *event,
                      const struct chat_view *view, struct buf *out)
{
    struct irc_out_batch batch;

    irc_out_batch_start(&batch, reader, event, "chathistory", event->room, out);
    put_messages(reader, event, view, bytes_of(batch.reference), out);
    irc_out_batch_end(&batch, reader, out);
}

/* What the room is called in which it was said; it is one of the user's. */
static struct bytes name_now(const struct chat_event *said, const struct user *user)
{
    if (user == NULL)
        return said->room;
    LIST_FOREACH(membership, &user->memberships, struct membership, user_link) {
        if (membership->room->id == said->room_id)
            return room_name(membership->room);
    }
    return said->room;
}

/* "CHATHISTORY TARGETS #room time": when something was said there last. */
static void put_target(const struct irc_reader *reader, const struct chat_event *said,
                       const struct user *user, struct bytes batch, struct buf *out)
{
    struct irc_line line = {.out = out};
    char text[40];
    struct buf stamp;

    buf_init_fixed(&stamp, text, sizeof(text));
    irc_mark_put_time(said->wall_ms, &stamp);
    if (batch.len > 0)
        irc_line_tag(&line, "batch", batch);
    irc_line_start(&line, reader->server, "CHATHISTORY");
    irc_line_word(&line, BYTES("TARGETS"));
    irc_line_word(&line, name_now(said, user));
    irc_line_word(&line, buf_bytes(&stamp));
    irc_line_end(&line);
}

static void put_targets(const struct irc_reader *reader, const struct chat_event *event,
                        const struct chat_view *view, struct buf *out)
{
    bool has_batch = (reader->caps & IRC_CAP_F_BATCH) != 0;
    struct irc_out_batch batch = {""};

    if (has_batch)
        irc_out_batch_start(&batch, reader, event, "draft/chathistory-targets", nothing, out);
    for (size_t i = 0; i < view->history_count; i++)
        put_target(reader, view->history[i], view->reader, bytes_of(batch.reference), out);
    if (has_batch)
        irc_out_batch_end(&batch, reader, out);
}

void irc_history_put(const struct irc_reader *reader, const struct chat_event *event,
                     const struct chat_view *view, struct buf *out)
{
    const struct chat_range *range = chat_event_range(event);

    if (range != NULL && range->way == CHAT_RANGE_ROOMS)
        put_targets(reader, event, view, out);
    else if ((reader->caps & IRC_CAP_F_BATCH) != 0)
        put_batch(reader, event, view, out);
    else
        put_messages(reader, event, view, nothing, out);
}

void irc_history_put_entered(const struct irc_reader *reader, const struct chat_event *event,
                             const struct chat_view *view, struct buf *out)
{
    const uint32_t of_time = reader->caps & (IRC_CAP_F_SERVER_TIME | IRC_CAP_F_CHATHISTORY);

    if (view->history_count > 0 && of_time == IRC_CAP_F_SERVER_TIME)
        irc_history_put(reader, event, view, out);
}
