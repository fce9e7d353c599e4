/* Slices: edges of every cut, empty and NULL slices, numbers at their limits. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

static const struct bytes nothing = {NULL, 0};

static void assert_bytes(struct bytes got, const char *expected)
{
    assert_int_equal(got.len, strlen(expected));
    if (got.len > 0)
        assert_memory_equal(got.ptr, expected, got.len);
}

static void test_bytes_of_null_is_empty(void **state)
{
    (void)state;
    assert_int_equal(bytes_of(NULL).len, 0);
    assert_bytes(bytes_of("abc"), "abc");
}

static void test_bytes_literal_keeps_nul_inside(void **state)
{
    (void)state;
    struct bytes b = BYTES("a\0b");
    assert_int_equal(b.len, 3);
    assert_memory_equal(b.ptr, "a\0b", 3);
}

static void test_bytes_slice_clamps_both_ends(void **state)
{
    (void)state;
    struct bytes b = BYTES("hello");
    assert_bytes(bytes_slice(b, 0, 5), "hello");
    assert_bytes(bytes_slice(b, 1, 4), "ell");
    assert_bytes(bytes_slice(b, 4, SIZE_MAX), "o");
    assert_bytes(bytes_slice(b, 5, 6), "");
    assert_bytes(bytes_slice(b, 9, 12), "");
    assert_bytes(bytes_slice(b, 3, 2), "");
    assert_ptr_equal(bytes_slice(b, SIZE_MAX, SIZE_MAX).ptr, b.ptr + 5);
    assert_int_equal(bytes_slice(nothing, 1, 2).len, 0);
}

static void test_bytes_eq_compares_length_and_content(void **state)
{
    (void)state;
    assert_true(bytes_eq(BYTES("abc"), BYTES("abc")));
    assert_false(bytes_eq(BYTES("abc"), BYTES("abd")));
    assert_false(bytes_eq(BYTES("abc"), BYTES("ab")));
    assert_false(bytes_eq(BYTES("abc"), BYTES("Abc")));
    assert_true(bytes_eq(BYTES(""), nothing));
    assert_false(bytes_eq(BYTES("a\0b"), BYTES("a\0c")));
}

static void test_bytes_eq_nocase_folds_ascii_letters_only(void **state)
{
    (void)state;
    assert_true(bytes_eq_nocase(BYTES("AbZz"), BYTES("aBzZ")));
    assert_true(bytes_eq_nocase(nothing, BYTES("")));
    assert_false(bytes_eq_nocase(BYTES("ab"), BYTES("abc")));
    assert_false(bytes_eq_nocase(BYTES("@"), BYTES("`")));
    assert_false(bytes_eq_nocase(BYTES("["), BYTES("{")));
    assert_false(bytes_eq_nocase(BYTES("\xC3\x84"), BYTES("\xC3\xA4")));
}

static void test_bytes_starts_with(void **state)
{
    (void)state;
    assert_true(bytes_starts_with(BYTES("/join x"), BYTES("/join")));
    assert_true(bytes_starts_with(BYTES("/join"), BYTES("/join")));
    assert_true(bytes_starts_with(BYTES("/join"), nothing));
    assert_true(bytes_starts_with(nothing, nothing));
    assert_false(bytes_starts_with(BYTES("/joi"), BYTES("/join")));
    assert_false(bytes_starts_with(BYTES("x/join"), BYTES("/join")));
    assert_false(bytes_starts_with(nothing, BYTES("a")));
}

static void test_bytes_cmp_orders_as_unsigned(void **state)
{
    (void)state;
    assert_int_equal(bytes_cmp(BYTES("abc"), BYTES("abc")), 0);
    assert_int_equal(bytes_cmp(nothing, BYTES("")), 0);
    assert_true(bytes_cmp(BYTES("ab"), BYTES("abc")) < 0);
    assert_true(bytes_cmp(BYTES("abc"), BYTES("ab")) > 0);
    assert_true(bytes_cmp(BYTES("abz"), BYTES("ac")) < 0);
    assert_true(bytes_cmp(BYTES("\xFF"), BYTES("a")) > 0);
    assert_true(bytes_cmp(nothing, BYTES("a")) < 0);
}

static void test_bytes_find(void **state)
{
    (void)state;
    assert_int_equal(bytes_find(BYTES("a:b:c"), ':'), 1);
    assert_int_equal(bytes_find(BYTES("abc:"), ':'), 3);
    assert_int_equal(bytes_find(BYTES("abc"), ':'), 3);
    assert_int_equal(bytes_find(BYTES("a\0b"), 'b'), 2);
    assert_int_equal(bytes_find(BYTES("a\xFF"), '\xFF'), 1);
    assert_int_equal(bytes_find(nothing, ':'), 0);
}

static void test_bytes_trim_takes_blanks_off_both_ends(void **state)
{
    (void)state;
    assert_bytes(bytes_trim(BYTES(" \t a b\t ")), "a b");
    assert_bytes(bytes_trim(BYTES("a")), "a");
    assert_bytes(bytes_trim(BYTES(" \t ")), "");
    assert_bytes(bytes_trim(BYTES("a\r\n")), "a\r\n");
    assert_bytes(bytes_trim(nothing), "");
}

static void test_bytes_word_walks_all_words(void **state)
{
    (void)state;
    struct bytes rest = BYTES("  /msg\tbob   hello there  ");
    assert_bytes(bytes_word(&rest), "/msg");
    assert_bytes(rest, "bob   hello there  ");
    assert_bytes(bytes_word(&rest), "bob");
    assert_bytes(rest, "hello there  ");
    assert_bytes(bytes_word(&rest), "hello");
    assert_bytes(bytes_word(&rest), "there");
    assert_int_equal(rest.len, 0);
    assert_int_equal(bytes_word(&rest).len, 0);
}

static void test_bytes_word_of_blanks_is_empty(void **state)
{
    (void)state;
    struct bytes blanks = BYTES(" \t "), empty = nothing;
    assert_int_equal(bytes_word(&blanks).len, 0);
    assert_int_equal(blanks.len, 0);
    assert_int_equal(bytes_word(&empty).len, 0);
    assert_int_equal(empty.len, 0);
}

static void test_bytes_cut_at_separator(void **state)
{
    (void)state;
    struct bytes rest = BYTES("a,,b,");
    assert_bytes(bytes_cut(&rest, ','), "a");
    assert_bytes(rest, ",b,");
    assert_bytes(bytes_cut(&rest, ','), "");
    assert_bytes(bytes_cut(&rest, ','), "b");
    assert_int_equal(rest.len, 0);
    assert_bytes(bytes_cut(&rest, ','), "");

    rest = BYTES("no separator");
    assert_bytes(bytes_cut(&rest, ','), "no separator");
    assert_int_equal(rest.len, 0);

    rest = nothing;
    assert_bytes(bytes_cut(&rest, ','), "");
}

static void assert_parses(const char *text, uint64_t max, uint64_t expected)
{
    uint64_t value = expected + 1;
    assert_int_equal(bytes_parse_u64(bytes_of(text), max, &value), 0);
    assert_true(value == expected);
}

static void assert_refuses(struct bytes text, uint64_t max, int error)
{
    uint64_t value = 42;
    assert_int_equal(bytes_parse_u64(text, max, &value), error);
    assert_true(value == 42);
}

static void test_bytes_parse_u64_up_to_its_limit(void **state)
{
    (void)state;
    assert_parses("0", 0, 0);
    assert_parses("99", 100, 99);
    assert_parses("100", 100, 100);
    assert_parses("000100", 100, 100);
    assert_parses("7", UINT64_MAX, 7);
    assert_parses("18446744073709551614", UINT64_MAX, UINT64_MAX - 1);
    assert_parses("18446744073709551615", UINT64_MAX, UINT64_MAX);
    assert_refuses(BYTES("1"), 0, -ERANGE);
    assert_refuses(BYTES("101"), 100, -ERANGE);
    assert_refuses(BYTES("110"), 100, -ERANGE);
    assert_refuses(BYTES("10000000000000000000000000"), 100, -ERANGE);
    assert_refuses(BYTES("18446744073709551616"), UINT64_MAX, -ERANGE);
    assert_refuses(BYTES("99999999999999999999"), UINT64_MAX, -ERANGE);
}

static void test_bytes_parse_u64_refuses_all_but_digits(void **state)
{
    (void)state;
    assert_refuses(nothing, 9, -EINVAL);
    assert_refuses(BYTES("+1"), 9, -EINVAL);
    assert_refuses(BYTES("-1"), 9, -EINVAL);
    assert_refuses(BYTES(" 1"), 9, -EINVAL);
    assert_refuses(BYTES("1 "), 9, -EINVAL);
    assert_refuses(BYTES("0x1"), 99, -EINVAL);
    assert_refuses(BYTES("1\0"), 9, -EINVAL);
    assert_refuses(BYTES("/"), 9, -EINVAL);
    assert_refuses(BYTES(":"), 9, -EINVAL);
    assert_refuses(BYTES("99999999999999999999x"), 9, -EINVAL);
}

static void test_bytes_copy_cuts_at_size(void **state)
{
    (void)state;
    char dst[6];
    memset(dst, '#', sizeof(dst));
    assert_true(bytes_copy(BYTES("1234"), dst, 5));
    assert_memory_equal(dst, "1234\0#", 6);
    assert_false(bytes_copy(BYTES("12345"), dst, 5));
    assert_memory_equal(dst, "1234\0#", 6);
    assert_true(bytes_copy(BYTES("123"), dst, 5));
    assert_string_equal(dst, "123");
    assert_false(bytes_copy(BYTES("x"), dst, 1));
    assert_string_equal(dst, "");
    dst[0] = '#';
    assert_true(bytes_copy(nothing, dst, 1));
    assert_string_equal(dst, "");
}

static void test_bytes_dup_ends_with_nul(void **state)
{
    (void)state;
    char *copy = bytes_dup(bytes_slice(BYTES("hello"), 1, 3));
    assert_non_null(copy);
    assert_string_equal(copy, "el");
    free(copy);
    copy = bytes_dup(nothing);
    assert_non_null(copy);
    assert_string_equal(copy, "");
    free(copy);
    copy = bytes_dup(BYTES("a\0b"));
    assert_non_null(copy);
    assert_memory_equal(copy, "a\0b\0", 4);
    free(copy);
}

static void test_bytes_arg_prints_the_slice_only(void **state)
{
    (void)state;
    char text[16];
    snprintf(text, sizeof(text), "[%.*s]", BYTES_ARG(bytes_slice(BYTES("hello"), 1, 3)));
    assert_string_equal(text, "[el]");
}

static void test_bytes_distance(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        unsigned distance;
    } rows[] = {
        {"", "", 0},         {"join", "join", 0},      {"JOIN", "join", 0}, {"", "abc", 3},
        {"jion", "join", 2}, {"join", "joins", 1},     {"join", "oin", 1},  {"join", "jain", 1},
        {"abc", "xyz", 3},   {"kitten", "sitting", 3}, {"flaw", "lawn", 2}, {"intention", "execution", 5},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(bytes_distance(bytes_of(rows[i].a), bytes_of(rows[i].b)), rows[i].distance);
        assert_int_equal(bytes_distance(bytes_of(rows[i].b), bytes_of(rows[i].a)), rows[i].distance);
    }
}

static void test_bytes_distance_gives_up_over_32_bytes(void **state)
{
    (void)state;
    char text[34];
    memset(text, 'a', sizeof(text));
    struct bytes b31 = {text, 31}, b32 = {text, 32}, b33 = {text, 33};
    assert_int_equal(bytes_distance(b32, b31), 1);
    assert_int_equal(bytes_distance(b32, nothing), 32);
    assert_int_equal(bytes_distance(b32, b33), 33);
    assert_int_equal(bytes_distance(b33, b32), 33);
    assert_int_equal(bytes_distance(b33, b33), 33);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes_of_null_is_empty),
        cmocka_unit_test(test_bytes_literal_keeps_nul_inside),
        cmocka_unit_test(test_bytes_slice_clamps_both_ends),
        cmocka_unit_test(test_bytes_eq_compares_length_and_content),
        cmocka_unit_test(test_bytes_eq_nocase_folds_ascii_letters_only),
        cmocka_unit_test(test_bytes_starts_with),
        cmocka_unit_test(test_bytes_cmp_orders_as_unsigned),
        cmocka_unit_test(test_bytes_find),
        cmocka_unit_test(test_bytes_trim_takes_blanks_off_both_ends),
        cmocka_unit_test(test_bytes_word_walks_all_words),
        cmocka_unit_test(test_bytes_word_of_blanks_is_empty),
        cmocka_unit_test(test_bytes_cut_at_separator),
        cmocka_unit_test(test_bytes_parse_u64_up_to_its_limit),
        cmocka_unit_test(test_bytes_parse_u64_refuses_all_but_digits),
        cmocka_unit_test(test_bytes_copy_cuts_at_size),
        cmocka_unit_test(test_bytes_dup_ends_with_nul),
        cmocka_unit_test(test_bytes_arg_prints_the_slice_only),
        cmocka_unit_test(test_bytes_distance),
        cmocka_unit_test(test_bytes_distance_gives_up_over_32_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
