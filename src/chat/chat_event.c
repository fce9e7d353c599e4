/* Events: one allocation holds the struct, its items, its range and all bytes, in this order.
 *
 * So an event costs one malloc and one free, and every slice lives as long as the last reference. */
#include "chat/chat_event.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "chat/chat_range.h"
#include "chat/hub.h"

struct kind_row {
    const char *name;
    enum chat_audience audience;
    bool is_for_programs;
};

static const struct kind_row kinds[CHAT_EV_KIND_COUNT] = {
    [CHAT_EV_MESSAGE] = {"message", CHAT_TO_ROOM, false},
    [CHAT_EV_ACTION] = {"action", CHAT_TO_ROOM, false},
    [CHAT_EV_JOINED] = {"joined", CHAT_TO_ROOM, false},
    [CHAT_EV_PARTED] = {"parted", CHAT_TO_ROOM, false},
    [CHAT_EV_TOPIC] = {"topic", CHAT_TO_ROOM, false},
    [CHAT_EV_TAGS] = {"tags", CHAT_TO_ROOM, true},
    [CHAT_EV_INVITED_THERE] = {"invited-there", CHAT_TO_ROOM, true},
    [CHAT_EV_KICKED] = {"kicked", CHAT_TO_ROOM, false},
    [CHAT_EV_CHANGED] = {"changed", CHAT_TO_ROOM, false},
    [CHAT_EV_REDACTED] = {"redacted", CHAT_TO_ROOM, false},
    [CHAT_EV_ROOM_RENAMED] = {"room-renamed", CHAT_TO_ROOM, false},
    [CHAT_EV_RENAMED] = {"renamed", CHAT_TO_PEERS, false},
    [CHAT_EV_QUIT] = {"quit", CHAT_TO_PEERS, false},
    [CHAT_EV_AWAY_CHANGED] = {"away-changed", CHAT_TO_PEERS, true},
    [CHAT_EV_REALNAME_CHANGED] = {"realname-changed", CHAT_TO_PEERS, true},
    [CHAT_EV_PRIVATE] = {"private", CHAT_TO_USER, false},
    [CHAT_EV_PRIVATE_SENT] = {"private-sent", CHAT_TO_USER, false},
    [CHAT_EV_ENTERED] = {"entered", CHAT_TO_USER, false},
    [CHAT_EV_LEFT] = {"left", CHAT_TO_USER, false},
    [CHAT_EV_SWITCHED] = {"switched", CHAT_TO_USER, false},
    [CHAT_EV_NICK] = {"nick", CHAT_TO_USER, false},
    [CHAT_EV_TOPIC_IS] = {"topic-is", CHAT_TO_USER, false},
    [CHAT_EV_TOPIC_SET] = {"topic-set", CHAT_TO_USER, false},
    [CHAT_EV_NAMES] = {"names", CHAT_TO_USER, false},
    [CHAT_EV_ROOMS] = {"rooms", CHAT_TO_USER, false},
    [CHAT_EV_HELP] = {"help", CHAT_TO_USER, false},
    [CHAT_EV_REFUSED] = {"refused", CHAT_TO_USER, false},
    [CHAT_EV_NOTICE] = {"notice", CHAT_TO_USER, false},
    [CHAT_EV_CHANGE_DONE] = {"change-done", CHAT_TO_USER, false},
    [CHAT_EV_KICKED_OUT] = {"kicked-out", CHAT_TO_USER, false},
    [CHAT_EV_INVITED] = {"invited", CHAT_TO_USER, false},
    [CHAT_EV_MODES] = {"modes", CHAT_TO_USER, false},
    [CHAT_EV_RESTRICTED] = {"restricted", CHAT_TO_USER, false},
    [CHAT_EV_WHO] = {"who", CHAT_TO_USER, false},
    [CHAT_EV_WHOIS] = {"whois", CHAT_TO_USER, false},
    [CHAT_EV_AWAY] = {"away", CHAT_TO_USER, false},
    [CHAT_EV_AWAY_IS] = {"away-is", CHAT_TO_USER, false},
    [CHAT_EV_IGNORED] = {"ignored", CHAT_TO_USER, false},
    [CHAT_EV_IGNORES] = {"ignores", CHAT_TO_USER, false},
    [CHAT_EV_HISTORY] = {"history", CHAT_TO_USER, false},
    [CHAT_EV_OPTION_SET] = {"option-set", CHAT_TO_USER, false},
    [CHAT_EV_OPTIONS] = {"options", CHAT_TO_USER, false},
    [CHAT_EV_TIME] = {"time", CHAT_TO_USER, false},
    [CHAT_EV_PONG] = {"pong", CHAT_TO_USER, false},
    [CHAT_EV_VERSION] = {"version", CHAT_TO_USER, false},
    [CHAT_EV_UPTIME] = {"uptime", CHAT_TO_USER, false},
    [CHAT_EV_WALL] = {"wall", CHAT_TO_USER, false},
    [CHAT_EV_KILLED] = {"killed", CHAT_TO_USER, false},
    [CHAT_EV_KILL_DONE] = {"kill-done", CHAT_TO_USER, false},
    [CHAT_EV_PASSWORD_ASK] = {"password-ask", CHAT_TO_USER, false},
    [CHAT_EV_SERVER_OPERATOR] = {"server-operator", CHAT_TO_USER, false},
    [CHAT_EV_MOTD] = {"motd", CHAT_TO_USER, false},
    [CHAT_EV_RULES] = {"rules", CHAT_TO_USER, false},
    [CHAT_EV_LABEL] = {"label", CHAT_TO_USER, false},
    [CHAT_EV_REALNAME] = {"realname", CHAT_TO_USER, false},
    [CHAT_EV_WHOWAS] = {"whowas", CHAT_TO_USER, false},
    [CHAT_EV_WATCHED] = {"watched", CHAT_TO_USER, false},
    [CHAT_EV_WATCHES] = {"watches", CHAT_TO_USER, false},
    [CHAT_EV_UNWATCHED] = {"unwatched", CHAT_TO_USER, false},
    [CHAT_EV_WATCHED_AWAY] = {"watched-away", CHAT_TO_USER, true},
    [CHAT_EV_WATCHED_REALNAME] = {"watched-realname", CHAT_TO_USER, true},
    [CHAT_EV_PRIVATE_TAGS] = {"private-tags", CHAT_TO_USER, true},
    [CHAT_EV_ROLE_SAID] = {"role-said", CHAT_TO_USER, false},
    [CHAT_EV_USER_MODES] = {"user-modes", CHAT_TO_USER, true},
    [CHAT_EV_WALLOPS] = {"wallops", CHAT_TO_USER, false},
    [CHAT_EV_INVITES] = {"invites", CHAT_TO_USER, false},
    [CHAT_EV_COUNTS] = {"counts", CHAT_TO_USER, false},
    [CHAT_EV_PRESENT] = {"present", CHAT_TO_USER, true},
    [CHAT_EV_RELOADING] = {"reloading", CHAT_TO_USER, false},
    [CHAT_EV_STATS] = {"stats", CHAT_TO_USER, true},
};

static size_t spec_bytes(const struct chat_event_spec *spec)
{
    size_t total = spec->actor.len + spec->room.len + spec->text.len + spec->extra.len + spec->tags.len;
    for (size_t i = 0; i < spec->item_count; i++)
        total += spec->items[i].name.len + spec->items[i].detail.len + spec->items[i].realname.len;
    return total;
}

/* Copies `b` to *at, moves *at behind it and returns the copy. */
static struct bytes pack(char **at, struct bytes b)
{
    struct bytes copy = {*at, b.len};
    if (b.len > 0)
        memcpy(*at, b.ptr, b.len);
    *at += b.len;
    return copy;
}

struct chat_event *chat_event_new(const struct chat_event_spec *spec)
{
    size_t items_bytes = spec->item_count * sizeof(struct chat_item);
    CHECK(spec->tags.len <= CHAT_TAGS_BYTES_MAX);
    size_t range_bytes = spec->range != NULL ? sizeof(struct chat_range) : 0;
    struct chat_event *event = malloc(sizeof(*event) + items_bytes + range_bytes + spec_bytes(spec));
    if (event == NULL)
        return NULL;
    *event = (struct chat_event){
        .refs = 1,
        .kind = spec->kind,
        .audience = chat_event_audience(spec->kind),
        .err = spec->err,
        .change = spec->change,
        .option = spec->option,
        .actor_id = spec->actor_id,
        .target_id = spec->target_id,
        .room_id = spec->room_id,
        .time_ms = spec->time_ms,
        .zone = spec->zone,
        .count = spec->count,
        .is_notice = spec->is_notice,
        .is_raw = spec->is_raw,
        .has_range = spec->range != NULL,
        .is_bot = spec->is_bot,
        .tags_len = (uint16_t)spec->tags.len,
        .item_count = spec->item_count,
        .items = (struct chat_item *)(event + 1),
    };
    char *at = (char *)(event->items + spec->item_count);
    if (range_bytes > 0)
        memcpy(at, spec->range, range_bytes);
    at += range_bytes;
    for (size_t i = 0; i < spec->item_count; i++) {
        event->items[i] = spec->items[i];
        event->items[i].name = pack(&at, spec->items[i].name);
        event->items[i].detail = pack(&at, spec->items[i].detail);
        event->items[i].realname = pack(&at, spec->items[i].realname);
    }
    event->actor = pack(&at, spec->actor);
    event->room = pack(&at, spec->room);
    event->text = pack(&at, spec->text);
    event->extra = pack(&at, spec->extra);
    (void)pack(&at, spec->tags);
    return event;
}

struct chat_event *chat_event_ref(struct chat_event *event)
{
    CHECK(event->refs > 0 && event->refs < UINT32_MAX);
    event->refs++;
    return event;
}

void chat_event_unref(struct chat_event *event)
{
    if (event == NULL)
        return;
    CHECK(event->refs > 0);
    if (--event->refs == 0)
        free(event);
}

const struct chat_range *chat_event_range(const struct chat_event *event)
{
    return event->has_range ? (const struct chat_range *)(event->items + event->item_count) : NULL;
}

void chat_event_redact(struct chat_event *event)
{
    /* The text is a part of the event's own memory. */
    char *memory = (char *)event;
    memset(memory + (event->text.ptr - memory), 0, event->text.len);
    event->text.len = 0;
    event->tags_len = 0;
    event->is_redacted = true;
}

struct bytes chat_event_tags(const struct chat_event *event)
{
    if (event->tags_len == 0)
        return (struct bytes){NULL, 0};
    return (struct bytes){event->extra.ptr + event->extra.len, event->tags_len};
}

enum chat_audience chat_event_audience(enum chat_event_kind kind)
{
    CHECK(kind < CHAT_EV_KIND_COUNT);
    return kinds[kind].audience;
}

bool chat_event_is_for_programs(enum chat_event_kind kind)
{
    CHECK(kind < CHAT_EV_KIND_COUNT);
    return kinds[kind].is_for_programs;
}

const char *chat_event_kind_str(enum chat_event_kind kind)
{
    CHECK(kind < CHAT_EV_KIND_COUNT);
    return kinds[kind].name;
}

const char *chat_change_str(enum chat_change change)
{
    static const char *const names[CHAT_CHANGE_COUNT] = {
        [CHAT_CHANGE_NONE] = "none",
        [CHAT_CHANGE_KICK] = "kick",
        [CHAT_CHANGE_BAN] = "ban",
        [CHAT_CHANGE_UNBAN] = "unban",
        [CHAT_CHANGE_MUTE] = "mute",
        [CHAT_CHANGE_UNMUTE] = "unmute",
        [CHAT_CHANGE_EXCEPT] = "except",
        [CHAT_CHANGE_UNEXCEPT] = "unexcept",
        [CHAT_CHANGE_ADMIT] = "admit",
        [CHAT_CHANGE_UNADMIT] = "unadmit",
        [CHAT_CHANGE_OP] = "op",
        [CHAT_CHANGE_DEOP] = "deop",
        [CHAT_CHANGE_VOICE] = "voice",
        [CHAT_CHANGE_DEVOICE] = "devoice",
        [CHAT_CHANGE_INVITE] = "invite",
        [CHAT_CHANGE_SLOW] = "slow",
        [CHAT_CHANGE_KEY] = "key",
        [CHAT_CHANGE_LIMIT] = "limit",
        [CHAT_CHANGE_SUCCEED] = "succeed",
        [CHAT_CHANGE_INVITE_ONLY] = "invite-only",
        [CHAT_CHANGE_SECRET] = "secret",
        [CHAT_CHANGE_TOPIC_LOCK] = "topic-lock",
        [CHAT_CHANGE_MODERATED] = "moderated",
    };

    CHECK(change < CHAT_CHANGE_COUNT);
    return names[change];
}
