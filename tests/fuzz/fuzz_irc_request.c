/* Messages of clients that have a name: every one becomes requests that the hub can take, and answers within the
 * limits. */
#include "base/buf.h"
#include "base/check.h"
#include "base/utf8.h"
#include "chat/chat_event.h"
#include "fuzz/fuzz.h"
#include "proto/irc_cap.h"
#include "proto/irc_mark.h"
#include "proto/irc_request.h"

/* A mark that was understood is written so that it is understood again. */
static void check_mark(const struct chat_mark *mark)
{
    struct chat_event event = {.wall_ms = mark->wall_ms, .seq = mark->seq};
    struct chat_mark again = {.kind = CHAT_MARK_TIME};
    char text[64];
    struct buf out;

    buf_init_fixed(&out, text, sizeof(text));
    if (mark->kind == CHAT_MARK_MESSAGE) {
        irc_mark_put_id(&event, &out);
        CHECK(irc_mark_parse_id(buf_bytes(&out), &again));
        CHECK(again.seq == mark->seq && again.wall_ms == mark->wall_ms);
    } else if (mark->kind == CHAT_MARK_TIME) {
        irc_mark_put_time(mark->wall_ms, &out);
        CHECK(irc_mark_parse_time(buf_bytes(&out), &again.wall_ms));
        CHECK(again.wall_ms == mark->wall_ms);
    }
    CHECK(buf_error(&out) == 0);
}

static void check_range(const struct chat_range *range)
{
    CHECK(range->most > 0);
    CHECK(range->from.kind != CHAT_MARK_NONE || range->way == CHAT_RANGE_LATEST);
    check_mark(&range->from);
    check_mark(&range->to);
}

static void check_request(const struct chat_request *request, const struct irc_requests *requests,
                          struct bytes line)
{
    const struct command *command = request->command;
    struct bytes memory = {(const char *)requests, sizeof(*requests)};

    CHECK(command != NULL && request->word_count <= command->words_max);
    CHECK(request->word_count >= command->words_min);
    CHECK(request->room.len == 0 || (command->flags & COMMAND_F_NEEDS_ROOM) != 0);
    CHECK(fuzz_is_inside(request->room, line));
    CHECK(request->text.len == 0 || (command->flags & COMMAND_F_TEXT) != 0);
    CHECK(fuzz_is_inside(request->text, line) || fuzz_is_inside(request->text, memory) ||
          bytes_eq(request->text, BYTES("-")) || bytes_eq(request->text, BYTES("*")) ||
          request->range != NULL);
    if (request->range != NULL)
        check_range(request->range);
    for (size_t i = 0; i < request->word_count; i++)
        CHECK(request->words[i].len > 0 && request->words[i].len <= IRC_BODY_BYTES_MAX);
}

/* What is passed on to other clients has to be a message there. */
static void check_tags(struct bytes tags, struct bytes line)
{
    struct irc_message message;
    struct buf out;
    struct irc_line written = {.out = &out};

    CHECK(tags.len <= CHAT_TAGS_BYTES_MAX && fuzz_is_inside(tags, line) && utf8_is_valid(tags));
    buf_init(&out, 8192);
    irc_line_client_tags(&written, tags);
    irc_line_start(&written, BYTES("a!u@h"), "TAGMSG");
    irc_line_word(&written, BYTES("#a"));
    irc_line_end(&written);
    CHECK(buf_error(&out) == 0);
    CHECK(irc_message_parse(bytes_slice(buf_bytes(&out), 0, out.len - 2), &message) == 0);
    CHECK(message.tags.len <= tags.len);
    buf_done(&out);
}

static void check_answers(struct bytes out)
{
    while (out.len > 0) {
        struct irc_message message;
        struct bytes line = bytes_cut(&out, '\n');
        CHECK(line.len > 0 && line.ptr[line.len - 1] == '\r');
        line.len--;
        CHECK(irc_message_parse(line, &message) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct irc_reader reader = {
        .server = BYTES("chat.example.org"), .you = BYTES("alice"), .caps = IRC_CAP_F_ALL};
    struct bytes line = fuzz_bytes(data, size);
    struct irc_message message;
    static struct irc_requests requests;
    struct buf out;

    if (irc_message_parse(line, &message) != 0)
        return 0;
    buf_init(&out, 65536);
    irc_request(&reader, &message, &requests, &out);
    CHECK(buf_error(&out) == 0);
    check_answers(buf_bytes(&out));
    for (size_t i = 0; i < requests.count; i++) {
        check_request(&requests.items[i], &requests, line);
        if (requests.items[i].tags.len > 0)
            check_tags(requests.items[i].tags, line);
    }
    CHECK(!bytes_eq_nocase(message.command, BYTES("NOTICE")) || out.len == 0);
    buf_done(&out);
    return 0;
}
