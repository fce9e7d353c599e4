/* The hub's state and its door: who enters, which request goes to which handler.
 *
 * Who leaves is in hub_departure.c; what happens when events are published, in hub_publish.c. */
#include "chat/hub.h"

#include <errno.h>
#include <stdlib.h>

#include "base/check.h"
#include "chat/cmd.h"
#include "chat/hub_private.h"
#include "chat/room.h"
#include "chat/text.h"
#include "chat/user.h"
#include "chat/watch.h"

static const struct bytes nothing = {NULL, 0};

/* The key of a user or room in the maps by id; `id` is the member of the object itself. */
static struct bytes id_key(const uint64_t *id)
{
    return (struct bytes){(const char *)id, sizeof(*id)};
}

/* Takes all the memory that the buffer may ever use. */
static bool reserve_scratch(struct buf *scratch)
{
    buf_init(scratch, HUB_TEXT_BYTES_MAX);
    while (scratch->len < scratch->max && buf_error(scratch) == 0)
        buf_put_char(scratch, ' ');
    return buf_error(scratch) == 0;
}

struct hub *hub_new(const struct hub_config *config, const struct clock *clock, struct chat_sink *sink)
{
    CHECK(config->log_events > 0 && config->rooms_per_user > 0);
    struct hub *hub = calloc(1, sizeof(*hub));
    if (hub == NULL)
        return NULL;
    hub->config = *config;
    hub->clock = clock;
    hub->sink = sink;
    hub->start_ms = clock_mono_ms(clock);
    hub->start_wall_ms = clock_wall_ms(clock);
    hub->next_user_id = hub->next_room_id = 1;
    list_init(&hub->untold);
    hashmap_init(&hub->users);
    hashmap_init(&hub->user_names);
    hashmap_init(&hub->rooms);
    hashmap_init(&hub->room_names);
    hashmap_init(&hub->watched);
    if (whowas_init(&hub->whowas) != 0 || !reserve_scratch(&hub->scratch) ||
        hub_open_room(hub, bytes_of(config->lobby), &hub->lobby) != 0) {
        hub_free(hub);
        return NULL;
    }
    hub->lobby->is_permanent = true;
    hub->config.lobby = hub->lobby->name.text;
    return hub;
}

void hub_set_rooms_per_user(struct hub *hub, size_t rooms_per_user)
{
    CHECK(rooms_per_user > 0);
    hub->config.rooms_per_user = rooms_per_user;
}

static void detach_all(struct user *user)
{
    LIST_FOREACH_SAFE(membership, &user->memberships, struct membership, user_link)
        room_detach(membership);
}

void hub_free(struct hub *hub)
{
    if (hub == NULL)
        return;
    size_t iter = 0;
    for (struct user *user; (user = hashmap_next(&hub->users, &iter)) != NULL;) {
        detach_all(user);
        watch_clear(&hub->watched, user);
        user_free(user);
    }
    iter = 0;
    for (struct room *room; (room = hashmap_next(&hub->rooms, &iter)) != NULL;)
        room_free(room);
    hashmap_done(&hub->users);
    hashmap_done(&hub->user_names);
    hashmap_done(&hub->rooms);
    hashmap_done(&hub->room_names);
    hashmap_done(&hub->watched);
    whowas_done(&hub->whowas);
    buf_done(&hub->scratch);
    free(hub);
}

const struct hub_config *hub_config(const struct hub *hub)
{
    return &hub->config;
}

int64_t hub_started_wall_ms(const struct hub *hub)
{
    return hub->start_wall_ms;
}

int64_t hub_now_ms(const struct hub *hub)
{
    return clock_mono_ms(hub->clock);
}

/* ---- people ---- */

int hub_enter(struct hub *hub, struct bytes name, struct outbox *outbox, struct user **ret_user)
{
    if (!name_is_user(name))
        return CHAT_ERR_NAME_BAD;
    if (hub_find_user_name(hub, name) != NULL)
        return CHAT_ERR_NAME_TAKEN;
    struct user *user = user_new(hub->next_user_id, name, outbox);
    if (user == NULL)
        return -ENOMEM;
    if (hashmap_put(&hub->users, id_key(&user->id), user) != 0) {
        user_free(user);
        return -ENOMEM;
    }
    if (hashmap_put(&hub->user_names, bytes_of(user->name_key), user) != 0) {
        hashmap_remove(&hub->users, id_key(&user->id));
        user_free(user);
        return -ENOMEM;
    }
    hub->next_user_id++;
    if (hub_user_count(hub) > hub->most_people)
        hub->most_people = hub_user_count(hub);
    user->since_wall_ms = clock_wall_ms(hub->clock);
    user->active_ms = hub_now_ms(hub);
    hub_tell_watchers(hub, user_name(user), true);
    *ret_user = user;
    return 0;
}

void hub_set_origin(struct hub *hub, struct user *user, const struct hub_origin *origin)
{
    bytes_copy(origin->host, user->host, sizeof(user->host));
    user->client = origin->client;
    user->is_encrypted = origin->is_encrypted;
    hub_set_wants(hub, user, origin->wants_names ? HUB_WANTS_NAMES | HUB_WANTS_WELCOME : 0);
}

int hub_set_server_operator(struct hub *hub, struct user *user, bool is_operator)
{
    CHECK(!user->is_gone);
    struct chat_event *event = chat_event_new(&(struct chat_event_spec){
        .kind = CHAT_EV_SERVER_OPERATOR, .target_id = user->id, .count = is_operator ? 1 : 0});
    if (event == NULL)
        return -ENOMEM;
    hub->operator_count -= user->is_server_operator ? 1 : 0;
    hub->operator_count += is_operator ? 1 : 0;
    user->is_server_operator = is_operator;
    hub_emit(hub, event);
    return 0;
}

int hub_ask_password(struct hub *hub, struct user *user)
{
    CHECK(!user->is_gone);
    struct chat_event *event =
        chat_event_new(&(struct chat_event_spec){.kind = CHAT_EV_PASSWORD_ASK, .target_id = user->id});
    if (event == NULL)
        return -ENOMEM;
    hub_emit(hub, event);
    return 0;
}

void hub_set_texts(struct hub *hub, const struct hub_texts *texts)
{
    hub->texts = *texts;
}

int hub_welcome(struct hub *hub, struct user *user)
{
    CHECK(!user->is_gone);
    bool is_program = (user->wants & HUB_WANTS_WELCOME) != 0;
    if (is_program) {
        struct chat_event *counts = cmd_make_counts(hub, user);
        if (counts == NULL)
            return -ENOMEM;
        hub_emit(hub, counts);
    }
    if (hub->texts.motd.len == 0 && !is_program)
        return 0;
    struct chat_event *event = chat_event_new(
        &(struct chat_event_spec){.kind = CHAT_EV_MOTD, .target_id = user->id, .text = hub->texts.motd});
    if (event == NULL)
        return -ENOMEM;
    hub_emit(hub, event);
    return 0;
}

int hub_rename(struct hub *hub, struct user *user, struct bytes name)
{
    if (!bytes_eq_nocase(name, user_name(user))) {
        char folded[NAME_BYTES_MAX + 1];
        name_fold(name, folded);
        char *key = bytes_dup(bytes_of(folded));
        if (key == NULL || hashmap_put(&hub->user_names, bytes_of(key), user) != 0) {
            free(key);
            return -ENOMEM;
        }
        whowas_note(&hub->whowas, user, hub_now_ms(hub), clock_wall_ms(hub->clock));
        hashmap_remove(&hub->user_names, bytes_of(user->name_key));
        free(user->name_key);
        user->name_key = key;
    }
    bytes_copy(name, user->name, sizeof(user->name));
    return 0;
}

void hub_forget(struct hub *hub, struct user *user)
{
    CHECK(user->is_gone);
    LIST_FOREACH_SAFE(membership, &user->memberships, struct membership, user_link) {
        struct room *room = membership->room;
        room_detach(membership);
        hub_drop_room(hub, room);
    }
    CHECK(hashmap_remove(&hub->users, id_key(&user->id)) == user);
    user_free(user);
}

struct user *hub_find_user(const struct hub *hub, uint64_t id)
{
    return hashmap_find(&hub->users, id_key(&id));
}

struct user *hub_find_user_name(const struct hub *hub, struct bytes name)
{
    char folded[NAME_BYTES_MAX + 1];
    name_fold(name, folded);
    return hashmap_find(&hub->user_names, bytes_of(folded));
}

size_t hub_user_count(const struct hub *hub)
{
    return hub->user_names.count;
}

/* ---- rooms ---- */

int hub_open_room(struct hub *hub, struct bytes name, struct room **ret_room)
{
    struct room *room = room_new(hub->next_room_id, name, hub->config.log_events);
    if (room == NULL)
        return -ENOMEM;
    if (hashmap_put(&hub->rooms, id_key(&room->id), room) != 0) {
        room_free(room);
        return -ENOMEM;
    }
    if (hashmap_put(&hub->room_names, bytes_of(room->name.folded), room) != 0) {
        hashmap_remove(&hub->rooms, id_key(&room->id));
        room_free(room);
        return -ENOMEM;
    }
    hub->next_room_id++;
    room->opened_wall_ms = clock_wall_ms(hub->clock);
    *ret_room = room;
    return 0;
}

/* The old name goes once the new one has its place, with a key that then moves into the room. */
int hub_rename_room(struct hub *hub, struct room *room, struct bytes name)
{
    struct name renamed;
    name_set(&renamed, name);
    bool is_other = !bytes_eq(bytes_of(renamed.folded), bytes_of(room->name.folded));
    if (is_other) {
        int err = hashmap_put(&hub->room_names, bytes_of(renamed.folded), room);
        if (err != 0)
            return err;
        hashmap_remove(&hub->room_names, bytes_of(room->name.folded));
    }
    room->name = renamed;
    if (is_other)
        hashmap_move_key(&hub->room_names, bytes_of(room->name.folded));
    return 0;
}

void hub_leave_room(struct hub *hub, struct membership *membership)
{
    struct room *room = membership->room;
    room_leave(membership);
    if (room->present_count == 0 && !room->is_permanent)
        hashmap_remove(&hub->room_names, bytes_of(room->name.folded));
}

void hub_drop_room(struct hub *hub, struct room *room)
{
    if (room->is_permanent || room->member_count > 0 || room->unpublished_count > 0)
        return;
    CHECK(!list_is_linked(&room->news_link));
    /* A room whose opening failed still has its name; the name may also be a later room's. */
    if (hashmap_find(&hub->room_names, bytes_of(room->name.folded)) == room)
        hashmap_remove(&hub->room_names, bytes_of(room->name.folded));
    CHECK(hashmap_remove(&hub->rooms, id_key(&room->id)) == room);
    room_free(room);
}

struct room *hub_find_room(const struct hub *hub, struct bytes name)
{
    char folded[NAME_BYTES_MAX + 1];
    name_fold(name, folded);
    return hashmap_find(&hub->room_names, bytes_of(folded));
}

struct room *hub_find_room_id(const struct hub *hub, uint64_t id)
{
    return hashmap_find(&hub->rooms, id_key(&id));
}

size_t hub_room_ids(const struct hub *hub, uint64_t *ids, size_t max)
{
    size_t iter = 0, count = 0;
    for (const struct room *room; count < max && (room = hashmap_next(&hub->room_names, &iter)) != NULL;)
        ids[count++] = room->id;
    return count;
}

size_t hub_room_count(const struct hub *hub)
{
    return hub->room_names.count;
}

/* ---- requests ---- */

static bool fits_row(const struct command *command, const struct chat_request *request)
{
    if (request->word_count < command->words_min || request->word_count > command->words_max)
        return false;
    return (command->flags & COMMAND_F_TEXT_REQUIRED) == 0 || bytes_trim(request->text).len > 0;
}

static int run(struct hub *hub, struct user *user, const struct chat_request *request)
{
    const struct command *command = request->command;
    if (command == NULL)
        return hub_refuse(hub, user, request->err, request->err_subject, request->err_suggestion);
    CHECK((command->flags & COMMAND_F_SESSION) == 0);
    if (!fits_row(command, request))
        return hub_refuse(hub, user, CHAT_ERR_USAGE, bytes_of(command->name), nothing);
    if ((command->flags & COMMAND_F_NEEDS_ROOM) != 0 && user->current == NULL)
        return hub_refuse(hub, user, CHAT_ERR_NO_CURRENT_ROOM, nothing, nothing);
    bool has_arguments = request->word_count > 0 || bytes_trim(request->text).len > 0;
    int64_t now_ms = hub_now_ms(hub);
    struct policy_verdict verdict = policy_may_run(command, has_arguments, user, now_ms);
    if (verdict.err == CHAT_ERR_NOT_SERVER_OPERATOR)
        return hub_refuse(hub, user, verdict.err, bytes_of(command->name), nothing);
    if (verdict.err != CHAT_OK)
        return hub_refuse_verdict(hub, user, user->current->room, verdict);
    int err = command->handler(hub, user, request);
    if (err == 0)
        user->active_ms = now_ms;
    return err;
}

/* The room that the request names is the current one for as long as it takes. What needs a room changes
 * nobody's own current one. */
static int run_in_room(struct hub *hub, struct user *user, const struct chat_request *request)
{
    int err = 0;
    struct room *room = cmd_find_room(hub, user, request->room, &err);
    if (room == NULL)
        return err;
    struct membership *there = user_membership(user, room), *before = user->current;
    if (there == NULL)
        return hub_refuse(hub, user, CHAT_ERR_NOT_IN_ROOM, room_name(room), nothing);
    user->current = there;
    err = run(hub, user, request);
    CHECK(user->current == there);
    user->current = before;
    return err;
}

int hub_apply(struct hub *hub, struct user *user, const struct chat_request *request)
{
    CHECK(!user->is_gone && !hub->is_quiet);
    hub->is_quiet = request->is_notice;
    hub->running = request->command;
    int err = request->room.len > 0 ? run_in_room(hub, user, request) : run(hub, user, request);
    hub->is_quiet = false;
    hub->running = NULL;
    return err;
}

int hub_join_lobby(struct hub *hub, struct user *user)
{
    struct chat_request request;
    command_cut(command_find(BYTES("join")), bytes_of(hub->config.lobby), &request);
    return hub_apply(hub, user, &request);
}

struct bytes hub_clean(struct hub *hub, struct bytes raw, size_t max_bytes)
{
    buf_reset(&hub->scratch);
    text_clean_cut(raw, max_bytes, &hub->scratch);
    CHECK(buf_error(&hub->scratch) == 0);
    return buf_bytes(&hub->scratch);
}

struct bytes hub_clean_said(struct hub *hub, struct bytes raw)
{
    buf_reset(&hub->scratch);
    text_clean_said(raw, HUB_TEXT_BYTES_MAX, &hub->scratch);
    CHECK(buf_error(&hub->scratch) == 0);
    return buf_bytes(&hub->scratch);
}

void hub_emit(struct hub *hub, struct chat_event *event)
{
    CHECK(event->seq == 0);
    event->seq = ++hub->emitted_seq;
    if (event->wall_ms == 0)
        event->wall_ms = clock_wall_ms(hub->clock);
    if (event->audience == CHAT_TO_ROOM) {
        struct room *room = hub_find_room_id(hub, event->room_id);
        CHECK(room != NULL);
        event->id = room->next_event_id++;
        room->unpublished_count++;
    }
    hub->sink->emit(hub->sink, event);
}
