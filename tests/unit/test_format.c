/* Formatting codes: cut, taken out, and as a terminal gets them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "chat/format.h"
#include "proto/sgr.h"

static void assert_strips(struct bytes text, const char *want)
{
    struct buf out;

    buf_init(&out, 1000);
    format_strip(text, &out);
    assert_true(bytes_eq(buf_bytes(&out), bytes_of(want)));
    buf_done(&out);
}

static void test_format_strip(void **state)
{
    (void)state;
    assert_strips(BYTES(""), "");
    assert_strips(BYTES("plain"), "plain");
    assert_strips(BYTES("\x02"
                        "b\x0f \x1d"
                        "i\x1f"
                        "u\x1e"
                        "s\x16"
                        "r\x11"
                        "m"),
                  "b iusrm");
    assert_strips(BYTES("\x03"
                        "4red\x03 \x03"
                        "04,12x\x03"
                        "123"),
                  "red x3");
    assert_strips(BYTES("\x03"
                        "4,x \x03,1"),
                  ",x ,1"); /* a comma without digits is text */
    assert_strips(BYTES("\x04"
                        "FF00aax\x04"
                        "FF00aa,112233y\x04"
                        "FFz\x04"),
                  "xyFFz");
    assert_strips(BYTES("\x03"), "");
}

static void assert_sgr(struct format format, bool has_256, const char *want)
{
    struct buf out;

    buf_init(&out, 1000);
    sgr_put(format, has_256, &out);
    assert_true(bytes_eq(buf_bytes(&out), bytes_of(want)));
    buf_done(&out);
}

static void test_format_sgr(void **state)
{
    (void)state;
    assert_sgr(format_none(), true, "\x1b[0m");
    assert_sgr((struct format){FORMAT_F_BOLD | FORMAT_F_STRIKE, 99, 99}, false, "\x1b[0;1;9m");
    assert_sgr((struct format){0, 4, 1}, false, "\x1b[0;91;40m");
    assert_sgr((struct format){0, 16, 98}, true, "\x1b[0;38;5;52;48;5;231m");
    assert_sgr((struct format){0, 16, 98}, false, "\x1b[0m"); /* that terminal has no such colours */
}

static void test_format_cut_follows_codes(void **state)
{
    struct bytes rest = BYTES("a\x02\x03"
                              "4,2b\x02"
                              "c\x0f"
                              "d");
    struct format format = format_none();
    (void)state;

    assert_true(bytes_eq(format_cut(&rest, &format), BYTES("a")));
    assert_int_equal(format.flags, FORMAT_F_BOLD);
    assert_int_equal(format.foreground, 4);
    assert_int_equal(format.background, 2);
    assert_true(bytes_eq(format_cut(&rest, &format), BYTES("b")));
    assert_int_equal(format.flags, 0);
    assert_int_equal(format.foreground, 4);
    assert_true(bytes_eq(format_cut(&rest, &format), BYTES("c")));
    assert_int_equal(format.foreground, FORMAT_COLOUR_NONE);
    assert_true(bytes_eq(format_cut(&rest, &format), BYTES("d")));
    assert_int_equal(rest.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_format_strip),
        cmocka_unit_test(test_format_sgr),
        cmocka_unit_test(test_format_cut_follows_codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
