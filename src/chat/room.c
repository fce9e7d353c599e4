/* Rooms and memberships.
 *
 * A membership stands in the room's dense array, for those who deliver, and on the user's list, for
 * those who ask where a user is. */
#include "chat/room.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "chat/restriction.h"
#include "chat/user.h"

#define FIRST_MEMBER_CAPACITY 4

struct room *room_new(uint64_t id, struct bytes name, size_t log_max_events)
{
    struct room *room = calloc(1, sizeof(*room));
    if (room == NULL)
        return NULL;
    room->id = id;
    name_set(&room->name, name);
    room->next_event_id = 1;
    list_init(&room->bans);
    list_init(&room->mutes);
    list_init(&room->exceptions);
    list_init(&room->admissions);
    room_log_init(&room->log, log_max_events);
    return room;
}

void room_free(struct room *room)
{
    if (room == NULL)
        return;
    CHECK(room->member_count == 0);
    room_log_done(&room->log);
    restriction_clear(&room->bans);
    restriction_clear(&room->mutes);
    restriction_clear(&room->exceptions);
    restriction_clear(&room->admissions);
    free(room->members);
    free(room->topic);
    free(room);
}

static bool reserve_member(struct room *room)
{
    if (room->member_count < room->member_capacity)
        return true;
    size_t capacity = room->member_capacity > 0 ? room->member_capacity * 2 : FIRST_MEMBER_CAPACITY;
    struct membership **grown = reallocarray(room->members, capacity, sizeof(struct membership *));
    if (grown == NULL)
        return false;
    CHECK(capacity <= UINT32_MAX);
    room->members = grown;
    room->member_capacity = capacity;
    return true;
}

struct membership *room_join(struct room *room, struct user *user)
{
    CHECK(user_membership(user, room) == NULL);
    struct membership *membership = calloc(1, sizeof(*membership));
    if (membership == NULL || !reserve_member(room)) {
        free(membership);
        return NULL;
    }
    membership->user = user;
    membership->room = room;
    membership->state = MEMBERSHIP_JOINING;
    membership->index = (uint32_t)room->member_count;
    room->members[room->member_count++] = membership;
    room->present_count++;
    list_push_back(&user->memberships, &membership->user_link);
    return membership;
}

void room_leave(struct membership *membership)
{
    CHECK(!membership->is_leaving && membership->user->current != membership);
    membership->is_leaving = true;
    membership->room->present_count--;
}

void room_detach(struct membership *membership)
{
    struct room *room = membership->room;
    struct membership *last = room->members[room->member_count - 1];
    CHECK(room->members[membership->index] == membership);
    room->members[membership->index] = last;
    last->index = membership->index;
    room->member_count--;
    if (!membership->is_leaving)
        room->present_count--;
    if (membership->user->current == membership)
        membership->user->current = NULL;
    list_remove(&membership->user->memberships, &membership->user_link);
    free(membership);
}

static bool is_read(const struct room *room)
{
    for (size_t i = 0; i < room->member_count; i++) {
        const struct membership *membership = room->members[i];
        if ((membership->state == MEMBERSHIP_READING && membership->cursor < room->log.next) ||
            (membership->state == MEMBERSHIP_ENDED && membership->cursor < membership->end))
            return false;
    }
    return true;
}

void room_forget_news(struct room *room, uint64_t from)
{
    struct room_log *log = &room->log;
    uint64_t at = from > log->first ? from : log->first;

    while (at < log->next && room_log_is_history(log, at))
        at++;
    if (at == log->next || !is_read(room)) /* in most turns something is said, and nothing else */
        return;
    for (; at < log->next; at++)
        room_log_forget(log, at);
}

struct bytes room_name(const struct room *room)
{
    return bytes_of(room->name.text);
}

void room_uninvite(struct room *room, const struct user *user)
{
    for (size_t i = 0; i < room->invited_count; i++) {
        if (room->invited[i] != user->id)
            continue;
        room->invited_count--;
        memmove(&room->invited[i], &room->invited[i + 1],
                (room->invited_count - i) * sizeof(room->invited[0]));
        return;
    }
}

void room_invite(struct room *room, const struct user *user)
{
    room_uninvite(room, user);
    if (room->invited_count == ROOM_INVITED_MAX)
        memmove(&room->invited[0], &room->invited[1], --room->invited_count * sizeof(room->invited[0]));
    room->invited[room->invited_count++] = user->id;
}

bool room_is_invited(const struct room *room, const struct user *user)
{
    for (size_t i = 0; i < room->invited_count; i++) {
        if (room->invited[i] == user->id)
            return true;
    }
    return false;
}
