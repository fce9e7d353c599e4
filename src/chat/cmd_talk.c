/* Talking: /me, /msg, /reply, and the line without a command.
 *
 * Who says something in a room gets no reply: the event that the others get is proof enough, and the
 * dialect knows whether the person wants to see it. */
#include "base/check.h"
#include "chat/cmd.h"
#include "chat/hub_private.h"
#include "chat/room.h"
#include "chat/user.h"

/* The text cleaned, in *ret_text; false when nothing would be seen of it. */
static bool clean_text(struct hub *hub, const struct chat_request *request, struct bytes *ret_text)
{
    struct bytes text = hub_clean_said(hub, request->text);
    if (text.len == 0)
        return false;
    *ret_text = text;
    return true;
}

static int refuse_empty(struct hub *hub, struct user *user)
{
    return hub_refuse(hub, user, CHAT_ERR_TEXT_EMPTY, BYTES(""), BYTES(""));
}

static int tell_room(struct hub *hub, struct user *user, enum chat_event_kind kind,
                     const struct chat_request *request)
{
    struct chat_event_spec spec = cmd_spec(kind, user, user->current->room);
    spec.is_notice = request->is_notice;
    spec.tags = request->tags;
    if (!clean_text(hub, request, &spec.text))
        return refuse_empty(hub, user);
    int err = cmd_tell(hub, &spec);
    if (err == 0)
        user->current->said_ms = hub_now_ms(hub);
    return err;
}

int cmd_talk_say(struct hub *hub, struct user *user, const struct chat_request *request)
{
    return tell_room(hub, user, CHAT_EV_MESSAGE, request);
}

int cmd_talk_me(struct hub *hub, struct user *user, const struct chat_request *request)
{
    return tell_room(hub, user, CHAT_EV_ACTION, request);
}

/* Away is told once to each who writes. */
static bool is_news_that_away(const struct user *user, const struct user *target)
{
    const struct user_away *away = target->away;
    if (away == NULL || target == user)
        return false;
    for (size_t i = 0; i < away->told_count && i < USER_TOLD_MAX; i++) {
        if (away->told[i] == user->id)
            return false;
    }
    return true;
}

static void note_told(const struct user *user, struct user_away *away)
{
    away->told[away->told_count++ % USER_TOLD_MAX] = user->id;
}

static struct chat_event_spec spec_away(const struct user *user, const struct user *target)
{
    struct chat_event_spec spec = cmd_spec_reply(CHAT_EV_AWAY_IS, user, NULL);
    spec.extra = user_name(target);
    spec.text = bytes_of(target->away != NULL ? target->away->why : NULL);
    return spec;
}

/* Who is ignored is not told so. */
static int tell_person(struct hub *hub, struct user *user, struct bytes name,
                       const struct chat_request *request)
{
    int err = 0;
    struct user *target = cmd_find_person(hub, user, name, &err);
    if (target == NULL)
        return err;
    struct chat_event_spec told = cmd_spec(CHAT_EV_PRIVATE, user, NULL);
    struct chat_event_spec sent = cmd_spec_reply(CHAT_EV_PRIVATE_SENT, user, NULL);
    if (!clean_text(hub, request, &told.text))
        return refuse_empty(hub, user);
    told.is_notice = sent.is_notice = request->is_notice;
    told.tags = sent.tags = request->tags;
    told.target_id = target->id;
    sent.text = told.text;
    sent.extra = user_name(target);
    sent.count = user_ignores(target, user->id, user_name(user)) ? 0 : 1;

    struct chat_event *events[3];
    const struct chat_event_spec specs[] = {told, sent, spec_away(user, target)};
    bool is_ignored = sent.count == 0;
    bool is_told_away = !is_ignored && !request->is_notice && is_news_that_away(user, target);
    size_t count = is_ignored ? 1 : is_told_away ? 3 : 2;
    err = cmd_make_all(is_ignored ? &specs[1] : specs, count, events);
    if (err != 0)
        return err;
    if (!is_ignored)
        user_set_reply_to(target, user_name(user));
    if (is_told_away)
        note_told(user, target->away);
    if (!is_ignored) /* it is one message to both */
        events[0]->wall_ms = events[1]->wall_ms = clock_wall_ms(hub->clock);
    cmd_emit_all(hub, events, count);
    return 0;
}

int cmd_talk_msg(struct hub *hub, struct user *user, const struct chat_request *request)
{
    return tell_person(hub, user, request->words[0], request);
}

int cmd_talk_reply(struct hub *hub, struct user *user, const struct chat_request *request)
{
    if (user_reply_to(user).len == 0)
        return hub_refuse(hub, user, CHAT_ERR_NOBODY_TO_REPLY, BYTES(""), BYTES(""));
    return tell_person(hub, user, user_reply_to(user), request);
}

/* ---- for programs ---- */

int cmd_talk_tags(struct hub *hub, struct user *user, const struct chat_request *request)
{
    struct chat_event_spec spec = cmd_spec(CHAT_EV_TAGS, user, user->current->room);

    spec.tags = request->tags;
    return hub->tags_reader_count > 0 ? cmd_tell(hub, &spec) : 0;
}

/* The other one first, then the copy for the sender. */
int cmd_talk_tags_to(struct hub *hub, struct user *user, const struct chat_request *request)
{
    int err = 0;
    const struct user *target = cmd_find_person(hub, user, request->words[0], &err);
    if (target == NULL)
        return err;
    struct chat_event_spec specs[2] = {cmd_spec(CHAT_EV_PRIVATE_TAGS, user, NULL),
                                       cmd_spec_reply(CHAT_EV_PRIVATE_TAGS, user, NULL)};
    bool is_told = (target->wants & HUB_WANTS_TAGS) != 0 && !user_ignores(target, user->id, user_name(user));
    size_t first = is_told ? 0 : 1;
    struct chat_event *events[2];

    specs[0].target_id = target->id;
    specs[0].tags = specs[1].tags = request->tags;
    specs[1].extra = user_name(target);
    specs[1].count = 1;
    err = cmd_make_all(&specs[first], 2 - first, events);
    if (err == 0)
        cmd_emit_all(hub, events, 2 - first);
    return err;
}
