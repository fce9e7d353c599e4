/* /set: what somebody wants to see, and how.
 *
 * The choice travels as an event: what was said before it is shown in the old way, what comes after it in
 * the new. */
#include <errno.h>

#include "chat/cmd.h"
#include "chat/hub_private.h"
#include "chat/option.h"
#include "chat/user.h"

static int tell_options(struct hub *hub, struct user *user)
{
    struct chat_event_spec spec = cmd_spec_reply(CHAT_EV_OPTIONS, user, NULL);
    struct chat_item items[OPTION_COUNT];
    char words[OPTION_COUNT][OPTION_WORD_BYTES_MAX + 1];

    for (size_t i = 0; i < OPTION_COUNT; i++) {
        option_word((enum chat_option)i, user->options[i], words[i]);
        items[i] = (struct chat_item){.name = bytes_of(option_name((enum chat_option)i)),
                                      .detail = bytes_of(words[i])};
    }
    spec.items = items;
    spec.item_count = OPTION_COUNT;
    return cmd_tell(hub, &spec);
}

int cmd_option_set(struct hub *hub, struct user *user, const struct chat_request *request)
{
    enum chat_option option;
    uint16_t value;
    char word[OPTION_WORD_BYTES_MAX + 1];

    if (request->word_count == 0)
        return tell_options(hub, user);
    if (request->word_count < 2 || !option_parse(request->words[0], request->words[1], &option, &value))
        return hub_refuse(hub, user, CHAT_ERR_OPTION_BAD, request->words[0], BYTES(""));
    option_word(option, value, word);
    struct chat_event_spec spec = cmd_spec_reply(CHAT_EV_OPTION_SET, user, NULL);
    spec.option = option;
    spec.count = value;
    spec.text = bytes_of(option_name(option));
    spec.extra = bytes_of(word);
    struct chat_event *event = chat_event_new(&spec);
    if (event == NULL)
        return -ENOMEM;
    user->options[option] = value;
    hub_emit(hub, event);
    return 0;
}
