/* The command line, and the settings that come out of it and a file. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "daemon/options.h"
#include "support/temp_folder.h"

#define ARGS_MAX 8

struct fixture {
    struct temp_folder folder;
    char config[TEMP_FOLDER_PATH_MAX]; /* of a file in it */
    struct options options;
    struct settings *settings;
    struct buf errors;
};

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    if (fixture == NULL)
        return -1;
    temp_folder_make(&fixture->folder);
    temp_folder_path(&fixture->folder, "config", fixture->config);
    buf_init(&fixture->errors, SETTINGS_ERRORS_BYTES);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    options_done(&fixture->options);
    settings_free(fixture->settings);
    buf_done(&fixture->errors);
    temp_folder_remove(&fixture->folder);
    free(fixture);
    return 0;
}

/* The words after "mingled", up to NULL. getopt_long() reorders the array, not the words. */
static int parse(struct fixture *fixture, char *const words[])
{
    char name[] = "mingled";
    char *argv[ARGS_MAX + 2] = {name};
    int argc = 1;
    for (; words[argc - 1] != NULL; argc++)
        argv[argc] = words[argc - 1];
    options_done(&fixture->options);
    return options_parse(argc, argv, &fixture->errors, &fixture->options);
}

#define PARSE(fixture, ...) parse(fixture, (char *const[ARGS_MAX + 1]){__VA_ARGS__})

static void assert_errors(struct fixture *fixture, const char *expected)
{
    buf_put_char(&fixture->errors, '\0');
    assert_int_equal(buf_error(&fixture->errors), 0);
    assert_string_equal(fixture->errors.ptr, expected);
    buf_reset(&fixture->errors);
}

static int load(struct fixture *fixture, const char *default_config)
{
    settings_free(fixture->settings);
    fixture->settings = NULL;
    return options_load_settings(&fixture->options, default_config, &fixture->errors, &fixture->settings);
}

static void test_options_of_nothing_run(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(PARSE(fixture, NULL), 0);
    assert_int_equal(fixture->options.action, OPTIONS_ACTION_RUN);
    assert_null(fixture->options.config);
    assert_int_equal(fixture->options.set_count, 0);
}

static void test_options_take_all(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(
        PARSE(fixture, "--config", "/x", "--set", "a.b=c", "--set= d.e = f=g ", "--check-config"), 0);
    assert_int_equal(fixture->options.action, OPTIONS_ACTION_CHECK_CONFIG);
    assert_string_equal(fixture->options.config, "/x");
    assert_int_equal(fixture->options.set_count, 2);
    assert_true(bytes_eq(fixture->options.sets[0].key, BYTES("a.b")));
    assert_true(bytes_eq(fixture->options.sets[0].value, BYTES("c")));
    assert_true(bytes_eq(fixture->options.sets[1].key, BYTES("d.e")));
    assert_true(bytes_eq(fixture->options.sets[1].value, BYTES("f=g")));
}

static void test_options_help_wins(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(PARSE(fixture, "--help", "--version", "--check-config"), 0);
    assert_int_equal(fixture->options.action, OPTIONS_ACTION_HELP);
    assert_int_equal(PARSE(fixture, "--check-config", "--version"), 0);
    assert_int_equal(fixture->options.action, OPTIONS_ACTION_VERSION);
}

static void test_options_refuse_what_they_do_not_know(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        char *words[ARGS_MAX + 1]; /* ended by NULL */
        const char *message;
    } cases[] = {
        {{"--confug"}, "unknown or ambiguous option '--confug'; Try 'mingled --help'"},
        {{"--set", "a.b=c", "--c"}, "unknown or ambiguous option '--c'; Try 'mingled --help'"},
        {{"-x"}, "unknown option '-x'; Try 'mingled --help'"},
        {{"--config"}, "option '--config' needs a value; Try 'mingled --help'"},
        {{"--help=me"}, "option '--help=me' takes no value; Try 'mingled --help'"},
        {{"file"}, "unexpected argument 'file'; Try 'mingled --help'"},
        {{"--", "--help"}, "unexpected argument '--help'; Try 'mingled --help'"},
        {{"--config", "a", "--config", "b"}, "--config is given twice; Try 'mingled --help'"},
        {{"--set", "a.b"}, "--set needs SECTION.KEY=VALUE, not 'a.b'; Try 'mingled --help'"},
        {{"--set", " =c"}, "--set needs SECTION.KEY=VALUE, not ' =c'; Try 'mingled --help'"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(parse(fixture, cases[i].words), -EINVAL);
        assert_null(fixture->options.sets);
        assert_errors(fixture, cases[i].message);
    }
    assert_int_equal(PARSE(fixture, "--version"), 0);
}

static void test_options_help_names_every_option(void **state)
{
    (void)state;
    static const char *const names[] = {
        "--config FILE", "--set SECTION.KEY=VALUE", "--check-config", "--dump-config", "--version",
        "--help",        OPTIONS_DEFAULT_CONFIG};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        assert_non_null(strstr(options_help(), names[i]));
}

static char *put_config(struct fixture *fixture, const char *text)
{
    temp_folder_put(&fixture->folder, "config", bytes_of(text));
    return fixture->config;
}

static void test_options_set_wins_over_the_file(void **state)
{
    struct fixture *fixture = *state;
    char *path = put_config(
        fixture, "[rooms]\nhistory = 1\nquiet_above = 2\n[listen]\naddress = a:1\naddress = b:2\n");
    assert_int_equal(
        PARSE(fixture, "--set", "rooms.history=3", "--config", path, "--set", "listen.address=c:3"), 0);
    assert_int_equal(load(fixture, "/nonexistent/default"), 0);
    assert_int_equal(fixture->settings->rooms.history, 3);
    assert_int_equal(fixture->settings->rooms.quiet_above, 2);
    assert_int_equal(fixture->settings->listen.address.count, 1);
    assert_string_equal(fixture->settings->listen.address.items[0], "c:3");
}

static void test_options_read_the_default_file_when_it_exists(void **state)
{
    struct fixture *fixture = *state;
    char *path = put_config(fixture, "[rooms]\nhistory = 4\n");
    assert_int_equal(PARSE(fixture, NULL), 0);
    assert_int_equal(load(fixture, path), 0);
    assert_int_equal(fixture->settings->rooms.history, 4);
    assert_int_equal(load(fixture, "/nonexistent/default"), 0);
    assert_int_equal(fixture->settings->rooms.history, 10);
    assert_int_equal(load(fixture, "/dev/null/default"), 0);
    assert_int_equal(load(fixture, NULL), 0);
    assert_errors(fixture, "");
}

static void test_options_config_replaces_the_default_file(void **state)
{
    struct fixture *fixture = *state;
    char *path = put_config(fixture, "[rooms]\nhistory = 4\n");
    assert_int_equal(PARSE(fixture, "--config", "/dev/null"), 0);
    assert_int_equal(load(fixture, path), 0);
    assert_int_equal(fixture->settings->rooms.history, 10);
}

static void test_options_refuse_a_missing_config(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(PARSE(fixture, "--config", "/nonexistent/x"), 0);
    assert_int_equal(load(fixture, "/dev/null"), -ENOENT);
    assert_null(fixture->settings);
    assert_errors(fixture, "/nonexistent/x: cannot be read: No such file or directory\n");
}

static void test_options_refuse_a_default_file_that_cannot_be_read(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(PARSE(fixture, NULL), 0);
    assert_int_equal(load(fixture, "/"), -EISDIR);
    assert_null(fixture->settings);
}

static void test_options_report_errors_of_all_sources(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(PARSE(fixture, "--config", "/nonexistent/x", "--set", "log.levl=info", "--set",
                           "rooms.history=5", "--set", "rooms.log=x"),
                     0);
    assert_int_equal(load(fixture, NULL), -ENOENT);
    assert_errors(fixture,
                  "/nonexistent/x: cannot be read: No such file or directory\n"
                  "--set: unknown setting \"log.levl\"; did you mean \"log.level\"?\n"
                  "--set: bad value \"x\" for rooms.log: expected a whole number from 16 to 65536\n");
}

static void test_options_environment_wins_over_the_file_and_set_over_both(void **state)
{
    struct fixture *fixture = *state;
    static char *const environment[] = {"HOME=/x", "MINGLE_ROOMS_HISTORY=5", "MINGLE_LIMITS_OUTBOX_LOW=5K",
                                        "MINGLE_LISTEN_ADDRESS=a:1; b:2", NULL};
    char *path = put_config(fixture, "[rooms]\nhistory = 1\nquiet_above = 2\n[limits]\noutbox_low = 4K\n");
    assert_int_equal(PARSE(fixture, "--config", path, "--set", "limits.outbox_low=6K"), 0);
    fixture->options.environment = environment;
    assert_int_equal(load(fixture, NULL), 0);
    assert_int_equal(fixture->settings->rooms.history, 5);
    assert_int_equal(fixture->settings->rooms.quiet_above, 2);
    assert_int_equal(fixture->settings->limits.outbox_low_bytes, 6 * 1024);
    assert_int_equal(fixture->settings->listen.address.count, 2);
    assert_string_equal(fixture->settings->listen.address.items[1], "b:2");
}

static void test_options_refuse_variables_they_do_not_know(void **state)
{
    struct fixture *fixture = *state;
    static char *const environment[] = {"MINGLE_ROMS_LOG=16", "MINGLE_=1", "MINGLE_ROOMS_LOG=15", "MINGLED=x",
                                        NULL};
    assert_int_equal(PARSE(fixture, "--config", "/dev/null"), 0);
    fixture->options.environment = environment;
    assert_int_equal(load(fixture, NULL), -ENOENT);
    assert_errors(
        fixture,
        "unknown variable \"MINGLE_ROMS_LOG\" in the environment; did you mean \"MINGLE_ROOMS_LOG\"?\n"
        "unknown variable \"MINGLE_\" in the environment\n"
        "MINGLE_ROOMS_LOG: bad value \"15\" for rooms.log: expected a whole number from 16 to 65536\n");
}

static void test_options_check_the_settings_together(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(PARSE(fixture, "--set", "tls.certificate=/c"), 0);
    assert_int_equal(load(fixture, NULL), -EINVAL);
    assert_null(fixture->settings);
    assert_errors(fixture, "--set: tls.certificate is set but tls.key is not; TLS needs both\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_options_of_nothing_run),
        TEST(test_options_take_all),
        TEST(test_options_help_wins),
        TEST(test_options_refuse_what_they_do_not_know),
        TEST(test_options_help_names_every_option),
        TEST(test_options_set_wins_over_the_file),
        TEST(test_options_read_the_default_file_when_it_exists),
        TEST(test_options_config_replaces_the_default_file),
        TEST(test_options_refuse_a_missing_config),
        TEST(test_options_refuse_a_default_file_that_cannot_be_read),
        TEST(test_options_report_errors_of_all_sources),
        TEST(test_options_environment_wins_over_the_file_and_set_over_both),
        TEST(test_options_refuse_variables_they_do_not_know),
        TEST(test_options_check_the_settings_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
