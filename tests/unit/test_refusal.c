/* The answers to protocols that are not served. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "proto/refusal.h"

static void render(enum detect_result protocol, struct bytes first, char *text, size_t size)
{
    struct buf out;
    buf_init(&out, size - 1);
    refusal_render(protocol, first, &out);
    assert_int_equal(buf_error(&out), 0);
    assert_true(bytes_copy(buf_bytes(&out), text, size));
    buf_done(&out);
}

static void test_refusal_http_is_a_whole_response(void **state)
{
    char text[2048], length[64];
    (void)state;

    render(DETECT_HTTP, BYTES("GET / HTTP/1.1\r\nHost: evil\r\n\r\n"), text, sizeof(text));
    assert_memory_equal(text, "HTTP/1.1 501 Not Implemented\r\n", 30);
    assert_non_null(strstr(text, "\r\nConnection: close\r\n"));
    const char *body = strstr(text, "\r\n\r\n") + 4;
    struct buf wanted;
    buf_init(&wanted, sizeof(length) - 1);
    buf_printf(&wanted, "\r\nContent-Length: %zu\r\n", strlen(body));
    assert_true(bytes_copy(buf_bytes(&wanted), length, sizeof(length)));
    buf_done(&wanted);
    assert_non_null(strstr(text, length));
    assert_non_null(strstr(body, "nc or telnet"));
    assert_null(strstr(text, "evil")); /* nothing of the request comes back */
}

static void test_refusal_http_head_has_no_body(void **state)
{
    char text[2048];
    (void)state;

    render(DETECT_HTTP, BYTES("HEAD / HTTP/1.1\r\n\r\n"), text, sizeof(text));
    assert_string_equal(strstr(text, "\r\n\r\n"), "\r\n\r\n");
    render(DETECT_HTTP, (struct bytes){NULL, 0}, text, sizeof(text));
    assert_non_null(strstr(text, "nc or telnet"));
}

static void test_refusal_lines(void **state)
{
    char text[2048];
    (void)state;

    render(DETECT_SSH, BYTES("SSH-2"), text, sizeof(text));
    assert_string_equal(text, "This is not SSH; use nc or telnet\r\n");
}

static void test_refusal_reason_for_every_protocol(void **state)
{
    static const struct {
        enum detect_result protocol;
        enum close_reason reason;
        bool has_answer;
    } wanted[] = {
        {DETECT_MORE, CLOSE_REASON_COUNT, false},
        {DETECT_TLS, CLOSE_TLS_FAILED, false},
        {DETECT_PROXY, CLOSE_PROXY, false},
        {DETECT_TELNET, CLOSE_REASON_COUNT, false},
        {DETECT_HTTP, CLOSE_HTTP, true},
        {DETECT_HTTP2, CLOSE_HTTP, false},
        {DETECT_SSH, CLOSE_SSH, true},
        {DETECT_IRC, CLOSE_REASON_COUNT, false},
        {DETECT_PLAIN, CLOSE_REASON_COUNT, false},
        {DETECT_NOT_TEXT, CLOSE_NOT_TEXT, false},
    };
    char text[2048];
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
        assert_int_equal(refusal_reason(wanted[i].protocol), wanted[i].reason);
        render(wanted[i].protocol, BYTES("x"), text, sizeof(text));
        assert_int_equal(text[0] != '\0', wanted[i].has_answer);
    }
}

static void assert_port_refusal(enum detect_result protocol, const char *instead, const char *want)
{
    char text[2048];
    struct buf out;

    buf_init(&out, sizeof(text) - 1);
    refusal_render_port(protocol, BYTES("x"), bytes_of(instead), &out);
    assert_true(bytes_copy(buf_bytes(&out), text, sizeof(text)));
    buf_done(&out);
    assert_string_equal(text, want);
}

static void test_refusal_of_a_port_says_what_to_use(void **state)
{
    (void)state;
    assert_port_refusal(DETECT_IRC, "nc or telnet",
                        "ERROR :This port does not take IRC. Use nc or telnet.\r\n");
    assert_port_refusal(DETECT_IRC, "",
                        "ERROR :This port does not take IRC. Ask the administrator for another port.\r\n");
    assert_port_refusal(DETECT_PLAIN, "telnet",
                        "*** This port does not take nc and the like. Use telnet. Bye.\r\n");
    assert_port_refusal(DETECT_TELNET, "nc", "*** This port does not take telnet. Use nc. Bye.\r\n");
    assert_port_refusal(DETECT_HTTP2, "nc", "");
    assert_port_refusal(DETECT_HTTP, "nc",
                        "HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain; charset=utf-8\r\n"
                        "Content-Length: 38\r\nX-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n"
                        "Connection: close\r\n\r\nThis port does not take HTTP. Use nc.\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refusal_http_is_a_whole_response),
        cmocka_unit_test(test_refusal_http_head_has_no_body),
        cmocka_unit_test(test_refusal_lines),
        cmocka_unit_test(test_refusal_of_a_port_says_what_to_use),
        cmocka_unit_test(test_refusal_reason_for_every_protocol),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
