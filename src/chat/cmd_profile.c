/* What people say of themselves: /realname, and the modes that only programs set. */
#include <errno.h>
#include <stdlib.h>

#include "base/attr.h"
#include "chat/cmd.h"
#include "chat/hub_private.h"
#include "chat/user.h"

static int tell_realname(struct hub *hub, struct user *user)
{
    struct chat_event_spec spec = cmd_spec_reply(CHAT_EV_REALNAME, user, NULL);

    spec.text = user_realname(user);
    return cmd_tell(hub, &spec);
}

static int set_realname(struct hub *hub, struct user *user, struct bytes text)
{
    struct chat_event_spec specs[2] = {cmd_spec_reply(CHAT_EV_REALNAME, user, NULL),
                                       cmd_spec(CHAT_EV_REALNAME_CHANGED, user, NULL)};
    size_t count = hub->changes_reader_count > 0 ? 2 : 1;
    struct chat_event *events[2];
    char *realname = text.len > 0 ? bytes_dup(text) : NULL;

    if (realname == NULL && text.len > 0)
        return -ENOMEM;
    specs[0].text = text;
    specs[0].count = 1;
    specs[1].text = text.len > 0 ? text : user_name(user);
    int err = cmd_make_all(specs, count, events);
    if (err == 0)
        err = user_set_realname(user, realname);
    else
        count = 0;
    if (err == 0) {
        cmd_emit_all(hub, events, count);
        hub_tell_watchers_change(hub, user, &specs[1]);
        return 0;
    }
    while (count > 0)
        chat_event_unref(events[--count]);
    free(realname);
    return err;
}

int cmd_profile_realname(struct hub *hub, struct user *user, const struct chat_request *request)
{
    struct bytes typed = bytes_trim(request->text);

    if (typed.len == 0)
        return tell_realname(hub, user);
    if (bytes_eq(typed, BYTES("-")))
        return set_realname(hub, user, BYTES(""));
    struct bytes text = bytes_trim(hub_clean(hub, typed, USER_REALNAME_BYTES_MAX));
    if (text.len == 0)
        return hub_refuse(hub, user, CHAT_ERR_TEXT_EMPTY, BYTES(""), BYTES(""));
    return set_realname(hub, user, text);
}

/* ---- modes ---- */

static const struct {
    const char *word;
    uint8_t mode;
} modes[] = {{"hidden", USER_MODE_HIDDEN}, {"wallops", USER_MODE_WALLOPS}, {"bot", USER_MODE_BOT}};

static uint8_t find_mode(struct bytes word)
{
    for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
        if (bytes_eq(word, bytes_of(modes[i].word)))
            return modes[i].mode;
    }
    return 0;
}

static int tell_modes(struct hub *hub, struct user *user, uint8_t now, struct bytes word, struct bytes value)
{
    struct chat_event_spec spec = cmd_spec_reply(CHAT_EV_USER_MODES, user, NULL);

    spec.count = now | (user->is_server_operator ? USER_MODE_OPERATOR : 0u);
    spec.text = word;
    spec.extra = value;
    return cmd_tell(hub, &spec);
}

/* Without words: which there are. Otherwise the first is the mode, the second on or off. */
int cmd_profile_modes(struct hub *hub, struct user *user, const struct chat_request *request)
{
    if (request->word_count < 2)
        return tell_modes(hub, user, user->modes, BYTES(""), BYTES(""));
    const uint8_t mode = find_mode(request->words[0]);
    const bool is_on = bytes_eq(request->words[1], BYTES("on"));
    const uint8_t now = (uint8_t)(is_on ? user->modes | mode : user->modes & ~mode);
    if (now == user->modes)
        return 0;
    int err = tell_modes(hub, user, now, request->words[0], is_on ? BYTES("on") : BYTES("off"));
    if (err != 0)
        return err;
    hub->hidden_count -= (user->modes & USER_MODE_HIDDEN) != 0 ? 1 : 0;
    hub->hidden_count += (now & USER_MODE_HIDDEN) != 0 ? 1 : 0;
    user->modes = now;
    return 0;
}

/* Somebody else's are nobody's business. */
int cmd_profile_modes_of(struct hub *hub, struct user *user, const struct chat_request *request)
{
    int err = 0;
    const struct user *person = cmd_find_person(hub, user, request->words[0], &err);

    return person != NULL ? hub_refuse(hub, user, CHAT_ERR_MODES_OF_OTHER, user_name(person), BYTES(""))
                          : err;
}
