#include "daemon/listen_option.h"

#include <errno.h>

/* Appends what is wrong with one word of the entry. */
static int refuse(struct buf *errors, const char *entry, struct bytes word, const char *why)
{
    buf_printf(errors, "listen.address \"%s\": %.*s: %s\n", entry, BYTES_ARG(word), why);
    return -EINVAL;
}

static const char *parse_tls(struct bytes value, struct listen_option *option)
{
    if (bytes_eq(value, BYTES("offered")))
        option->port.tls = SESSION_TLS_OFFERED;
    else if (bytes_eq(value, BYTES("required")))
        option->port.tls = SESSION_TLS_REQUIRED;
    else if (bytes_eq(value, BYTES("off")))
        option->port.tls = SESSION_TLS_OFF;
    else
        return "expected offered, required or off";
    return NULL;
}

static const char *parse_greeting(struct bytes value, struct listen_option *option)
{
    option->port.is_greeting = bytes_eq(value, BYTES("on"));
    return option->port.is_greeting || bytes_eq(value, BYTES("off")) ? NULL : "expected on or off";
}

static const char *parse_proxy(struct bytes value, struct listen_option *option)
{
    const char *why = NULL;

    do {
        struct bytes one = bytes_cut(&value, ',');
        if (option->port.proxy_count == LISTEN_OPTION_PROXIES)
            return "more than 16 addresses; put them together as blocks";
        if (addr_block_parse(one, &option->proxies[option->port.proxy_count], &why) < 0)
            return why;
        option->port.proxy_count++;
    } while (value.len > 0);
    return NULL;
}

#define DIALECTS_EXPECTED "expected some of plain, telnet, irc, http and tls, with commas between"

static const struct {
    const char *name;
    unsigned bit;
} dialects[] = {{"plain", SESSION_DIALECT_PLAIN},
                {"telnet", SESSION_DIALECT_TELNET},
                {"irc", SESSION_DIALECT_IRC},
                {"http", SESSION_DIALECT_HTTP},
                {"tls", SESSION_DIALECT_TLS}};

#define DIALECTS_ALL (SESSION_DIALECT_TLS * 2 - 1)

/* What to say of a word that is no dialect; the nearest one, if one is near. */
static const char *explain_dialect(struct bytes word)
{
    static const char *const hints[] = {
        DIALECTS_EXPECTED "; did you mean plain?", DIALECTS_EXPECTED "; did you mean telnet?",
        DIALECTS_EXPECTED "; did you mean irc?",   DIALECTS_EXPECTED "; did you mean http?",
        DIALECTS_EXPECTED "; did you mean tls?",
    };
    const char *hint = DIALECTS_EXPECTED;
    unsigned best = word.len > 3 ? 3 : 2;

    for (size_t i = 0; i < ARRAY_LEN(dialects); i++) {
        unsigned distance = bytes_distance(word, bytes_of(dialects[i].name));
        if (distance < best) {
            best = distance;
            hint = hints[i];
        }
    }
    return hint;
}

static const char *parse_dialects(struct bytes value, struct listen_option *option)
{
    unsigned taken = 0;

    do {
        struct bytes one = bytes_cut(&value, ',');
        unsigned bit = 0;
        for (size_t i = 0; i < ARRAY_LEN(dialects); i++)
            bit |= bytes_eq(one, bytes_of(dialects[i].name)) ? dialects[i].bit : 0;
        if (bit == 0)
            return explain_dialect(one);
        taken |= bit;
    } while (value.len > 0);
    if (taken == SESSION_DIALECT_TLS)
        return "tls is only around others; name those, too: dialects=plain,telnet,tls";
    option->port.refused = DIALECTS_ALL & ~taken;
    return NULL;
}

/* In the order of the bits that tell which were given. */
static const struct {
    const char *name;
    const char *(*parse)(struct bytes value, struct listen_option *option); /* what is wrong, or NULL */
} keys[] = {
    {"tls", parse_tls}, {"greeting", parse_greeting}, {"proxy", parse_proxy}, {"dialects", parse_dialects}};

static const char *parse_word(struct bytes word, struct listen_option *option, unsigned *given)
{
    struct bytes value = word;
    struct bytes key = bytes_cut(&value, '=');

    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        if (!bytes_eq(key, bytes_of(keys[i].name)))
            continue;
        if (*given & (1u << i))
            return "is given twice";
        *given |= 1u << i;
        return keys[i].parse(value, option);
    }
    return "unknown option; there are tls=, greeting=, proxy= and dialects=";
}

struct bytes listen_option_address(const char *entry)
{
    struct bytes rest = bytes_of(entry);
    return bytes_word(&rest);
}

int listen_option_parse(const char *entry, struct listen_option *ret_option, struct buf *errors)
{
    struct bytes rest = bytes_of(entry);
    struct listen_option option = {.address = bytes_word(&rest), .port = {.is_greeting = true}};
    unsigned given = 0;
    int r = 0;

    while (rest.len > 0) {
        struct bytes word = bytes_word(&rest);
        const char *why = parse_word(word, &option, &given);
        if (why)
            r = refuse(errors, entry, word, why);
    }
    if (r == 0 && option.port.tls == SESSION_TLS_REQUIRED && (option.port.refused & SESSION_DIALECT_TLS))
        r = refuse(errors, entry, BYTES("tls=required"), "and dialects= does not name tls");
    if (r == 0)
        *ret_option = option;
    return r;
}
