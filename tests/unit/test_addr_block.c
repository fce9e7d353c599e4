/* Blocks of addresses: their syntax and who is in them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdbool.h>

#include "net/addr_block.h"

static bool has(const char *block_text, const char *addr_text)
{
    struct addr_block block;
    struct addr addr;
    const char *why = "";
    assert_int_equal(addr_block_parse(bytes_of(block_text), &block, &why), 0);
    assert_int_equal(addr_parse(bytes_of(addr_text), &addr, &why), 0);
    return addr_block_has(&block, &addr);
}

static void test_addr_block_ipv4(void **state)
{
    (void)state;
    assert_true(has("192.0.2.7", "192.0.2.7:1"));
    assert_false(has("192.0.2.7", "192.0.2.6:1"));
    assert_true(has("10.0.0.0/8", "10.255.255.255:1"));
    assert_false(has("10.0.0.0/8", "11.0.0.0:1"));
    assert_true(has("192.0.2.128/25", "192.0.2.128:1"));
    assert_false(has("192.0.2.128/25", "192.0.2.127:1"));
    assert_true(has("192.0.2.6/31", "192.0.2.7:1"));
    assert_false(has("192.0.2.6/31", "192.0.2.8:1"));
    assert_true(has("0.0.0.0/0", "255.0.0.1:1"));
    assert_false(has("0.0.0.0/0", "[::1]:1"));
    assert_true(has("192.0.2.7", "[::ffff:192.0.2.7]:1"));
}

static void test_addr_block_ipv6_and_unix(void **state)
{
    (void)state;
    assert_true(has("fd00::/8", "[fdff::1]:1"));
    assert_false(has("fd00::/8", "[fe00::1]:1"));
    assert_true(has("::1", "[::1]:1"));
    assert_false(has("::1", "[::2]:1"));
    assert_false(has("::/0", "127.0.0.1:1"));
    assert_false(has("::/0", "[::ffff:192.0.2.7]:1"));
    assert_true(has("unix", "unix:/run/x"));
    assert_false(has("unix", "127.0.0.1:1"));
    assert_false(has("0.0.0.0/0", "unix:/run/x"));
}

static void test_addr_block_refuses(void **state)
{
    static const char *const wrong[] = {
        "",        "x",         "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/8/8", "10.0.0.1/8", "10.0.0/8",
        "::1/129", "fd00::1/8", "unix:/x",   "[::1]",       "10.0.0.0/-1",  "10.0.0.0 ",  "localhost"};
    struct addr_block block = {.bits = 77};
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        const char *why = NULL;
        assert_int_equal(addr_block_parse(bytes_of(wrong[i]), &block, &why), -EINVAL);
        assert_non_null(why);
        assert_int_equal(block.bits, 77);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addr_block_ipv4),
        cmocka_unit_test(test_addr_block_ipv6_and_unix),
        cmocka_unit_test(test_addr_block_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
