/* What is remembered of strangers: pauses that grow, rates that are kept, and memory that does not grow. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/quota.h"

#define CROWD (LEDGER_SETS * LEDGER_WAYS * 4)

static const struct backoff_config config = {
    .free_count = 2, .first_ms = 1000, .most_ms = 5000, .forget_ms = 10000};

static struct bytes number_key(uint32_t number, char buffer[16])
{
    int len = snprintf(buffer, 16, "%u", number);
    return (struct bytes){buffer, (size_t)len};
}

static void assert_pause(struct backoff *backoff, struct clock_fake *fake, int64_t expected_ms)
{
    struct bytes key = BYTES("a");

    backoff_begin(backoff, key, clock_mono_ms(&fake->clock));
    assert_int_equal(backoff_wait_ms(backoff, key, clock_mono_ms(&fake->clock)), expected_ms);
    if (expected_ms == 0)
        return;
    clock_fake_advance(fake, expected_ms - 1);
    assert_int_equal(backoff_wait_ms(backoff, key, clock_mono_ms(&fake->clock)), 1);
    clock_fake_advance(fake, 1);
    assert_int_equal(backoff_wait_ms(backoff, key, clock_mono_ms(&fake->clock)), 0);
}

static void test_backoff_pauses_grow_to_the_most(void **state)
{
    (void)state;
    struct backoff backoff;
    struct clock_fake fake;
    clock_fake_init(&fake, 50000, 0);
    backoff_init(&backoff, &config);
    const int64_t expected_ms[] = {0, 1000, 2000, 4000, 5000, 5000};
    for (size_t i = 0; i < ARRAY_LEN(expected_ms); i++)
        assert_pause(&backoff, &fake, expected_ms[i]);
    assert_int_equal(backoff_wait_ms(&backoff, BYTES("b"), 0), 0);
}

static void test_backoff_is_forgotten_with_time(void **state)
{
    (void)state;
    struct backoff backoff;
    struct clock_fake fake;
    clock_fake_init(&fake, 50000, 0);
    backoff_init(&backoff, &config);
    assert_pause(&backoff, &fake, 0);
    assert_pause(&backoff, &fake, 1000);
    clock_fake_advance(&fake, config.forget_ms - 1);
    assert_pause(&backoff, &fake, 2000);
    clock_fake_advance(&fake, config.forget_ms);
    assert_pause(&backoff, &fake, 0);
}

static void test_backoff_counts_attempts_at_the_same_time(void **state)
{
    (void)state;
    struct backoff backoff;
    backoff_init(&backoff, &config);
    for (int i = 0; i < 100; i++)
        backoff_begin(&backoff, BYTES("a"), 7);
    assert_int_equal(backoff_wait_ms(&backoff, BYTES("a"), 7), 5000);
}

static void test_backoff_forgives(void **state)
{
    (void)state;
    struct backoff backoff;
    backoff_init(&backoff, &config);
    backoff_forgive(&backoff, BYTES("a"));
    for (int i = 0; i < 3; i++)
        backoff_begin(&backoff, BYTES("a"), 0);
    backoff_forgive(&backoff, BYTES("a"));
    assert_int_equal(backoff_wait_ms(&backoff, BYTES("a"), 0), 0);
    backoff_begin(&backoff, BYTES("a"), 0);
    assert_int_equal(backoff_wait_ms(&backoff, BYTES("a"), 0), 0);
}

/* However many come, those with the longest pauses are remembered. */
static void test_backoff_crowd_does_not_push_out_the_worst(void **state)
{
    (void)state;
    struct backoff backoff;
    char buffer[16];
    backoff_init(&backoff, &config);
    for (int i = 0; i < 10; i++)
        backoff_begin(&backoff, BYTES("worst"), 0);
    for (uint32_t i = 0; i < CROWD; i++)
        backoff_begin(&backoff, number_key(i, buffer), 1);
    assert_int_equal(backoff_wait_ms(&backoff, BYTES("worst"), 1), 4999);
}

static void test_ledger_forgets_some_of_a_crowd(void **state)
{
    (void)state;
    static struct ledger ledger;
    char buffer[16];
    size_t known = 0;
    for (uint32_t i = 0; i < CROWD; i++)
        ledger_get(&ledger, number_key(i, buffer))->until_us = i + 1;
    for (uint32_t i = 0; i < CROWD; i++)
        known += ledger_find(&ledger, number_key(i, buffer)) != NULL;
    assert_in_range(known, LEDGER_SETS * LEDGER_WAYS / 2, LEDGER_SETS * LEDGER_WAYS);
    assert_non_null(ledger_find(&ledger, number_key(CROWD - 1, buffer)));
    ledger_forget(&ledger, number_key(CROWD - 1, buffer));
    assert_null(ledger_find(&ledger, number_key(CROWD - 1, buffer)));
}

static void test_quota_gives_the_burst_and_then_the_rate(void **state)
{
    (void)state;
    struct quota quota = {0};
    quota_configure(&quota, 2000, 3);
    for (int i = 0; i < 3; i++)
        assert_true(quota_take(&quota, BYTES("a"), 10000));
    assert_false(quota_take(&quota, BYTES("a"), 10000));
    assert_false(quota_take(&quota, BYTES("a"), 10499));
    assert_true(quota_take(&quota, BYTES("a"), 10500));
    assert_false(quota_take(&quota, BYTES("a"), 10500));
    assert_true(quota_take(&quota, BYTES("b"), 10500));
    for (int i = 0; i < 3; i++)
        assert_true(quota_take(&quota, BYTES("a"), 12500));
    assert_false(quota_take(&quota, BYTES("a"), 12500));
}

static void test_quota_off_and_a_clock_that_steps_back(void **state)
{
    (void)state;
    struct quota quota = {0};
    quota_configure(&quota, 0, 1);
    for (int i = 0; i < 1000; i++)
        assert_true(quota_take(&quota, BYTES("a"), 0));
    quota_configure(&quota, 1000, 1);
    assert_true(quota_take(&quota, BYTES("a"), 1000000));
    assert_true(quota_take(&quota, BYTES("a"), 5));
    assert_false(quota_take(&quota, BYTES("a"), 5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_backoff_pauses_grow_to_the_most),
        cmocka_unit_test(test_backoff_is_forgotten_with_time),
        cmocka_unit_test(test_backoff_counts_attempts_at_the_same_time),
        cmocka_unit_test(test_backoff_forgives),
        cmocka_unit_test(test_backoff_crowd_does_not_push_out_the_worst),
        cmocka_unit_test(test_ledger_forgets_some_of_a_crowd),
        cmocka_unit_test(test_quota_gives_the_burst_and_then_the_rate),
        cmocka_unit_test(test_quota_off_and_a_clock_that_steps_back),
    };
    return cmocka_run_group_tests_name("backoff", tests, NULL, NULL);
}
