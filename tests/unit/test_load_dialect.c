/* The dialects of mingle-bench: what goes over the wire, byte by byte. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/attr.h"
#include "load/load_dialect.h"

static void check(struct buf *out, struct bytes expected)
{
    assert_int_equal(buf_error(out), 0);
    assert_int_equal(out->len, expected.len);
    assert_memory_equal(out->ptr, expected.ptr, expected.len);
    buf_reset(out);
}

struct sample {
    const char *name;
    struct bytes enter, say, tell; /* as client 7 in room 3; "hello" in it; "hello" to client 7 */
};

static void test_dialect_sends_what_its_protocol_says(void **state)
{
    (void)state;
    const struct sample samples[] = {
        {"plain", BYTES("load7\n/join #load3\n/part #lobby\n/set joins off\n/ping\n"), BYTES("hello\n"),
         BYTES("/msg load7 hello\n")},
        {"irc", BYTES("NICK load7\r\nUSER load 0 * :load\r\n"), BYTES("PRIVMSG #load3 :hello\r\n"),
         BYTES("PRIVMSG load7 :hello\r\n")},
        {"raw", BYTES("load3\n"), BYTES("hello\n"), BYTES("")},
        {"redis", BYTES("HELLO 3\r\nSUBSCRIBE load3\r\n"),
         BYTES("*3\r\n$7\r\nPUBLISH\r\n$5\r\nload3\r\n$5\r\nhello\r\n"), BYTES("")},
        {"nats",
         BYTES("CONNECT {\"verbose\":false,\"pedantic\":false,\"echo\":false}\r\nSUB load3 1\r\nPING\r\n"),
         BYTES("PUB load3 5\r\nhello\r\n"), BYTES("")},
        {"mqtt",
         BYTES("\x10\x10\x00\x04MQTT\x04\x02\x00\x00\x00\x04own7"
               "\x82\x11\x00\x01\x00\x05load3\x00\x00\x04own7\x00"
               "\x30\x0e\x00\x04own7entered\n"),
         BYTES("\x30\x0d\x00\x05load3hello\n"), BYTES("")},
    };
    struct buf out;

    buf_init(&out, 4096);
    for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
        const struct load_dialect *dialect = load_dialect_find(bytes_of(samples[i].name));
        assert_non_null(dialect);
        assert_ptr_equal(dialect, load_dialect_at((unsigned)i));
        dialect->enter(&out, 7, 3);
        check(&out, samples[i].enter);
        assert_int_equal(dialect->welcome != NULL, dialect->join != NULL);
        if (dialect->join) {
            dialect->join(&out, 3);
            check(&out, BYTES("JOIN #load3\r\n"));
        }
        dialect->say(&out, 3, BYTES("hello"));
        check(&out, samples[i].say);
        assert_int_equal(dialect->tell != NULL, samples[i].tell.len > 0);
        if (dialect->tell) {
            dialect->tell(&out, 7, BYTES("hello"));
            check(&out, samples[i].tell);
        }
    }
    assert_null(load_dialect_at(ARRAY_LEN(samples)));
    buf_done(&out);
}

static void test_dialect_mqtt_long_packets_have_two_digits_of_length(void **state)
{
    (void)state;
    char text[4000];
    struct buf out;

    buf_init(&out, 8192);
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = 'x';
    /* Topic and newline take 8 bytes: 119 more fill one digit, 120 need two. */
    load_dialect_find(BYTES("mqtt"))->say(&out, 3, (struct bytes){text, 119});
    assert_int_equal((unsigned char)out.ptr[1], 127);
    assert_int_equal(out.len, 2 + 127);
    buf_reset(&out);
    load_dialect_find(BYTES("mqtt"))->say(&out, 3, (struct bytes){text, 120});
    assert_int_equal((unsigned char)out.ptr[1], 0x80);
    assert_int_equal(out.ptr[2], 1);
    assert_int_equal(out.len, 3 + 128);
    buf_reset(&out);
    load_dialect_find(BYTES("mqtt"))->say(&out, 3, (struct bytes){text, sizeof(text)});
    assert_int_equal(out.len, 3 + 4008);
    buf_done(&out);
}

static void test_dialect_find_wants_the_whole_name(void **state)
{
    (void)state;
    assert_null(load_dialect_find(BYTES("pla")));
    assert_null(load_dialect_find(BYTES("plains")));
    assert_null(load_dialect_find(BYTES("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dialect_sends_what_its_protocol_says),
        cmocka_unit_test(test_dialect_mqtt_long_packets_have_two_digits_of_length),
        cmocka_unit_test(test_dialect_find_wants_the_whole_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
