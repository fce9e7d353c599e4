/* Start-up allocation: usable memory always, SIGABRT with a message when that cannot be. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "support/run_child.h"

static void assert_out_of_memory(void (*function)(void))
{
    struct run_child_outcome outcome;
    run_child(function, &outcome);
    assert_true(run_child_is_aborted(&outcome));
    assert_int_equal(strncmp(outcome.output, "mingled: out of memory", 22), 0);
}

static void xcalloc_overflow(void)
{
    free(xcalloc(SIZE_MAX / 2 + 1, 2));
}

static void xreallocarray_overflow(void)
{
    free(xreallocarray(NULL, 3, SIZE_MAX / 2));
}

static void test_xcalloc_is_zeroed(void **state)
{
    (void)state;
    unsigned char *ptr = xcalloc(10, 7);
    for (size_t i = 0; i < 70; i++)
        assert_int_equal(ptr[i], 0);
    free(ptr);
}

static void test_xalloc_of_nothing_is_not_null(void **state)
{
    (void)state;
    void *ptr = xcalloc(0, 8);
    assert_non_null(ptr);
    ptr = xreallocarray(ptr, 8, 0);
    assert_non_null(ptr);
    free(ptr);
}

static void test_xreallocarray_keeps_content(void **state)
{
    (void)state;
    uint32_t *numbers = xreallocarray(NULL, 2, sizeof(*numbers));
    numbers[0] = 7;
    numbers[1] = 8;
    numbers = xreallocarray(numbers, 10000, sizeof(*numbers));
    numbers[9999] = 9;
    assert_int_equal(numbers[0], 7);
    assert_int_equal(numbers[1], 8);
    free(numbers);
}

static void test_xstrdup_copies(void **state)
{
    (void)state;
    const char text[] = "mingled";
    char *copy = xstrdup(text);
    assert_string_equal(copy, text);
    assert_ptr_not_equal(copy, text);
    free(copy);
    copy = xstrdup("");
    assert_string_equal(copy, "");
    free(copy);
}

static void test_xalloc_aborts_when_the_size_overflows(void **state)
{
    (void)state;
    assert_out_of_memory(xcalloc_overflow);
    assert_out_of_memory(xreallocarray_overflow);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_xcalloc_is_zeroed),
        cmocka_unit_test(test_xalloc_of_nothing_is_not_null),
        cmocka_unit_test(test_xreallocarray_keeps_content),
        cmocka_unit_test(test_xstrdup_copies),
        cmocka_unit_test(test_xalloc_aborts_when_the_size_overflows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
