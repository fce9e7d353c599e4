/* See irc_isupport.h. */
#include "proto/irc_isupport.h"

#include "chat/hub.h"
#include "chat/name.h"
#include "chat/restriction.h"
#include "chat/room.h"
#include "chat/user.h"
#include "chat/watch.h"
#include "proto/irc_channel_mode.h"
#include "proto/irc_request.h"

#define TOKENS_PER_LINE 13
#define TOKEN_BYTES_MAX 255

typedef void (*visit_fn)(void *arg, struct bytes token);

static void visit_number(const char *name, size_t number, visit_fn visit, void *arg)
{
    char text[TOKEN_BYTES_MAX + 1];
    struct buf token;

    buf_init_fixed(&token, text, sizeof(text));
    buf_printf(&token, "%s%zu", name, number);
    visit(arg, buf_bytes(&token));
}

static void visit_network(struct bytes network, visit_fn visit, void *arg)
{
    char text[TOKEN_BYTES_MAX + 1];
    struct buf token;

    if (network.len == 0)
        return;
    buf_init_fixed(&token, text, sizeof(text));
    buf_put_text(&token, "NETWORK=");
    for (size_t i = 0; i < network.len && i < IRC_NETWORK_BYTES_MAX; i++)
        buf_put_char(&token, network.ptr[i] > ' ' && network.ptr[i] < 127 ? network.ptr[i] : '-');
    visit(arg, buf_bytes(&token));
}

static void visit_lists(visit_fn visit, void *arg)
{
    char text[TOKEN_BYTES_MAX + 1];
    struct buf token;

    buf_init_fixed(&token, text, sizeof(text));
    buf_printf(&token, "MAXLIST=b:%d,e:%d,I:%d,q:%d", RESTRICTIONS_MAX, RESTRICTIONS_MAX, RESTRICTIONS_MAX,
               RESTRICTIONS_MAX);
    visit(arg, buf_bytes(&token));
}

static void visit_targets(visit_fn visit, void *arg)
{
    static const char *const commands[] = {"JOIN", "KICK", "NAMES", "NOTICE", "PART", "PRIVMSG", "WHOIS"};
    char text[TOKEN_BYTES_MAX + 1];
    struct buf token;

    buf_init_fixed(&token, text, sizeof(text));
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        buf_printf(&token, "%s%s:%d", i == 0 ? "TARGMAX=" : ",", commands[i], IRC_TARGETS_MAX);
    visit(arg, buf_bytes(&token));
}

void irc_isupport_visit(const struct irc_isupport *settings, visit_fn visit, void *arg)
{
    visit_number("AWAYLEN=", USER_AWAY_BYTES_MAX, visit, arg);
    visit(arg, BYTES("BOT=B"));
    visit(arg, BYTES("CASEMAPPING=ascii"));
    visit_number("CHANLIMIT=#:", settings->rooms_per_user, visit, arg);
    visit(arg, BYTES("CHANMODES=" IRC_CHANNEL_MODES));
    visit_number("CHANNELLEN=", NAME_ROOM_BYTES_MAX, visit, arg);
    visit(arg, BYTES("CHANTYPES=#"));
    visit_number("CHATHISTORY=", CHAT_HISTORY_MAX, visit, arg);
    visit(arg, BYTES("ELIST=CMNTU"));
    visit(arg, BYTES("EXCEPTS=e"));
    visit(arg, BYTES("EXTBAN=,m"));
    visit(arg, BYTES("INVEX=I"));
    visit_number("KEYLEN=", ROOM_KEY_BYTES_MAX, visit, arg);
    visit_number("KICKLEN=", HUB_WHY_BYTES_MAX, visit, arg);
    visit_lists(visit, arg);
    visit_number("MODES=", IRC_MODES_MAX, visit, arg);
    visit_number("MONITOR=", WATCHES_MAX, visit, arg);
    visit(arg, BYTES("MSGREFTYPES=msgid,timestamp"));
    visit_number("NAMELEN=", USER_REALNAME_BYTES_MAX, visit, arg);
    visit_network(settings->network, visit, arg);
    visit_number("NICKLEN=", NAME_USER_BYTES_MAX, visit, arg);
    visit(arg, BYTES("PREFIX=" IRC_CHANNEL_PREFIXES));
    visit(arg, BYTES("SAFELIST"));
    visit(arg, BYTES("STATUSMSG=@+"));
    visit_targets(visit, arg);
    visit_number("TOPICLEN=", HUB_TOPIC_BYTES_MAX, visit, arg);
    visit(arg, BYTES("UTF8ONLY"));
    visit(arg, BYTES("WHOX"));
}

struct output {
    const struct irc_reader *reader;
    struct buf *out;
    struct irc_line line;
    size_t count; /* tokens in the line */
};

static void end_line(struct output *output)
{
    irc_line_last(&output->line, bytes_of(irc_numeric_text(IRC_RPL_ISUPPORT)));
    irc_line_end(&output->line);
    output->count = 0;
}

static void put_token(void *arg, struct bytes token)
{
    struct output *output = arg;
    size_t needed = token.len + sizeof(" are supported by this server");

    if (output->count == TOKENS_PER_LINE || (output->count > 0 && irc_line_left(&output->line) < needed))
        end_line(output);
    if (output->count++ == 0) {
        output->line = (struct irc_line){.out = output->out};
        irc_numeric_start(&output->line, output->reader, IRC_RPL_ISUPPORT);
    }
    irc_line_word(&output->line, token);
}

void irc_isupport_put(const struct irc_reader *reader, const struct irc_isupport *settings, struct buf *out)
{
    struct output output = {.reader = reader, .out = out};

    irc_isupport_visit(settings, put_token, &output);
    if (output.count > 0)
        end_line(&output);
}
