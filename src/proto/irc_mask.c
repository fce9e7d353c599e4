/* See irc_mask.h. */
#include "proto/irc_mask.h"

#include <stdio.h>

#include "base/check.h"

struct bytes irc_source(struct irc_source *source, struct bytes name)
{
    CHECK(name.len <= NAME_USER_BYTES_MAX);
    int len = snprintf(source->text, sizeof(source->text), "%.*s!" IRC_MASK_USER "@%.*s" IRC_MASK_HOST_END,
                       BYTES_ARG(name), BYTES_ARG(name));

    return (struct bytes){source->text, (size_t)len};
}

struct bytes irc_source_host(struct bytes source)
{
    return bytes_slice(source, bytes_find(source, '@') + 1, source.len);
}

/* ---- masks ---- */

/* Nothing but '*', or nothing at all: it fits everything. */
static bool is_any(struct bytes glob)
{
    for (size_t i = 0; i < glob.len; i++) {
        if (glob.ptr[i] != '*')
            return false;
    }
    return true;
}

static bool has_wildcard(struct bytes glob)
{
    return bytes_find(glob, '*') < glob.len || bytes_find(glob, '?') < glob.len;
}

/* "bob.mingle" gives "bob". False for a host that is no cloak. */
static bool cut_cloak(struct bytes host, struct bytes *ret_name)
{
    struct bytes end = BYTES(IRC_MASK_HOST_END);

    if (host.len <= end.len || !bytes_eq_nocase(bytes_slice(host, host.len - end.len, host.len), end))
        return false;
    *ret_name = bytes_slice(host, 0, host.len - end.len);
    return true;
}

static bool put_mask(struct bytes name, struct bytes host, struct irc_chat_mask *ret_mask)
{
    struct irc_chat_mask mask;
    int len = snprintf(mask.text, sizeof(mask.text), "%.*s%s%.*s", BYTES_ARG(name), host.len > 0 ? "@" : "",
                       BYTES_ARG(host));

    if (len < 0 || (size_t)len >= sizeof(mask.text) || !restriction_is_mask(bytes_of(mask.text)))
        return false;
    *ret_mask = mask;
    return true;
}

bool irc_mask_parse(struct bytes mask, struct irc_chat_mask *ret_mask)
{
    struct bytes host = mask, owner;
    struct bytes name = bytes_cut(&host, '@');
    name = bytes_cut(&name, '!');
    bool is_cloak = cut_cloak(host, &owner);

    if (name.len == 0)
        name = BYTES("*");
    if (is_any(host))
        return !is_any(name) && put_mask(name, BYTES(""), ret_mask);
    if (!is_cloak)
        return put_mask(name, host, ret_mask);
    if (!is_any(name) && (has_wildcard(owner) || bytes_eq_nocase(name, owner)))
        return put_mask(name, BYTES(""), ret_mask);
    if (has_wildcard(owner))
        return !is_any(owner) && put_mask(owner, BYTES(""), ret_mask);
    /* Some names cannot stand for a host in masks; then it is the name that is meant. */
    return put_mask(name, owner, ret_mask) || put_mask(owner, BYTES(""), ret_mask);
}

/* Addresses have dots or colons. */
static bool is_name(struct bytes host)
{
    return host.len > 0 && !has_wildcard(host) && bytes_find(host, '.') == host.len &&
           bytes_find(host, ':') == host.len;
}

void irc_mask_put(struct bytes mask, struct buf *out)
{
    struct bytes host = mask;
    struct bytes name = bytes_cut(&host, '@');

    buf_put(out, name);
    /* The mask may also be one of three parts, as somebody typed it. */
    buf_put_text(out, bytes_find(name, '!') < name.len ? "@" : "!*@");
    buf_put(out, host.len > 0 ? host : BYTES("*"));
    buf_put_text(out, is_name(host) ? IRC_MASK_HOST_END : "");
}
