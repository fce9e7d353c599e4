/* Who leaves, and telling it: also later, when there was no memory to say so at once. */
#include "base/check.h"
#include "chat/chat_event.h"
#include "chat/hub.h"
#include "chat/hub_private.h"
#include "chat/room.h"
#include "chat/user.h"
#include "chat/watch.h"

/* Without memory for the reason, without the reason. False: out of memory. */
static bool tell_departure(struct hub *hub, const struct user *user, struct bytes why)
{
    struct chat_event_spec spec = {
        .kind = CHAT_EV_QUIT, .actor_id = user->id, .actor = user_name(user), .text = why};
    spec.is_bot = (user->modes & USER_MODE_BOT) != 0;
    struct chat_event *event = chat_event_new(&spec);

    spec.text = (struct bytes){0};
    if (event == NULL)
        event = chat_event_new(&spec);
    if (event == NULL)
        return false;
    event->is_silent = hub->is_closing;
    hub_emit(hub, event);
    return true;
}

bool hub_tell_departures(struct hub *hub)
{
    LIST_FOREACH_SAFE(user, &hub->untold, struct user, gone_link) {
        if (!tell_departure(hub, user, (struct bytes){0}))
            return false;
        list_remove(&hub->untold, &user->gone_link);
    }
    return true;
}

bool hub_leave(struct hub *hub, struct user *user, struct bytes why)
{
    CHECK(!user->is_gone);
    struct bytes clean_why = bytes_trim(hub_clean(hub, why, HUB_WHY_BYTES_MAX));
    hashmap_remove(&hub->user_names, bytes_of(user->name_key));
    whowas_note(&hub->whowas, user, hub_now_ms(hub), clock_wall_ms(hub->clock));
    watch_clear(&hub->watched, user);
    hub_set_wants(hub, user, 0);
    hub->operator_count -= user->is_server_operator ? 1 : 0;
    hub->hidden_count -= (user->modes & USER_MODE_HIDDEN) != 0 ? 1 : 0;
    user->is_gone = true;
    user->current = NULL;
    LIST_FOREACH(membership, &user->memberships, struct membership, user_link) {
        if (!membership->is_leaving)
            hub_leave_room(hub, membership);
    }
    bool is_told = tell_departure(hub, user, clean_why);
    if (!is_told)
        list_push_back(&hub->untold, &user->gone_link);
    LIST_FOREACH(membership, &user->memberships, struct membership, user_link)
        hub_succeed(hub, membership);
    if (!hub->is_closing)
        hub_tell_watchers(hub, user_name(user), false);
    return is_told;
}

void hub_close(struct hub *hub)
{
    hub->is_closing = true;
}
