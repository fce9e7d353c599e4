/* Both ways of a message. The parser is strict about what could be taken for something else further on (NUL,
 * CR), and takes what clients really send: spaces in front, several between words. */
#include "proto/irc_message.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/check.h"
#include "base/utf8.h"

/* ---- reading ---- */

static struct bytes skip_spaces(struct bytes text)
{
    size_t i = 0;

    while (i < text.len && text.ptr[i] == ' ')
        i++;
    return bytes_slice(text, i, text.len);
}

/* What stands up to the next space; `rest` is then at the word behind. */
static struct bytes cut_word(struct bytes *rest)
{
    struct bytes word = bytes_cut(rest, ' ');

    *rest = skip_spaces(*rest);
    return word;
}

static bool is_command(struct bytes word)
{
    size_t letters = 0, digits = 0;

    for (size_t i = 0; i < word.len; i++) {
        letters += ascii_is_letter(word.ptr[i]);
        digits += ascii_is_digit(word.ptr[i]);
    }
    return word.len > 0 && (letters == word.len || (word.len == 3 && digits == 3));
}

static bool has_forbidden(struct bytes line)
{
    return memchr(line.ptr, '\0', line.len) != NULL || memchr(line.ptr, '\r', line.len) != NULL ||
           memchr(line.ptr, '\n', line.len) != NULL;
}

/* The last of fifteen needs no ':' (RFC 2812, 2.3.1). */
static void parse_params(struct bytes rest, struct irc_message *message)
{
    while (rest.len > 0) {
        bool has_colon = rest.ptr[0] == ':';
        bool is_last = has_colon || message->param_count == IRC_PARAMS_MAX - 1;
        struct bytes param = is_last ? bytes_slice(rest, has_colon ? 1 : 0, rest.len) : cut_word(&rest);
        message->params[message->param_count++] = param;
        if (is_last)
            break;
    }
}

int irc_message_parse(struct bytes line, struct irc_message *ret_message)
{
    struct irc_message message = {.param_count = 0};
    struct bytes rest = skip_spaces(line);

    if (rest.len == 0)
        return -ENODATA;
    if (rest.ptr[0] == '@') {
        rest = bytes_slice(rest, 1, rest.len);
        message.tags = cut_word(&rest);
        if (message.tags.len > IRC_TAG_DATA_BYTES_MAX)
            return -E2BIG;
    }
    if (rest.len > IRC_BODY_BYTES_MAX)
        return -EMSGSIZE;
    if (has_forbidden(line))
        return -EBADMSG;
    if (bytes_starts_with(rest, BYTES(":"))) {
        message.source = cut_word(&rest);
        message.source = bytes_slice(message.source, 1, message.source.len);
    }
    message.command = cut_word(&rest);
    if (!is_command(message.command))
        return -EBADMSG;
    parse_params(rest, &message);
    *ret_message = message;
    return 0;
}

struct bytes irc_message_param(const struct irc_message *message, size_t index)
{
    return index < message->param_count ? message->params[index] : (struct bytes){NULL, 0};
}

/* ---- tags ---- */

bool irc_tag_next(struct bytes *rest, struct irc_tag *ret_tag)
{
    while (rest->len > 0) {
        struct irc_tag tag = {.value = bytes_cut(rest, ';')};
        tag.key = bytes_cut(&tag.value, '=');
        if (tag.key.len == 0)
            continue;
        *ret_tag = tag;
        return true;
    }
    return false;
}

bool irc_tag_find(struct bytes tags, struct bytes key, struct bytes *ret_value)
{
    struct irc_tag tag;
    bool is_found = false;

    while (irc_tag_next(&tags, &tag)) {
        if (!bytes_eq(tag.key, key))
            continue;
        *ret_value = tag.value;
        is_found = true;
    }
    return is_found;
}

static const char escapes[][2] = {{':', ';'}, {'s', ' '}, {'r', '\r'}, {'n', '\n'}, {'\\', '\\'}};

static char unescaped(char letter)
{
    for (size_t i = 0; i < ARRAY_LEN(escapes); i++) {
        if (escapes[i][0] == letter)
            return escapes[i][1];
    }
    return letter;
}

void irc_tag_unescape(struct bytes value, struct buf *out)
{
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] != '\\')
            buf_put_char(out, value.ptr[i]);
        else if (++i < value.len)
            buf_put_char(out, unescaped(value.ptr[i]));
    }
}

void irc_tag_escape(struct bytes value, struct buf *out)
{
    for (size_t i = 0; i < value.len; i++) {
        char letter = '\0';
        for (size_t k = 0; k < ARRAY_LEN(escapes); k++) {
            if (escapes[k][1] == value.ptr[i])
                letter = escapes[k][0];
        }
        if (letter != '\0')
            buf_put_char(out, '\\');
        buf_put_char(out, letter != '\0' ? letter : value.ptr[i]);
    }
}

/* ---- writing ---- */

/* Where a tag begins; it is ended with end_tag(). */
static size_t start_tag(struct irc_line *line)
{
    size_t before = line->out->len;

    if (!line->has_tags)
        line->body_at = before; /* until the body begins: where the tags do */
    buf_put_char(line->out, line->has_tags ? ';' : '@');
    return before;
}

/* One that is too many is taken back. */
static void end_tag(struct irc_line *line, size_t before)
{
    if (line->out->len - line->body_at > IRC_TAG_DATA_BYTES_MAX + 1)
        buf_truncate(line->out, before);
    else
        line->has_tags = true;
}

void irc_line_tag(struct irc_line *line, const char *key, struct bytes value)
{
    size_t before = start_tag(line);

    buf_put_text(line->out, key);
    if (value.len > 0) {
        buf_put_char(line->out, '=');
        irc_tag_escape(value, line->out);
    }
    end_tag(line, before);
}

static bool is_client_key(struct bytes key)
{
    for (size_t i = 1; i < key.len; i++) {
        char c = key.ptr[i];
        bool is_fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '/';
        if (!is_fine)
            return false;
    }
    return key.len > 1 && key.ptr[0] == '+';
}

void irc_line_client_tags(struct irc_line *line, struct bytes tags)
{
    struct irc_tag tag;

    while (irc_tag_next(&tags, &tag)) {
        if (!is_client_key(tag.key))
            continue;
        size_t before = start_tag(line);
        buf_put(line->out, tag.key);
        if (tag.value.len > 0) {
            buf_put_char(line->out, '=');
            buf_put(line->out, tag.value); /* is escaped already */
        }
        end_tag(line, before);
    }
}

void irc_line_start(struct irc_line *line, struct bytes source, const char *command)
{
    if (line->has_tags)
        buf_put_char(line->out, ' ');
    line->body_at = line->out->len;
    if (source.len > 0) {
        buf_put_char(line->out, ':');
        buf_put(line->out, source);
        buf_put_char(line->out, ' ');
    }
    buf_put_text(line->out, command);
}

static bool is_word(struct bytes text)
{
    return text.len > 0 && text.ptr[0] != ':' && bytes_find(text, ' ') == text.len && !has_forbidden(text);
}

static size_t left_behind(const struct irc_line *line, size_t separator_bytes)
{
    size_t used = line->out->len - line->body_at + separator_bytes;

    return used < IRC_BODY_BYTES_MAX ? IRC_BODY_BYTES_MAX - used : 0;
}

void irc_line_word(struct irc_line *line, struct bytes word)
{
    CHECK(is_word(word));
    struct bytes cut = utf8_prefix(word, left_behind(line, 1));

    if (cut.len == 0)
        return;
    buf_put_char(line->out, ' ');
    buf_put(line->out, cut);
}

void irc_line_number(struct irc_line *line, int64_t number)
{
    char text[24];
    int len = snprintf(text, sizeof(text), "%" PRId64, number);

    irc_line_word(line, (struct bytes){text, (size_t)len});
}

void irc_line_echo(struct irc_line *line, struct bytes text)
{
    bool is_shown = is_word(text) && utf8_is_valid(text);

    irc_line_word(line, is_shown ? utf8_prefix(text, IRC_ECHO_BYTES_MAX) : BYTES("*"));
}

size_t irc_line_left(const struct irc_line *line)
{
    return left_behind(line, 2); /* " :" */
}

void irc_line_last(struct irc_line *line, struct bytes text)
{
    struct bytes cut = utf8_prefix(text, irc_line_left(line));

    CHECK(cut.len == 0 || !has_forbidden(cut));
    if (left_behind(line, 1) == 0)
        return;
    buf_put_text(line->out, " :");
    buf_put(line->out, cut);
}

void irc_line_end(struct irc_line *line)
{
    CHECK(buf_error(line->out) != 0 || line->out->len - line->body_at <= IRC_BODY_BYTES_MAX);
    buf_put_text(line->out, "\r\n");
}

/* ---- cutting texts ---- */

/* The index of the last space from the middle on, or 0. */
static size_t last_space(struct bytes text)
{
    for (size_t i = text.len; i > text.len / 2 + 1; i--) {
        if (text.ptr[i - 1] == ' ')
            return i - 1;
    }
    return 0;
}

bool irc_split(struct bytes *rest, size_t max_bytes, struct bytes *ret_piece)
{
    CHECK(max_bytes >= UTF8_MAX_BYTES);
    if (rest->len == 0)
        return false;
    size_t end = bytes_find(*rest, '\n');
    if (end <= max_bytes) {
        *ret_piece = bytes_slice(*rest, 0, end);
        *rest = bytes_slice(*rest, end + 1, rest->len);
        return true;
    }
    /* One byte more than fits: a space there is as good. */
    size_t space = last_space(bytes_slice(*rest, 0, max_bytes + 1));
    struct bytes piece = space > 0 ? bytes_slice(*rest, 0, space) : utf8_prefix(*rest, max_bytes);
    *rest = bytes_slice(*rest, piece.len + (space > 0 ? 1 : 0), rest->len);
    *ret_piece = piece;
    return true;
}
