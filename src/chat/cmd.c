/* What the handlers of commands share: making events, and finding the room that somebody typed. */
#include "chat/cmd.h"

#include <errno.h>

#include "chat/hub_private.h"
#include "chat/room.h"
#include "chat/user.h"

struct chat_event_spec cmd_spec(enum chat_event_kind kind, const struct user *user, const struct room *room)
{
    struct chat_event_spec spec = {.kind = kind, .actor_id = user->id, .actor = user_name(user)};
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

int cmd_make_both(const struct chat_event_spec *first, const struct chat_event_spec *second,
                  struct chat_event *ret_both[2])
{
    struct chat_event *a = chat_event_new(first), *b = chat_event_new(second);
    if (a == NULL || b == NULL) {
        chat_event_unref(a);
        chat_event_unref(b);
        return -ENOMEM;
    }
    ret_both[0] = a;
    ret_both[1] = b;
    return 0;
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
    if (room == NULL)
        *ret_err = hub_refuse(hub, user, CHAT_ERR_NO_SUCH_ROOM, wanted, hub_nearest_room(hub, user, wanted));
    return room;
}
