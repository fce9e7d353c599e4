/* Talking to the service manager: a socket of our own stands in for it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/attr.h"
#include "daemon/notify.h"

static const char *const variables[] = {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID",
                                        "LISTEN_FDS",    "LISTEN_PID",    "LISTEN_FDNAMES"};

static int clear_environment(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(variables); i++)
        unsetenv(variables[i]);
    return 0;
}

/* A manager listening at an abstract address; NOTIFY_SOCKET names it. */
static int open_manager(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    int len = snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1, "test_notify-%d", (int)getpid());
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)len);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    char variable[sizeof(address.sun_path) + 1];
    (void)snprintf(variable, sizeof(variable), "@%s", address.sun_path + 1);
    setenv("NOTIFY_SOCKET", variable, 1);
    return fd;
}

static void assert_told(int manager, const char *expected)
{
    char text[1024];
    ssize_t len = recv(manager, text, sizeof(text) - 1, MSG_DONTWAIT);
    assert_true(len >= 0);
    text[len] = '\0';
    assert_string_equal(text, expected);
}

static void test_notify_tells_the_manager(void **state)
{
    (void)state;
    int manager = open_manager();
    notify_ready();
    assert_told(manager, "READY=1");
    notify_status("%d clients", 3);
    assert_told(manager, "STATUS=3 clients");
    notify_watchdog();
    assert_told(manager, "WATCHDOG=1");
    notify_stopping();
    assert_told(manager, "STOPPING=1");
    close(manager);
}

static void test_notify_status_stays_one_bounded_line(void **state)
{
    (void)state;
    char text[301], expected[sizeof("STATUS=") + 256] = "STATUS=";
    int manager = open_manager();
    notify_status("a\nREADY=1\t\x7f");
    assert_told(manager, "STATUS=a READY=1  ");
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    memset(expected + 7, 'x', 256);
    notify_status("%s", text);
    assert_told(manager, expected);
    close(manager);
}

static void test_notify_does_nothing_without_a_manager(void **state)
{
    (void)state;
    int fd_before = dup(STDERR_FILENO);
    int *fds = &fd_before;
    size_t count = 77;
    notify_ready();
    notify_status("unheard");
    notify_stopping();
    notify_watchdog();
    assert_int_equal(notify_watchdog_interval_ms(), 0);
    assert_int_equal(notify_listen_fds(&fds, &count), 0);
    assert_int_equal(count, 0);
    assert_null(fds);
    close(fd_before);
}

static void test_notify_watchdog_interval_is_half_of_the_limit(void **state)
{
    (void)state;
    char pid[16];
    (void)snprintf(pid, sizeof(pid), "%d", (int)getpid());
    setenv("WATCHDOG_PID", pid, 1);
    setenv("WATCHDOG_USEC", "30000000", 1);
    assert_int_equal(notify_watchdog_interval_ms(), 15000);
    setenv("WATCHDOG_USEC", "1000", 1);
    assert_int_equal(notify_watchdog_interval_ms(), 1);
    setenv("WATCHDOG_PID", "1", 1);
    assert_int_equal(notify_watchdog_interval_ms(), 0);
    setenv("WATCHDOG_PID", pid, 1);
    setenv("WATCHDOG_USEC", "soon", 1);
    assert_int_equal(notify_watchdog_interval_ms(), 0);
}

static void test_notify_takes_the_sockets_once(void **state)
{
    (void)state;
    char pid[16];
    /* The sockets are passed as fd 3 and 4, which a test runner may use itself: put back what was there. */
    int saved[2] = {fcntl(3, F_DUPFD_CLOEXEC, 10), fcntl(4, F_DUPFD_CLOEXEC, 10)};
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    int high[2] = {fcntl(pair[0], F_DUPFD, 10), fcntl(pair[1], F_DUPFD, 10)};
    close(pair[0]);
    close(pair[1]);
    assert_int_equal(dup2(high[0], 3), 3);
    assert_int_equal(dup2(high[1], 4), 4);
    (void)snprintf(pid, sizeof(pid), "%d", (int)getpid());
    setenv("LISTEN_PID", pid, 1);
    setenv("LISTEN_FDS", "2", 1);

    int *fds = NULL;
    size_t count = 0;
    assert_int_equal(notify_listen_fds(&fds, &count), 0);
    assert_int_equal(count, 2);
    assert_int_equal(fds[0], 3);
    assert_int_equal(fds[1], 4);
    assert_int_equal(fcntl(4, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    assert_null(getenv("LISTEN_FDS"));
    free(fds);
    assert_int_equal(notify_listen_fds(&fds, &count), 0);
    assert_int_equal(count, 0);

    for (int i = 0; i < 2; i++) {
        close(high[i]);
        close(3 + i);
        if (saved[i] >= 0) {
            dup2(saved[i], 3 + i);
            close(saved[i]);
        }
    }
}

static void test_notify_refuses_a_malformed_environment(void **state)
{
    (void)state;
    char pid[16];
    int *fds = NULL;
    size_t count = 77;
    (void)snprintf(pid, sizeof(pid), "%d", (int)getpid());
    setenv("LISTEN_PID", pid, 1);
    setenv("LISTEN_FDS", "many", 1);
    assert_true(notify_listen_fds(&fds, &count) < 0);
    assert_int_equal(count, 77);
}

#define TEST(name) cmocka_unit_test_setup(name, clear_environment)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_notify_tells_the_manager),
        TEST(test_notify_status_stays_one_bounded_line),
        TEST(test_notify_does_nothing_without_a_manager),
        TEST(test_notify_watchdog_interval_is_half_of_the_limit),
        TEST(test_notify_takes_the_sockets_once),
        TEST(test_notify_refuses_a_malformed_environment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
