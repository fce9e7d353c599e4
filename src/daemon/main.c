/* mingled: reads its settings, serves, stops. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log_event.h"
#include "daemon/hash_password.h"
#include "daemon/log_output.h"
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
    struct log_output output;
    if (log_output_prepare(setup->settings, &output, errors) < 0) {
        setup_free(setup);
        return EXIT_FAILURE;
    }
    log_set_level(setup->settings->log.level);
    log_output_commit(&output);
    int status = run(options, setup, errors);
    log_output_close();
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
