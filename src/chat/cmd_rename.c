/* Another name for a room. All else stays: who is there, modes, lists, invitations, topic, and what was said.
 *
 * Events name the room as it was called when they happened, so whoever still has to read some reads them so. */
#include <errno.h>

#include "chat/cmd.h"
#include "chat/hub_private.h"
#include "chat/room.h"
#include "chat/user.h"

/* Its own name in another case is free for it. */
static enum chat_err judge(const struct hub *hub, const struct room *room, struct bytes name)
{
    const struct room *holder = hub_find_room(hub, name);

    if (room->is_permanent)
        return CHAT_ERR_ROOM_NAME_FIXED;
    bool is_free = holder == NULL || (holder == room && !bytes_eq(name, room_name(room)));
    return is_free ? CHAT_OK : CHAT_ERR_ROOM_NAME_TAKEN;
}

int cmd_rename(struct hub *hub, struct user *user, const struct chat_request *request)
{
    struct room *room = user->current->room;
    struct cmd_room_name name;

    if (!cmd_room_name(request->words[0], &name))
        return hub_refuse(hub, user, CHAT_ERR_ROOM_NAME_BAD, request->words[0], room_name(room));
    enum chat_err refused = judge(hub, room, bytes_of(name.text));
    if (refused != CHAT_OK)
        return hub_refuse(hub, user, refused, bytes_of(name.text), room_name(room));
    struct bytes why = bytes_trim(hub_clean(hub, request->text, HUB_WHY_BYTES_MAX));
    struct chat_event *event = cmd_make_renamed(user, room, bytes_of(name.text), why);
    if (event == NULL)
        return -ENOMEM;
    int err = hub_rename_room(hub, room, bytes_of(name.text));
    if (err != 0) {
        chat_event_unref(event);
        return err;
    }
    hub_emit(hub, event);
    return 0;
}
