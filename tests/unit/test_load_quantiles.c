/* The quantiles of mingle-bench: exact below 32, right to 3 % above, found by rank. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/attr.h"
#include "load/quantiles.h"

static void test_quantiles_are_empty_at_first(void **state)
{
    (void)state;
    struct quantiles quantiles = {.count = 5};
    quantiles_reset(&quantiles);
    assert_int_equal(quantiles_at(&quantiles, 0.5), 0);
    assert_int_equal(quantiles_at(&quantiles, 1), 0);
}

static void test_quantiles_of_small_values_are_exact(void **state)
{
    (void)state;
    struct quantiles quantiles = {0};
    for (uint64_t value = 0; value < 32; value++)
        quantiles_add(&quantiles, value);
    assert_int_equal(quantiles.count, 32);
    assert_int_equal(quantiles_at(&quantiles, 0), 0);
    assert_int_equal(quantiles_at(&quantiles, 0.5), 16);
    assert_int_equal(quantiles_at(&quantiles, 1), 31);
}

static void test_quantiles_of_any_value_are_right_to_3_percent(void **state)
{
    (void)state;
    for (unsigned bit = 0; bit < 64; bit++) {
        for (int add = -1; add <= 1; add++) {
            struct quantiles quantiles = {0};
            uint64_t value = ((uint64_t)1 << bit) + (uint64_t)add;
            quantiles_add(&quantiles, value);
            quantiles_add(&quantiles, UINT64_MAX);
            uint64_t found = quantiles_at(&quantiles, 0.25);
            assert_true(found >= value);
            assert_true(found - value <= value / 32);
        }
    }
}

static void test_quantiles_follow_the_ranks(void **state)
{
    (void)state;
    struct quantiles quantiles = {0};
    for (int i = 0; i < 990; i++)
        quantiles_add(&quantiles, 10);
    for (int i = 0; i < 10; i++)
        quantiles_add(&quantiles, 1000000);
    assert_int_equal(quantiles_at(&quantiles, 0.5), 10);
    assert_int_equal(quantiles_at(&quantiles, 0.989), 10);
    assert_int_equal(quantiles_at(&quantiles, 0.99), 1000000);
    assert_int_equal(quantiles_at(&quantiles, 1), 1000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quantiles_are_empty_at_first),
        cmocka_unit_test(test_quantiles_of_small_values_are_exact),
        cmocka_unit_test(test_quantiles_of_any_value_are_right_to_3_percent),
        cmocka_unit_test(test_quantiles_follow_the_ranks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
