/* The reader of the configuration file. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "daemon/conf_file.h"

static void assert_bytes(struct bytes b, const char *expected)
{
    assert_int_equal(b.len, strlen(expected));
    assert_memory_equal(b.ptr != NULL ? b.ptr : "", expected, b.len);
}

static void assert_setting(struct conf_file *file, unsigned line, const char *section, const char *key,
                           const char *value)
{
    struct conf_file_item item;
    assert_true(conf_file_next(file, &item));
    assert_null(item.problem);
    assert_int_equal(item.line, line);
    assert_bytes(item.section, section);
    assert_bytes(item.key, key);
    assert_bytes(item.value, value);
}

static void assert_problem(struct conf_file *file, unsigned line, const char *words)
{
    struct conf_file_item item;
    assert_true(conf_file_next(file, &item));
    assert_non_null(item.problem);
    assert_non_null(strstr(item.problem, words));
    assert_int_equal(item.line, line);
    assert_int_equal(item.key.len, 0);
}

static void assert_end(struct conf_file *file)
{
    struct conf_file_item item = {.line = 77};
    assert_false(conf_file_next(file, &item));
    assert_int_equal(item.line, 77);
}

static struct conf_file open_text(const char *text)
{
    struct conf_file file;
    conf_file_init(&file, bytes_of(text));
    return file;
}

static void test_conf_file_reads_sections_and_settings(void **state)
{
    (void)state;
    struct conf_file file = open_text("[one]\na = 1\nb=2\n\n[two]\n  a\t=\t3 4  \nempty =\n");
    assert_setting(&file, 2, "one", "a", "1");
    assert_setting(&file, 3, "one", "b", "2");
    assert_setting(&file, 6, "two", "a", "3 4");
    assert_setting(&file, 7, "two", "empty", "");
    assert_end(&file);
    assert_end(&file);
}

static void test_conf_file_of_nothing_is_empty(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "\n", "\n\n", "   ", "# x", "\t; x\n", "[s]", "\xef\xbb\xbf"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct conf_file file = open_text(texts[i]);
        assert_end(&file);
    }
    struct conf_file file;
    conf_file_init(&file, (struct bytes){NULL, 0});
    assert_end(&file);
}

static void test_conf_file_takes_comments_only_on_their_own_line(void **state)
{
    (void)state;
    struct conf_file file = open_text("# a = 1\n[s]\n  ; b = 2\nc = #lobby ; not a comment");
    assert_setting(&file, 4, "s", "c", "#lobby ; not a comment");
    assert_end(&file);
}

static void test_conf_file_takes_crlf_and_byte_order_mark(void **state)
{
    (void)state;
    struct conf_file file = open_text("\xef\xbb\xbf[s]\r\na = 1\r\n\r\nb = \"2 \"\r\n");
    assert_setting(&file, 2, "s", "a", "1");
    assert_setting(&file, 4, "s", "b", "2 ");
    assert_end(&file);
}

static void test_conf_file_unquotes(void **state)
{
    (void)state;
    struct conf_file file = open_text("[s]\na = \" x \"\nb = ' x'\nc = \"\"\nd = it's \"so\"\n"
                                      "e = \"say \"hi\" now\"\nf = x=y = z\n");
    assert_setting(&file, 2, "s", "a", " x ");
    assert_setting(&file, 3, "s", "b", " x");
    assert_setting(&file, 4, "s", "c", "");
    assert_setting(&file, 5, "s", "d", "it's \"so\"");
    assert_setting(&file, 6, "s", "e", "say \"hi\" now");
    assert_setting(&file, 7, "s", "f", "x=y = z");
    assert_end(&file);
}

static void test_conf_file_reports_each_mistake_and_goes_on(void **state)
{
    (void)state;
    struct conf_file file = open_text("early = 1\n[s]\nno equals sign\n= 1\na = \"\nb = 'x\"\nc = 3\n");
    assert_problem(&file, 1, "needs a [section]");
    assert_problem(&file, 3, "expected key = value");
    assert_problem(&file, 4, "no name");
    assert_problem(&file, 5, "closing quote");
    assert_problem(&file, 6, "closing quote");
    assert_setting(&file, 7, "s", "c", "3");
    assert_end(&file);
}

static void test_conf_file_includes_belong_to_no_section(void **state)
{
    (void)state;
    struct conf_file file = open_text("include = a\n[s]\ninclude_directory = b\ninclud = c\n");
    struct conf_file_item item;
    for (unsigned line = 1; line <= 3; line += 2) {
        assert_true(conf_file_next(&file, &item));
        assert_null(item.problem);
        assert_true(item.is_include);
        assert_int_equal(item.line, line);
        assert_int_equal(item.section.len, 0);
    }
    assert_true(bytes_eq(item.value, BYTES("b")));
    assert_true(conf_file_next(&file, &item));
    assert_false(item.is_include);
    assert_true(bytes_eq(item.section, BYTES("s")));
    assert_end(&file);
}

static void test_conf_file_passes_over_what_follows_a_bad_section(void **state)
{
    (void)state;
    static const char *const headers[] = {"[t", "[]", "[ ]", "[t] x", "[t] # x", "[t]]", "["};
    for (size_t i = 0; i < ARRAY_LEN(headers); i++) {
        char text[80];
        int len = snprintf(text, sizeof(text), "[s]\n%s\na = 1\nnonsense\n[u]\nb = 2", headers[i]);
        assert_in_range(len, 1, sizeof(text) - 1);
        struct conf_file file = open_text(text);
        struct conf_file_item item;
        assert_true(conf_file_next(&file, &item));
        assert_non_null(item.problem);
        assert_int_equal(item.line, 2);
        assert_setting(&file, 6, "u", "b", "2");
        assert_end(&file);
    }
}

static void test_conf_file_refuses_nul_anywhere(void **state)
{
    (void)state;
    struct conf_file file;
    conf_file_init(&file, BYTES("[s]\na = 1\0\n# \0\n\0\nb = 2\n"));
    assert_problem(&file, 2, "NUL");
    assert_problem(&file, 3, "NUL");
    assert_problem(&file, 4, "NUL");
    assert_setting(&file, 5, "s", "b", "2");
    assert_end(&file);
}

/* "[s]\n", a line of `line_bytes` with `end`, and one setting more. */
static char *text_with_line_of(size_t line_bytes, const char *end)
{
    const char *tail = "b = 2\n";
    size_t size = 4 + line_bytes + strlen(end) + strlen(tail) + 1;
    char *text = malloc(size);
    assert_non_null(text);
    memcpy(text, "[s]\n", 4);
    memset(text + 4, 'x', line_bytes);
    memcpy(text + 4, "a = ", 4);
    memcpy(text + 4 + line_bytes, end, strlen(end));
    memcpy(text + 4 + line_bytes + strlen(end), tail, strlen(tail) + 1);
    return text;
}

static void test_conf_file_limits_the_line(void **state)
{
    (void)state;
    static const struct {
        size_t line_bytes;
        const char *end;
        int is_good;
    } cases[] = {
        {CONF_FILE_LINE_BYTES - 1, "\n", 1},   {CONF_FILE_LINE_BYTES, "\n", 1},
        {CONF_FILE_LINE_BYTES, "\r\n", 1},     {CONF_FILE_LINE_BYTES + 1, "\n", 0},
        {CONF_FILE_LINE_BYTES + 1, "\r\n", 0}, {100000, "\n", 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char *text = text_with_line_of(cases[i].line_bytes, cases[i].end);
        struct conf_file file = open_text(text);
        struct conf_file_item item;
        if (cases[i].is_good) {
            assert_true(conf_file_next(&file, &item));
            assert_null(item.problem);
            assert_int_equal(item.value.len, cases[i].line_bytes - 4);
        } else {
            assert_problem(&file, 2, "longer than 4096");
        }
        assert_setting(&file, 3, "s", "b", "2");
        assert_end(&file);
        free(text);
    }
}

/* Every text of a few dangerous bytes, in memory of its exact size: the sanitizer sees any overrun. */
static void test_conf_file_survives_all_short_texts(void **state)
{
    (void)state;
    static const char alphabet[] = {'[', ']', '=', '"', '\n', '\r', ' ', '#', 'a', '\0'};
    for (unsigned number = 0; number < 100000; number++) {
        char *text = malloc(5);
        assert_non_null(text);
        unsigned rest = number;
        for (size_t i = 0; i < 5; i++, rest /= 10)
            text[i] = alphabet[rest % 10];
        struct conf_file file;
        struct conf_file_item item;
        unsigned last_line = 0;
        conf_file_init(&file, (struct bytes){text, 5});
        while (conf_file_next(&file, &item)) {
            assert_true(item.line > last_line && item.line <= 5);
            assert_true(item.problem != NULL || (item.section.len > 0 && item.key.len > 0));
            last_line = item.line;
        }
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conf_file_reads_sections_and_settings),
        cmocka_unit_test(test_conf_file_of_nothing_is_empty),
        cmocka_unit_test(test_conf_file_takes_comments_only_on_their_own_line),
        cmocka_unit_test(test_conf_file_takes_crlf_and_byte_order_mark),
        cmocka_unit_test(test_conf_file_unquotes),
        cmocka_unit_test(test_conf_file_reports_each_mistake_and_goes_on),
        cmocka_unit_test(test_conf_file_includes_belong_to_no_section),
        cmocka_unit_test(test_conf_file_passes_over_what_follows_a_bad_section),
        cmocka_unit_test(test_conf_file_refuses_nul_anywhere),
        cmocka_unit_test(test_conf_file_limits_the_line),
        cmocka_unit_test(test_conf_file_survives_all_short_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
