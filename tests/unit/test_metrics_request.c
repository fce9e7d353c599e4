/* The requests that the metrics port answers, and all the others. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "daemon/health.h"
#include "daemon/metrics_request.h"

static int parse(const char *text, struct metrics_request *ret_request)
{
    return metrics_request_parse(bytes_of(text), BYTES("chat.example.org"), ret_request);
}

static void assert_status(const char *text, int status)
{
    struct metrics_request request;
    int got = parse(text, &request);
    if (got != status)
        fail_msg("%d, not %d, for %s", got, status, text);
}

static void test_metrics_request_takes_what_is_served(void **state)
{
    (void)state;
    struct metrics_request request;
    assert_int_equal(parse("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n", &request), 200);
    assert_int_equal(request.target, METRICS_TARGET_METRICS);
    assert_false(request.is_head);
    assert_int_equal(parse("HEAD /healthz?a=b HTTP/1.0\r\n\r\n", &request), 200);
    assert_int_equal(request.target, METRICS_TARGET_HEALTH);
    assert_true(request.is_head);
    assert_status("GET /metrics HTTP/1.1\r\nHOST:localhost\r\nX: \t y\r\nContent-Length: 0\r\n\r\n", 200);
}

static void test_metrics_request_waits_for_the_whole_head(void **state)
{
    (void)state;
    const char whole[] = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
    struct metrics_request request;
    for (size_t n = 0; n < strlen(whole); n++)
        assert_int_equal(metrics_request_parse((struct bytes){whole, n}, BYTES("x"), &request), 0);
}

static void test_metrics_request_refuses_other_things(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        int status;
    } cases[] = {
        {"GET / HTTP/1.1", 404},
        {"GET /metricsx HTTP/1.1", 404},
        {"GET /Metrics HTTP/1.1", 404},
        {"POST /metrics HTTP/1.1", 405},
        {"get /metrics HTTP/1.1", 405},
        {"DELETE /healthz HTTP/1.1", 405},
        {"GET /metrics HTTP/2.0", 400},
        {"GET /metrics", 400},
        {"GET  /metrics HTTP/1.1", 400},
        {"GET metrics HTTP/1.1", 400},
        {" GET /metrics HTTP/1.1", 400},
        {"GET /metrics HTTP/1.1 ", 400},
        {"G\x01T /metrics HTTP/1.1", 400},
        {"GET /met\trics HTTP/1.1", 400},
        {"", 400},
        {"GET http://localhost/metrics HTTP/1.1", 400},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char text[256];
        snprintf(text, sizeof(text), "%s\r\nHost: localhost\r\n\r\n", cases[i].line);
        assert_status(text, cases[i].status);
    }
}

static void test_metrics_request_refuses_headers_that_can_smuggle(void **state)
{
    (void)state;
    static const char *const headers[] = {
        "Content-Length: 5", "Transfer-Encoding: chunked",
        "Host: localhost",   " folded",
        "\tfolded",          "no colon",
        "Bad Name: x",       ": x",
        "X: a\x01",          "X: a\rb",
        "X: a\nb",           "X : y",
    };
    for (size_t i = 0; i < ARRAY_LEN(headers); i++) {
        char text[256];
        snprintf(text, sizeof(text), "GET /metrics HTTP/1.1\r\nHost: localhost\r\n%s\r\n\r\n", headers[i]);
        assert_status(text, 400);
    }
    assert_status("GET /metrics HTTP/1.1\r\n\r\n", 400); /* no Host */
}

static void assert_host(const char *host, int status)
{
    char text[512];
    snprintf(text, sizeof(text), "GET /metrics HTTP/1.1\r\nHost: %s\r\n\r\n", host);
    assert_status(text, status);
}

static void test_metrics_request_host_must_be_ours(void **state)
{
    (void)state;
    static const char *const ours[] = {"localhost",      "LOCALHOST:9700", "127.0.0.1",
                                       "127.0.0.1:9700", "[::1]",          "[::1]:9700",
                                       "192.0.2.7:80",   "localhost:",     "chat.example.org:9700"};
    static const char *const foreign[] = {"",
                                          "evil.example",
                                          "localhost.evil.example",
                                          "127.0.0.1.evil",
                                          "::1",
                                          "[::1",
                                          "[localhost]",
                                          "localhost:x",
                                          "a@localhost",
                                          "localhost:65536",
                                          "127.1",
                                          "chat.example.org.evil"};
    for (size_t i = 0; i < ARRAY_LEN(ours); i++)
        assert_host(ours[i], 200);
    for (size_t i = 0; i < ARRAY_LEN(foreign); i++)
        assert_host(foreign[i], 421);
}

static void test_metrics_request_has_a_limit(void **state)
{
    (void)state;
    for (size_t total = METRICS_REQUEST_BYTES_MAX - 1; total <= METRICS_REQUEST_BYTES_MAX + 1; total++) {
        char text[METRICS_REQUEST_BYTES_MAX + 8];
        struct metrics_request request;
        size_t n = (size_t)snprintf(text, sizeof(text), "GET /metrics HTTP/1.1\r\nHost: localhost\r\nX: ");
        memset(text + n, 'x', total - n);
        int status = metrics_request_parse((struct bytes){text, total}, BYTES(""), &request);
        assert_int_equal(status, total < METRICS_REQUEST_BYTES_MAX ? 0 : 431);
        memcpy(text + total - 4, "\r\n\r\n", 4);
        status = metrics_request_parse((struct bytes){text, total}, BYTES(""), &request);
        assert_int_equal(status, total <= METRICS_REQUEST_BYTES_MAX ? 200 : 431);
    }
}

static void test_health_is_bad_when_nothing_is_delivered_for_long(void **state)
{
    (void)state;
    struct health health = {0};
    assert_true(health_look(&health, 0, 0, 1000)); /* nothing to do */
    assert_true(health_look(&health, 0, 5, 2000)); /* just come */
    assert_true(health_look(&health, 0, 5, 2000 + HEALTH_STUCK_MS - 1));
    assert_false(health_look(&health, 0, 5, 2000 + HEALTH_STUCK_MS));
    assert_true(health.is_bad);
    assert_true(health_look(&health, 1, 5, 60000)); /* it goes on */
    assert_true(health_look(&health, 1, 9, 70000));
    assert_true(health_look(&health, 1, 0, 90000)); /* all delivered meanwhile */
    assert_false(health.is_bad);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_metrics_request_takes_what_is_served),
        cmocka_unit_test(test_metrics_request_waits_for_the_whole_head),
        cmocka_unit_test(test_metrics_request_refuses_other_things),
        cmocka_unit_test(test_metrics_request_refuses_headers_that_can_smuggle),
        cmocka_unit_test(test_metrics_request_host_must_be_ours),
        cmocka_unit_test(test_metrics_request_has_a_limit),
        cmocka_unit_test(test_health_is_bad_when_nothing_is_delivered_for_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
