/* The command line; see options.h. */
#include "daemon/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/xalloc.h"

#define HINT "; Try 'mingled --help'"

enum {
    OPT_CONFIG = 256, /* above every short option */
    OPT_SET,
    OPT_CHECK_CONFIG,
    OPT_HASH_PASSWORD,
    OPT_DUMP_CONFIG,
    OPT_VERSION,
    OPT_HELP,
};

static const struct option long_options[] = {
    {"config", required_argument, NULL, OPT_CONFIG},
    {"set", required_argument, NULL, OPT_SET},
    {"check-config", no_argument, NULL, OPT_CHECK_CONFIG},
    {"hash-password", no_argument, NULL, OPT_HASH_PASSWORD},
    {"dump-config", no_argument, NULL, OPT_DUMP_CONFIG},
    {"version", no_argument, NULL, OPT_VERSION},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

static const char help_text[] =
    "Usage: mingled [OPTION]...\n"
    "The mingle chat server: nc, telnet, openssl s_client and more in the same rooms.\n"
    "\n"
    "  --config FILE            read the settings from FILE\n"
    "                           (default: " OPTIONS_DEFAULT_CONFIG ", when it exists)\n"
    "  --set SECTION.KEY=VALUE  change one setting, over what FILE says; may be repeated\n"
    "  --hash-password          ask for a password and print the line for an operator\n"
    "  --check-config           check the settings, and the files that they name, and exit\n"
    "  --dump-config            print what is in effect, and where it comes from, and exit\n"
    "  --version                print the version and exit\n"
    "  --help                   print this help and exit\n"
    "\n"
    "An environment variable MINGLE_SECTION_KEY wins over FILE, and --set over both.\n"
    "SIGHUP reads all of it again. Exit status: 0 fine, 2 wrong usage, 78 wrong settings,\n"
    "1 anything else.\n"
    "\n"
    "The sample file mingled.conf, installed as " OPTIONS_DEFAULT_CONFIG ",\n"
    "explains every setting and shows its default.\n";

const char *options_help(void)
{
    return help_text;
}

static int add_set(struct options *options, const char *argument, struct buf *error)
{
    struct bytes value = bytes_of(argument);
    bool has_value = bytes_find(value, '=') < value.len;
    struct bytes key = bytes_trim(bytes_cut(&value, '='));
    if (!has_value || key.len == 0) {
        buf_printf(error, "--set needs SECTION.KEY=VALUE, not '%s'" HINT, argument);
        return -EINVAL;
    }
    options->sets[options->set_count++] = (struct options_set){key, bytes_trim(value)};
    return 0;
}

/* --help beats --version beats the others, wherever they stand. */
static void choose(struct options *options, enum options_action action)
{
    if (action > options->action)
        options->action = action;
}

static int take_option(struct options *options, int option, char **argv, struct buf *error)
{
    switch (option) {
    case OPT_CONFIG:
        if (options->config != NULL) {
            buf_put_text(error, "--config is given twice" HINT);
            return -EINVAL;
        }
        options->config = optarg;
        return 0;
    case OPT_SET:
        return add_set(options, optarg, error);
    case OPT_CHECK_CONFIG:
        choose(options, OPTIONS_ACTION_CHECK_CONFIG);
        return 0;
    case OPT_HASH_PASSWORD:
        choose(options, OPTIONS_ACTION_HASH_PASSWORD);
        return 0;
    case OPT_DUMP_CONFIG:
        choose(options, OPTIONS_ACTION_DUMP_CONFIG);
        return 0;
    case OPT_VERSION:
        choose(options, OPTIONS_ACTION_VERSION);
        return 0;
    case OPT_HELP:
        choose(options, OPTIONS_ACTION_HELP);
        return 0;
    case ':':
        buf_printf(error, "option '%s' needs a value" HINT, argv[optind - 1]);
        return -EINVAL;
    default:
        /* A short option: optind may still stand on its word. */
        if (optopt > 0 && optopt < OPT_CONFIG)
            buf_printf(error, "unknown option '-%c'" HINT, optopt);
        else if (optopt >= OPT_CONFIG)
            buf_printf(error, "option '%s' takes no value" HINT, argv[optind - 1]);
        else
            buf_printf(error, "unknown or ambiguous option '%s'" HINT, argv[optind - 1]);
        return -EINVAL;
    }
}

static int take_all(struct options *options, int argc, char **argv, struct buf *error)
{
    int option;
    optind = 0; /* glibc: start anew, whatever was parsed before */
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":", long_options, NULL)) != -1) {
        int result = take_option(options, option, argv, error);
        if (result != 0)
            return result;
    }
    if (optind < argc) {
        buf_printf(error, "unexpected argument '%s'" HINT, argv[optind]);
        return -EINVAL;
    }
    return 0;
}

int options_parse(int argc, char **argv, struct buf *error, struct options *ret_options)
{
    struct options options = {.action = OPTIONS_ACTION_RUN};
    options.sets = xcalloc((size_t)argc + 1, sizeof(*options.sets)); /* no more than arguments */
    int result = take_all(&options, argc, argv, error);
    if (result != 0) {
        options_done(&options);
        return result;
    }
    *ret_options = options;
    return 0;
}

void options_done(struct options *options)
{
    if (options == NULL)
        return;
    free(options->sets);
    *options = (struct options){.action = OPTIONS_ACTION_RUN};
}

/* A default file that does not exist is none; one that cannot be read is an error. */
static int load_file(const struct options *options, const char *default_config, struct settings *settings,
                     struct buf *errors)
{
    if (options->config != NULL)
        return settings_load_file(settings, options->config, errors);
    if (default_config == NULL)
        return 0;
    size_t mark = errors->len;
    int result = settings_load_file(settings, default_config, errors);
    if (result != -ENOENT && result != -ENOTDIR)
        return result;
    buf_truncate(errors, mark);
    return 0;
}

static int apply_sets(const struct options *options, struct settings *settings, struct buf *errors)
{
    int first = 0;
    for (size_t i = 0; i < options->set_count; i++) {
        const struct options_set *set = &options->sets[i];
        size_t mark = errors->len;
        buf_put_text(errors, "--set: ");
        int result = settings_set(settings, set->key, set->value, errors);
        if (result == 0)
            buf_truncate(errors, mark);
        else
            buf_put_char(errors, '\n');
        if (first == 0)
            first = result;
    }
    return first;
}

int options_load_settings(const struct options *options, const char *default_config, struct buf *errors,
                          struct settings **ret_settings)
{
    struct settings *settings = settings_new();
    int result = load_file(options, default_config, settings, errors);
    int environment_result = settings_load_environment(settings, options->environment, errors);
    if (result == 0)
        result = environment_result;
    int set_result = apply_sets(options, settings, errors);
    if (result == 0)
        result = set_result;
    if (result == 0)
        result = settings_check(settings, errors);
    if (result != 0) {
        settings_free(settings);
        return result;
    }
    *ret_settings = settings;
    return 0;
}
