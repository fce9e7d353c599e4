/* See irc_channel_mode.h. How changes of modes are told is in irc_mode.c. */
#include "proto/irc_channel_mode.h"

#include "base/check.h"

enum kind { LIST, NAME, KEY, NUMBER, SWITCH, ALWAYS };

struct row {
    char letter;
    enum kind kind;
    const char *on, *off; /* commands; of a SWITCH: the word of /mode */
};

static const struct row rows[] = {
    {'b', LIST, "ban", "unban"},       {'q', LIST, "mute", "unmute"},
    {'o', NAME, "op", "deop"},         {'v', NAME, "voice", "devoice"},
    {'k', KEY, "key", "key"},          {'l', NUMBER, "limit", "limit"},
    {'W', NUMBER, "slow", "slow"},     {'i', SWITCH, "invite-only", NULL},
    {'m', SWITCH, "moderated", NULL},  {'s', SWITCH, "secret", NULL},
    {'t', SWITCH, "topic-lock", NULL}, {'n', ALWAYS, NULL, NULL}, /* outsiders never talk in a room */
    {'e', LIST, "except", "unexcept"}, {'I', LIST, "admit", "unadmit"},
};

/* A MODE that is being read. */
struct reading {
    const struct irc_reader *reader;
    const struct irc_message *message;
    struct irc_requests *requests;
    struct buf *out;
    struct bytes room;
    size_t next_param;
    bool is_off;
};

static const struct row *find_row(char letter)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (rows[i].letter == letter)
            return &rows[i];
    }
    return NULL;
}

static struct bytes take_param(struct reading *reading)
{
    return irc_message_param(reading->message, reading->next_param++);
}

/* ":server 696 you #room k value :text" */
static void refuse_param(const struct reading *reading, char letter, struct bytes param)
{
    struct irc_line line = {.out = reading->out};

    irc_numeric_start(&line, reading->reader, IRC_ERR_INVALIDMODEPARAM);
    irc_line_echo(&line, reading->room);
    irc_line_word(&line, (struct bytes){&letter, 1});
    irc_line_echo(&line, param);
    irc_line_last(&line, bytes_of(irc_numeric_text(IRC_ERR_INVALIDMODEPARAM)));
    irc_line_end(&line);
}

/* "+b m:troll!*@*" is what "+q troll!*@*" is: bans of that kind only mute. */
static const struct row *cut_kind(const struct row *row, struct bytes *mask)
{
    if (row->letter != 'b' || !bytes_starts_with(*mask, BYTES(IRC_CHANNEL_MUTE)))
        return row;
    *mask = bytes_slice(*mask, sizeof(IRC_CHANNEL_MUTE) - 1, mask->len);
    return find_row('q');
}

/* Without a mask the list is asked for. */
static void apply_list(struct reading *reading, const struct row *row)
{
    struct bytes param = take_param(reading), text = param;
    struct irc_requests *requests = reading->requests;
    struct irc_chat_mask *mask = &requests->masks[requests->count];
    const struct row *meant = cut_kind(row, &text);

    if (param.len == 0)
        irc_request_add(requests, row->on)->room = reading->room;
    else if (!irc_mask_parse(text, mask))
        refuse_param(reading, row->letter, param);
    else
        irc_request_add_word(requests, reading->is_off ? meant->off : meant->on, reading->room,
                             bytes_of(mask->text));
}

static bool is_number(struct bytes param)
{
    uint64_t number;

    return bytes_parse_u64(param, UINT32_MAX, &number) == 0 && number > 0;
}

/* "off" is a word of the commands' own. */
static bool is_value(const struct row *row, struct bytes param)
{
    if (row->kind == NUMBER)
        return is_number(param);
    return param.len > 0 && bytes_find(param, ' ') == param.len && !bytes_eq_nocase(param, BYTES("off"));
}

static void apply_value(struct reading *reading, const struct row *row)
{
    bool takes_param = !reading->is_off || row->kind != NUMBER;
    struct bytes param = takes_param ? take_param(reading) : BYTES("");

    if (reading->is_off && row->kind != NAME) {
        irc_request_add_word(reading->requests, row->off, reading->room, BYTES("off"));
        return;
    }
    if (param.len == 0)
        irc_numeric_put(reading->reader, IRC_ERR_NEEDMOREPARAMS, BYTES("MODE"), BYTES(""), reading->out);
    else if (!is_value(row, param))
        refuse_param(reading, row->letter, param);
    else
        irc_request_add_word(reading->requests, reading->is_off ? row->off : row->on, reading->room, param);
}

static void apply_switch(struct reading *reading, const struct row *row)
{
    struct chat_request *request = irc_request_add(reading->requests, "mode");

    request->room = reading->room;
    request->words[0] = bytes_of(row->on);
    request->words[1] = reading->is_off ? BYTES("off") : BYTES("on");
    request->word_count = 2;
}

static void apply_letter(struct reading *reading, char letter)
{
    const struct row *row = find_row(letter);

    if (row == NULL) {
        irc_numeric_put(reading->reader, IRC_ERR_UNKNOWNMODE, (struct bytes){&letter, 1}, BYTES(""),
                        reading->out);
        return;
    }
    switch (row->kind) {
    case LIST:
        apply_list(reading, row);
        break;
    case NAME:
    case KEY:
    case NUMBER:
        apply_value(reading, row);
        break;
    case SWITCH:
        apply_switch(reading, row);
        break;
    case ALWAYS:
        if (reading->is_off)
            refuse_param(reading, letter, BYTES("-n"));
        break;
    }
}

void irc_channel_mode(const struct irc_reader *reader, const struct irc_message *message,
                      struct irc_requests *requests, struct buf *out)
{
    struct reading reading = {.reader = reader, .message = message, .requests = requests, .out = out};
    struct bytes letters = irc_message_param(message, 1);

    reading.room = irc_message_param(message, 0);
    reading.next_param = 2;
    if (letters.len == 0) {
        irc_request_add(requests, "mode")->room = reading.room;
        return;
    }
    for (size_t i = 0, changes = 0; i < letters.len && changes < IRC_MODES_MAX; i++) {
        char letter = letters.ptr[i];
        if (letter == '+' || letter == '-') {
            reading.is_off = letter == '-';
            continue;
        }
        apply_letter(&reading, letter);
        changes++;
    }
}
