/* The line editor: what keys make of a line. */
#include "proto/editor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define LINE_BYTES 64

static const char *const people[] = {"bob", "carol", "carsten"};

static bool complete(void *arg, struct bytes prefix, bool is_line_start, struct bytes after, struct buf *out)
{
    (void)arg;
    (void)is_line_start;
    if (bytes_starts_with(prefix, BYTES("/"))) {
        if (!bytes_starts_with(BYTES("/help"), prefix) || after.len > 0)
            return false;
        buf_put_text(out, "/help");
        return true;
    }
    for (size_t i = 0; i < ARRAY_LEN(people); i++) {
        struct bytes name = bytes_of(people[i]);
        if (bytes_starts_with(name, prefix) && bytes_cmp(name, after) > 0) {
            buf_put(out, name);
            return true;
        }
    }
    return false;
}

/* Feeds the keys in two parts; the lines that come of it, each with '|' behind it, are appended to
 * `lines`, "!" for one that is too long, "^D" for leaving. */
static void feed(struct editor *editor, struct bytes keys, struct buf *lines)
{
    struct buf out;
    enum editor_event event;
    size_t used = 0;

    buf_init(&out, 65536);
    do {
        used += editor_feed(editor, bytes_slice(keys, used, keys.len), &out, &event);
        if (event == EDITOR_EV_LINE)
            buf_put(lines, editor_line(editor));
        buf_put_text(lines, event == EDITOR_EV_LINE ? "|" : event == EDITOR_EV_LEAVE ? "^D" : "");
    } while (event != EDITOR_EV_NONE);
    assert_int_equal(used, keys.len);
    editor_refresh(editor, &out);
    buf_done(&out);
}

static void check_split(struct bytes keys, size_t split, struct bytes expected)
{
    struct editor *editor = editor_new(LINE_BYTES, complete, NULL);
    struct buf lines;

    assert_non_null(editor);
    buf_init(&lines, 65536);
    feed(editor, bytes_slice(keys, 0, split), &lines);
    feed(editor, bytes_slice(keys, split, keys.len), &lines);
    if (!bytes_eq(buf_bytes(&lines), expected))
        fail_msg("split at %zu: \"%.*s\", expected \"%.*s\"", split, (int)lines.len, lines.ptr,
                 (int)expected.len, expected.ptr);
    buf_done(&lines);
    editor_free(editor);
}

static void check(struct bytes keys, struct bytes expected)
{
    for (size_t split = 0; split <= keys.len; split++)
        check_split(keys, split, expected);
}

#define CASE(keys, expected) check(BYTES(keys), BYTES(expected))
#define UP "\x1b[A"
#define DOWN "\x1b[B"
#define RIGHT "\x1b[C"
#define LEFT "\x1b[D"

static void test_editor_enter_in_all_its_forms(void **state)
{
    (void)state;
    CASE("a\rb\nc\r\nd\r\r\n", "a|b|c|d||");
    CASE("a\r\n\nb\n\r", "a||b||");
}

static void test_editor_moves(void **state)
{
    (void)state;
    CASE("ac" LEFT "b\r", "abc|");
    CASE("bc\x01"
         "a\x05"
         "d\r",
         "abcd|");
    CASE("bc\x1b[Ha\x1b[Fd\r", "abcd|");
    CASE("bc\x1b[1~a\x1b[4~d\r", "abcd|");
    CASE("bc\x1b[7~a\x1b[8~d\r", "abcd|");
    CASE("bc\x1bOHa\x1bOFd\r", "abcd|");
    CASE("ab\x02\x02\x06"
         "x\r",
         "axb|");
    CASE("ab" RIGHT RIGHT LEFT LEFT LEFT LEFT "x" RIGHT "y\r", "xayb|");
}

static void test_editor_erases(void **state)
{
    (void)state;
    CASE("abc\x7f\x08"
         "d\r",
         "ad|");
    CASE("\x7f\x08"
         "a\r",
         "a|");
    CASE("abc" LEFT LEFT "\x1b[3~\r", "ac|");
    CASE("abc\x1b[3~\r", "abc|");
    CASE("abc" LEFT "\x04\r", "ab|");
    CASE("abc\x03"
         "d\r",
         "d|");
}

static void test_editor_cuts_and_puts_back(void **state)
{
    (void)state;
    CASE("hello\x15x\x19\r", "xhello|");
    CASE("hello" LEFT LEFT "\x0b\x01\x19\r", "lohel|");
    CASE("one two  three  \x17\x17-\x19\r", "one -two  |");
    CASE("\x15\x0b\x17\x19x\r", "x|"); /* nothing to cut */
    CASE("a\x15\x15\x19\r", "a|");     /* cutting nothing keeps what was cut */
}

static void test_editor_knows_characters(void **state)
{
    (void)state;
    CASE("a\xc3\xa9\x7f\x62\r", "ab|");
    CASE("\xf0\x9f\x98\x80\xe6\x97\xa5" LEFT LEFT "x\r", "x\xf0\x9f\x98\x80\xe6\x97\xa5|");
    CASE("xe\xcc\x81\x7fy\r", "xy|"); /* a letter and its mark are one */
    CASE("e\xcc\x81" LEFT "x" RIGHT "y\r", "xe\xcc\x81y|");
    CASE("a\xffz\xc3"
         "b\xe6\x97\r",
         "a\xef\xbf\xbdz\xef\xbf\xbd"
         "b\xef\xbf\xbd|");
    CASE("\xc3\xc3\xa9\r", "\xef\xbf\xbd\xc3\xa9|");
    CASE("\xed\xa0\x80\r", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd|");
}

static void test_editor_takes_no_control_characters(void **state)
{
    (void)state;
    CASE("a\x01\x05\x07\x0e\x13\x1c"
         "b\r",
         "ab|");
    CASE("a\xc2\x9b"
         "31mb\r",
         "a31mb|"); /* C1's CSI */
    CASE("a\xe2\x80\xae"
         "b\r",
         "ab|"); /* right to left */
    CASE("a\0b\r", "ab|");
}

static void test_editor_ignores_other_sequences(void **state)
{
    (void)state;
    CASE("a\x1b[99~\x1b[1;5P\x1b[24~\x1bOP\x1b[Z\x1bxb\r", "ab|");
    CASE("a\x1b[1234567890123456789012345678901234567890~b\r", "ab|");
    CASE("a\x1b\x1b[D"
         "b\r",
         "ba|");
    CASE("a\x1b[\rb\x1b\r", "a|b|"); /* given up */
}

static void test_editor_leaves_on_an_empty_line_only(void **state)
{
    (void)state;
    CASE("\x04", "^D");
    CASE("a\x04\x7f\x04", "^D");
    CASE("a\r\x04", "a|^D");
}

static void test_editor_line_has_a_limit(void **state)
{
    struct editor *editor = editor_new(8, NULL, NULL);
    struct buf lines;
    (void)state;
    buf_init(&lines, 65536);
    feed(editor,
         BYTES("1234567\r12345678\r123456789\x08"
               "9\r1234567\xc3\xa9\x01x\t\r"),
         &lines);
    assert_true(bytes_eq(buf_bytes(&lines), BYTES("1234567|12345678|12345679|x1234567|")));
    buf_done(&lines);
    editor_free(editor);
}

static void test_editor_history(void **state)
{
    (void)state;
    CASE("one\rtwo\r" UP "\r", "one|two|two|");
    CASE("one\rtwo\r" UP UP "\r", "one|two|one|");
    CASE("one\rtwo\rdra" UP UP UP DOWN DOWN "ft\r", "one|two|draft|");
    CASE("one\rtwo\r\x10\x10\x0e!\r", "one|two|two!|");
    CASE("one\rone\r\r" UP UP "\r", "one|one||one|"); /* once */
    CASE("one\rx" UP "\x03" DOWN "y\r", "one|y|");
    CASE(DOWN UP "a\r", "a|");
}

static void test_editor_history_has_limits(void **state)
{
    struct editor *editor = editor_new(EDITOR_HISTORY_BYTES + 1, NULL, NULL);
    struct buf lines;
    (void)state;
    buf_init(&lines, 1 << 20);
    for (char c = 0; c < EDITOR_HISTORY_LINES + 1; c++) {
        char line[] = {(char)('0' + c / 10), (char)('0' + c % 10), '\r'};
        feed(editor, (struct bytes){line, sizeof(line)}, &lines);
    }
    for (int i = 0; i < EDITOR_HISTORY_LINES + 5; i++)
        feed(editor, BYTES(UP), &lines);
    buf_reset(&lines);
    feed(editor, BYTES("\r"), &lines);
    assert_true(bytes_eq(buf_bytes(&lines), BYTES("01|"))); /* the first one is forgotten */
    for (int i = 0; i < (int)EDITOR_HISTORY_BYTES; i++)
        feed(editor, BYTES("x"), &lines);
    feed(editor, BYTES("\r" UP UP), &lines);
    buf_reset(&lines);
    feed(editor, BYTES("\r"), &lines);
    assert_int_equal(lines.len, EDITOR_HISTORY_BYTES + 1); /* all others are */
    buf_done(&lines);
    editor_free(editor);
}

static void test_editor_completes(void **state)
{
    (void)state;
    CASE("b\thi\r", "bob: hi|");
    CASE("hi b\t!\r", "hi bob !|");
    CASE("car\t\r", "carol: |");
    CASE("car\t\t\r", "carsten: |");
    CASE("car\t\t\t\r", "carol: |"); /* and around */
    CASE("x\t\r", "x|");
    CASE("\t\t\r", "carol: |");
    CASE("/h\tx\r", "/help x|");
    CASE("b\t"
         "c\t\r",
         "bob: carol |");
    CASE("cars" LEFT "\t\r", "carol: s|");
    CASE("0123456789012345678901234567890123456789012345678901234567890123456789\t\r",
         "0123456789012345678901234567890123456789012345678901234567890123|");
    /* One byte too few for "bob " */
    CASE("01234567890123456789012345678901234567890123456789012345678 b\t\r",
         "01234567890123456789012345678901234567890123456789012345678 bob |");
    CASE("012345678901234567890123456789012345678901234567890123456789 b\t\r",
         "012345678901234567890123456789012345678901234567890123456789 b|");
}

#define PASTE(text) "\x1b[200~" text "\x1b[201~"

static void test_editor_pastes_a_line_without_sending_it(void **state)
{
    (void)state;
    CASE("a" PASTE("b c") "d\r", "ab cd|");
    CASE("a" PASTE("b\r\n\n") "d\r", "abd|");
    CASE(PASTE("x\ty\x07\xc3\xa9\x1b[1m") "\r", "x y\xc3\xa9[1m|");
    CASE(PASTE("") "\r", "|");
    CASE(PASTE("a\x1b[20\x1b\x1b[20x") "\r", "a[20[20x|");
}

static void test_editor_asks_before_it_says_several_lines(void **state)
{
    (void)state;
    CASE("dra" PASTE("one\rtwo\r\nthree\n") "yft\r", "one\ntwo\nthree|draft|");
    CASE("dra" PASTE("one\ntwo") "nft\r", "draft|");
    CASE(PASTE("one\ntwo") "zq \r"
                           "Y",
         "one\ntwo|");
    CASE(PASTE("one\ntwo") "\x03"
                           "a\r",
         "a|");
    CASE(PASTE("/quit\n//x\n\nend") "y", "/quit\n//x\n\nend|");
    CASE(PASTE("one\ntwo") "y" UP "\r", "one\ntwo||"); /* no part of the history */
}

/* A paste of so many lines with so many bytes in all, and a "y". */
static void check_paste_of(size_t lines, size_t bytes, bool is_taken)
{
    struct editor *editor = editor_new(LINE_BYTES, NULL, NULL);
    struct buf out, said;
    enum editor_event event;

    buf_init(&out, 1 << 20);
    buf_init(&said, 1 << 20);
    (void)editor_feed(editor, BYTES("\x1b[200~"), &out, &event);
    for (size_t i = 0; i < bytes; i++)
        (void)editor_feed(editor, i % 2 && i / 2 < lines - 1 ? BYTES("\n") : BYTES("x"), &out, &event);
    (void)editor_feed(editor, BYTES("\n\x1b[201~"), &out, &event);
    (void)editor_feed(editor, BYTES("y"), &out, &event);
    assert_int_equal(event, is_taken ? EDITOR_EV_LINE : EDITOR_EV_NONE);
    if (is_taken)
        assert_int_equal(editor_line(editor).len, bytes);
    buf_put_char(&out, '\0');
    assert_int_equal(strstr(out.ptr, "*** Not sent:") == NULL, is_taken);
    buf_done(&out);
    buf_done(&said);
    editor_free(editor);
}

static void test_editor_paste_has_limits(void **state)
{
    (void)state;
    check_paste_of(EDITOR_PASTE_LINES_MAX, 1000, true);
    check_paste_of(EDITOR_PASTE_LINES_MAX + 1, 1000, false);
    check_paste_of(2, EDITOR_PASTE_BYTES_MAX - 1, true);
    check_paste_of(2, EDITOR_PASTE_BYTES_MAX, false); /* with the line end behind it */
    check_paste_of(2, 3 * EDITOR_PASTE_BYTES_MAX, false);
}

static void test_editor_pasted_line_that_does_not_fit_is_told(void **state)
{
    static const char line[] = "0123456789012345678901234567890123456789012345678901234567890123";

    (void)state;
    for (size_t more = 0; more < 2; more++) {
        struct editor *editor = editor_new(LINE_BYTES, NULL, NULL);
        struct buf lines, keys;
        buf_init(&lines, 65536);
        buf_init(&keys, 65536);
        buf_printf(&keys, "%s" PASTE("%s") "\r", more ? "ab" : "a", &line[1]);
        feed(editor, buf_bytes(&keys), &lines);
        assert_int_equal(lines.len, more ? strlen("ab|") : LINE_BYTES + 1);
        buf_done(&lines);
        buf_done(&keys);
        editor_free(editor);
    }
}

/* Keys on an editor that takes a password; everything that it writes is looked at. */
static void feed_secret(struct editor *editor, struct bytes keys, struct buf *out, struct bytes expected)
{
    enum editor_event event = EDITOR_EV_NONE;

    for (size_t used = 0; used < keys.len && event == EDITOR_EV_NONE;) {
        used += editor_feed(editor, bytes_slice(keys, used, used + 1), out, &event);
        editor_refresh(editor, out);
    }
    assert_int_equal(event, EDITOR_EV_LINE);
    assert_true(bytes_eq(editor_line(editor), expected));
}

static void test_editor_shows_and_keeps_nothing_of_a_secret(void **state)
{
    struct editor *editor = editor_new(LINE_BYTES, complete, NULL);
    struct buf out, lines;
    (void)state;

    buf_init(&out, 65536);
    buf_init(&lines, 65536);
    assert_non_null(editor);
    editor_set_prompt(editor, BYTES("password> "));
    editor_start(editor, &out);
    feed(editor, BYTES("hello\r"), &lines);
    editor_set_secret(editor, true);
    feed_secret(editor,
                BYTES("wxyz" LEFT "\x17" UP "car\t\x15"
                      "wx" LEFT "y\r"),
                &out, BYTES("wyxz"));
    editor_set_secret(editor, false);
    for (const char *c = "wxyz"; *c; c++) /* "password" has a w */
        assert_true(*c == 'w' || bytes_find(buf_bytes(&out), *c) == out.len);
    buf_reset(&lines);
    feed(editor, BYTES("\x19" UP "\r"), &lines); /* nothing to put back; the line before is the last one */
    assert_true(bytes_eq(buf_bytes(&lines), BYTES("hello|")));
    editor_free(editor);
    buf_done(&out);
    buf_done(&lines);
}

static void test_editor_forgets_the_last_line_only(void **state)
{
    struct editor *editor = editor_new(LINE_BYTES, NULL, NULL);
    struct buf lines;
    (void)state;

    buf_init(&lines, 65536);
    assert_non_null(editor);
    editor_forget(editor);
    feed(editor, BYTES("one\rtwo\r"), &lines);
    editor_forget(editor);
    editor_forget(editor); /* "one" is not the last line */
    buf_reset(&lines);
    feed(editor, BYTES(UP "\r" UP UP "!\r"), &lines);
    assert_true(bytes_eq(buf_bytes(&lines), BYTES("one|one!|")));
    editor_free(editor);
    buf_done(&lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_editor_enter_in_all_its_forms),
        cmocka_unit_test(test_editor_moves),
        cmocka_unit_test(test_editor_erases),
        cmocka_unit_test(test_editor_cuts_and_puts_back),
        cmocka_unit_test(test_editor_knows_characters),
        cmocka_unit_test(test_editor_takes_no_control_characters),
        cmocka_unit_test(test_editor_ignores_other_sequences),
        cmocka_unit_test(test_editor_leaves_on_an_empty_line_only),
        cmocka_unit_test(test_editor_line_has_a_limit),
        cmocka_unit_test(test_editor_history),
        cmocka_unit_test(test_editor_history_has_limits),
        cmocka_unit_test(test_editor_completes),
        cmocka_unit_test(test_editor_pastes_a_line_without_sending_it),
        cmocka_unit_test(test_editor_asks_before_it_says_several_lines),
        cmocka_unit_test(test_editor_paste_has_limits),
        cmocka_unit_test(test_editor_pasted_line_that_does_not_fit_is_told),
        cmocka_unit_test(test_editor_forgets_the_last_line_only),
        cmocka_unit_test(test_editor_shows_and_keeps_nothing_of_a_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
