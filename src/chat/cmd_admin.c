/* What operators of the server do: /kill, /wall, /deoper. How they become that is the session's part, for
 * it takes time (session/session_oper.c). */
#include <errno.h>
#include <stdlib.h>

#include "base/buf.h"
#include "chat/cmd.h"
#include "chat/hub_private.h"
#include "chat/user.h"

/* What others read as the reason of the departure: "disconnected by alice: spam". NULL when out of memory.
 * */
static char *make_why(const struct user *user, struct bytes why)
{
    struct buf text;
    char *copy = NULL;

    buf_init(&text, HUB_WHY_BYTES_MAX + NAME_USER_BYTES_MAX + 32);
    buf_printf(&text, "disconnected by %s%s", user->name, why.len > 0 ? ": " : "");
    buf_put(&text, why);
    if (buf_error(&text) == 0)
        copy = bytes_dup(buf_bytes(&text));
    buf_done(&text);
    return copy;
}

/* Whoever delivers the event ends the connection; until then the person is still here. */
static int disconnect(struct hub *hub, struct user *user, struct user *target, struct bytes why)
{
    struct chat_event_spec told = cmd_spec(CHAT_EV_KILLED, user, NULL);
    struct chat_event_spec done = cmd_spec_reply(CHAT_EV_KILL_DONE, user, NULL);
    struct chat_event *both[2];
    struct user_rare *rare = user_get_rare(target);
    char *departure = make_why(user, why);

    told.target_id = target->id;
    told.text = why;
    done.extra = user_name(target);
    int err = rare != NULL && departure != NULL ? cmd_make_both(&told, &done, both) : -ENOMEM;
    if (err != 0) {
        free(departure);
        return err;
    }
    free(rare->killed_why);
    rare->killed_why = departure;
    cmd_emit_all(hub, both, 2);
    return 0;
}

int cmd_admin_kill(struct hub *hub, struct user *user, const struct chat_request *request)
{
    int err = 0;
    struct user *target = cmd_find_person(hub, user, request->words[0], &err);
    if (target == NULL)
        return err;
    enum chat_err refused = policy_may_kill(user, target);
    if (refused != CHAT_OK)
        return hub_refuse(hub, user, refused, user_name(target), BYTES(""));
    return disconnect(hub, user, target, bytes_trim(hub_clean(hub, request->text, HUB_WHY_BYTES_MAX)));
}

static bool is_for(const struct user *person, enum chat_event_kind kind)
{
    return kind == CHAT_EV_WALL || person->is_server_operator || (person->modes & USER_MODE_WALLOPS) != 0;
}

/* One event for each: people in no room are to hear it as well, and nobody twice. All of them or none. */
static int tell_many(struct hub *hub, struct user *user, const struct chat_request *request,
                     enum chat_event_kind kind)
{
    struct bytes text = bytes_trim(hub_clean(hub, request->text, HUB_TEXT_BYTES_MAX));
    struct chat_event_spec spec = cmd_spec(kind, user, NULL);
    struct list all;
    struct list_link *link;
    struct user *person;
    size_t iter = 0;

    if (text.len == 0)
        return hub_refuse(hub, user, CHAT_ERR_TEXT_EMPTY, BYTES(""), BYTES(""));
    list_init(&all);
    spec.text = text;
    while ((person = hashmap_next(&hub->user_names, &iter)) != NULL) {
        if (!is_for(person, kind))
            continue;
        spec.target_id = person->id;
        struct chat_event *event = chat_event_new(&spec);
        if (event == NULL)
            break;
        list_push_back(&all, &event->queue_link);
    }
    bool is_complete = person == NULL;
    while ((link = list_pop_front(&all)) != NULL) {
        struct chat_event *event = container_of(link, struct chat_event, queue_link);
        if (is_complete)
            hub_emit(hub, event);
        else
            chat_event_unref(event);
    }
    return is_complete ? 0 : -ENOMEM;
}

int cmd_admin_wall(struct hub *hub, struct user *user, const struct chat_request *request)
{
    return tell_many(hub, user, request, CHAT_EV_WALL);
}

int cmd_admin_wallops(struct hub *hub, struct user *user, const struct chat_request *request)
{
    return tell_many(hub, user, request, CHAT_EV_WALLOPS);
}

int cmd_admin_deoper(struct hub *hub, struct user *user, const struct chat_request *request)
{
    (void)request;
    return hub_set_server_operator(hub, user, false);
}
