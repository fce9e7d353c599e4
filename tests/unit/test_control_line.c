/* Requests on the control socket: words, quotes, options, limits. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "base/attr.h"
#include "daemon/control_line.h"

static struct control_line line;

static void parse(const char *text)
{
    const char *why = NULL;
    if (control_line_parse(bytes_of(text), &line, &why) != 0)
        fail_msg("refused: %s", why);
}

static void assert_refused(struct bytes text, const char *part)
{
    const char *why = NULL;
    assert_int_equal(control_line_parse(text, &line, &why), -EINVAL);
    assert_non_null(strstr(why, part));
}

static void assert_word(size_t index, const char *expected)
{
    assert_true(index < line.count);
    assert_int_equal(line.words[index].len, strlen(expected));
    assert_memory_equal(line.words[index].ptr, expected, strlen(expected));
}

static void test_control_line_cuts_words(void **state)
{
    (void)state;
    parse("  kick \t bob  why not ");
    assert_int_equal(line.count, 4);
    assert_word(0, "kick");
    assert_word(3, "not");
    assert_false(line.is_json);
    assert_int_equal(line.width, 0);
}

static void test_control_line_quotes(void **state)
{
    (void)state;
    parse("say \"two words\" a\"b c\"d \"\" \\\"x\\\\ y\\ z \"in \\\" it\"");
    assert_int_equal(line.count, 7);
    assert_word(1, "two words");
    assert_word(2, "ab cd");
    assert_word(3, "");
    assert_word(4, "\"x\\");
    assert_word(5, "y z");
    assert_word(6, "in \" it");
}

static void test_control_line_options_come_first(void **state)
{
    (void)state;
    parse("--json --width 120 shutdown --in 5s --json");
    assert_true(line.is_json);
    assert_int_equal(line.width, 120);
    assert_int_equal(line.count, 4);
    assert_word(1, "--in");
    assert_word(3, "--json");
}

static void test_control_line_refuses(void **state)
{
    (void)state;
    assert_refused(BYTES(""), "no command");
    assert_refused(BYTES("  "), "no command");
    assert_refused(BYTES("--json"), "no command");
    assert_refused(BYTES("say \"open"), "not closed");
    assert_refused(BYTES("say end\\"), "behind the last");
    assert_refused(BYTES("--jsn status"), "no such option");
    assert_refused(BYTES("--width"), "--width");
    assert_refused(BYTES("--width x status"), "--width");
    assert_refused(BYTES("--width 10001 status"), "--width");
    assert_refused(BYTES("--width \"1"), "not closed");
}

static void test_control_line_limits(void **state)
{
    char text[CONTROL_LINE_BYTES_MAX + 1];
    (void)state;

    memset(text, 'x', sizeof(text));
    const char *why;
    assert_int_equal(control_line_parse((struct bytes){text, CONTROL_LINE_BYTES_MAX - 1}, &line, &why), 0);
    assert_int_equal(control_line_parse((struct bytes){text, CONTROL_LINE_BYTES_MAX}, &line, &why), 0);
    assert_int_equal(line.words[0].len, CONTROL_LINE_BYTES_MAX);
    assert_refused((struct bytes){text, sizeof(text)}, "too long");
    for (size_t i = 1; i < sizeof(text); i += 2)
        text[i] = ' ';
    assert_int_equal(control_line_parse((struct bytes){text, 2 * (CONTROL_LINE_WORDS_MAX - 1)}, &line, &why),
                     0);
    assert_int_equal(control_line_parse((struct bytes){text, 2 * CONTROL_LINE_WORDS_MAX}, &line, &why), 0);
    assert_int_equal(line.count, CONTROL_LINE_WORDS_MAX);
    assert_refused((struct bytes){text, 2 * CONTROL_LINE_WORDS_MAX + 1}, "too many words");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_control_line_cuts_words),
        cmocka_unit_test(test_control_line_quotes),
        cmocka_unit_test(test_control_line_options_come_first),
        cmocka_unit_test(test_control_line_refuses),
        cmocka_unit_test(test_control_line_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
