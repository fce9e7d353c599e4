/* Bans of the whole server; see ban_list.h. */
#include "session/ban_list.h"

#include <errno.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "chat/restriction.h"

void ban_list_init(struct ban_list *list)
{
    list_init(&list->bans);
}

static void drop(struct ban_list *list, struct ban *ban)
{
    list_remove(&list->bans, &ban->link);
    free(ban);
}

void ban_list_done(struct ban_list *list)
{
    LIST_FOREACH_SAFE(ban, &list->bans, struct ban, link)
        drop(list, ban);
}

/* The address without its port, as a glob sees it. */
static struct bytes host_of(char text[ADDR_TEXT_MAX])
{
    struct bytes host = bytes_of(text);
    if (bytes_starts_with(host, BYTES("unix:")))
        return BYTES("unix");
    while (host.len > 0 && host.ptr[host.len - 1] != ':')
        host.len--;
    host.len -= host.len > 0;
    if (bytes_starts_with(host, BYTES("["))) /* [ipv6] */
        host = bytes_slice(host, 1, host.len - 1);
    if (bytes_starts_with(host, BYTES("::ffff:")) && bytes_find(host, '.') < host.len)
        host = bytes_slice(host, sizeof("::ffff:") - 1, host.len);
    return host;
}

bool ban_matches(const struct ban *ban, const struct addr *peer, struct bytes name)
{
    char text[ADDR_TEXT_MAX];

    if (ban->has_block)
        return addr_block_has(&ban->block, peer);
    struct bytes host = bytes_of(ban->mask);
    bool has_host = bytes_find(host, '@') < host.len;
    struct bytes wanted = bytes_cut(&host, '@');
    bool means_all = bytes_eq(wanted, BYTES("*"));
    if (!means_all && (name.len == 0 || !restriction_glob(wanted, name)))
        return false;
    if (!has_host)
        return true;
    addr_format(peer, text);
    return restriction_glob(host, host_of(text));
}

const struct ban *ban_list_find(const struct ban_list *list, const struct addr *peer, struct bytes name,
                                int64_t now_ms)
{
    LIST_FOREACH(ban, &list->bans, struct ban, link) {
        if (ban->until_ms > now_ms && ban_matches(ban, peer, name))
            return ban;
    }
    return NULL;
}

int ban_list_add(struct ban_list *list, struct bytes mask, int64_t until_ms, struct bytes why,
                 const struct ban **ret_ban)
{
    struct ban new = {.until_ms = until_ms};
    const char *ignored;

    if (mask.len > BAN_MASK_BYTES_MAX)
        return -EINVAL;
    new.has_block = addr_block_parse(mask, &new.block, &ignored) == 0;
    if (!new.has_block && !restriction_is_mask(mask))
        return -EINVAL;
    if (list->bans.count >= BAN_LIST_MAX)
        return -ENOSPC;
    struct ban *ban = malloc(sizeof(*ban));
    if (ban == NULL)
        return -ENOMEM;
    *ban = new;
    bytes_copy(mask, ban->mask, sizeof(ban->mask));
    bytes_copy(utf8_prefix(why, BAN_WHY_BYTES_MAX), ban->why, sizeof(ban->why));
    (void)ban_list_remove(list, mask);
    list_push_back(&list->bans, &ban->link);
    *ret_ban = ban;
    return 0;
}

bool ban_list_remove(struct ban_list *list, struct bytes mask)
{
    LIST_FOREACH_SAFE(ban, &list->bans, struct ban, link) {
        if (bytes_eq_nocase(bytes_of(ban->mask), mask)) {
            drop(list, ban);
            return true;
        }
    }
    return false;
}

void ban_list_purge(struct ban_list *list, int64_t now_ms)
{
    LIST_FOREACH_SAFE(ban, &list->bans, struct ban, link) {
        if (ban->until_ms <= now_ms)
            drop(list, ban);
    }
}
