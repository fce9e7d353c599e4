/* A room whose last operator leaves gets another one.
 *
 * Otherwise nobody could open an invite-only room or let anybody talk in a moderated one until all have left. The
 * one who is there longest is the one who most likely belongs there, and cannot be overtaken by coming later. */
#include "chat/cmd.h"
#include "chat/hub_private.h"
#include "chat/room.h"
#include "chat/user.h"

/* NULL: nobody is left, or there is an operator. */
static struct membership *find_heir(const struct room *room)
{
    struct membership *heir = NULL;

    for (size_t i = 0; i < room->member_count; i++) {
        struct membership *membership = room->members[i];
        if (membership->is_leaving)
            continue;
        if (membership->is_operator)
            return NULL;
        if (heir == NULL || membership->joined_seq < heir->joined_seq)
            heir = membership;
    }
    return heir;
}

void hub_succeed(struct hub *hub, const struct membership *departed)
{
    const struct room *room = departed->room;
    struct chat_event *both[2];

    if (!departed->is_operator || room->is_permanent || hub->is_closing)
        return;
    struct membership *heir = find_heir(room);
    if (heir == NULL || cmd_make_change(heir->user, room,
                                        &(struct chat_event_spec){.change = CHAT_CHANGE_SUCCEED,
                                                                  .extra = user_name(heir->user)},
                                        both) != 0)
        return;
    heir->is_operator = true;
    cmd_emit_all(hub, both, ARRAY_LEN(both));
}
