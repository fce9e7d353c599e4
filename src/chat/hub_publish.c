/* The publishing half of the hub: events go into the logs of their rooms, memberships move along.
 *
 * The domain's present state may be ahead of what is published here: who said something may have left
 * and come back. So nothing here looks at who is present; the states of the memberships say where
 * publication has come to, and at each point a person READs a room through one membership at most. */
#include <stddef.h>

#include "base/check.h"
#include "chat/hub.h"
#include "chat/hub_private.h"
#include "chat/room.h"
#include "chat/user.h"

void hub_news_init(struct hub_news *news)
{
    list_init(&news->rooms);
}

/* Puts the event into the room's log and the room onto the news. Returns the event's position. */
static uint64_t log_event(struct room *room, struct chat_event *event, struct hub_news *news)
{
    uint64_t position = room->log.next;
    /* Without memory the event is lost, but not its position: every reader is told of the gap. */
    int err = room_log_append(&room->log, event);
    CHECK(room->log.next == position + 1 && (err == 0 || room->log.first == room->log.next));
    if (!list_is_linked(&room->news_link)) {
        if (room->held_to == 0)
            room->news_from = position;
        list_push_back(&news->rooms, &room->news_link);
    }
    return position;
}

/* The oldest membership whose join is the next to be published, or NULL. */
static struct membership *find_joining(const struct user *user, const struct room *room)
{
    LIST_FOREACH(membership, &user->memberships, struct membership, user_link) {
        if (membership->room == room && membership->state == MEMBERSHIP_JOINING)
            return membership;
    }
    return NULL;
}

static struct membership *find_departing(const struct user *user, const struct room *room)
{
    LIST_FOREACH(membership, &user->memberships, struct membership, user_link) {
        if (membership->room == room && membership->state == MEMBERSHIP_READING && membership->is_leaving)
            return membership;
    }
    return NULL;
}

static void start_reading(struct membership *membership, uint64_t position)
{
    CHECK(membership != NULL);
    membership->state = MEMBERSHIP_READING;
    membership->start = membership->cursor = position;
}

static void end_reading(struct membership *membership, uint64_t position)
{
    CHECK(membership != NULL);
    membership->state = MEMBERSHIP_ENDED;
    membership->end = position;
}

static struct user *get_user(const struct hub *hub, uint64_t id)
{
    struct user *user = hub_find_user(hub, id);
    CHECK(user != NULL);
    return user;
}

static void publish_to_room(struct hub *hub, struct chat_event *event, struct hub_news *news)
{
    struct room *room = hub_find_room_id(hub, event->room_id);
    CHECK(room != NULL && room->unpublished_count > 0);
    room->unpublished_count--;
    uint64_t position = log_event(room, event, news);

    if (event->kind == CHAT_EV_JOINED)
        start_reading(find_joining(get_user(hub, event->actor_id), room), position);
    else if (event->kind == CHAT_EV_PARTED)
        end_reading(find_departing(get_user(hub, event->actor_id), room), position);
    else if (event->kind == CHAT_EV_KICKED)
        end_reading(find_departing(get_user(hub, event->target_id), room), position);
    else if (event->kind == CHAT_EV_ROOM_RENAMED)
        room->renamed_end = position + 1;
}

static void publish_to_peers(struct user *actor, struct chat_event *event, struct hub_news *news)
{
    bool is_quit = event->kind == CHAT_EV_QUIT;
    LIST_FOREACH(membership, &actor->memberships, struct membership, user_link) {
        CHECK(!is_quit || membership->state != MEMBERSHIP_JOINING);
        if (membership->state != MEMBERSHIP_READING)
            continue;
        uint64_t position =
            event->is_silent ? membership->room->log.next : log_event(membership->room, event, news);
        if (is_quit)
            end_reading(membership, position);
    }
}

struct user *hub_publish(struct hub *hub, struct chat_event *event, struct hub_news *news)
{
    CHECK(event->seq == hub->published_seq + 1);
    hub->published_seq = event->seq;
    if (event->audience == CHAT_TO_USER)
        return NULL;
    if (event->audience == CHAT_TO_ROOM) {
        publish_to_room(hub, event, news);
        return NULL;
    }
    struct user *actor = get_user(hub, event->actor_id);
    publish_to_peers(actor, event, news);
    return event->kind == CHAT_EV_QUIT ? actor : NULL;
}

void hub_reap(struct hub *hub, struct user *user)
{
    LIST_FOREACH_SAFE(membership, &user->memberships, struct membership, user_link) {
        if (membership->state != MEMBERSHIP_ENDED || membership->cursor < membership->end)
            continue;
        struct room *room = membership->room;
        room_detach(membership);
        hub_drop_room(hub, room);
    }
}
