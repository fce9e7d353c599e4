/* About people: /whois, /away, /back, /ignore, /unignore. */
#include <errno.h>
#include <stdlib.h>

#include "base/check.h"
#include "chat/cmd.h"
#include "chat/hub_private.h"
#include "chat/restriction.h"
#include "chat/room.h"
#include "chat/user.h"

#define COMMON_ROOMS_MAX 50

/* ---- whois ---- */

static size_t list_common_rooms(const struct user *user, const struct user *person,
                                struct chat_item ret[COMMON_ROOMS_MAX])
{
    size_t count = 0;

    LIST_FOREACH(membership, &person->memberships, struct membership, user_link) {
        bool is_common = !membership->is_leaving && user_membership(user, membership->room) != NULL;
        if (!is_common || count == COMMON_ROOMS_MAX)
            continue;
        ret[count++] = (struct chat_item){.name = room_name(membership->room),
                                          .flags = membership->is_operator ? CHAT_ITEM_F_OPERATOR
                                                   : membership->is_voiced ? CHAT_ITEM_F_VOICED
                                                                           : 0};
    }
    return count;
}

int cmd_people_whois(struct hub *hub, struct user *user, const struct chat_request *request)
{
    int err = 0;
    const struct user *person = cmd_find_person(hub, user, request->words[0], &err);
    if (person == NULL)
        return err;
    struct chat_item items[1 + COMMON_ROOMS_MAX];
    struct chat_event_spec spec = cmd_spec_reply(CHAT_EV_WHOIS, user, NULL);
    items[0] = cmd_person_item(person, user, hub_now_ms(hub));
    spec.item_count = 1 + list_common_rooms(user, person, &items[1]);
    spec.items = items;
    spec.text = bytes_of(person->client);
    spec.extra = bytes_of(user->is_server_operator ? person->host : NULL);
    spec.time_ms = person->since_wall_ms;
    return cmd_tell(hub, &spec);
}

/* ---- away ---- */

/* Takes over `away`; NULL: back. */
static int set_away(struct hub *hub, struct user *user, struct user_away *away)
{
    struct chat_event_spec specs[2] = {cmd_spec_reply(CHAT_EV_AWAY, user, NULL),
                                       cmd_spec(CHAT_EV_AWAY_CHANGED, user, NULL)};
    bool is_news = away != NULL || user->away != NULL;
    size_t count = is_news && hub->changes_reader_count > 0 ? 2 : 1;
    struct chat_event *events[2];

    specs[0].count = specs[1].count = away != NULL ? 1 : 0;
    specs[0].text = specs[1].text = bytes_of(away != NULL ? away->why : NULL);
    int err = cmd_make_all(specs, count, events);
    if (err != 0) {
        free(away);
        return err;
    }
    free(user->away);
    user->away = away;
    cmd_emit_all(hub, events, count);
    if (is_news)
        hub_tell_watchers_change(hub, user, &specs[1]);
    return 0;
}

int cmd_people_away(struct hub *hub, struct user *user, const struct chat_request *request)
{
    struct bytes why = bytes_trim(hub_clean(hub, request->text, USER_AWAY_BYTES_MAX));
    struct user_away *away = calloc(1, sizeof(*away));
    if (away == NULL)
        return -ENOMEM;
    CHECK(bytes_copy(why, away->why, sizeof(away->why)));
    return set_away(hub, user, away);
}

int cmd_people_back(struct hub *hub, struct user *user, const struct chat_request *request)
{
    (void)request;
    return set_away(hub, user, NULL);
}

/* ---- ignore ---- */

static int list_ignores(struct hub *hub, struct user *user)
{
    struct chat_item items[RESTRICTIONS_MAX];
    struct chat_event_spec spec = cmd_spec_reply(CHAT_EV_IGNORES, user, NULL);

    if (user->rare != NULL) {
        LIST_FOREACH(ignore, &user->rare->ignores, struct restriction, link)
            items[spec.item_count++] = (struct chat_item){.name = bytes_of(ignore->mask)};
    }
    spec.items = items;
    spec.count = (uint32_t)spec.item_count;
    return cmd_tell(hub, &spec);
}

static struct chat_event *make_ignored(const struct user *user, struct bytes name, bool is_on)
{
    struct chat_event_spec spec = cmd_spec_reply(CHAT_EV_IGNORED, user, NULL);
    spec.text = name;
    spec.count = is_on ? 1 : 0;
    return chat_event_new(&spec);
}

int cmd_people_ignore(struct hub *hub, struct user *user, const struct chat_request *request)
{
    if (request->word_count == 0)
        return list_ignores(hub, user);
    int err = 0;
    const struct user *person = cmd_find_person(hub, user, request->words[0], &err);
    if (person == NULL)
        return err;
    if (person == user)
        return hub_refuse(hub, user, CHAT_ERR_NOT_YOURSELF, user_name(user), BYTES(""));
    if (user_ignore_count(user) >= RESTRICTIONS_MAX)
        return hub_refuse(hub, user, CHAT_ERR_LIST_FULL, BYTES("unignore"), BYTES(""));

    struct user_rare *rare = user_get_rare(user);
    struct restriction *ignore = restriction_new(&(struct restriction_spec){
        .mask = user_name(person), .user_id = person->id, .until_ms = RESTRICTION_FOREVER});
    struct chat_event *event = make_ignored(user, user_name(person), true);
    if (rare == NULL || ignore == NULL || event == NULL) {
        restriction_free(ignore);
        chat_event_unref(event);
        return -ENOMEM;
    }
    restriction_add(&rare->ignores, ignore);
    hub_emit(hub, event);
    return 0;
}

int cmd_people_unignore(struct hub *hub, struct user *user, const struct chat_request *request)
{
    struct bytes name = request->words[0];
    const struct user *person = hub_find_user_name(hub, name);
    uint64_t id = person != NULL ? person->id : 0;

    if (!user_ignores(user, id, name))
        return hub_refuse(hub, user, CHAT_ERR_NOT_LISTED, name, BYTES("ignore"));
    struct chat_event *event = make_ignored(user, name, false);
    if (event == NULL)
        return -ENOMEM;
    restriction_remove(&user->rare->ignores, name, id);
    hub_emit(hub, event);
    return 0;
}
