/* The line framer: ends of lines, the limit, and that splitting the stream changes nothing. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/line.h"

#define MAX 5

/* One call that is expected to give `result`. */
static void expect(struct line_framer *framer, struct bytes in, int result, size_t consumed, const char *line,
                   bool ended_crlf)
{
    size_t got_consumed = 999;
    struct bytes got = {NULL, 999};
    bool got_crlf = !ended_crlf;

    assert_int_equal(line_cut(framer, in, &got_consumed, &got, &got_crlf), result);
    assert_int_equal(got_consumed, consumed);
    if (result != 1)
        return;
    assert_int_equal(got.len, strlen(line));
    assert_memory_equal(got.ptr, line, got.len);
    assert_int_equal(got_crlf, ended_crlf);
}

static void test_line_cut_knows_three_ends(void **state)
{
    struct line_framer framer = {.max = MAX};
    (void)state;

    expect(&framer, BYTES("ab\ncd"), 1, 3, "ab", false);
    expect(&framer, BYTES("ab\r\ncd"), 1, 4, "ab", true);
    expect(&framer, BYTES("ab\r\0cd"), 1, 4, "ab", true);
    expect(&framer, BYTES("\n"), 1, 1, "", false);
    expect(&framer, BYTES("\r\n"), 1, 2, "", true);
    expect(&framer, BYTES("\r\0"), 1, 2, "", true);
}

static void test_line_cut_takes_first_of_two_ends(void **state)
{
    struct line_framer framer = {.max = MAX};
    (void)state;

    expect(&framer, BYTES("a\r\0b\n"), 1, 3, "a", true);
    expect(&framer, BYTES("a\nb\r\0"), 1, 2, "a", false);
}

static void test_line_cut_keeps_bare_cr_and_nul(void **state)
{
    struct line_framer framer = {.max = MAX};
    struct bytes in = BYTES("a\0b\0\n"), line;
    size_t consumed;
    bool ended_crlf;
    (void)state;

    expect(&framer, BYTES("a\rb\n"), 1, 4, "a\rb", false);
    expect(&framer, BYTES("a\r\r\n"), 1, 4, "a\r", true);
    assert_int_equal(line_cut(&framer, in, &consumed, &line, &ended_crlf), 1);
    assert_int_equal(line.len, 4);
    assert_memory_equal(line.ptr, "a\0b\0", 4);
    assert_int_equal(line_cut(&framer, BYTES("\0\n"), &consumed, &line, &ended_crlf), 1);
    assert_int_equal(line.len, 1);
}

static void test_line_cut_waits(void **state)
{
    struct line_framer framer = {.max = MAX};
    (void)state;

    expect(&framer, (struct bytes){NULL, 0}, 0, 0, NULL, false);
    expect(&framer, BYTES("ab"), 0, 0, NULL, false);
    expect(&framer, BYTES("ab\r"), 0, 0, NULL, false);
    expect(&framer, BYTES("12345"), 0, 0, NULL, false);
    expect(&framer, BYTES("12345\r"), 0, 0, NULL, false);
    assert_false(framer.is_discarding);
}

static void test_line_cut_limit_is_exact(void **state)
{
    struct line_framer framer = {.max = MAX};
    (void)state;

    expect(&framer, BYTES("1234\n"), 1, 5, "1234", false);
    expect(&framer, BYTES("12345\n"), 1, 6, "12345", false);
    expect(&framer, BYTES("12345\r\n"), 1, 7, "12345", true);
    expect(&framer, BYTES("12345\r\0"), 1, 7, "12345", true);

    const struct bytes too_long[] = {BYTES("123456"), BYTES("123456\n"), BYTES("12345\r6"),
                                     BYTES("12345\r\r"), BYTES("12345\rx\n")};
    for (size_t i = 0; i < ARRAY_LEN(too_long); i++) {
        framer = (struct line_framer){.max = MAX};
        expect(&framer, too_long[i], -EMSGSIZE, MAX, NULL, false);
        assert_true(framer.is_discarding);
    }
}

static void test_line_cut_is_in_step_after_long_line(void **state)
{
    struct line_framer framer = {.max = MAX, .is_discarding = true};
    (void)state;

    expect(&framer, BYTES("junk"), 0, 4, NULL, false);
    expect(&framer, BYTES("junk\r"), 0, 4, NULL, false);
    expect(&framer, BYTES("\rx\r"), 0, 2, NULL, false);
    expect(&framer, BYTES("\r\nab\n"), 1, 5, "ab", false);
    assert_false(framer.is_discarding);

    framer.is_discarding = true;
    expect(&framer, BYTES("junk\n"), 0, 5, NULL, false);
    assert_false(framer.is_discarding);

    framer.is_discarding = true;
    expect(&framer, BYTES("junk\r\0too long"), -EMSGSIZE, 6 + MAX, NULL, false);
    assert_true(framer.is_discarding);
}

static void test_line_rest_is_last_line(void **state)
{
    struct line_framer framer = {.max = MAX};
    struct bytes line = BYTES("untouched");
    (void)state;

    assert_false(line_rest(&framer, (struct bytes){NULL, 0}, &line));
    assert_int_equal(line.len, 9);
    assert_true(line_rest(&framer, BYTES("12345"), &line));
    assert_int_equal(line.len, 5);
    assert_true(line_rest(&framer, BYTES("12345\r"), &line));
    assert_int_equal(line.len, 5);
    assert_memory_equal(line.ptr, "12345", 5);

    framer.is_discarding = true;
    line = BYTES("untouched");
    assert_false(line_rest(&framer, BYTES("\r"), &line));
    assert_int_equal(line.len, 9);
}

/* What came out of a stream: "[line]" or "[line;crlf]", "!" for a line that was too long, "<rest>". */
struct reading {
    struct line_framer framer;
    struct buf kept, out;
};

static void reading_feed(struct reading *reading, struct bytes piece)
{
    size_t consumed;
    struct bytes line;
    bool ended_crlf;
    int r;

    buf_put(&reading->kept, piece);
    do {
        /* A copy of exact size: AddressSanitizer sees every byte read past its end. */
        size_t len = reading->kept.len;
        char *exact = malloc(len > 0 ? len : 1);
        assert_non_null(exact);
        if (len > 0)
            memcpy(exact, reading->kept.ptr, len);
        r = line_cut(&reading->framer, (struct bytes){exact, len}, &consumed, &line, &ended_crlf);
        if (r == 1) {
            buf_put_char(&reading->out, '[');
            buf_put(&reading->out, line);
            buf_put_text(&reading->out, ended_crlf ? ";crlf]" : "]");
        } else if (r == -EMSGSIZE) {
            buf_put_char(&reading->out, '!');
        } else {
            assert_int_equal(r, 0);
        }
        free(exact);
        buf_consume(&reading->kept, consumed);
    } while (r != 0);
    assert_true(reading->kept.len < MAX + LINE_END_BYTES_MAX);
}

/* Feeds `stream` cut at two places. */
static void read_split(struct bytes stream, size_t first, size_t second, struct buf *ret_out)
{
    struct reading reading = {.framer = {.max = MAX}};
    struct bytes line;

    buf_init(&reading.kept, 4096);
    buf_init(&reading.out, 4096);
    reading_feed(&reading, bytes_slice(stream, 0, first));
    reading_feed(&reading, bytes_slice(stream, first, second));
    reading_feed(&reading, bytes_slice(stream, second, stream.len));
    if (line_rest(&reading.framer, buf_bytes(&reading.kept), &line)) {
        buf_put_char(&reading.out, '<');
        buf_put(&reading.out, line);
        buf_put_char(&reading.out, '>');
    }
    assert_int_equal(buf_error(&reading.out), 0);
    buf_done(&reading.kept);
    *ret_out = reading.out;
}

static const struct {
    struct bytes stream;
    const char *expected;
} streams[] = {
    {BYTES("ab\ncd\r\nef\r\0gh"), "[ab][cd;crlf][ef;crlf]<gh>"},
    {BYTES("12345\n12345\r\n12345\r\0\n\r\n"), "[12345][12345;crlf][12345;crlf][][;crlf]"},
    {BYTES("123456\nab\n"), "![ab]"},
    {BYTES("12345\r6\r\nab\r\n"), "![ab;crlf]"},
    {BYTES("1234567890123\r\0ab\r\0"
           "123456\n1234567\nx"),
     "![ab;crlf]!!<x>"},
    {BYTES("1\r2\r\r\n\r\r\n"), "[1\r2\r;crlf][\r;crlf]"},
    {BYTES("12345\r\r\nab\n"), "![ab]"},
    {BYTES("12345678"), "!"},
    {BYTES("12345678\r"), "!"},
    {BYTES("ab\r"), "<ab>"},
    {BYTES("12345\r"), "<12345>"},
    {BYTES(""), ""},
};

static void test_line_cut_does_not_depend_on_splits(void **state)
{
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(streams); i++) {
        struct bytes stream = streams[i].stream;
        for (size_t first = 0; first <= stream.len; first++) {
            for (size_t second = first; second <= stream.len; second++) {
                struct buf out;
                read_split(stream, first, second, &out);
                assert_int_equal(out.len, strlen(streams[i].expected));
                if (out.len > 0)
                    assert_memory_equal(out.ptr, streams[i].expected, out.len);
                buf_done(&out);
            }
        }
    }
}

static void test_line_cut_byte_by_byte(void **state)
{
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(streams); i++) {
        struct reading reading = {.framer = {.max = MAX}};
        struct bytes line, stream = streams[i].stream;
        buf_init(&reading.kept, 4096);
        buf_init(&reading.out, 4096);
        for (size_t at = 0; at < stream.len; at++)
            reading_feed(&reading, bytes_slice(stream, at, at + 1));
        if (line_rest(&reading.framer, buf_bytes(&reading.kept), &line))
            buf_printf(&reading.out, "<%.*s>", BYTES_ARG(line));
        assert_int_equal(reading.out.len, strlen(streams[i].expected));
        if (reading.out.len > 0)
            assert_memory_equal(reading.out.ptr, streams[i].expected, reading.out.len);
        buf_done(&reading.kept);
        buf_done(&reading.out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_line_cut_knows_three_ends),
        cmocka_unit_test(test_line_cut_takes_first_of_two_ends),
        cmocka_unit_test(test_line_cut_keeps_bare_cr_and_nul),
        cmocka_unit_test(test_line_cut_waits),
        cmocka_unit_test(test_line_cut_limit_is_exact),
        cmocka_unit_test(test_line_cut_is_in_step_after_long_line),
        cmocka_unit_test(test_line_rest_is_last_line),
        cmocka_unit_test(test_line_cut_does_not_depend_on_splits),
        cmocka_unit_test(test_line_cut_byte_by_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
