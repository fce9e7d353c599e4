/* The buckets of a histogram: their edges, and the sum. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/histogram.h"

static void test_histogram_buckets_end_at_powers_of_four(void **state)
{
    (void)state;
    uint64_t limit = 1;
    assert_int_equal(histogram_bucket(0), 0);
    for (size_t i = 0; i < HISTOGRAM_BUCKETS - 1; i++, limit *= 4) {
        assert_int_equal(histogram_bucket(limit), i);
        assert_int_equal(histogram_bucket(limit + 1), i + 1);
    }
    assert_int_equal(histogram_bucket(UINT64_MAX), HISTOGRAM_BUCKETS - 1);
}

static void test_histogram_add_counts_and_sums(void **state)
{
    (void)state;
    struct histogram histogram = {0};
    histogram_add(&histogram, 3);
    histogram_add(&histogram, 4);
    histogram_add(&histogram, 5);
    assert_int_equal(histogram.counts[1], 2);
    assert_int_equal(histogram.counts[2], 1);
    assert_int_equal(histogram.sum, 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_histogram_buckets_end_at_powers_of_four),
        cmocka_unit_test(test_histogram_add_counts_and_sums),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
