/* What the sources of settings share: settings.c (the table), settings_load.c (files and environment) and
 * settings_check.c. */
#ifndef DAEMON_SETTINGS_PRIVATE_H
#define DAEMON_SETTINGS_PRIVATE_H

#include "daemon/settings.h"

#define SETTINGS_QUOTED_MAX 80 /* bytes of what somebody wrote, in a message */
#define SETTINGS_ROWS_MAX 128
#define SETTINGS_VARIABLE_PREFIX "MINGLE_"
#define SETTINGS_VARIABLE_MAX 80

enum settings_source {
    SETTINGS_SOURCE_DEFAULT,
    SETTINGS_SOURCE_FILE,
    SETTINGS_SOURCE_ENVIRONMENT,
    SETTINGS_SOURCE_COMMAND_LINE,
};

/* Who has set a value. A list is from one source as a whole. */
struct settings_origin {
    enum settings_source source;
    const char *file; /* one copy per reading, so that two readings differ; the settings own it */
    unsigned line;
    unsigned *item_lines; /* of each entry of a list; NULL: of no list, or the default */
};

/* What settings_new() allocates. */
struct settings_owner {
    struct settings settings;
    struct settings_origin origins[SETTINGS_ROWS_MAX]; /* in the order of the table */
    char **files;
    size_t file_count;
};

/* A copy of the name that lives as long as the settings. */
const char *settings_add_file(struct settings *settings, const char *name);

const struct settings_origin *settings_origin(const struct settings *settings,
                                              const struct settings_row *row);

/* As settings_set(), from anywhere. `from` is copied, without item_lines. */
MUST_CHECK int settings_set_from(struct settings *settings, const struct settings_origin *from,
                                 struct bytes key, struct bytes value, struct buf *error);

/* MINGLE_SECTION_NAME. */
void settings_row_variable(const struct settings_row *row, char ret_name[SETTINGS_VARIABLE_MAX]);

/* Between quotes; shortened, and with '?' for what could harm a terminal. */
void settings_put_quoted(struct bytes text, struct buf *out);

#endif
