/* See whowas.h. */
#include "chat/whowas.h"

#include <errno.h>
#include <stdlib.h>

#include "base/check.h"

int whowas_init(struct whowas *whowas)
{
    *whowas = (struct whowas){.entries = calloc(WHOWAS_MAX, sizeof(struct whowas_entry))};
    return whowas->entries != NULL ? 0 : -ENOMEM;
}

void whowas_done(struct whowas *whowas)
{
    for (size_t i = 0; whowas->entries != NULL && i < WHOWAS_MAX; i++)
        free(whowas->entries[i].realname);
    free(whowas->entries);
    whowas->entries = NULL;
}

void whowas_note(struct whowas *whowas, const struct user *user, int64_t now_ms, int64_t now_wall_ms)
{
    struct whowas_entry *entry = &whowas->entries[whowas->noted_count++ % WHOWAS_MAX];

    free(entry->realname);
    *entry = (struct whowas_entry){
        .since_wall_ms = user->since_wall_ms, .until_ms = now_ms, .until_wall_ms = now_wall_ms};
    CHECK(bytes_copy(user_name(user), entry->name, sizeof(entry->name)));
    CHECK(bytes_copy(bytes_of(user->host), entry->host, sizeof(entry->host)));
    if (user_realname(user).len > 0)
        entry->realname = bytes_dup(user_realname(user));
}

size_t whowas_find(const struct whowas *whowas, struct bytes name, int64_t now_ms,
                   const struct whowas_entry **ret, size_t most)
{
    uint64_t kept = whowas->noted_count < WHOWAS_MAX ? whowas->noted_count : WHOWAS_MAX;
    size_t count = 0;

    for (uint64_t back = 1; back <= kept && count < most; back++) {
        const struct whowas_entry *entry = &whowas->entries[(whowas->noted_count - back) % WHOWAS_MAX];
        if (now_ms - entry->until_ms >= WHOWAS_KEPT_MS)
            break;
        if (bytes_eq_nocase(bytes_of(entry->name), name))
            ret[count++] = entry;
    }
    return count;
}
