/* The token bucket: exact waiting times, no lost fractions, no way to get more than the rate. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/bucket.h"

static void assert_take(struct bucket *bucket, int64_t cost, int64_t now_ms, int64_t expected_wait_ms)
{
    assert_true(bucket_take(bucket, cost, now_ms) == expected_wait_ms);
}

static void test_bucket_starts_full(void **state)
{
    (void)state;
    struct bucket bucket;
    bucket_init(&bucket, 1000, 3, 50000);
    for (unsigned i = 0; i < 3; i++)
        assert_take(&bucket, 1, 50000, 0);
    assert_take(&bucket, 1, 50000, 1000);
}

static void test_bucket_waits_exactly_as_long_as_it_says(void **state)
{
    (void)state;
    struct bucket bucket;
    bucket_init(&bucket, 500, 1, 0);
    assert_take(&bucket, 1, 0, 0);
    assert_take(&bucket, 1, 0, 2000);
    assert_take(&bucket, 1, 1, 1999);
    assert_take(&bucket, 1, 1999, 1);
    assert_take(&bucket, 1, 2000, 0);
    assert_take(&bucket, 1, 2000, 2000);
}

static void test_bucket_rounds_the_wait_up(void **state)
{
    (void)state;
    struct bucket bucket;
    bucket_init(&bucket, 3000, 1, 0); /* one every 333 1/3 ms */
    assert_take(&bucket, 1, 0, 0);
    assert_take(&bucket, 1, 0, 334);
    assert_take(&bucket, 1, 333, 1);
    assert_take(&bucket, 1, 334, 0);
}

static void test_bucket_failed_take_costs_nothing(void **state)
{
    (void)state;
    struct bucket bucket;
    bucket_init(&bucket, 1000, 5, 0);
    assert_take(&bucket, 3, 0, 0);
    assert_take(&bucket, 3, 0, 1000);
    assert_take(&bucket, 2, 0, 0);
    assert_take(&bucket, 3, 0, 3000);
    assert_take(&bucket, 1, 0, 1000);
}

/* 0.3 milli-tokens a millisecond: a bucket that rounded at each call would never fill. */
static void test_bucket_asking_often_loses_nothing(void **state)
{
    (void)state;
    struct bucket bucket;
    bucket_init(&bucket, 300, 1, 0);
    assert_take(&bucket, 1, 0, 0);
    for (int64_t now_ms = 1; now_ms <= 3333; now_ms++)
        assert_take(&bucket, 1, now_ms, 3334 - now_ms);
    assert_take(&bucket, 1, 3334, 0);
}

/* Whoever asks every millisecond for an hour gets the rate: never more, and at most 0.1% less. */
static void test_bucket_keeps_the_rate_in_the_long_run(void **state)
{
    (void)state;
    static const int64_t rates_milli[] = {1, 300, 1000, 1500, 7777, 999000};
    for (unsigned i = 0; i < sizeof(rates_milli) / sizeof(rates_milli[0]); i++) {
        struct bucket bucket;
        int64_t taken = 0, most = 5 + rates_milli[i] * 3600 / 1000;
        bucket_init(&bucket, rates_milli[i], 5, 0);
        for (int64_t now_ms = 0; now_ms <= 3600000; now_ms++)
            taken += bucket_take(&bucket, 1, now_ms) == 0;
        assert_true(taken <= most);
        assert_true(taken >= most - most / 1000 - 1);
    }
}

static void test_bucket_holds_no_more_than_the_burst(void **state)
{
    (void)state;
    struct bucket bucket;
    bucket_init(&bucket, 1000, 2, 0);
    assert_take(&bucket, 2, 0, 0);
    for (unsigned i = 0; i < 2; i++)
        assert_take(&bucket, 1, 3600000, 0);
    assert_take(&bucket, 1, 3600000, 1000);
}

static void test_bucket_cost_above_burst_is_charged_as_burst(void **state)
{
    (void)state;
    struct bucket bucket;
    bucket_init(&bucket, 1000, 3, 0);
    assert_take(&bucket, 4, 0, 0);
    assert_take(&bucket, 1, 0, 1000);
    assert_take(&bucket, INT64_MAX, 0, 3000);
    assert_take(&bucket, INT64_MAX, 3000, 0);
    assert_take(&bucket, 3, 3000, 3000);
}

static void test_bucket_cost_zero_is_free(void **state)
{
    (void)state;
    struct bucket bucket;
    bucket_init(&bucket, 1000, 1, 0);
    assert_take(&bucket, 1, 0, 0);
    assert_take(&bucket, 0, 0, 0);
    assert_take(&bucket, 1, 0, 1000);
}

static void test_bucket_rate_zero_is_no_limit(void **state)
{
    (void)state;
    struct bucket bucket;
    bucket_init(&bucket, 0, 1, 0);
    for (unsigned i = 0; i < 1000; i++)
        assert_take(&bucket, 1000000, 0, 0);
}

static void test_bucket_clock_that_steps_back_stands_still(void **state)
{
    (void)state;
    struct bucket bucket;
    bucket_init(&bucket, 1000, 2, 100000);
    assert_take(&bucket, 2, 100000, 0);
    assert_take(&bucket, 1, 40000, 1000);
    assert_take(&bucket, 1, 40999, 1);
    assert_take(&bucket, 1, 41000, 0);
    assert_take(&bucket, 1, 30000, 1000);
    assert_take(&bucket, 1, 31000, 0);
}

static void test_bucket_step_back_keeps_what_was_there(void **state)
{
    (void)state;
    struct bucket bucket;
    bucket_init(&bucket, 1000, 3, 100000);
    assert_take(&bucket, 1, 100000, 0);
    assert_take(&bucket, 2, 0, 0);
    assert_take(&bucket, 1, 0, 1000);
}

static void test_bucket_extremes_do_not_overflow(void **state)
{
    (void)state;
    struct bucket bucket;
    int64_t burst = INT64_MAX / 1000000;
    bucket_init(&bucket, 1, burst, 0);
    assert_take(&bucket, burst, 0, 0);
    assert_take(&bucket, burst, 0, burst * 1000000);
    assert_take(&bucket, 1, INT64_MAX, 0);

    bucket_init(&bucket, INT64_MAX, burst, 0);
    assert_take(&bucket, burst, 0, 0);
    assert_take(&bucket, burst, 0, 1);
    assert_take(&bucket, burst, 1, 0);
    assert_take(&bucket, burst, INT64_MAX, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bucket_starts_full),
        cmocka_unit_test(test_bucket_waits_exactly_as_long_as_it_says),
        cmocka_unit_test(test_bucket_rounds_the_wait_up),
        cmocka_unit_test(test_bucket_failed_take_costs_nothing),
        cmocka_unit_test(test_bucket_asking_often_loses_nothing),
        cmocka_unit_test(test_bucket_keeps_the_rate_in_the_long_run),
        cmocka_unit_test(test_bucket_holds_no_more_than_the_burst),
        cmocka_unit_test(test_bucket_cost_above_burst_is_charged_as_burst),
        cmocka_unit_test(test_bucket_cost_zero_is_free),
        cmocka_unit_test(test_bucket_rate_zero_is_no_limit),
        cmocka_unit_test(test_bucket_clock_that_steps_back_stands_still),
        cmocka_unit_test(test_bucket_step_back_keeps_what_was_there),
        cmocka_unit_test(test_bucket_extremes_do_not_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
