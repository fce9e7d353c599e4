/* Lists: /rooms, /names, /who, /invites, and the names that somebody sees on entering a room.
 *
 * A list shows the first few of possibly very many. They are kept sorted while walking over all, which
 * needs no memory beyond the list itself and, for most, one comparison each. */
#include <errno.h>
#include <string.h>

#include "base/check.h"
#include "chat/cmd.h"
#include "chat/hub_private.h"
#include "chat/restriction.h"
#include "chat/room.h"
#include "chat/room_filter.h"
#include "chat/user.h"

#define ENTERED_LOOK_MAX 1000
#define NOTE_BYTES_MAX (2 * HUB_SUBJECT_BYTES_MAX) /* of a dialect, with WHO */

typedef int (*shortlist_order_fn)(const void *a, const void *b);

/* The first `most` of all that were offered, in order. */
struct shortlist {
    shortlist_order_fn order;
    size_t count, most;
    const void *first[CHAT_LIST_ITEMS_MAX];
};

static void shortlist_init(struct shortlist *list, shortlist_order_fn order, size_t most)
{
    CHECK(most > 0 && most <= CHAT_LIST_ITEMS_MAX);
    list->order = order;
    list->count = 0;
    list->most = most;
}

static void shortlist_offer(struct shortlist *list, const void *candidate)
{
    bool is_full = list->count == list->most;
    if (is_full && list->order(candidate, list->first[list->count - 1]) >= 0)
        return;
    size_t low = 0, high = list->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (list->order(candidate, list->first[middle]) < 0)
            high = middle;
        else
            low = middle + 1;
    }
    if (!is_full)
        list->count++;
    memmove(&list->first[low + 1], &list->first[low], (list->count - low - 1) * sizeof(list->first[0]));
    list->first[low] = candidate;
}

static int order_members(const void *a, const void *b)
{
    const struct membership *left = a, *right = b;
    return strcmp(left->user->name_key, right->user->name_key);
}

static int order_people(const void *a, const void *b)
{
    const struct user *left = a, *right = b;
    return strcmp(left->name_key, right->name_key);
}

static int order_rooms(const void *a, const void *b)
{
    const struct room *left = a, *right = b;
    if (left->present_count != right->present_count)
        return left->present_count > right->present_count ? -1 : 1;
    return strcmp(left->name.folded, right->name.folded);
}

static struct chat_item item_of(const struct membership *membership, const struct user *you)
{
    uint32_t flags = membership->is_operator ? CHAT_ITEM_F_OPERATOR : 0;
    if (membership->is_voiced)
        flags |= CHAT_ITEM_F_VOICED;
    if (membership->user == you)
        flags |= CHAT_ITEM_F_YOU;
    return (struct chat_item){.name = user_name(membership->user), .flags = flags};
}

size_t cmd_list_others(const struct room *room, const struct user *user,
                       struct chat_item ret[CHAT_ENTERED_NAMES_MAX])
{
    struct shortlist list;
    shortlist_init(&list, order_members, CHAT_ENTERED_NAMES_MAX);
    for (size_t i = 0; i < room->member_count && i < ENTERED_LOOK_MAX; i++) {
        const struct membership *membership = room->members[i];
        if (!membership->is_leaving && membership->user != user)
            shortlist_offer(&list, membership);
    }
    for (size_t i = 0; i < list.count; i++)
        ret[i] = item_of(list.first[i], user);
    return list.count;
}

static void list_members(const struct room *room, struct shortlist *list)
{
    shortlist_init(list, order_members, CHAT_LIST_ITEMS_MAX);
    for (size_t i = 0; i < room->member_count; i++) {
        if (!room->members[i]->is_leaving)
            shortlist_offer(list, room->members[i]);
    }
}

/* Everyone in the room, as `you` sees them, into `items` (room for CHAT_LIST_ITEMS_MAX); returns how many. */
static size_t put_members(const struct room *room, const struct user *you, struct chat_item *items,
                          struct chat_event_spec *spec)
{
    struct shortlist list;
    list_members(room, &list);
    for (size_t i = 0; i < list.count; i++)
        items[i] = item_of(list.first[i], you);
    spec->count = (uint32_t)room->present_count;
    spec->change = (room->modes & ROOM_MODE_SECRET) != 0 ? CHAT_CHANGE_SECRET : CHAT_CHANGE_NONE;
    return list.count;
}

struct chat_event *cmd_make_names(const struct user *user, const struct room *room)
{
    struct chat_item items[CHAT_LIST_ITEMS_MAX];
    struct chat_event_spec spec = cmd_spec_reply(CHAT_EV_NAMES, user, room);
    spec.items = items;
    spec.item_count = put_members(room, user, items, &spec);
    return chat_event_new(&spec);
}

struct chat_event *cmd_make_renamed(const struct user *user, const struct room *room, struct bytes name,
                                    struct bytes why)
{
    struct chat_item items[1 + CHAT_LIST_ITEMS_MAX];
    struct chat_event_spec spec = cmd_spec(CHAT_EV_ROOM_RENAMED, user, room);
    items[0] = (struct chat_item){.name = cmd_topic(room), .detail = bytes_of(room->topic_by.text)};
    spec.items = items;
    spec.item_count = 1 + put_members(room, NULL, &items[1], &spec);
    spec.time_ms = room->topic_wall_ms;
    spec.extra = name;
    spec.text = why;
    return chat_event_new(&spec);
}

static int tell_names(struct hub *hub, struct user *user, const struct room *room)
{
    struct chat_event *event = cmd_make_names(user, room);
    if (event == NULL)
        return -ENOMEM;
    hub_emit(hub, event);
    return 0;
}

int cmd_list_names(struct hub *hub, struct user *user, const struct chat_request *request)
{
    if (request->word_count > 0) {
        int err = 0;
        struct room *room = cmd_find_room(hub, user, request->words[0], &err);
        return room != NULL ? tell_names(hub, user, room) : err;
    }
    if (user->current == NULL)
        return hub_refuse(hub, user, CHAT_ERR_NO_CURRENT_ROOM, BYTES(""), BYTES(""));
    return tell_names(hub, user, user->current->room);
}

int cmd_list_rooms(struct hub *hub, struct user *user, const struct chat_request *request)
{
    const int64_t now_wall_ms = clock_wall_ms(hub->clock);
    struct bytes words = bytes_trim(request->text);
    struct shortlist list;
    shortlist_init(&list, order_rooms, CHAT_LIST_ITEMS_MAX);
    size_t iter = 0;
    uint32_t seen_count = 0;
    for (struct room *room; (room = hashmap_next(&hub->room_names, &iter)) != NULL;) {
        if (!policy_may_see(room, user) || !room_filter_fits(words, room, now_wall_ms))
            continue;
        shortlist_offer(&list, room);
        seen_count++;
    }
    struct chat_item items[CHAT_LIST_ITEMS_MAX];
    for (size_t i = 0; i < list.count; i++) {
        const struct room *room = list.first[i];
        items[i] = (struct chat_item){
            .name = room_name(room), .detail = cmd_topic(room), .count = (uint32_t)room->present_count};
    }
    struct chat_event_spec spec = cmd_spec_reply(CHAT_EV_ROOMS, user, NULL);
    spec.items = items;
    spec.item_count = list.count;
    spec.count = seen_count;
    spec.text = hub_clean(hub, words, HUB_SUBJECT_BYTES_MAX);
    return cmd_tell(hub, &spec);
}

static int tell_who_in(struct hub *hub, struct user *user, const struct room *room, struct bytes note)
{
    struct shortlist list;
    list_members(room, &list);
    struct chat_item items[CHAT_LIST_ITEMS_MAX];
    for (size_t i = 0; i < list.count; i++) {
        const struct membership *membership = list.first[i];
        items[i] = cmd_person_item(membership->user, user, hub_now_ms(hub));
        items[i].flags |= membership->is_operator ? CHAT_ITEM_F_ROOM_OPERATOR : 0;
        items[i].flags |= membership->is_voiced ? CHAT_ITEM_F_VOICED : 0;
    }
    struct chat_event_spec spec = cmd_spec_reply(CHAT_EV_WHO, user, room);
    spec.extra = hub_clean(hub, note, NOTE_BYTES_MAX);
    spec.text = room_name(room);
    spec.items = items;
    spec.item_count = list.count;
    spec.count = (uint32_t)room->present_count;
    return cmd_tell(hub, &spec);
}

int cmd_list_who(struct hub *hub, struct user *user, const struct chat_request *request)
{
    struct bytes mask = request->word_count > 0 ? request->words[0] : BYTES("*");
    struct bytes note = request->word_count > 1 ? request->words[1] : BYTES("");
    if (bytes_starts_with(mask, BYTES("#"))) {
        int err = 0;
        struct room *room = cmd_find_room(hub, user, mask, &err);
        return room != NULL ? tell_who_in(hub, user, room, note) : err;
    }
    if (!restriction_is_mask(mask) || bytes_find(mask, '@') < mask.len)
        return hub_refuse(hub, user, CHAT_ERR_MASK_BAD, mask, BYTES(""));
    struct shortlist list;
    shortlist_init(&list, order_people, CHAT_LIST_ITEMS_MAX);
    struct chat_event_spec spec = cmd_spec_reply(CHAT_EV_WHO, user, NULL);
    spec.extra = hub_clean(hub, note, NOTE_BYTES_MAX);
    size_t iter = 0;
    for (struct user *person; (person = hashmap_next(&hub->user_names, &iter)) != NULL;) {
        if (!restriction_glob(mask, user_name(person)) || !policy_may_find(user, person))
            continue;
        shortlist_offer(&list, person);
        spec.count++;
    }
    struct chat_item items[CHAT_LIST_ITEMS_MAX];
    for (size_t i = 0; i < list.count; i++)
        items[i] = cmd_person_item(list.first[i], user, hub_now_ms(hub));
    spec.text = mask;
    spec.items = items;
    spec.item_count = list.count;
    return cmd_tell(hub, &spec);
}

/* Invitations are kept by the rooms; there is no need to find them fast. */
int cmd_list_invites(struct hub *hub, struct user *user, const struct chat_request *request)
{
    struct chat_item items[CHAT_LIST_ITEMS_MAX];
    struct chat_event_spec spec = cmd_spec_reply(CHAT_EV_INVITES, user, NULL);
    size_t iter = 0;

    (void)request;
    for (const struct room *room; (room = hashmap_next(&hub->room_names, &iter)) != NULL;) {
        if (room_is_invited(room, user) && spec.item_count < CHAT_LIST_ITEMS_MAX)
            items[spec.item_count++] = (struct chat_item){.name = room_name(room)};
    }
    spec.items = items;
    spec.count = (uint32_t)spec.item_count;
    return cmd_tell(hub, &spec);
}
