/* Everything that can be set, and the one table that knows it all.
 *
 * A row of the table says where a setting lives, its type, default, range, whether a reload may change
 * it, and its help. Reading, checking, printing and the sample file all go by the table; the rest of
 * the daemon reads the struct, as a const pointer.
 *
 * Sources in rising order: defaults, files, environment, command line. A file may include others, which
 * are read where its line stands: of two files, the one that sets a value later wins. The first entry of a
 * list from a source (a file is one) replaces the entries of the source before; more entries of the same
 * source are added. To reload, build a new struct, check it, and swap the pointers.
 *
 * No function suspends. Messages for the administrator go to a buf; text from outside is cleaned in
 * them, so that they can be written to a terminal. Text fields are never NULL. */
#ifndef DAEMON_SETTINGS_H
#define DAEMON_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/log.h"
#include "daemon/setting_type.h"
#include "net/tls.h"

#define SETTINGS_FILE_BYTES (1024 * 1024) /* the largest file that is read */
#define SETTINGS_DEPTH_MAX 8              /* files that include each other */
#define SETTINGS_FILES_MAX 100            /* in all */
#define SETTINGS_ERRORS_MAX 20            /* errors told of the files */
#define SETTINGS_ERRORS_BYTES (64 * 1024) /* a maximum for the buf that takes the messages */
#define SETTINGS_DUMP_BYTES (1024 * 1024) /* and for the one that takes a dump */

/* What each field means is said by the `help` of its row in settings.c. */
struct settings {
    struct {
        char *name;
        char *welcome;
        char *motd, *rules; /* empty: none */
        int64_t shutdown_timeout_ms;
    } server;
    struct {
        struct setting_list operator; /* see operator_list.h */
    } operators;
    struct {
        struct setting_list address;
        uint32_t backlog;
    } listen;
    struct {
        struct setting_list certificate; /* both empty: no TLS */
        struct setting_list key;
        enum tls_clients client_certificates;
        char *client_ca;
        uint32_t warn_days;
        int64_t handshake_timeout_ms;
        struct setting_flood handshakes_per_address;
    } tls;
    struct {
        struct setting_flood flood;
        uint32_t per_address;         /* 0: no limit */
        uint32_t unnamed_per_address; /* 0: no limit */
        uint32_t sessions;            /* 0: what the limit of open files allows */
        size_t line_bytes;
        int64_t name_timeout_ms;
        size_t outbox_high_bytes;
        size_t outbox_low_bytes;
        int64_t stalled_ms;
        uint32_t inbox;
        uint32_t lines_per_turn;
        uint32_t rooms_per_user;
        uint32_t queue;
    } limits;
    struct {
        char *lobby;
        uint32_t log;
        uint32_t history;
        uint32_t quiet_above;
    } rooms;
    struct {
        int64_t delay_ms;
    } greeting;
    struct {
        int64_t keepalive_ms;
    } telnet;
    struct {
        int64_t keepalive_ms;
    } irc;
    struct {
        char *socket; /* empty: none */
        uint32_t mode;
        char *group; /* empty: the daemon's own */
        uint32_t clients;
        int64_t timeout_ms;
    } control;
    struct {
        enum log_level level;
        enum setting_log_format format;
        struct setting_flood limit;
    } log;
    struct {
        char *address; /* empty: off */
    } metrics;
    struct {
        bool async;
    } debug;
};

struct settings_row {
    const char *key; /* "section.name" */
    size_t offset;   /* in struct settings */
    const char *default_text;
    int64_t min, max; /* see setting_type.h for what they count */
    const char *help; /* one line, no full stop */
    enum setting_type type;
    bool is_reloadable;
};

/* The row at `index`, in the order of the sample file; NULL after the last. */
const struct settings_row *settings_row(size_t index);

/* The field of a row. */
const void *settings_field(const struct settings *settings, const struct settings_row *row);

/* Whether both have the same value; and takes over the value and where it comes from. The latter aborts
 * when out of memory. */
bool settings_is_same(const struct settings *a, const struct settings *b, const struct settings_row *row);
void settings_copy(struct settings *to, const struct settings *from, const struct settings_row *row);

/* Appends where a setting was set, to begin a message with: "FILE:LINE: ", "MINGLE_SECTION_NAME: ",
 * "--set: ", or nothing for a default. `item`: of a list. */
void settings_put_origin(const struct settings *settings, const char *key, struct buf *out);
void settings_put_item_origin(const struct settings *settings, const char *key, size_t item, struct buf *out);

/* With every default. Aborts when out of memory. */
struct settings *settings_new(void);
void settings_free(struct settings *settings); /* NULL is fine */

/* Sets one setting as the command line does: over what a file said, and the last one wins unless it is
 * a list. Call it after settings_load_file(). -ENOENT: no such setting; -EINVAL, -ERANGE: not a valid
 * value; then one message without newline is appended to `error` and nothing is changed. */
MUST_CHECK int settings_set(struct settings *settings, struct bytes key, struct bytes value,
                            struct buf *error);

/* Reads a file over the defaults. All its errors are appended to `errors`, one line each,
 * `FILE:LINE: what is wrong`; at most SETTINGS_ERRORS_MAX and then how many more there are. A name that
 * a file sets twice is an error, unless it is a list. `include = FILE` and `include_directory = FOLDER`
 * (its *.conf, in the order of their bytes) read others, relative to the folder of the file; circles, and
 * more than the limits above, are errors. -EINVAL: errors in the text, valid lines were applied; -EFBIG:
 * over SETTINGS_FILE_BYTES; other -Exxx: not readable. Blocks while it reads. */
MUST_CHECK int settings_load_file(struct settings *settings, const char *path, struct buf *errors);

/* As settings_load_file(), of text in memory, which cannot include; `name` stands for the file in
 * messages. */
MUST_CHECK int settings_load_text(struct settings *settings, const char *name, struct bytes text,
                                  struct buf *errors);

/* Takes the variables MINGLE_SECTION_NAME of an environment such as environ(7); entries of a list stand
 * between ';'. -ENOENT, -EINVAL, -ERANGE: every error is appended to `errors`, one line each, also of
 * variables that begin with MINGLE_ and are none of ours. */
MUST_CHECK int settings_load_environment(struct settings *settings, char *const *environment,
                                         struct buf *errors);

/* Whether the settings fit each other; call it once all sources have been read. It looks at no file
 * and no address. -EINVAL: every misfit is appended to `errors`, one line each. */
MUST_CHECK int settings_check(const struct settings *settings, struct buf *errors);

/* Appends a complete commented file in the order of the table: `#name = default` for what is as by
 * default, `name = value` for the rest, with where it comes from. Read again it gives the
 * same settings. Errors stick in `out`. */
void settings_dump(const struct settings *settings, struct buf *out);

#endif
