/* Guessing operators' passwords is slow from one address and from many; nobody is locked out by others. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "base/clock.h"
#include "session/oper_guard.h"

static struct oper_guard guard;

static struct addr host(uint32_t number)
{
    struct sockaddr_in in4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x0a000000u + number)};
    struct addr addr;
    addr_from_sockaddr((const struct sockaddr *)&in4, sizeof(in4), &addr);
    return addr;
}

static void test_oper_guard_an_address_comes_to_one_attempt_a_minute(void **state)
{
    (void)state;
    struct addr a = host(1), b = host(2);
    struct clock_fake fake;
    int count = 0;
    clock_fake_init(&fake, 1000000, 0);
    oper_guard_init(&guard);
    while (clock_mono_ms(&fake.clock) < 1000000 + 3600 * 1000) {
        clock_fake_advance(&fake, oper_guard_hold_ms(&guard, &a, clock_mono_ms(&fake.clock)));
        (void)oper_guard_begin(&guard, &a, BYTES("alice"), clock_mono_ms(&fake.clock));
        count++;
    }
    assert_in_range(count, 60, 72); /* of an hour */
    assert_int_equal(oper_guard_hold_ms(&guard, &b, clock_mono_ms(&fake.clock)), 0);
}

static void test_oper_guard_a_name_is_slowed_but_never_locked(void **state)
{
    (void)state;
    struct addr operator= host(0);
    oper_guard_init(&guard);
    for (uint32_t i = 1; i < 10000; i++) {
        struct addr peer = host(i);
        (void)oper_guard_begin(&guard, &peer, BYTES("alice"), 5);
    }
    assert_int_equal(oper_guard_hold_ms(&guard, &operator, 5), 0);
    assert_int_equal(oper_guard_begin(&guard, &operator, BYTES("ALICE"), 5), 3000);
    oper_guard_forgive(&guard, &operator, BYTES("Alice"));
    assert_int_equal(oper_guard_begin(&guard, &operator, BYTES("alice"), 5), 0);
}

static void test_oper_guard_names_of_any_length_are_alike(void **state)
{
    (void)state;
    const struct bytes names[] = {BYTES("x"), BYTES(""), BYTES("a name that is longer than any name can be")};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct addr peer = host(1);
        oper_guard_init(&guard);
        for (int count = 0; count < 5; count++)
            assert_int_equal(oper_guard_begin(&guard, &peer, names[i], 5), 0);
        assert_int_equal(oper_guard_begin(&guard, &peer, names[i], 5), 250);
        assert_int_equal(oper_guard_hold_ms(&guard, &peer, 5), 2000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_oper_guard_an_address_comes_to_one_attempt_a_minute),
        cmocka_unit_test(test_oper_guard_a_name_is_slowed_but_never_locked),
        cmocka_unit_test(test_oper_guard_names_of_any_length_are_alike),
    };
    return cmocka_run_group_tests_name("oper_guard", tests, NULL, NULL);
}
