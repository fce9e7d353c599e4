/* Detection from the first bytes: every prefix, every byte that decides. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "proto/detect.h"

static const char hello[] = {0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01};

static void test_detect_needs_six_bytes_of_a_client_hello(void **state)
{
    (void)state;

    for (size_t len = 0; len < DETECT_BYTES_MIN; len++) {
        assert_int_equal(detect((struct bytes){hello, len}, false), DETECT_MORE);
        assert_int_equal(detect((struct bytes){hello, len}, true), DETECT_PLAIN);
    }
    for (size_t len = DETECT_BYTES_MIN; len <= sizeof(hello); len++) {
        assert_int_equal(detect((struct bytes){hello, len}, false), DETECT_TLS);
        assert_int_equal(detect((struct bytes){hello, len}, true), DETECT_TLS);
    }
}

static void test_detect_of_nothing(void **state)
{
    (void)state;

    assert_int_equal(detect((struct bytes){NULL, 0}, false), DETECT_MORE);
    assert_int_equal(detect((struct bytes){NULL, 0}, true), DETECT_PLAIN);
}

static void test_detect_ignores_minor_version_and_length(void **state)
{
    char first[DETECT_BYTES_MIN];
    (void)state;

    for (size_t at = 2; at <= 4; at++) {
        for (int byte = 0; byte <= 0xff; byte++) {
            memcpy(first, hello, sizeof(first));
            first[at] = (char)byte;
            assert_int_equal(detect((struct bytes){first, sizeof(first)}, false), DETECT_TLS);
        }
    }
}

/* One other byte at a place that decides: plain at once, with whatever prefix reaches that place. */
static void test_detect_of_other_bytes(void **state)
{
    static const size_t places[] = {0, 1, 5};
    char first[DETECT_BYTES_MIN];
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        for (int byte = 0; byte <= 0xff; byte++) {
            if ((char)byte == hello[places[i]])
                continue;
            memcpy(first, hello, sizeof(first));
            first[places[i]] = (char)byte;
            for (size_t len = places[i] + 1; len <= sizeof(first); len++)
                assert_int_equal(detect((struct bytes){first, len}, false), DETECT_PLAIN);
        }
    }
}

static void test_detect_of_people(void **state)
{
    static const char *const lines[] = {"a",    "\n",      "bob\r\n", "NICK bob", "GET / HTTP/1.1",
                                        "\x16", "\x16\x16"};
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        assert_int_equal(detect(bytes_of(lines[i]), true), DETECT_PLAIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_detect_needs_six_bytes_of_a_client_hello),
        cmocka_unit_test(test_detect_of_nothing),
        cmocka_unit_test(test_detect_ignores_minor_version_and_length),
        cmocka_unit_test(test_detect_of_other_bytes),
        cmocka_unit_test(test_detect_of_people),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
