/* PROXY headers: both versions, every split, what is broken. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "net/proxyhdr.h"

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define TCP4 \
    "\x21\x11\x00\x0c" \
    "\xc0\x00\x02\x07" \
    "\x0a\x00\x00\x01" \
    "\x1f\x90\x1b\x58"

static const char v1_tcp4[] = "PROXY TCP4 192.0.2.7 10.0.0.1 8080 7000\r\nbob\n";
static const char v2_tcp4[] = SIGNATURE TCP4 "bob\n";
static const char v2_tcp6[] = SIGNATURE "\x21\x21\x00\x24"
                                        "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07"
                                        "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01"
                                        "\x1f\x90\x1b\x58";

#define BYTES_OF(array) ((struct bytes){(array), sizeof(array) - 1})

static void assert_header(struct bytes first, size_t len, const char *peer)
{
    struct proxyhdr header;
    char text[ADDR_TEXT_MAX] = "none";

    assert_int_equal(proxyhdr_parse(first, &header), 0);
    assert_int_equal(header.len, len);
    if (header.has_peer)
        addr_format(&header.peer, text);
    assert_string_equal(text, peer);
}

static void assert_refused(struct bytes first, int error)
{
    struct proxyhdr header = {.len = 7};
    assert_int_equal(proxyhdr_parse(first, &header), error);
    assert_int_equal(header.len, 7);
}

static void test_proxyhdr_v1(void **state)
{
    (void)state;
    assert_header(BYTES_OF(v1_tcp4), sizeof(v1_tcp4) - 5, "192.0.2.7:8080");
    assert_header(BYTES("PROXY TCP6 2001:db8::7 ::1 8080 7000\r\n"), 38, "[2001:db8::7]:8080");
    assert_header(BYTES("PROXY TCP6 ::ffff:192.0.2.7 ::1 1 2\r\n"), 37, "192.0.2.7:1");
    assert_header(BYTES("PROXY UNKNOWN\r\n"), 15, "none");
    assert_header(BYTES("PROXY UNKNOWN ffff:: whatever else\r\nx"), 36, "none");
}

static void test_proxyhdr_v1_broken(void **state)
{
    static const char *const wrong[] = {
        "PROXY TCP4 192.0.2.7 10.0.0.1 8080 7000\n",     "PROXY TCP4 192.0.2.7 10.0.0.1 8080\r\n",
        "PROXY TCP4 192.0.2.7 10.0.0.1 8080 65536\r\n",  "PROXY TCP4 192.0.2.7 10.0.0.1 -1 7000\r\n",
        "PROXY TCP4 192.0.2.7  10.0.0.1 8080 7000\r\n",  "PROXY TCP4 ::1 ::1 8080 7000\r\n",
        "PROXY TCP6 192.0.2.7 10.0.0.1 8080 7000\r\n",   "PROXY TCP5 192.0.2.7 10.0.0.1 8080 7000\r\n",
        "PROXY TCP4 192.0.2.7 10.0.0.1 8080 7000 1\r\n", "PROXY \r\n",
        "PROXY TCP4 localhost 10.0.0.1 8080 7000\r\n",   "proxy tcp4",
        "PROXY TCP4 192.0.2.7 10.0.0.1 8080 7000 \r\n",  "GET / HTTP/1.1\r\n",
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        assert_refused(bytes_of(wrong[i]), -EINVAL);
    assert_refused(BYTES("PROXY TCP4 1\0.2.3.4 1.2.3.4 1 2\r\n"), -EINVAL);
}

static void test_proxyhdr_v1_longest(void **state)
{
    char text[PROXYHDR_LOOK_BYTES + 1];
    (void)state;

    memset(text, 'x', sizeof(text));
    memcpy(text, "PROXY UNKNOWN ", 14);
    memcpy(text + PROXYHDR_LOOK_BYTES - 2, "\r\n", 2);
    assert_header((struct bytes){text, PROXYHDR_LOOK_BYTES}, PROXYHDR_LOOK_BYTES, "none");
    assert_refused((struct bytes){text, PROXYHDR_LOOK_BYTES - 1}, -EAGAIN);
    memcpy(text + PROXYHDR_LOOK_BYTES - 2, "x\r\n", 3);
    assert_refused((struct bytes){text, PROXYHDR_LOOK_BYTES}, -EINVAL);
    assert_refused((struct bytes){text, PROXYHDR_LOOK_BYTES + 1}, -EINVAL);
}

static void test_proxyhdr_v2(void **state)
{
    (void)state;
    assert_header(BYTES_OF(v2_tcp4), 28, "192.0.2.7:8080");
    assert_header(BYTES_OF(v2_tcp6), 52, "[2001:db8::7]:8080");
    /* LOCAL: whatever the addresses say */
    assert_header(BYTES(SIGNATURE "\x20\x00\x00\x00"), 16, "none");
    assert_header(BYTES(SIGNATURE "\x20\x11\x00\x0c"), 28, "none");
    assert_header(BYTES(SIGNATURE "\x21\x00\x00\x05"), 21, "none");
    assert_header(BYTES(SIGNATURE "\x21\x31\x00\xd8"), 232, "none");
    /* additions belong to the header, and need not be here yet */
    assert_header(BYTES(SIGNATURE "\x21\x11\x00\x13"
                                  "\xc0\x00\x02\x07"
                                  "\x0a\x00\x00\x01"
                                  "\x1f\x90\x1b\x58"
                                  "\x04\x00"),
                  35, "192.0.2.7:8080");
}

static void test_proxyhdr_v2_broken(void **state)
{
    (void)state;
    assert_refused(BYTES(SIGNATURE "\x11\x11\x00\x0c"), -EINVAL); /* version 1 */
    assert_refused(BYTES(SIGNATURE "\x22\x11\x00\x0c"), -EINVAL); /* no such command */
    assert_refused(BYTES(SIGNATURE "\x21\x11\x00\x0b"), -EINVAL); /* shorter than its addresses */
    assert_refused(BYTES(SIGNATURE "\x21\x21\x00\x23"), -EINVAL);
    assert_refused(BYTES(SIGNATURE "\x21\x31\x00\xd7"), -EINVAL);
    assert_refused(BYTES(SIGNATURE "\x21\x12\x00\x0c"), -EINVAL); /* UDP */
    assert_refused(BYTES(SIGNATURE "\x21\x41\x00\x0c"), -EINVAL);
    assert_refused(BYTES("\r\n\r\n\0\r\nQUIT\r"), -EINVAL);
}

static void test_proxyhdr_v2_longest(void **state)
{
    (void)state;
    assert_header(BYTES(SIGNATURE "\x20\x00\x0f\xf0"), PROXYHDR_BYTES_MAX, "none");
    assert_refused(BYTES(SIGNATURE "\x20\x00\x0f\xf1"), -EMSGSIZE);
    assert_refused(BYTES(SIGNATURE "\x21\x11\xff\xff"), -EMSGSIZE);
}

/* Until it is whole every prefix asks for more; then nothing behind it matters. */
static void check_splits(struct bytes first, size_t needed)
{
    struct proxyhdr header;
    for (size_t len = 0; len <= first.len; len++)
        assert_int_equal(proxyhdr_parse(bytes_slice(first, 0, len), &header), len < needed ? -EAGAIN : 0);
}

static void test_proxyhdr_split_at_every_byte(void **state)
{
    (void)state;
    check_splits(BYTES_OF(v1_tcp4), sizeof(v1_tcp4) - 5);
    check_splits(BYTES_OF(v2_tcp4), 28);
    check_splits(BYTES_OF(v2_tcp6), 52);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_proxyhdr_v1),
        cmocka_unit_test(test_proxyhdr_v1_broken),
        cmocka_unit_test(test_proxyhdr_v1_longest),
        cmocka_unit_test(test_proxyhdr_v2),
        cmocka_unit_test(test_proxyhdr_v2_broken),
        cmocka_unit_test(test_proxyhdr_v2_longest),
        cmocka_unit_test(test_proxyhdr_split_at_every_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
