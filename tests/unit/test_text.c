/* Cleaning: what is dropped, replaced and closed; that it is idempotent and that the question "is it
 * clean" agrees with it, for anything. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "chat/text.h"

#define MARK "\xcc\x81" /* U+0301, a combining accent */

#define LRE "\xE2\x80\xAA"
#define PDF "\xE2\x80\xAC"
#define RLO "\xE2\x80\xAE"
#define LRI "\xE2\x81\xA6"
#define PDI "\xE2\x81\xA9"
#define ZWJ "\xE2\x80\x8D"
#define ACUTE "\xCC\x81"
#define FFFD "\xEF\xBF\xBD"

static void assert_cleans_cut(struct bytes raw, size_t max_bytes, struct bytes want)
{
    struct buf out;
    buf_init(&out, 100000);
    text_clean_cut(raw, max_bytes, &out);
    assert_int_equal(buf_error(&out), 0);
    if (!bytes_eq(buf_bytes(&out), want))
        fail_msg("have \"%.*s\", want \"%.*s\"", BYTES_ARG(buf_bytes(&out)), BYTES_ARG(want));
    if (raw.len <= max_bytes)
        assert_int_equal(text_is_clean(raw), bytes_eq(raw, want));
    assert_true(text_is_clean(want));
    buf_done(&out);
}

#define ASSERT_CLEANS(raw, want) assert_cleans_cut(BYTES(raw), SIZE_MAX, BYTES(want))

static void test_text_keeps_plain_text(void **state)
{
    (void)state;
    ASSERT_CLEANS("", "");
    ASSERT_CLEANS("  Hello, ~world!  ", "  Hello, ~world!  ");
    ASSERT_CLEANS("na\xC3\xAFve \xE2\x82\xAC \xF0\x9F\x98\x80 \xE6\x97\xA5",
                  "na\xC3\xAFve \xE2\x82\xAC \xF0\x9F\x98\x80 \xE6\x97\xA5");
    ASSERT_CLEANS(FFFD, FFFD);
    ASSERT_CLEANS("\xC2\xA0", "\xC2\xA0"); /* U+00A0, just above C1 */
}

static void test_text_drops_controls(void **state)
{
    (void)state;
    ASSERT_CLEANS("a\0b\x01\x07\x08\n\r\x1F\x7F"
                  "c",
                  "abc");
    ASSERT_CLEANS("a\tb\t", "a b ");
    ASSERT_CLEANS("\x1B[31mred\x1B[0m", "[31mred[0m");
    ASSERT_CLEANS("\xC2\x80x\xC2\x9B"
                  "31m\xC2\x9F",
                  "x31m"); /* C1 as characters */
    ASSERT_CLEANS("a\xE2\x80\xA8"
                  "b\xE2\x80\xA9"
                  "c",
                  "a b c");
    ASSERT_CLEANS("\xEF\xBB\xBF"
                  "a\xEF\xBF\xBE\xEF\xBF\xBF\xEF\xB7\x90\xEF\xB7\xAF\xF0\x9F\xBF\xBE\xF4\x8F\xBF\xBF",
                  "a");
}

static void test_text_replaces_malformed_utf8(void **state)
{
    (void)state;
    ASSERT_CLEANS("a\x9B"
                  "b",
                  "a" FFFD "b"); /* C1 as a byte */
    ASSERT_CLEANS("\xFF\xFE", FFFD FFFD);
    ASSERT_CLEANS("\xC0\xAF", FFFD FFFD); /* an overlong '/' */
    ASSERT_CLEANS("\xED\xA0\x80", FFFD FFFD FFFD);
    ASSERT_CLEANS("\xE2\x82", FFFD);
}

static void test_text_cannot_be_joined_to_a_control_by_dropping(void **state)
{
    (void)state;
    /* Dropping what stands between the halves must not make a character of them. */
    ASSERT_CLEANS("\xC2\n\x9B", FFFD FFFD);
    ASSERT_CLEANS("\xE2\x80\x07\xAE", FFFD FFFD);
}

static void test_text_closes_bidi_controls(void **state)
{
    (void)state;
    ASSERT_CLEANS("a" RLO "b", "a" RLO "b" PDF);
    ASSERT_CLEANS("a" LRI "b" LRE "c", "a" LRI "b" LRE "c" PDF PDI);
    ASSERT_CLEANS(RLO "b" PDF LRI "c" PDI, RLO "b" PDF LRI "c" PDI);
    ASSERT_CLEANS("a" PDF "b" PDI, "ab");
    ASSERT_CLEANS(LRI PDF "a" PDI, LRI "a" PDI); /* it is not the isolate's */
    ASSERT_CLEANS(LRE LRI "a" PDF PDI "b", LRE LRI "a" PDI "b" PDF);
    ASSERT_CLEANS(LRI LRE "a" PDI "b" PDF, LRI LRE "a" PDF PDI "b"); /* closing the outer closes the inner */
    ASSERT_CLEANS(LRE "a" PDI, LRE "a" PDF);
}

static void repeat(struct bytes piece, size_t times, char *ret)
{
    for (size_t i = 0; i < times; i++)
        memcpy(&ret[i * piece.len], piece.ptr, piece.len);
}

static void test_text_bounds_bidi_depth(void **state)
{
    (void)state;
    char raw[(TEXT_BIDI_DEPTH_MAX + 1) * 3], want[TEXT_BIDI_DEPTH_MAX * 6];
    repeat(BYTES(LRI), TEXT_BIDI_DEPTH_MAX + 1, raw);
    repeat(BYTES(LRI), TEXT_BIDI_DEPTH_MAX, want);
    repeat(BYTES(PDI), TEXT_BIDI_DEPTH_MAX, &want[TEXT_BIDI_DEPTH_MAX * 3]);
    assert_cleans_cut((struct bytes){raw, sizeof(raw)}, SIZE_MAX, (struct bytes){want, sizeof(want)});
    assert_cleans_cut((struct bytes){raw, sizeof(raw) - 3}, SIZE_MAX, (struct bytes){want, sizeof(want)});
}

static void test_text_caps_combining_marks(void **state)
{
    (void)state;
    ASSERT_CLEANS("e" ACUTE ACUTE ACUTE ACUTE, "e" ACUTE ACUTE ACUTE ACUTE);
    ASSERT_CLEANS("e" ACUTE ACUTE ACUTE ACUTE ACUTE "f" ACUTE, "e" ACUTE ACUTE ACUTE ACUTE "f" ACUTE);
    ASSERT_CLEANS(ACUTE ACUTE ACUTE ACUTE ACUTE, ACUTE ACUTE ACUTE ACUTE);
    /* Neither what is dropped nor what is invisible starts a new pile. */
    ASSERT_CLEANS("e" ACUTE ACUTE ACUTE ACUTE "\x07" ACUTE, "e" ACUTE ACUTE ACUTE ACUTE);
    ASSERT_CLEANS("e" ACUTE ACUTE ACUTE ACUTE ZWJ ACUTE, "e" ACUTE ACUTE ACUTE ACUTE ZWJ);
    ASSERT_CLEANS("e" ACUTE ACUTE ACUTE ACUTE LRI ACUTE, "e" ACUTE ACUTE ACUTE ACUTE LRI PDI);
}

/* Five of the character on a base: is the last dropped? */
static bool is_capped(uint32_t c)
{
    char raw[1 + 5 * UTF8_MAX_BYTES] = "a";
    size_t len = 1;
    for (int i = 0; i < 5; i++)
        len += utf8_encode(c, &raw[len]);
    return !text_is_clean((struct bytes){raw, len});
}

static void test_text_knows_the_edges_of_each_range_of_marks(void **state)
{
    (void)state;
    static const uint32_t ranges[][2] = {
        {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x0610, 0x061A},
        {0x064B, 0x065F}, {0x0E31, 0x0E31}, {0x0E34, 0x0E3A}, {0x1AB0, 0x1AFF},
        {0x1DC0, 0x1DFF}, {0x20D0, 0x20FF}, {0xFE20, 0xFE2F},
    };
    for (size_t i = 0; i < ARRAY_LEN(ranges); i++) {
        assert_false(is_capped(ranges[i][0] - 1));
        assert_true(is_capped(ranges[i][0]));
        assert_true(is_capped(ranges[i][1]));
        assert_false(is_capped(ranges[i][1] + 1));
    }
}

static void test_text_cut_stops_before_the_limit(void **state)
{
    (void)state;
    assert_cleans_cut(BYTES("hello"), 5, BYTES("hello"));
    assert_cleans_cut(BYTES("hello"), 4, BYTES("hell"));
    assert_cleans_cut(BYTES("hello"), 0, BYTES(""));
    assert_cleans_cut(BYTES("ab\xE2\x82\xAC"), 4, BYTES("ab"));
    assert_cleans_cut(BYTES("ab\xE2\x82\xAC"), 5, BYTES("ab\xE2\x82\xAC"));
    assert_cleans_cut(BYTES("\xFF\xFF"), 5, BYTES(FFFD)); /* the result counts, not the input */
}

static void test_text_cut_keeps_room_for_closers(void **state)
{
    (void)state;
    assert_cleans_cut(BYTES("a" RLO "bcd" PDF), 9, BYTES("a" RLO "bc" PDF));
    assert_cleans_cut(BYTES("a" RLO "bcd" PDF), 7, BYTES("a" RLO PDF));
    assert_cleans_cut(BYTES("a" RLO "bcd" PDF), 6, BYTES("a"));
    assert_cleans_cut(BYTES("a" RLO "bcd" PDF), 10, BYTES("a" RLO "bcd" PDF));
}

static void test_text_clean_appends(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 8);
    buf_put_text(&out, "abc");
    text_clean(BYTES("\n" ACUTE "d"), &out);
    assert_int_equal(buf_error(&out), 0);
    assert_true(bytes_eq(buf_bytes(&out), BYTES("abc" ACUTE "d")));
    text_clean(BYTES("xyz"), &out);
    assert_int_not_equal(buf_error(&out), 0);
    buf_done(&out);
}

/* Text in which everything that cleaning cares about is frequent. */
static size_t random_text(char *text, size_t max_bytes)
{
    static const char *const pieces[] = {LRE,
                                         PDF,
                                         RLO,
                                         LRI,
                                         PDI,
                                         ZWJ,
                                         ACUTE,
                                         ACUTE,
                                         ACUTE,
                                         "a",
                                         "b",
                                         "\t",
                                         "\n",
                                         "\xC2",
                                         "\x9B",
                                         "\xE2\x80",
                                         "\xA8",
                                         "\xF0\x9F\x98\x80",
                                         "\xEF\xBF\xBF",
                                         "\xEF\xBB\xBF",
                                         "\x1B[",
                                         FFFD};
    size_t len = 0, want = (size_t)rand() % max_bytes;
    while (len < want) {
        if (rand() % 4 == 0) {
            text[len++] = (char)(rand() % 256);
            continue;
        }
        struct bytes piece = bytes_of(pieces[(size_t)rand() % ARRAY_LEN(pieces)]);
        if (len + piece.len > want)
            break;
        memcpy(&text[len], piece.ptr, piece.len);
        len += piece.len;
    }
    return len;
}

static void assert_harmless(struct bytes text)
{
    assert_true(utf8_is_valid(text));
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        assert_true(c >= 0x20 && c != 0x7F);
        bool is_c1 = c == 0xC2 && (unsigned char)text.ptr[i + 1] < 0xA0;
        assert_false(is_c1);
    }
}

static void test_text_of_any_bytes_is_clean_once_cleaned(void **state)
{
    (void)state;
    struct buf once, twice;
    buf_init(&once, 10000);
    buf_init(&twice, 10000);
    srand(20261121);
    for (int round = 0; round < 30000; round++) {
        char raw[120];
        struct bytes text = {raw, random_text(raw, sizeof(raw))};
        size_t max_bytes = round % 2 == 0 ? SIZE_MAX : (size_t)rand() % 100;
        buf_reset(&once);
        buf_reset(&twice);
        text_clean_cut(text, max_bytes, &once);
        text_clean_cut(buf_bytes(&once), max_bytes, &twice);
        assert_true(once.len <= max_bytes);
        assert_harmless(buf_bytes(&once));
        assert_true(text_is_clean(buf_bytes(&once)));
        assert_true(bytes_eq(buf_bytes(&once), buf_bytes(&twice)));
        if (text.len <= max_bytes)
            assert_int_equal(text_is_clean(text), bytes_eq(text, buf_bytes(&once)));
    }
    buf_done(&once);
    buf_done(&twice);
}

static void check_lines(const char *raw, size_t max_bytes, const char *expected)
{
    struct buf out;

    buf_init(&out, 10000);
    text_clean_said(bytes_of(raw), max_bytes, &out);
    buf_put_char(&out, '\0');
    assert_int_equal(buf_error(&out), 0);
    assert_string_equal(out.ptr, expected);
    buf_done(&out);
}

static void test_text_keeps_lines_where_they_may_be(void **state)
{
    (void)state;
    check_lines("one\n\n  two\r\nth\x1bree", 100, "one\n\n  two\nthree");
    check_lines("\n \n\t\n  one\n \n\n", 100, "  one");
    check_lines(" \n\n ", 100, "");
    check_lines(" \x1b\n \xc2\x9b\none\n \xc2\x9b", 100, "one"); /* blank once it is clean */
    check_lines("  one  ", 100, "  one  ");
    check_lines("a\u202eb\nc", 100, "a\u202eb\u202c\nc"); /* what is open ends with its line */
    check_lines("one\ntwo\nthree", 8, "one\ntwo");
    check_lines("one\ntwo\nthree", 9, "one\ntwo\nt");
    check_lines("one\ntwo", 3, "one");
    check_lines("one\ntwo", 4, "one");
}

static void test_text_said_keeps_formats(void **state)
{
    (void)state;
    check_lines("\x02one\x0f\n\x03"
                "04two\x07",
                100,
                "\x02one\x0f\n\x03"
                "04two");
    check_lines(" \x02 \n\x03"
                "4,12\nb\n\x1f\n",
                100, "b"); /* nothing would be seen of the others */
    check_lines("\x02\x03"
                "04",
                100, "");
    assert_true(text_is_clean_said(BYTES("\x02"
                                         "a\nb")));
    assert_false(text_is_clean_said(BYTES("a\nb\r")));
    assert_false(text_is_clean_said(BYTES("a\x1b[m\nb")));
    assert_false(text_is_clean(BYTES("a\nb")));
    assert_false(text_is_clean(BYTES("\x02"
                                     "a")));
}

/* What is a digit of a colour to one reader is nothing to another, and the marks are a pile again. */
static void test_text_said_counts_marks_through_formats(void **state)
{
    (void)state;
    check_lines("e" MARK MARK MARK "\x03"
                "25" MARK MARK "\x02" MARK "x" MARK,
                100,
                "e" MARK MARK MARK "\x03"
                "25" MARK "\x02"
                "x" MARK);
    check_lines("e" MARK MARK MARK MARK "\x03\x01"
                "1,2" MARK,
                100,
                "e" MARK MARK MARK MARK "\x03"
                "1,2");
    check_lines("e" MARK MARK MARK MARK "25" MARK, 100, "e" MARK MARK MARK MARK "25" MARK);
}

static void test_text_has_a_limit_of_lines(void **state)
{
    char raw[2 * (TEXT_LINES_MAX + 1) + 1], expected[2 * TEXT_LINES_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof(raw) - 1; i++)
        raw[i] = i % 2 ? '\n' : 'a';
    raw[sizeof(raw) - 1] = '\0';
    assert_int_equal(text_count_lines(bytes_of(raw)), TEXT_LINES_MAX + 1);
    assert_true(bytes_copy((struct bytes){raw, sizeof(expected) - 1}, expected, sizeof(expected)));
    check_lines(raw, 10000, expected);
    check_lines(expected, 10000, expected);
    assert_int_equal(text_count_lines(BYTES("")), 0);
    assert_int_equal(text_count_lines(BYTES("a\n\nb\n\n")), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_keeps_plain_text),
        cmocka_unit_test(test_text_drops_controls),
        cmocka_unit_test(test_text_replaces_malformed_utf8),
        cmocka_unit_test(test_text_cannot_be_joined_to_a_control_by_dropping),
        cmocka_unit_test(test_text_closes_bidi_controls),
        cmocka_unit_test(test_text_bounds_bidi_depth),
        cmocka_unit_test(test_text_caps_combining_marks),
        cmocka_unit_test(test_text_knows_the_edges_of_each_range_of_marks),
        cmocka_unit_test(test_text_cut_stops_before_the_limit),
        cmocka_unit_test(test_text_cut_keeps_room_for_closers),
        cmocka_unit_test(test_text_clean_appends),
        cmocka_unit_test(test_text_keeps_lines_where_they_may_be),
        cmocka_unit_test(test_text_has_a_limit_of_lines),
        cmocka_unit_test(test_text_said_keeps_formats),
        cmocka_unit_test(test_text_said_counts_marks_through_formats),
        cmocka_unit_test(test_text_of_any_bytes_is_clean_once_cleaned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
