/* One download from a local server: bodies and limits, statuses, redirects, failures, names. */
#include "fetch/fetch.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <netdb.h>
#include <netinet/in.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "async/sleep.h"
#include "async/timeout.h"
#include "support/fetch_probe.h"
#include "support/loop_fixture.h"

enum { FOREVER_MS = 600000 };

static sem_t lookups; /* a lookup takes one, and finds nothing */

/* Stands in for the C library's; libcurl calls it on a thread. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **result)
{
    (void)name;
    (void)service;
    (void)hints;
    (void)result;
    while (sem_wait(&lookups) != 0)
        continue;
    return EAI_NONAME;
}

/* One download with a fetcher of its own. */
struct single {
    struct co_frame co;
    int port;
    const char *path;
    size_t max_bytes;
    struct client client;
    struct get get;
};

ASYNC(single)
{
    WITH(client_open(co, &self->client, 0)) {
        AWAIT(CALL(&self->get, get, .fetcher = self->client.fetcher, .port = self->port, .path = self->path,
                   .max_bytes = self->max_bytes));
    }
    END_WITH;
}
END_ASYNC

static struct get get_up_to(int port, const char *path, size_t max_bytes)
{
    CO_TASK(single) root;
    loop_fixture_run(TASK(&root, single, .port = port, .path = path, .max_bytes = max_bytes));
    struct get get = root.fn.get;
    if (get.code == 0)
        assert_string_equal(get.fetch.error, "");
    else
        assert_string_not_equal(get.fetch.error, "");
    return get;
}

static struct get get_one(int port, const char *path)
{
    return get_up_to(port, path, PLENTY_BYTES);
}

/* ---- one download ---- */

static void test_fetch_gets_the_body(void **state)
{
    struct get get = get_one(http_server_port(state), "/hello");
    assert_int_equal(get.code, 0);
    assert_int_equal(get.fetch.status, 200);
    assert_string_equal(get.text, "hello, world\n");
    get = get_one(http_server_port(state), "/body/0");
    assert_int_equal(get.code, 0);
    assert_int_equal(get.size, 0);
    fetcher_free(NULL);
}

static void test_fetch_takes_any_status_for_a_success(void **state)
{
    struct get get = get_one(http_server_port(state), "/status/404");
    assert_int_equal(get.code, 0);
    assert_int_equal(get.fetch.status, 404);
    assert_string_equal(get.text, "status\n");
    get = get_one(http_server_port(state), "/status/503");
    assert_int_equal(get.code, 0);
    assert_int_equal(get.fetch.status, 503);
}

static void test_fetch_limits_the_body(void **state)
{
    static const char *const paths[] = {"/body/5000", "/chunks/5000", "/gzip/5000"};
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        struct get get = get_up_to(http_server_port(state), paths[i], 5000);
        assert_int_equal(get.code, 0);
        assert_int_equal(get.size, 5000);
        get = get_up_to(http_server_port(state), paths[i], 4999);
        assert_int_equal(get.code, EMSGSIZE);
        assert_true(get.size <= 4999);
    }
    assert_int_equal(get_up_to(http_server_port(state), "/body/0", 0).code, 0);
    assert_int_equal(get_up_to(http_server_port(state), "/body/1", 0).code, EMSGSIZE);
    assert_string_equal(get_up_to(http_server_port(state), "/body/6", 5).fetch.error,
                        "The body is over 5 bytes");
    /* Small on the wire, large here. */
    assert_int_equal(get_one(http_server_port(state), "/gzip/50000000").code, EMSGSIZE);
}

static void test_fetch_follows_five_redirects(void **state)
{
    struct get get = get_one(http_server_port(state), "/redirect/5");
    assert_int_equal(get.code, 0);
    assert_int_equal(get.fetch.status, 200);
    assert_string_equal(get.text, "hello, world\n");
    assert_int_equal(get_one(http_server_port(state), "/redirect/6").code, EPROTO);
}

static void test_fetch_refuses_other_protocols(void **state)
{
    static const char *const urls[] = {"file:///etc/hostname",    "ftp://127.0.0.1/",
                                       "gopher://127.0.0.1/",     "http://",
                                       "http://127.0.0.1:99999/", ""};
    for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
        struct get get = get_one(0, urls[i]);
        assert_int_equal(get.code, EPROTO);
        assert_int_equal(get.size, 0);
    }
    assert_int_equal(get_one(http_server_port(state), "/leave/file").code, EPROTO);
    assert_int_equal(get_one(http_server_port(state), "/leave/ftp").code, EPROTO);
}

static void test_fetch_refuses_an_endless_url(void **state)
{
    (void)state;
    enum { LEN = 9000000 }; /* libcurl takes 8 million bytes */
    char *url = malloc(LEN + 1);
    assert_non_null(url);
    memset(url, 'x', LEN);
    url[LEN] = '\0';
    assert_int_equal(get_one(0, url).code, EPROTO);
    free(url);
}

static void test_fetch_reports_a_refused_connection(void **state)
{
    (void)state;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); /* bound: nobody else can listen there */
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(addr);
    assert_int_equal(bind(fd, (struct sockaddr *)&addr, size), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&addr, &size), 0);
    struct get get = get_one(ntohs(addr.sin_port), "/hello");
    assert_int_equal(get.code, ECONNREFUSED);
    assert_int_equal(get.fetch.status, 0);
    close(fd);
}

static void test_fetch_reports_a_server_that_closes_early(void **state)
{
    assert_int_equal(get_one(http_server_port(state), "/mute").code, EPROTO);
    assert_int_equal(get_one(http_server_port(state), "/early/0").code, EPROTO);
    struct get get = get_one(http_server_port(state), "/early/999");
    assert_int_equal(get.code, EPROTO);
    assert_int_equal(get.fetch.status, 200);
}

static void test_fetch_refuses_a_certificate_nobody_has_signed(void **state)
{
    char url[64];
    struct http_server tls = http_server_start("--tls");
    snprintf(url, sizeof(url), "https://127.0.0.1:%d/hello", tls.port);
    struct get get = get_one(0, url);
    assert_int_equal(get.code, EPROTO);
    assert_non_null(strstr(get.fetch.error, "certificate"));
    assert_int_equal(get.size, 0);
    http_server_stop(&tls);
    snprintf(url, sizeof(url), "https://127.0.0.1:%d/hello",
             http_server_port(state)); /* no TLS at all there */
    assert_int_equal(get_one(0, url).code, EPROTO);
}

/* ---- the virtual clock ---- */

struct timeless {
    struct co_frame co;
    int port;
    struct client client;
    struct co_timeout limit;
    struct get get;
    struct co_sleep_op nap;
};

ASYNC(timeless)
{
    WITH(client_open(co, &self->client, 0)) {
        /* Takes longer than the limit, but no time passes. */
        WITH(co_timeout_open(co, &self->limit, 5, true)) {
            AWAIT(GET(&self->get, &self->client, self->port, "/slow/50"));
        }
        END_WITH;
        AWAIT(co_sleep(&self->nap, FOREVER_MS)); /* jumps again */
    }
    END_WITH;
}
END_ASYNC

static void test_fetch_takes_no_time_on_a_virtual_clock(void **state)
{
    CO_TASK(timeless) root;
    struct co_loop *loop = co_loop_new();
    assert_non_null(loop);
    co_loop_set_virtual(loop, true);
    int64_t begin_ms = co_loop_now_ms(loop);
    alarm(20);
    assert_int_equal(co_loop_run(loop, TASK(&root, timeless, .port = http_server_port(state))).code, 0);
    alarm(0);
    assert_string_equal(root.fn.get.text, "slow\n");
    assert_int_equal(co_loop_now_ms(loop) - begin_ms, FOREVER_MS);
    assert_int_equal(co_loop_free(loop), 0);
}

/* ---- names ---- */

struct lookup {
    struct co_frame co;
    int fd_count;
    int i;
    struct client client;
    struct co_timeout limit;
    struct get get;
    struct co_sleep_op nap;
};

ASYNC(lookup)
{
    self->fd_count = loop_fixture_fd_count();
    WITH(client_open(co, &self->client, 0)) {
        /* The lookup does not end before the scope is left: to wait for it would be for ever. */
        WITH(co_timeout_open(co, &self->limit, 20, false)) {
            AWAIT(GET(&self->get, &self->client, 0, "http://nowhere.example/"));
        }
        END_WITH;
        assert_true(self->limit.has_expired);
        assert_int_equal(self->get.code, ECANCELED);
    }
    END_WITH;
    sem_post(&lookups);
    for (self->i = 0; self->i < 5000 && loop_fixture_fd_count() != self->fd_count; self->i++)
        AWAIT(co_sleep(&self->nap, 1)); /* libcurl's thread closes its end */
}
END_ASYNC

static void test_fetch_cancelled_does_not_wait_for_a_lookup(void **state)
{
    (void)state;
    CO_TASK(lookup) root;
    loop_fixture_run(TASK(&root, lookup));
}

static void test_fetch_reports_an_unknown_host(void **state)
{
    (void)state;
    sem_post(&lookups);
    assert_int_equal(get_one(0, "http://nowhere.example/").code, ENOENT);
}

int main(void)
{
    setenv("no_proxy", "*", 1); /* nothing here may leave the machine */
    sem_init(&lookups, 0, 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_fetch_gets_the_body, http_server_setup, http_server_teardown),
        cmocka_unit_test_setup_teardown(test_fetch_takes_any_status_for_a_success, http_server_setup,
                                        http_server_teardown),
        cmocka_unit_test_setup_teardown(test_fetch_limits_the_body, http_server_setup, http_server_teardown),
        cmocka_unit_test_setup_teardown(test_fetch_follows_five_redirects, http_server_setup,
                                        http_server_teardown),
        cmocka_unit_test_setup_teardown(test_fetch_refuses_other_protocols, http_server_setup,
                                        http_server_teardown),
        cmocka_unit_test(test_fetch_refuses_an_endless_url),
        cmocka_unit_test(test_fetch_reports_a_refused_connection),
        cmocka_unit_test_setup_teardown(test_fetch_reports_a_server_that_closes_early, http_server_setup,
                                        http_server_teardown),
        cmocka_unit_test_setup_teardown(test_fetch_refuses_a_certificate_nobody_has_signed, http_server_setup,
                                        http_server_teardown),
        cmocka_unit_test_setup_teardown(test_fetch_takes_no_time_on_a_virtual_clock, http_server_setup,
                                        http_server_teardown),
        cmocka_unit_test(test_fetch_cancelled_does_not_wait_for_a_lookup),
        cmocka_unit_test(test_fetch_reports_an_unknown_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
