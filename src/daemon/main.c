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
#include "daemon/setup.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif

/* The unit tells systemd not to try again after these: the next start would end the same way. */
enum {
    EXIT_USAGE = 2,
    EXIT_CONFIG = 78, /* as EX_CONFIG of sysexits(3head) */
};

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

static int run(const struct options *options, struct setup *setup, struct buf *errors)
{
    signal(SIGPIPE, SIG_IGN);
    signal(SIGHUP, SIG_IGN); /* until it is caught: what it asks for is being done */
    log_event(LOG_KIND_STARTING, LOG_LEVEL_NOTICE, LOG_STR("version", PACKAGE_VERSION),
              LOG_INT("pid", getpid()));
    struct server *server = server_new(options, setup, errors);
    if (!server) {
        log_errors(errors);
        buf_reset(errors);
        return EXIT_FAILURE;
    }
    int status = server_run(server);
    server_free(server);
    return status;
}

static int serve(const struct options *options, struct setup *setup, struct buf *errors)
{
    struct journal journal = {.fd = -1};
    if (open_log(setup->settings, &journal, errors) < 0) {
        setup_free(setup);
        return EXIT_FAILURE;
    }
    int status = run(options, setup, errors);
    close_log(&journal);
    return status;
}

static int check_config(struct setup *setup)
{
    puts("The configuration is good.");
    setup_free(setup);
    return EXIT_SUCCESS;
}

static int dump_config(struct setup *setup)
{
    struct buf dump;
    buf_init(&dump, SETTINGS_DUMP_BYTES);
    settings_dump(setup->settings, &dump);
    bool is_written =
        buf_error(&dump) == 0 && fwrite(dump.ptr, dump.len, 1, stdout) == 1 && fflush(stdout) == 0;
    buf_done(&dump);
    setup_free(setup);
    return is_written ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int act(const struct options *options, struct buf *errors)
{
    struct setup *setup;

    if (options->action == OPTIONS_ACTION_HELP || options->action == OPTIONS_ACTION_VERSION) {
        fputs(options->action == OPTIONS_ACTION_HELP ? options_help() : "mingled " PACKAGE_VERSION "\n",
              stdout);
        return EXIT_SUCCESS;
    }
    if (options->action == OPTIONS_ACTION_HASH_PASSWORD)
        return hash_password(errors) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    if (setup_load(options, OPTIONS_DEFAULT_CONFIG, NULL, errors, &setup) < 0)
        return EXIT_CONFIG;
    if (options->action == OPTIONS_ACTION_CHECK_CONFIG)
        return check_config(setup);
    if (options->action == OPTIONS_ACTION_DUMP_CONFIG)
        return dump_config(setup);
    return serve(options, setup, errors);
}

int main(int argc, char **argv)
{
    struct options options;
    struct buf errors;
    int status = EXIT_USAGE;

    buf_init(&errors, SETTINGS_ERRORS_BYTES);
    if (options_parse(argc, argv, &errors, &options) == 0) {
        options.environment = environ;
        status = act(&options, &errors);
        options_done(&options);
    }
    log_errors(&errors);
    buf_done(&errors);
    return status;
}
