/* The bounded buffer: whole pieces or nothing, at the limit -1, exactly and +1; the error sticks. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "base/buf.h"

static void assert_content(const struct buf *buf, const char *expected)
{
    struct bytes got = buf_bytes(buf);
    assert_int_equal(got.len, strlen(expected));
    if (got.len > 0)
        assert_memory_equal(got.ptr, expected, got.len);
    assert_true(buf->len <= buf->cap);
    assert_true(buf->cap <= buf->max);
}

static void test_buf_init_allocates_nothing(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 100);
    assert_null(buf.ptr);
    assert_int_equal(buf.cap, 0);
    assert_int_equal(buf.max, 100);
    assert_int_equal(buf_error(&buf), 0);
    assert_int_equal(buf_bytes(&buf).len, 0);
    buf_done(&buf);
}

static void test_buf_appends_in_order(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 100);
    buf_put(&buf, BYTES("ab"));
    buf_put(&buf, (struct bytes){NULL, 0});
    buf_put_char(&buf, ' ');
    buf_put_text(&buf, "cd");
    buf_put_text(&buf, "");
    buf_printf(&buf, " %d %s", 7, "x");
    buf_printf(&buf, "%s", "");
    assert_content(&buf, "ab cd 7 x");
    assert_int_equal(buf_error(&buf), 0);
    buf_done(&buf);
}

static void test_buf_put_at_the_limit(void **state)
{
    (void)state;
    for (size_t n = 7; n <= 9; n++) {
        struct buf buf;
        buf_init(&buf, 8);
        buf_put(&buf, BYTES("abc"));
        buf_put(&buf, (struct bytes){"123456", n - 3});
        assert_content(&buf, n == 7 ? "abc1234" : n == 8 ? "abc12345" : "abc");
        assert_int_equal(buf_error(&buf), n <= 8 ? 0 : -EMSGSIZE);
        buf_done(&buf);
    }
}

static void test_buf_printf_at_the_limit(void **state)
{
    (void)state;
    for (int width = 4; width <= 6; width++) {
        struct buf empty, started;
        buf_init(&empty, 5);
        buf_printf(&empty, "%0*d", width, 1);
        assert_content(&empty, width == 4 ? "0001" : width == 5 ? "00001" : "");
        assert_int_equal(buf_error(&empty), width <= 5 ? 0 : -EMSGSIZE);
        buf_done(&empty);

        buf_init(&started, 7);
        buf_put_text(&started, "ab");
        buf_printf(&started, "%0*d", width, 1);
        assert_content(&started, width == 4 ? "ab0001" : width == 5 ? "ab00001" : "ab");
        assert_int_equal(buf_error(&started), width <= 5 ? 0 : -EMSGSIZE);
        buf_done(&started);
    }
}

static void test_buf_error_sticks_until_reset(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 4);
    buf_put_text(&buf, "ab");
    buf_put_text(&buf, "cde");
    buf_put_char(&buf, 'x');
    buf_put_text(&buf, "y");
    buf_printf(&buf, "%c", 'z');
    assert_content(&buf, "ab");
    assert_int_equal(buf_error(&buf), -EMSGSIZE);
    buf_truncate(&buf, 0);
    buf_put_char(&buf, 'x');
    assert_content(&buf, "");
    assert_int_equal(buf_error(&buf), -EMSGSIZE);

    const char *memory = buf.ptr;
    buf_reset(&buf);
    assert_int_equal(buf_error(&buf), 0);
    buf_put_text(&buf, "abcd");
    assert_content(&buf, "abcd");
    assert_ptr_equal(buf.ptr, memory);
    buf_done(&buf);
}

static void test_buf_with_max_zero_takes_only_nothing(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 0);
    buf_put_text(&buf, "");
    buf_printf(&buf, "%s", "");
    assert_int_equal(buf_error(&buf), 0);
    buf_put_char(&buf, 'a');
    assert_int_equal(buf_error(&buf), -EMSGSIZE);
    assert_int_equal(buf.len, 0);
    buf_done(&buf);
}

/* Every length around every growth step, byte for byte. */
static void test_buf_grows_without_losing_a_byte(void **state)
{
    (void)state;
    enum { MAX = 1000 };
    struct buf buf;
    buf_init(&buf, MAX);
    for (unsigned i = 0; i < MAX; i++) {
        if (i % 2 == 0)
            buf_put_char(&buf, (char)('a' + i % 26));
        else
            buf_printf(&buf, "%c", (int)('a' + i % 26));
        assert_int_equal(buf.len, i + 1);
        assert_true(buf.len <= buf.cap && buf.cap <= MAX);
    }
    for (unsigned i = 0; i < MAX; i++)
        assert_int_equal(buf.ptr[i], 'a' + i % 26);
    assert_int_equal(buf_error(&buf), 0);
    buf_put_char(&buf, 'x');
    assert_int_equal(buf_error(&buf), -EMSGSIZE);
    buf_done(&buf);
}

static void test_buf_takes_one_piece_larger_than_doubling(void **state)
{
    (void)state;
    char piece[5000];
    memset(piece, 'p', sizeof(piece));
    struct buf buf;
    buf_init(&buf, 100000);
    buf_put_char(&buf, 'a');
    buf_put(&buf, (struct bytes){piece, sizeof(piece)});
    assert_int_equal(buf_error(&buf), 0);
    assert_int_equal(buf.len, 5001);
    assert_memory_equal(buf.ptr + 1, piece, sizeof(piece));
    buf_printf(&buf, "%.*s", (int)sizeof(piece), piece);
    assert_int_equal(buf.len, 10001);
    assert_memory_equal(buf.ptr + 5001, piece, sizeof(piece));
    buf_done(&buf);
}

static void test_buf_keeps_nul_bytes(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 10);
    buf_put(&buf, BYTES("a\0b"));
    buf_put_char(&buf, '\0');
    buf_printf(&buf, "%c!", '\0');
    assert_int_equal(buf.len, 6);
    assert_memory_equal(buf.ptr, "a\0b\0\0!", 6);
    buf_done(&buf);
}

static void test_buf_consume_moves_the_rest_to_the_front(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 10);
    buf_consume(&buf, 0);
    buf_put_text(&buf, "0123456789");
    buf_consume(&buf, 0);
    assert_content(&buf, "0123456789");
    buf_consume(&buf, 4);
    assert_content(&buf, "456789");
    buf_put_text(&buf, "abcd");
    assert_content(&buf, "456789abcd");
    buf_consume(&buf, 10);
    assert_content(&buf, "");
    assert_int_equal(buf_error(&buf), 0);
    buf_done(&buf);
}

static void test_buf_truncate_cuts_the_end(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 10);
    buf_truncate(&buf, 0);
    buf_put_text(&buf, "012345");
    buf_truncate(&buf, 6);
    assert_content(&buf, "012345");
    buf_truncate(&buf, 2);
    buf_put_char(&buf, 'x');
    assert_content(&buf, "01x");
    buf_done(&buf);
}

static void test_buf_done_is_harmless_twice(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 10);
    buf_put_text(&buf, "abc");
    buf_done(&buf);
    assert_null(buf.ptr);
    assert_int_equal(buf.len, 0);
    buf_done(&buf);
    buf_done(NULL);
    buf_init(&buf, 3);
    buf_put_text(&buf, "xyz");
    assert_content(&buf, "xyz");
    buf_done(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_buf_init_allocates_nothing),
        cmocka_unit_test(test_buf_appends_in_order),
        cmocka_unit_test(test_buf_put_at_the_limit),
        cmocka_unit_test(test_buf_printf_at_the_limit),
        cmocka_unit_test(test_buf_error_sticks_until_reset),
        cmocka_unit_test(test_buf_with_max_zero_takes_only_nothing),
        cmocka_unit_test(test_buf_grows_without_losing_a_byte),
        cmocka_unit_test(test_buf_takes_one_piece_larger_than_doubling),
        cmocka_unit_test(test_buf_keeps_nul_bytes),
        cmocka_unit_test(test_buf_consume_moves_the_rest_to_the_front),
        cmocka_unit_test(test_buf_truncate_cuts_the_end),
        cmocka_unit_test(test_buf_done_is_harmless_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
