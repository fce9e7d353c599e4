/* The table of settings, and setting by it; see settings.h. */
#include "daemon/settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/check.h"
#include "base/utf8.h"
#include "base/xalloc.h"
#include "daemon/settings_private.h"

#define SUGGEST_MAX_DISTANCE 3 /* edits up to which "did you mean" is a help */

/* The field type of each setting type, as setting_type.h says. */
#define FIELD_TYPE_TEXT char *
#define FIELD_TYPE_HOST char *
#define FIELD_TYPE_PATH char *
#define FIELD_TYPE_BOOL bool
#define FIELD_TYPE_COUNT uint32_t
#define FIELD_TYPE_BYTES size_t
#define FIELD_TYPE_DURATION int64_t
#define FIELD_TYPE_LIST struct setting_list
#define FIELD_TYPE_FLOOD struct setting_flood
#define FIELD_TYPE_MODE uint32_t
#define FIELD_TYPE_LOG_LEVEL enum log_level
#define FIELD_TYPE_CLIENTS enum tls_clients
#define FIELD_TYPE_LOG_FORMAT enum setting_log_format

/* The offset of a field; does not compile (array of size -1) when the field is not of the row's type. */
#define FIELD_OFFSET(type, field) \
    (offsetof(struct settings, field) + \
     0 * sizeof( \
             char[__builtin_types_compatible_p(__typeof__(((struct settings *)0)->field), FIELD_TYPE_##type) \
                      ? 1 \
                      : -1]))

#define ROW(key_, type_, field, default_, min_, max_, is_reloadable_, help_) \
    { \
        .key = key_, .type = SETTING_TYPE_##type_, .offset = FIELD_OFFSET(type_, field), \
        .default_text = default_, .min = min_, .max = max_, .is_reloadable = is_reloadable_, .help = help_ \
    }

#define KIB INT64_C(1024)
#define MIB (1024 * KIB)
#define SECOND INT64_C(1000)
#define HOUR (3600 * SECOND)

/* clang-format off */
static const struct settings_row rows[] = {
    ROW("server.name", HOST, server.name, "localhost", 1, 253, true,
        "Name of this server, shown in the greeting"),
    ROW("server.welcome", TEXT, server.welcome, "", 0, 400, true,
        "One line of welcome for the greeting; empty: none"),
    ROW("server.motd", PATH, server.motd, "", 0, 4095, true,
        "File with the message of the day, shown to newcomers and by /motd; empty: none"),
    ROW("server.rules", PATH, server.rules, "", 0, 4095, true,
        "File with the rules of this server, shown by /rules; empty: none"),
    ROW("server.shutdown_timeout", DURATION, server.shutdown_timeout_ms, "5s", 100, 600 * SECOND, true,
        "How long all of a stop may take: last words, flushing, closing"),

    ROW("listen.address", LIST, listen.address, "127.0.0.1:7000", 1, 64, true,
        "Where clients connect: HOST:PORT, [IPV6]:PORT or unix:/PATH, and options; may be repeated"),
    ROW("listen.backlog", COUNT, listen.backlog, "1024", 1, 65535, true,
        "Connections that may wait to be accepted, for each address"),

    ROW("operators.operator", LIST, operators.operator, "", 0, 64, true,
        "Who may become an operator of the server: NAME HASH, see mingled --hash-password; may be repeated"),

    ROW("tls.certificate", LIST, tls.certificate, "", 0, 100, true,
        "Certificate chain, PEM file or credential:NAME; may be repeated; empty: no TLS"),
    ROW("tls.key", LIST, tls.key, "", 0, 100, true,
        "Private key, PEM file or credential:NAME; as many as certificates, in the same order"),
    ROW("tls.client_certificates", CLIENTS, tls.client_certificates, "no", 0, 0, true,
        "Whether clients are asked for a certificate of their own"),
    ROW("tls.client_ca", PATH, tls.client_ca, "", 0, 4095, true,
        "Who issues clients' certificates, PEM file or credential:NAME; empty: any certificate is taken"),
    ROW("tls.warn_days", COUNT, tls.warn_days, "14", 0, 365, true,
        "Warn once a day when a certificate ends in so many days; 0: only when it has ended"),
    ROW("tls.handshake_timeout", DURATION, tls.handshake_timeout_ms, "10s", 100, 300 * SECOND, true,
        "How long a TLS handshake may take"),
    ROW("tls.handshakes_per_address", FLOOD, tls.handshakes_per_address, "5 burst 40", 0, 0, true,
        "TLS handshakes of one address: HANDSHAKES/SECOND burst HANDSHAKES, or off; what is above is refused"),

    ROW("limits.flood", FLOOD, limits.flood, "1 burst 5", 0, 0, true,
        "Lines a client may send: LINES/SECOND burst LINES, or off; what is above has to wait"),
    ROW("limits.per_address", COUNT, limits.per_address, "20", 0, 1000000, true,
        "Connections from one address; 0: no limit"),
    ROW("limits.unnamed_per_address", COUNT, limits.unnamed_per_address, "10", 0, 1000000, true,
        "Connections from one address that have no name yet; 0: no limit"),
    ROW("limits.sessions", COUNT, limits.sessions, "0", 0, 10000000, true,
        "Connections in all; 0: as many as the limit of open files allows"),
    ROW("limits.line", BYTES, limits.line_bytes, "4K", 512, 64 * KIB, true,
        "Longest line that a client may send"),
    ROW("limits.name_timeout", DURATION, limits.name_timeout_ms, "1m", 100, HOUR, true,
        "How long a client may take to choose a name"),
    ROW("limits.outbox_high", BYTES, limits.outbox_high_bytes, "64K", 4 * KIB, 64 * MIB, true,
        "Unsent output of a client above which it has to wait for more"),
    ROW("limits.outbox_low", BYTES, limits.outbox_low_bytes, "16K", 1 * KIB, 64 * MIB, true,
        "Unsent output below which it gets more again; below outbox_high"),
    ROW("limits.stalled", DURATION, limits.stalled_ms, "2m", 100, 24 * HOUR, true,
        "A client that takes none of its waiting output for so long is closed"),
    ROW("limits.inbox", COUNT, limits.inbox, "1000", 10, 1000000, true,
        "Direct messages and replies that may wait for one client"),
    ROW("limits.lines_per_turn", COUNT, limits.lines_per_turn, "16", 1, 1000, true,
        "Lines of one client that are handled before the others get their turn"),
    ROW("limits.rooms_per_user", COUNT, limits.rooms_per_user, "50", 1, 10000, true,
        "Rooms that one user may be in"),
    ROW("limits.queue", COUNT, limits.queue, "4096", 16, 1000000, false,
        "Events that may wait for delivery before their senders have to wait"),

    ROW("rooms.lobby", TEXT, rooms.lobby, "#lobby", 2, 64, false,
        "The room that everyone joins at first"),
    ROW("rooms.log", COUNT, rooms.log, "1024", 16, 65536, false,
        "Latest events that each room keeps for those who lag behind"),
    ROW("rooms.history", COUNT, rooms.history, "10", 0, 1000, true,
        "Latest messages shown to who joins; not above log"),
    ROW("rooms.quiet_above", COUNT, rooms.quiet_above, "30", 0, 1000000, true,
        "Joins and leaves are not shown in rooms with more people than this; 0: always shown"),

    ROW("greeting.delay", DURATION, greeting.delay_ms, "400ms", 0, 60 * SECOND, true,
        "How long a silent client waits for the greeting"),
    ROW("telnet.keepalive", DURATION, telnet.keepalive_ms, "4m", 100, 24 * HOUR, true,
        "A telnet client is sent something that it does not show before it was silent for so long"),
    ROW("irc.keepalive", DURATION, irc.keepalive_ms, "90s", 100, 24 * HOUR, true,
        "An IRC client that was silent for so long gets a PING, and is closed when it stays so for as long again"),
    ROW("control.socket", PATH, control.socket, MINGLE_CONTROL_SOCKET, 0, 107, false,
        "Unix socket on which minglectl reaches the daemon; empty: none"),
    ROW("control.mode", MODE, control.mode, "0660", 0, 0, false,
        "Who may connect to it, as the mode of the file, in octal"),
    ROW("control.group", TEXT, control.group, "", 0, 64, false,
        "Group that the socket belongs to, whose members may use it; empty: none"),
    ROW("control.clients", COUNT, control.clients, "8", 1, 1000, false, "Clients of that socket at a time"),
    ROW("control.timeout", DURATION, control.timeout_ms, "30s", 100, HOUR, false,
        "How long such a client may take for a request, and for reading its answer"),
    ROW("log.level", LOG_LEVEL, log.level, "info", 0, 0, true,
        "The least important messages that are logged"),
    ROW("log.format", LOG_FORMAT, log.format, "auto", 0, 0, true,
        "How the log is written: text, json, journal, or auto"),
    ROW("log.limit", FLOOD, log.limit, "50 burst 500", 0, 0, true,
        "How often each kind of event that clients can cause is logged: LINES/SECOND burst LINES, or off"),

    ROW("metrics.address", TEXT, metrics.address, "", 0, 200, false,
        "Where programs ask how the server is (GET /metrics, /healthz): HOST:PORT or unix:/PATH; empty: nowhere"),

    ROW("debug.async", BOOL, debug.async, "no", 0, 0, false,
        "Looks for mistakes in the daemon's own code; costs some speed"),
};
/* clang-format on */

_Static_assert(ARRAY_LEN(rows) <= SETTINGS_ROWS_MAX, "make room for the origins");

static struct settings_owner *owner_of(struct settings *settings)
{
    return container_of(settings, struct settings_owner, settings);
}

static const struct settings_row *find_row(struct bytes key)
{
    for (const struct settings_row *row = rows; row < rows + ARRAY_LEN(rows); row++)
        if (bytes_eq(key, bytes_of(row->key)))
            return row;
    return NULL;
}

const struct settings_origin *settings_origin(const struct settings *settings, const struct settings_row *row)
{
    const struct settings_owner *owner = container_of(settings, const struct settings_owner, settings);
    return &owner->origins[row - rows];
}

const struct settings_row *settings_row(size_t index)
{
    return index < ARRAY_LEN(rows) ? &rows[index] : NULL;
}

const void *settings_field(const struct settings *settings, const struct settings_row *row)
{
    return (const char *)settings + row->offset;
}

static void *field_of(struct settings *settings, const struct settings_row *row)
{
    return (char *)settings + row->offset;
}

struct settings *settings_new(void)
{
    struct settings_owner *owner = xcalloc(1, sizeof(*owner));
    for (const struct settings_row *row = rows; row < rows + ARRAY_LEN(rows); row++) {
        int error = setting_type_parse(row->type, bytes_of(row->default_text), row->min, row->max,
                                       field_of(&owner->settings, row));
        if (error != 0)
            BUG("the default of %s is not valid: %s", row->key, strerror(-error));
    }
    return &owner->settings;
}

void settings_free(struct settings *settings)
{
    if (settings == NULL)
        return;
    for (const struct settings_row *row = rows; row < rows + ARRAY_LEN(rows); row++)
        setting_type_clear(row->type, field_of(settings, row));
    struct settings_owner *owner = owner_of(settings);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        free(owner->origins[i].item_lines);
    for (size_t i = 0; i < owner->file_count; i++)
        free(owner->files[i]);
    free(owner->files);
    free(owner);
}

const char *settings_add_file(struct settings *settings, const char *name)
{
    struct settings_owner *owner = owner_of(settings);
    owner->files = xreallocarray(owner->files, owner->file_count + 1, sizeof(*owner->files));
    return owner->files[owner->file_count++] = xstrdup(name);
}

bool settings_is_same(const struct settings *a, const struct settings *b, const struct settings_row *row)
{
    return setting_type_is_equal(row->type, settings_field(a, row), settings_field(b, row));
}

void settings_copy(struct settings *to, const struct settings *from, const struct settings_row *row)
{
    struct settings_origin *origin = &owner_of(to)->origins[row - rows];
    const struct settings_origin *other = settings_origin(from, row);
    setting_type_copy(row->type, settings_field(from, row), field_of(to, row));
    free(origin->item_lines);
    *origin = *other;
    if (other->file != NULL)
        origin->file = settings_add_file(to, other->file);
    if (other->item_lines != NULL) {
        size_t count = ((const struct setting_list *)settings_field(from, row))->count;
        origin->item_lines = xcalloc(count, sizeof(*origin->item_lines));
        memcpy(origin->item_lines, other->item_lines, count * sizeof(*origin->item_lines));
    }
}

void settings_row_variable(const struct settings_row *row, char ret_name[SETTINGS_VARIABLE_MAX])
{
    (void)snprintf(ret_name, SETTINGS_VARIABLE_MAX, SETTINGS_VARIABLE_PREFIX "%s", row->key);
    for (char *c = ret_name; *c != '\0'; c++)
        *c = *c == '.' ? '_' : ascii_upper(*c);
}

static void put_origin(const struct settings *settings, const char *key, const size_t *item, struct buf *out)
{
    const struct settings_row *row = find_row(bytes_of(key));
    const struct settings_origin *origin = settings_origin(settings, row);
    char name[SETTINGS_VARIABLE_MAX];
    switch (origin->source) {
    case SETTINGS_SOURCE_DEFAULT:
        return;
    case SETTINGS_SOURCE_FILE:
        buf_printf(out, "%s:%u: ", origin->file,
                   item && origin->item_lines ? origin->item_lines[*item] : origin->line);
        return;
    case SETTINGS_SOURCE_ENVIRONMENT:
        settings_row_variable(row, name);
        buf_printf(out, "%s: ", name);
        return;
    case SETTINGS_SOURCE_COMMAND_LINE:
        buf_put_text(out, "--set: ");
        return;
    }
}

void settings_put_origin(const struct settings *settings, const char *key, struct buf *out)
{
    put_origin(settings, key, NULL, out);
}

void settings_put_item_origin(const struct settings *settings, const char *key, size_t item, struct buf *out)
{
    put_origin(settings, key, &item, out);
}

void settings_put_quoted(struct bytes text, struct buf *out)
{
    struct bytes rest = utf8_prefix(text, SETTINGS_QUOTED_MAX);
    bool is_cut = rest.len < text.len;
    buf_put_char(out, '"');
    while (rest.len > 0) {
        uint32_t c;
        bool is_valid = true;
        size_t taken = utf8_next(rest, &c, &is_valid);
        bool is_harmless = is_valid && c >= 0x20 && (c < 0x7f || c > 0x9f);
        buf_put(out, is_harmless ? bytes_slice(rest, 0, taken) : BYTES("?"));
        rest = bytes_slice(rest, taken, rest.len);
    }
    buf_put_text(out, is_cut ? "...\"" : "\"");
}

/* What follows the last dot. */
static struct bytes last_part(struct bytes key)
{
    struct bytes rest = key;
    while (bytes_find(rest, '.') < rest.len)
        (void)bytes_cut(&rest, '.');
    return rest;
}

/* The row that was probably meant: few edits away, or of the same name in another section. */
static const struct settings_row *suggest_row(struct bytes key)
{
    const struct settings_row *best = NULL;
    unsigned best_distance = SUGGEST_MAX_DISTANCE + 1;
    for (const struct settings_row *row = rows; row < rows + ARRAY_LEN(rows); row++) {
        unsigned distance = bytes_distance(key, bytes_of(row->key));
        if (distance > SUGGEST_MAX_DISTANCE && bytes_eq_nocase(last_part(key), last_part(bytes_of(row->key))))
            distance = SUGGEST_MAX_DISTANCE;
        if (distance < best_distance) {
            best = row;
            best_distance = distance;
        }
    }
    return best;
}

static void put_unknown(struct bytes key, struct buf *error)
{
    const struct settings_row *meant = suggest_row(key);
    buf_put_text(error, "unknown setting ");
    settings_put_quoted(key, error);
    if (meant != NULL)
        buf_printf(error, "; did you mean \"%s\"?", meant->key);
}

static bool has_note(struct bytes value)
{
    for (size_t i = 1; i < value.len; i++)
        if ((value.ptr[i] == '#' || value.ptr[i] == ';') && value.ptr[i - 1] == ' ')
            return true;
    return false;
}

static void put_bad_value(const struct settings_row *row, struct bytes value, struct buf *error)
{
    buf_put_text(error, "bad value ");
    settings_put_quoted(value, error);
    buf_printf(error, " for %s: expected ", row->key);
    setting_type_describe(row->type, row->min, row->max, error);
    if (has_note(value))
        buf_put_text(error, "; a comment needs its own line");
}

/* The line of the entry that was just added. */
static void note_item(struct settings_origin *origin, size_t count)
{
    if (count == 0)
        return;
    origin->item_lines = xreallocarray(origin->item_lines, count, sizeof(*origin->item_lines));
    origin->item_lines[count - 1] = origin->line;
}

static bool is_same_source(const struct settings_origin *a, const struct settings_origin *b)
{
    return a->source == b->source && a->file == b->file;
}

int settings_set_from(struct settings *settings, const struct settings_origin *from, struct bytes key,
                      struct bytes value, struct buf *error)
{
    const struct settings_row *row = find_row(key);
    if (row == NULL) {
        put_unknown(key, error);
        return -ENOENT;
    }
    struct settings_origin *origin = &owner_of(settings)->origins[row - rows];
    bool is_list = row->type == SETTING_TYPE_LIST;
    if (from->source == SETTINGS_SOURCE_FILE && is_same_source(origin, from) && !is_list) {
        buf_printf(error, "%s is set twice, first in line %u", row->key, origin->line);
        return -EINVAL;
    }

    /* A list is parsed into an empty one first: a bad entry must not cost the entries that are there. */
    struct setting_list fresh = {NULL, 0};
    bool is_replaced = is_list && !is_same_source(origin, from);
    void *field = is_replaced ? (void *)&fresh : field_of(settings, row);
    int result = setting_type_parse(row->type, value, row->min, row->max, field);
    if (result != 0) {
        put_bad_value(row, value, error);
        return result;
    }
    if (is_replaced) {
        setting_type_clear(row->type, field_of(settings, row));
        *(struct setting_list *)field_of(settings, row) = fresh;
    }
    unsigned *item_lines = origin->item_lines;
    *origin = *from;
    origin->item_lines = item_lines;
    if (is_list)
        note_item(origin, ((const struct setting_list *)field_of(settings, row))->count);
    return 0;
}

int settings_set(struct settings *settings, struct bytes key, struct bytes value, struct buf *error)
{
    const struct settings_origin from = {.source = SETTINGS_SOURCE_COMMAND_LINE};
    return settings_set_from(settings, &from, key, value, error);
}
