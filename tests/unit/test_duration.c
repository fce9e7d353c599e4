/* Durations as people type them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/attr.h"
#include "chat/duration.h"

static void test_duration_parse_takes_digits_and_one_unit(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
    } cases[] = {
        {"1s", 1000},     {"30s", 30000},    {"10m", 600000},           {"2h", 7200000},
        {"1d", 86400000}, {"1w", 604800000}, {"366d", DURATION_MS_MAX}, {"31622400s", DURATION_MS_MAX},
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int64_t ms = -1;
        assert_true(duration_parse(bytes_of(cases[i].text), &ms));
        assert_int_equal(ms, cases[i].ms);
    }
}

static void test_duration_parse_refuses_all_else(void **state)
{
    static const char *const texts[] = {
        "",     "m",   "10",  "0m",  "-1m",  "1.5h",      "10 m",
        "10mm", "10M", "10x", "m10", "367d", "31622401s", "99999999999999999999d",
        "spam",
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        int64_t ms = -1;
        assert_false(duration_parse(bytes_of(texts[i]), &ms));
        assert_int_equal(ms, -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_duration_parse_takes_digits_and_one_unit),
        cmocka_unit_test(test_duration_parse_refuses_all_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
