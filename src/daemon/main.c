/* mingled: reads its settings, serves, stops. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log_event.h"
#include "daemon/hash_password.h"
#include "daemon/journal.h"
#include "daemon/options.h"
#include "daemon/server.h"
#include "daemon/settings.h"
#include "daemon/texts.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif

enum { EXIT_USAGE = 2 };

/* Every line of a collected message, as an error. */
static void log_errors(const struct buf *errors)
{
    struct bytes rest = buf_bytes(errors);
    while (rest.len) {
        struct bytes line = bytes_cut(&rest, '\n');
        if (line.len)
            log_error("%.*s", BYTES_ARG(line));
    }
    if (buf_error(errors) == -ENOMEM)
        log_error("out of memory");
}

/* Where the log goes, and how. A journal that was asked for and is not there is an error; one that was only
 * hoped for is not. */
static int open_log(const struct settings *settings, struct journal *journal, struct buf *errors)
{
    enum setting_log_format format = settings->log.format;
    log_set_level(settings->log.level);
    log_set_limit(settings->log.limit.rate_milli, settings->log.limit.burst);
    log_set_format(format == SETTING_LOG_JSON ? LOG_FORMAT_JSON : LOG_FORMAT_TEXT);
    if (format != SETTING_LOG_JOURNAL && !(format == SETTING_LOG_AUTO && log_is_journal()))
        return 0;
    int r = journal_open(journal, JOURNAL_PATH);
    if (r == 0)
        log_set_taker(journal_take, journal);
    else if (format == SETTING_LOG_JOURNAL)
        buf_printf(errors,
                   "log.format = journal: cannot connect to " JOURNAL_PATH ": %s; use log.format = auto",
                   strerror(-r));
    return format == SETTING_LOG_AUTO ? 0 : r;
}

static void close_log(struct journal *journal)
{
    log_flush();
    log_set_taker(NULL, NULL);
    journal_close(journal);
}

static int run(const struct settings *settings, struct buf *errors)
{
    signal(SIGPIPE, SIG_IGN);
    log_event(LOG_KIND_STARTING, LOG_LEVEL_NOTICE, LOG_STR("version", PACKAGE_VERSION),
              LOG_INT("pid", getpid()));
    struct server *server = server_new(settings, errors);
    if (!server) {
        log_errors(errors);
        buf_reset(errors);
        return EXIT_FAILURE;
    }
    int status = server_run(server);
    server_free(server);
    return status;
}

static int serve(const struct settings *settings, struct buf *errors)
{
    struct journal journal = {.fd = -1};
    if (open_log(settings, &journal, errors) < 0)
        return EXIT_FAILURE;
    int status = run(settings, errors);
    close_log(&journal);
    return status;
}

static int check_config(const struct settings *settings, struct buf *errors)
{
    struct texts texts;

    if (texts_load(settings, &texts, errors) < 0)
        return EXIT_USAGE;
    texts_done(&texts);
    puts("The configuration is good.");
    return EXIT_SUCCESS;
}

static int act(const struct options *options, struct buf *errors)
{
    struct settings *settings;

    switch (options->action) {
    case OPTIONS_ACTION_HELP:
        fputs(options_help(), stdout);
        return EXIT_SUCCESS;
    case OPTIONS_ACTION_VERSION:
        puts("mingled " PACKAGE_VERSION);
        return EXIT_SUCCESS;
    case OPTIONS_ACTION_HASH_PASSWORD:
        return hash_password(errors) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    case OPTIONS_ACTION_CHECK_CONFIG:
    case OPTIONS_ACTION_RUN:
        break;
    }
    if (options_load_settings(options, OPTIONS_DEFAULT_CONFIG, errors, &settings) < 0)
        return EXIT_USAGE;
    int status =
        options->action == OPTIONS_ACTION_RUN ? serve(settings, errors) : check_config(settings, errors);
    settings_free(settings);
    return status;
}

int main(int argc, char **argv)
{
    struct options options;
    struct buf errors;
    int status = EXIT_USAGE;

    buf_init(&errors, SETTINGS_ERRORS_BYTES);
    if (options_parse(argc, argv, &errors, &options) == 0) {
        status = act(&options, &errors);
        options_done(&options);
    }
    log_errors(&errors);
    buf_done(&errors);
    return status;
}
