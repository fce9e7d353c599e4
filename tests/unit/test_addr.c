#include "net/addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct addr parse(const char *text)
{
    struct addr addr;
    const char *why = NULL;
    if (addr_parse(bytes_of(text), &addr, &why) != 0)
        fail_msg("%s is refused: %s", text, why);
    return addr;
}

static void assert_text(const struct addr *addr, const char *expected)
{
    char text[ADDR_TEXT_MAX];
    addr_format(addr, text);
    assert_string_equal(text, expected);
}

static void test_addr_parse_and_format_are_inverse(void **state)
{
    static const char *const texts[] = {
        "127.0.0.1:7000", "0.0.0.0:0",          "255.255.255.255:65535",   "[::]:7000",
        "[::1]:1",        "[2001:db8::1]:7000", "[::ffff:192.0.2.1]:7000", "unix:/run/mingle/chat.sock",
        "unix:/",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct addr addr = parse(texts[i]);
        assert_text(&addr, texts[i]);
    }
}

static void test_addr_parse_fills_in_what_bind_needs(void **state)
{
    (void)state;
    struct addr addr = parse("127.0.0.1:7000");
    assert_int_equal(addr.len, sizeof(struct sockaddr_in));
    assert_int_equal(((struct sockaddr_in *)&addr.u.storage)->sin_port, htons(7000));
    addr = parse("[::1]:7000");
    assert_int_equal(addr.len, sizeof(struct sockaddr_in6));
    addr = parse("unix:/a");
    assert_int_equal(addr.len, offsetof(struct sockaddr_un, sun_path) + 3);
}

static void test_addr_parse_says_what_is_wrong(void **state)
{
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"", "expected address:port"},
        {"7000", "expected address:port"},
        {":7000", "expected address:port"},
        {"127.0.0.1", "expected address:port"},
        {"127.0.0.1:", "port"},
        {"127.0.0.1:65536", "port"},
        {"127.0.0.1:-1", "port"},
        {"127.0.0.1: 7", "port"},
        {"127.0.0.1:7x", "port"},
        {"localhost:7000", "names are not looked up"},
        {"*:7000", "names are not looked up"},
        {"127.0.0:7000", "IPv4"},
        {"127.0.0.1.2.3.4.5.6.7.8.9.0.1.2.3.4.5.6.7.8.9.0.1.2.3.4.5.6:7000", "IPv4"},
        {"::1:7000", "brackets"},
        {"[::1]", "brackets"},
        {"[::1", "brackets"},
        {"[::1]7000", "brackets"},
        {"[127.0.0.1]:7000", "not an IPv6 address"},
        {"[]:7000", "not an IPv6 address"},
        {"[fe80::1%lo]:7000", "not an IPv6 address"},
        {"unix:", "absolute path"},
        {"unix:chat.sock", "absolute path"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct addr addr = {.len = 77};
        const char *why = NULL;
        assert_int_equal(addr_parse(bytes_of(cases[i].text), &addr, &why), -EINVAL);
        assert_non_null(why);
        if (!strstr(why, cases[i].why))
            fail_msg("%s: %s", cases[i].text, why);
        assert_int_equal(addr.len, 77);
    }
}

static void test_addr_parse_refuses_nul_inside(void **state)
{
    struct addr addr;
    const char *why;
    (void)state;
    assert_int_equal(addr_parse(BYTES("127.0.0.1\0:7000"), &addr, &why), -EINVAL);
    assert_int_equal(addr_parse(BYTES("[::1\0]:7000"), &addr, &why), -EINVAL);
    assert_int_equal(addr_parse(BYTES("unix:/a\0b"), &addr, &why), -EINVAL);
}

static void test_addr_parse_takes_unix_paths_up_to_107_bytes(void **state)
{
    char text[200];
    struct addr addr;
    const char *why;
    (void)state;
    memset(text, 'a', sizeof(text));
    memcpy(text, "unix:/", 6);
    struct bytes longest = {text, strlen("unix:") + 107};
    assert_int_equal(addr_parse(longest, &addr, &why), 0);
    text[longest.len] = '\0';
    assert_text(&addr, text);
    text[longest.len] = 'a';
    assert_int_equal(addr_parse((struct bytes){text, longest.len + 1}, &addr, &why), -EINVAL);
    assert_non_null(strstr(why, "107"));
}

static void test_addr_from_sockaddr_unmaps_ipv4(void **state)
{
    struct addr mapped = parse("[::ffff:192.0.2.1]:7000"), addr;
    (void)state;
    addr_from_sockaddr(&mapped.u.sa, mapped.len, &addr);
    assert_int_equal(addr.u.sa.sa_family, AF_INET);
    assert_int_equal(addr.len, sizeof(struct sockaddr_in));
    assert_text(&addr, "192.0.2.1:7000");
}

static void test_addr_format_names_unix_peers_without_a_path(void **state)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    struct addr addr;
    (void)state;
    addr_from_sockaddr((struct sockaddr *)&un, offsetof(struct sockaddr_un, sun_path), &addr);
    assert_text(&addr, "unix:");
    memcpy(un.sun_path, "\0abstract", 9);
    addr_from_sockaddr((struct sockaddr *)&un, offsetof(struct sockaddr_un, sun_path) + 9, &addr);
    assert_text(&addr, "unix:");
    /* The kernel may give a path without a NUL, too. */
    memset(un.sun_path, 'x', sizeof(un.sun_path));
    addr_from_sockaddr((struct sockaddr *)&un, sizeof(un), &addr);
    char text[ADDR_TEXT_MAX];
    addr_format(&addr, text);
    assert_int_equal(strlen(text), 5 + sizeof(un.sun_path));
}

static bool is_same_host(const char *a, const char *b)
{
    char key_a[ADDR_KEY_MAX], key_b[ADDR_KEY_MAX];
    struct addr addr_a = parse(a), addr_b = parse(b);
    size_t len_a = addr_host_key(&addr_a, key_a), len_b = addr_host_key(&addr_b, key_b);
    assert_true(len_a >= 1 && len_a <= ADDR_KEY_MAX);
    return len_a == len_b && memcmp(key_a, key_b, len_a) == 0;
}

static void test_addr_compact_keeps_all_but_a_path(void **state)
{
    static const char *const texts[][2] = {{"192.0.2.1:7000", "192.0.2.1:7000"},
                                           {"[2001:db8::1]:65535", "[2001:db8::1]:65535"},
                                           {"unix:/run/mingle/chat.sock", "unix:"}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct addr addr = parse(texts[i][0]);
        struct addr_compact compact = addr_compact(&addr);
        addr = addr_expand(&compact);
        assert_text(&addr, texts[i][1]);
    }
}

static void test_addr_host_key_tells_hosts_apart(void **state)
{
    (void)state;
    assert_true(is_same_host("192.0.2.1:1", "192.0.2.1:2"));
    assert_false(is_same_host("192.0.2.1:1", "192.0.2.2:1"));
    assert_true(is_same_host("192.0.2.1:1", "[::ffff:192.0.2.1]:1"));
    assert_false(is_same_host("192.0.2.1:1", "[::ffff:192.0.2.2]:1"));
    assert_true(is_same_host("[2001:db8::1]:1", "[2001:db8::ffff:1:2:3]:9"));
    assert_false(is_same_host("[2001:db8::1]:1", "[2001:db8:0:1::1]:1"));
    assert_true(is_same_host("unix:/a", "unix:/b"));
    assert_false(is_same_host("unix:/a", "0.0.0.0:1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addr_parse_and_format_are_inverse),
        cmocka_unit_test(test_addr_parse_fills_in_what_bind_needs),
        cmocka_unit_test(test_addr_parse_says_what_is_wrong),
        cmocka_unit_test(test_addr_parse_refuses_nul_inside),
        cmocka_unit_test(test_addr_parse_takes_unix_paths_up_to_107_bytes),
        cmocka_unit_test(test_addr_from_sockaddr_unmaps_ipv4),
        cmocka_unit_test(test_addr_format_names_unix_peers_without_a_path),
        cmocka_unit_test(test_addr_compact_keeps_all_but_a_path),
        cmocka_unit_test(test_addr_host_key_tells_hosts_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
