/* What may follow an address to listen on. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "daemon/listen_option.h"

static struct listen_option parse(const char *entry)
{
    struct listen_option option;
    struct buf errors;
    buf_init(&errors, 4096);
    assert_int_equal(listen_option_parse(entry, &option, &errors), 0);
    assert_int_equal(errors.len, 0);
    buf_done(&errors);
    return option;
}

static void assert_refused(const char *entry, const char *text)
{
    struct listen_option option = {.port.proxy_count = 77};
    struct buf errors;
    buf_init(&errors, 4096);
    assert_int_equal(listen_option_parse(entry, &option, &errors), -EINVAL);
    assert_int_equal(option.port.proxy_count, 77);
    assert_true(bytes_eq(buf_bytes(&errors), bytes_of(text)));
    buf_done(&errors);
}

static void test_listen_option_none(void **state)
{
    (void)state;
    struct listen_option option = parse("127.0.0.1:7000");
    assert_true(bytes_eq(option.address, BYTES("127.0.0.1:7000")));
    assert_true(option.port.is_greeting);
    assert_int_equal(option.port.tls, SESSION_TLS_OFFERED);
    assert_int_equal(option.port.proxy_count, 0);
}

static void test_listen_option_all(void **state)
{
    struct addr addr;
    const char *why;
    (void)state;

    struct listen_option option = parse("[::]:1  tls=required greeting=off proxy=10.0.0.0/8,unix");
    assert_true(bytes_eq(option.address, BYTES("[::]:1")));
    assert_false(option.port.is_greeting);
    assert_int_equal(option.port.tls, SESSION_TLS_REQUIRED);
    assert_int_equal(option.port.proxy_count, 2);
    assert_int_equal(addr_parse(BYTES("10.1.2.3:1"), &addr, &why), 0);
    assert_true(addr_block_has(&option.proxies[0], &addr));
    assert_int_equal(addr_parse(BYTES("unix:/x"), &addr, &why), 0);
    assert_true(addr_block_has(&option.proxies[1], &addr));
    assert_int_equal(parse("a:1 tls=off").port.tls, SESSION_TLS_OFF);
    assert_true(parse("a:1 greeting=on tls=offered").port.is_greeting);
}

static void test_listen_option_mistakes(void **state)
{
    (void)state;
    assert_refused("a:1 tls=yes",
                   "listen.address \"a:1 tls=yes\": tls=yes: expected offered, required or off\n");
    assert_refused("a:1 greeting", "listen.address \"a:1 greeting\": greeting: expected on or off\n");
    assert_refused("a:1 tls=off tls=off",
                   "listen.address \"a:1 tls=off tls=off\": tls=off: is given twice\n");
    assert_refused("a:1 x=1 y",
                   "listen.address \"a:1 x=1 y\": x=1: unknown option; there are tls=, greeting=,"
                   " proxy= and dialects=\n"
                   "listen.address \"a:1 x=1 y\": y: unknown option; there are tls=, greeting=,"
                   " proxy= and dialects=\n");
    assert_refused(
        "a:1 proxy=10.0.0.1/8",
        "listen.address \"a:1 proxy=10.0.0.1/8\": proxy=10.0.0.1/8: the address has bits behind its"
        " prefix, as 10.0.0.1/8 has; write 10.0.0.0/8\n");
    assert_refused("a:1 proxy=",
                   "listen.address \"a:1 proxy=\": proxy=: expected an address in numbers, as in"
                   " 192.0.2.7, 10.0.0.0/8 or fd00::/8, or unix\n");
}

#define EXPECTED "expected some of plain, telnet, irc, http and tls, with commas between"

static void test_listen_option_dialects(void **state)
{
    (void)state;
    assert_int_equal(parse("a:1").port.refused, 0);
    assert_int_equal(parse("a:1 dialects=plain,telnet,irc,http,tls").port.refused, 0);
    assert_int_equal(parse("a:1 dialects=plain,tls,plain").port.refused,
                     SESSION_DIALECT_TELNET | SESSION_DIALECT_IRC | SESSION_DIALECT_HTTP);
    assert_int_equal(parse("a:1 dialects=irc").port.refused, SESSION_DIALECT_PLAIN | SESSION_DIALECT_TELNET |
                                                                 SESSION_DIALECT_HTTP | SESSION_DIALECT_TLS);
    assert_refused("a:1 dialects=telnet,plian", "listen.address \"a:1 dialects=telnet,plian\": "
                                                "dialects=telnet,plian: " EXPECTED "; did you mean plain?\n");
    assert_refused("a:1 dialects=tl",
                   "listen.address \"a:1 dialects=tl\": dialects=tl: " EXPECTED "; did you mean tls?\n");
    assert_refused("a:1 dialects=gopher",
                   "listen.address \"a:1 dialects=gopher\": dialects=gopher: " EXPECTED "\n");
    assert_refused("a:1 dialects=", "listen.address \"a:1 dialects=\": dialects=: " EXPECTED "\n");
    assert_refused("a:1 dialects=tls",
                   "listen.address \"a:1 dialects=tls\": dialects=tls: tls is only around others; name those,"
                   " too: dialects=plain,telnet,tls\n");
    assert_refused("a:1 dialects=plain tls=required",
                   "listen.address \"a:1 dialects=plain tls=required\": tls=required: and dialects= does not"
                   " name tls\n");
}

static void test_listen_option_most_proxies(void **state)
{
    char entry[512] = "a:1 proxy=";
    struct listen_option option;
    struct buf errors;
    size_t len = strlen(entry);
    (void)state;

    for (int i = 0; i < LISTEN_OPTION_PROXIES; i++, len += 4)
        memcpy(entry + len, "::1,", 5);
    entry[len - 1] = '\0';
    assert_int_equal(parse(entry).port.proxy_count, LISTEN_OPTION_PROXIES);
    memcpy(entry + len - 1, ",::1", 5);
    buf_init(&errors, 4096);
    assert_int_equal(listen_option_parse(entry, &option, &errors), -EINVAL);
    buf_done(&errors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_listen_option_none),         cmocka_unit_test(test_listen_option_all),
        cmocka_unit_test(test_listen_option_mistakes),     cmocka_unit_test(test_listen_option_dialects),
        cmocka_unit_test(test_listen_option_most_proxies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
