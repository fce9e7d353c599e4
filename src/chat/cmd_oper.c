/* What operators do to people: /kick, /ban, /mute, the exceptions from these and from invite-only, and what takes them
 * back.
 *
 * A ban keeps people out and, while they are in, silent; that of a name throws its bearer out as well.
 * Bans and mutes of a name hold the person too, so that another name is no way around them; exceptions do likewise.
 * A ban throws nobody out whom it does not hold. */
#include <errno.h>

#include "chat/cmd.h"
#include "chat/duration.h"
#include "chat/hub_private.h"
#include "chat/restriction.h"
#include "chat/room.h"
#include "chat/user.h"

#define KICK_EVENTS 2

static int refuse(struct hub *hub, struct user *user, enum chat_err err, struct bytes subject)
{
    return hub_refuse(hub, user, err, subject, BYTES(""));
}

/* ---- kick ---- */

/* What the room and the person hear when it is thrown out. */
static void spec_kick(const struct user *user, const struct membership *membership, struct bytes why,
                      struct chat_event_spec specs[KICK_EVENTS])
{
    const struct user *target = membership->user;
    const struct membership *next = cmd_current_without(target, membership);

    specs[0] = cmd_spec(CHAT_EV_KICKED, user, membership->room);
    specs[0].count = (uint32_t)membership->room->present_count - 1;
    specs[0].extra = user_name(target);
    specs[1] = cmd_spec(CHAT_EV_KICKED_OUT, user, membership->room);
    if (next != NULL) {
        specs[1].extra = room_name(next->room);
        specs[1].next_room_id = next->room->id;
    }
    for (size_t i = 0; i < KICK_EVENTS; i++) {
        specs[i].target_id = target->id;
        specs[i].text = why;
    }
}

static void throw_out(struct hub *hub, struct membership *membership)
{
    struct user *target = membership->user;

    target->current = cmd_current_without(target, membership);
    hub_leave_room(hub, membership);
}

int cmd_oper_kick(struct hub *hub, struct user *user, const struct chat_request *request)
{
    int err = 0;
    struct membership *membership = cmd_find_member(hub, user, request->words[0], &err);
    if (membership == NULL)
        return err;
    enum chat_err refused = policy_may_punish(user, membership->room, membership->user);
    if (refused != CHAT_OK)
        return refuse(hub, user, refused, user_name(membership->user));

    struct bytes why = bytes_trim(hub_clean(hub, request->text, HUB_WHY_BYTES_MAX));
    struct chat_event_spec specs[KICK_EVENTS + 1];
    struct chat_event *events[ARRAY_LEN(specs)];
    spec_kick(user, membership, why, specs);
    specs[KICK_EVENTS] = cmd_spec_reply(CHAT_EV_CHANGE_DONE, user, membership->room);
    specs[KICK_EVENTS].change = CHAT_CHANGE_KICK;
    specs[KICK_EVENTS].extra = user_name(membership->user);
    specs[KICK_EVENTS].text = why;
    err = cmd_make_all(specs, ARRAY_LEN(specs), events);
    if (err != 0)
        return err;
    throw_out(hub, membership);
    cmd_emit_all(hub, events, ARRAY_LEN(events));
    hub_succeed(hub, membership);
    return 0;
}

/* ---- bans, mutes and exceptions: one shape ---- */

struct kind {
    enum chat_change add, remove;
    const char *command, *undo; /* to be named in refusals */
    bool punishes;              /* and so is not for everybody */
};

static const struct kind ban_kind = {CHAT_CHANGE_BAN, CHAT_CHANGE_UNBAN, "ban", "unban", true};
static const struct kind mute_kind = {CHAT_CHANGE_MUTE, CHAT_CHANGE_UNMUTE, "mute", "unmute", true};
static const struct kind except_kind = {CHAT_CHANGE_EXCEPT, CHAT_CHANGE_UNEXCEPT, "except", "unexcept",
                                        false};
static const struct kind admit_kind = {CHAT_CHANGE_ADMIT, CHAT_CHANGE_UNADMIT, "admit", "unadmit", false};

static struct list *list_of(struct room *room, const struct kind *kind)
{
    switch (kind->add) {
    case CHAT_CHANGE_BAN:
        return &room->bans;
    case CHAT_CHANGE_MUTE:
        return &room->mutes;
    case CHAT_CHANGE_EXCEPT:
        return &room->exceptions;
    default:
        return &room->admissions;
    }
}

static struct chat_item list_item(const struct restriction *restriction, int64_t now_ms)
{
    bool has_end = restriction->until_ms != RESTRICTION_FOREVER;

    return (struct chat_item){
        .name = bytes_of(restriction->mask),
        .detail = bytes_of(restriction->why),
        .count = has_end ? (uint32_t)((restriction->until_ms - now_ms + 999) / 1000) : 0,
    };
}

static int tell_list(struct hub *hub, struct user *user, const struct kind *kind)
{
    struct room *room = user->current->room;
    struct list *list = list_of(room, kind);
    struct chat_item items[RESTRICTIONS_MAX];
    struct chat_event_spec spec = cmd_spec_reply(CHAT_EV_RESTRICTED, user, room);
    bool sees_addresses = policy_may_see_addresses(room, user);
    int64_t now_ms = hub_now_ms(hub);

    LIST_FOREACH(restriction, list, struct restriction, link) {
        if (restriction->until_ms <= now_ms)
            continue;
        spec.count++;
        if (sees_addresses || !restriction_has_address(restriction))
            items[spec.item_count++] = list_item(restriction, now_ms);
    }
    spec.change = kind->add;
    spec.items = items;
    return cmd_tell(hub, &spec);
}

/* "10m spam": the duration, when there is one, is cut off. 0: without end. */
static int64_t cut_duration(struct bytes *text)
{
    struct bytes rest = *text;
    int64_t ms = 0;

    if (duration_parse(bytes_word(&rest), &ms))
        *text = rest;
    return ms;
}

/* "*@bob" means whoever comes from where bob comes from, who must be here. */
static const struct user *find_host_owner(struct hub *hub, struct bytes mask)
{
    size_t at = bytes_find(mask, '@');
    if (at == mask.len)
        return NULL;
    return hub_find_user_name(hub, bytes_slice(mask, at + 1, mask.len));
}

/* Whom the request is aimed at. */
struct aim {
    struct restriction_spec spec;
    struct user *target; /* NULL: a mask, or nobody of this name is here */
    int64_t for_ms;      /* 0: without end */
};

static struct aim take_aim(struct hub *hub, const struct chat_request *request)
{
    struct bytes mask = request->words[0], why = bytes_trim(request->text);
    struct aim aim = {.target = hub_find_user_name(hub, mask)};
    const struct user *owner = find_host_owner(hub, mask);

    aim.for_ms = cut_duration(&why);
    aim.spec.mask = aim.target != NULL ? user_name(aim.target) : mask;
    aim.spec.user_id = aim.target != NULL ? aim.target->id : 0;
    aim.spec.host = bytes_of(owner != NULL ? owner->host : NULL);
    aim.spec.until_ms = aim.for_ms > 0 ? hub_now_ms(hub) + aim.for_ms : RESTRICTION_FOREVER;
    aim.spec.why = bytes_trim(hub_clean(hub, why, HUB_WHY_BYTES_MAX));
    return aim;
}

/* CHAT_OK, or why not. */
static enum chat_err check_aim(struct hub *hub, struct user *user, const struct kind *kind,
                               const struct aim *aim)
{
    struct room *room = user->current->room;
    struct list *list = list_of(room, kind);

    if (aim->target != NULL && kind->punishes) {
        enum chat_err refused = policy_may_punish(user, room, aim->target);
        if (refused != CHAT_OK)
            return refused;
    }
    if (!restriction_is_mask(aim->spec.mask))
        return CHAT_ERR_MASK_BAD;
    restriction_purge(list, hub_now_ms(hub));
    return list->count < RESTRICTIONS_MAX ? CHAT_OK : CHAT_ERR_LIST_FULL;
}

static int make_restrict_events(struct hub *hub, const struct user *user, const struct kind *kind,
                                const struct aim *aim, const struct membership *thrown_out,
                                struct chat_event *ret_events[2 + KICK_EVENTS])
{
    struct chat_event_spec change = {.change = kind->add, .extra = aim->spec.mask, .text = aim->spec.why};
    if (aim->for_ms > 0)
        change.time_ms = clock_wall_ms(hub->clock) + aim->for_ms;
    int err = cmd_make_change(user, user->current->room, &change, ret_events);
    if (err != 0 || thrown_out == NULL)
        return err;

    struct chat_event_spec specs[KICK_EVENTS];
    spec_kick(user, thrown_out, aim->spec.why, specs);
    err = cmd_make_all(specs, KICK_EVENTS, &ret_events[2]);
    if (err != 0) {
        chat_event_unref(ret_events[0]);
        chat_event_unref(ret_events[1]);
    }
    return err;
}

static int add(struct hub *hub, struct user *user, const struct kind *kind,
               const struct chat_request *request)
{
    struct room *room = user->current->room;
    struct aim aim = take_aim(hub, request);
    enum chat_err refused = check_aim(hub, user, kind, &aim);
    if (refused != CHAT_OK)
        return refuse(hub, user, refused,
                      refused == CHAT_ERR_LIST_FULL ? bytes_of(kind->undo) : aim.spec.mask);

    struct membership *thrown_out = NULL;
    if (aim.target != NULL && kind->add == CHAT_CHANGE_BAN &&
        !policy_is_excepted(room, aim.target, hub_now_ms(hub)))
        thrown_out = user_membership(aim.target, room);
    struct chat_event *events[2 + KICK_EVENTS];
    struct restriction *restriction = restriction_new(&aim.spec);
    if (restriction == NULL)
        return -ENOMEM;
    int err = make_restrict_events(hub, user, kind, &aim, thrown_out, events);
    if (err != 0) {
        restriction_free(restriction);
        return err;
    }
    restriction_add(list_of(room, kind), restriction);
    if (thrown_out != NULL)
        throw_out(hub, thrown_out);
    cmd_emit_all(hub, events, thrown_out != NULL ? 2 + KICK_EVENTS : 2);
    if (thrown_out != NULL)
        hub_succeed(hub, thrown_out);
    return 0;
}

/* By the mask, or by the name that the person has now. */
static int lift(struct hub *hub, struct user *user, const struct kind *kind,
                const struct chat_request *request)
{
    struct room *room = user->current->room;
    struct list *list = list_of(room, kind);
    struct bytes mask = request->words[0];
    const struct user *target = hub_find_user_name(hub, mask);
    uint64_t user_id = target != NULL ? target->id : 0;

    restriction_purge(list, hub_now_ms(hub));
    if (!restriction_has(list, mask, user_id))
        return hub_refuse(hub, user, CHAT_ERR_NOT_LISTED, mask, bytes_of(kind->command));
    struct chat_event *both[2];
    int err =
        cmd_make_change(user, room, &(struct chat_event_spec){.change = kind->remove, .extra = mask}, both);
    if (err != 0)
        return err;
    restriction_remove(list, mask, user_id);
    cmd_emit_all(hub, both, 2);
    return 0;
}

static int add_or_tell(struct hub *hub, struct user *user, const struct kind *kind,
                       const struct chat_request *request)
{
    return request->word_count > 0 ? add(hub, user, kind, request) : tell_list(hub, user, kind);
}

int cmd_oper_ban(struct hub *hub, struct user *user, const struct chat_request *request)
{
    return add_or_tell(hub, user, &ban_kind, request);
}

int cmd_oper_unban(struct hub *hub, struct user *user, const struct chat_request *request)
{
    return lift(hub, user, &ban_kind, request);
}

int cmd_oper_mute(struct hub *hub, struct user *user, const struct chat_request *request)
{
    return add_or_tell(hub, user, &mute_kind, request);
}

int cmd_oper_unmute(struct hub *hub, struct user *user, const struct chat_request *request)
{
    return lift(hub, user, &mute_kind, request);
}

int cmd_oper_except(struct hub *hub, struct user *user, const struct chat_request *request)
{
    return add_or_tell(hub, user, &except_kind, request);
}

int cmd_oper_unexcept(struct hub *hub, struct user *user, const struct chat_request *request)
{
    return lift(hub, user, &except_kind, request);
}

int cmd_oper_admit(struct hub *hub, struct user *user, const struct chat_request *request)
{
    return add_or_tell(hub, user, &admit_kind, request);
}

int cmd_oper_unadmit(struct hub *hub, struct user *user, const struct chat_request *request)
{
    return lift(hub, user, &admit_kind, request);
}
