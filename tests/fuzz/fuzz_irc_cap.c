/* Messages of who comes in, in any order; CAP: what is in force was offered, a refused request changes nothing, and all answers
 * are messages within their limits. */
#include "base/buf.h"
#include "base/check.h"
#include "base/utf8.h"
#include "fuzz/fuzz.h"
#include "proto/irc_cap.h"
#include "proto/irc_register.h"

static bool is_answer(struct bytes line, const char *subcommand)
{
    struct irc_message message;

    CHECK(irc_message_parse(line, &message) == 0);
    return bytes_eq(irc_message_param(&message, 1), bytes_of(subcommand));
}

/* Whether all of it is messages. The first line without its end is in *ret_first. */
static void check_lines(struct bytes out, struct bytes *ret_first)
{
    *ret_first = (struct bytes){NULL, 0};
    while (out.len > 0) {
        struct irc_message message;
        struct bytes line = bytes_cut(&out, '\n');
        CHECK(line.len > 0 && line.ptr[line.len - 1] == '\r');
        line.len--;
        CHECK(irc_message_parse(line, &message) == 0);
        if (ret_first->len == 0)
            *ret_first = line;
    }
}

/* Whatever the command is, it is taken as CAP. */
static void check_message(struct irc_cap *cap, const struct irc_message *message)
{
    const struct irc_reader reader = {.server = BYTES("chat.example.org"), .you = BYTES("alice")};
    struct irc_cap before = *cap;
    struct bytes first;
    struct buf out;

    buf_init(&out, 8192);
    irc_cap_apply(cap, message, &reader, &out);
    CHECK(buf_error(&out) == 0);
    check_lines(buf_bytes(&out), &first);
    CHECK(utf8_is_valid(buf_bytes(&out)));
    CHECK((cap->enabled & ~cap->offered) == 0 && cap->version >= before.version);
    CHECK(cap->version < 302 || (cap->enabled & IRC_CAP_F_CAP_NOTIFY) != 0);
    if (first.len > 0 && is_answer(first, "NAK"))
        CHECK(cap->enabled == before.enabled);
    if (first.len == 0)
        CHECK(!cap->is_negotiating && cap->enabled == before.enabled);
    buf_done(&out);
}

static void check_register(struct irc_register *client, const struct irc_message *message)
{
    struct bytes first;
    struct buf out;

    buf_init(&out, 8192);
    enum irc_register_result result = irc_register_apply(client, message, BYTES("chat.example.org"), &out);
    CHECK(buf_error(&out) == 0);
    check_lines(buf_bytes(&out), &first);
    CHECK(client->name[0] == '\0' || name_is_user(bytes_of(client->name)));
    if (result == IRC_REGISTER_NAME) {
        CHECK(client->name[0] != '\0' && client->has_user && !client->cap.is_negotiating);
        irc_register_taken(client, BYTES("chat.example.org"), &out);
        CHECK(client->name[0] == '\0');
    }
    buf_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct irc_cap cap = {.offered = IRC_CAP_F_ALL};
    struct irc_register client = {.cap = cap};
    struct bytes rest = fuzz_bytes(data, size);

    while (rest.len > 0) {
        struct irc_message message;
        struct bytes line = bytes_cut(&rest, '\n');
        if (irc_message_parse(line, &message) == 0) {
            check_register(&client, &message);
            check_message(&cap, &message);
        }
        cap.is_registered = cap.is_registered || line.len % 16 == 15;
    }
    return 0;
}
