/* About oneself and the server: /nick and /help. */
#include "base/check.h"
#include "chat/cmd.h"
#include "chat/hub_private.h"
#include "chat/user.h"

/* 0 when the user may have the name; -ENOMEM; 1 when the refusal is emitted. */
static int refuse_name(struct hub *hub, struct user *user, struct bytes name)
{
    if (!name_is_user(name)) {
        int err = hub_refuse(hub, user, CHAT_ERR_NAME_BAD, name, BYTES(""));
        return err != 0 ? err : 1;
    }
    struct user *holder = hub_find_user_name(hub, name);
    if (holder != NULL && holder != user) {
        char free_name[NAME_USER_BYTES_MAX + 1];
        hub_suggest_name(hub, name, free_name);
        int err = hub_refuse(hub, user, CHAT_ERR_NAME_TAKEN, name, bytes_of(free_name));
        return err != 0 ? err : 1;
    }
    return 0;
}

int cmd_user_nick(struct hub *hub, struct user *user, const struct chat_request *request)
{
    struct bytes name = request->words[0];
    int refused = refuse_name(hub, user, name);
    if (refused != 0)
        return refused < 0 ? refused : 0;
    struct chat_event_spec renamed = cmd_spec(CHAT_EV_RENAMED, user, NULL);
    struct chat_event_spec reply = cmd_spec_reply(CHAT_EV_NICK, user, NULL);
    renamed.text = reply.text = name;
    if (bytes_eq(name, user_name(user)))
        return cmd_tell(hub, &reply);

    struct chat_event *both[2];
    char before[NAME_USER_BYTES_MAX + 1];
    CHECK(bytes_copy(user_name(user), before, sizeof(before)));
    int err = cmd_make_both(&renamed, &reply, both);
    if (err != 0)
        return err;
    bool is_other = !bytes_eq_nocase(name, user_name(user));
    err = hub_rename(hub, user, name);
    if (err != 0) {
        chat_event_unref(both[0]);
        chat_event_unref(both[1]);
        return err;
    }
    hub_emit(hub, both[0]);
    hub_emit(hub, both[1]);
    if (is_other) {
        hub_tell_watchers(hub, bytes_of(before), false);
        hub_tell_watchers(hub, user_name(user), true);
    }
    return 0;
}

static int refuse_unknown(struct hub *hub, struct user *user, struct bytes word)
{
    const struct command *similar = command_suggest(word);
    struct bytes suggestion = similar != NULL ? bytes_of(similar->name) : BYTES("");
    return hub_refuse(hub, user, CHAT_ERR_UNKNOWN_COMMAND, word, suggestion);
}

int cmd_user_help(struct hub *hub, struct user *user, const struct chat_request *request)
{
    struct chat_event_spec spec = cmd_spec_reply(CHAT_EV_HELP, user, NULL);
    spec.count = user->is_server_operator ? 1 : 0;
    if (request->word_count > 0) {
        struct bytes word = request->words[0];
        if (bytes_starts_with(word, BYTES("/")))
            word = bytes_slice(word, 1, word.len);
        const struct command *command = command_find(word);
        if (command == NULL)
            return refuse_unknown(hub, user, word);
        spec.text = bytes_of(command->name);
    }
    return cmd_tell(hub, &spec);
}
