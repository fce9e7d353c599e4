/* See json_dialect.h. What the members of an event are called stands in one table, by its kind; the few that
 * are built otherwise have a function. */
#include "proto/json_dialect.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/json.h"
#include "base/tz.h"
#include "chat/command.h"
#include "chat/format.h"
#include "chat/option.h"
#include "proto/plain.h"
#include "proto/plain_reply.h"

/* The keys of what an event holds; NULL: not shown. Which are there never depends on the values. */
struct json_row {
    const char *actor, *text, *extra;
    const char *count; /* a number */
    const char *state; /* `count` as true or false */
    const char *time;  /* of time_ms */
    const char *items; /* a list of objects with "name" */
    const char *item_detail, *item_count;
    void (*put)(struct json *json, const struct chat_event *event); /* what else there is */
};

static void put_text(struct json *json, const char *key, struct bytes text)
{
    struct buf shown;

    buf_init(&shown, text.len + 1);
    format_strip(text, &shown);
    json_put_text(json, key, buf_bytes(&shown));
    if (buf_error(&shown))
        json->out->error = buf_error(&shown);
    buf_done(&shown);
}

/* RFC 3339 in UTC, with milliseconds. */
static void put_time(struct json *json, const char *key, int64_t wall_ms)
{
    char text[64];
    int64_t ms = wall_ms % 1000 < 0 ? wall_ms % 1000 + 1000 : wall_ms % 1000;
    struct tz_time time = tz_time(NULL, (wall_ms - ms) / 1000);

    snprintf(text, sizeof(text), "%04" PRId64 "-%02u-%02uT%02u:%02u:%02u.%03uZ", time.year, time.month,
             time.day, time.hour, time.minute, time.second, (unsigned)ms);
    json_put_text(json, key, bytes_of(text));
}

static void put_flags(struct json *json, uint32_t flags)
{
    static const struct {
        uint32_t flag;
        const char *key;
    } all[] = {{CHAT_ITEM_F_OPERATOR, "operator"},
               {CHAT_ITEM_F_VOICED, "voice"},
               {CHAT_ITEM_F_YOU, "you"},
               {CHAT_ITEM_F_AWAY, "away"},
               {CHAT_ITEM_F_ENCRYPTED, "encrypted"},
               {CHAT_ITEM_F_ROOM_OPERATOR, "room_operator"}};

    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        if ((flags & all[i].flag) != 0)
            json_put_bool(json, all[i].key, true);
    }
}

static void put_item(struct json *json, const struct json_row *row, const struct chat_item *item)
{
    enum chat_option option;

    json_begin(json);
    put_text(json, "name", item->name);
    if (row->item_detail)
        put_text(json, row->item_detail, item->detail);
    if (row->item_count)
        json_put_uint(json, row->item_count, item->count);
    put_flags(json, item->flags);
    if ((item->flags & CHAT_ITEM_F_HERE) != 0)
        json_put_bool(json, "here", true);
    if (row->items[0] == 'o' && option_find(item->name, &option))
        json_put_text(json, "choices", bytes_of(option_choices(option)));
    json_end(json);
}

/* ---- those that are built otherwise ---- */

static void put_change(struct json *json, const struct chat_event *event)
{
    json_put_text(json, "change", bytes_of(chat_change_str(event->change)));
    if (event->change == CHAT_CHANGE_SLOW || event->change == CHAT_CHANGE_LIMIT) {
        json_put_uint(json, "value", event->count);
    } else if (event->change == CHAT_CHANGE_KEY || event->change >= CHAT_CHANGE_INVITE_ONLY) {
        json_put_bool(json, "on", event->count > 0);
    } else {
        put_text(json, "target", event->extra);
    }
    put_text(json, event->change == CHAT_CHANGE_KEY ? "key" : "reason", event->text);
    if (event->time_ms != 0)
        put_time(json, "until", event->time_ms);
}

static void put_restricted(struct json *json, const struct chat_event *event)
{
    json_put_text(json, "change", bytes_of(chat_change_str(event->change)));
}

static void put_refused(struct json *json, const struct chat_event *event)
{
    const struct wire_form form = {.dialect = &plain_dialect};
    struct buf words;

    json_put_text(json, "code", bytes_of(chat_err_str(event->err)));
    put_text(json, "subject", event->text);
    put_text(json, "suggestion", event->extra);
    json_put_uint(json, "seconds", event->count);
    buf_init(&words, DIALECT_EVENT_BYTES_MAX);
    plain_reply_refused(form, event, &words);
    /* Without the stars and the end of the line. */
    json_put_text(json, "text",
                  bytes_slice(bytes_cut(&(struct bytes){words.ptr, words.len}, '\n'), 4, words.len));
    if (buf_error(&words))
        json->out->error = buf_error(&words);
    buf_done(&words);
}

static void put_command(struct json *json, const struct command *command)
{
    json_begin(json);
    json_put_text(json, "name", bytes_of(command->name));
    json_key(json, "aliases");
    json_list_begin(json);
    for (size_t i = 0; i < COMMAND_ALIASES_MAX && command->aliases[i]; i++)
        json_text(json, bytes_of(command->aliases[i]));
    json_list_end(json);
    json_put_text(json, "arguments", bytes_of(command->arguments));
    json_put_text(json, "summary", bytes_of(command->summary));
    json_put_text(json, "help", bytes_of(command->help));
    json_end(json);
}

/* All commands, or the one that was asked about, if there is such a one. */
static void put_help(struct json *json, const struct chat_event *event)
{
    bool has_slash = bytes_starts_with(event->text, BYTES("/"));
    const struct command *one = command_find(bytes_slice(event->text, has_slash, event->text.len));

    json_key(json, "commands");
    json_list_begin(json);
    for (size_t i = 0; command_row(i) != NULL; i++) {
        if (event->text.len == 0 || one == command_row(i))
            put_command(json, command_row(i));
    }
    json_list_end(json);
}

/* The person, if there is one, and the rooms in common. */
static void put_whois(struct json *json, const struct chat_event *event)
{
    const struct json_row room = {.items = "rooms"};
    bool is_found = event->item_count > 0;

    json_put_bool(json, "found", is_found);
    if (is_found) {
        put_text(json, "name", event->items[0].name);
        put_text(json, "realname", event->items[0].realname);
        put_text(json, "reason", event->items[0].detail);
        json_put_uint(json, "idle_s", event->items[0].count);
        put_flags(json, event->items[0].flags);
    }
    json_key(json, "rooms");
    json_list_begin(json);
    for (size_t i = 1; i < event->item_count; i++)
        put_item(json, &room, &event->items[i]);
    json_list_end(json);
}

static void put_whowas(struct json *json, const struct chat_event *event)
{
    json_key(json, "people");
    json_list_begin(json);
    for (size_t i = 0; i < event->item_count; i++) {
        const struct chat_item *item = &event->items[i];
        json_begin(json);
        put_text(json, "name", item->name);
        put_text(json, "realname", item->realname);
        put_text(json, "address", item->detail);
        json_put_uint(json, "ago_s", item->count);
        json_put_uint(json, "here_s", item->span_s);
        json_end(json);
    }
    json_list_end(json);
}

static void put_counts(struct json *json, const struct chat_event *event)
{
    static const char *const keys[CHAT_COUNT_COUNT] = {
        [CHAT_COUNT_PEOPLE] = "people",       [CHAT_COUNT_PEOPLE_MOST] = "people_most",
        [CHAT_COUNT_OPERATORS] = "operators", [CHAT_COUNT_ROOMS] = "rooms",
        [CHAT_COUNT_HIDDEN] = "hidden",
    };

    for (size_t i = 0; i < CHAT_COUNT_COUNT && i < event->item_count; i++)
        json_put_uint(json, keys[i], event->items[i].count);
}

static const struct json_row rows[CHAT_EV_KIND_COUNT] = {
    [CHAT_EV_MESSAGE] = {.actor = "from", .text = "text"},
    [CHAT_EV_ACTION] = {.actor = "from", .text = "text"},
    [CHAT_EV_JOINED] = {.actor = "name", .count = "people"},
    [CHAT_EV_PARTED] = {.actor = "name", .text = "reason", .count = "people"},
    [CHAT_EV_TOPIC] = {.actor = "from", .text = "topic"},
    [CHAT_EV_KICKED] = {.actor = "from", .extra = "target", .text = "reason", .count = "people"},
    [CHAT_EV_CHANGED] = {.actor = "from", .put = put_change},
    [CHAT_EV_REDACTED] = {.actor = "from", .extra = "of", .count = "message", .text = "reason"},
    [CHAT_EV_ROOM_RENAMED] = {.actor = "from", .extra = "to", .text = "reason"},
    [CHAT_EV_RENAMED] = {.actor = "from", .text = "to"},
    [CHAT_EV_QUIT] = {.actor = "name", .text = "reason"},
    [CHAT_EV_PRIVATE] = {.actor = "from", .text = "text"},
    [CHAT_EV_PRIVATE_SENT] = {.actor = "from", .extra = "to", .text = "text"},
    [CHAT_EV_ENTERED] = {.actor = "you", .text = "topic", .count = "others", .items = "names"},
    [CHAT_EV_LEFT] = {.extra = "current"},
    [CHAT_EV_NICK] = {.text = "you"},
    [CHAT_EV_TOPIC_IS] = {.text = "topic", .extra = "from"},
    [CHAT_EV_TOPIC_SET] = {.text = "topic"},
    [CHAT_EV_NAMES] = {.count = "people", .items = "names"},
    [CHAT_EV_ROOMS] = {.count = "count", .items = "rooms", .item_detail = "topic", .item_count = "people"},
    [CHAT_EV_HELP] = {.text = "about", .put = put_help},
    [CHAT_EV_REFUSED] = {.put = put_refused},
    [CHAT_EV_NOTICE] = {.text = "text"},
    [CHAT_EV_CHANGE_DONE] = {.put = put_change},
    [CHAT_EV_KICKED_OUT] = {.actor = "from", .text = "reason", .extra = "current"},
    [CHAT_EV_INVITED] = {.actor = "from"},
    [CHAT_EV_MODES] = {.items = "modes", .item_count = "value"},
    [CHAT_EV_RESTRICTED] = {.count = "count",
                            .items = "masks",
                            .item_detail = "reason",
                            .item_count = "seconds",
                            .put = put_restricted},
    [CHAT_EV_WHO] = {.text = "mask",
                     .count = "count",
                     .items = "people",
                     .item_detail = "reason",
                     .item_count = "idle_s"},
    [CHAT_EV_WHOIS] = {.text = "client", .extra = "address", .time = "since", .put = put_whois},
    [CHAT_EV_AWAY] = {.state = "away", .text = "reason"},
    [CHAT_EV_AWAY_IS] = {.extra = "name", .text = "reason"},
    [CHAT_EV_IGNORED] = {.state = "ignored", .text = "name"},
    [CHAT_EV_IGNORES] = {.items = "names"},
    [CHAT_EV_OPTION_SET] = {.text = "option", .extra = "value"},
    [CHAT_EV_OPTIONS] = {.items = "options", .item_detail = "value"},
    [CHAT_EV_VERSION] = {.text = "version"},
    [CHAT_EV_UPTIME] = {.count = "seconds", .time = "since"},
    [CHAT_EV_WALL] = {.actor = "from", .text = "text"},
    [CHAT_EV_KILLED] = {.actor = "from", .text = "reason"},
    [CHAT_EV_KILL_DONE] = {.extra = "name"},
    [CHAT_EV_SERVER_OPERATOR] = {.state = "operator"},
    [CHAT_EV_MOTD] = {.text = "text"},
    [CHAT_EV_RULES] = {.text = "text"},
    [CHAT_EV_LABEL] = {.text = "label"},
    [CHAT_EV_REALNAME] = {.text = "realname"},
    [CHAT_EV_ROLE_SAID] = {.actor = "from", .text = "text", .state = "voiced"},
    [CHAT_EV_WALLOPS] = {.actor = "from", .text = "text"},
    [CHAT_EV_INVITES] = {.items = "rooms"},
    [CHAT_EV_WHOWAS] = {.text = "asked", .put = put_whowas},
    [CHAT_EV_WATCHED] = {.count = "count", .items = "names"},
    [CHAT_EV_WATCHES] = {.count = "count", .items = "names"},
    [CHAT_EV_UNWATCHED] = {.items = "names"},
    [CHAT_EV_COUNTS] = {.put = put_counts},
};

/* ---- any event ---- */

static void put_items(struct json *json, const struct json_row *row, const struct chat_event *event)
{
    json_key(json, row->items);
    json_list_begin(json);
    for (size_t i = 0; i < event->item_count; i++)
        put_item(json, row, &event->items[i]);
    json_list_end(json);
}

static void put_fields(struct json *json, const struct json_row *row, const struct chat_event *event)
{
    if (row->actor)
        put_text(json, row->actor, event->actor);
    if (row->extra)
        put_text(json, row->extra, event->extra);
    if (row->text)
        put_text(json, row->text, event->text);
    if (row->count)
        json_put_uint(json, row->count, event->count);
    if (row->state)
        json_put_bool(json, row->state, event->count > 0);
    if (row->time && event->time_ms != 0)
        put_time(json, row->time, event->time_ms);
    if (row->put)
        row->put(json, event);
    if (row->items)
        put_items(json, row, event);
}

static void end_line(struct wire_form form, struct json *json)
{
    json_end(json);
    buf_put(json->out, (form.flags & WIRE_F_CRLF) != 0 ? BYTES("\r\n") : BYTES("\n"));
}

/* `answer`: that it is shown with again, under the room's name as of then; NULL: it is new. */
static void put_event(struct wire_form form, const struct chat_event *event, const struct chat_view *view,
                      const struct chat_event *answer, struct buf *out)
{
    const struct bytes room = answer ? answer->room : event->room;
    bool has_history = event->kind == CHAT_EV_ENTERED || event->kind == CHAT_EV_HISTORY;
    struct json json;

    json_init(&json, out);
    json_begin(&json);
    json_put_text(&json, "type", bytes_of(chat_event_kind_str(event->kind)));
    put_time(&json, "time", event->wall_ms);
    if (event->id != 0)
        json_put_uint(&json, "id", event->id);
    if (room.len > 0)
        json_put_text(&json, "room", room);
    put_fields(&json, &rows[event->kind], event);
    if (event->kind == CHAT_EV_PRIVATE)
        json_put_text(&json, "to", view->you);
    if (event->is_notice)
        json_put_bool(&json, "notice", true);
    if (has_history)
        json_put_uint(&json, "history", view->history_count);
    if (answer)
        json_put_bool(&json, "replay", true);
    end_line(form, &json);
}

static void render(struct wire_form form, const struct chat_event *event, const struct chat_view *view,
                   struct buf *out)
{
    if (chat_event_is_for_programs(event->kind))
        return;
    if (event->audience != CHAT_TO_USER && !plain_is_shown(form, event, view))
        return;
    put_event(form, event, view, NULL, out);
    for (size_t i = 0; i < view->history_count; i++)
        put_event(form, view->history[i], view, event, out);
}

static void gap(struct wire_form form, struct bytes room, uint64_t count, struct buf *out)
{
    struct json json;

    json_init(&json, out);
    json_begin(&json);
    json_put_text(&json, "type", BYTES("gap"));
    json_put_text(&json, "room", room);
    json_put_uint(&json, "count", count);
    end_line(form, &json);
}

static void goodbye(struct wire_form form, enum close_reason reason, struct buf *out)
{
    struct bytes text = bytes_of(plain_goodbye_text(reason));
    struct json json;

    json_init(&json, out);
    json_begin(&json);
    json_put_text(&json, "type", BYTES("goodbye"));
    json_put_text(&json, "reason", bytes_of(close_reason_str(reason)));
    json_put_text(&json, "text", bytes_slice(text, 4, text.len));
    end_line(form, &json);
}

static void alive(struct wire_form form, struct buf *out)
{
    struct json json;

    json_init(&json, out);
    json_begin(&json);
    json_put_text(&json, "type", BYTES("alive"));
    end_line(form, &json);
}

/* Nobody has this dialect before there is a name: see wire_form_of(). */
const struct dialect json_dialect = {
    .name = "json",
    .render = render,
    .gap = gap,
    .goodbye = goodbye,
    .alive = alive,
};
