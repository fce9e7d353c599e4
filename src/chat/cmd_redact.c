/* Taking back what was said: one's own for a while, and an operator of the room anything that the room still has.
 *
 * What is taken back is gone from the room's log at once, for who has not read it yet, too. Who has read it is told. */
#include "base/check.h"
#include "chat/chat_range.h"
#include "chat/cmd.h"
#include "chat/hub_private.h"
#include "chat/room.h"
#include "chat/user.h"

/* The message that the mark names; NULL when the log has it no more, or not yet. */
static struct chat_event *find_said(const struct room_log *log, const struct chat_mark *mark)
{
    for (uint64_t at = log->next; at > log->first;) {
        struct chat_event *event = room_log_get(log, --at);
        if (room_log_is_history(log, at) && event->seq == mark->seq && event->wall_ms == mark->wall_ms)
            return event;
    }
    return NULL;
}

static enum chat_err judge(const struct hub *hub, const struct user *user, const struct room *room,
                           const struct chat_event *said)
{
    if (said == NULL)
        return CHAT_ERR_NO_SUCH_MESSAGE;
    if (policy_role(user, room) >= POLICY_OPERATOR)
        return CHAT_OK;
    if (said->actor_id != user->id)
        return CHAT_ERR_NOT_YOUR_MESSAGE;
    bool is_old = clock_wall_ms(hub->clock) - said->wall_ms > (int64_t)CHAT_REDACT_MAX_S * 1000;
    return is_old ? CHAT_ERR_MESSAGE_OLD : CHAT_OK;
}

int cmd_redact(struct hub *hub, struct user *user, const struct chat_request *request)
{
    CHECK(request->range != NULL);
    const struct room *room = user->current->room;
    struct chat_event *said = find_said(&room->log, &request->range->from);
    enum chat_err err = judge(hub, user, room, said);

    if (err != CHAT_OK)
        return hub_refuse(hub, user, err, request->words[0], room_name(room));
    struct chat_event_spec spec = cmd_spec(CHAT_EV_REDACTED, user, room);
    spec.extra = said->actor;
    spec.text = bytes_trim(hub_clean(hub, request->text, HUB_WHY_BYTES_MAX));
    spec.target_id = said->seq;
    spec.time_ms = said->wall_ms;
    spec.count = (uint32_t)said->id;
    int r = cmd_tell(hub, &spec);
    if (r == 0)
        chat_event_redact(said);
    return r;
}
