/* See irc_label.h. */
#include "proto/irc_label.h"

#include <inttypes.h>

#include "base/utf8.h"
#include "proto/irc_cap.h"

bool irc_label_find(const struct irc_reader *reader, const struct irc_message *message,
                    struct bytes *ret_label)
{
    const uint32_t needed = IRC_CAP_F_BATCH | IRC_CAP_F_LABELED_RESPONSE;
    struct bytes label;

    if ((reader->caps & needed) != needed || !irc_tag_find(message->tags, BYTES("label"), &label) ||
        label.len == 0 || label.len > IRC_LABEL_BYTES_MAX || !utf8_is_valid(label))
        return false;
    *ret_label = label;
    return true;
}

/* A message with its end. */
static struct bytes next_line(struct bytes *rest)
{
    size_t end = bytes_find(*rest, '\n');
    struct bytes line = bytes_slice(*rest, 0, end + 1);

    *rest = bytes_slice(*rest, end + 1, rest->len);
    return line;
}

/* The reference with its sign when the line begins or ends a batch that is in no other one. */
static bool find_reference(struct bytes line, struct bytes *ret_reference)
{
    struct irc_message message;
    struct bytes outer;

    while (line.len > 0 && (line.ptr[line.len - 1] == '\n' || line.ptr[line.len - 1] == '\r'))
        line.len--;
    if (irc_message_parse(line, &message) != 0 || !bytes_eq(message.command, BYTES("BATCH")) ||
        irc_tag_find(message.tags, BYTES("batch"), &outer) || irc_message_param(&message, 0).len < 2)
        return false;
    *ret_reference = message.params[0];
    return true;
}

static bool is_end_of(struct bytes end, struct bytes start)
{
    return start.ptr[0] == '+' && end.ptr[0] == '-' &&
           bytes_eq(bytes_slice(start, 1, start.len), bytes_slice(end, 1, end.len));
}

/* Whether the answers are a batch by themselves. */
static bool is_batch(struct bytes answers)
{
    struct bytes rest = answers, start, reference;

    if (!find_reference(next_line(&rest), &start))
        return false;
    while (rest.len > 0) {
        if (find_reference(next_line(&rest), &reference) && is_end_of(reference, start))
            return rest.len == 0;
    }
    return false;
}

/* The line with one more tag. */
static void put_tagged(const char *key, struct bytes value, struct bytes line, struct buf *out)
{
    bool has_tags = bytes_starts_with(line, BYTES("@"));

    buf_put_char(out, '@');
    buf_put_text(out, key);
    buf_put_char(out, '=');
    buf_put(out, value);
    buf_put_char(out, has_tags ? ';' : ' ');
    buf_put(out, bytes_slice(line, has_tags ? 1 : 0, line.len));
}

static bool is_in_batch(struct bytes line)
{
    struct bytes tags, value;

    if (!bytes_starts_with(line, BYTES("@")))
        return false;
    tags = bytes_slice(line, 1, bytes_find(line, ' '));
    return irc_tag_find(tags, BYTES("batch"), &value);
}

/* In front of a line that has no other tags. */
static void put_label(struct bytes label, struct buf *out)
{
    buf_put_text(out, "@label=");
    buf_put(out, label);
    buf_put_char(out, ' ');
}

static void put_batch(const struct irc_reader *reader, struct bytes label, uint64_t number,
                      struct bytes answers, struct buf *out)
{
    char text[24];
    struct buf reference;
    struct irc_line first = {.out = out}, last = {.out = out};

    buf_init_fixed(&reference, text, sizeof(text));
    buf_printf(&reference, "+%" PRIx64, number);
    put_label(label, out);
    irc_line_start(&first, reader->server, "BATCH");
    irc_line_word(&first, buf_bytes(&reference));
    irc_line_word(&first, BYTES("labeled-response"));
    irc_line_end(&first);
    while (answers.len > 0) {
        struct bytes line = next_line(&answers), inner;
        bool is_inner_end = find_reference(line, &inner) && inner.ptr[0] == '-';
        if (is_inner_end || is_in_batch(line))
            buf_put(out, line);
        else
            put_tagged("batch", (struct bytes){text + 1, reference.len - 1}, line, out);
    }
    text[0] = '-';
    irc_line_start(&last, reader->server, "BATCH");
    irc_line_word(&last, buf_bytes(&reference));
    irc_line_end(&last);
}

void irc_label_put(const struct irc_reader *reader, struct bytes label, uint64_t number, struct bytes answers,
                   struct buf *out)
{
    struct irc_line ack = {.out = out};
    struct bytes rest = answers;

    if (answers.len == 0) {
        put_label(label, out);
        irc_line_start(&ack, reader->server, "ACK");
        irc_line_end(&ack);
        return;
    }
    (void)next_line(&rest);
    if (rest.len == 0 || is_batch(answers))
        put_tagged("label", label, answers, out);
    else
        put_batch(reader, label, number, answers, out);
}
