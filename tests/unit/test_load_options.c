/* The command line of mingle-bench: defaults, limits of each number, what is refused. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <getopt.h>

#include "base/attr.h"
#include "load/load_options.h"
#include "load/scenario.h"

static char line[256];

/* The words of `text`, as a shell would cut them. */
static int parse(const char *text, struct load_options *ret_options)
{
    char *argv[32] = {"mingle-bench"};
    int argc = 1;
    bool is_word = false;

    assert_true(bytes_copy(bytes_of(text), line, sizeof(line)));
    for (char *at = line; *at; at++) {
        if (*at == ' ')
            *at = '\0';
        else if (!is_word)
            argv[argc++] = at;
        is_word = *at != '\0';
    }
    optind = 0;
    return load_options_parse(argc, argv, ret_options);
}

static void test_options_defaults(void **state)
{
    (void)state;
    struct load_options options;
    assert_int_equal(parse("fanout 127.0.0.1:7000", &options), 0);
    assert_string_equal(options.scenario->name, "fanout");
    assert_string_equal(options.dialect->name, "plain");
    assert_string_equal(options.host, "127.0.0.1");
    assert_string_equal(options.port, "7000");
    assert_int_equal(options.rooms, 1);
    assert_int_equal(options.members, 100);
    assert_int_equal(options.senders, 10);
    assert_int_equal(options.payload, 64);
    assert_int_equal(options.window, 16);
    assert_int_equal(options.rate, 0);
    assert_int_equal(options.slow_percent, 0);
    assert_int_equal(options.max_p99_ns, -1);
    assert_int_equal(options.max_lost, -1);
    assert_false(options.is_tls);
    assert_false(options.is_json);
}

static void test_options_take_values(void **state)
{
    (void)state;
    struct load_options options;
    assert_int_equal(parse("[::1]:7 idle --tls --json --dialect irc --members 5 --senders 2 --max-p99 20 "
                           "--max-lost 0 --server-pid 17",
                           &options),
                     -EINVAL); /* the scenario comes first */
    assert_int_equal(parse("idle [::1]:7 --tls --json --dialect irc --members 5 --senders 2 --max-p99 20 "
                           "--max-lost 0 --server-pid 17",
                           &options),
                     0);
    assert_string_equal(options.host, "::1");
    assert_string_equal(options.port, "7");
    assert_string_equal(options.dialect->name, "irc");
    assert_true(options.is_tls);
    assert_true(options.is_json);
    assert_int_equal(options.members, 5);
    assert_int_equal(options.server_pid, 17);
    assert_int_equal(options.max_p99_ns, 20000000);
    assert_int_equal(options.max_lost, 0);
}

static void test_options_numbers_have_limits(void **state)
{
    (void)state;
    struct load_options options;
    assert_int_equal(parse("fanout x:1 --payload 31", &options), 0);
    assert_int_equal(parse("fanout x:1 --payload 30", &options), -EINVAL);
    assert_int_equal(parse("fanout x:1 --payload 4000", &options), 0);
    assert_int_equal(parse("fanout x:1 --payload 4001", &options), -EINVAL);
    assert_int_equal(parse("fanout x:1 --window 0", &options), -EINVAL);
    assert_int_equal(parse("fanout x:1 --window 1", &options), 0);
    assert_int_equal(parse("fanout x:1 --window 1x", &options), -EINVAL);
    assert_int_equal(parse("fanout x:1 --window -1", &options), -EINVAL);
    assert_int_equal(parse("fanout x:1 --duration 0", &options), -EINVAL);
    assert_int_equal(parse("fanout x:1 --max-lost -1", &options), -EINVAL);
}

static void test_options_senders_have_to_fit(void **state)
{
    (void)state;
    struct load_options options;
    assert_int_equal(parse("fanout x:1 --members 10 --senders 10", &options), 0);
    assert_int_equal(parse("fanout x:1 --members 9 --senders 10", &options), -EINVAL);
    assert_int_equal(parse("fanout x:1 --members 10 --senders 9 --slow 10", &options), 0);
    assert_int_equal(parse("fanout x:1 --members 10 --senders 10 --slow 10", &options), -EINVAL);
    assert_int_equal(parse("churn x:1 --members 10 --senders 9", &options), 0);
    assert_int_equal(parse("churn x:1 --members 10 --senders 10", &options), -EINVAL);
    assert_int_equal(parse("mixed x:1 --members 10 --senders 10", &options), -EINVAL);
    /* 65,535 senders in all. */
    assert_int_equal(parse("fanout x:1 --rooms 4369 --members 15 --senders 15", &options), 0);
    assert_int_equal(parse("fanout x:1 --rooms 4096 --members 16 --senders 16", &options), -EINVAL);
}

static void test_options_slow_needs_somebody_slow(void **state)
{
    (void)state;
    struct load_options options;
    assert_int_equal(parse("slow x:1", &options), 0);
    assert_int_equal(options.slow_percent, 10);
    assert_int_equal(load_options_slow_members(&options), 10);
    assert_int_equal(parse("slow x:1 --slow 25", &options), 0);
    assert_int_equal(load_options_slow_members(&options), 25);
    assert_int_equal(parse("slow x:1 --members 9 --senders 1", &options), -EINVAL);
}

static void test_options_refuse_what_they_do_not_know(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "fanout",
        "x:1",
        "fanout x:1 y",
        "nothing x:1",
        "fanout x",
        "fanout :1",
        "fanout x:",
        "fanout x:1 --dialect y",
        "fanout x:1 --nonsense",
        "fanout x:1 --members",
    };
    struct load_options options = {.members = 77};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        assert_int_equal(parse(wrong[i], &options), -EINVAL);
    assert_int_equal(options.members, 77);
}

static void test_options_help_is_enough(void **state)
{
    (void)state;
    struct load_options options;
    assert_int_equal(parse("--help", &options), 1);
    assert_int_equal(parse("--version", &options), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options_defaults),
        cmocka_unit_test(test_options_take_values),
        cmocka_unit_test(test_options_numbers_have_limits),
        cmocka_unit_test(test_options_senders_have_to_fit),
        cmocka_unit_test(test_options_slow_needs_somebody_slow),
        cmocka_unit_test(test_options_refuse_what_they_do_not_know),
        cmocka_unit_test(test_options_help_is_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
