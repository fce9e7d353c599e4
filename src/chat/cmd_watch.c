/* Who comes and goes: /watch, /unwatch; and telling those who watch. */
#include <errno.h>

#include "base/check.h"
#include "chat/cmd.h"
#include "chat/hub_private.h"
#include "chat/user.h"
#include "chat/watch.h"

/* ---- telling ---- */

static struct chat_item item_of(const struct hub *hub, const char *name)
{
    const struct user *person = hub_find_user_name(hub, bytes_of(name));

    return (struct chat_item){.name = person != NULL ? user_name(person) : bytes_of(name),
                              .flags = person != NULL ? CHAT_ITEM_F_HERE : 0};
}

void hub_tell_watchers(struct hub *hub, struct bytes name, bool is_here)
{
    const struct watched *watched = watch_find(&hub->watched, name);
    const struct chat_item item = {.name = name, .flags = is_here ? CHAT_ITEM_F_HERE : 0};

    if (watched == NULL)
        return;
    LIST_FOREACH(watch, &watched->watches, struct watch, name_link) {
        struct chat_event *event = chat_event_new(&(struct chat_event_spec){
            .kind = CHAT_EV_WATCHED, .target_id = watch->user->id, .items = &item, .item_count = 1});
        if (event != NULL)
            hub_emit(hub, event);
    }
}

void hub_tell_watchers_change(struct hub *hub, const struct user *user, const struct chat_event_spec *change)
{
    const struct watched *watched = watch_find(&hub->watched, user_name(user));

    if (watched == NULL)
        return;
    LIST_FOREACH(watch, &watched->watches, struct watch, name_link) {
        bool is_wanted = (watch->user->wants & HUB_WANTS_WATCHED) != 0;
        if (!is_wanted || watch->user == user || user_shares_room(user, watch->user))
            continue;
        struct chat_event_spec spec = *change;
        spec.kind = change->kind == CHAT_EV_AWAY_CHANGED ? CHAT_EV_WATCHED_AWAY : CHAT_EV_WATCHED_REALNAME;
        spec.target_id = watch->user->id;
        struct chat_event *event = chat_event_new(&spec);
        if (event != NULL)
            hub_emit(hub, event);
    }
}

/* ---- asking ---- */

static struct bytes next_name(struct bytes *rest)
{
    struct bytes name = {NULL, 0};

    while (name.len == 0 && rest->len > 0) {
        size_t comma = bytes_find(*rest, ','), blank = bytes_find(*rest, ' ');
        size_t end = comma < blank ? comma : blank;
        name = bytes_slice(*rest, 0, end);
        *rest = bytes_slice(*rest, end + 1, rest->len);
    }
    return name;
}

static int tell_list(struct hub *hub, struct user *user, const struct chat_request *request)
{
    struct chat_item items[WATCHES_MAX];
    struct chat_event_spec spec = cmd_spec_reply(CHAT_EV_WATCHES, user, NULL);

    if (user->rare != NULL) {
        LIST_FOREACH(watch, &user->rare->watches, struct watch, user_link)
            items[spec.item_count++] = item_of(hub, watch->watched->name.text);
    }
    spec.items = items;
    spec.count = (uint32_t)spec.item_count;
    spec.extra = bytes_of(request->command->name);
    return cmd_tell(hub, &spec);
}

struct names {
    struct bytes names[WATCHES_MAX];
    bool is_new[WATCHES_MAX];
    size_t count, new_count;
};

/* What is no name is left out, as is what is behind the first WATCHES_MAX. */
static void take_names(const struct user *user, struct bytes text, struct names *ret_names)
{
    ret_names->count = ret_names->new_count = 0;
    for (struct bytes name; ret_names->count < WATCHES_MAX && (name = next_name(&text)).len > 0;) {
        if (!name_is_user(name))
            continue;
        ret_names->new_count += watch_has(user, name) ? 0 : 1;
        ret_names->names[ret_names->count++] = name;
    }
}

static int add_all(struct hub *hub, struct user *user, struct names *names)
{
    for (size_t i = 0; i < names->count; i++) {
        int err = watch_add(&hub->watched, user, names->names[i]);
        CHECK(err != -ENOSPC);
        names->is_new[i] = err == 0;
        if (err != -ENOMEM)
            continue;
        names->count = i;
        return err;
    }
    return 0;
}

static void undo(struct hub *hub, struct user *user, const struct names *names)
{
    for (size_t i = 0; i < names->count; i++) {
        if (names->is_new[i])
            CHECK(watch_remove(&hub->watched, user, names->names[i]));
    }
}

static int tell_watched(struct hub *hub, struct user *user, const struct names *names)
{
    struct chat_item items[WATCHES_MAX];
    struct chat_event_spec spec = cmd_spec_reply(CHAT_EV_WATCHED, user, NULL);
    char texts[WATCHES_MAX][NAME_USER_BYTES_MAX + 1];

    for (size_t i = 0; i < names->count; i++) {
        CHECK(bytes_copy(names->names[i], texts[i], sizeof(texts[i])));
        items[i] = item_of(hub, texts[i]);
    }
    spec.items = items;
    spec.item_count = names->count;
    spec.count = (uint32_t)names->count;
    return cmd_tell(hub, &spec);
}

int cmd_watch_watch(struct hub *hub, struct user *user, const struct chat_request *request)
{
    size_t watch_count = user->rare != NULL ? user->rare->watches.count : 0;
    struct names names;

    if (bytes_trim(request->text).len == 0)
        return tell_list(hub, user, request);
    take_names(user, request->text, &names);
    if (names.count == 0)
        return hub_refuse(hub, user, CHAT_ERR_USAGE, BYTES("watch"), BYTES(""));
    if (watch_count + names.new_count > WATCHES_MAX)
        return hub_refuse(hub, user, CHAT_ERR_LIST_FULL, BYTES("unwatch"), bytes_trim(request->text));
    int err = add_all(hub, user, &names);
    if (err == 0)
        err = tell_watched(hub, user, &names);
    if (err != 0)
        undo(hub, user, &names);
    return err;
}

int cmd_watch_status(struct hub *hub, struct user *user, const struct chat_request *request)
{
    return tell_list(hub, user, request);
}

/* ---- no longer ---- */

static int tell_unwatched(struct hub *hub, struct user *user, const struct chat_item *items, size_t count)
{
    struct chat_event_spec spec = cmd_spec_reply(CHAT_EV_UNWATCHED, user, NULL);

    spec.items = items;
    spec.item_count = count;
    return cmd_tell(hub, &spec);
}

int cmd_watch_unwatch(struct hub *hub, struct user *user, const struct chat_request *request)
{
    struct chat_item items[WATCHES_MAX];
    struct bytes text = bytes_trim(request->text), rest = text;
    size_t count = 0;

    if (bytes_eq(text, BYTES("*"))) {
        int err = tell_unwatched(hub, user, NULL, 0);
        if (err == 0)
            watch_clear(&hub->watched, user);
        return err;
    }
    for (struct bytes name; count < WATCHES_MAX && (name = next_name(&rest)).len > 0;) {
        if (watch_has(user, name))
            items[count++] = (struct chat_item){.name = name};
    }
    if (count == 0)
        return hub_refuse(hub, user, CHAT_ERR_NOT_LISTED, text, BYTES("watch"));
    int err = tell_unwatched(hub, user, items, count);
    for (size_t i = 0; err == 0 && i < count; i++)
        (void)watch_remove(&hub->watched, user, items[i].name);
    return err;
}
