/* Columns of characters and texts. */
#include "base/width.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_width_of_chars(void **state)
{
    static const struct {
        uint32_t c;
        unsigned width;
    } cases[] = {
        {'\0', 0},   {0x1F, 0},    {' ', 1},     {'~', 1},     {0x7F, 0},    {0x9F, 0},     {0xA0, 1},
        {0xAD, 1},   {0xE9, 1},    {0x2FF, 1},   {0x300, 0},   {0x36F, 0},   {0x370, 1},    {0x10FF, 1},
        {0x1100, 2}, {0x115F, 2},  {0x1160, 0},  {0x200B, 0},  {0x200D, 0},  {0x2010, 1},   {0x3000, 2},
        {0x4E00, 2}, {0x9FFF, 2},  {0xAC00, 2},  {0xD7A3, 2},  {0xFE0F, 0},  {0xFF01, 2},   {0xFF61, 1},
        {0xFFFD, 1}, {0x1F600, 2}, {0x1F1E6, 1}, {0x20000, 2}, {0xE0100, 0}, {0x10FFFF, 1},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        if (width_of_char(cases[i].c) != cases[i].width)
            fail_msg("U+%04X has width %u", (unsigned)cases[i].c, width_of_char(cases[i].c));
    }
}

static void test_width_of_texts(void **state)
{
    (void)state;
    assert_int_equal(width_of_text(BYTES("")), 0);
    assert_int_equal(width_of_text(BYTES("abc")), 3);
    assert_int_equal(width_of_text(BYTES("e\xcc\x81t\xc3\xa9")), 3);
    assert_int_equal(width_of_text(BYTES("\xe6\x97\xa5\xe6\x9c\xac")), 4);
    assert_int_equal(width_of_text(BYTES("a\xff\x80")), 3); /* one U+FFFD for each */
}

static void test_width_cluster_is_a_character_and_its_marks(void **state)
{
    unsigned width;
    (void)state;
    assert_int_equal(width_cut_cluster(BYTES("ab"), &width), 1);
    assert_int_equal(width, 1);
    assert_int_equal(width_cut_cluster(BYTES("e\xcc\x81\xcc\x82x"), &width), 5);
    assert_int_equal(width, 1);
    assert_int_equal(width_cut_cluster(BYTES("\xcc\x81x"), &width), 2);
    assert_int_equal(width, 0);
    assert_int_equal(width_cut_cluster(BYTES("\x01\x02"), &width), 1);
}

static void test_width_cluster_has_a_limit(void **state)
{
    char text[2 * WIDTH_CLUSTER_CHARS_MAX + 1];
    unsigned width;
    (void)state;
    text[0] = 'e';
    for (size_t i = 1; i < sizeof(text); i += 2) {
        text[i] = '\xcc';
        text[i + 1] = '\x81';
    }
    assert_int_equal(width_cut_cluster((struct bytes){text, sizeof(text)}, &width), sizeof(text) - 2);
    assert_int_equal(width_cut_cluster((struct bytes){text, sizeof(text) - 2}, &width), sizeof(text) - 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_width_of_chars),
        cmocka_unit_test(test_width_of_texts),
        cmocka_unit_test(test_width_cluster_is_a_character_and_its_marks),
        cmocka_unit_test(test_width_cluster_has_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
