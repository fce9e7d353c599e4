/* What the server as a whole is and does: status, stats, settings, the level of the log. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "async/loop.h"
#include "base/log.h"
#include "chat/hub.h"
#include "daemon/control_command.h"
#include "daemon/server.h"
#include "daemon/settings.h"

/* ---- status ---- */

#define DIALECTS_MAX 4

/* counts[] of the call: */
enum { COUNT_TLS, COUNT_TERMINALS, COUNT_UNNAMED, COUNT_DIALECTS };
_Static_assert(COUNT_DIALECTS + DIALECTS_MAX <= CONTROL_COUNTS, "room for each dialect");

/* The place of a dialect in `notes`, which holds pointers to names. */
static size_t dialect_index(struct control_call *call, const char *name)
{
    size_t count = call->notes.len / sizeof(name);
    for (size_t i = 0; i < count; i++) {
        const char *other;
        memcpy(&other, call->notes.ptr + i * sizeof(other), sizeof(other));
        if (strcmp(other, name) == 0)
            return i;
    }
    buf_put(&call->notes, (struct bytes){(const char *)&name, sizeof(name)});
    return count;
}

static void count_session(struct control_call *call, const struct session *session)
{
    call->counts[COUNT_TLS] += session_is_encrypted(session);
    call->counts[COUNT_TERMINALS] += session->terminal != NULL;
    call->counts[COUNT_UNNAMED] += session->user == NULL;
    if (!session->user)
        return;
    size_t index = dialect_index(call, session->outbox.form.dialect->name);
    if (index < DIALECTS_MAX)
        call->counts[COUNT_DIALECTS + index]++;
}

/* Pages of the process that are in memory: the second number of statm, see proc(5). */
static uint64_t memory_bytes(void)
{
    char text[128];
    uint64_t pages;
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file)
        return 0;
    size_t len = fread(text, 1, sizeof(text), file);
    fclose(file);
    struct bytes rest = {text, len};
    (void)bytes_word(&rest);
    if (bytes_parse_u64(bytes_word(&rest), UINT64_MAX / 65536, &pages) < 0)
        return 0;
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void put_state(const struct server *server, struct buf *out)
{
    const struct control *control = &server->control;
    if (server->session_env.is_shutting_down)
        buf_put_text(out, "stopping");
    else if (server->session_env.is_draining)
        buf_put_text(out, "draining: takes no new connections");
    else
        buf_put_text(out, "serving");
    if (control->shutdown_at_ms == 0)
        return;
    buf_put_text(out, ", shuts down in ");
    table_put_ms(out, control->shutdown_at_ms - clock_mono_ms(clock_system()));
}

static void put_dialects(const struct control_call *call, struct buf *out)
{
    for (size_t i = 0; i < call->notes.len / sizeof(const char *) && i < DIALECTS_MAX; i++) {
        const char *name;
        memcpy(&name, call->notes.ptr + i * sizeof(name), sizeof(name));
        buf_printf(out, "%s%s %zu", i ? ", " : "", name, call->counts[COUNT_DIALECTS + i]);
    }
}

static void put_listeners(const struct server *server, struct buf *out)
{
    char address[ADDR_TEXT_MAX];
    for (size_t i = 0; i < server->endpoints.count; i++) {
        addr_format(&server->endpoints.items[i]->listener.addr, address);
        buf_printf(out, "%s%s", i ? ", " : "", address);
    }
}

/* A cell whose text is made here. */
static void cell(struct table *table, struct buf *text)
{
    table_text(table, buf_bytes(text));
    buf_reset(text);
}

static void fill_status(struct control_call *call)
{
    static const struct table_column columns[] = {
        {"version", "version", false},
        {"pid", "pid", false},
        {"state", "state", false},
        {"uptime_ms", "uptime", false},
        {"memory_bytes", "memory", false},
        {"people", "people", false},
        {"rooms", "rooms", false},
        {"connections", "connections", false},
        {"unnamed", "without a name", false},
        {"by_dialect", "people by dialect", false},
        {"tls", "over TLS", false},
        {"terminals", "telnet clients", false},
        {"bans", "bans", false},
        {"listeners", "listens on", false},
    };
    const struct server *server = call->server;
    struct table *table = &call->table;
    struct buf text;

    table_init(table, columns, ARRAY_LEN(columns), CONTROL_TABLE_BYTES_MAX);
    table->is_record = true;
    buf_init(&text, CONTROL_TEXT_BYTES_MAX);
    table_text(table, BYTES(PACKAGE_VERSION));
    table_uint(table, (uint64_t)getpid());
    put_state(server, &text);
    cell(table, &text);
    table_ms(table, clock_mono_ms(clock_system()) - server->start_ms);
    table_size(table, memory_bytes());
    table_uint(table, hub_user_count(server->hub));
    table_uint(table, hub_room_count(server->hub));
    table_uint(table, registry_count(&server->registry));
    table_uint(table, call->counts[COUNT_UNNAMED]);
    put_dialects(call, &text);
    cell(table, &text);
    table_uint(table, call->counts[COUNT_TLS]);
    table_uint(table, call->counts[COUNT_TERMINALS]);
    table_uint(table, server->bans.bans.count);
    put_listeners(server, &text);
    cell(table, &text);
    buf_done(&text);
}

enum control_progress control_status(struct control_call *call)
{
    for (size_t i = 0; i < CONTROL_PIECE; i++) {
        const struct session *session = control_call_next_session(call);
        if (!session) {
            fill_status(call);
            return CONTROL_DONE;
        }
        count_session(call, session);
    }
    return CONTROL_MORE;
}

/* ---- stats ---- */

static void stat(struct table *table, const char *group, const char *name, uint64_t value)
{
    char text[64];
    snprintf(text, sizeof(text), "%s.%s", group, name);
    table_text(table, bytes_of(text));
    table_uint(table, value);
}

enum control_progress control_stats(struct control_call *call)
{
    static const struct table_column columns[] = {{"name", "NAME", false}, {"value", "VALUE", true}};
    const struct server *server = call->server;
    const struct delivery_stats *delivery = &server->delivery.stats;
    struct co_loop_stats loop = co_loop_stats(server->loop);
    struct table *table = &call->table;
    uint64_t accepted = 0, exhausted = 0;

    table_init(table, columns, ARRAY_LEN(columns), CONTROL_TABLE_BYTES_MAX);
    for (size_t i = 0; i < server->endpoints.count; i++) {
        accepted += server->endpoints.items[i]->listener.accepted_count;
        exhausted += server->endpoints.items[i]->listener.exhausted_count;
    }
    stat(table, "connections", "accepted", accepted);
    stat(table, "connections", "no_descriptor", exhausted);
    for (size_t i = 0; i < CLOSE_REASON_COUNT; i++)
        stat(table, "closed", close_reason_str((enum close_reason)i), server->registry.closed_count[i]);
    stat(table, "delivery", "events", delivery->events);
    stat(table, "delivery", "batches", delivery->batches);
    stat(table, "delivery", "shared_writes", delivery->shared_writes);
    stat(table, "delivery", "own_writes", delivery->own_writes);
    stat(table, "delivery", "gaps", delivery->gaps);
    stat(table, "loop", "turns", loop.turns);
    stat(table, "loop", "resumes", loop.resumes);
    stat(table, "loop", "longest_turn_us", (uint64_t)loop.longest_turn_ns / 1000);
    return CONTROL_DONE;
}

/* ---- settings ---- */

enum control_progress control_settings(struct control_call *call)
{
    static const struct table_column columns[] = {
        {"name", "NAME", false}, {"change", "A CHANGE NEEDS", false}, {"value", "VALUE", false}};
    struct bytes beginning = control_call_word(call, 0);
    const struct settings_row *row;
    struct buf value;

    table_init(&call->table, columns, ARRAY_LEN(columns), CONTROL_TABLE_BYTES_MAX);
    buf_init(&value, SETTINGS_DUMP_BYTES);
    for (size_t i = 0; (row = settings_row(i)) != NULL; i++) {
        if (!bytes_starts_with(bytes_of(row->key), beginning))
            continue;
        setting_type_format(row->type, settings_field(call->server->settings, row), &value);
        table_text(&call->table, bytes_of(row->key));
        table_text(&call->table, row->is_reloadable ? BYTES("reload") : BYTES("restart"));
        cell(&call->table, &value);
    }
    buf_done(&value);
    if (table_row_count(&call->table) == 0)
        return control_call_fail(call, CONTROL_FAILED, "no setting begins with %.*s; try `settings`",
                                 BYTES_ARG(beginning));
    return CONTROL_DONE;
}

/* ---- the log ---- */

static enum log_level level_now(void)
{
    enum log_level level = LOG_LEVEL_ERROR;
    while (level + 1 < LOG_LEVEL_COUNT && log_is_on(level + 1))
        level++;
    return level;
}

enum control_progress control_log(struct control_call *call)
{
    struct bytes word = control_call_word(call, 1);
    enum log_level level;

    if (!bytes_eq(control_call_word(call, 0), BYTES("level")))
        return control_call_fail(call, CONTROL_USAGE, "usage: %s", call->command->usage);
    if (word.len == 0) {
        control_call_say(call, "%s", log_level_str(level_now()));
        return CONTROL_DONE;
    }
    if (log_level_parse(word, &level) < 0)
        return control_call_fail(call, CONTROL_USAGE,
                                 "%.*s is no level; they are error, warning, notice, info and debug",
                                 BYTES_ARG(word));
    log_notice("log level %s, was %s", log_level_str(level), log_level_str(level_now()));
    log_set_level(level);
    control_call_say(call, "The log level is %s now.", log_level_str(level));
    return CONTROL_DONE;
}
