/* What a user is told that no request of the domain has brought: the server's words, and what its session makes of it. */
#include "base/check.h"
#include "chat/cmd.h"
#include "chat/hub_private.h"
#include "chat/user.h"

int hub_notify(struct hub *hub, struct user *user, struct bytes text)
{
    CHECK(!user->is_gone);
    struct chat_event_spec spec = {.kind = CHAT_EV_NOTICE, .target_id = user->id};
    spec.text = hub_clean(hub, text, HUB_TEXT_BYTES_MAX);
    return cmd_tell(hub, &spec);
}

int hub_pass(struct hub *hub, struct user *user, struct bytes bytes, uint32_t state)
{
    CHECK(!user->is_gone);
    struct chat_event_spec spec = {.kind = CHAT_EV_NOTICE, .is_raw = true, .target_id = user->id};
    spec.text = bytes;
    spec.count = state;
    return cmd_tell(hub, &spec);
}

int hub_label(struct hub *hub, struct user *user, struct bytes label)
{
    CHECK(!user->is_gone);
    struct chat_event_spec spec = {.kind = CHAT_EV_LABEL, .target_id = user->id, .text = label};
    return cmd_tell(hub, &spec);
}
