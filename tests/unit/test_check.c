/* Failed checks: the message with its place, then SIGABRT, seen from a child process. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/hashmap.h"
#include "base/utf8.h"
#include "support/run_child.h"

enum { FALSE_LINE = __LINE__ + 7 }; /* of the third CHECK below */

static void check_true_then_false(void)
{
    int evaluated = 0;
    CHECK(++evaluated == 1);
    CHECK(evaluated == 1); /* a condition is evaluated once */
    CHECK(evaluated % 2 == 0);
}

static void check_true(void)
{
    CHECK(1 + 1 == 2);
}

static void report_bug(void)
{
    BUG("state %d of %s", 7, "room");
}

static void report_long_bug(void)
{
    char text[5000];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    BUG("%s", text);
}

static void buf_consume_too_much(void)
{
    struct buf buf;
    buf_init(&buf, 10);
    buf_put_text(&buf, "abc");
    buf_consume(&buf, 4);
}

static void buf_truncate_too_long(void)
{
    struct buf buf;
    buf_init(&buf, 10);
    buf_truncate(&buf, 1);
}

static void buf_put_own_memory(void)
{
    struct buf buf;
    buf_init(&buf, 100);
    buf_put_text(&buf, "abc");
    buf_put(&buf, bytes_slice(buf_bytes(&buf), 2, 3));
}

static void bytes_copy_to_nowhere(void)
{
    char dst[1];
    (void)bytes_copy(BYTES(""), dst, 0);
}

static void hashmap_put_null(void)
{
    struct hashmap map;
    hashmap_init(&map);
    _exit(hashmap_put(&map, BYTES("key"), NULL));
}

static void utf8_next_of_nothing(void)
{
    uint32_t c;
    bool is_valid;
    (void)utf8_next(BYTES(""), &c, &is_valid);
}

static void test_check_passes_when_true(void **state)
{
    (void)state;
    struct run_child_outcome outcome;
    run_child(check_true, &outcome);
    assert_true(WIFEXITED(outcome.status));
    assert_int_equal(WEXITSTATUS(outcome.status), 0);
    assert_string_equal(outcome.output, "");
}

static void test_check_failed_names_place_and_condition(void **state)
{
    (void)state;
    struct run_child_outcome outcome;
    char expected[256];
    run_child(check_true_then_false, &outcome);
    assert_true(run_child_is_aborted(&outcome));
    snprintf(expected, sizeof(expected), "mingled: BUG %s:%d: evaluated %% 2 == 0\n", __FILE__, FALSE_LINE);
    assert_int_equal(strncmp(outcome.output, expected, strlen(expected)), 0);
}

static void test_check_failed_shows_a_backtrace(void **state)
{
    (void)state;
    struct run_child_outcome outcome;
    unsigned frames = 0;
    run_child(report_bug, &outcome);
    for (const char *at = strstr(outcome.output, "[0x"); at != NULL; at = strstr(at + 1, "[0x"))
        frames++;
    assert_true(frames >= 3); /* check_failed, the function, main */
}

static void test_check_bug_formats_its_message(void **state)
{
    (void)state;
    struct run_child_outcome outcome;
    run_child(report_bug, &outcome);
    assert_true(run_child_is_aborted(&outcome));
    assert_non_null(strstr(outcome.output, ": state 7 of room\n"));
}

static void test_check_cuts_a_long_message(void **state)
{
    (void)state;
    struct run_child_outcome outcome;
    run_child(report_long_bug, &outcome);
    assert_true(run_child_is_aborted(&outcome));
    size_t line_len = strcspn(outcome.output, "\n");
    assert_in_range(line_len, 1023, 1023 + 256);
    assert_int_equal(outcome.output[line_len - 1], 'x');
}

static void test_check_guards_the_contracts_of_base(void **state)
{
    (void)state;
    static void (*const misuses[])(void) = {
        buf_consume_too_much,  buf_truncate_too_long, buf_put_own_memory,
        bytes_copy_to_nowhere, hashmap_put_null,      utf8_next_of_nothing,
    };
    for (size_t i = 0; i < ARRAY_LEN(misuses); i++) {
        struct run_child_outcome outcome;
        run_child(misuses[i], &outcome);
        assert_true(run_child_is_aborted(&outcome));
        assert_int_equal(strncmp(outcome.output, "mingled: BUG ", 13), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_check_passes_when_true),
        cmocka_unit_test(test_check_failed_names_place_and_condition),
        cmocka_unit_test(test_check_failed_shows_a_backtrace),
        cmocka_unit_test(test_check_bug_formats_its_message),
        cmocka_unit_test(test_check_cuts_a_long_message),
        cmocka_unit_test(test_check_guards_the_contracts_of_base),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
