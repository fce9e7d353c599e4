/* The histogram of mingle-bench: exact below 32, right to 3 % above, quantiles by rank. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/attr.h"
#include "load/histogram.h"

static void test_histogram_is_empty_at_first(void **state)
{
    (void)state;
    struct histogram histogram = {.count = 5};
    histogram_reset(&histogram);
    assert_int_equal(histogram_quantile(&histogram, 0.5), 0);
    assert_int_equal(histogram_quantile(&histogram, 1), 0);
}

static void test_histogram_small_values_are_exact(void **state)
{
    (void)state;
    struct histogram histogram = {0};
    for (uint64_t value = 0; value < 32; value++)
        histogram_add(&histogram, value);
    assert_int_equal(histogram.count, 32);
    assert_int_equal(histogram_quantile(&histogram, 0), 0);
    assert_int_equal(histogram_quantile(&histogram, 0.5), 16);
    assert_int_equal(histogram_quantile(&histogram, 1), 31);
}

static void test_histogram_any_value_is_right_to_3_percent(void **state)
{
    (void)state;
    for (unsigned bit = 0; bit < 64; bit++) {
        for (int add = -1; add <= 1; add++) {
            struct histogram histogram = {0};
            uint64_t value = ((uint64_t)1 << bit) + (uint64_t)add;
            histogram_add(&histogram, value);
            histogram_add(&histogram, UINT64_MAX);
            uint64_t found = histogram_quantile(&histogram, 0.25);
            assert_true(found >= value);
            assert_true(found - value <= value / 32);
        }
    }
}

static void test_histogram_quantiles_follow_the_ranks(void **state)
{
    (void)state;
    struct histogram histogram = {0};
    for (int i = 0; i < 990; i++)
        histogram_add(&histogram, 10);
    for (int i = 0; i < 10; i++)
        histogram_add(&histogram, 1000000);
    assert_int_equal(histogram_quantile(&histogram, 0.5), 10);
    assert_int_equal(histogram_quantile(&histogram, 0.989), 10);
    assert_int_equal(histogram_quantile(&histogram, 0.99), 1000000);
    assert_int_equal(histogram_quantile(&histogram, 1), 1000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_histogram_is_empty_at_first),
        cmocka_unit_test(test_histogram_small_values_are_exact),
        cmocka_unit_test(test_histogram_any_value_is_right_to_3_percent),
        cmocka_unit_test(test_histogram_quantiles_follow_the_ranks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
