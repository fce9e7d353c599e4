/* Everything a client that has its name sends, line by line: batches of lines, labels, marks, capabilities. Requests can
 * be taken by the hub, answers keep the limits, and what has a label has it once. */
#include "base/buf.h"
#include "base/check.h"
#include "chat/text.h"
#include "fuzz/fuzz.h"
#include "proto/irc_dialect.h"
#include "proto/irc_label.h"
#include "proto/irc_read.h"

static void check_request(const struct chat_request *request)
{
    CHECK(request->command != NULL && request->word_count <= request->command->words_max);
    CHECK(request->text.len <= TEXT_BYTES_MAX);
    CHECK(text_count_lines(request->text) <= TEXT_LINES_MAX);
}

/* Returns how many messages there are, and how many of them have this tag. */
static size_t count_messages(struct bytes out, const char *tag, size_t *ret_tagged)
{
    size_t count = 0;

    *ret_tagged = 0;
    for (; out.len > 0; count++) {
        struct irc_message message;
        struct bytes value, line = bytes_cut(&out, '\n');
        CHECK(line.len > 0 && line.ptr[line.len - 1] == '\r');
        line.len--;
        CHECK(irc_message_parse(line, &message) == 0);
        *ret_tagged += irc_tag_find(message.tags, bytes_of(tag), &value);
    }
    return count;
}

static void check_label(const struct irc_reader *reader, struct bytes label, struct bytes answers)
{
    size_t before, after, tagged;
    struct buf out;

    CHECK(label.len <= IRC_LABEL_BYTES_MAX);
    buf_init(&out, 1u << 20);
    irc_label_put(reader, label, 0xfffff, answers, &out);
    CHECK(buf_error(&out) == 0);
    before = count_messages(answers, "label", &tagged);
    after = count_messages(buf_bytes(&out), "label", &tagged);
    CHECK(tagged == 1);
    CHECK(before == 0 ? after == 1 : after == before || after == before + 2);
    buf_done(&out);
}

static void take_line(struct irc_dialect_client *client, struct wire_irc *wire, struct bytes line,
                      struct irc_requests *requests)
{
    const struct irc_reader reader = {.server = BYTES("chat.example.org"), .you = BYTES("alice")};
    size_t tagged;
    struct buf out;

    buf_init(&out, 65536);
    CHECK(irc_dialect_read(&reader, client, wire, line, requests, &out) == 0);
    CHECK(buf_error(&out) == 0);
    (void)count_messages(buf_bytes(&out), "label", &tagged);
    for (size_t i = 0; i < requests->count; i++)
        check_request(&requests->items[i]);
    if (requests->label.len > 0)
        check_label(&reader, requests->label, buf_bytes(&out));
    CHECK(client->batch == NULL || client->batch->text.len <= TEXT_BYTES_MAX);
    CHECK(wire->marks == NULL || wire->marks->count <= IRC_READ_MARKS_MAX);
    buf_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wire_irc wire = {.dialect = NULL};
    struct irc_dialect_client client = {
        .cap = {.offered = IRC_CAP_F_ALL, .enabled = IRC_CAP_F_ALL, .version = 302, .is_registered = true}};
    struct bytes rest = fuzz_bytes(data, size);
    static struct irc_requests requests;

    while (rest.len > 0)
        take_line(&client, &wire, bytes_cut(&rest, '\n'), &requests);
    irc_multiline_free(client.batch);
    irc_read_free(wire.marks);
    return 0;
}
