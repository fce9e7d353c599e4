/* Who is here, in numbers and by name: /stats, /whowas, and what programs ask about people. */
#include <errno.h>

#include "base/attr.h"
#include "chat/cmd.h"
#include "chat/hub_private.h"
#include "chat/user.h"
#include "chat/whowas.h"

/* ---- numbers ---- */

struct chat_event *cmd_make_counts(const struct hub *hub, const struct user *user)
{
    const struct chat_item items[CHAT_COUNT_COUNT] = {
        [CHAT_COUNT_PEOPLE] = {.name = BYTES("people"), .count = (uint32_t)hub_user_count(hub)},
        [CHAT_COUNT_PEOPLE_MOST] = {.name = BYTES("people-most"), .count = (uint32_t)hub->most_people},
        [CHAT_COUNT_OPERATORS] = {.name = BYTES("operators"), .count = (uint32_t)hub->operator_count},
        [CHAT_COUNT_HIDDEN] = {.name = BYTES("hidden"), .count = (uint32_t)hub->hidden_count},
        [CHAT_COUNT_ROOMS] = {.name = BYTES("rooms"), .count = (uint32_t)hub_room_count(hub)},
    };
    struct chat_event_spec spec = cmd_spec_reply(CHAT_EV_COUNTS, user, NULL);

    spec.items = items;
    spec.item_count = ARRAY_LEN(items);
    return chat_event_new(&spec);
}

int cmd_present_counts(struct hub *hub, struct user *user, const struct chat_request *request)
{
    (void)request;
    struct chat_event *event = cmd_make_counts(hub, user);
    if (event == NULL)
        return -ENOMEM;
    hub_emit(hub, event);
    return 0;
}

/* ---- who was here ---- */

#define WHOWAS_DEFAULT 5
#define WHOWAS_SHOWN_MAX 20

int cmd_present_whowas(struct hub *hub, struct user *user, const struct chat_request *request)
{
    const struct whowas_entry *found[WHOWAS_SHOWN_MAX];
    struct chat_item items[WHOWAS_SHOWN_MAX];
    struct chat_event_spec spec = cmd_spec_reply(CHAT_EV_WHOWAS, user, NULL);
    int64_t now_ms = hub_now_ms(hub);
    uint64_t most = WHOWAS_DEFAULT;

    if (request->word_count > 1 &&
        (bytes_parse_u64(request->words[1], UINT32_MAX, &most) != 0 || most == 0 || most > WHOWAS_SHOWN_MAX))
        most = WHOWAS_SHOWN_MAX;
    spec.item_count = whowas_find(&hub->whowas, request->words[0], now_ms, found, (size_t)most);
    for (size_t i = 0; i < spec.item_count; i++)
        items[i] = (struct chat_item){
            .name = bytes_of(found[i]->name),
            .realname = bytes_of(found[i]->realname),
            .detail = bytes_of(user->is_server_operator ? found[i]->host : NULL),
            .count = (uint32_t)((now_ms - found[i]->until_ms) / 1000),
            .span_s = (uint32_t)((found[i]->until_wall_ms - found[i]->since_wall_ms) / 1000),
        };
    spec.items = items;
    spec.text = hub_clean(hub, request->words[0], HUB_SUBJECT_BYTES_MAX);
    return cmd_tell(hub, &spec);
}

/* ---- people ---- */

#define NAMES_MAX 100

/* The text is names; those that nobody has are left out, as are more than NAMES_MAX. */
int cmd_present_which(struct hub *hub, struct user *user, const struct chat_request *request)
{
    struct chat_item items[NAMES_MAX];
    struct chat_event_spec spec = cmd_spec_reply(CHAT_EV_PRESENT, user, NULL);
    struct bytes rest = request->text;

    for (struct bytes name; spec.item_count < NAMES_MAX && (name = bytes_word(&rest)).len > 0;) {
        const struct user *person = hub_find_user_name(hub, name);
        if (person != NULL)
            items[spec.item_count++] = cmd_person_item(person, user, hub_now_ms(hub));
    }
    spec.items = items;
    spec.count = (uint32_t)spec.item_count;
    spec.extra = bytes_of(request->command->name);
    return cmd_tell(hub, &spec);
}
