/* What one user is told: refusals, the server's words, and what the session makes of its lines by itself. */
#include <errno.h>

#include "base/check.h"
#include "chat/cmd.h"
#include "chat/hub_private.h"
#include "chat/room.h"
#include "chat/user.h"

int hub_answer(struct hub *hub, struct user *user, enum chat_event_kind kind, struct bytes text,
               const struct chat_item *items, size_t item_count)
{
    CHECK(!user->is_gone && chat_event_audience(kind) == CHAT_TO_USER);
    struct chat_event_spec spec = {.kind = kind, .target_id = user->id, .text = text};
    spec.items = items;
    spec.item_count = item_count;
    return cmd_tell(hub, &spec);
}

int hub_notify(struct hub *hub, struct user *user, struct bytes text)
{
    return hub_answer(hub, user, CHAT_EV_NOTICE, hub_clean(hub, text, HUB_TEXT_BYTES_MAX), NULL, 0);
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

/* ---- refusals ---- */

static int refuse(struct hub *hub, struct user *user, enum chat_err err, struct bytes subject,
                  struct bytes suggestion, uint32_t count)
{
    CHECK(err > CHAT_OK && err < CHAT_ERR_COUNT);
    if (hub->is_quiet)
        return 0;
    const struct chat_item command = {.name = bytes_of(hub->running != NULL ? hub->running->name : NULL)};
    char about[HUB_SUBJECT_BYTES_MAX + 1];
    CHECK(bytes_copy(hub_clean(hub, subject, HUB_SUBJECT_BYTES_MAX), about, sizeof(about)));
    struct chat_event *event =
        chat_event_new(&(struct chat_event_spec){.kind = CHAT_EV_REFUSED,
                                                 .err = err,
                                                 .target_id = user->id,
                                                 .count = count,
                                                 .items = &command,
                                                 .item_count = hub->running != NULL ? 1 : 0,
                                                 .text = bytes_of(about),
                                                 .extra = hub_clean(hub, suggestion, HUB_SUBJECT_BYTES_MAX)});
    if (event == NULL)
        return -ENOMEM;
    hub_emit(hub, event);
    return 0;
}

int hub_refuse(struct hub *hub, struct user *user, enum chat_err err, struct bytes subject,
               struct bytes suggestion)
{
    return refuse(hub, user, err, subject, suggestion, 0);
}

int hub_refuse_verdict(struct hub *hub, struct user *user, const struct room *room,
                       struct policy_verdict verdict)
{
    bool is_hidden = verdict.err == CHAT_ERR_ROOM_CLOSED;
    const struct user *operator= is_hidden ? NULL : policy_find_operator(room);
    return refuse(hub, user, verdict.err, room_name(room), operator!= NULL ? user_name(operator) : BYTES(""),
                  (uint32_t)((verdict.wait_ms + 999) / 1000));
}
