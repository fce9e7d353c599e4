/* The words of refusals, and how lists and help are laid out. */
#include "proto/plain_reply.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/check.h"
#include "chat/command.h"
#include "chat/option.h"
#include "proto/plain_out.h"

/* '$' is what the refusal is about, '~' the suggestion (see plain_out_fill). Every text says what to
 * do next. */
struct refusal {
    const char *text;
    const char *text_with_suggestion; /* NULL: there is never one */
};

static const struct refusal refusals[CHAT_ERR_COUNT] = {
    [CHAT_ERR_NAME_BAD] = {"*** Names have 1-30 letters, digits or -_[]{}|^ and start with a letter."
                           " Try again: /nick NAME",
                           NULL},
    [CHAT_ERR_NAME_TAKEN] = {"*** \"$\" is taken. Try another one: /nick NAME",
                             "*** \"$\" is taken. Try /nick ~ or another name."},
    [CHAT_ERR_NO_SUCH_USER] = {"*** No one here is called $. To see who is in your room: /names",
                               "*** No one here is called $. Did you mean ~?"},
    [CHAT_ERR_NO_SUCH_ROOM] = {"*** There is no room $. To see which there are: /rooms",
                               "*** There is no room $. Did you mean ~? (/rooms)"},
    [CHAT_ERR_ROOM_NAME_BAD] = {"*** Room names are # and 1-49 letters, digits or -_[]{}|^. like #lobby."
                                " Try again with one, or see /rooms",
                                NULL},
    [CHAT_ERR_NOT_IN_ROOM] = {"*** You are not in $. To enter it: /join $", NULL},
    [CHAT_ERR_ALREADY_IN_ROOM] = {"*** You are in $ already. To talk there: /switch $", NULL},
    [CHAT_ERR_NO_CURRENT_ROOM] = {"*** You are in no room. To enter one: /join #ROOM (/rooms lists them)",
                                  NULL},
    [CHAT_ERR_TOO_MANY_ROOMS] = {"*** You can be in $ rooms at once, no more. Leave one first: /part #ROOM",
                                 NULL},
    [CHAT_ERR_NOBODY_TO_REPLY] =
        {"*** No one has sent you a private message yet. To send one: /msg NAME TEXT", NULL},
    [CHAT_ERR_UNKNOWN_COMMAND] = {"*** Unknown command /$. To see what there is: /help",
                                  "*** Unknown command /$. Did you mean /~? (/help)"},
    [CHAT_ERR_USAGE] = {"*** /$ stands alone on its line. More: /help $",
                        "*** That is not how /$ works. Type: /$ ~ (more: /help $)"},
    [CHAT_ERR_LEADING_SPACE] =
        {"*** Not sent: there is a space before /$. To run it, type /$ without the space;"
         " to say it, type //$",
         NULL},
    [CHAT_ERR_BARE_WORD] = {"*** To leave type /quit, for help /help. To say it anyway, send it again.",
                            NULL},
    [CHAT_ERR_TEXT_EMPTY] = {"*** Not sent: nothing in it can be shown. Type some text.", NULL},
    [CHAT_ERR_LINE_TOO_LONG] = {"*** Not sent: the line is too long. Send it in parts.",
                                "*** Not sent: the line is longer than ~ bytes. Send it in parts."},
    [CHAT_ERR_NOT_OPERATOR] = {"*** Only operators of $ can do that, and none is here now. Try again later.",
                               "*** Only operators of $ can do that. Ask one (@~)."},
    [CHAT_ERR_BANNED] = {"*** You are banned from $. See /rooms for others.",
                         "*** You are banned from $. Ask an operator (@~) for /unban."},
    [CHAT_ERR_INVITE_ONLY] = {"*** $ is invite-only, and no operator is there now. Try again later.",
                              "*** $ is invite-only. Ask an operator (@~) for /invite."},
    [CHAT_ERR_KEY_NEEDED] = {"*** $ has a key. If you know it: /join $ KEY",
                             "*** $ has a key. If you know it: /join $ KEY. If not, ask an operator (@~)."},
    [CHAT_ERR_KEY_WRONG] = {"*** That is not the key of $. Try again: /join $ KEY",
                            "*** That is not the key of $. Try again: /join $ KEY, or ask an operator (@~)."},
    [CHAT_ERR_ROOM_FULL] = {"*** $ is full. Try again later.",
                            "*** $ is full. Try again later, or ask an operator (@~) for /invite."},
    [CHAT_ERR_MUTED] = {"*** You are muted in $. Others are at /rooms",
                        "*** You are muted in $. Ask an operator (@~) for /unmute."},
    [CHAT_ERR_MODERATED] = {"*** $ is moderated, and no operator is there now. Try again later.",
                            "*** $ is moderated. Ask an operator (@~) for /voice."},
    [CHAT_ERR_SLOW_MODE] = {"*** Slow mode: wait a little, then send it again.", NULL},
    [CHAT_ERR_NOT_YOURSELF] = {"*** That is you. To leave a room: /part", NULL},
    [CHAT_ERR_SERVER_OPERATOR] =
        {"*** $ is an operator of the server: that cannot be done to $. Try /ignore $", NULL},
    [CHAT_ERR_TARGET_OPERATOR] = {"*** $ is an operator of this room. First: /deop $", NULL},
    [CHAT_ERR_NOT_THERE] = {"*** $ is not in this room. To ask for company: /invite $",
                            "*** $ is not in ~. To ask for company: /invite $"},
    [CHAT_ERR_THERE_ALREADY] = {"*** $ is in this room already. To talk to all: type.",
                                "*** $ is in ~ already. Type to talk."},
    [CHAT_ERR_MASK_BAD] = {"*** That is no name and no mask. A mask is like troll* or *@192.0.2.*"
                           " (more: /help ban)",
                           NULL},
    [CHAT_ERR_LIST_FULL] = {"*** The list is full. First remove something from it: /$ NAME", NULL},
    [CHAT_ERR_NOT_LISTED] = {"*** $ is not on the list.", "*** $ is not on the list. To see it: /~"},
    [CHAT_ERR_TIME_BAD] = {"*** How much of the history? Type /history 20, /history 2h or /history yesterday",
                           NULL},
    [CHAT_ERR_OPTION_UNKNOWN] = {"*** There is no option $. To see which there are: /set",
                                 "*** There is no option $. Did you mean ~? (/set lists all)"},
    [CHAT_ERR_OPTION_BAD] = {"*** $ cannot be that. There is: ",
                             "*** $ cannot be that. Did you mean ~? There is: "},
    [CHAT_ERR_ZONE_UNKNOWN] = {"*** There is no time zone $. Names are like Europe/Paris: continent and city",
                               "*** There is no time zone $. Did you mean ~?"},
    [CHAT_ERR_ZONES_MISSING] =
        {"*** This server knows no time zones but its own and UTC: its administrator has"
         " to install tzdata first. Till then: /set tz UTC",
         NULL},
    [CHAT_ERR_ROOM_CLOSED] =
        {"*** $ is not open to you. With its key: /join $ KEY. Without one, somebody in it has"
         " to /invite you.",
         NULL},
    [CHAT_ERR_NOT_SERVER_OPERATOR] =
        {"*** /$ is for operators of the server. If you are one, first: /oper NAME", NULL},
    [CHAT_ERR_PASSWORD_WRONG] =
        {"*** That is not the name and password of an operator. Try again: /oper NAME", NULL},
    [CHAT_ERR_PASSWORD_UNSAFE] =
        {"*** Passwords are only taken over TLS, which this server does not have, or from its own machine.",
         "*** Passwords are only taken over TLS: openssl s_client -quiet -connect ~"},
    [CHAT_ERR_PASSWORD_LATER] =
        {"*** Not checked: there were too many wrong passwords from your address. Try again in $.", NULL},
    [CHAT_ERR_PASSWORD_CANCELLED] = {"*** Cancelled. To try again: /oper NAME", NULL},
    [CHAT_ERR_NOBODY_ADDRESSED] =
        {"*** Not sent: no other operator of $ is here now. Try again later, or say it to all.", NULL},
    [CHAT_ERR_NO_HISTORY] =
        {"*** Only the history of your own rooms can be read, and $ is none. First: /join $", NULL},
    [CHAT_ERR_NO_SUCH_MESSAGE] = {"*** That message is not there any more. What is: /history", NULL},
    [CHAT_ERR_NOT_YOUR_MESSAGE] =
        {"*** You did not say that. Ask an operator of the room to take it back: /names", NULL},
    [CHAT_ERR_MESSAGE_OLD] =
        {"*** You said that more than an hour ago. Ask an operator of the room to take it back:"
         " /names",
         NULL},
    [CHAT_ERR_MODES_OF_OTHER] = {"*** Only $ sees and changes these modes.", NULL},
    [CHAT_ERR_ROOM_NAME_TAKEN] = {"*** There is a room $ already. Try another name: /rename #NEW", NULL},
    [CHAT_ERR_ROOM_NAME_FIXED] =
        {"*** This room keeps its name: it is where everybody comes in. Rename another one: /switch #ROOM",
         NULL},
    [CHAT_ERR_NO_MEMORY] = {"*** Not done: the server is short of memory. Try again in a minute.", NULL},
};

static struct refusal refusal_of(enum chat_err err)
{
    if (err <= CHAT_OK || err >= CHAT_ERR_COUNT || !refusals[err].text)
        BUG("no such refusal: %d", (int)err);
    return refusals[err];
}

/* What stands in the place of '~'; empty: the text without it is taken. */
static struct bytes suggestion_of(const struct chat_event *event)
{
    if (event->err == CHAT_ERR_USAGE) {
        const struct command *command = command_find(event->text);
        return bytes_of(command != NULL ? command->arguments : NULL);
    }
    bool is_subject = event->err == CHAT_ERR_LINE_TOO_LONG || event->err == CHAT_ERR_PASSWORD_UNSAFE;
    return is_subject ? event->text : event->extra;
}

/* Those that end by themselves say when. False: this one has no end, or none that is known. */
static bool put_wait(struct wire_form form, const struct chat_event *event, struct buf *out)
{
    if (event->count == 0)
        return false;
    if (event->err == CHAT_ERR_SLOW_MODE)
        buf_printf(out, "*** Slow mode: next message in %" PRIu32 " s", event->count);
    else
        plain_out_fill(out,
                       event->err == CHAT_ERR_BANNED ? "*** You are banned from $ for "
                                                     : "*** You are muted in $ for ",
                       event->text, BYTES(""));
    if (event->err != CHAT_ERR_SLOW_MODE)
        plain_out_duration(out, event->count, "more ");
    plain_out_fixed(form, out, ".");
    return true;
}

void plain_reply_refused(struct wire_form form, const struct chat_event *event, struct buf *out)
{
    struct refusal refusal = refusal_of(event->err);
    struct bytes suggestion = suggestion_of(event);
    bool has_suggestion = suggestion.len > 0 && refusal.text_with_suggestion != NULL;

    if (put_wait(form, event, out))
        return;
    if (event->err == CHAT_ERR_OPTION_BAD) {
        enum chat_option option;
        CHECK(option_find(event->text, &option));
        plain_out_fill(out, has_suggestion ? refusal.text_with_suggestion : refusal.text, event->text,
                       suggestion);
        plain_out_fixed(form, out, option_choices(option));
        return;
    }
    plain_out_line(form, out, has_suggestion ? refusal.text_with_suggestion : refusal.text, event->text,
                   suggestion);
}

/* How many of the event's things are not among its items. */
static uint32_t left_out(const struct chat_event *event)
{
    return event->count > event->item_count ? event->count - (uint32_t)event->item_count : 0;
}

void plain_reply_names(struct wire_form form, const struct chat_event *event, struct buf *out)
{
    struct plain_wrap wrap = {.form = form, .out = out};
    uint32_t more = left_out(event);

    buf_put_text(out, "--- ");
    plain_out_count(out, event->count, "person", "people");
    plain_out_line(form, out, " in $ ---", event->room, BYTES(""));

    for (size_t i = 0; i < event->item_count; i++) {
        const struct chat_item *item = &event->items[i];
        bool is_last = i + 1 == event->item_count;
        bool is_operator = (item->flags & CHAT_ITEM_F_OPERATOR) != 0;
        const char *before = is_operator ? "@" : (item->flags & CHAT_ITEM_F_VOICED) != 0 ? "+" : "";
        const char *after = is_last ? "" : ",";
        if ((item->flags & CHAT_ITEM_F_YOU) != 0)
            after = is_last ? " (you)" : " (you),";
        plain_wrap_word(&wrap, before, item->name, after);
    }
    plain_wrap_end(&wrap);
    if (more > 0) {
        buf_printf(out, PLAIN_OUT_MORE "and %u more", more);
        plain_out_end(form, out);
    }
}

void plain_reply_rooms(struct wire_form form, const struct chat_event *event, struct buf *out)
{
    uint32_t more = left_out(event);

    if (event->count == 0) {
        plain_out_fixed(form, out,
                        event->text.len > 0 ? "*** No room is like that. To list all: /rooms"
                                            : "*** There are no rooms. To make one: /join #ROOM");
        return;
    }
    buf_put_text(out, "--- ");
    plain_out_count(out, event->count, "room", "rooms");
    plain_out_fixed(form, out, " ---");

    for (size_t i = 0; i < event->item_count; i++) {
        const struct chat_item *item = &event->items[i];
        plain_out_fill(out, PLAIN_OUT_MORE "$  ", item->name, BYTES(""));
        plain_out_count(out, item->count, "person", "people");
        if ((item->flags & CHAT_ITEM_F_YOU) != 0)
            buf_put_text(out, " (you too)");
        if (item->detail.len > 0)
            plain_out_fill(out, "  $", item->detail, BYTES(""));
        plain_out_end(form, out);
    }
    if (more > 0) {
        buf_printf(out, PLAIN_OUT_MORE "and %u more", more);
        plain_out_end(form, out);
    }
}

/* ---- help, printed from the command table ---- */

static bool has_text(const char *text)
{
    return text != NULL && text[0] != '\0';
}

/* "/msg NAME TEXT"; returns how many columns it took. */
static size_t put_syntax(const struct command *command, struct buf *out)
{
    size_t columns = 1 + strlen(command->name);

    buf_put_char(out, '/');
    buf_put_text(out, command->name);
    if (has_text(command->arguments)) {
        buf_put_char(out, ' ');
        buf_put_text(out, command->arguments);
        columns += 1 + strlen(command->arguments);
    }
    return columns;
}

static void put_overview_row(struct wire_form form, const struct command *command, struct buf *out)
{
    const size_t syntax_columns = 20;

    buf_put_text(out, PLAIN_OUT_MORE);
    for (size_t column = put_syntax(command, out); column < syntax_columns; column++)
        buf_put_char(out, ' ');
    buf_put_text(out, "  ");
    plain_out_fixed(form, out, command->summary);
}

/* The everyday commands have a line each, up to a number that leaves room for the names of all others. */
static bool concerns(const struct command *command, bool is_server_operator)
{
    return command->role != POLICY_SERVER_OPERATOR || is_server_operator;
}

static void put_overview(struct wire_form form, bool is_server_operator, struct buf *out)
{
    const size_t rows_max = PLAIN_REPLY_HELP_LINES_MAX - 6;
    struct plain_wrap wrap = {.form = form, .out = out};
    size_t rows = 0;

    plain_out_fixed(form, out, "*** What you type is said in your current room, unless it begins with /");
    for (size_t i = 0; command_row(i) != NULL; i++) {
        if ((command_row(i)->flags & COMMAND_F_EVERYDAY) != 0 && rows < rows_max) {
            put_overview_row(form, command_row(i), out);
            rows++;
        }
    }
    rows = 0;
    for (size_t i = 0; command_row(i) != NULL; i++) {
        if ((command_row(i)->flags & COMMAND_F_EVERYDAY) != 0 && rows < rows_max) {
            rows++;
            continue;
        }
        if (concerns(command_row(i), is_server_operator))
            plain_wrap_word(&wrap, wrap.column == 0 ? "also: /" : "/", bytes_of(command_row(i)->name), "");
    }
    plain_wrap_end(&wrap);
    plain_out_fixed(form, out,
                    "*** More about one: /help COMMAND. To say a line that begins with /, begin it with //");
}

static void put_one(struct wire_form form, const struct command *command, struct buf *out)
{
    struct bytes help = bytes_of(command->help);

    buf_put_text(out, "*** ");
    (void)put_syntax(command, out);
    buf_put_text(out, ": ");
    plain_out_fixed(form, out, command->summary);
    if (command->role == POLICY_SERVER_OPERATOR)
        plain_out_fixed(form, out, PLAIN_OUT_MORE "For operators of the server: /oper NAME");

    while (help.len > 0)
        plain_out_line(form, out, PLAIN_OUT_MORE "$", bytes_cut(&help, '\n'), BYTES(""));

    for (size_t i = 0; i < COMMAND_ALIASES_MAX && command->aliases[i] != NULL; i++)
        plain_out_fill(out, i == 0 ? PLAIN_OUT_MORE "Also: /$" : ", /$", bytes_of(command->aliases[i]),
                       BYTES(""));
    if (command->aliases[0] != NULL)
        plain_out_end(form, out);
}

void plain_reply_help(struct wire_form form, const struct chat_event *event, struct buf *out)
{
    bool has_slash = bytes_starts_with(event->text, BYTES("/"));
    struct bytes word = bytes_slice(event->text, has_slash ? 1 : 0, event->text.len);
    const struct command *command = command_find(word);

    if (word.len == 0)
        put_overview(form, event->count > 0, out);
    else if (command != NULL)
        put_one(form, command, out);
    else
        plain_out_line(form, out, refusal_of(CHAT_ERR_UNKNOWN_COMMAND).text, word, BYTES(""));
}
