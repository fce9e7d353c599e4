/* /set: what somebody wants to see, and how.
 *
 * The choice travels as an event: what was said before it is shown in the old way, what comes after it in
 * the new. */
#include <errno.h>

#include "chat/cmd.h"
#include "chat/hub_private.h"
#include "chat/option.h"
#include "chat/user.h"

/* Those from `first` to `last`. */
static int tell_options(struct hub *hub, struct user *user, enum chat_option first, enum chat_option last)
{
    struct chat_event_spec spec = cmd_spec_reply(CHAT_EV_OPTIONS, user, NULL);
    struct chat_item items[OPTION_COUNT];
    char words[OPTION_COUNT][OPTION_WORD_BYTES_MAX + 1];

    for (size_t i = first; i <= last; i++) {
        option_word((enum chat_option)i, user->options[i], user->zone, words[i]);
        items[spec.item_count++] = (struct chat_item){.name = bytes_of(option_name((enum chat_option)i)),
                                                      .detail = bytes_of(words[i])};
    }
    spec.items = items;
    return cmd_tell(hub, &spec);
}

/* Whoever made the request has read the zone's file, if it has one. */
static bool find_zone(const struct chat_request *request, const struct chat_zone **ret_zone)
{
    if (option_zone(request->words[1], ret_zone))
        return true;
    *ret_zone = request->zone;
    return request->zone != NULL;
}

int cmd_option_set(struct hub *hub, struct user *user, const struct chat_request *request)
{
    enum chat_option option;
    uint16_t value = 0;
    const struct chat_zone *zone = user->zone;
    char word[OPTION_WORD_BYTES_MAX + 1];

    if (request->word_count == 0)
        return tell_options(hub, user, 0, OPTION_COUNT - 1);
    if (!option_find(request->words[0], &option))
        return hub_refuse(hub, user, CHAT_ERR_OPTION_UNKNOWN, request->words[0],
                          bytes_of(option_suggest(request->words[0])));
    if (request->word_count == 1)
        return tell_options(hub, user, option, option);
    if (option == OPTION_TZ ? !find_zone(request, &zone) : !option_parse(option, request->words[1], &value))
        return hub_refuse(hub, user, CHAT_ERR_OPTION_BAD, bytes_of(option_name(option)),
                          bytes_of(option_suggest_word(option, request->words[1])));
    option_word(option, value, zone, word);
    struct chat_event_spec spec = cmd_spec_reply(CHAT_EV_OPTION_SET, user, NULL);
    spec.option = option;
    spec.count = value;
    spec.zone = zone;
    spec.text = bytes_of(option_name(option));
    spec.extra = bytes_of(word);
    struct chat_event *event = chat_event_new(&spec);
    if (event == NULL)
        return -ENOMEM;
    user->options[option] = value;
    user->zone = zone;
    hub_emit(hub, event);
    return 0;
}
