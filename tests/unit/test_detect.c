/* Detection from the first bytes: a table of cases, every prefix, every byte that decides. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "proto/detect.h"

static const char hello[] = {0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01};

struct detect_case {
    struct bytes first;
    enum detect_result early, late; /* before and after the client was asked for a name */
};

#define CASE(literal, early, late) \
    { \
        {literal, sizeof(literal) - 1}, DETECT_##early, DETECT_##late \
    }
#define BOTH(literal, result) CASE(literal, result, result)

static const struct detect_case cases[] = {
    BOTH("", MORE),
    /* TLS: six bytes, not one */
    BOTH("\x16", MORE),
    BOTH("\x16\x03\x01\x02\x00", MORE),
    BOTH("\x16\x03\x01\x02\x00\x01", TLS),
    BOTH("\x16\x03\xff\xff\xff\x01\n", TLS),
    BOTH("\x16\x03\x01\x02\x00\x02\n", PLAIN),
    BOTH("\x16\n", PLAIN),
    BOTH("\x16\x04\x01\x02\x00\x01\n", PLAIN),
    /* PROXY */
    CASE("PROXY TCP4 1", PROXY, MORE),
    CASE("PROXY TCP6 ", PROXY, MORE),
    CASE("PROXY UNKNOWN\r\n", PROXY, PLAIN),
    BOTH("PROXY TCP4", MORE),
    BOTH("PROXY\n", PLAIN),
    BOTH("PROXY bob\n", PLAIN),
    BOTH("proxy TCP4 1\n", PLAIN),
    CASE("\r\n\r\n\0\r\nQUIT\n", PROXY, PLAIN),
    CASE("\r\n", MORE, PLAIN),
    CASE("\r\n\r\n", MORE, PLAIN),
    BOTH("\r\n\n", PLAIN),
    BOTH("\n", PLAIN),
    /* telnet */
    BOTH("\xff", TELNET),
    BOTH("\xff\xfb\x1f", TELNET),
    BOTH("bob\xff\n", PLAIN),
    /* HTTP */
    BOTH("GET ", HTTP),
    BOTH("GET / HTTP/1.1\r\n", HTTP),
    BOTH("HEAD / HTTP/1.1\r\n", HTTP),
    BOTH("POST /x", HTTP),
    BOTH("PUT /", HTTP),
    BOTH("DELETE /", HTTP),
    BOTH("OPTIONS *", HTTP),
    BOTH("CONNECT x:1", HTTP),
    BOTH("TRACE /", HTTP),
    BOTH("PATCH /", HTTP),
    BOTH("GET", MORE),
    BOTH("GET\n", PLAIN),
    BOTH("get / HTTP/1.1\n", PLAIN),
    BOTH(" GET / HTTP/1.1\n", PLAIN),
    BOTH("GETS /\n", PLAIN),
    BOTH("PRI * HTTP/2.0\r\n", HTTP2),
    BOTH("PRI * HTTP/2", HTTP2),
    BOTH("PRI * HTTP/", MORE),
    BOTH("PRI * HTTP/1.1\n", PLAIN),
    /* SSH */
    BOTH("SSH-", SSH),
    BOTH("SSH-2.0-OpenSSH_9.2\r\n", SSH),
    BOTH("SSH", MORE),
    BOTH("SSH\n", PLAIN),
    BOTH("ssh-me\n", PLAIN),
    /* IRC */
    BOTH("CAP LS 302\r\n", IRC),
    BOTH("NICK bob", IRC),
    BOTH("PASS x", IRC),
    BOTH("USER bob 0 * :Bob\n", IRC),
    BOTH("WEBIRC x", IRC),
    BOTH("AUTHENTICATE PLAIN\n", IRC),
    BOTH("PING :1\n", IRC),
    BOTH("@a=b;c CAP LS\n", IRC),
    BOTH(":bob NICK bob\n", IRC),
    BOTH("@a=b  :bob   NICK  bob\n", IRC),
    CASE("nick bob\n", IRC, PLAIN),
    CASE("Nick Smith\n", IRC, PLAIN),
    CASE("@a :b cap ls\n", IRC, PLAIN),
    BOTH("NICK", MORE),
    BOTH("NICK ", MORE),
    BOTH("NICK \n", PLAIN),
    BOTH("NICK\n", PLAIN),
    BOTH("NICKY bob\n", PLAIN),
    BOTH("JOIN #x\n", PLAIN),
    BOTH("@ NICK\n", PLAIN),
    BOTH(":NICK bob\n", PLAIN),
    BOTH("\tNICK bob\n", PLAIN),
    /* people */
    BOTH("b", MORE),
    BOTH("bob", MORE),
    BOTH("bob\r", MORE),
    BOTH("bob\n", PLAIN),
    BOTH("bob\r\n", PLAIN),
    BOTH("bob\r\0", PLAIN),
    BOTH("bob\0", MORE),
    BOTH("/quit\nGET / HTTP/1.1\r\n", PLAIN),
    BOTH("bob\nNICK bob\n", PLAIN),
};

static void test_detect_by_the_table(void **state)
{
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct detect_case *one = &cases[i];
        enum detect_result early = detect(one->first, 0), late = detect(one->first, DETECT_F_LATE);
        if (early != one->early || late != one->late)
            fail_msg("case %zu \"%.*s\": %d %d", i, BYTES_ARG(one->first), (int)early, (int)late);
    }
}

static void test_detect_of_nothing(void **state)
{
    (void)state;

    assert_int_equal(detect((struct bytes){NULL, 0}, 0), DETECT_MORE);
    assert_int_equal(detect((struct bytes){NULL, 0}, DETECT_F_AT_END), DETECT_PLAIN);
}

static void test_detect_at_the_end_always_decides(void **state)
{
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        enum detect_result before = detect(cases[i].first, 0);
        enum detect_result result = detect(cases[i].first, DETECT_F_AT_END);
        assert_int_equal(result, before == DETECT_MORE ? DETECT_PLAIN : before);
    }
}

/* However the bytes are split: what a prefix decides is what all of it decides. */
static void test_detect_never_changes_its_mind(void **state)
{
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        for (unsigned flags = 0; flags <= DETECT_F_LATE; flags += DETECT_F_LATE) {
            enum detect_result whole = detect(cases[i].first, flags);
            for (size_t len = 0; len < cases[i].first.len; len++) {
                enum detect_result result = detect(bytes_slice(cases[i].first, 0, len), flags);
                if (result != DETECT_MORE)
                    assert_int_equal(result, whole);
            }
        }
    }
}

static void test_detect_line_of_the_longest_size(void **state)
{
    char first[DETECT_BYTES_MAX + 2];
    (void)state;

    memset(first, 'x', sizeof(first));
    assert_int_equal(detect((struct bytes){first, DETECT_BYTES_MAX - 1}, 0), DETECT_MORE);
    assert_int_equal(detect((struct bytes){first, DETECT_BYTES_MAX}, 0), DETECT_NOT_TEXT);
    assert_int_equal(detect((struct bytes){first, DETECT_BYTES_MAX}, DETECT_F_AT_END), DETECT_NOT_TEXT);
    first[DETECT_BYTES_MAX] = '\n';
    assert_int_equal(detect((struct bytes){first, DETECT_BYTES_MAX + 1}, 0), DETECT_NOT_TEXT);
    first[DETECT_BYTES_MAX - 1] = '\n';
    assert_int_equal(detect((struct bytes){first, DETECT_BYTES_MAX}, 0), DETECT_PLAIN);
}

static void test_detect_tags_count_as_part_of_the_line(void **state)
{
    char first[DETECT_BYTES_MAX + 8];
    (void)state;

    memset(first, 't', sizeof(first));
    first[0] = '@';
    memcpy(first + DETECT_BYTES_MAX - 7, " NICK b\n", 8);
    assert_int_equal(detect((struct bytes){first, DETECT_BYTES_MAX}, 0), DETECT_IRC);
    memcpy(first + DETECT_BYTES_MAX - 7, "t NICK b", 8);
    assert_int_equal(detect((struct bytes){first, DETECT_BYTES_MAX + 1}, 0), DETECT_NOT_TEXT);
}

static void test_detect_client_hello_ignores_minor_version_and_length(void **state)
{
    char first[DETECT_TLS_BYTES];
    (void)state;

    for (size_t at = 2; at <= 4; at++) {
        for (int byte = 0; byte <= 0xff; byte++) {
            memcpy(first, hello, sizeof(first));
            first[at] = (char)byte;
            assert_int_equal(detect((struct bytes){first, sizeof(first)}, 0), DETECT_TLS);
            assert_true(detect_may_be_tls((struct bytes){first, sizeof(first)}));
        }
    }
}

static void test_detect_client_hello_with_another_byte_is_none(void **state)
{
    static const size_t places[] = {0, 1, 5};
    char first[DETECT_TLS_BYTES];
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        for (int byte = 0; byte <= 0xff; byte++) {
            if ((char)byte == hello[places[i]])
                continue;
            memcpy(first, hello, sizeof(first));
            first[places[i]] = (char)byte;
            for (size_t len = places[i] + 1; len <= sizeof(first); len++) {
                assert_false(detect_may_be_tls((struct bytes){first, len}));
                assert_int_not_equal(detect((struct bytes){first, len}, 0), DETECT_TLS);
            }
        }
    }
}

static void assert_hello(const char *bytes, size_t len, size_t expected)
{
    assert_int_equal(detect_hello_bytes((struct bytes){bytes, len}), expected);
}

static void test_detect_hello_in_one_record(void **state)
{
    (void)state;
    static const char whole[] = "\x16\x03\x01\0\x0a\x01\0\0\x06\1\2\3\4\5\6";
    for (size_t len = 0; len < 5; len++)
        assert_hello(whole, len, 5);
    for (size_t len = 5; len <= 15; len++)
        assert_hello(whole, len, 15);
}

/* A ClientHello may come in many records, its length as well. */
static void test_detect_hello_in_many_records(void **state)
{
    (void)state;
    static const char whole[] = "\x16\3\1\0\1\1"
                                "\x16\3\1\0\2\0\0"
                                "\x16\3\1\0\2\2\xaa"
                                "\x16\3\1\0\1\xbb";
    const size_t ends[] = {6, 13, 20, 26};
    for (size_t len = 0; len <= 26; len++) {
        size_t start = 0;
        for (size_t i = 0; i < 4 && ends[i] <= len && i < 3; i++)
            start = ends[i];
        size_t expected = len < start + 5 ? start + 5
                          : start == 20   ? 26
                                          : ends[start == 0   ? 0
                                                 : start == 6 ? 1
                                                              : 2];
        assert_hello(whole, len, expected);
    }
}

static void test_detect_hello_that_becomes_none(void **state)
{
    (void)state;
    assert_hello("\x16\3\1\0\1\1\x17\3\1\0\1\1", 12, 6); /* another type of record */
    assert_hello("\x16\3\1\0\1\1\x16\3\1\0\0", 11, 6);   /* an empty one */
    assert_hello("\x16\3\1\x40\0\1\xff\xff\xff", 9, 5 + 0x4000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_detect_hello_in_one_record),
        cmocka_unit_test(test_detect_hello_in_many_records),
        cmocka_unit_test(test_detect_hello_that_becomes_none),
        cmocka_unit_test(test_detect_by_the_table),
        cmocka_unit_test(test_detect_of_nothing),
        cmocka_unit_test(test_detect_at_the_end_always_decides),
        cmocka_unit_test(test_detect_never_changes_its_mind),
        cmocka_unit_test(test_detect_line_of_the_longest_size),
        cmocka_unit_test(test_detect_tags_count_as_part_of_the_line),
        cmocka_unit_test(test_detect_client_hello_ignores_minor_version_and_length),
        cmocka_unit_test(test_detect_client_hello_with_another_byte_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
