/* The line editor: what is on the screen. */
#include "proto/editor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/screen.h"

#define LINE_BYTES 400

struct fixture {
    struct editor *editor;
    struct screen screen;
    struct buf out;
};

static void show(struct fixture *fixture)
{
    screen_feed(&fixture->screen, buf_bytes(&fixture->out));
    buf_reset(&fixture->out);
}

static void begin(struct fixture *fixture, unsigned width, unsigned height)
{
    fixture->editor = editor_new(LINE_BYTES, NULL, NULL);
    assert_non_null(fixture->editor);
    buf_init(&fixture->out, 1 << 20);
    screen_init(&fixture->screen, width, height);
    editor_set_prompt(fixture->editor, BYTES("[#a] bob> "));
    editor_resize(fixture->editor, width, height, &fixture->out);
    assert_int_equal(fixture->out.len, 0);
    editor_start(fixture->editor, &fixture->out);
    show(fixture);
}

static void end(struct fixture *fixture)
{
    editor_free(fixture->editor);
    buf_done(&fixture->out);
}

static void keys(struct fixture *fixture, struct bytes keys)
{
    enum editor_event event;
    size_t used = 0;

    do
        used += editor_feed(fixture->editor, bytes_slice(keys, used, keys.len), &fixture->out, &event);
    while (event != EDITOR_EV_NONE);
    editor_refresh(fixture->editor, &fixture->out);
    show(fixture);
}

static void print(struct fixture *fixture, struct bytes text)
{
    editor_print(fixture->editor, text, &fixture->out);
    show(fixture);
}

#define SEES(fixture, expected) assert_string_equal(screen_text(&(fixture)->screen), expected)
#define KEYS(fixture, text) keys(fixture, BYTES(text))
#define PRINT(fixture, text) print(fixture, BYTES(text))

static void test_screen_prompt_and_typing(void **state)
{
    struct fixture f;
    (void)state;
    begin(&f, 40, 6);
    assert_true(f.screen.marks_pastes);
    SEES(&f, "[#a] bob> _\n");
    KEYS(&f, "hello");
    SEES(&f, "[#a] bob> hello_\n");
    KEYS(&f, "\x02\x02");
    SEES(&f, "[#a] bob> hel_lo\n");
    KEYS(&f, "X\x7f\x7f");
    SEES(&f, "[#a] bob> he_lo\n");
    KEYS(&f, "\x0b\x01");
    SEES(&f, "[#a] bob> _he\n");
    KEYS(&f, "\x03");
    SEES(&f, "[#a] bob> _\n");
    end(&f);
}

static void test_screen_said_lines_vanish_and_commands_stay(void **state)
{
    struct fixture f;
    (void)state;
    begin(&f, 40, 6);
    KEYS(&f, "hello\r");
    SEES(&f, "[#a] bob> _\n");
    PRINT(&f, "14:07 <bob> hello\r\n");
    SEES(&f, "14:07 <bob> hello\n[#a] bob> _\n");
    KEYS(&f, "/names\x01\r");
    SEES(&f, "14:07 <bob> hello\n[#a] bob> /names\n[#a] bob> _\n");
    KEYS(&f, "//names\r");
    SEES(&f, "14:07 <bob> hello\n[#a] bob> /names\n[#a] bob> _\n");
    editor_set_keeps_lines(f.editor, true);
    KEYS(&f, "carl\r");
    SEES(&f, "14:07 <bob> hello\n[#a] bob> /names\n[#a] bob> carl\n[#a] bob> _\n");
    end(&f);
}

static void test_screen_keys_that_come_at_once(void **state)
{
    struct fixture f;
    (void)state;
    begin(&f, 40, 8);
    KEYS(&f, "one\r/two\rthree\x02\x02\r/four\x1b[A\x1b[A");
    SEES(&f, "[#a] bob> /two\n[#a] bob> /two_\n");
    end(&f);
}

static void test_screen_prints_above_a_half_typed_line(void **state)
{
    struct fixture f;
    (void)state;
    begin(&f, 40, 5);
    KEYS(&f, "half typed\x02\x02");
    PRINT(&f, "14:05 <amy> hi\r\n14:05 <amy> again\r\n");
    SEES(&f, "14:05 <amy> hi\n14:05 <amy> again\n[#a] bob> half typ_ed\n");
    PRINT(&f, "1\n2\n3\n");
    SEES(&f, "14:05 <amy> again\n1\n2\n3\n[#a] bob> half typ_ed\n");
    KEYS(&f, "\x05!");
    SEES(&f, "14:05 <amy> again\n1\n2\n3\n[#a] bob> half typed!_\n");
    PRINT(&f, "");
    PRINT(&f, "\n");
    SEES(&f, "1\n2\n3\n\n[#a] bob> half typed!_\n");
    end(&f);
}

static void test_screen_prints_what_is_typed_but_not_drawn(void **state)
{
    struct fixture f;
    enum editor_event event;
    (void)state;
    begin(&f, 40, 5);
    assert_int_equal(editor_feed(f.editor, BYTES("ab"), &f.out, &event), 2);
    PRINT(&f, "x\n");
    SEES(&f, "x\n[#a] bob> ab_\n");
    KEYS(&f, "c");
    SEES(&f, "x\n[#a] bob> abc_\n");
    end(&f);
}

static void test_screen_long_lines_take_several_rows(void **state)
{
    struct fixture f;
    (void)state;
    begin(&f, 21, 6); /* rows of 20 */
    KEYS(&f, "123456789");
    SEES(&f, "[#a] bob> 123456789_\n");
    KEYS(&f, "0");
    SEES(&f, "[#a] bob> 1234567890_\n");
    KEYS(&f, "a");
    SEES(&f, "[#a] bob> 1234567890\na_\n");
    KEYS(&f, "bcdefghijklmnopqrstuvw");
    SEES(&f, "[#a] bob> 1234567890\nabcdefghijklmnopqrst\nuvw_\n");
    PRINT(&f, "14:05 <amy> hi\n");
    SEES(&f, "14:05 <amy> hi\n[#a] bob> 1234567890\nabcdefghijklmnopqrst\nuvw_\n");
    KEYS(&f, "\x01");
    SEES(&f, "14:05 <amy> hi\n[#a] bob> _1234567890\nabcdefghijklmnopqrst\nuvw\n");
    PRINT(&f, "x\n");
    SEES(&f, "14:05 <amy> hi\nx\n[#a] bob> _1234567890\nabcdefghijklmnopqrst\nuvw\n");
    KEYS(&f, "\x0b");
    SEES(&f, "14:05 <amy> hi\nx\n[#a] bob> _\n");
    end(&f);
}

static void test_screen_cursor_at_the_edge(void **state)
{
    struct fixture f;
    (void)state;
    begin(&f, 21, 6);
    KEYS(&f, "1234567890a\x02");
    SEES(&f, "[#a] bob> 1234567890\n_a\n");
    KEYS(&f, "\x7f");
    SEES(&f, "[#a] bob> 123456789_a\n");
    end(&f);
}

static void test_screen_line_higher_than_the_screen_is_shown_in_part(void **state)
{
    struct fixture f;
    (void)state;
    begin(&f, 21, 4); /* three rows for the line */
    KEYS(&f, "1234567890"
             "aaaaaaaaaaaaaaaaaaaa"
             "bbbbbbbbbbbbbbbbbbbb"
             "cccccccccccccccccccc"
             "d");
    SEES(&f, "bbbbbbbbbbbbbbbbbbbb\ncccccccccccccccccccc\nd_\n");
    PRINT(&f, "x\n");
    SEES(&f, "x\nbbbbbbbbbbbbbbbbbbbb\ncccccccccccccccccccc\nd_\n");
    KEYS(&f, "\x01");
    SEES(&f, "x\n[#a] bob> _1234567890\naaaaaaaaaaaaaaaaaaaa\nbbbbbbbbbbbbbbbbbbbb\n");
    PRINT(&f, "y\n");
    SEES(&f, "y\n[#a] bob> _1234567890\naaaaaaaaaaaaaaaaaaaa\nbbbbbbbbbbbbbbbbbbbb\n");
    end(&f);
}

static void test_screen_wide_characters(void **state)
{
    struct fixture f;
    (void)state;
    begin(&f, 14, 5); /* rows of 13: three columns are left by the prompt */
    KEYS(&f, "\xe6\x97\xa5");
    SEES(&f, "[#a] bob> \xe6\x97\xa5_\n");
    KEYS(&f, "\xe6\x9c\xac");
    SEES(&f, "[#a] bob> \xe6\x97\xa5\n\xe6\x9c\xac_\n");
    KEYS(&f, "\x02\x02");
    SEES(&f, "[#a] bob> _\xe6\x97\xa5\n\xe6\x9c\xac\n");
    KEYS(&f, "\x7f\x06x");
    SEES(&f, "[#a] bob> \xe6\x97\xa5x\n_\xe6\x9c\xac\n");
    KEYS(&f, "\x15"
             "e");
    KEYS(&f, "\xcc\x81");
    SEES(&f, "[#a] bob> e\xcc\x81_\xe6\x9c\xac\n");
    KEYS(&f, "\x0b");
    KEYS(&f, "a");
    KEYS(&f, "\xcc\x81");
    SEES(&f, "[#a] bob> e\xcc\x81"
             "a\xcc\x81_\n");
    end(&f);
}

static void test_screen_wraps_at_words(void **state)
{
    struct fixture f;
    (void)state;
    begin(&f, 31, 12);                                      /* rows of 30 */
    PRINT(&f, "14:05 <amy> one two three four five six\n"); /* "four" ends in column 30 */
    SEES(&f, "14:05 <amy> one two three four\n      five six\n[#a] bob> _\n");
    KEYS(&f, "\x0c");
    PRINT(&f, "14:05 <amy> one two three fours   five\n");
    SEES(&f, "14:05 <amy> one two three\n      fours   five\n[#a] bob> _\n");
    KEYS(&f, "\x0c");
    PRINT(&f, "14:05 <amy> 01234567890123456789012345678901234567890123456789\n");
    SEES(&f, "14:05 <amy>\n      012345678901234567890123\n      456789012345678901234567\n      89\n"
             "[#a] bob> _\n");
    end(&f);
}

static void test_screen_wraps_without_words(void **state)
{
    struct fixture f;
    (void)state;
    begin(&f, 31, 12);
    PRINT(&f, "0123456789012345678901234567890123456789\n");
    SEES(&f, "012345678901234567890123456789\n      0123456789\n[#a] bob> _\n");
    KEYS(&f, "\x0c");
    PRINT(&f, "      | aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa bb\n"); /* not behind its own indent */
    SEES(&f, "      | aaaaaaaaaaaaaaaaaaaaaa\n      | aaaaaaaaaa bb\n[#a] bob> _\n");
    KEYS(&f, "\x0c");
    PRINT(&f,
          "14:05 <amy> \xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5"
          "\xe6\x97\xa5\xe6\x97\xa5 x\n"); /* 12 + 18 columns */
    SEES(&f,
         "14:05 <amy> \xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5"
         "\xe6\x97\xa5\xe6\x97\xa5\n      x\n[#a] bob> _\n");
    end(&f);
}

static void test_screen_gets_no_control_bytes(void **state)
{
    struct fixture f;
    (void)state;
    begin(&f, 40, 5);
    PRINT(&f, "a\x1b[2Jb\x07\x7f"
              "c\xff"
              "d\n");
    SEES(&f, "a [2Jb c\xef\xbf\xbd"
             "d\n[#a] bob> _\n");
    end(&f);
}

static void test_screen_rows_of_a_continuation_line_show_that_they_are(void **state)
{
    struct fixture f;
    (void)state;
    begin(&f, 30, 5);
    PRINT(&f, "14:05 <eve> a\n      | so long that a row is not enough\n");
    SEES(&f, "14:05 <eve> a\n      | so long that a row is\n      | not enough\n[#a] bob> _\n");
    end(&f);
}

static void test_screen_colours_and_bells_take_no_column(void **state)
{
    struct fixture f;
    (void)state;
    begin(&f, 20, 5);
    PRINT(&f, "\x1b[2m14:05\x1b[0m <\x1b[38;5;131mbob\x1b[0m> one two\a\n");
    SEES(&f, "14:05 <bob> one two\n[#a] bob> _\n");
    PRINT(&f, "\x1b[0;1mabc\x1b[0m\x1b[0;4mdef\x1b[0m\x1b[9\n"); /* the last one is none */
    SEES(&f, "14:05 <bob> one two\nabcdef [9\n[#a] bob> _\n");
    end(&f);
}

static void test_screen_question_before_a_paste(void **state)
{
    struct fixture f;
    (void)state;
    begin(&f, 50, 5);
    KEYS(&f, "draft\x1b[200~one\rtwo\r\x1b[201~");
    SEES(&f, "Send these 2 lines as one message? (y/n) _\n");
    PRINT(&f, "x\n");
    SEES(&f, "x\nSend these 2 lines as one message? (y/n) _\n");
    KEYS(&f, "n");
    SEES(&f, "x\n[#a] bob> draft_\n");
    end(&f);
}

static void test_screen_too_large_a_paste_is_told(void **state)
{
    struct fixture f;
    (void)state;
    begin(&f, 60, 6);
    KEYS(&f, "a\x1b[200~");
    for (size_t i = 0; i <= EDITOR_PASTE_BYTES_MAX; i++)
        KEYS(&f, "x");
    KEYS(&f, "\x1b[201~b");
    SEES(&f, "*** Not sent: a message has at most 50 lines and 4096\n"
             "      bytes, this paste has 1 and 4097. Send it in parts.\n"
             "[#a] bob> ab_\n");
    end(&f);
}

/* What a terminal that wraps has made of our rows is known. */
static void test_screen_resize_goes_back_to_the_first_row(void **state)
{
    static const struct {
        unsigned width;
        const char *up;
    } cases[] = {{60, "\x1b[1A\r\x1b[J"}, {41, "\x1b[1A\r\x1b[J"}, {40, "\x1b[1A\r\x1b[J"},
                 {39, "\x1b[2A\r\x1b[J"}, {20, "\x1b[2A\r\x1b[J"}, {13, "\x1b[4A\r\x1b[J"}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct fixture f;
        begin(&f, 41, 5); /* a row of 40, one of 5 */
        KEYS(&f, "123456789012345678901234567890"
                 "abcde");
        editor_resize(f.editor, cases[i].width, 5, &f.out);
        assert_true(bytes_starts_with(buf_bytes(&f.out), bytes_of(cases[i].up)));
        end(&f);
    }
}

static void test_screen_resize_draws_anew(void **state)
{
    struct fixture f;
    (void)state;
    begin(&f, 41, 6);
    KEYS(&f, "12345678901234567890");
    PRINT(&f, "x\n");
    f.screen.width = 21;
    editor_resize(f.editor, 21, 6, &f.out);
    /* The terminal has wrapped the row at 21, so that the cursor is one row below. */
    f.screen.row++;
    show(&f);
    SEES(&f, "x\n[#a] bob> 1234567890\n1234567890_\n");
    end(&f);
}

static void test_screen_unknown_and_silly_sizes(void **state)
{
    static const unsigned sizes[] = {0, 1, 9, 10, 65535};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        struct buf out;
        struct editor *editor = editor_new(LINE_BYTES, NULL, NULL);
        buf_init(&out, 1 << 20);
        editor_start(editor, &out);
        editor_resize(editor, sizes[i], sizes[i], &out);
        editor_print(editor, BYTES("some words that are printed\n"), &out);
        assert_true(buf_error(&out) == 0 && out.len < 1000);
        buf_done(&out);
        editor_free(editor);
    }
}

static void test_screen_is_given_back(void **state)
{
    struct fixture f;
    (void)state;
    begin(&f, 40, 5);
    PRINT(&f, "x\n");
    KEYS(&f, "half");
    editor_end(f.editor, &f.out);
    show(&f);
    SEES(&f, "x\n_\n");
    assert_false(f.screen.marks_pastes);
    editor_end(f.editor, &f.out);
    editor_refresh(f.editor, &f.out);
    assert_int_equal(f.out.len, 0);
    PRINT(&f, "*** Bye.\n");
    SEES(&f, "x\n*** Bye.\n_\n");
    end(&f);
}

/* Whatever is typed, a fresh drawing is what is on the screen already. */
static void test_screen_is_what_a_fresh_drawing_is(void **state)
{
    static const char *const pieces[] = {"a",       "b ",    "\xe6\x97\xa5", "\xcc\x81",  "\x7f", "\x02",
                                         "\x06",    "\x01",  "\x05",         "\x17",      "\x19", "\x1b[A",
                                         "\x1b[3~", "word ", "\x15",         "0123456789"};
    static char before[SCREEN_TEXT_BYTES];
    uint32_t seed = 7;
    (void)state;
    for (int round = 0; round < 60; round++) {
        struct fixture f;
        begin(&f, 14, 6);
        for (int i = 0; i < 60; i++) {
            seed = seed * 1664525u + 1013904223u;
            keys(&f, bytes_of(pieces[(seed >> 16) % ARRAY_LEN(pieces)]));
            if (i % 10 == 5)
                PRINT(&f, "some words that are printed\n");
            memcpy(before, screen_text(&f.screen), sizeof(before));
            editor_print(f.editor, (struct bytes){NULL, 0}, &f.out);
            show(&f);
            assert_string_equal(screen_text(&f.screen), before);
        }
        end(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_screen_prompt_and_typing),
        cmocka_unit_test(test_screen_said_lines_vanish_and_commands_stay),
        cmocka_unit_test(test_screen_keys_that_come_at_once),
        cmocka_unit_test(test_screen_prints_above_a_half_typed_line),
        cmocka_unit_test(test_screen_prints_what_is_typed_but_not_drawn),
        cmocka_unit_test(test_screen_long_lines_take_several_rows),
        cmocka_unit_test(test_screen_cursor_at_the_edge),
        cmocka_unit_test(test_screen_line_higher_than_the_screen_is_shown_in_part),
        cmocka_unit_test(test_screen_wide_characters),
        cmocka_unit_test(test_screen_wraps_at_words),
        cmocka_unit_test(test_screen_wraps_without_words),
        cmocka_unit_test(test_screen_gets_no_control_bytes),
        cmocka_unit_test(test_screen_colours_and_bells_take_no_column),
        cmocka_unit_test(test_screen_question_before_a_paste),
        cmocka_unit_test(test_screen_rows_of_a_continuation_line_show_that_they_are),
        cmocka_unit_test(test_screen_too_large_a_paste_is_told),
        cmocka_unit_test(test_screen_resize_goes_back_to_the_first_row),
        cmocka_unit_test(test_screen_resize_draws_anew),
        cmocka_unit_test(test_screen_unknown_and_silly_sizes),
        cmocka_unit_test(test_screen_is_given_back),
        cmocka_unit_test(test_screen_is_what_a_fresh_drawing_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
