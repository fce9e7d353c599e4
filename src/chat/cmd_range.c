/* What programs ask for of what was said in a room. They name the room, or ask for all of theirs. */
#include "base/check.h"
#include "chat/chat_range.h"
#include "chat/cmd.h"
#include "chat/hub_private.h"
#include "chat/room.h"
#include "chat/user.h"

/* The numbers of events begin anew with every run of the server: what was said in an earlier one came before all. */
static void settle(const struct hub *hub, struct chat_mark *mark)
{
    if (mark->kind == CHAT_MARK_MESSAGE && mark->wall_ms < hub->start_wall_ms)
        mark->seq = 0;
}

int cmd_range_read(struct hub *hub, struct user *user, const struct chat_request *request)
{
    CHECK(request->range != NULL);
    struct chat_range range = *request->range;
    bool has_room = request->word_count > 0;
    struct room *room = has_room ? hub_find_room(hub, request->words[0]) : NULL;

    /* Whether there is such a room is nobody's business outside. */
    if (has_room && (room == NULL || user_membership(user, room) == NULL))
        return hub_refuse(hub, user, CHAT_ERR_NO_HISTORY, request->words[0], request->text);
    settle(hub, &range.from);
    settle(hub, &range.to);
    if (range.most > CHAT_HISTORY_MAX)
        range.most = CHAT_HISTORY_MAX;
    struct chat_event_spec spec = cmd_spec_reply(CHAT_EV_HISTORY, user, room);
    spec.range = &range;
    return cmd_tell(hub, &spec);
}
