/* The JSON writer: commas, escapes, numbers at their limits, a buf that is full. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/json.h"

struct fixture {
    struct buf out;
    struct json json;
};

static struct fixture *start(struct fixture *fixture)
{
    buf_init(&fixture->out, 1024);
    json_init(&fixture->json, &fixture->out);
    return fixture;
}

static void finish(struct fixture *fixture, const char *expected)
{
    assert_int_equal(buf_error(&fixture->out), 0);
    assert_int_equal(fixture->out.len, strlen(expected));
    assert_memory_equal(fixture->out.ptr, expected, strlen(expected));
    buf_done(&fixture->out);
}

static void test_json_puts_commas_between_values_only(void **state)
{
    (void)state;
    struct fixture f, *fixture = start(&f);
    struct json *json = &fixture->json;

    json_begin(json);
    json_put_int(json, "a", 1);
    json_key(json, "b");
    json_list_begin(json);
    json_list_end(json);
    json_key(json, "c");
    json_list_begin(json);
    json_bool(json, true);
    json_begin(json);
    json_end(json);
    json_null(json);
    json_list_end(json);
    json_put_bool(json, "d", false);
    json_end(json);
    finish(fixture, "{\"a\":1,\"b\":[],\"c\":[true,{},null],\"d\":false}");
}

static void test_json_text_escapes_what_rfc_8259_asks(void **state)
{
    (void)state;
    struct fixture f, *fixture = start(&f);
    json_text(&fixture->json, BYTES("a\"b\\c\nd\te\rf\0g"));
    finish(fixture, "\"a\\\"b\\\\c\\nd\\te\\u000df\\u0000g\"");
}

static void test_json_text_escapes_what_terminals_obey(void **state)
{
    (void)state;
    struct fixture f, *fixture = start(&f);
    json_text(&fixture->json, BYTES("\x1b[2J\x7f\xc2\x9b\xc2\xa0"));
    finish(fixture, "\"\\u001b[2J\\u007f\\u009b\xc2\xa0\"");
}

static void test_json_text_keeps_utf8_and_replaces_malformed(void **state)
{
    (void)state;
    struct fixture f, *fixture = start(&f);
    json_text(&fixture->json, BYTES("h\xc3\xa9 \xf0\x9f\x98\x80 \xff\xc0\xaf"));
    finish(fixture, "\"h\xc3\xa9 \xf0\x9f\x98\x80 \xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
}

static void test_json_escapes_keys(void **state)
{
    (void)state;
    struct fixture f, *fixture = start(&f);
    json_begin(&fixture->json);
    json_put_text(&fixture->json, "a\"b", (struct bytes){NULL, 0});
    json_end(&fixture->json);
    finish(fixture, "{\"a\\\"b\":\"\"}");
}

static void test_json_numbers_at_their_limits(void **state)
{
    (void)state;
    struct fixture f, *fixture = start(&f);
    json_list_begin(&fixture->json);
    json_int(&fixture->json, INT64_MIN);
    json_uint(&fixture->json, UINT64_MAX);
    json_double(&fixture->json, 0.25);
    json_double(&fixture->json, (double)NAN);
    json_double(&fixture->json, (double)INFINITY);
    json_list_end(&fixture->json);
    finish(fixture, "[-9223372036854775808,18446744073709551615,0.25,null,null]");
}

static void test_json_error_sticks_in_full_buf(void **state)
{
    (void)state;
    struct buf out;
    struct json json;
    buf_init(&out, 4);
    json_init(&json, &out);
    json_text(&json, BYTES("abcd"));
    assert_int_equal(buf_error(&out), -EMSGSIZE);
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_puts_commas_between_values_only),
        cmocka_unit_test(test_json_text_escapes_what_rfc_8259_asks),
        cmocka_unit_test(test_json_text_escapes_what_terminals_obey),
        cmocka_unit_test(test_json_text_keeps_utf8_and_replaces_malformed),
        cmocka_unit_test(test_json_escapes_keys),
        cmocka_unit_test(test_json_numbers_at_their_limits),
        cmocka_unit_test(test_json_error_sticks_in_full_buf),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
