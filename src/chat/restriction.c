/* Bans, mutes and ignores; one allocation each. */
#include "chat/restriction.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "chat/user.h"

static bool is_mask_char(char c, bool is_host)
{
    if (ascii_is_alnum(c))
        return true;
    return c != '\0' && strchr(is_host ? "-_*?.:" : "-_[]{}|^*?!", c) != NULL;
}

bool restriction_is_mask(struct bytes text)
{
    bool is_host = false;

    if (text.len == 0 || text.len > RESTRICTION_MASK_BYTES_MAX)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '@' && !is_host)
            is_host = true;
        else if (!is_mask_char(text.ptr[i], is_host))
            return false;
    }
    return true;
}

/* When the rest does not fit, the last '*' takes one character more: that is all that can help. */
bool restriction_glob(struct bytes glob, struct bytes text)
{
    size_t g = 0, t = 0, star = SIZE_MAX, taken = 0;

    while (t < text.len) {
        struct bytes want = bytes_slice(glob, g, g + 1);
        if (bytes_eq(want, BYTES("*"))) {
            star = g++;
            taken = t;
        } else if (bytes_eq(want, BYTES("?")) || bytes_eq_nocase(want, bytes_slice(text, t, t + 1))) {
            g++;
            t++;
        } else if (star != SIZE_MAX) {
            g = star + 1;
            t = ++taken;
        } else {
            return false;
        }
    }
    while (g < glob.len && glob.ptr[g] == '*')
        g++;
    return g == glob.len;
}

bool restriction_has_address(const struct restriction *restriction)
{
    struct bytes host = bytes_of(restriction->mask);

    (void)bytes_cut(&host, '@');
    return host.len > 0 && !bytes_eq(host, BYTES("*")) && restriction->host[0] == '\0';
}

static const char *pack(char **at, struct bytes text)
{
    char *copy = *at;
    if (text.len > 0)
        memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    *at += text.len + 1;
    return copy;
}

struct restriction *restriction_new(const struct restriction_spec *spec)
{
    size_t text_bytes = spec->mask.len + spec->host.len + spec->why.len + 3;
    struct restriction *restriction = malloc(sizeof(*restriction) + text_bytes);
    if (restriction == NULL)
        return NULL;
    char *at = (char *)(restriction + 1);
    *restriction = (struct restriction){.user_id = spec->user_id, .until_ms = spec->until_ms};
    restriction->mask = pack(&at, spec->mask);
    restriction->host = pack(&at, spec->host);
    restriction->why = pack(&at, spec->why);
    return restriction;
}

void restriction_free(struct restriction *restriction)
{
    free(restriction);
}

static void drop(struct list *list, struct restriction *restriction)
{
    list_remove(list, &restriction->link);
    restriction_free(restriction);
}

void restriction_add(struct list *list, struct restriction *restriction)
{
    restriction_remove(list, bytes_of(restriction->mask), 0);
    list_push_back(list, &restriction->link);
}

static bool means(const struct restriction *restriction, const struct user *user)
{
    struct bytes host = bytes_of(restriction->mask);
    bool has_host = bytes_find(host, '@') < host.len;
    struct bytes name = bytes_cut(&host, '@');

    if (restriction->user_id != 0 && restriction->user_id == user->id)
        return true;
    if (!restriction_glob(bytes_cut(&name, '!'), user_name(user)))
        return false;
    if (restriction->host[0] != '\0')
        return strcmp(restriction->host, user->host) == 0;
    return !has_host || restriction_glob(host, bytes_of(user->host));
}

const struct restriction *restriction_find(const struct list *list, const struct user *user, int64_t now_ms)
{
    const struct restriction *longest = NULL;

    LIST_FOREACH(restriction, list, struct restriction, link) {
        if (restriction->until_ms <= now_ms ||
            (longest != NULL && restriction->until_ms <= longest->until_ms))
            continue;
        if (means(restriction, user))
            longest = restriction;
    }
    return longest;
}

static bool is_called(const struct restriction *restriction, struct bytes mask, uint64_t user_id)
{
    return bytes_eq_nocase(bytes_of(restriction->mask), mask) ||
           (user_id != 0 && restriction->user_id == user_id);
}

bool restriction_has(const struct list *list, struct bytes mask, uint64_t user_id)
{
    LIST_FOREACH(restriction, list, struct restriction, link) {
        if (is_called(restriction, mask, user_id))
            return true;
    }
    return false;
}

void restriction_remove(struct list *list, struct bytes mask, uint64_t user_id)
{
    LIST_FOREACH_SAFE(restriction, list, struct restriction, link) {
        if (is_called(restriction, mask, user_id))
            drop(list, restriction);
    }
}

void restriction_purge(struct list *list, int64_t now_ms)
{
    LIST_FOREACH_SAFE(restriction, list, struct restriction, link) {
        if (restriction->until_ms <= now_ms)
            drop(list, restriction);
    }
}

void restriction_clear(struct list *list)
{
    LIST_FOREACH_SAFE(restriction, list, struct restriction, link)
        drop(list, restriction);
}
