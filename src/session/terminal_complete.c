/* See terminal_complete.h. Each call looks at all candidates once and keeps the least that fits. */
#include "session/terminal_complete.h"

#include <string.h>

#include "chat/command.h"
#include "chat/hub.h"
#include "chat/name.h"
#include "chat/room.h"
#include "chat/user.h"
#include "session/session.h"

/* People or rooms that one Tab looks at: a key must stay cheap in the largest room. */
#define LOOK_MAX 10000

struct search {
    char prefix[NAME_BYTES_MAX + 1], after[NAME_BYTES_MAX + 1]; /* folded */
    const char *best_folded, *best;                             /* NULL: none yet */
};

static void consider(struct search *search, const char *folded, const char *text)
{
    if (strncmp(folded, search->prefix, strlen(search->prefix)) != 0 || strcmp(folded, search->after) <= 0)
        return;
    if (search->best && strcmp(folded, search->best_folded) >= 0)
        return;
    search->best_folded = folded;
    search->best = text;
}

static void consider_commands(struct search *search)
{

    for (size_t i = 0; command_row(i) != NULL; i++)
        consider(search, command_row(i)->name, command_row(i)->name);
}

/* Rooms that are there for the user, in or not: those that /rooms shows. */
static void consider_room(void *arg, const struct room *room)
{
    consider(arg, room->name.folded, room->name.text);
}

static void consider_people(struct search *search, const struct user *user)
{
    const struct room *room = user->current ? user->current->room : NULL;

    for (size_t i = 0; room && i < room->member_count && i < LOOK_MAX; i++) {
        const struct membership *member = room->members[i];
        if (!member->is_leaving && member->user != user)
            consider(search, member->user->name_key, member->user->name);
    }
}

bool terminal_complete(void *arg, struct bytes prefix, bool is_line_start, struct bytes after,
                       struct buf *out)
{
    const struct user *user = ((struct session *)arg)->outbox.user;
    bool is_command = is_line_start && bytes_starts_with(prefix, BYTES("/"));
    struct search search = {0};

    if (!user || prefix.len > NAME_BYTES_MAX || after.len > NAME_BYTES_MAX)
        return false;
    name_fold(bytes_slice(prefix, is_command, prefix.len), search.prefix);
    name_fold(bytes_slice(after, is_command, after.len), search.after);
    if (is_command)
        consider_commands(&search);
    else if (bytes_starts_with(prefix, BYTES("#")))
        hub_visit_rooms(((struct session *)arg)->env->hub, user, LOOK_MAX, consider_room, &search);
    else
        consider_people(&search, user);
    if (!search.best)
        return false;
    buf_put_text(out, is_command ? "/" : "");
    buf_put_text(out, search.best);
    return true;
}
