/* Marks and streams of mingle-bench: what makes a message known again, and what a reader has to get. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "load/mark.h"
#include "load/stream.h"

static const struct mark sample = {.sender = 0xabcd, .number = 0x1234567f, .sent_ns = 0xfedcba9876543210};

static void test_mark_comes_back_whatever_stands_around_it(void **state)
{
    (void)state;
    static const size_t sizes[] = {MARK_BYTES, MARK_BYTES + 1, MARK_BYTES + 2, 64, 4000};
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        char line[4100] = "[#load0] <load7> ";
        size_t at = strlen(line);
        struct mark mark = {0};
        mark_write(sample, line + at, sizes[i]);
        line[at + sizes[i]] = '\r';
        assert_true(mark_read((struct bytes){line, at + sizes[i] + 1}, sizes[i], &mark));
        assert_int_equal(mark.sender, sample.sender);
        assert_int_equal(mark.number, sample.number);
        assert_int_equal(mark.sent_ns, sample.sent_ns);
    }
}

static void test_mark_refuses_what_was_cut_off(void **state)
{
    (void)state;
    char text[64];
    struct mark mark = {.sender = 7};
    mark_write(sample, text, sizeof(text));
    for (size_t len = 0; len < sizeof(text); len++)
        assert_false(mark_read((struct bytes){text, len}, sizeof(text), &mark));
    text[63] = '.';
    assert_false(mark_read((struct bytes){text, 64}, sizeof(text), &mark));
    assert_int_equal(mark.sender, 7);
}

static void test_mark_refuses_other_lines(void **state)
{
    (void)state;
    struct mark mark;
    assert_false(mark_read((struct bytes){NULL, 0}, MARK_BYTES, &mark));
    assert_false(mark_read(BYTES("*** load1 has joined #load0, hello hello"), MARK_BYTES, &mark));
    assert_false(mark_read(BYTES("~what a nice day it is, is it not, my friend?"), MARK_BYTES, &mark));
}

static void test_stream_takes_each_number_once_and_in_order(void **state)
{
    (void)state;
    struct stream stream = {0};
    uint32_t skipped = 9;
    assert_true(stream_take(&stream, 0, &skipped));
    assert_int_equal(skipped, 0);
    skipped = 9;
    assert_false(stream_take(&stream, 0, &skipped));
    assert_int_equal(skipped, 9);
    assert_true(stream_take(&stream, 3, &skipped));
    assert_int_equal(skipped, 2);
    assert_false(stream_take(&stream, 1, &skipped));
    assert_int_equal(stream_missing(&stream, 4), 0);
    assert_int_equal(stream_missing(&stream, 6), 2);
}

static void test_stream_begins_in_the_middle(void **state)
{
    (void)state;
    struct stream stream;
    uint32_t skipped;
    /* What was on the way while the reader came in may come. */
    stream_begin(&stream, 10);
    assert_true(stream_take(&stream, 8, &skipped));
    assert_int_equal(skipped, 0);
    assert_false(stream_take(&stream, 8, &skipped));
    assert_true(stream_take(&stream, 10, &skipped));
    assert_int_equal(skipped, 1);
    /* What was said after it has to. */
    stream_begin(&stream, 20);
    assert_int_equal(stream_missing(&stream, 20), 0);
    assert_true(stream_take(&stream, 22, &skipped));
    assert_int_equal(skipped, 2);
}

static void test_stream_numbers_wrap_around(void **state)
{
    (void)state;
    struct stream stream = {.next = UINT32_MAX};
    uint32_t skipped;
    assert_true(stream_take(&stream, UINT32_MAX, &skipped));
    assert_true(stream_take(&stream, 1, &skipped));
    assert_int_equal(skipped, 1);
    assert_false(stream_take(&stream, UINT32_MAX, &skipped));
    assert_int_equal(stream_missing(&stream, 2), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mark_comes_back_whatever_stands_around_it),
        cmocka_unit_test(test_mark_refuses_what_was_cut_off),
        cmocka_unit_test(test_mark_refuses_other_lines),
        cmocka_unit_test(test_stream_takes_each_number_once_and_in_order),
        cmocka_unit_test(test_stream_begins_in_the_middle),
        cmocka_unit_test(test_stream_numbers_wrap_around),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
