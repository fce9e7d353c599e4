/* The command line, and how it and the file become settings.
 *
 * Everything is only read here; main acts on it. Texts point into argv. */
#ifndef DAEMON_OPTIONS_H
#define DAEMON_OPTIONS_H

#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "daemon/settings.h"

#ifndef MINGLE_SYSCONFDIR
#define MINGLE_SYSCONFDIR "/etc/mingle"
#endif

/* Read when it exists and no --config is given. */
#define OPTIONS_DEFAULT_CONFIG MINGLE_SYSCONFDIR "/mingled.conf"

enum options_action {
    OPTIONS_ACTION_RUN,
    OPTIONS_ACTION_CHECK_CONFIG,
    OPTIONS_ACTION_HASH_PASSWORD,
    OPTIONS_ACTION_DUMP_CONFIG,
    OPTIONS_ACTION_VERSION,
    OPTIONS_ACTION_HELP,
};

struct options_set {
    struct bytes key, value;
};

struct options {
    enum options_action
        action;               /* --help, --version, --dump-config, --check-config: the first of these given */
    const char *config;       /* NULL: not given */
    struct options_set *sets; /* in the order given */
    size_t set_count;
    char *const *environment; /* as environ(7); set by the caller, NULL: none */
};

/* Reads argv, which may get reordered. -EINVAL: one message without newline, with the hint to --help,
 * is appended to `error`; `ret_options` is untouched. Uses getopt_long(3): not for two threads at once.
 * Release with options_done(). */
MUST_CHECK int options_parse(int argc, char **argv, struct buf *error, struct options *ret_options);
void options_done(struct options *options);

/* The settings out of defaults, files, environment and --set, checked. `default_config` is read when there
 * is no --config and it exists; NULL: none. Every error found is appended to `errors`, one line each, and
 * the first is returned. The caller frees the settings. For a reload, call it again. */
MUST_CHECK int options_load_settings(const struct options *options, const char *default_config,
                                     struct buf *errors, struct settings **ret_settings);

/* The text of --help. */
const char *options_help(void);

#endif
