/* Tables: alignment by display width, cutting, harmless cells, JSON, pieces. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "daemon/table.h"

static const struct table_column columns[] = {
    {"id", "ID", true}, {"name", "NAME", false}, {"text", "TEXT", false}};

static void fill(struct table *table)
{
    table_init(table, columns, 3, 4096);
    table_uint(table, 7);
    table_text(table, BYTES("bob"));
    table_text(table, BYTES("a b"));
    table_uint(table, 1234);
    table_text(table, BYTES("日本"));
    table_text(table, BYTES(""));
}

static void assert_printed(struct table *table, bool is_json, unsigned width, const char *expected)
{
    struct buf out;
    buf_init(&out, 4096);
    while (table_print(table, is_json, width, 1, &out))
        ;
    buf_put_char(&out, '\0');
    assert_int_equal(buf_error(&out), 0);
    assert_string_equal(out.ptr, expected);
    buf_done(&out);
    table_done(table);
}

static void test_table_aligns_by_display_width(void **state)
{
    struct table table;
    (void)state;
    fill(&table);
    assert_int_equal(table_row_count(&table), 2);
    assert_printed(&table, false, 0,
                   "  ID  NAME  TEXT\n"
                   "   7  bob   a b\n"
                   "1234  日本\n");
}

static void test_table_without_rows_has_a_head(void **state)
{
    struct table table;
    (void)state;
    table_init(&table, columns, 3, 4096);
    assert_printed(&table, false, 0, "ID  NAME  TEXT\n");
    table_init(&table, columns, 3, 4096);
    assert_printed(&table, true, 0, "[\n]\n");
}

static void test_table_as_json(void **state)
{
    struct table table;
    (void)state;
    fill(&table);
    assert_printed(&table, true, 0,
                   "[\n{\"id\":7,\"name\":\"bob\",\"text\":\"a b\"},\n"
                   "{\"id\":1234,\"name\":\"日本\",\"text\":\"\"}\n]\n");
}

static void put_wide(struct table *table, const char *text)
{
    table_init(table, columns, 3, 4096);
    table_uint(table, 1);
    table_text(table, BYTES("x"));
    table_text(table, bytes_of(text));
}

/* "ID  NAME  " are 10 columns. */
static void test_table_cuts_the_last_column(void **state)
{
    struct table table;
    (void)state;
    put_wide(&table, "abcdefghijkl");
    assert_printed(&table, false, 22, "ID  NAME  TEXT\n 1  x     abcdefghijkl\n");
    put_wide(&table, "abcdefghijkl");
    assert_printed(&table, false, 21, "ID  NAME  TEXT\n 1  x     abcdefghij…\n");
    put_wide(&table, "日本日本日本日本");
    assert_printed(&table, false, 21, "ID  NAME  TEXT\n 1  x     日本日本日…\n");
    put_wide(&table, "abcdefghijkl"); /* never to less than 10 */
    assert_printed(&table, false, 3, "ID  NAME  TEXT\n 1  x     abcdefghi…\n");
}

static void test_table_cells_are_harmless(void **state)
{
    struct table table;
    (void)state;
    put_wide(&table, "a\033[2J\nb\xc2\x9b"
                     "c\xff");
    assert_printed(&table, false, 0, "ID  NAME  TEXT\n 1  x     a?[2J?b?c\xef\xbf\xbd\n");
    put_wide(&table, "a\033\n\xff");
    assert_printed(&table, true, 0, "[\n{\"id\":1,\"name\":\"x\",\"text\":\"a\\u001b\\n\xef\xbf\xbd\"}\n]\n");
}

static void test_table_kinds_of_values(void **state)
{
    static const struct table_column kinds[] = {
        {"a_ms", "a", false}, {"b_ms", "bee", false}, {"c", "c", false}, {"d_bytes", "d", false}};
    struct table table;
    (void)state;
    for (int is_json = 0; is_json < 2; is_json++) {
        table_init(&table, kinds, 4, 4096);
        table.is_record = true;
        table_ms(&table, 192000);
        table_ms(&table, -1);
        table_bool(&table, true);
        table_size(&table, 3 * 1024 * 1024 / 2);
        assert_printed(&table, is_json, 0,
                       is_json ? "{\"a_ms\":192000,\"b_ms\":null,\"c\":true,\"d_bytes\":1572864}\n"
                               : "a    3m12s\nbee  -\nc    yes\nd    1.5M\n");
    }
}

static void assert_ms(int64_t ms, const char *expected)
{
    struct buf out;
    buf_init(&out, 64);
    table_put_ms(&out, ms);
    buf_put_char(&out, '\0');
    assert_string_equal(out.ptr, expected);
    buf_done(&out);
}

static void test_table_durations(void **state)
{
    (void)state;
    assert_ms(0, "0s");
    assert_ms(99, "0s");
    assert_ms(100, "0.1s");
    assert_ms(9999, "9.9s");
    assert_ms(10000, "10s");
    assert_ms(59999, "59s");
    assert_ms(60000, "1m00s");
    assert_ms(3599999, "59m59s");
    assert_ms(3600000, "1h00m");
    assert_ms(86400000, "1d00h");
    assert_ms(INT64_C(30) * 86400000, "30d00h");
}

static void test_table_numbers_with_a_fraction(void **state)
{
    static const struct table_column numbers[] = {{"value", "VALUE", true}};
    struct table table;
    (void)state;
    for (int is_json = 0; is_json < 2; is_json++) {
        table_init(&table, numbers, 1, 4096);
        table_real(&table, 0.25);
        table_real(&table, -12);
        assert_printed(&table, is_json, 0,
                       is_json ? "[\n{\"value\":0.25},\n{\"value\":-12}\n]\n" : "VALUE\n 0.25\n  -12\n");
    }
}

static void test_table_clean_lines_keep_their_ends(void **state)
{
    struct buf out;
    (void)state;
    buf_init(&out, 100);
    table_put_clean_lines(&out, BYTES("a\x1b[m\n\nb\tc"));
    assert_true(bytes_eq(buf_bytes(&out), BYTES("a?[m\n\nb?c\n")));
    buf_reset(&out);
    table_put_clean_lines(&out, BYTES(""));
    assert_int_equal(out.len, 0);
    buf_done(&out);
}

static void test_table_tells_when_it_is_full(void **state)
{
    struct table table;
    (void)state;
    table_init(&table, columns, 3, 16);
    table_uint(&table, 1);
    assert_int_equal(table_error(&table), 0);
    table_text(&table, BYTES("too much"));
    assert_int_equal(table_error(&table), -EMSGSIZE);
    table_done(&table);
    table_done(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table_aligns_by_display_width),
        cmocka_unit_test(test_table_without_rows_has_a_head),
        cmocka_unit_test(test_table_as_json),
        cmocka_unit_test(test_table_cuts_the_last_column),
        cmocka_unit_test(test_table_cells_are_harmless),
        cmocka_unit_test(test_table_kinds_of_values),
        cmocka_unit_test(test_table_durations),
        cmocka_unit_test(test_table_numbers_with_a_fraction),
        cmocka_unit_test(test_table_clean_lines_keep_their_ends),
        cmocka_unit_test(test_table_tells_when_it_is_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
