/* Lists that may be long: sessions, rooms, tasks, bans. */
#include <string.h>

#include "async/loop.h"
#include "base/log.h"
#include "chat/hub.h"
#include "chat/room.h"
#include "chat/user.h"
#include "daemon/control_command.h"
#include "daemon/server.h"

/* Above so many tasks or rooms the others are only counted: to note one takes some 100 ns, all at once. */
#define NOTED_MAX 100000

static void sessions_begin(struct control_call *call)
{
    static const struct table_column columns[] = {
        {"id", "ID", true},         {"name", "NAME", false},
        {"state", "STATE", false},  {"dialect", "SPEAKS", false},
        {"tls", "TLS", false},      {"age_ms", "SINCE", true},
        {"idle_ms", "IDLE", true},  {"in_bytes", "IN", true},
        {"out_bytes", "OUT", true}, {"waiting_bytes", "WAITING", true},
        {"rooms", "ROOMS", true},   {"from", "FROM", false},
    };
    table_init(&call->table, columns, ARRAY_LEN(columns), CONTROL_TABLE_BYTES_MAX);
}

static void add_session(struct table *table, const struct session *session, int64_t now_ms)
{
    const struct user *user = session->user;
    const char *dialect = session->terminal ? "telnet" : session->outbox.form.dialect->name;
    struct addr peer = session_peer(session);
    char from[ADDR_TEXT_MAX];

    addr_format(&peer, from);
    table_uint(table, session->id);
    table_text(table, user ? user_name(user) : (struct bytes){NULL, 0});
    table_text(table, bytes_of(session_state_str(session->state)));
    table_text(table, bytes_of(session->state < SESSION_ST_NAME ? "" : dialect));
    table_bool(table, session_is_encrypted(session));
    table_ms(table, now_ms - session->opened_ms);
    table_ms(table, user ? now_ms - user->active_ms : -1);
    table_size(table, session->conn.bytes_in);
    table_size(table, session->conn.bytes_out);
    table_size(table, conn_pending_bytes(&session->conn));
    table_uint(table, user ? user_room_count(user) : 0);
    table_text(table, bytes_of(from));
}

enum control_progress control_sessions(struct control_call *call)
{
    int64_t now_ms = clock_mono_ms(clock_system());

    if (call->step++ == 0)
        sessions_begin(call);
    for (size_t i = 0; i < CONTROL_PIECE; i++) {
        const struct session *session = control_call_next_session(call);
        if (!session)
            return CONTROL_DONE;
        add_session(&call->table, session, now_ms);
    }
    return CONTROL_MORE;
}

/* ---- rooms: their ids are noted first ---- */

static bool note_rooms(struct control_call *call)
{
    size_t count = hub_room_count(call->server->hub);
    count = count < NOTED_MAX ? count : NOTED_MAX;
    for (size_t i = 0; i < count; i++) {
        static const uint64_t none = 0;
        buf_put(&call->notes, (struct bytes){(const char *)&none, sizeof(none)});
    }
    if (buf_error(&call->notes) != 0)
        return false;
    if (count > 0)
        call->counts[0] = hub_room_ids(call->server->hub, (uint64_t *)(void *)call->notes.ptr, count);
    return true;
}

static void put_modes(const struct room *room, struct buf *out)
{
    static const struct {
        uint32_t mode;
        const char *name;
    } names[] = {{ROOM_MODE_SECRET, "secret "},
                 {ROOM_MODE_INVITE_ONLY, "invite-only "},
                 {ROOM_MODE_TOPIC_LOCK, "topic-lock "},
                 {ROOM_MODE_MODERATED, "moderated "}};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (room->modes & names[i].mode)
            buf_put_text(out, names[i].name);
    if (room->key[0])
        buf_put_text(out, "key ");
    if (out->len > 0)
        buf_truncate(out, out->len - 1);
}

static void add_room(struct table *table, const struct room *room)
{
    struct buf modes;

    buf_init(&modes, 256);
    put_modes(room, &modes);
    table_text(table, room_name(room));
    table_uint(table, room->present_count);
    table_uint(table, room->next_event_id > 0 ? room->next_event_id - 1 : 0);
    table_uint(table, room->bans.count);
    table_text(table, buf_bytes(&modes));
    table_text(table, bytes_of(room->topic));
    buf_done(&modes);
}

enum control_progress control_rooms(struct control_call *call)
{
    static const struct table_column columns[] = {
        {"name", "ROOM", false}, {"people", "PEOPLE", true}, {"events", "EVENTS", true},
        {"bans", "BANS", true},  {"modes", "MODES", false},  {"topic", "TOPIC", false},
    };
    if (call->step++ == 0) {
        table_init(&call->table, columns, ARRAY_LEN(columns), CONTROL_TABLE_BYTES_MAX);
        return note_rooms(call) ? CONTROL_MORE : CONTROL_DONE;
    }
    for (size_t i = 0; i < CONTROL_PIECE && call->at < call->counts[0]; i++, call->at++) {
        uint64_t id;
        memcpy(&id, call->notes.ptr + call->at * sizeof(id), sizeof(id));
        const struct room *room = hub_find_room_id(call->server->hub, id);
        if (room && room->present_count + room->is_permanent > 0) /* otherwise it has ended meanwhile */
            add_room(&call->table, room);
    }
    return call->at < call->counts[0] ? CONTROL_MORE : CONTROL_DONE;
}

/* ---- tasks: what there is to say of each is noted first, in one step ---- */

static void note_task(void *arg, const struct co_task_view *view)
{
    struct control_call *call = arg;
    size_t size = offsetof(struct co_task_view, frames) + view->frame_count * sizeof(*view->frames);

    if (call->counts[0]++ < NOTED_MAX)
        buf_put(&call->notes, (struct bytes){(const char *)view, size});
}

static void read_note(struct control_call *call, struct co_task_view *view)
{
    const size_t head = offsetof(struct co_task_view, frames);
    memcpy(view, call->notes.ptr + call->at, head);
    memcpy(view->frames, call->notes.ptr + call->at + head, view->frame_count * sizeof(*view->frames));
    call->at += head + view->frame_count * sizeof(*view->frames);
}

static void put_waits(const struct co_task_view *view, struct buf *out)
{
    buf_put_text(out, view->wait ? view->wait : view->is_running ? "(runs)" : "(ready)");
    if (view->is_leaving)
        buf_put_text(out, ", leaving");
    if (view->state != CO_SCOPE_LIVE)
        buf_put_text(out, view->state == CO_SCOPE_KILLED ? ", killed" : ", cancelled");
}

static void add_task(struct control_call *call, const struct co_task_view *view, struct buf *text)
{
    struct table *table = &call->table;

    table_uint(table, view->depth);
    for (unsigned i = 0; i < view->depth && !call->line->is_json; i++)
        buf_put_text(text, "  ");
    buf_put_text(text, view->frames[0].type->name);
    table_text(table, buf_bytes(text));
    buf_reset(text);
    put_waits(view, text);
    table_text(table, buf_bytes(text));
    buf_reset(text);
    table_ms(table, view->wait ? view->waits_ms : -1);
    for (size_t i = 0; i < view->frame_count; i++) {
        buf_put_text(text, i ? " > " : "");
        co_task_frame_put(&view->frames[i], text);
    }
    table_text(table, buf_bytes(text));
    buf_reset(text);
}

enum control_progress control_tasks(struct control_call *call)
{
    static const struct table_column columns[] = {
        {"depth", "DEPTH", true},    {"task", "TASK", false},   {"waits", "WAITS FOR", false},
        {"waits_ms", "SINCE", true}, {"where", "WHERE", false},
    };
    struct co_task_view view;
    struct buf text;

    if (call->step++ == 0) {
        table_init(&call->table, columns, ARRAY_LEN(columns), CONTROL_TABLE_BYTES_MAX);
        co_loop_visit(call->server->loop, note_task, call);
        return CONTROL_MORE;
    }
    if (buf_error(&call->notes) != 0)
        return CONTROL_DONE;
    buf_init(&text, CONTROL_TEXT_BYTES_MAX);
    for (size_t i = 0; i < CONTROL_PIECE && call->at < call->notes.len; i++) {
        read_note(call, &view);
        add_task(call, &view, &text);
    }
    buf_done(&text);
    if (call->at < call->notes.len)
        return CONTROL_MORE;
    if (call->counts[0] > NOTED_MAX && !call->line->is_json)
        control_call_say(call, "The first %d of %zu tasks:", NOTED_MAX, call->counts[0]);
    return CONTROL_DONE;
}
