/* See irc_register.h. */
#include "proto/irc_register.h"

#include <time.h>

#include "base/check.h"
#include "base/utf8.h"
#include "proto/irc_channel_mode.h"
#include "proto/irc_numeric.h"
#include "proto/irc_out.h"
#include "proto/irc_query.h"
#include "proto/irc_request.h"

#define USER_PARAMS 4

static const struct bytes nothing = {NULL, 0};

static void apply_nick(struct irc_register *client, const struct irc_message *message,
                       const struct irc_reader *reader, struct buf *out)
{
    struct bytes name = irc_message_param(message, 0);

    if (name.len == 0)
        irc_numeric_put(reader, IRC_ERR_NONICKNAMEGIVEN, nothing, nothing, out);
    else if (!name_is_user(name))
        irc_numeric_put(reader, IRC_ERR_ERRONEUSNICKNAME, name, nothing, out);
    else
        CHECK(bytes_copy(name, client->name, sizeof(client->name)));
}

static void set_user(struct irc_register *client, struct bytes realname, const struct irc_reader *reader,
                     struct buf *out)
{
    const struct irc_out_fail warning = {
        .command = "USER", .code = "INVALID_UTF8", .text = "Your realname was no UTF-8, and was changed"};

    if (!utf8_is_valid(realname) && (client->cap.enabled & IRC_CAP_F_STANDARD_REPLIES) != 0)
        irc_out_warn(reader, &warning, out);
    client->has_user = true;
    CHECK(bytes_copy(utf8_prefix(realname, USER_REALNAME_BYTES_MAX), client->realname,
                     sizeof(client->realname)));
}

/* USER user mode * :realname. Only the last is kept: everybody's user is the same, and modes are what MODE sets. */
static void apply_user(struct irc_register *client, const struct irc_message *message,
                       const struct irc_reader *reader, struct buf *out)
{
    if (client->has_user)
        irc_numeric_put(reader, IRC_ERR_ALREADYREGISTERED, nothing, nothing, out);
    else if (message->param_count < USER_PARAMS)
        irc_numeric_put(reader, IRC_ERR_NEEDMOREPARAMS, BYTES("USER"), nothing, out);
    else
        set_user(client, message->params[USER_PARAMS - 1], reader, out);
}

/* The server has no password; clients are often set up with one all the same. */
static void apply_pass(const struct irc_message *message, const struct irc_reader *reader, struct buf *out)
{
    if (irc_message_param(message, 0).len == 0)
        irc_numeric_put(reader, IRC_ERR_NEEDMOREPARAMS, BYTES("PASS"), nothing, out);
}

enum irc_register_result irc_register_apply(struct irc_register *client, const struct irc_message *message,
                                            struct bytes server, struct buf *out)
{
    const struct irc_reader reader = {.server = server};
    struct irc_requests none;

    if (bytes_eq_nocase(message->command, BYTES("CAP")))
        irc_cap_apply(&client->cap, message, &reader, out);
    else if (bytes_eq_nocase(message->command, BYTES("NICK")))
        apply_nick(client, message, &reader, out);
    else if (bytes_eq_nocase(message->command, BYTES("USER")))
        apply_user(client, message, &reader, out);
    else if (bytes_eq_nocase(message->command, BYTES("PASS")))
        apply_pass(message, &reader, out);
    else if (bytes_eq_nocase(message->command, BYTES("PING")) ||
             bytes_eq_nocase(message->command, BYTES("PONG")))
        irc_request(&reader, message, &none, out);
    else if (bytes_eq_nocase(message->command, BYTES("QUIT")))
        return IRC_REGISTER_QUIT;
    else
        irc_numeric_put(&reader, IRC_ERR_NOTREGISTERED, message->command, nothing, out);

    bool is_ready = client->name[0] != '\0' && client->has_user && !client->cap.is_negotiating;
    return is_ready ? IRC_REGISTER_NAME : IRC_REGISTER_MORE;
}

void irc_register_taken(struct irc_register *client, struct bytes server, struct buf *out)
{
    const struct irc_reader reader = {.server = server};

    irc_numeric_put(&reader, IRC_ERR_NICKNAMEINUSE, bytes_of(client->name), nothing, out);
    client->name[0] = '\0';
}

/* ---- welcome ---- */

/* ":server 001 name :before text after" */
static void put_text(const struct irc_reader *reader, enum irc_numeric numeric, const char *before,
                     struct bytes text, struct buf *out)
{
    struct irc_line line = {.out = out};
    char words[IRC_BODY_BYTES_MAX];
    struct buf last;

    buf_init_fixed(&last, words, sizeof(words));
    buf_put_text(&last, before);
    buf_put(&last, text);
    irc_numeric_start(&line, reader, numeric);
    irc_line_last(&line, buf_bytes(&last));
    irc_line_end(&line);
}

static void put_started(const struct irc_reader *reader, int64_t wall_ms, struct buf *out)
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm tm;
    char text[64] = "";

    if (gmtime_r(&seconds, &tm) == NULL || strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &tm) == 0)
        text[0] = '\0';
    put_text(reader, IRC_RPL_CREATED, "It runs since ", bytes_of(text), out);
}

static void put_myinfo(const struct irc_reader *reader, struct bytes version, struct buf *out)
{
    struct irc_line line = {.out = out};
    char text[64];
    struct buf word;

    buf_init_fixed(&word, text, sizeof(text));
    buf_printf(&word, "mingle-%.*s", BYTES_ARG(version));
    irc_numeric_start(&line, reader, IRC_RPL_MYINFO);
    irc_line_word(&line, reader->server);
    irc_line_word(&line, buf_bytes(&word));
    irc_line_word(&line, BYTES(IRC_QUERY_USER_MODES));
    irc_line_word(&line, BYTES(IRC_CHANNEL_LETTERS));
    irc_line_end(&line);
}

void irc_register_welcome(struct irc_register *client, const struct irc_welcome *welcome, struct bytes server,
                          struct buf *out)
{
    const struct irc_reader reader = {.server = server, .you = bytes_of(client->name)};

    client->cap.is_registered = true;
    put_text(&reader, IRC_RPL_WELCOME, "Welcome, ", reader.you, out);
    put_text(&reader, IRC_RPL_YOURHOST, "This is mingle on ", server, out);
    put_started(&reader, welcome->started_wall_ms, out);
    put_myinfo(&reader, welcome->version, out);
    irc_isupport_put(&reader, &welcome->isupport, out);
}
