/* Classes of characters: those of the C locale, for any char. */
#include "base/ascii.h"

#include <ctype.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void test_ascii_is_as_in_the_c_locale(void **state)
{
    (void)state;
    for (int i = CHAR_MIN; i <= CHAR_MAX; i++) {
        char c = (char)i;
        int byte = (unsigned char)c;
        assert_int_equal(ascii_is_digit(c), isdigit(byte) != 0);
        assert_int_equal(ascii_is_letter(c), isalpha(byte) != 0);
        assert_int_equal(ascii_is_alnum(c), isalnum(byte) != 0);
        assert_int_equal(ascii_is_blank(c), isblank(byte) != 0);
        assert_int_equal(ascii_lower(c), (char)tolower(byte));
        assert_int_equal(ascii_upper(c), (char)toupper(byte));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_ascii_is_as_in_the_c_locale)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
