/* The rules of a room: /mode, /slow, /key, /limit. */
#include "chat/cmd.h"
#include "chat/duration.h"
#include "chat/hub_private.h"
#include "chat/room.h"
#include "chat/user.h"

enum { SLOW_SECONDS_MAX = 3600, PEOPLE_MAX = 1000000 };

struct mode_row {
    const char *word;
    uint32_t mode;
    enum chat_change change;
};

static const struct mode_row modes[] = {
    {"invite-only", ROOM_MODE_INVITE_ONLY, CHAT_CHANGE_INVITE_ONLY},
    {"secret", ROOM_MODE_SECRET, CHAT_CHANGE_SECRET},
    {"topic-lock", ROOM_MODE_TOPIC_LOCK, CHAT_CHANGE_TOPIC_LOCK},
    {"moderated", ROOM_MODE_MODERATED, CHAT_CHANGE_MODERATED},
};

static int refuse_usage(struct hub *hub, struct user *user, const char *command)
{
    return hub_refuse(hub, user, CHAT_ERR_USAGE, bytes_of(command), BYTES(""));
}

static bool is_off(struct bytes word)
{
    return bytes_eq_nocase(word, BYTES("off"));
}

/* What everybody and the user hear of it. */
static int make_change(const struct user *user, enum chat_change change, uint64_t count, struct bytes text,
                       struct chat_event *ret_both[2])
{
    return cmd_make_change(
        user, user->current->room,
        &(struct chat_event_spec){.change = change, .count = (uint32_t)count, .text = text}, ret_both);
}

static int tell_modes(struct hub *hub, struct user *user)
{
    const struct room *room = user->current->room;
    struct chat_item items[ARRAY_LEN(modes) + 3];
    struct chat_event_spec spec = cmd_spec_reply(CHAT_EV_MODES, user, room);

    for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
        if ((room->modes & modes[i].mode) != 0)
            items[spec.item_count++] = (struct chat_item){.name = bytes_of(modes[i].word)};
    }
    if (room->key[0] != '\0')
        items[spec.item_count++] = (struct chat_item){.name = BYTES("key")};
    if (room->slow_ms > 0)
        items[spec.item_count++] =
            (struct chat_item){.name = BYTES("slow"), .count = (uint32_t)(room->slow_ms / 1000)};
    if (room->people_max > 0)
        items[spec.item_count++] =
            (struct chat_item){.name = BYTES("limit"), .count = (uint32_t)room->people_max};
    spec.items = items;
    spec.time_ms = room->opened_wall_ms;
    spec.count = (uint32_t)spec.item_count;
    return cmd_tell(hub, &spec);
}

static int set_mode(struct hub *hub, struct user *user, const struct mode_row *row, bool is_on)
{
    struct room *room = user->current->room;
    struct chat_event *both[2];
    int err = make_change(user, row->change, is_on ? 1 : 0, BYTES(""), both);
    if (err != 0)
        return err;
    room->modes = is_on ? room->modes | row->mode : room->modes & ~row->mode;
    cmd_emit_all(hub, both, 2);
    return 0;
}

int cmd_mode_mode(struct hub *hub, struct user *user, const struct chat_request *request)
{
    if (request->word_count == 0)
        return tell_modes(hub, user);
    bool is_on = request->word_count > 1 && bytes_eq_nocase(request->words[1], BYTES("on"));
    if (request->word_count < 2 || (!is_on && !is_off(request->words[1])))
        return refuse_usage(hub, user, "mode");
    for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
        if (!bytes_eq_nocase(request->words[0], bytes_of(modes[i].word)))
            continue;
        return set_mode(hub, user, &modes[i], is_on);
    }
    return refuse_usage(hub, user, "mode");
}

/* Seconds, as digits or a duration like 2m; "off" is 0. */
static bool parse_slow(struct bytes word, uint64_t *ret_seconds)
{
    int64_t ms;

    if (is_off(word))
        *ret_seconds = 0;
    else if (duration_parse(word, &ms) && ms / 1000 <= SLOW_SECONDS_MAX)
        *ret_seconds = (uint64_t)ms / 1000;
    else
        return bytes_parse_u64(word, SLOW_SECONDS_MAX, ret_seconds) == 0;
    return true;
}

int cmd_mode_slow(struct hub *hub, struct user *user, const struct chat_request *request)
{
    uint64_t seconds;
    if (!parse_slow(request->words[0], &seconds))
        return refuse_usage(hub, user, "slow");
    struct chat_event *both[2];
    int err = make_change(user, CHAT_CHANGE_SLOW, seconds, BYTES(""), both);
    if (err != 0)
        return err;
    user->current->room->slow_ms = (int64_t)seconds * 1000;
    cmd_emit_all(hub, both, 2);
    return 0;
}

/* Printable ASCII: it is typed as one word, with any keyboard. */
static bool is_key(struct bytes word)
{
    if (word.len > ROOM_KEY_BYTES_MAX)
        return false;
    for (size_t i = 0; i < word.len; i++) {
        if (word.ptr[i] <= ' ' || word.ptr[i] > '~')
            return false;
    }
    return true;
}

int cmd_mode_key(struct hub *hub, struct user *user, const struct chat_request *request)
{
    struct bytes key = is_off(request->words[0]) ? BYTES("") : request->words[0];
    if (!is_key(key))
        return refuse_usage(hub, user, "key");
    struct chat_event *both[2];
    int err = make_change(user, CHAT_CHANGE_KEY, key.len > 0 ? 1 : 0, key, both);
    if (err != 0)
        return err;
    bytes_copy(key, user->current->room->key, sizeof(user->current->room->key));
    cmd_emit_all(hub, both, 2);
    return 0;
}

int cmd_mode_limit(struct hub *hub, struct user *user, const struct chat_request *request)
{
    uint64_t people = 0;
    if (!is_off(request->words[0]) &&
        (bytes_parse_u64(request->words[0], PEOPLE_MAX, &people) != 0 || people == 0))
        return refuse_usage(hub, user, "limit");
    struct chat_event *both[2];
    int err = make_change(user, CHAT_CHANGE_LIMIT, people, BYTES(""), both);
    if (err != 0)
        return err;
    user->current->room->people_max = (size_t)people;
    cmd_emit_all(hub, both, 2);
    return 0;
}
