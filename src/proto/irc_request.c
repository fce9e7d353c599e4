/* The table of commands, and a function for each. */
#include "proto/irc_request.h"

#include <string.h>

#include "base/check.h"
#include "base/utf8.h"
#include "chat/chat_event.h"
#include "proto/irc_cap.h"
#include "proto/irc_channel_mode.h"
#include "proto/irc_history.h"
#include "proto/irc_out.h"
#include "proto/irc_query.h"
#include "proto/irc_redact.h"
#include "proto/irc_rename.h"

static const struct bytes nothing = {NULL, 0};

/* ---- requests ---- */

struct chat_request *irc_request_add(struct irc_requests *requests, const char *command)
{
    bool is_say = strcmp(command, "say") == 0;
    const struct command *row = is_say ? command_say() : command_find(bytes_of(command));

    if (row == NULL)
        row = command_client(bytes_of(command));
    CHECK(row != NULL && requests->count < IRC_REQUESTS_MAX);
    struct chat_request *request = &requests->items[requests->count++];
    *request = (struct chat_request){.command = row};
    return request;
}

void irc_request_add_word(struct irc_requests *requests, const char *command, struct bytes room,
                          struct bytes word)
{
    struct chat_request *request = irc_request_add(requests, command);

    request->room = room;
    request->words[0] = word;
    request->word_count = word.len > 0 ? 1 : 0;
}

static struct chat_request *last_of(struct irc_requests *requests)
{
    CHECK(requests->count > 0);
    return &requests->items[requests->count - 1];
}

static bool is_room(struct bytes target)
{
    return bytes_starts_with(target, BYTES("#"));
}

/* A list of targets that is being walked over: "a,b,c". */
struct targets {
    const struct irc_reader *reader;
    struct buf *out;
    struct bytes rest;
    size_t count;
};

/* The next target that is not empty. */
static bool next_target(struct targets *targets, struct bytes *ret_target)
{
    while (targets->rest.len > 0) {
        struct bytes target = bytes_cut(&targets->rest, ',');
        if (target.len == 0)
            continue;
        if (targets->count++ == IRC_TARGETS_MAX) {
            irc_numeric_put(targets->reader, IRC_ERR_TOOMANYTARGETS, target, nothing, targets->out);
            return false;
        }
        *ret_target = target;
        return true;
    }
    return false;
}

/* The next one that is a room; others are refused. */
static bool next_room(struct targets *targets, struct bytes *ret_room)
{
    while (next_target(targets, ret_room)) {
        if (is_room(*ret_room))
            return true;
        irc_numeric_put(targets->reader, IRC_ERR_NOSUCHCHANNEL, *ret_room, nothing, targets->out);
    }
    return false;
}

/* ---- rooms ---- */

static void apply_join(const struct irc_reader *reader, const struct irc_message *message,
                       struct irc_requests *requests, struct buf *out)
{
    struct targets targets = {.reader = reader, .out = out, .rest = message->params[0]};
    struct bytes keys = irc_message_param(message, 1), room;

    if (bytes_eq(targets.rest, BYTES("0"))) {
        (void)irc_request_add(requests, "leave-all");
        return;
    }
    while (next_room(&targets, &room)) {
        struct bytes key = bytes_cut(&keys, ',');
        irc_request_add_word(requests, "join", nothing, room);
        last_of(requests)->words[1] = key;
        last_of(requests)->word_count += key.len > 0 ? 1 : 0;
    }
}

static void apply_part(const struct irc_reader *reader, const struct irc_message *message,
                       struct irc_requests *requests, struct buf *out)
{
    struct targets targets = {.reader = reader, .out = out, .rest = message->params[0]};
    struct bytes room;

    while (next_room(&targets, &room)) {
        irc_request_add_word(requests, "part", nothing, room);
        last_of(requests)->text = irc_message_param(message, 1);
    }
}

/* An empty text clears the topic, which is "-" to the domain. */
static void apply_topic(const struct irc_reader *reader, const struct irc_message *message,
                        struct irc_requests *requests, struct buf *out)
{
    struct bytes text = irc_message_param(message, 1);

    if (!is_room(message->params[0])) {
        irc_numeric_put(reader, IRC_ERR_NOSUCHCHANNEL, message->params[0], nothing, out);
        return;
    }
    struct chat_request *request = irc_request_add(requests, "topic");
    request->room = message->params[0];
    request->text = message->param_count > 1 && text.len == 0 ? BYTES("-") : text;
}

static void apply_names(const struct irc_reader *reader, const struct irc_message *message,
                        struct irc_requests *requests, struct buf *out)
{
    struct targets targets = {.reader = reader, .out = out, .rest = irc_message_param(message, 0)};
    struct bytes room;

    if (message->param_count == 0)
        irc_numeric_put(reader, IRC_RPL_ENDOFNAMES, BYTES("*"), nothing, out);
    while (next_target(&targets, &room)) {
        if (is_room(room))
            irc_request_add_word(requests, "names", nothing, room);
        else
            irc_numeric_put(reader, IRC_RPL_ENDOFNAMES, room, nothing, out);
    }
}

/* Alone it asks where one is invited to. */
static void apply_invite(const struct irc_reader *reader, const struct irc_message *message,
                         struct irc_requests *requests, struct buf *out)
{
    struct bytes room = irc_message_param(message, 1);

    if (message->param_count == 0)
        (void)irc_request_add(requests, "invites");
    else if (room.len == 0)
        irc_numeric_put(reader, IRC_ERR_NEEDMOREPARAMS, BYTES("INVITE"), nothing, out);
    else if (is_room(room))
        irc_request_add_word(requests, "invite", room, message->params[0]);
    else
        irc_numeric_put(reader, IRC_ERR_NOSUCHCHANNEL, room, nothing, out);
}

static void apply_kick(const struct irc_reader *reader, const struct irc_message *message,
                       struct irc_requests *requests, struct buf *out)
{
    struct targets targets = {.reader = reader, .out = out, .rest = message->params[1]};
    struct bytes name;

    if (!is_room(message->params[0])) {
        irc_numeric_put(reader, IRC_ERR_NOSUCHCHANNEL, message->params[0], nothing, out);
        return;
    }
    while (next_target(&targets, &name)) {
        irc_request_add_word(requests, "kick", message->params[0], name);
        last_of(requests)->text = irc_message_param(message, 2);
    }
}

static void apply_mode(const struct irc_reader *reader, const struct irc_message *message,
                       struct irc_requests *requests, struct buf *out)
{
    struct bytes target = message->params[0];

    if (is_room(target))
        irc_channel_mode(reader, message, requests, out);
    else if (!bytes_eq_nocase(target, reader->you))
        irc_request_add_word(requests, "modes-of-other", nothing, target);
    else
        irc_query_modes(reader, message, requests, out);
}

/* ---- talking ---- */

#define CTCP '\001'

/* What is to be said, once the frame of an ACTION is off. False for CTCP of any other kind: it is made of bytes that no
 * text may hold. */
static bool cut_action(struct bytes *text, bool *ret_is_action)
{
    *ret_is_action = false;
    if (text->len == 0 || text->ptr[0] != CTCP)
        return true;
    struct bytes rest = bytes_slice(*text, 1, text->len);
    rest = bytes_slice(rest, 0, bytes_find(rest, CTCP));
    if (!bytes_starts_with(rest, BYTES("ACTION ")))
        return false;
    *text = bytes_slice(rest, sizeof("ACTION ") - 1, rest.len);
    *ret_is_action = true;
    return true;
}

/* In private there are no actions; the text shows whose it is. */
static struct bytes private_action(const struct irc_reader *reader, struct bytes text,
                                   struct irc_requests *requests)
{
    struct buf out;

    buf_init_fixed(&out, requests->text, sizeof(requests->text));
    buf_put_text(&out, "* ");
    buf_put(&out, reader->you);
    buf_put_char(&out, ' ');
    buf_put(&out, utf8_prefix(text, sizeof(requests->text) - 1 - out.len));
    return buf_bytes(&out);
}

/* What the client adds for other clients; empty when there is nothing, or it cannot be passed on as it is. */
static struct bytes client_tags(const struct irc_reader *reader, const struct irc_message *message)
{
    struct bytes tags = message->tags, rest = tags;
    struct irc_tag tag;
    bool has_some = false;

    if ((reader->caps & IRC_CAP_F_MESSAGE_TAGS) == 0 || tags.len > CHAT_TAGS_BYTES_MAX ||
        !utf8_is_valid(tags))
        return nothing;
    for (size_t i = 0; i < tags.len; i++) {
        if ((unsigned char)tags.ptr[i] < ' ' || tags.ptr[i] == 127)
            return nothing;
    }
    while (irc_tag_next(&rest, &tag))
        has_some = has_some || bytes_starts_with(tag.key, BYTES("+"));
    return has_some ? tags : nothing;
}

/* "@#room" is for the operators there, "+#room" also for who has voice. Then the command, and *target is the room. */
static const char *cut_status(struct bytes *target)
{
    bool is_operators = bytes_starts_with(*target, BYTES("@"));
    struct bytes room = bytes_slice(*target, 1, target->len);

    if (!is_room(room) || (!is_operators && !bytes_starts_with(*target, BYTES("+"))))
        return NULL;
    *target = room;
    return is_operators ? "ops" : "voiced";
}

static void say(const struct irc_reader *reader, const struct irc_message *message, bool is_notice,
                struct irc_requests *requests, struct buf *out)
{
    struct targets targets = {.reader = reader, .out = out, .rest = message->params[0]};
    struct bytes text = message->params[1], target;
    bool is_action;

    if (!cut_action(&text, &is_action)) {
        if (!is_notice)
            irc_out_notice(reader, BYTES("Not sent: of CTCP only ACTION is passed on here"), out);
        return;
    }
    struct bytes alone = is_action ? private_action(reader, text, requests) : text;
    while (next_target(&targets, &target)) {
        const char *to_role = cut_status(&target);
        bool goes_to_room = is_room(target);
        if (goes_to_room)
            irc_request_add(requests, to_role != NULL ? to_role : is_action ? "me" : "say")->room = target;
        else
            irc_request_add_word(requests, "msg", nothing, target);
        last_of(requests)->text = goes_to_room && to_role == NULL ? text : alone;
        last_of(requests)->tags = client_tags(reader, message);
        last_of(requests)->is_notice = is_notice;
    }
}

/* Nobody waits for an answer to it: that a tag went nowhere is no news to a person. */
static void apply_tagmsg(const struct irc_reader *reader, const struct irc_message *message,
                         struct irc_requests *requests, struct buf *out)
{
    struct targets targets = {.reader = reader, .out = out, .rest = message->params[0]};
    struct bytes tags = client_tags(reader, message), target;

    while (tags.len > 0 && next_target(&targets, &target)) {
        if (is_room(target))
            irc_request_add(requests, "tags")->room = target;
        else
            irc_request_add_word(requests, "tags-to", nothing, target);
        last_of(requests)->tags = tags;
        last_of(requests)->is_notice = true;
    }
}

static void apply_privmsg(const struct irc_reader *reader, const struct irc_message *message,
                          struct irc_requests *requests, struct buf *out)
{
    if (irc_message_param(message, 0).len == 0)
        irc_numeric_put(reader, IRC_ERR_NORECIPIENT, nothing, nothing, out);
    else if (irc_message_param(message, 1).len == 0)
        irc_numeric_put(reader, IRC_ERR_NOTEXTTOSEND, nothing, nothing, out);
    else
        say(reader, message, false, requests, out);
}

/* Mistakes in notices are not answered. */
static void apply_notice(const struct irc_reader *reader, const struct irc_message *message,
                         struct irc_requests *requests, struct buf *out)
{
    struct buf answers;

    buf_init(&answers, 2 * IRC_BODY_BYTES_MAX);
    if (irc_message_param(message, 0).len > 0 && irc_message_param(message, 1).len > 0)
        say(reader, message, true, requests, &answers);
    buf_done(&answers);
    (void)out;
}

/* ---- people and the server ---- */

static void apply_nick(const struct irc_reader *reader, const struct irc_message *message,
                       struct irc_requests *requests, struct buf *out)
{
    struct bytes name = irc_message_param(message, 0);

    if (name.len == 0)
        irc_numeric_put(reader, IRC_ERR_NONICKNAMEGIVEN, nothing, nothing, out);
    else
        irc_request_add_word(requests, "nick", nothing, name);
}

static void apply_away(const struct irc_reader *reader, const struct irc_message *message,
                       struct irc_requests *requests, struct buf *out)
{
    struct bytes why = irc_message_param(message, 0);

    (void)reader, (void)out;
    irc_request_add(requests, why.len > 0 ? "away" : "back")->text = why;
}

/* "WHOIS server name" is the old form of "WHOIS name". */
static void apply_whois(const struct irc_reader *reader, const struct irc_message *message,
                        struct irc_requests *requests, struct buf *out)
{
    struct targets targets = {.reader = reader, .out = out};
    struct bytes name;

    targets.rest = irc_message_param(message, message->param_count > 1 ? 1 : 0);
    while (next_target(&targets, &name))
        irc_request_add_word(requests, "whois", nothing, name);
    if (targets.count == 0)
        irc_numeric_put(reader, IRC_ERR_NONICKNAMEGIVEN, nothing, nothing, out);
}

static void apply_oper(const struct irc_reader *reader, const struct irc_message *message,
                       struct irc_requests *requests, struct buf *out)
{
    (void)reader, (void)out;
    irc_request_add_word(requests, "oper", nothing, message->params[0]);
    last_of(requests)->text = message->params[1];
}

static void apply_kill(const struct irc_reader *reader, const struct irc_message *message,
                       struct irc_requests *requests, struct buf *out)
{
    (void)reader, (void)out;
    irc_request_add_word(requests, "kill", nothing, message->params[0]);
    last_of(requests)->text = irc_message_param(message, 1);
}

static void apply_quit(const struct irc_reader *reader, const struct irc_message *message,
                       struct irc_requests *requests, struct buf *out)
{
    (void)reader, (void)out;
    irc_request_add(requests, "quit")->text = irc_message_param(message, 0);
}

static void apply_motd(const struct irc_reader *reader, const struct irc_message *message,
                       struct irc_requests *requests, struct buf *out)
{
    (void)reader, (void)message, (void)out;
    (void)irc_request_add(requests, "motd");
}

static void apply_time(const struct irc_reader *reader, const struct irc_message *message,
                       struct irc_requests *requests, struct buf *out)
{
    (void)reader, (void)message, (void)out;
    (void)irc_request_add(requests, "time");
}

static void apply_version(const struct irc_reader *reader, const struct irc_message *message,
                          struct irc_requests *requests, struct buf *out)
{
    (void)reader, (void)message, (void)out;
    (void)irc_request_add(requests, "version");
}

/* PONG says only that the client is there. */
static void apply_nothing(const struct irc_reader *reader, const struct irc_message *message,
                          struct irc_requests *requests, struct buf *out)
{
    (void)reader, (void)message, (void)requests, (void)out;
}

static void apply_late(const struct irc_reader *reader, const struct irc_message *message,
                       struct irc_requests *requests, struct buf *out)
{
    (void)message, (void)requests;
    irc_numeric_put(reader, IRC_ERR_ALREADYREGISTERED, nothing, nothing, out);
}

/* ---- the table ---- */

static const struct irc_request_row table[] = {
    {"ADMIN", 0, irc_query_admin, ""},
    {"AWAY", 0, apply_away, "[:why]"},
    {"CHATHISTORY", 0, irc_history_apply, "LATEST|BEFORE|AFTER|AROUND|BETWEEN #room mark [mark] limit"},
    {"HELP", 0, irc_query_help, "[command]"},
    {"INFO", 0, irc_query_info, ""},
    {"INVITE", 0, apply_invite, "[name #room]"},
    {"ISON", 1, irc_query_ison, "name ..."},
    {"JOIN", 1, apply_join, "#room,#room [key,key] | 0"},
    {"KICK", 2, apply_kick, "#room name,name [:why]"},
    {"KILL", 1, apply_kill, "name [:why]"},
    {"LINKS", 0, irc_query_links, ""},
    {"LIST", 0, irc_query_list, "[mask,!mask,>n,<n,C>n,C<n,T>n,T<n]"},
    {"LUSERS", 0, irc_query_lusers, ""},
    {"MODE", 1, apply_mode, "#room|name [modes]"},
    {"MONITOR", 1, irc_query_monitor, "+|- name,name | C | L | S"},
    {"MOTD", 0, apply_motd, ""},
    {"NAMES", 0, apply_names, "#room,#room"},
    {"NICK", 0, apply_nick, "name"},
    {"NOTICE", 0, apply_notice, "target,target :text"},
    {"OPER", 2, apply_oper, "name password"},
    {"PART", 1, apply_part, "#room,#room [:why]"},
    {"PASS", 0, apply_late, "password"},
    {"PING", 0, irc_query_ping, "text"},
    {"PONG", 0, apply_nothing, "text"},
    {"PRIVMSG", 0, apply_privmsg, "target,target :text"},
    {"QUIT", 0, apply_quit, "[:why]"},
    {"REDACT", 2, irc_redact_apply, "#room msgid [:why]"},
    {"REHASH", 0, irc_query_rehash, ""},
    {"RENAME", 2, irc_rename_apply, "#room #new [:why]"},
    {"SETNAME", 1, irc_query_setname, ":text"},
    {"STATS", 1, irc_query_stats, "m|o|u"},
    {"TAGMSG", 1, apply_tagmsg, "target,target"},
    {"TIME", 0, apply_time, ""},
    {"TOPIC", 1, apply_topic, "#room [:text]"},
    {"USER", 0, apply_late, "user 0 * :realname"},
    {"USERHOST", 1, irc_query_userhost, "name ..."},
    {"VERSION", 0, apply_version, ""},
    {"WALLOPS", 1, irc_query_wallops, ":text"},
    {"WHO", 0, irc_query_who, "[#room|mask] [%fields,token]"},
    {"WHOIS", 0, apply_whois, "name,name"},
    {"WHOWAS", 1, irc_query_whowas, "name [count]"},
};

const struct irc_request_row *irc_request_row(size_t index)
{
    return index < ARRAY_LEN(table) ? &table[index] : NULL;
}

void irc_request(const struct irc_reader *reader, const struct irc_message *message,
                 struct irc_requests *ret_requests, struct buf *out)
{
    ret_requests->count = 0;
    ret_requests->row = NULL;
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        if (!bytes_eq_nocase(message->command, bytes_of(table[i].name)))
            continue;
        ret_requests->row = &table[i];
        if (table[i].params_min > 0 && irc_message_param(message, table[i].params_min - 1u).len == 0)
            irc_numeric_put(reader, IRC_ERR_NEEDMOREPARAMS, bytes_of(table[i].name), nothing, out);
        else
            table[i].apply(reader, message, ret_requests, out);
        return;
    }
    irc_numeric_put(reader, IRC_ERR_UNKNOWNCOMMAND, message->command, nothing, out);
}
