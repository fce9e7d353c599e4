/* Where the files of TLS are: paths and credentials of the service manager. */
#include "daemon/tls_setup.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void assert_path(const char *text, size_t size, const char *expected)
{
    char path[64] = "untouched";
    struct buf error;
    buf_init(&error, 1024);
    assert_int_equal(tls_setup_path(text, path, size, &error), 0);
    assert_string_equal(path, expected);
    assert_int_equal(error.len, 0);
    buf_done(&error);
}

static void assert_no_path(const char *text, size_t size, const char *why)
{
    char path[64] = "untouched";
    struct buf error;
    buf_init(&error, 1024);
    assert_int_equal(tls_setup_path(text, path, size, &error), -EINVAL);
    buf_put_char(&error, '\0');
    assert_non_null(strstr(error.ptr, why));
    assert_string_equal(path, "untouched");
    buf_done(&error);
}

static void test_tls_setup_path_is_taken_as_it_is(void **state)
{
    (void)state;
    assert_path("", 64, "");
    assert_path("/etc/my cert.pem", 64, "/etc/my cert.pem");
    assert_path("credential", 11, "credential");
    assert_no_path("credential", 10, "too long");
}

static void test_tls_setup_path_of_a_credential(void **state)
{
    (void)state;
    setenv("CREDENTIALS_DIRECTORY", "/run/c", 1);
    assert_path("credential:key.pem", 64, "/run/c/key.pem");
    assert_path("credential:k", 9, "/run/c/k");
    assert_no_path("credential:k", 8, "too long");
    assert_no_path("credential:", 64, "one word without /");
    assert_no_path("credential:../k", 64, "one word without /");
    unsetenv("CREDENTIALS_DIRECTORY");
    assert_no_path("credential:key.pem", 64, "LoadCredential=key.pem:PATH");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tls_setup_path_is_taken_as_it_is),
        cmocka_unit_test(test_tls_setup_path_of_a_credential),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
