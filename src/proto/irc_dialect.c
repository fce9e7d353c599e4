/* See irc_dialect.h. */
#include "proto/irc_dialect.h"

#include <errno.h>
#include <string.h>

#include "base/attr.h"
#include "base/check.h"
#include "base/utf8.h"
#include "proto/irc_label.h"
#include "proto/irc_message.h"
#include "proto/irc_out.h"
#include "proto/irc_read.h"
#include "proto/irc_render.h"

_Static_assert(WIRE_F_COUNT <= 1u << WIRE_CAPS_SHIFT, "the flags are below the capabilities");
_Static_assert(IRC_CAP_F_RENDERED <= UINT32_MAX >> WIRE_CAPS_SHIFT, "all capabilities have a place");

static const struct bytes nothing = {NULL, 0};

/* ---- out ---- */

static struct irc_reader reader_of(struct wire_form form, struct bytes you)
{
    const struct irc_dialect *irc = container_of(form.dialect, const struct irc_dialect, dialect);

    return (struct irc_reader){
        .server = irc_dialect_server(irc), .you = you, .caps = form.flags >> WIRE_CAPS_SHIFT};
}

static void render(struct wire_form form, const struct chat_event *event, const struct chat_view *view,
                   struct buf *out)
{
    const struct irc_reader reader = reader_of(form, view->you);

    irc_render(&reader, event, view, out);
    if (event->kind == CHAT_EV_VERSION) {
        const struct irc_isupport isupport =
            irc_dialect_isupport(container_of(form.dialect, const struct irc_dialect, dialect));
        irc_isupport_put(&reader, &isupport, out);
    }
}

static void gap(struct wire_form form, struct bytes room, uint64_t count, struct buf *out)
{
    const struct irc_reader reader = reader_of(form, nothing);

    irc_render_gap(&reader, room, count, out);
}

static void goodbye(struct wire_form form, enum close_reason reason, struct buf *out)
{
    (void)form;
    irc_render_goodbye(reason, out);
}

void irc_dialect_init(struct irc_dialect *irc, struct bytes name)
{
    *irc = (struct irc_dialect){.dialect = {.name = "irc", .render = render, .gap = gap, .goodbye = goodbye}};
    irc_dialect_set_server(irc, name);
}

static bool is_host_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

void irc_dialect_set_server(struct irc_dialect *irc, struct bytes name)
{
    bool has_dot = bytes_find(name, '.') < name.len;
    size_t most = IRC_SERVER_BYTES_MAX - (has_dot ? 0 : sizeof(IRC_SERVER_END) - 1);
    struct buf server;

    CHECK(bytes_copy(bytes_slice(name, 0, IRC_NETWORK_BYTES_MAX), irc->network, sizeof(irc->network)));
    name = bytes_slice(name, 0, most);
    buf_init_fixed(&server, irc->server, sizeof(irc->server));
    for (size_t i = 0; i < name.len; i++)
        buf_put_char(&server, is_host_char(name.ptr[i]) ? name.ptr[i] : '-');
    buf_put_text(&server, has_dot ? "" : IRC_SERVER_END);
    irc->server[server.len] = '\0';
}

struct bytes irc_dialect_server(const struct irc_dialect *irc)
{
    return bytes_of(irc->server);
}

struct irc_isupport irc_dialect_isupport(const struct irc_dialect *irc)
{
    return (struct irc_isupport){.network = bytes_of(irc->network), .rooms_per_user = irc->rooms_per_user};
}

/* ---- in ---- */

void irc_dialect_too_long(const struct irc_reader *reader, struct buf *out)
{
    irc_numeric_put(reader, IRC_ERR_INPUTTOOLONG, nothing, nothing, out);
}

static bool has_bad_text(const struct irc_requests *requests)
{
    for (size_t i = 0; i < requests->count; i++) {
        if (!requests->items[i].is_notice && !utf8_is_valid(requests->items[i].text))
            return true;
    }
    return false;
}

/* What is no UTF-8 in a text becomes U+FFFD, which its program is told (IRCv3, "UTF8ONLY"): each time when it knows
 * standard replies, and otherwise once, for what people read is to stay readable. */
static void warn_of_bad_text(const struct irc_reader *reader, struct irc_dialect_client *client,
                             const char *command, struct buf *out)
{
    const struct irc_out_fail warning = {
        .command = command, .code = "INVALID_UTF8", .text = "Your text was no UTF-8, and was changed"};

    if ((reader->caps & IRC_CAP_F_STANDARD_REPLIES) != 0)
        irc_out_warn(reader, &warning, out);
    else if (!client->was_told_utf8)
        irc_out_notice(reader, BYTES("Your text was no UTF-8, and was changed: set your client to UTF-8"),
                       out);
    client->was_told_utf8 = true;
}

/* The batch is complete: what it says is said as if in one message. */
static void say_batch(const struct irc_reader *reader, const struct irc_multiline *batch,
                      struct irc_requests *requests, struct buf *out)
{
    const struct irc_message message = {.tags = bytes_of(batch->tags),
                                        .command = batch->is_notice ? BYTES("NOTICE") : BYTES("PRIVMSG"),
                                        .params = {bytes_of(batch->target), buf_bytes(&batch->text)},
                                        .param_count = 2};

    irc_request(reader, &message, requests, out);
}

static int read_message(const struct irc_reader *reader, struct irc_dialect_client *client,
                        struct wire_irc *wire, const struct irc_message *message,
                        struct irc_requests *requests, struct buf *out)
{
    if (bytes_eq_nocase(message->command, BYTES("MARKREAD")))
        return irc_read_apply(&wire->marks, reader, message, out);
    if (bytes_eq_nocase(message->command, BYTES("CAP")))
        irc_cap_apply(&client->cap, message, reader, out);
    else
        irc_request(reader, message, requests, out);
    return 0;
}

static int apply(const struct irc_reader *reader, struct irc_dialect_client *client, struct wire_irc *wire,
                 const struct irc_message *message, struct irc_requests *requests, struct buf *out)
{
    const struct irc_multiline *before = client->batch;
    struct bytes label = nothing;
    int r = 0;

    switch (irc_multiline_take(&client->batch, reader, message, out)) {
    case IRC_MULTILINE_NO_MEMORY:
        return -ENOMEM;
    case IRC_MULTILINE_OTHER:
        (void)irc_label_find(reader, message, &label);
        r = read_message(reader, client, wire, message, requests, out);
        break;
    case IRC_MULTILINE_DONE:
        (void)irc_multiline_use_label(client->batch, &label);
        say_batch(reader, client->batch, requests, out);
        break;
    case IRC_MULTILINE_TAKEN: /* its label is for its end, or its mistake */
        if (client->batch == NULL)
            (void)irc_label_find(reader, message, &label);
        else if (before != NULL && (out->len > 0 || client->batch->is_done))
            (void)irc_multiline_use_label(client->batch, &label);
        break;
    }
    if (has_bad_text(requests))
        warn_of_bad_text(reader, client, requests->row->name, out);
    requests->label = label;
    return r;
}

int irc_dialect_read(const struct irc_reader *reader, struct irc_dialect_client *client,
                     struct wire_irc *wire, struct bytes line, struct irc_requests *ret_requests,
                     struct buf *out)
{
    struct irc_message message;
    struct irc_reader now = *reader;

    ret_requests->count = 0;
    ret_requests->row = NULL;
    ret_requests->label = nothing;
    now.caps = client->cap.enabled;
    irc_multiline_clean(&client->batch);
    switch (irc_message_parse(line, &message)) {
    case 0:
        return apply(&now, client, wire, &message, ret_requests, out);
    case -E2BIG:
    case -EMSGSIZE:
        irc_dialect_too_long(&now, out);
        break;
    case -EBADMSG:
        irc_numeric_put(&now, IRC_ERR_UNKNOWNCOMMAND, BYTES("*"), nothing, out);
        break;
    default: /* nothing in it */
        break;
    }
    return 0;
}

void irc_dialect_put_mark(struct wire_form form, const struct wire_irc *irc, struct bytes room,
                          struct buf *out)
{
    const struct irc_reader reader = reader_of(form, nothing);

    if ((reader.caps & IRC_CAP_F_READ_MARKER) != 0)
        irc_read_put(irc->marks, &reader, room, out);
}

void irc_dialect_label(struct wire_form form, const struct chat_event *event, struct bytes label,
                       struct bytes answers, struct buf *out)
{
    const struct irc_reader reader = reader_of(form, nothing);

    irc_label_put(&reader, label, event->seq, answers, out);
}

bool irc_dialect_is_look(const struct chat_request *request)
{
    static const char *const lists[] = {"mode", "ban", "mute", "except", "admit"};

    if (!request->command || request->text.len > 0)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        if (strcmp(request->command->name, lists[i]) == 0)
            return request->word_count == 0;
    }
    return strcmp(request->command->name, "who") == 0 && bytes_starts_with(request->words[0], BYTES("#"));
}

bool irc_dialect_is_quit(struct bytes line)
{
    struct irc_message message;

    return irc_message_parse(line, &message) == 0 && bytes_eq_nocase(message.command, BYTES("QUIT"));
}
