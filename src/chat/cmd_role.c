/* Who is what in a room: /op, /deop, /voice, /devoice, /invite. */
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
    room_invite(room, target);
    cmd_emit_all(hub, both, 2);
    return 0;
}
