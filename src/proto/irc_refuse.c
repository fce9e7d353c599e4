/* Why something was not done: the domain's refusals as numerics. Those that IRC has no number for are standard
 * replies (IRCv3), or notices for clients that do not know these. */
#include "proto/irc_refuse.h"

#include <inttypes.h>

#include "base/check.h"
#include "chat/watch.h"
#include "proto/irc_cap.h"
#include "proto/irc_out.h"

enum shape { NOTHING, NO_WORD, SUBJECT, SUGGESTION, BOTH, STANDARD };

struct row {
    enum shape shape;
    enum irc_numeric numeric;
    const char *text; /* NULL: the numeric's */
    const char *code; /* of the standard reply */
};

#define ROOM_NAME_RULE "Names of rooms are # and 1-49 letters, digits or .-_[]{}|^"

static const struct row rows[CHAT_ERR_COUNT] = {
    [CHAT_ERR_NAME_BAD] = {SUBJECT, IRC_ERR_ERRONEUSNICKNAME, NULL, NULL},
    [CHAT_ERR_NAME_TAKEN] = {SUBJECT, IRC_ERR_NICKNAMEINUSE, NULL, NULL},
    [CHAT_ERR_NO_SUCH_USER] = {SUBJECT, IRC_ERR_NOSUCHNICK, NULL, NULL},
    [CHAT_ERR_NO_SUCH_ROOM] = {SUBJECT, IRC_ERR_NOSUCHCHANNEL, NULL, NULL},
    [CHAT_ERR_ROOM_NAME_BAD] = {SUBJECT, IRC_ERR_NOSUCHCHANNEL, ROOM_NAME_RULE, NULL},
    [CHAT_ERR_NOT_IN_ROOM] = {SUBJECT, IRC_ERR_NOTONCHANNEL, NULL, NULL},
    [CHAT_ERR_ALREADY_IN_ROOM] = {NOTHING, 0, NULL, NULL},
    [CHAT_ERR_NO_CURRENT_ROOM] = {SUBJECT, IRC_ERR_NOTONCHANNEL, NULL, NULL},
    [CHAT_ERR_TOO_MANY_ROOMS] = {SUGGESTION, IRC_ERR_TOOMANYCHANNELS, NULL, NULL},
    [CHAT_ERR_UNKNOWN_COMMAND] = {SUBJECT, IRC_ERR_UNKNOWNCOMMAND, NULL, NULL},
    [CHAT_ERR_USAGE] = {SUBJECT, IRC_ERR_NEEDMOREPARAMS, NULL, NULL},
    [CHAT_ERR_TEXT_EMPTY] = {NO_WORD, IRC_ERR_NOTEXTTOSEND, NULL, NULL},
    [CHAT_ERR_LINE_TOO_LONG] = {NO_WORD, IRC_ERR_INPUTTOOLONG, NULL, NULL},
    [CHAT_ERR_NOT_OPERATOR] = {SUBJECT, IRC_ERR_CHANOPRIVSNEEDED, NULL, NULL},
    [CHAT_ERR_BANNED] = {SUBJECT, IRC_ERR_BANNEDFROMCHAN, NULL, NULL},
    [CHAT_ERR_INVITE_ONLY] = {SUBJECT, IRC_ERR_INVITEONLYCHAN, NULL, NULL},
    [CHAT_ERR_KEY_NEEDED] = {SUBJECT, IRC_ERR_BADCHANNELKEY, NULL, NULL},
    [CHAT_ERR_KEY_WRONG] = {SUBJECT, IRC_ERR_BADCHANNELKEY, "That is not the key of the room (+k)", NULL},
    [CHAT_ERR_ROOM_FULL] = {SUBJECT, IRC_ERR_CHANNELISFULL, NULL, NULL},
    [CHAT_ERR_MUTED] = {SUBJECT, IRC_ERR_CANNOTSENDTOCHAN, "You are muted in that room (+q)", NULL},
    [CHAT_ERR_MODERATED] = {SUBJECT, IRC_ERR_CANNOTSENDTOCHAN,
                            "Only operators and who has voice talk there (+m)", NULL},
    [CHAT_ERR_SLOW_MODE] = {SUBJECT, IRC_ERR_CANNOTSENDTOCHAN, "The room is in slow mode (+W)", NULL},
    [CHAT_ERR_NOT_YOURSELF] = {STANDARD, 0, "That cannot be done to yourself", "NOT_YOURSELF"},
    [CHAT_ERR_SERVER_OPERATOR] = {STANDARD, 0, "An operator of the server cannot be touched",
                                  "SERVER_OPERATOR"},
    [CHAT_ERR_TARGET_OPERATOR] = {STANDARD, 0, "An operator of the room: take the role away first (-o)",
                                  "TARGET_OPERATOR"},
    [CHAT_ERR_NOT_THERE] = {BOTH, IRC_ERR_USERNOTINCHANNEL, NULL, NULL},
    [CHAT_ERR_THERE_ALREADY] = {BOTH, IRC_ERR_USERONCHANNEL, NULL, NULL},
    [CHAT_ERR_MASK_BAD] = {STANDARD, 0, "No mask: try NAME, troll*!*@* or *!*@HOST", "MASK_BAD"},
    [CHAT_ERR_LIST_FULL] = {STANDARD, 0, "The list is full; remove an entry first", "LIST_FULL"},
    [CHAT_ERR_NOT_LISTED] = {STANDARD, 0, "That is not on the list", "NOT_LISTED"},
    [CHAT_ERR_ROOM_CLOSED] = {SUBJECT, IRC_ERR_INVITEONLYCHAN, "The room is closed to you", NULL},
    [CHAT_ERR_NOT_SERVER_OPERATOR] = {NO_WORD, IRC_ERR_NOPRIVILEGES, NULL, NULL},
    [CHAT_ERR_PASSWORD_WRONG] = {NO_WORD, IRC_ERR_PASSWDMISMATCH, NULL, NULL},
    [CHAT_ERR_PASSWORD_UNSAFE] = {NO_WORD, IRC_ERR_NOOPERHOST, NULL, NULL},
    [CHAT_ERR_PASSWORD_LATER] = {NO_WORD, IRC_ERR_PASSWDMISMATCH,
                                 "Too many wrong passwords from there; try again later", NULL},
    [CHAT_ERR_NOBODY_ADDRESSED] = {SUBJECT, IRC_ERR_CANNOTSENDTOCHAN, "Nobody else of that role is there now",
                                   NULL},
    [CHAT_ERR_MODES_OF_OTHER] = {NO_WORD, IRC_ERR_USERSDONTMATCH, NULL, NULL},
    [CHAT_ERR_NO_MEMORY] = {STANDARD, 0, "The server is short of memory; try again later", "NO_MEMORY"},
};

#define STRING(number) #number
#define DIGITS(number) STRING(number)

/* Answers to commands whose clients know standard replies. Their words are the suggestion and the subject. */
struct fail_row {
    enum chat_err err;
    const char *command, *code, *text;
    const char *third; /* word; NULL: none */
};

static const struct fail_row fail_rows[] = {
    {CHAT_ERR_NO_HISTORY, "CHATHISTORY", "INVALID_TARGET",
     "Only the history of the rooms you are in can be read", NULL},
    {CHAT_ERR_NO_SUCH_MESSAGE, "REDACT", "UNKNOWN_MSGID", "That message is not there any more", NULL},
    {CHAT_ERR_NOT_YOUR_MESSAGE, "REDACT", "REDACT_FORBIDDEN",
     "Only who said it, and operators of the room, take it back", NULL},
    {CHAT_ERR_MESSAGE_OLD, "REDACT", "REDACT_WINDOW_EXPIRED", "That was said too long ago",
     DIGITS(CHAT_REDACT_MAX_S)},
    {CHAT_ERR_ROOM_NAME_TAKEN, "RENAME", "CHANNEL_NAME_IN_USE", "There is a room of that name", NULL},
    {CHAT_ERR_ROOM_NAME_FIXED, "RENAME", "CANNOT_RENAME", "This room keeps its name", NULL},
    {CHAT_ERR_ROOM_NAME_BAD, "RENAME", "CANNOT_RENAME", ROOM_NAME_RULE, NULL},
};

static bool put_fail(const struct irc_reader *reader, const struct chat_event *event, struct buf *out)
{
    for (size_t i = 0; i < ARRAY_LEN(fail_rows); i++) {
        const struct fail_row *row = &fail_rows[i];
        /* A room is also named in other requests, and as what is to be renamed. */
        if (row->err != event->err || (row->err == CHAT_ERR_ROOM_NAME_BAD && event->extra.len == 0))
            continue;
        const struct irc_out_fail fail = {.command = row->command,
                                          .code = row->code,
                                          .first = event->extra,
                                          .second = event->text,
                                          .third = bytes_of(row->third),
                                          .text = row->text};
        irc_out_fail(reader, &fail, out);
        return true;
    }
    return false;
}

static bool is_command(const struct chat_event *event, const char *name)
{
    return event->item_count > 0 && bytes_eq(event->items[0].name, bytes_of(name));
}

/* ---- talking ---- */

/* Clients take the other numerics for the answer to a JOIN or a PART. */
static const struct row cannot_send[CHAT_ERR_COUNT] = {
    [CHAT_ERR_NOT_IN_ROOM] = {SUBJECT, IRC_ERR_CANNOTSENDTOCHAN, "You are not in that room", NULL},
    [CHAT_ERR_BANNED] = {SUBJECT, IRC_ERR_CANNOTSENDTOCHAN, "You are banned from that room (+b)", NULL},
};

static bool is_talking(const struct chat_event *event)
{
    static const char *const commands[] = {"say", "me", "ops", "voiced"};

    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        if (is_command(event, commands[i]))
            return true;
    }
    return false;
}

/* ---- lists ---- */

/* Those that have an end, which comes after a refusal, too, or in its place when there is nothing to list. */
static const struct end_row {
    const char *command;
    enum irc_numeric numeric;
    bool is_alone;
} ends[] = {
    {"names", IRC_RPL_ENDOFNAMES, true},
    {"who", IRC_RPL_ENDOFWHO, true},
    {"who-fields", IRC_RPL_ENDOFWHO, true},
    {"whois", IRC_RPL_ENDOFWHOIS, false},
};

static const struct end_row *find_end(const struct chat_event *event)
{
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        if (is_command(event, ends[i].command))
            return &ends[i];
    }
    return NULL;
}

static bool means_nothing_there(enum chat_err err)
{
    return err == CHAT_ERR_NO_SUCH_ROOM || err == CHAT_ERR_ROOM_NAME_BAD || err == CHAT_ERR_MASK_BAD;
}

/* ---- all of it ---- */

/* For what no command of IRC asks for. */
static const struct row other = {STANDARD, 0, "That was not done", "REFUSED"};

static void put_standard(const struct irc_reader *reader, const struct row *row, struct bytes subject,
                         struct buf *out)
{
    struct irc_line line = {.out = out};

    if ((reader->caps & IRC_CAP_F_STANDARD_REPLIES) == 0) {
        char text[IRC_BODY_BYTES_MAX];
        struct buf notice;
        buf_init_fixed(&notice, text, sizeof(text));
        buf_put(&notice, subject);
        buf_printf(&notice, "%s%s", subject.len > 0 ? ": " : "", row->text);
        irc_out_notice(reader, buf_bytes(&notice), out);
        return;
    }
    irc_line_start(&line, reader->server, "FAIL");
    irc_line_word(&line, BYTES("*"));
    irc_line_word(&line, bytes_of(row->code));
    if (subject.len > 0)
        irc_line_echo(&line, subject);
    irc_line_last(&line, bytes_of(row->text));
    irc_line_end(&line);
}

static void put_words(struct irc_line *line, const struct row *row, const struct chat_event *event)
{
    if (row->shape == SUBJECT || row->shape == BOTH)
        irc_line_echo(line, event->text);
    if (row->shape == SUGGESTION || row->shape == BOTH)
        irc_line_echo(line, event->extra);
}

/* ":server 734 you limit names :text" */
static void put_monitor_full(const struct irc_reader *reader, struct bytes names, struct buf *out)
{
    struct irc_line line = {.out = out};

    irc_numeric_start(&line, reader, IRC_ERR_MONLISTFULL);
    irc_line_number(&line, WATCHES_MAX);
    irc_line_echo(&line, names);
    irc_line_last(&line, bytes_of(irc_numeric_text(IRC_ERR_MONLISTFULL)));
    irc_line_end(&line);
}

static const struct row *row_of(const struct chat_event *event)
{
    CHECK(event->err > CHAT_OK && event->err < CHAT_ERR_COUNT);
    if (cannot_send[event->err].shape != NOTHING && is_talking(event))
        return &cannot_send[event->err];
    bool is_known = rows[event->err].shape != NOTHING || event->err == CHAT_ERR_ALREADY_IN_ROOM;
    return is_known ? &rows[event->err] : &other;
}

static void put_refusal(const struct irc_reader *reader, const struct chat_event *event, struct buf *out)
{
    const struct row *row = row_of(event);
    struct irc_line line = {.out = out};

    if (put_fail(reader, event, out) || row->shape == NOTHING)
        return;
    if (event->err == CHAT_ERR_LIST_FULL && bytes_eq(event->text, BYTES("unwatch"))) {
        put_monitor_full(reader, event->extra, out);
        return;
    }
    if (row->shape == STANDARD) {
        put_standard(reader, row, event->text, out);
        return;
    }
    char text[256];
    struct buf last;
    buf_init_fixed(&last, text, sizeof(text));
    buf_put_text(&last, row->text != NULL ? row->text : irc_numeric_text(row->numeric));
    if (event->count > 0)
        buf_printf(&last, ", for %" PRIu32 " more s", event->count);
    irc_numeric_start(&line, reader, row->numeric);
    put_words(&line, row, event);
    irc_line_last(&line, buf_bytes(&last));
    irc_line_end(&line);
}

void irc_refuse(const struct irc_reader *reader, const struct chat_event *event, struct buf *out)
{
    const struct end_row *end = find_end(event);

    if (end == NULL || !end->is_alone || !means_nothing_there(event->err))
        put_refusal(reader, event, out);
    if (end != NULL)
        irc_numeric_put(reader, end->numeric, event->text, (struct bytes){NULL, 0}, out);
}
