/* The rules, in the order in which they are asked. */
#include "chat/policy.h"

#include <stddef.h>

#include "chat/command.h"
#include "chat/restriction.h"
#include "chat/room.h"
#include "chat/user.h"

#define OPERATOR_LOOK_MAX 1000

static const struct policy_verdict go_ahead = {CHAT_OK, 0};

static struct policy_verdict refuse(enum chat_err err)
{
    return (struct policy_verdict){err, 0};
}

static struct policy_verdict refuse_until(enum chat_err err, int64_t until_ms, int64_t now_ms)
{
    return (struct policy_verdict){err, until_ms == RESTRICTION_FOREVER ? 0 : until_ms - now_ms};
}

static enum policy_role member_role(const struct membership *membership)
{
    if (membership->user->is_server_operator)
        return POLICY_SERVER_OPERATOR;
    if (membership->is_operator)
        return POLICY_OPERATOR;
    return membership->is_voiced ? POLICY_VOICED : POLICY_MEMBER;
}

enum policy_role policy_role(const struct user *user, const struct room *room)
{
    const struct membership *membership = user_membership(user, room);

    if (membership != NULL)
        return member_role(membership);
    return user->is_server_operator ? POLICY_SERVER_OPERATOR : POLICY_ANYONE;
}

static enum policy_role needed_role(const struct command *command, bool has_arguments,
                                    const struct room *room)
{
    bool is_locked = command->operator_if_mode == 0 || (room->modes & command->operator_if_mode) != 0;
    bool only_shows = (command->flags & COMMAND_F_SHOWS_ALONE) != 0 && !has_arguments;

    return is_locked && !only_shows ? command->role : POLICY_ANYONE;
}

struct policy_verdict policy_may_run(const struct command *command, bool has_arguments,
                                     const struct user *user, int64_t now_ms)
{
    const struct membership *current = user->current;

    if (command->role == POLICY_SERVER_OPERATOR && !user->is_server_operator)
        return refuse(CHAT_ERR_NOT_SERVER_OPERATOR);
    if ((command->flags & COMMAND_F_NEEDS_ROOM) == 0)
        return go_ahead;
    if (member_role(current) < needed_role(command, has_arguments, current->room))
        return refuse(CHAT_ERR_NOT_OPERATOR);
    if ((command->flags & COMMAND_F_SPEAKS) != 0)
        return policy_may_speak(current, now_ms);
    return go_ahead;
}

bool policy_is_excepted(const struct room *room, const struct user *user, int64_t now_ms)
{
    return restriction_find(&room->exceptions, user, now_ms) != NULL;
}

/* Exceptions are looked for only where somebody would be held: most are not. */
static const struct restriction *find_hold(const struct room *room, const struct list *list,
                                           const struct user *user, int64_t now_ms)
{
    const struct restriction *hold = restriction_find(list, user, now_ms);

    return hold != NULL && policy_is_excepted(room, user, now_ms) ? NULL : hold;
}

static bool is_admitted(const struct room *room, const struct user *user, int64_t now_ms)
{
    return restriction_find(&room->admissions, user, now_ms) != NULL;
}

static struct policy_verdict check_door(const struct room *room, const struct user *user, struct bytes key,
                                        int64_t now_ms)
{
    const struct restriction *ban = find_hold(room, &room->bans, user, now_ms);
    if (ban != NULL)
        return refuse_until(CHAT_ERR_BANNED, ban->until_ms, now_ms);
    if ((room->modes & ROOM_MODE_INVITE_ONLY) != 0 && !is_admitted(room, user, now_ms))
        return refuse(CHAT_ERR_INVITE_ONLY);
    if (room->key[0] != '\0' && !bytes_eq(key, bytes_of(room->key)))
        return refuse(key.len == 0 ? CHAT_ERR_KEY_NEEDED : CHAT_ERR_KEY_WRONG);
    if (room->people_max > 0 && room->present_count >= room->people_max)
        return refuse(CHAT_ERR_ROOM_FULL);
    return go_ahead;
}

struct policy_verdict policy_may_join(const struct room *room, const struct user *user, struct bytes key,
                                      int64_t now_ms)
{
    if (user->is_server_operator || room_is_invited(room, user))
        return go_ahead;
    struct policy_verdict verdict = check_door(room, user, key, now_ms);
    /* Why a secret room is closed, and who might open it, is nobody's business outside. */
    bool is_hidden = verdict.err != CHAT_OK && !policy_may_see(room, user);
    return is_hidden ? refuse(CHAT_ERR_ROOM_CLOSED) : verdict;
}

struct policy_verdict policy_may_speak(const struct membership *membership, int64_t now_ms)
{
    const struct room *room = membership->room;
    enum policy_role role = member_role(membership);

    if (role >= POLICY_OPERATOR)
        return go_ahead;
    const struct restriction *ban = find_hold(room, &room->bans, membership->user, now_ms);
    if (ban != NULL)
        return refuse_until(CHAT_ERR_BANNED, ban->until_ms, now_ms);
    const struct restriction *mute = find_hold(room, &room->mutes, membership->user, now_ms);
    if (mute != NULL)
        return refuse_until(CHAT_ERR_MUTED, mute->until_ms, now_ms);
    if ((room->modes & ROOM_MODE_MODERATED) != 0 && role < POLICY_VOICED)
        return refuse(CHAT_ERR_MODERATED);
    int64_t next_ms = membership->said_ms + room->slow_ms;
    if (room->slow_ms > 0 && next_ms > now_ms)
        return refuse_until(CHAT_ERR_SLOW_MODE, next_ms, now_ms);
    return go_ahead;
}

enum chat_err policy_may_punish(const struct user *user, const struct room *room, const struct user *target)
{
    if (user == target)
        return CHAT_ERR_NOT_YOURSELF;
    enum policy_role role = policy_role(target, room);
    if (role == POLICY_SERVER_OPERATOR)
        return CHAT_ERR_SERVER_OPERATOR;
    if (role == POLICY_OPERATOR && !user->is_server_operator)
        return CHAT_ERR_TARGET_OPERATOR;
    return CHAT_OK;
}

enum chat_err policy_may_kill(const struct user *user, const struct user *target)
{
    if (user == target)
        return CHAT_ERR_NOT_YOURSELF;
    return target->is_server_operator ? CHAT_ERR_SERVER_OPERATOR : CHAT_OK;
}

enum chat_err policy_may_promote(const struct user *user, const struct user *target)
{
    return user != target && target->is_server_operator ? CHAT_ERR_SERVER_OPERATOR : CHAT_OK;
}

bool policy_may_see(const struct room *room, const struct user *user)
{
    return (room->modes & ROOM_MODE_SECRET) == 0 || policy_role(user, room) > POLICY_ANYONE;
}

bool policy_may_see_addresses(const struct room *room, const struct user *user)
{
    return policy_role(user, room) >= POLICY_OPERATOR;
}

const struct user *policy_find_operator(const struct room *room)
{
    for (size_t i = 0; i < room->member_count && i < OPERATOR_LOOK_MAX; i++) {
        const struct membership *membership = room->members[i];
        if (!membership->is_leaving && member_role(membership) >= POLICY_OPERATOR)
            return membership->user;
    }
    return NULL;
}

bool policy_may_find(const struct user *user, const struct user *person)
{
    if ((person->modes & USER_MODE_HIDDEN) == 0 || person == user || user->is_server_operator)
        return true;
    return user_shares_room(person, user);
}
