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

/* In the order of the bits that tell which were given. */
static const struct {
    const char *name;
    const char *(*parse)(struct bytes value, struct listen_option *option); /* what is wrong, or NULL */
} keys[] = {{"tls", parse_tls}, {"greeting", parse_greeting}, {"proxy", parse_proxy}};

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
    return "unknown option; there are tls=, greeting= and proxy=";
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
    if (r == 0)
        *ret_option = option;
    return r;
}
