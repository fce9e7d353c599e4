/* How far a person has read. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "proto/irc_read.h"

static struct irc_read_marks *marks;

static int forget(void **state)
{
    (void)state;
    irc_read_free(marks);
    marks = NULL;
    return 0;
}

static void assert_answers(const char *line, const char *want)
{
    const struct irc_reader reader = {.server = BYTES("srv"), .you = BYTES("bob")};
    struct irc_message message;
    struct buf out;

    buf_init(&out, 4096);
    assert_int_equal(irc_message_parse(bytes_of(line), &message), 0);
    assert_int_equal(irc_read_apply(&marks, &reader, &message, &out), 0);
    buf_put_char(&out, '\0');
    assert_string_equal(out.ptr, want);
    buf_done(&out);
}

#define TIME(ms) "timestamp=2026-11-21T14:05:03." ms "Z"

static void test_irc_read_marks_only_move_on(void **state)
{
    (void)state;
    assert_answers("MARKREAD #a", ":srv MARKREAD #a *\r\n");
    assert_null(marks);
    assert_answers("MARKREAD #a " TIME("120"), ":srv MARKREAD #a " TIME("120") "\r\n");
    assert_answers("MARKREAD #A " TIME("119"), ":srv MARKREAD #A " TIME("120") "\r\n");
    assert_answers("MARKREAD #a " TIME("121"), ":srv MARKREAD #a " TIME("121") "\r\n");
    assert_answers("MARKREAD #A", ":srv MARKREAD #A " TIME("121") "\r\n");
    assert_answers("MARKREAD alice", ":srv MARKREAD alice *\r\n");
    assert_answers("MARKREAD alice " TIME("120"), ":srv MARKREAD alice " TIME("120") "\r\n");
    assert_int_equal(marks->count, 2);
}

static void test_irc_read_marks_follow_the_name_of_a_room(void **state)
{
    (void)state;
    irc_read_rename(NULL, BYTES("#a"), BYTES("#b"));
    assert_answers("MARKREAD #a " TIME("120"), ":srv MARKREAD #a " TIME("120") "\r\n");
    assert_answers("MARKREAD #b " TIME("121"), ":srv MARKREAD #b " TIME("121") "\r\n");
    irc_read_rename(marks, BYTES("#A"), BYTES("#b"));
    assert_int_equal(marks->count, 1);
    assert_answers("MARKREAD #a", ":srv MARKREAD #a *\r\n");
    assert_answers("MARKREAD #b", ":srv MARKREAD #b " TIME("120") "\r\n");
    irc_read_rename(marks, BYTES("#b"), BYTES("#B"));
    assert_answers("MARKREAD #b", ":srv MARKREAD #b " TIME("120") "\r\n");
    irc_read_rename(marks, BYTES("#c"), BYTES("#b"));
    assert_answers("MARKREAD #b", ":srv MARKREAD #b *\r\n");
}

static void test_irc_read_says_what_is_wrong(void **state)
{
    static const char time[] = ":Times are like timestamp=2026-11-21T14:05:03.120Z\r\n";
    char want[200];
    (void)state;

    assert_answers("MARKREAD", ":srv FAIL MARKREAD NEED_MORE_PARAMS :Give a room or a person\r\n");
    assert_answers("MARKREAD #a,#b",
                   ":srv FAIL MARKREAD INVALID_PARAMS #a,#b :That is no name of a room or a person\r\n");
    snprintf(want, sizeof(want), ":srv FAIL MARKREAD INVALID_PARAMS * %s", time);
    assert_answers("MARKREAD #a *", want);
    snprintf(want, sizeof(want), ":srv FAIL MARKREAD INVALID_PARAMS msgid=1-2 %s", time);
    assert_answers("MARKREAD #a msgid=1-2", want);
    assert_null(marks);
}

static void test_irc_read_has_a_limit(void **state)
{
    char line[100], want[200];
    (void)state;

    for (int i = 0; i <= IRC_READ_MARKS_MAX; i++) {
        snprintf(line, sizeof(line), "MARKREAD #r%d " TIME("120"), i);
        snprintf(want, sizeof(want), ":srv %s\r\n", line);
        assert_answers(line, want);
        if (i == 1) /* then the second is the oldest */
            assert_answers("MARKREAD #r0 " TIME("121"), ":srv MARKREAD #r0 " TIME("121") "\r\n");
    }
    assert_int_equal(marks->count, IRC_READ_MARKS_MAX);
    assert_answers("MARKREAD #r0", ":srv MARKREAD #r0 " TIME("121") "\r\n");
    assert_answers("MARKREAD #r1", ":srv MARKREAD #r1 *\r\n");
    assert_answers("MARKREAD #r2", ":srv MARKREAD #r2 " TIME("120") "\r\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_irc_read_marks_only_move_on, forget),
        cmocka_unit_test_teardown(test_irc_read_marks_follow_the_name_of_a_room, forget),
        cmocka_unit_test_teardown(test_irc_read_says_what_is_wrong, forget),
        cmocka_unit_test_teardown(test_irc_read_has_a_limit, forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
