/* People: what belongs to one of them, and which rooms count. */
#include "chat/user.h"

#include <errno.h>
#include <stdlib.h>

#include "base/check.h"
#include "chat/chat_event.h"
#include "chat/restriction.h"
#include "chat/room.h"

struct user *user_new(uint64_t id, struct bytes name, struct outbox *outbox)
{
    char folded[NAME_BYTES_MAX + 1];
    struct user *user = calloc(1, sizeof(*user));
    if (user == NULL)
        return NULL;
    user->id = id;
    user->outbox = outbox;
    bytes_copy(name, user->name, sizeof(user->name));
    name_fold(name, folded);
    list_init(&user->memberships);
    user->name_key = bytes_dup(bytes_of(folded));
    if (user->name_key == NULL) {
        user_free(user);
        return NULL;
    }
    return user;
}

static void free_rare(struct user_rare *rare)
{
    if (rare == NULL)
        return;
    restriction_clear(&rare->ignores);
    free(rare->realname);
    free(rare->reply_to);
    free(rare->killed_why);
    free(rare);
}

void user_free(struct user *user)
{
    if (user == NULL)
        return;
    CHECK(list_is_empty(&user->memberships));
    free_rare(user->rare);
    free(user->away);
    free(user->name_key);
    free(user);
}

struct bytes user_name(const struct user *user)
{
    return bytes_of(user->name);
}

struct user_rare *user_get_rare(struct user *user)
{
    if (user->rare != NULL)
        return user->rare;
    user->rare = calloc(1, sizeof(*user->rare));
    if (user->rare == NULL)
        return NULL;
    list_init(&user->rare->watches);
    list_init(&user->rare->ignores);
    return user->rare;
}

struct bytes user_realname(const struct user *user)
{
    return bytes_of(user->rare != NULL ? user->rare->realname : NULL);
}

struct bytes user_reply_to(const struct user *user)
{
    return bytes_of(user->rare != NULL ? user->rare->reply_to : NULL);
}

struct bytes user_killed_why(const struct user *user)
{
    return bytes_of(user->rare != NULL ? user->rare->killed_why : NULL);
}

size_t user_ignore_count(const struct user *user)
{
    return user->rare != NULL ? user->rare->ignores.count : 0;
}

int user_set_realname(struct user *user, char *realname)
{
    if (realname == NULL && user->rare == NULL)
        return 0;
    if (user_get_rare(user) == NULL)
        return -ENOMEM;
    free(user->rare->realname);
    user->rare->realname = realname;
    return 0;
}

struct membership *user_membership(const struct user *user, const struct room *room)
{
    LIST_FOREACH(membership, &user->memberships, struct membership, user_link) {
        if (membership->room == room && !membership->is_leaving)
            return membership;
    }
    return NULL;
}

bool user_shares_room(const struct user *user, const struct user *other)
{
    LIST_FOREACH(membership, &user->memberships, struct membership, user_link) {
        if (!membership->is_leaving && user_membership(other, membership->room) != NULL)
            return true;
    }
    return false;
}

void user_set_reply_to(struct user *user, struct bytes name)
{
    struct user_rare *rare = user_get_rare(user);

    if (rare == NULL || bytes_eq(bytes_of(rare->reply_to), name))
        return;
    free(rare->reply_to);
    rare->reply_to = bytes_dup(name);
}

size_t user_room_count(const struct user *user)
{
    size_t count = 0;
    LIST_FOREACH(membership, &user->memberships, struct membership, user_link)
        count += membership->is_leaving ? 0 : 1;
    return count;
}

bool user_ignores(const struct user *user, uint64_t person_id, struct bytes person_name)
{
    return user_ignore_count(user) > 0 && restriction_has(&user->rare->ignores, person_name, person_id);
}
