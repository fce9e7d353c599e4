/* Hosts seen lately: for how long, and how many. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "session/recent.h"

static struct addr host(uint32_t number)
{
    struct sockaddr_in in4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x0a000000u + number)};
    struct addr addr;
    addr_from_sockaddr((const struct sockaddr *)&in4, sizeof(in4), &addr);
    return addr;
}

static void test_recent_is_kept_for_its_time(void **state)
{
    struct recent recent;
    struct addr a = host(1), b = host(2);
    (void)state;

    recent_init(&recent, 100);
    assert_false(recent_has(&recent, &a, 0));
    recent_note(&recent, &a, 0);
    assert_true(recent_has(&recent, &a, 99));
    assert_false(recent_has(&recent, &a, 100));
    assert_false(recent_has(&recent, &b, 0));
    recent_note(&recent, &a, 50);
    assert_true(recent_has(&recent, &a, 149));
}

static void test_recent_forgets_the_oldest_for_one_more(void **state)
{
    struct recent recent;
    struct addr addr;
    (void)state;

    recent_init(&recent, 1000000);
    for (uint32_t i = 0; i <= RECENT_HOSTS; i++) {
        addr = host(i);
        recent_note(&recent, &addr, i);
        recent_note(&recent, &addr, i); /* takes no place of another */
    }
    for (uint32_t i = 0; i <= RECENT_HOSTS; i++) {
        addr = host(i);
        assert_int_equal(recent_has(&recent, &addr, RECENT_HOSTS), i > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recent_is_kept_for_its_time),
        cmocka_unit_test(test_recent_forgets_the_oldest_for_one_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
