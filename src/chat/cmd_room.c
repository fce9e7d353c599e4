/* Rooms: /join, /part, /switch, /topic. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "chat/cmd.h"
#include "chat/hub_private.h"
#include "chat/room.h"
#include "chat/user.h"

static int refuse(struct hub *hub, struct user *user, enum chat_err err, struct bytes subject)
{
    return hub_refuse(hub, user, err, subject, BYTES(""));
}

/* ---- join and switch ---- */

static int make_current(struct hub *hub, struct user *user, struct membership *membership)
{
    struct chat_event_spec spec = cmd_spec_reply(CHAT_EV_SWITCHED, user, membership->room);
    int err = cmd_tell(hub, &spec);
    if (err == 0)
        user->current = membership;
    return err;
}

static void add_topic(const struct room *room, struct chat_event_spec *spec)
{
    spec->text = cmd_topic(room);
    spec->extra = bytes_of(room->topic_by.text);
    spec->time_ms = room->topic_wall_ms;
}

/* What is told when the user, already counted in as what it will be, has come into the room. The third is NULL
 * for most. */
static int make_join_events(struct user *user, const struct room *room, struct chat_event *ret_events[3])
{
    struct chat_item others[CHAT_ENTERED_NAMES_MAX];
    struct chat_event_spec joined = cmd_spec(CHAT_EV_JOINED, user, room);
    struct chat_event_spec entered = cmd_spec_reply(CHAT_EV_ENTERED, user, room);
    joined.count = (uint32_t)room->present_count;
    joined.text = user_realname(user);
    if (user->away != NULL)
        joined.extra = user->away->why[0] != '\0' ? bytes_of(user->away->why) : BYTES("away");
    entered.items = others;
    entered.item_count = cmd_list_others(room, user, others);
    entered.count = joined.count - 1;
    add_topic(room, &entered);
    ret_events[2] = NULL;
    int err = cmd_make_both(&joined, &entered, ret_events);
    if (err != 0 || (user->wants & HUB_WANTS_NAMES) == 0)
        return err;
    ret_events[2] = cmd_make_names(user, room);
    if (ret_events[2] != NULL)
        return 0;
    chat_event_unref(ret_events[0]);
    chat_event_unref(ret_events[1]);
    return -ENOMEM;
}

static int enter_room(struct hub *hub, struct user *user, struct room *room)
{
    struct membership *membership = room_join(room, user);
    if (membership == NULL)
        return -ENOMEM;
    membership->is_operator = room->present_count == 1 && !room->is_permanent;
    struct chat_event *events[3];
    int err = make_join_events(user, room, events);
    if (err != 0) {
        room_detach(membership);
        return err;
    }
    room_uninvite(room, user);
    membership->joined_seq = hub->emitted_seq;
    membership->said_ms = hub_now_ms(hub); /* Coming again is no way around slow mode. */
    user->current = membership;
    cmd_emit_all(hub, events, events[2] != NULL ? 3 : 2);
    return 0;
}

static int enter_new_room(struct hub *hub, struct user *user, struct bytes name)
{
    struct room *room;
    int err = hub_open_room(hub, name, &room);
    if (err != 0)
        return err;
    err = enter_room(hub, user, room);
    if (err != 0)
        hub_drop_room(hub, room);
    return err;
}

static int refuse_too_many(struct hub *hub, struct user *user, struct bytes room)
{
    char limit[24];
    snprintf(limit, sizeof(limit), "%zu", hub->config.rooms_per_user);
    return hub_refuse(hub, user, CHAT_ERR_TOO_MANY_ROOMS, bytes_of(limit), room);
}

int cmd_room_join(struct hub *hub, struct user *user, const struct chat_request *request)
{
    struct cmd_room_name name;
    if (!cmd_room_name(request->words[0], &name))
        return refuse(hub, user, CHAT_ERR_ROOM_NAME_BAD, request->words[0]);
    struct room *room = hub_find_room(hub, bytes_of(name.text));
    struct membership *membership = room != NULL ? user_membership(user, room) : NULL;
    if (membership != NULL && membership == user->current)
        return refuse(hub, user, CHAT_ERR_ALREADY_IN_ROOM, room_name(room));
    if (membership != NULL)
        return make_current(hub, user, membership);
    if (user_room_count(user) >= hub->config.rooms_per_user)
        return refuse_too_many(hub, user, bytes_of(name.text));
    if (room == NULL)
        return enter_new_room(hub, user, bytes_of(name.text));
    struct bytes key = request->word_count > 1 ? request->words[1] : BYTES("");
    struct policy_verdict verdict = policy_may_join(room, user, key, hub_now_ms(hub));
    return verdict.err == CHAT_OK ? enter_room(hub, user, room)
                                  : hub_refuse_verdict(hub, user, room, verdict);
}

/* The user's rooms whose names begin with a word; a room of exactly that name comes first. */
struct matches {
    struct membership *first;
    size_t count;
};

static struct matches match_own_rooms(const struct user *user, struct bytes name)
{
    struct matches matches = {NULL, 0};
    LIST_FOREACH(membership, &user->memberships, struct membership, user_link) {
        struct bytes own = room_name(membership->room);
        if (membership->is_leaving || !bytes_eq_nocase(bytes_slice(own, 0, name.len), name))
            continue;
        if (own.len == name.len)
            return (struct matches){membership, 1};
        if (matches.count++ == 0)
            matches.first = membership;
    }
    return matches;
}

int cmd_room_switch(struct hub *hub, struct user *user, const struct chat_request *request)
{
    struct cmd_room_name name;
    if (!cmd_room_name(request->words[0], &name))
        return refuse(hub, user, CHAT_ERR_ROOM_NAME_BAD, request->words[0]);
    struct matches matches = match_own_rooms(user, bytes_of(name.text));
    if (matches.count == 1)
        return make_current(hub, user, matches.first);
    if (matches.count > 1)
        return hub_refuse(hub, user, CHAT_ERR_NO_SUCH_ROOM, bytes_of(name.text),
                          room_name(matches.first->room));
    int err = 0;
    struct room *room = cmd_find_room(hub, user, request->words[0], &err);
    return room != NULL ? refuse(hub, user, CHAT_ERR_NOT_IN_ROOM, room_name(room)) : err;
}

/* ---- part ---- */

static int leave_room(struct hub *hub, struct user *user, struct membership *membership, struct bytes why)
{
    struct room *room = membership->room;
    struct membership *next = cmd_current_without(user, membership);
    struct chat_event_spec parted = cmd_spec(CHAT_EV_PARTED, user, room);
    struct chat_event_spec left = cmd_spec_reply(CHAT_EV_LEFT, user, room);
    parted.text = left.text = bytes_trim(hub_clean(hub, why, HUB_WHY_BYTES_MAX));
    parted.count = (uint32_t)room->present_count - 1;
    if (next != NULL) {
        left.extra = room_name(next->room);
        left.next_room_id = next->room->id;
    }

    struct chat_event *both[2];
    int err = cmd_make_both(&parted, &left, both);
    if (err != 0)
        return err;
    user->current = next;
    hub_leave_room(hub, membership);
    hub_emit(hub, both[0]);
    hub_emit(hub, both[1]);
    hub_succeed(hub, membership);
    return 0;
}

int cmd_room_part(struct hub *hub, struct user *user, const struct chat_request *request)
{
    if (request->word_count == 0 && user->current == NULL)
        return refuse(hub, user, CHAT_ERR_NO_CURRENT_ROOM, BYTES(""));
    if (request->word_count == 0)
        return leave_room(hub, user, user->current, request->text);
    int err = 0;
    struct room *room = cmd_find_room(hub, user, request->words[0], &err);
    if (room == NULL)
        return err;
    struct membership *membership = user_membership(user, room);
    if (membership == NULL)
        return refuse(hub, user, CHAT_ERR_NOT_IN_ROOM, room_name(room));
    return leave_room(hub, user, membership, request->text);
}

/* The events of leaving all rooms, two for each. */
static int make_departures(struct user *user, struct bytes why, struct chat_event **ret_events)
{
    size_t count = 0;

    LIST_FOREACH(membership, &user->memberships, struct membership, user_link) {
        if (membership->is_leaving)
            continue;
        struct chat_event_spec parted = cmd_spec(CHAT_EV_PARTED, user, membership->room);
        struct chat_event_spec left = cmd_spec_reply(CHAT_EV_LEFT, user, membership->room);
        parted.text = left.text = why;
        parted.count = (uint32_t)membership->room->present_count - 1;
        int err = cmd_make_both(&parted, &left, &ret_events[count]);
        if (err == 0) {
            count += 2;
            continue;
        }
        while (count > 0)
            chat_event_unref(ret_events[--count]);
        return err;
    }
    return 0;
}

int cmd_room_leave_all(struct hub *hub, struct user *user, const struct chat_request *request)
{
    struct bytes why = bytes_trim(hub_clean(hub, request->text, HUB_WHY_BYTES_MAX));
    struct chat_event **events = calloc(user_room_count(user) + 1, 2 * sizeof(struct chat_event *));
    if (events == NULL)
        return -ENOMEM;
    int err = make_departures(user, why, events);
    if (err != 0) {
        free(events);
        return err;
    }
    struct chat_event **next = events;
    user->current = NULL;
    LIST_FOREACH(membership, &user->memberships, struct membership, user_link) {
        if (membership->is_leaving)
            continue;
        hub_leave_room(hub, membership);
        hub_emit(hub, *next++);
        hub_emit(hub, *next++);
        hub_succeed(hub, membership);
    }
    free(events);
    return 0;
}

/* ---- topic ---- */

static int show_topic(struct hub *hub, struct user *user, const struct room *room)
{
    struct chat_event_spec spec = cmd_spec_reply(CHAT_EV_TOPIC_IS, user, room);
    add_topic(room, &spec);
    return cmd_tell(hub, &spec);
}

/* An empty topic clears it. */
static int set_topic(struct hub *hub, struct user *user, struct room *room, struct bytes topic)
{
    char *copy = topic.len > 0 ? bytes_dup(topic) : NULL;
    if (copy == NULL && topic.len > 0)
        return -ENOMEM;
    struct chat_event_spec told = cmd_spec(CHAT_EV_TOPIC, user, room);
    struct chat_event_spec set = cmd_spec_reply(CHAT_EV_TOPIC_SET, user, room);
    told.text = set.text = topic;

    struct chat_event *both[2];
    int err = cmd_make_both(&told, &set, both);
    if (err != 0) {
        free(copy);
        return err;
    }
    free(room->topic);
    room->topic = copy;
    name_set(&room->topic_by, user_name(user));
    room->topic_wall_ms = clock_wall_ms(hub->clock);
    hub_emit(hub, both[0]);
    hub_emit(hub, both[1]);
    return 0;
}

int cmd_room_topic(struct hub *hub, struct user *user, const struct chat_request *request)
{
    struct room *room = user->current->room;
    struct bytes typed = bytes_trim(request->text);
    if (typed.len == 0)
        return show_topic(hub, user, room);
    if (bytes_eq(typed, BYTES("-")))
        return set_topic(hub, user, room, BYTES(""));
    struct bytes topic = bytes_trim(hub_clean(hub, typed, HUB_TOPIC_BYTES_MAX));
    if (topic.len == 0)
        return refuse(hub, user, CHAT_ERR_TEXT_EMPTY, BYTES(""));
    return set_topic(hub, user, room, topic);
}
