/* Several lines that become one message. */
#include "proto/paste.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "chat/text.h"

static enum paste_result take(struct paste *paste, const char *line)
{
    return paste_take(paste, bytes_of(line));
}

static void test_paste_ends_with_a_dot(void **state)
{
    struct paste paste = {0};

    (void)state;
    paste_begin(&paste);
    assert_true(paste.is_on);
    assert_int_equal(take(&paste, "one"), PASTE_MORE);
    assert_int_equal(take(&paste, ""), PASTE_MORE);
    assert_int_equal(take(&paste, "/quit"), PASTE_MORE);
    assert_int_equal(take(&paste, ".."), PASTE_MORE);
    assert_int_equal(take(&paste, " . "), PASTE_DONE);
    assert_false(paste.is_on);
    assert_true(bytes_eq(buf_bytes(&paste.text), BYTES("one\n\n/quit\n..")));
    paste_begin(&paste); /* nothing of the last one is left */
    assert_int_equal(take(&paste, "."), PASTE_EMPTY);
    paste_done(&paste);
}

static void test_paste_can_be_dropped(void **state)
{
    struct paste paste = {0};

    (void)state;
    paste_begin(&paste);
    assert_int_equal(take(&paste, "one"), PASTE_MORE);
    assert_int_equal(take(&paste, "/CANCEL "), PASTE_DROPPED);
    assert_false(paste.is_on);
    paste_done(&paste);
    paste_done(&paste);
}

static enum paste_result take_lines(size_t count, size_t bytes_each)
{
    static char line[TEXT_BYTES_MAX + 2];
    struct paste paste = {0};

    paste_begin(&paste);
    memset(line, 'x', sizeof(line));
    for (size_t i = 0; i < count; i++)
        assert_int_equal(paste_take(&paste, (struct bytes){line, bytes_each}), PASTE_MORE);
    enum paste_result result = take(&paste, ".");
    assert_int_equal(paste.line_count, count);
    assert_int_equal(paste.byte_count, count * bytes_each + count - 1);
    paste_done(&paste);
    return result;
}

static void test_paste_has_limits(void **state)
{
    (void)state;
    assert_int_equal(take_lines(TEXT_LINES_MAX, 10), PASTE_DONE);
    assert_int_equal(take_lines(TEXT_LINES_MAX + 1, 10), PASTE_TOO_LARGE);
    assert_int_equal(take_lines(1, TEXT_BYTES_MAX), PASTE_DONE);
    assert_int_equal(take_lines(1, TEXT_BYTES_MAX + 1), PASTE_TOO_LARGE);
    assert_int_equal(take_lines(3, (TEXT_BYTES_MAX - 2) / 3), PASTE_DONE);
    assert_int_equal(take_lines(3, (TEXT_BYTES_MAX - 2) / 3 + 1), PASTE_TOO_LARGE);
    assert_int_equal(take_lines(100000, 100), PASTE_TOO_LARGE);
}

static void test_paste_counts_lines_that_come_at_once(void **state)
{
    struct paste paste = {0};

    (void)state;
    paste_begin(&paste);
    assert_int_equal(take(&paste, "one\ntwo"), PASTE_MORE);
    assert_int_equal(take(&paste, "three"), PASTE_MORE);
    assert_int_equal(paste.line_count, 3);
    assert_int_equal(take(&paste, "."), PASTE_DONE);
    assert_true(bytes_eq(buf_bytes(&paste.text), BYTES("one\ntwo\nthree")));
    paste_done(&paste);
}

static void test_paste_with_a_line_over_the_limit_is_not_sent(void **state)
{
    struct paste paste = {0};

    (void)state;
    paste_begin(&paste);
    paste_note_long_line(&paste);
    assert_int_equal(take(&paste, "."), PASTE_TOO_LARGE);
    paste_done(&paste);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paste_ends_with_a_dot),
        cmocka_unit_test(test_paste_can_be_dropped),
        cmocka_unit_test(test_paste_has_limits),
        cmocka_unit_test(test_paste_counts_lines_that_come_at_once),
        cmocka_unit_test(test_paste_with_a_line_over_the_limit_is_not_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
