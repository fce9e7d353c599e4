/* Messages of IRC: what is read is in its limits and in the line; written and read again it is the same. The
 * rule for a connection's first line (proto/detect.h) must agree with the parser. */
#include <errno.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/utf8.h"
#include "fuzz/fuzz.h"
#include "proto/detect.h"
#include "proto/irc_message.h"

static void check_limits(const struct irc_message *message, struct bytes line)
{
    size_t bytes = message->source.len + message->command.len;

    CHECK(message->command.len > 0 && message->param_count <= IRC_PARAMS_MAX);
    CHECK(message->tags.len <= IRC_TAG_DATA_BYTES_MAX);
    CHECK(fuzz_is_inside(message->tags, line) && fuzz_is_inside(message->source, line));
    CHECK(fuzz_is_inside(message->command, line));
    for (size_t i = 0; i < message->param_count; i++) {
        struct bytes param = message->params[i];
        bytes += param.len;
        CHECK(fuzz_is_inside(param, line));
        CHECK(i + 1 == message->param_count || (param.len > 0 && bytes_find(param, ' ') == param.len));
    }
    CHECK(bytes <= IRC_BODY_BYTES_MAX);
}

static void put_tags(struct irc_line *line, struct bytes tags)
{
    struct irc_tag tag;
    struct buf value;

    buf_init(&value, IRC_TAG_DATA_BYTES_MAX);
    while (irc_tag_next(&tags, &tag)) {
        char key[IRC_TAG_DATA_BYTES_MAX + 1];
        CHECK(bytes_copy(tag.key, key, sizeof(key)));
        buf_reset(&value);
        irc_tag_unescape(tag.value, &value);
        CHECK(buf_error(&value) == 0);
        irc_line_tag(line, key, buf_bytes(&value));
    }
    buf_done(&value);
}

static void check_tags(struct bytes a, struct bytes b)
{
    struct irc_tag left, right;
    struct buf both[2];

    buf_init(&both[0], IRC_TAG_DATA_BYTES_MAX);
    buf_init(&both[1], IRC_TAG_DATA_BYTES_MAX);
    while (irc_tag_next(&a, &left)) {
        CHECK(irc_tag_next(&b, &right) && bytes_eq(left.key, right.key));
        buf_reset(&both[0]);
        buf_reset(&both[1]);
        irc_tag_unescape(left.value, &both[0]);
        irc_tag_unescape(right.value, &both[1]);
        CHECK(bytes_eq(buf_bytes(&both[0]), buf_bytes(&both[1])));
    }
    CHECK(!irc_tag_next(&b, &right));
    buf_done(&both[0]);
    buf_done(&both[1]);
}

/* Writes the message again. */
static void put_message(const struct irc_message *message, struct buf *out)
{
    struct irc_line line = {.out = out};
    char command[IRC_BODY_BYTES_MAX + 1];

    CHECK(bytes_copy(message->command, command, sizeof(command)));
    put_tags(&line, message->tags);
    irc_line_start(&line, message->source, command);
    for (size_t i = 0; i < message->param_count; i++) {
        if (i + 1 < message->param_count)
            irc_line_word(&line, message->params[i]);
        else
            irc_line_last(&line, message->params[i]);
    }
    irc_line_end(&line);
    CHECK(buf_error(out) == 0);
}

/* The last parameter may have got a ':', for which it lost a byte or a character. */
static void check_again(const struct irc_message *message)
{
    struct irc_message again;
    struct buf out;

    buf_init(&out, IRC_CLIENT_LINE_BYTES_MAX + 2);
    put_message(message, &out);
    struct bytes line = buf_bytes(&out);
    CHECK(irc_message_parse(bytes_slice(line, 0, line.len - 2), &again) == 0);
    check_tags(message->tags, again.tags);
    CHECK(bytes_eq(message->source, again.source) && bytes_eq(message->command, again.command));
    CHECK(again.param_count <= message->param_count);
    for (size_t i = 0; i < again.param_count; i++) {
        bool is_last = i + 1 == message->param_count;
        CHECK(is_last ? bytes_starts_with(message->params[i], again.params[i]) &&
                            message->params[i].len - again.params[i].len < UTF8_MAX_BYTES
                      : bytes_eq(message->params[i], again.params[i]));
    }
    buf_done(&out);
}

static void check_first_line(struct bytes line, const struct irc_message *message)
{
    static const char *const verbs[] = {"CAP", "NICK", "PASS", "USER", "WEBIRC", "AUTHENTICATE", "PING"};
    bool is_first = false;

    for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
        is_first = is_first || bytes_eq_nocase(message->command, bytes_of(verbs[i]));
    is_first = is_first && message->param_count > 0 && line.ptr[0] != ' ';
    CHECK(detect_is_irc(line, false) == is_first);
    CHECK(!detect_is_irc(line, true) || is_first);
}

static void check_split(struct bytes text)
{
    size_t max_bytes = UTF8_MAX_BYTES + text.len % 60;
    struct bytes rest = text, piece;
    size_t bytes = 0;

    for (size_t before = rest.len; irc_split(&rest, max_bytes, &piece); before = rest.len) {
        CHECK(fuzz_is_inside(piece, text) && piece.len <= max_bytes && bytes_find(piece, '\n') == piece.len);
        CHECK(rest.len < before && before - rest.len - piece.len <= 1);
        CHECK(!utf8_is_valid(text) || utf8_is_valid(piece));
        bytes += piece.len;
    }
    CHECK(bytes <= text.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes line = fuzz_bytes(data, size);
    struct irc_message message;
    int err = irc_message_parse(line, &message);

    if (err == 0) {
        check_limits(&message, line);
        check_again(&message);
        check_first_line(line, &message);
    } else {
        CHECK(err == -ENODATA || err == -E2BIG || err == -EMSGSIZE || err == -EBADMSG);
    }
    check_split(line);
    return 0;
}
