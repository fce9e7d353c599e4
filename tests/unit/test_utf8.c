/* UTF-8: every code point there and back, and the classes of malformed input that decoders are known
 * to get wrong (after Markus Kuhn's stress test and chapter 3 of the Unicode standard). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

/* One letter or digit a decoded character: the byte count of a malformed part, or 'v' for a valid one. */
static void decode_shape(struct bytes b, char *shape, size_t size)
{
    size_t n = 0;
    while (b.len > 0) {
        uint32_t c = 0;
        bool is_valid = false;
        size_t taken = utf8_next(b, &c, &is_valid);
        assert_in_range(taken, 1, b.len);
        if (!is_valid)
            assert_int_equal(c, UTF8_REPLACEMENT);
        assert_true(n + 1 < size);
        shape[n++] = is_valid ? 'v' : (char)('0' + taken);
        b = bytes_slice(b, taken, b.len);
    }
    shape[n] = '\0';
}

static void assert_shape(struct bytes b, const char *expected)
{
    char shape[256];
    decode_shape(b, shape, sizeof(shape));
    assert_string_equal(shape, expected);
    assert_int_equal(utf8_is_valid(b), strspn(expected, "v") == strlen(expected));
}

static bool is_scalar(uint32_t c)
{
    return c <= 0x10FFFF && !(c >= 0xD800 && c <= 0xDFFF);
}

static void test_utf8_every_code_point_round_trips(void **state)
{
    (void)state;
    for (uint32_t c = 0; c <= 0x10FFFF; c++) {
        char text[UTF8_MAX_BYTES];
        uint32_t back = 0;
        bool is_valid = false;
        if (!is_scalar(c))
            continue;
        size_t n = utf8_encode(c, text), expected_n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
        size_t taken = utf8_next((struct bytes){text, n}, &back, &is_valid);
        if (n != expected_n || taken != n || !is_valid || back != c)
            fail_msg("U+%04X", (unsigned)c);
    }
}

static void test_utf8_encode_known_bytes(void **state)
{
    (void)state;
    static const struct {
        uint32_t c;
        const char *text;
    } rows[] = {
        {0x41, "A"},
        {0x7F, "\x7F"},
        {0x80, "\xC2\x80"},
        {0xE4, "\xC3\xA4"},
        {0x7FF, "\xDF\xBF"},
        {0x800, "\xE0\xA0\x80"},
        {0x20AC, "\xE2\x82\xAC"},
        {0xD7FF, "\xED\x9F\xBF"},
        {0xE000, "\xEE\x80\x80"},
        {0xFFFF, "\xEF\xBF\xBF"},
        {0x10000, "\xF0\x90\x80\x80"},
        {0x1F600, "\xF0\x9F\x98\x80"},
        {0x10FFFF, "\xF4\x8F\xBF\xBF"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[UTF8_MAX_BYTES + 1] = {0};
        assert_int_equal(utf8_encode(rows[i].c, text), strlen(rows[i].text));
        assert_string_equal(text, rows[i].text);
    }
    char nul[UTF8_MAX_BYTES] = "x";
    assert_int_equal(utf8_encode(0, nul), 1);
    assert_int_equal(nul[0], 0);
}

static void test_utf8_encode_replaces_what_is_no_scalar(void **state)
{
    (void)state;
    static const uint32_t wrong[] = {0xD800, 0xDBFF, 0xDC00, 0xDFFF, 0x110000, 0x7FFFFFFF, UINT32_MAX};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        char text[UTF8_MAX_BYTES];
        assert_int_equal(utf8_encode(wrong[i], text), 3);
        assert_memory_equal(text, "\xEF\xBF\xBD", 3);
    }
}

static void test_utf8_accepts_correct_text(void **state)
{
    (void)state;
    assert_true(utf8_is_valid((struct bytes){NULL, 0}));
    assert_shape(BYTES("abc"), "vvv");
    assert_shape(BYTES("\0"), "v");
    assert_shape(BYTES("\xCE\xBA\xE1\xBD\xB9\xCF\x83\xCE\xBC\xCE\xB5"), "vvvvv");
    assert_shape(BYTES("\xEF\xBF\xBD"), "v");              /* U+FFFD itself is no error */
    assert_shape(BYTES("\xEF\xBF\xBE\xEF\xBF\xBF"), "vv"); /* noncharacters are characters here */
    assert_shape(BYTES("\xEF\xB7\x90\xF0\x9F\xBF\xBE"), "vv");
}

static void test_utf8_lone_continuation_bytes(void **state)
{
    (void)state;
    char all[64], shape[65];
    assert_shape(BYTES("\x80"), "1");
    assert_shape(BYTES("\xBF"), "1");
    assert_shape(BYTES("\x80\xBF\x80\xBF\x80\xBF\x80"), "1111111");
    for (unsigned i = 0; i < 64; i++)
        all[i] = (char)(0x80 + i);
    memset(shape, '1', 64);
    shape[64] = '\0';
    assert_shape((struct bytes){all, 64}, shape);
}

static void test_utf8_lonely_first_bytes(void **state)
{
    (void)state;
    for (unsigned first = 0xC0; first <= 0xFF; first++) {
        char text[] = {(char)first, ' ', (char)first};
        assert_shape((struct bytes){text, 3}, "1v1");
    }
}

static void test_utf8_missing_last_byte(void **state)
{
    (void)state;
    assert_shape(BYTES("\xDF"), "1");
    assert_shape(BYTES("\xE0\xA0"), "2");
    assert_shape(BYTES("\xEF\xBF"), "2");
    assert_shape(BYTES("\xF0\x90\x80"), "3");
    assert_shape(BYTES("\xF4\x8F\xBF"), "3");
    assert_shape(BYTES("\xDF\xEF\xBF\xF4\x8F\xBF"
                       "a"),
                 "123v");
    assert_shape(BYTES("\xE2\x82"
                       "a\xE2\x82\xAC"),
                 "2vv");
}

static void test_utf8_impossible_bytes(void **state)
{
    (void)state;
    assert_shape(BYTES("\xFE"), "1");
    assert_shape(BYTES("\xFF"), "1");
    assert_shape(BYTES("\xFE\xFE\xFF\xFF"), "1111");
    assert_shape(BYTES("\xF8\x88\x80\x80\x80"), "11111");
    assert_shape(BYTES("\xFC\x84\x80\x80\x80\x80"), "111111");
}

static void test_utf8_overlong_forms(void **state)
{
    (void)state;
    assert_shape(BYTES("\xC0\xAF"), "11"); /* '/', the classic */
    assert_shape(BYTES("\xE0\x80\xAF"), "111");
    assert_shape(BYTES("\xF0\x80\x80\xAF"), "1111");
    assert_shape(BYTES("\xC1\xBF"), "11"); /* the largest of each length */
    assert_shape(BYTES("\xE0\x9F\xBF"), "111");
    assert_shape(BYTES("\xF0\x8F\xBF\xBF"), "1111");
    assert_shape(BYTES("\xC0\x80"), "11"); /* NUL */
    assert_shape(BYTES("\xE0\x80\x80"), "111");
    assert_shape(BYTES("\xF0\x80\x80\x80"), "1111");
    assert_shape(BYTES("\xE0\x82\x9B"), "111"); /* C1 control CSI */
}

static void test_utf8_surrogates_and_beyond(void **state)
{
    (void)state;
    assert_shape(BYTES("\xED\x9F\xBF"), "v");
    assert_shape(BYTES("\xED\xA0\x80"), "111");
    assert_shape(BYTES("\xED\xBF\xBF"), "111");
    assert_shape(BYTES("\xED\xA0\x80\xED\xB0\x80"), "111111");
    assert_shape(BYTES("\xEE\x80\x80"), "v");
    assert_shape(BYTES("\xF4\x8F\xBF\xBF"), "v");
    assert_shape(BYTES("\xF4\x90\x80\x80"), "1111");
    assert_shape(BYTES("\xF5\x80\x80\x80"), "1111");
    assert_shape(BYTES("\xF7\xBF\xBF\xBF"), "1111");
}

/* The standard's own examples for replacing maximal subparts (tables 3-8 to 3-11). */
static void test_utf8_maximal_subparts(void **state)
{
    (void)state;
    assert_shape(BYTES("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41"), "11111111v");
    assert_shape(BYTES("\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41"), "11111111v");
    assert_shape(BYTES("\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42"), "11111v11v");
    assert_shape(BYTES("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41"), "2132v");
    assert_shape(BYTES("\x61\xF1\x80\x80\xE1\x80\xC2\x62\x80\x63\x80\xBF\x64"), "v321v1v11v");
}

/* No table to be wrong in: just how many strings of each length are exactly one character. */
static void test_utf8_counts_of_single_characters(void **state)
{
    (void)state;
    unsigned counts[4] = {0};
    for (uint32_t word = 0; word < 0x1000000; word++) {
        char text[3] = {(char)(word >> 16), (char)(word >> 8), (char)word};
        uint32_t c;
        bool is_valid;
        size_t n = utf8_next((struct bytes){text, 3}, &c, &is_valid);
        counts[is_valid ? n : 0]++;
    }
    assert_int_equal(counts[1], 128u * 65536u);
    assert_int_equal(counts[2], (0x800u - 0x80u) * 256u);
    assert_int_equal(counts[3], 0x10000u - 0x800u - 2048u);
}

static const struct bytes samples[] = {
    {"a", 1},
    {"\xC3\xA4", 2},
    {"\xE2\x82\xAC", 3},
    {"\xED\x9F\xBF", 3},
    {"\xF0\x9F\x98\x80", 4},
    {"\xF4\x8F\xBF\xBF", 4},
};

static void test_utf8_truncated_at_each_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
        for (size_t n = 1; n <= samples[i].len; n++) {
            uint32_t c = 0;
            bool is_valid = n < samples[i].len;
            assert_int_equal(utf8_next(bytes_slice(samples[i], 0, n), &c, &is_valid), n);
            assert_int_equal(is_valid, n == samples[i].len);
            assert_int_equal(c == UTF8_REPLACEMENT, n < samples[i].len);
        }
    }
}

static void test_utf8_prefix_never_cuts_a_character(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
        char text[16];
        snprintf(text, sizeof(text), "x%.*sy", BYTES_ARG(samples[i]));
        struct bytes b = bytes_of(text);
        for (size_t max = 0; max <= b.len + 1; max++) {
            size_t end = 1 + samples[i].len; /* of the sample */
            size_t expected = max >= b.len ? b.len : max >= end ? end : max > 0 ? 1 : 0;
            assert_int_equal(utf8_prefix(b, max).len, expected);
            assert_ptr_equal(utf8_prefix(b, max).ptr, b.ptr);
        }
    }
    assert_int_equal(utf8_prefix((struct bytes){NULL, 0}, 0).len, 0);
    assert_int_equal(utf8_prefix((struct bytes){NULL, 0}, 5).len, 0);
}

/* On any bytes the prefix is what stepping with utf8_next() from the start gives. */
static void test_utf8_prefix_of_malformed_text(void **state)
{
    (void)state;
    static const char alphabet[] = "a\x80\xBF\xC2\xE1\xED\xF1\xF4\x90\xFF";
    enum { LEN = 5, LETTERS = sizeof(alphabet) - 1 };
    for (unsigned n = 0; n < LETTERS * LETTERS * LETTERS * LETTERS * LETTERS; n++) {
        char text[LEN];
        unsigned rest = n;
        for (size_t i = 0; i < LEN; i++, rest /= LETTERS)
            text[i] = alphabet[rest % LETTERS];
        struct bytes b = {text, LEN};
        for (size_t max = 0; max <= LEN; max++) {
            size_t at = 0, step = 0;
            do {
                uint32_t c;
                bool is_valid;
                at += step;
                step = at < LEN ? utf8_next(bytes_slice(b, at, LEN), &c, &is_valid) : LEN;
            } while (at + step <= max);
            if (utf8_prefix(b, max).len != at)
                fail_msg("text %u, max %zu", n, max);
        }
    }
}

static void test_utf8_is_printable_ascii_at_every_place(void **state)
{
    (void)state;
    char text[20];
    for (size_t len = 0; len <= sizeof(text); len++) {
        memset(text, '~', sizeof(text));
        text[0] = ' ';
        assert_true(utf8_is_printable_ascii((struct bytes){text, len}));
        for (size_t at = 0; at < len; at++) {
            for (unsigned c = 0; c < 256; c++) {
                char before = text[at];
                text[at] = (char)c;
                assert_int_equal(utf8_is_printable_ascii((struct bytes){text, len}), c >= 0x20 && c <= 0x7E);
                text[at] = before;
            }
        }
    }
}

static void test_utf8_is_in_takes_both_ends(void **state)
{
    (void)state;
    static const struct utf8_range ranges[] = {{0x20, 0x20}, {0x30, 0x39}, {0x10000, UINT32_MAX}};
    for (uint32_t c = 0; c < 0x40; c++)
        assert_int_equal(utf8_is_in(ranges, ARRAY_LEN(ranges), c), c == 0x20 || (c >= 0x30 && c <= 0x39));
    assert_false(utf8_is_in(ranges, ARRAY_LEN(ranges), 0xFFFF));
    assert_true(utf8_is_in(ranges, ARRAY_LEN(ranges), 0x10000));
    assert_true(utf8_is_in(ranges, ARRAY_LEN(ranges), UINT32_MAX));
    assert_false(utf8_is_in(NULL, 0, 0x20));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf8_every_code_point_round_trips),
        cmocka_unit_test(test_utf8_encode_known_bytes),
        cmocka_unit_test(test_utf8_encode_replaces_what_is_no_scalar),
        cmocka_unit_test(test_utf8_accepts_correct_text),
        cmocka_unit_test(test_utf8_lone_continuation_bytes),
        cmocka_unit_test(test_utf8_lonely_first_bytes),
        cmocka_unit_test(test_utf8_missing_last_byte),
        cmocka_unit_test(test_utf8_impossible_bytes),
        cmocka_unit_test(test_utf8_overlong_forms),
        cmocka_unit_test(test_utf8_surrogates_and_beyond),
        cmocka_unit_test(test_utf8_maximal_subparts),
        cmocka_unit_test(test_utf8_counts_of_single_characters),
        cmocka_unit_test(test_utf8_truncated_at_each_byte),
        cmocka_unit_test(test_utf8_prefix_never_cuts_a_character),
        cmocka_unit_test(test_utf8_prefix_of_malformed_text),
        cmocka_unit_test(test_utf8_is_printable_ascii_at_every_place),
        cmocka_unit_test(test_utf8_is_in_takes_both_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
