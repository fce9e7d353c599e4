/* When a certificate that ends is told of, and how loudly. */
#include "daemon/tls_watch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define DAY_S INT64_C(86400)

static void assert_interval(int64_t left_s, unsigned warn_days, int64_t expected_s,
                            enum log_level expected_level)
{
    enum log_level level;
    assert_int_equal(tls_watch_interval_s(left_s, warn_days, &level), expected_s);
    if (expected_s != TLS_WATCH_NEVER)
        assert_int_equal(level, expected_level);
}

static void test_tls_watch_warns_in_the_last_days(void **state)
{
    (void)state;
    assert_interval(14 * DAY_S, 14, TLS_WATCH_NEVER, LOG_LEVEL_WARNING);
    assert_interval(14 * DAY_S - 1, 14, DAY_S, LOG_LEVEL_WARNING);
    assert_interval(2 * DAY_S, 14, DAY_S, LOG_LEVEL_WARNING);
    assert_interval(2 * DAY_S - 1, 14, DAY_S / 4, LOG_LEVEL_ERROR);
    assert_interval(0, 14, DAY_S / 4, LOG_LEVEL_ERROR);
    assert_interval(-1, 14, DAY_S / 4, LOG_LEVEL_ERROR);
}

static void test_tls_watch_without_warnings_tells_of_the_end(void **state)
{
    (void)state;
    assert_interval(1, 0, TLS_WATCH_NEVER, LOG_LEVEL_WARNING);
    assert_interval(0, 0, TLS_WATCH_NEVER, LOG_LEVEL_WARNING);
    assert_interval(-1, 0, DAY_S / 4, LOG_LEVEL_ERROR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tls_watch_warns_in_the_last_days),
        cmocka_unit_test(test_tls_watch_without_warnings_tells_of_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
