/* The table of settings and what is done by it; see settings.h. */
#include "daemon/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/utf8.h"
#include "base/xalloc.h"
#include "daemon/conf_file.h"

#define QUOTED_MAX_BYTES 80    /* of what somebody wrote, in a message */
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

    ROW("listen.address", LIST, listen.address, "127.0.0.1:7000", 1, 64, false,
        "Where clients connect: HOST:PORT, [IPV6]:PORT or unix:/PATH, and options; may be repeated"),
    ROW("listen.backlog", COUNT, listen.backlog, "1024", 1, 65535, false,
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
    ROW("log.format", LOG_FORMAT, log.format, "auto", 0, 0, false,
        "How the log is written: text, json, journal, or auto"),
    ROW("log.limit", FLOOD, log.limit, "50 burst 500", 0, 0, true,
        "How often each kind of event that clients can cause is logged: LINES/SECOND burst LINES, or off"),

    ROW("metrics.address", TEXT, metrics.address, "", 0, 200, false,
        "Where programs ask how the server is (GET /metrics, /healthz): HOST:PORT or unix:/PATH; empty: nowhere"),

    ROW("debug.async", BOOL, debug.async, "no", 0, 0, false,
        "Looks for mistakes in the daemon's own code; costs some speed"),
};
/* clang-format on */

enum source {
    SOURCE_DEFAULT,
    SOURCE_FILE,
    SOURCE_COMMAND_LINE,
};

/* What settings_new() allocates: beside each value, who has set it. */
struct settings_owner {
    struct settings settings; /* first, see owner_of() */
    enum source source[ARRAY_LEN(rows)];
};

static struct settings_owner *owner_of(struct settings *settings)
{
    return container_of(settings, struct settings_owner, settings);
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
    free(owner_of(settings));
}

/* Between quotes; shortened, and with '?' for what could harm a terminal. */
static void put_quoted(struct buf *out, struct bytes text)
{
    struct bytes rest = utf8_prefix(text, QUOTED_MAX_BYTES);
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

static const struct settings_row *find_row(struct bytes key)
{
    for (const struct settings_row *row = rows; row < rows + ARRAY_LEN(rows); row++)
        if (bytes_eq(key, bytes_of(row->key)))
            return row;
    return NULL;
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
    put_quoted(error, key);
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
    put_quoted(error, value);
    buf_printf(error, " for %s: expected ", row->key);
    setting_type_describe(row->type, row->min, row->max, error);
    if (has_note(value))
        buf_put_text(error, "; a comment needs its own line");
}

static int set_value(struct settings *settings, enum source source, struct bytes key, struct bytes value,
                     struct buf *error)
{
    const struct settings_row *row = find_row(key);
    if (row == NULL) {
        put_unknown(key, error);
        return -ENOENT;
    }
    enum source *set_by = &owner_of(settings)->source[row - rows];
    bool is_list = row->type == SETTING_TYPE_LIST;
    if (source == SOURCE_FILE && *set_by == SOURCE_FILE && !is_list) {
        buf_printf(error, "%s is set twice", row->key);
        return -EINVAL;
    }

    /* A list is parsed into an empty one first: a bad entry must not cost the entries that are there. */
    struct setting_list fresh = {NULL, 0};
    bool is_replaced = is_list && *set_by != source;
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
    *set_by = source;
    return 0;
}

int settings_set(struct settings *settings, struct bytes key, struct bytes value, struct buf *error)
{
    return set_value(settings, SOURCE_COMMAND_LINE, key, value, error);
}

/* "section.name" of an item, cut to what a message shows; no setting has a name that long. */
static struct bytes join_key(const struct conf_file_item *item, char *key, size_t size)
{
    int len = snprintf(key, size, "%.*s.%.*s", BYTES_ARG(item->section), BYTES_ARG(item->key));
    CHECK(len >= 0);
    return (struct bytes){key, (size_t)len < size ? (size_t)len : size - 1};
}

/* 0, or the message is appended. */
static int load_item(struct settings *settings, const struct conf_file_item *item, struct buf *error)
{
    if (item->problem != NULL) {
        buf_put_text(error, item->problem);
        return -EINVAL;
    }
    char key[2 * QUOTED_MAX_BYTES];
    return set_value(settings, SOURCE_FILE, join_key(item, key, sizeof(key)), item->value, error);
}

int settings_load_text(struct settings *settings, const char *name, struct bytes text, struct buf *errors)
{
    struct conf_file file;
    struct conf_file_item item;
    unsigned count = 0;
    conf_file_init(&file, text);
    while (conf_file_next(&file, &item)) {
        size_t mark = errors->len;
        buf_printf(errors, "%s:%u: ", name, item.line);
        bool is_good = load_item(settings, &item, errors) == 0;
        if (is_good || count++ >= SETTINGS_ERRORS_MAX)
            buf_truncate(errors, mark);
        else
            buf_put_char(errors, '\n');
    }
    if (count > SETTINGS_ERRORS_MAX)
        buf_printf(errors, "%s: %u more errors\n", name, count - SETTINGS_ERRORS_MAX);
    return count == 0 ? 0 : -EINVAL;
}

static int read_all(int fd, struct buf *out)
{
    char piece[4096];
    for (;;) {
        ssize_t got = read(fd, piece, sizeof(piece));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        if (got == 0)
            return 0;
        buf_put(out, (struct bytes){piece, (size_t)got});
        if (buf_error(out) != 0)
            return buf_error(out) == -EMSGSIZE ? -EFBIG : buf_error(out);
    }
}

static int read_path(const char *path, struct buf *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return -errno;
    int result = read_all(fd, out);
    close(fd);
    return result;
}

int settings_load_file(struct settings *settings, const char *path, struct buf *errors)
{
    struct buf text;
    buf_init(&text, SETTINGS_FILE_BYTES);
    int result = read_path(path, &text);
    if (result == 0)
        result = settings_load_text(settings, path, buf_bytes(&text), errors);
    else
        buf_printf(errors, "%s: cannot be read: %s\n", path, strerror(-result));
    buf_done(&text);
    return result;
}

/* Quoted when the reader would not take it as it is. */
static void put_value(struct bytes value, struct buf *out)
{
    bool has_edge =
        value.len > 0 && (value.ptr[0] == '"' || value.ptr[0] == '\'' || bytes_trim(value).len < value.len);
    const char *quote = has_edge ? "\"" : "";
    buf_printf(out, "%s%.*s%s", quote, BYTES_ARG(value), quote);
}

static void dump_value(const char *mark, const char *name, struct bytes value, struct buf *out)
{
    buf_printf(out, "%s%s =%s", mark, name, value.len > 0 ? " " : "");
    put_value(value, out);
    buf_put_char(out, '\n');
}

static void dump_list(const char *name, const struct setting_list *list, struct buf *out)
{
    for (size_t i = 0; i < list->count; i++)
        dump_value("", name, bytes_of(list->items[i]), out);
}

static void dump_row(const struct settings *settings, const struct settings_row *row, struct buf *out)
{
    const char *name = strchr(row->key, '.') + 1;
    const void *field = settings_field(settings, row);
    struct buf value;
    buf_init(&value, SETTINGS_DUMP_BYTES);
    setting_type_format(row->type, field, &value);
    bool is_default = bytes_eq(buf_bytes(&value), bytes_of(row->default_text));

    buf_printf(out, "\n# %s.\n# Takes ", row->help);
    setting_type_describe(row->type, row->min, row->max, out);
    buf_printf(out, ".%s\n", row->is_reloadable ? "" : " A change needs a restart.");
    if (is_default || row->type != SETTING_TYPE_LIST)
        dump_value(is_default ? "#" : "", name, buf_bytes(&value), out);
    else
        dump_list(name, field, out);
    buf_done(&value);
}

void settings_dump(const struct settings *settings, struct buf *out)
{
    struct bytes section = {NULL, 0};
    buf_put_text(out, "# Settings of mingled. What is commented out has its default value.\n");
    for (const struct settings_row *row = rows; row < rows + ARRAY_LEN(rows); row++) {
        struct bytes rest = bytes_of(row->key);
        struct bytes own = bytes_cut(&rest, '.');
        if (!bytes_eq(own, section))
            buf_printf(out, "\n[%.*s]\n", BYTES_ARG(own));
        section = own;
        dump_row(settings, row, out);
    }
}
