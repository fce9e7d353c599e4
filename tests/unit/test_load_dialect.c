/* The dialects of mingle-bench: what goes over the wire, byte by byte. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
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

static void test_dialect_knows_when_a_client_is_in(void **state)
{
    (void)state;
    const struct {
        const char *name, *line, *answer; /* in room 3 */
        bool is_in;
    } samples[] = {
        {"plain", "*** Welcome, load7", "", false},
        {"plain", "*** pong", "", true},
        {"raw", "enter", "", false},
        {"raw", "entered", "", true},
        {"redis", "+OK\r", "", false},
        {"redis", "$9\r", "", false},
        {"redis", "subscribe\r", "", true},
        {"nats", "INFO {}\r", "", false},
        {"nats", "PONG\r", "", true},
        {"mqtt", "\x30\x0e", "", false},
        {"mqtt", "own7entered", "", true},
        {"irc", "", "", false},
        {"irc", "\r", "", false},
        {"irc", ":", "", false},
        {"irc", ":a.b 001 load7 :Welcome\r", "JOIN #load3\r\n", false},
        {"irc", "001 load7 :Welcome", "JOIN #load3\r\n", false},
        {"irc", ":a.b 002 load7 :It is no 001 or 366 #load3 \r", "", false},
        {"irc", ":load7!load@a.b JOIN #load3\r", "", false},
        {"irc", ":a.b 366 load7 #lobby :End\r", "PART #lobby\r\n", false},
        {"irc", ":a.b 366 load7 #load33 :End\r", "PART #load33\r\n", false},
        {"irc", ":a.b 366 load7 #load3 :End\r", "", true},
        {"irc", ":a.b 366 load7 #load3\r", "", true},
    };
    struct buf out;

    buf_init(&out, 4096);
    for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
        const struct load_dialect *dialect = load_dialect_find(bytes_of(samples[i].name));
        assert_int_equal(dialect->entering(bytes_of(samples[i].line), 3, &out), samples[i].is_in);
        check(&out, bytes_of(samples[i].answer));
    }
    buf_done(&out);
}

static void test_dialect_irc_reads_what_was_said(void **state)
{
    (void)state;
    const struct {
        const char *line, *text;
    } samples[] = {
        {":load7!~load@a.b PRIVMSG #load3 :~0001 hello\r", "~0001 hello"},
        {":load7!~load@a.b PRIVMSG load8 :~0001 hello", "~0001 hello"},
        {":load7 PRIVMSG #load3 hello\r", "hello"},
        {":load7 PRIVMSG #load3 :\r", ""},
        {":load7 PRIVMSG\r", ""},
        {":load7 NOTICE #load3 :hello\r", ""},
        {":load7!~load@a.b QUIT :PRIVMSG #load3 :hello\r", ""},
        {"\r", ""},
        {"", ""},
    };

    for (size_t i = 0; i < ARRAY_LEN(samples); i++)
        assert_true(bytes_eq(load_dialect_find(BYTES("irc"))->text(bytes_of(samples[i].line)),
                             bytes_of(samples[i].text)));
}

static void test_dialect_irc_longest_text_fits_into_a_line(void **state)
{
    (void)state;
    const struct load_dialect *irc = load_dialect_find(BYTES("irc"));
    char text[512] = {0}, source[128] = {0};
    struct buf out;

    memset(text, 'x', irc->payload_max);
    memset(source, 'h', 63);
    buf_init(&out, 4096);
    buf_printf(&out, ":load1000000000!user@%s ", source);
    irc->say(&out, 1000099999, bytes_of(text));
    assert_int_equal(buf_error(&out), 0);
    assert_true(out.len <= 512);
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
        cmocka_unit_test(test_dialect_knows_when_a_client_is_in),
        cmocka_unit_test(test_dialect_irc_reads_what_was_said),
        cmocka_unit_test(test_dialect_irc_longest_text_fits_into_a_line),
        cmocka_unit_test(test_dialect_mqtt_long_packets_have_two_digits_of_length),
        cmocka_unit_test(test_dialect_find_wants_the_whole_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
