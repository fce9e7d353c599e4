/* CAP and its subcommands. A request is granted as a whole or not at all, and its answer repeats it. */
#include "proto/irc_cap.h"

#include <string.h>

#include "base/utf8.h"
#include "chat/hub.h"

#define CAP_VERSION_MAX 100000
#define CAP_VERSION_302 302 /* from it on: lists over several lines, and changes are told */

static const struct irc_cap_row table[] = {
    {"account-notify", IRC_CAP_F_ACCOUNT_NOTIFY},
    {"account-tag", IRC_CAP_F_ACCOUNT_TAG},
    {"away-notify", IRC_CAP_F_AWAY_NOTIFY},
    {"batch", IRC_CAP_F_BATCH},
    {"cap-notify", IRC_CAP_F_CAP_NOTIFY},
    {"chghost", IRC_CAP_F_CHGHOST},
    {"draft/channel-rename", IRC_CAP_F_CHANNEL_RENAME},
    {"draft/chathistory", IRC_CAP_F_CHATHISTORY},
    {"draft/message-redaction", IRC_CAP_F_MESSAGE_REDACTION},
    {"draft/multiline", IRC_CAP_F_MULTILINE},
    {"draft/no-implicit-names", IRC_CAP_F_NO_IMPLICIT_NAMES},
    {"draft/read-marker", IRC_CAP_F_READ_MARKER},
    {"echo-message", IRC_CAP_F_ECHO_MESSAGE},
    {"extended-join", IRC_CAP_F_EXTENDED_JOIN},
    {"extended-monitor", IRC_CAP_F_EXTENDED_MONITOR},
    {"invite-notify", IRC_CAP_F_INVITE_NOTIFY},
    {"labeled-response", IRC_CAP_F_LABELED_RESPONSE},
    {"message-tags", IRC_CAP_F_MESSAGE_TAGS},
    {"multi-prefix", IRC_CAP_F_MULTI_PREFIX},
    {"server-time", IRC_CAP_F_SERVER_TIME},
    {"setname", IRC_CAP_F_SETNAME},
    {"standard-replies", IRC_CAP_F_STANDARD_REPLIES},
    {"userhost-in-names", IRC_CAP_F_USERHOST_IN_NAMES},
};

const struct irc_cap_row *irc_cap_row(size_t index)
{
    return index < ARRAY_LEN(table) ? &table[index] : NULL;
}

uint8_t irc_cap_wants(uint32_t enabled)
{
    const uint32_t changes = IRC_CAP_F_AWAY_NOTIFY | IRC_CAP_F_SETNAME | IRC_CAP_F_INVITE_NOTIFY;
    unsigned wants = HUB_WANTS_WELCOME;

    wants |= (enabled & IRC_CAP_F_NO_IMPLICIT_NAMES) == 0 ? HUB_WANTS_NAMES : 0;
    wants |= (enabled & changes) != 0 ? HUB_WANTS_CHANGES : 0;
    if ((enabled & changes) != 0 && (enabled & IRC_CAP_F_EXTENDED_MONITOR) != 0)
        wants |= HUB_WANTS_WATCHED;
    wants |= (enabled & IRC_CAP_F_MESSAGE_TAGS) != 0 ? HUB_WANTS_TAGS : 0;
    return (uint8_t)wants;
}

/* ---- answers ---- */

/* ":server CAP name LS [*] :a b c": as many lines as its words need. */
struct answer {
    const struct irc_reader *reader;
    struct buf *out;
    const char *subcommand;
    bool marks_more; /* all lines but the last have a '*' */
    char words[IRC_BODY_BYTES_MAX + 1];
    size_t words_len;
};

static void answer_flush(struct answer *answer, bool is_last)
{
    struct irc_line line = {.out = answer->out};

    irc_line_start(&line, answer->reader->server, "CAP");
    irc_line_word(&line, answer->reader->you.len > 0 ? answer->reader->you : BYTES("*"));
    irc_line_word(&line, bytes_of(answer->subcommand));
    if (!is_last && answer->marks_more)
        irc_line_word(&line, BYTES("*"));
    irc_line_last(&line, (struct bytes){answer->words, answer->words_len});
    irc_line_end(&line);
    answer->words_len = 0;
}

/* How many bytes of words a line can have. */
static size_t answer_space(const struct answer *answer)
{
    size_t names = answer->reader->server.len + (answer->reader->you.len > 0 ? answer->reader->you.len : 1);
    size_t around = names + sizeof(": CAP  LIST * :") - 1;

    return around < IRC_BODY_BYTES_MAX ? IRC_BODY_BYTES_MAX - around : 0;
}

static void answer_word(struct answer *answer, struct bytes word)
{
    size_t needed = word.len + (answer->words_len > 0 ? 1 : 0);

    if (answer->words_len > 0 && answer->words_len + needed > answer_space(answer)) {
        answer_flush(answer, false);
        needed = word.len;
    }
    struct bytes cut = bytes_slice(word, 0, answer_space(answer));
    if (needed > word.len)
        answer->words[answer->words_len++] = ' ';
    for (size_t i = 0; i < cut.len; i++)
        answer->words[answer->words_len++] = cut.ptr[i];
}

static void answer_row(struct answer *answer, const struct irc_cap_row *row, bool has_value)
{
    char text[128];
    struct buf word;

    buf_init_fixed(&word, text, sizeof(text));
    buf_put_text(&word, row->name);
    if (has_value && row->flag == IRC_CAP_F_MULTILINE)
        buf_printf(&word, "=max-bytes=%d,max-lines=%d", TEXT_BYTES_MAX, TEXT_LINES_MAX);
    answer_word(answer, buf_bytes(&word));
}

/* `is_new`: the client is at least of CAP_VERSION_302. Those are told values, with what is offered. */
static void put_flags(const char *subcommand, uint32_t flags, bool is_new, const struct irc_reader *reader,
                      struct buf *out)
{
    bool has_values = is_new && (strcmp(subcommand, "LS") == 0 || strcmp(subcommand, "NEW") == 0);
    struct answer answer = {.reader = reader,
                            .out = out,
                            .subcommand = subcommand,
                            .marks_more = is_new && strcmp(subcommand, "NEW") != 0};

    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        if ((flags & table[i].flag) != 0)
            answer_row(&answer, &table[i], has_values);
    }
    answer_flush(&answer, true);
}

/* ---- subcommands ---- */

static void apply_ls(struct irc_cap *cap, const struct irc_message *message, const struct irc_reader *reader,
                     struct buf *out)
{
    uint64_t version;

    if (bytes_parse_u64(irc_message_param(message, 1), CAP_VERSION_MAX, &version) == 0 &&
        version > cap->version)
        cap->version = version;
    if (cap->version >= CAP_VERSION_302)
        cap->enabled |= IRC_CAP_F_CAP_NOTIFY & cap->offered;
    cap->is_negotiating = !cap->is_registered;
    put_flags("LS", cap->offered, cap->version >= CAP_VERSION_302, reader, out);
}

/* The flag of a capability that is offered, 0 when there is none. */
static uint32_t find_flag(const struct irc_cap *cap, struct bytes name)
{
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        if (bytes_eq(name, bytes_of(table[i].name)))
            return table[i].flag & cap->offered;
    }
    return 0;
}

static struct bytes next_word(struct bytes *rest)
{
    while (rest->len > 0) {
        struct bytes word = bytes_cut(rest, ' ');
        if (word.len > 0)
            return word;
    }
    return *rest;
}

/* False when one of the words cannot be granted. */
static bool parse_request(const struct irc_cap *cap, struct bytes list, uint32_t *ret_enabled)
{
    uint32_t enabled = cap->enabled;

    for (struct bytes word; (word = next_word(&list)).len > 0;) {
        bool is_off = word.ptr[0] == '-';
        uint32_t flag = find_flag(cap, bytes_slice(word, is_off ? 1 : 0, word.len));
        bool is_for_good = flag == IRC_CAP_F_CAP_NOTIFY && cap->version >= CAP_VERSION_302;
        if (flag == 0 || (is_off && is_for_good))
            return false;
        enabled = is_off ? enabled & ~flag : enabled | flag;
    }
    *ret_enabled = enabled;
    return true;
}

static void apply_req(struct irc_cap *cap, const struct irc_message *message, const struct irc_reader *reader,
                      struct buf *out)
{
    struct bytes list = irc_message_param(message, 1);
    bool is_granted = parse_request(cap, list, &cap->enabled);
    struct answer answer = {.reader = reader, .out = out, .subcommand = is_granted ? "ACK" : "NAK"};

    cap->is_negotiating = !cap->is_registered;
    for (struct bytes word; (word = next_word(&list)).len > 0;)
        answer_word(&answer, utf8_is_valid(word) ? word : BYTES("*"));
    answer_flush(&answer, true);
}

void irc_cap_apply(struct irc_cap *cap, const struct irc_message *message, const struct irc_reader *reader,
                   struct buf *out)
{
    struct bytes subcommand = irc_message_param(message, 0);

    if (subcommand.len == 0)
        irc_numeric_put(reader, IRC_ERR_NEEDMOREPARAMS, BYTES("CAP"), BYTES(""), out);
    else if (bytes_eq_nocase(subcommand, BYTES("LS")))
        apply_ls(cap, message, reader, out);
    else if (bytes_eq_nocase(subcommand, BYTES("REQ")))
        apply_req(cap, message, reader, out);
    else if (bytes_eq_nocase(subcommand, BYTES("LIST")))
        put_flags("LIST", cap->enabled, cap->version >= CAP_VERSION_302, reader, out);
    else if (bytes_eq_nocase(subcommand, BYTES("END")))
        cap->is_negotiating = false;
    else
        irc_numeric_put(reader, IRC_ERR_INVALIDCAPCMD, subcommand, BYTES(""), out);
}

void irc_cap_offer(struct irc_cap *cap, uint32_t offered, const struct irc_reader *reader, struct buf *out)
{
    uint32_t gone = cap->offered & ~offered, come = offered & ~cap->offered;
    bool is_told = (cap->enabled & IRC_CAP_F_CAP_NOTIFY) != 0;

    cap->offered = offered;
    cap->enabled &= offered;
    if (is_told && gone != 0)
        put_flags("DEL", gone, false, reader, out);
    if (is_told && come != 0)
        put_flags("NEW", come, cap->version >= CAP_VERSION_302, reader, out);
}
