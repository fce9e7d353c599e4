/* What the server as a whole is and does: status, stats, settings. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"
#include "chat/hub.h"
#include "daemon/control_command.h"
#include "daemon/metrics.h"
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

static void put_last_reload(const struct reloader *reloader, struct buf *out)
{
    time_t at = (time_t)(reloader->last_ms / 1000);
    struct tm when;
    char date[32];

    if (reloader->last_ms == 0) {
        buf_put_text(out, "none since the start");
        return;
    }
    gmtime_r(&at, &when);
    strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", &when);
    buf_printf(out, "%s %s%s", date, reloader->problem[0] ? "refused: " : "good", reloader->problem);
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
        {"last_reload", "last reload", false},
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
    put_last_reload(&server->reloader, &text);
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

/* A line of the metrics, "name{labels} value". Of a histogram the sum and the count will do. */
static void put_stat(struct table *table, struct bytes line)
{
    struct bytes name = line;
    uint64_t number;

    while (name.len > 0 && name.ptr[name.len - 1] != ' ')
        name.len--;
    struct bytes value = bytes_slice(line, name.len, line.len);
    name = bytes_trim(name);
    struct bytes family = name;
    family = bytes_cut(&family, '{');
    bool is_bucket =
        family.len > 7 && bytes_eq(bytes_slice(family, family.len - 7, family.len), BYTES("_bucket"));
    if (is_bucket || bytes_starts_with(line, BYTES("#")))
        return;
    table_text(table, name);
    if (bytes_parse_u64(value, UINT64_MAX, &number) == 0)
        table_uint(table, number);
    else
        table_real(table, strtod(value.ptr, NULL)); /* a newline ends it */
}

/* What the port for monitoring tells (docs/metrics.md), but for what takes a look at the whole process. */
enum control_progress control_stats(struct control_call *call)
{
    static const struct table_column columns[] = {{"name", "NAME", false}, {"value", "VALUE", true}};
    struct bytes what = control_call_word(call, 0);
    struct buf text;

    if (bytes_eq(what, BYTES("memory")))
        return control_memory(call);
    if (what.len > 0)
        return control_call_fail(call, CONTROL_USAGE, "%.*s are no statistics; try `stats` or `stats memory`",
                                 BYTES_ARG(what));
    table_init(&call->table, columns, ARRAY_LEN(columns), CONTROL_TABLE_BYTES_MAX);
    buf_init(&text, METRICS_BYTES_MAX);
    metrics_render(call->server, NULL, &text);
    int r = buf_error(&text);
    struct bytes rest = buf_bytes(&text);
    while (r == 0 && rest.len > 0)
        put_stat(&call->table, bytes_cut(&rest, '\n'));
    buf_done(&text);
    return r < 0 ? control_call_fail(call, CONTROL_FAILED, "the server is out of memory") : CONTROL_DONE;
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
