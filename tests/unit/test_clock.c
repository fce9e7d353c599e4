/* Clocks: the system's moves on its own and never back, the fake one only by hand. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <time.h>

#include "base/clock.h"

static int64_t read_ms(clockid_t id)
{
    struct timespec now;
    assert_int_equal(clock_gettime(id, &now), 0);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void test_clock_system_shows_monotonic_milliseconds(void **state)
{
    (void)state;
    int64_t before = read_ms(CLOCK_MONOTONIC);
    int64_t shown = clock_mono_ms(clock_system());
    int64_t after = read_ms(CLOCK_MONOTONIC);
    assert_true(before <= shown && shown <= after);
    int64_t shown_ns = clock_system_mono_ns();
    assert_true(after * 1000000 <= shown_ns && shown_ns <= (read_ms(CLOCK_MONOTONIC) + 1) * 1000000);
}

static void test_clock_system_shows_wall_milliseconds(void **state)
{
    (void)state;
    int64_t before = read_ms(CLOCK_REALTIME);
    int64_t shown = clock_wall_ms(clock_system());
    int64_t after = read_ms(CLOCK_REALTIME);
    assert_true(before - 1000 <= shown && shown <= after + 1000); /* somebody may set the time meanwhile */
}

static void test_clock_system_does_not_step_back(void **state)
{
    (void)state;
    int64_t last = clock_mono_ms(clock_system());
    for (unsigned i = 0; i < 100000; i++) {
        int64_t now = clock_mono_ms(clock_system());
        assert_true(now >= last);
        last = now;
    }
    assert_ptr_equal(clock_system(), clock_system());
}

static void test_clock_fake_stands_still(void **state)
{
    (void)state;
    struct clock_fake fake;
    clock_fake_init(&fake, 1000, 1700000000123);
    for (unsigned i = 0; i < 3; i++) {
        assert_true(clock_mono_ms(&fake.clock) == 1000);
        assert_true(clock_wall_ms(&fake.clock) == 1700000000123);
    }
}

static void test_clock_fake_advances_both(void **state)
{
    (void)state;
    struct clock_fake fake;
    clock_fake_init(&fake, 0, 1700000000123);
    clock_fake_advance(&fake, 0);
    clock_fake_advance(&fake, 1);
    clock_fake_advance(&fake, 86400000);
    assert_true(clock_mono_ms(&fake.clock) == 86400001);
    assert_true(clock_wall_ms(&fake.clock) == 1700086400124);
}

static void test_clock_fake_wall_may_step_alone(void **state)
{
    (void)state;
    struct clock_fake fake;
    clock_fake_init(&fake, 5000, 1700000000000);
    fake.wall_now_ms -= 3600000;
    assert_true(clock_mono_ms(&fake.clock) == 5000);
    assert_true(clock_wall_ms(&fake.clock) == 1699996400000);
}

static void test_clock_fakes_are_independent(void **state)
{
    (void)state;
    struct clock_fake a, b;
    clock_fake_init(&a, 1, 2);
    clock_fake_init(&b, 10, 20);
    clock_fake_advance(&a, 5);
    assert_true(clock_mono_ms(&a.clock) == 6);
    assert_true(clock_mono_ms(&b.clock) == 10);
    assert_true(clock_wall_ms(&b.clock) == 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clock_system_shows_monotonic_milliseconds),
        cmocka_unit_test(test_clock_system_shows_wall_milliseconds),
        cmocka_unit_test(test_clock_system_does_not_step_back),
        cmocka_unit_test(test_clock_fake_stands_still),
        cmocka_unit_test(test_clock_fake_advances_both),
        cmocka_unit_test(test_clock_fake_wall_may_step_alone),
        cmocka_unit_test(test_clock_fakes_are_independent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
