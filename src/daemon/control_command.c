/* The table of the administrator's commands, and what calls have in common; see control_command.h. */
#include "daemon/control_command.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/check.h"
#include "base/json.h"
#include "daemon/server.h"

#define ALL CONTROL_LINE_WORDS_MAX
#define NOTES_BYTES_MAX (64 * 1024 * 1024)
#define SUGGEST_MAX_DISTANCE 3

static const struct control_command table[] = {
    {"help", "help [COMMAND]", "List the commands, or explain one", "", 0, 1, false, control_help},
    {"status", "status", "What the server is and does",
     "Version, time since the start, whether it takes new connections, how many people, rooms and\n"
     "connections there are and of which kind, where it listens, memory.\n",
     0, 0, false, control_status},
    {"sessions", "sessions", "All connections, oldest first",
     "STATE is how far a connection has come: detect, handshake, name (asked for one), talk, leave, close.\n"
     "IDLE is the time since the last command, WAITING what the client has not taken yet.\n",
     0, 0, false, control_sessions},
    {"rooms", "rooms", "All rooms, secret ones, too", "", 0, 0, false, control_rooms},
    {"tasks", "tasks", "The tree of coroutines: where each one waits, for what, how long",
     "A task of the tree stands below the one whose group owns it. WHERE names its coroutines, outermost\n"
     "first, each with file and line.\n",
     0, 0, false, control_tasks},
    {"settings", "settings [BEGINNING]", "The settings that are in force",
     "With a BEGINNING, as in `settings limits.`: only those whose names begin like that.\n", 0, 1, false,
     control_settings},
    {"stats", "stats [memory]", "Counters since the start, or where the memory goes",
     "With `memory`: how many there are of each part, and what they occupy. \"other\" is what the parts do\n"
     "not explain: logs of rooms, TLS, maps, libraries; \"free\" is what malloc keeps for later.\n",
     0, 1, false, control_stats},
    {"log", "log level [LEVEL]", "Show or set what is logged: error, warning, notice, info, debug",
     "The level holds until the next restart or reload. log.level in mingled.conf is what it begins with.\n",
     1, 2, false, control_log},
    {"say", "say [#ROOM] TEXT", "Say something to everybody, or to a room", "", 1, ALL, true, control_say},
    {"kick", "kick SESSION|NAME [WHY]", "End a connection",
     "SESSION is the number that `sessions` and the log show. The user and the rooms are told WHY.\n", 1, ALL,
     true, control_kick},
    {"ban", "ban MASK [DURATION] [WHY]", "Keep an address or a name away from the server",
     "MASK is an address, a block of addresses, a pattern of names, or of names and addresses:\n"
     "  192.0.2.7   2001:db8::/32   troll*   *@192.0.2.*   troll*@192.0.2.*\n"
     "DURATION is a number and s, m, h, d or w; without it the ban has no end. Who is here and is meant\n"
     "is sent away. Bans end with the process. A name is looked at when it is given, not when it changes.\n",
     1, ALL, true, control_ban},
    {"unban", "unban MASK", "Take a ban back", "MASK is as `bans` shows it.\n", 1, 1, false, control_unban},
    {"bans", "bans", "The bans of the server", "Bans of rooms are not among them.\n", 0, 0, false,
     control_bans},
    {"why", "why ADDRESS", "Whether a connection from there would be let in, and if not, why",
     "ADDRESS is numeric: 192.0.2.7 or 2001:db8::1, or `unix`.\n", 1, 1, false, control_why},
    {"trace", "trace SESSION [off] | trace --next ADDRESS|off", "Log every line of a session",
     "Lines in and out go to the log; passwords and keys of rooms are masked. SESSION is the number that\n"
     "`sessions` shows. --next: the next session that comes from ADDRESS, from its first line on.\n",
     1, 2, false, control_trace},
    {"reload", "reload", "Read the settings, certificates and texts again",
     "Waits for the verdict. When anything is wrong, all of it is told, and the old settings stay in force.\n",
     0, 0, false, control_reload},
    {"drain", "drain [off]", "Take no new connections; those that are here go on",
     "Who connects is told to try again later. `drain off` lets them in again.\n", 0, 1, false,
     control_drain},
    {"shutdown", "shutdown [--in DURATION] [WHY] | shutdown cancel", "Stop the server, now or later",
     "With --in, everybody is told now, and again near the end; `shutdown cancel` calls it off. All\n"
     "connections get a goodbye, within server.shutdown_timeout.\n",
     0, ALL, true, control_shutdown},
};

const struct control_command *control_command_table(size_t *ret_count)
{
    *ret_count = ARRAY_LEN(table);
    return table;
}

const struct control_command *control_command_find(struct bytes name)
{
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (bytes_eq(name, bytes_of(table[i].name)))
            return &table[i];
    return NULL;
}

const char *control_status_str(enum control_status status)
{
    static const char *const words[] = {
        [CONTROL_OK] = "ok", [CONTROL_FAILED] = "failed", [CONTROL_USAGE] = "usage"};
    return words[status];
}

/* ---- calls ---- */

static void complain_unknown(struct control_call *call, struct bytes name)
{
    const struct control_command *meant = NULL;
    unsigned best = SUGGEST_MAX_DISTANCE;

    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        unsigned distance = bytes_distance(name, bytes_of(table[i].name));
        if (distance < best) {
            best = distance;
            meant = &table[i];
        }
    }
    call->status = CONTROL_USAGE;
    buf_put_text(&call->complaint, "there is no command ");
    table_put_clean(&call->complaint, bytes_slice(name, 0, 40));
    if (meant)
        buf_printf(&call->complaint, "; did you mean %s?\n", meant->name);
    else
        buf_put_text(&call->complaint, "; `help` lists them\n");
}

void control_call_begin(struct control_call *call, struct server *server, const struct control_line *line)
{
    const size_t words = line->count - 1;

    *call = (struct control_call){.server = server, .line = line};
    buf_init(&call->text, CONTROL_TEXT_BYTES_MAX);
    buf_init(&call->complaint, CONTROL_TEXT_BYTES_MAX);
    buf_init(&call->notes, NOTES_BYTES_MAX);
    call->command = control_command_find(line->words[0]);
    if (!call->command) {
        complain_unknown(call, line->words[0]);
    } else if (words < call->command->words_min || words > call->command->words_max) {
        (void)control_call_fail(call, CONTROL_USAGE, "usage: %s", call->command->usage);
        call->command = NULL;
    }
}

bool control_call_emits(const struct control_call *call)
{
    return call->command && call->command->emits && !call->is_filled;
}

static void put_text(struct control_call *call, struct buf *out)
{
    struct json json;
    struct bytes text = buf_bytes(&call->text);

    if (!call->line->is_json || text.len == 0) {
        buf_put(out, text);
        return;
    }
    json_init(&json, out);
    json_begin(&json);
    json_put_text(&json, "message", bytes_slice(text, 0, text.len - 1)); /* without its last line's end */
    json_end(&json);
    buf_put_char(out, '\n');
}

/* Whether the answer could be made; otherwise nothing of it is told. */
static bool has_memory(struct control_call *call)
{
    if (buf_error(&call->notes) == 0 && buf_error(&call->text) == 0 &&
        (!call->table.columns || table_error(&call->table) == 0))
        return true;
    (void)control_call_fail(call, CONTROL_FAILED, "the answer takes too much memory");
    return false;
}

bool control_call_step(struct control_call *call, struct buf *out)
{
    if (!call->command)
        return false;
    if (!call->is_filled) {
        if (call->command->handler(call) == CONTROL_MORE)
            return true;
        call->is_filled = true;
        if (!has_memory(call))
            return false;
        put_text(call, out);
    }
    if (!call->table.columns || call->status != CONTROL_OK)
        return false;
    return table_print(&call->table, call->line->is_json, call->line->width, CONTROL_PIECE, out);
}

void control_call_done(struct control_call *call)
{
    registry_walk_end(&call->server->registry, &call->walk);
    control_tell_end(&call->tell);
    table_done(&call->table);
    buf_done(&call->text);
    buf_done(&call->complaint);
    buf_done(&call->notes);
}

/* ---- for handlers ---- */

struct bytes control_call_word(const struct control_call *call, size_t index)
{
    return index + 1 < call->line->count ? call->line->words[index + 1] : (struct bytes){NULL, 0};
}

void control_call_rest(const struct control_call *call, size_t index, struct buf *out)
{
    for (size_t i = index + 1; i < call->line->count; i++) {
        if (i > index + 1)
            buf_put_char(out, ' ');
        buf_put(out, call->line->words[i]);
    }
}

static void put_line(struct buf *out, const char *format, va_list args) ATTR_PRINTF(2, 0);
static void put_line(struct buf *out, const char *format, va_list args)
{
    char line[1024];
    int len = vsnprintf(line, sizeof(line), format, args);
    CHECK(len >= 0);
    table_put_clean(out, bytes_of(line));
    buf_put_char(out, '\n');
}

enum control_progress control_call_fail(struct control_call *call, enum control_status status,
                                        const char *format, ...)
{
    va_list args;
    va_start(args, format);
    put_line(&call->complaint, format, args);
    va_end(args);
    call->status = status;
    return CONTROL_DONE;
}

void control_call_say(struct control_call *call, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    put_line(&call->text, format, args);
    va_end(args);
}

struct session *control_call_next_session(struct control_call *call)
{
    struct registry *registry = &call->server->registry;
    if (!list_is_linked(&call->walk.link))
        registry_walk_begin(registry, &call->walk);
    struct registry_entry *entry = registry_walk_next(registry, &call->walk);
    return entry ? container_of(entry, struct session, place) : NULL;
}

int control_call_parse_host(struct bytes word, struct addr *ret_addr)
{
    char text[ADDR_TEXT_MAX];
    const char *ignored;
    bool is_ipv6 = bytes_find(word, ':') < word.len;

    if (bytes_eq(word, BYTES("unix"))) {
        const struct sockaddr sa = {.sa_family = AF_UNIX};
        addr_from_sockaddr(&sa, sizeof(sa.sa_family), ret_addr);
        return 0;
    }
    int len = snprintf(text, sizeof(text), is_ipv6 ? "[%.*s]:1" : "%.*s:1", BYTES_ARG(word));
    if (len < 0 || (size_t)len >= sizeof(text))
        return -EINVAL;
    return addr_parse(bytes_of(text), ret_addr, &ignored);
}

/* ---- help ---- */

static void help_one(struct control_call *call, const struct control_command *command)
{
    buf_printf(&call->text, "%s\n\n%s.\n", command->usage, command->help);
    if (command->long_help[0])
        buf_printf(&call->text, "\n%s", command->long_help);
}

enum control_progress control_help(struct control_call *call)
{
    static const struct table_column columns[] = {{"usage", "COMMAND", false}, {"help", "DOES", false}};
    struct bytes name = control_call_word(call, 0);

    if (name.len > 0) {
        const struct control_command *command = control_command_find(name);
        if (!command)
            complain_unknown(call, name);
        else
            help_one(call, command);
        return CONTROL_DONE;
    }
    table_init(&call->table, columns, ARRAY_LEN(columns), CONTROL_TABLE_BYTES_MAX);
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        table_text(&call->table, bytes_of(table[i].usage));
        table_text(&call->table, bytes_of(table[i].help));
    }
    return CONTROL_DONE;
}
