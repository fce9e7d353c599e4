/* mingled: reads its settings, serves, stops. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "daemon/hash_password.h"
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

static int serve(const struct settings *settings, struct buf *errors)
{
    log_set_level(settings->log.level);
    signal(SIGPIPE, SIG_IGN);
    log_notice("mingled " PACKAGE_VERSION " starting");
    struct server *server = server_new(settings, errors);
    if (!server)
        return EXIT_FAILURE;
    int status = server_run(server);
    server_free(server);
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
