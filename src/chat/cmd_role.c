/* Who is what in a room: /op, /deop, /voice, /devoice, /invite, /ops. */
#include <errno.h>

#include "chat/cmd.h"
#include "chat/hub_private.h"
#include "chat/room.h"
#include "chat/user.h"

/* Whom a change of role is about, or NULL: *ret_err is then the handler's result. */
static struct membership *find_to_promote(struct hub *hub, struct user *user,
                                          const struct chat_request *request, int *ret_err)
{
    struct membership *membership = cmd_find_member(hub, user, request->words[0], ret_err);
    if (membership == NULL)
        return NULL;
    enum chat_err refused = policy_may_promote(user, membership->user);
    if (refused == CHAT_OK)
        return membership;
    *ret_err = hub_refuse(hub, user, refused, user_name(membership->user), BYTES(""));
    return NULL;
}

static int set_role(struct hub *hub, struct user *user, const struct chat_request *request,
                    enum chat_change change)
{
    int err = 0;
    struct membership *membership = find_to_promote(hub, user, request, &err);
    if (membership == NULL)
        return err;
    struct chat_event *both[2];
    err = cmd_make_change(user, membership->room,
                          &(struct chat_event_spec){.change = change, .extra = user_name(membership->user)},
                          both);
    if (err != 0)
        return err;
    if (change == CHAT_CHANGE_OP || change == CHAT_CHANGE_DEOP)
        membership->is_operator = change == CHAT_CHANGE_OP;
    else
        membership->is_voiced = change == CHAT_CHANGE_VOICE;
    cmd_emit_all(hub, both, 2);
    return 0;
}

int cmd_role_op(struct hub *hub, struct user *user, const struct chat_request *request)
{
    return set_role(hub, user, request, CHAT_CHANGE_OP);
}

int cmd_role_deop(struct hub *hub, struct user *user, const struct chat_request *request)
{
    return set_role(hub, user, request, CHAT_CHANGE_DEOP);
}

int cmd_role_voice(struct hub *hub, struct user *user, const struct chat_request *request)
{
    return set_role(hub, user, request, CHAT_CHANGE_VOICE);
}

int cmd_role_devoice(struct hub *hub, struct user *user, const struct chat_request *request)
{
    return set_role(hub, user, request, CHAT_CHANGE_DEVOICE);
}

int cmd_role_invite(struct hub *hub, struct user *user, const struct chat_request *request)
{
    struct room *room = user->current->room;
    int err = 0;
    struct user *target = cmd_find_person(hub, user, request->words[0], &err);
    if (target == NULL)
        return err;
    if (user_membership(target, room) != NULL)
        return hub_refuse(hub, user, CHAT_ERR_THERE_ALREADY, user_name(target), room_name(room));

    struct chat_event_spec told = cmd_spec(CHAT_EV_INVITED, user, room);
    struct chat_event_spec done = cmd_spec_reply(CHAT_EV_CHANGE_DONE, user, room);
    struct chat_event *both[2];
    told.target_id = target->id;
    done.change = CHAT_CHANGE_INVITE;
    done.extra = user_name(target);
    err = cmd_make_both(&told, &done, both);
    if (err != 0)
        return err;
    struct chat_event_spec there = cmd_spec(CHAT_EV_INVITED_THERE, user, room);
    there.extra = user_name(target);
    struct chat_event *third = hub->changes_reader_count > 0 ? chat_event_new(&there) : NULL;
    room_invite(room, target);
    cmd_emit_all(hub, both, 2);
    if (third != NULL)
        hub_emit(hub, third);
    return 0;
}

/* ---- talking to a role ---- */

static bool has_role(const struct membership *membership, const struct user *user, bool is_voiced_too)
{
    bool is_one = membership->is_operator || (is_voiced_too && membership->is_voiced);

    return is_one && !membership->is_leaving && membership->user != user;
}

/* Who ignores the user counts, so that nobody learns of it. */
static bool has_any(const struct user *user, bool is_voiced_too)
{
    const struct room *room = user->current->room;

    for (size_t i = 0; i < room->member_count; i++) {
        if (has_role(room->members[i], user, is_voiced_too))
            return true;
    }
    return false;
}

static bool is_addressed(const struct membership *membership, const struct user *user, bool is_voiced_too)
{
    return has_role(membership, user, is_voiced_too) &&
           !user_ignores(membership->user, user->id, user_name(user));
}

/* How many there are, no more than CHAT_LIST_ITEMS_MAX; their ids in `ret`. */
static size_t list_addressed(const struct user *user, bool is_voiced_too, uint64_t ret[CHAT_LIST_ITEMS_MAX])
{
    const struct room *room = user->current->room;
    size_t count = 0;

    for (size_t i = 0; i < room->member_count && count < CHAT_LIST_ITEMS_MAX; i++) {
        if (is_addressed(room->members[i], user, is_voiced_too))
            ret[count++] = room->members[i]->user->id;
    }
    return count;
}

/* An event for each of them, and one for who says it. */
static int say_to_role(struct hub *hub, struct user *user, const struct chat_request *request,
                       bool is_voiced_too)
{
    struct chat_event_spec spec = cmd_spec_reply(CHAT_EV_ROLE_SAID, user, user->current->room);
    struct chat_event *events[CHAT_LIST_ITEMS_MAX + 1];
    uint64_t targets[CHAT_LIST_ITEMS_MAX];
    size_t count = list_addressed(user, is_voiced_too, targets), made = 0;

    spec.text = hub_clean_said(hub, request->text);
    spec.count = is_voiced_too ? 1 : 0;
    spec.is_notice = request->is_notice;
    spec.tags = request->tags;
    if (spec.text.len == 0)
        return hub_refuse(hub, user, CHAT_ERR_TEXT_EMPTY, BYTES(""), BYTES(""));
    if (!has_any(user, is_voiced_too))
        return hub_refuse(hub, user, CHAT_ERR_NOBODY_ADDRESSED, room_name(user->current->room), BYTES(""));
    for (; made <= count; made++) {
        spec.target_id = made < count ? targets[made] : user->id;
        events[made] = chat_event_new(&spec);
        if (events[made] == NULL)
            break;
    }
    if (made <= count) {
        while (made > 0)
            chat_event_unref(events[--made]);
        return -ENOMEM;
    }
    cmd_emit_all(hub, events, made);
    user->current->said_ms = hub_now_ms(hub);
    return 0;
}

int cmd_role_say_operators(struct hub *hub, struct user *user, const struct chat_request *request)
{
    return say_to_role(hub, user, request, false);
}

int cmd_role_say_voiced(struct hub *hub, struct user *user, const struct chat_request *request)
{
    return say_to_role(hub, user, request, true);
}
