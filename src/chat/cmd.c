/* What the handlers of commands share: making events, and finding the room that somebody typed. */
#include "chat/cmd.h"

#include <errno.h>

#include "chat/hub_private.h"
#include "chat/room.h"
#include "chat/user.h"

struct chat_event_spec cmd_spec(enum chat_event_kind kind, const struct user *user, const struct room *room)
{
    struct chat_event_spec spec = {.kind = kind, .actor_id = user->id, .actor = user_name(user)};
    spec.is_bot = (user->modes & USER_MODE_BOT) != 0;
    if (room != NULL) {
        spec.room_id = room->id;
        spec.room = room_name(room);
    }
    return spec;
}

struct chat_event_spec cmd_spec_reply(enum chat_event_kind kind, const struct user *user,
                                      const struct room *room)
{
    struct chat_event_spec spec = cmd_spec(kind, user, room);
    spec.target_id = user->id;
    return spec;
}

int cmd_make_all(const struct chat_event_spec *specs, size_t count, struct chat_event **ret_all)
{
    for (size_t i = 0; i < count; i++) {
        ret_all[i] = chat_event_new(&specs[i]);
        if (ret_all[i] != NULL)
            continue;
        while (i > 0)
            chat_event_unref(ret_all[--i]);
        return -ENOMEM;
    }
    return 0;
}

void cmd_emit_all(struct hub *hub, struct chat_event *const *events, size_t count)
{
    for (size_t i = 0; i < count; i++)
        hub_emit(hub, events[i]);
}

int cmd_make_both(const struct chat_event_spec *first, const struct chat_event_spec *second,
                  struct chat_event *ret_both[2])
{
    const struct chat_event_spec specs[2] = {*first, *second};
    return cmd_make_all(specs, 2, ret_both);
}

int cmd_make_change(const struct user *user, const struct room *room, const struct chat_event_spec *change,
                    struct chat_event *ret_both[2])
{
    struct chat_event_spec specs[2] = {*change, *change};
    struct bytes actor = user_name(user);

    specs[0].kind = CHAT_EV_CHANGED;
    specs[1].kind = CHAT_EV_CHANGE_DONE;
    specs[1].target_id = user->id;
    for (size_t i = 0; i < ARRAY_LEN(specs); i++) {
        specs[i].actor_id = user->id;
        specs[i].actor = actor;
        specs[i].room_id = room->id;
        specs[i].room = room_name(room);
    }
    if (change->change == CHAT_CHANGE_KEY)
        specs[0].text = BYTES("");
    return cmd_make_all(specs, ARRAY_LEN(specs), ret_both);
}

int cmd_tell(struct hub *hub, const struct chat_event_spec *spec)
{
    struct chat_event *event = chat_event_new(spec);
    if (event == NULL)
        return -ENOMEM;
    hub_emit(hub, event);
    return 0;
}

struct bytes cmd_topic(const struct room *room)
{
    return bytes_of(room->topic);
}

bool cmd_room_name(struct bytes word, struct cmd_room_name *ret_name)
{
    size_t prefix = bytes_starts_with(word, BYTES("#")) ? 0 : 1;
    struct cmd_room_name name = {"#"};
    if (!bytes_copy(word, &name.text[prefix], sizeof(name.text) - prefix) ||
        !name_is_room(bytes_of(name.text)))
        return false;
    *ret_name = name;
    return true;
}

struct room *cmd_find_room(struct hub *hub, struct user *user, struct bytes word, int *ret_err)
{
    struct cmd_room_name name;
    if (!cmd_room_name(word, &name)) {
        *ret_err = hub_refuse(hub, user, CHAT_ERR_ROOM_NAME_BAD, word, (struct bytes){NULL, 0});
        return NULL;
    }
    struct bytes wanted = bytes_of(name.text);
    struct room *room = hub_find_room(hub, wanted);
    if (room != NULL && !policy_may_see(room, user))
        room = NULL;
    if (room == NULL)
        *ret_err = hub_refuse(hub, user, CHAT_ERR_NO_SUCH_ROOM, wanted, hub_nearest_room(hub, user, wanted));
    return room;
}

struct user *cmd_find_person(struct hub *hub, struct user *user, struct bytes name, int *ret_err)
{
    struct user *person = hub_find_user_name(hub, name);
    if (person == NULL)
        *ret_err = hub_refuse(hub, user, CHAT_ERR_NO_SUCH_USER, name, hub_nearest_user(hub, user, name));
    return person;
}

struct membership *cmd_find_member(struct hub *hub, struct user *user, struct bytes name, int *ret_err)
{
    const struct room *room = user->current->room;
    struct user *person = cmd_find_person(hub, user, name, ret_err);
    if (person == NULL)
        return NULL;
    struct membership *membership = user_membership(person, room);
    if (membership == NULL)
        *ret_err = hub_refuse(hub, user, CHAT_ERR_NOT_THERE, user_name(person), room_name(room));
    return membership;
}

struct membership *cmd_current_without(const struct user *user, const struct membership *left)
{
    if (user->current != left)
        return user->current;
    struct membership *latest = NULL;
    LIST_FOREACH(membership, &user->memberships, struct membership, user_link) {
        if (!membership->is_leaving && membership != left)
            latest = membership;
    }
    return latest;
}

struct chat_item cmd_person_item(const struct user *person, const struct user *you, int64_t now_ms)
{
    struct chat_item item = {.name = user_name(person), .realname = user_realname(person)};
    item.count = (uint32_t)((now_ms - person->active_ms) / 1000);
    item.flags |= person == you ? CHAT_ITEM_F_YOU : 0;
    item.flags |= person->is_server_operator ? CHAT_ITEM_F_OPERATOR : 0;
    item.flags |= person->is_encrypted ? CHAT_ITEM_F_ENCRYPTED : 0;
    item.flags |= (person->modes & USER_MODE_BOT) != 0 ? CHAT_ITEM_F_BOT : 0;
    if (person->away != NULL) {
        item.flags |= CHAT_ITEM_F_AWAY;
        item.detail = bytes_of(person->away->why);
    }
    return item;
}
