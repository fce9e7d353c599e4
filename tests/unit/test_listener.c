#include "net/listener.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "async/loop.h"
#include "async/timeout.h"
#include "support/loop_fixture.h"
#include "support/net_pair.h"
#include "support/temp_folder.h"

static int get_option(int fd, int level, int option)
{
    int value = -1;
    socklen_t len = sizeof(value);
    assert_int_equal(getsockopt(fd, level, option, &value, &len), 0);
    return value;
}

/* ---- accepting ---- */

struct accept_case {
    struct co_frame co;
    const char *addr_text;
    struct listener listener;
    struct listener_op op;
    int client;
};

static void check_accepted(const struct listener_op *op, int client)
{
    struct sockaddr_storage storage;
    socklen_t len = sizeof(storage);
    struct addr addr;
    char peer_text[ADDR_TEXT_MAX], client_text[ADDR_TEXT_MAX];
    assert_int_equal(getsockname(client, (struct sockaddr *)&storage, &len), 0);
    addr_from_sockaddr((struct sockaddr *)&storage, len, &addr);
    addr_format(&addr, client_text);
    addr_format(&op->peer, peer_text);
    assert_string_equal(peer_text, client_text);
    assert_true(fcntl(op->fd, F_GETFL) & O_NONBLOCK);
    assert_true(fcntl(op->fd, F_GETFD) & FD_CLOEXEC);
    if (op->peer.u.sa.sa_family == AF_UNIX)
        return;
    assert_int_equal(get_option(op->fd, IPPROTO_TCP, TCP_NODELAY), 1);
    assert_int_equal(get_option(op->fd, SOL_SOCKET, SO_KEEPALIVE), 1);
    assert_int_equal(get_option(op->fd, IPPROTO_TCP, TCP_KEEPIDLE), 60);
    assert_int_equal(get_option(op->fd, IPPROTO_TCP, TCP_KEEPINTVL), 15);
    assert_int_equal(get_option(op->fd, IPPROTO_TCP, TCP_KEEPCNT), 4);
    assert_int_equal(get_option(op->fd, IPPROTO_TCP, TCP_USER_TIMEOUT), 120000);
}

ASYNC(accept_case)
{
    struct addr addr;
    addr = net_pair_addr(self->addr_text);
    assert_int_equal(listener_open(&self->listener, co_loop_of(co), &addr, 16), 0);
    self->client = net_pair_connect(&self->listener.addr);
    AWAIT(listener_accept(&self->listener, &self->op));
    check_accepted(&self->op, self->client);
    assert_int_equal(self->listener.accepted_count, 1);
    close(self->op.fd);
    close(self->client);
    listener_close(&self->listener);
    listener_close(&self->listener);
}
END_ASYNC

static void test_listener_accepts_tcp(void **state)
{
    CO_TASK(accept_case) root;
    (void)state;
    loop_fixture_run(TASK(&root, accept_case, .addr_text = "127.0.0.1:0"));
    loop_fixture_run(TASK(&root, accept_case, .addr_text = "[::1]:0"));
}

/* A client of [::] that speaks IPv4 is seen with its IPv4 address. */
struct dual_case {
    struct co_frame co;
    struct listener listener;
    struct listener_op op;
    int client;
};

ASYNC(dual_case)
{
    struct addr addr;
    addr = net_pair_addr("[::]:0");
    assert_int_equal(listener_open(&self->listener, co_loop_of(co), &addr, 16), 0);
    struct addr v4;
    v4 = net_pair_addr("127.0.0.1:0");
    ((struct sockaddr_in *)&v4.u.storage)->sin_port =
        ((struct sockaddr_in6 *)&self->listener.addr.u.storage)->sin6_port;
    self->client = net_pair_connect(&v4);
    AWAIT(listener_accept(&self->listener, &self->op));
    check_accepted(&self->op, self->client);
    assert_int_equal(self->op.peer.u.sa.sa_family, AF_INET);
    close(self->op.fd);
    close(self->client);
    listener_close(&self->listener);
}
END_ASYNC

static void test_listener_on_any_ipv6_takes_ipv4(void **state)
{
    CO_TASK(dual_case) root;
    (void)state;
    loop_fixture_run(TASK(&root, dual_case, .client = -1));
}

/* ---- opening ---- */

struct place {
    struct temp_folder folder;
    struct addr addr; /* of a socket in it */
};

static void make_place(struct place *place)
{
    char path[TEMP_FOLDER_PATH_MAX], text[ADDR_TEXT_MAX];
    temp_folder_make(&place->folder);
    temp_folder_path(&place->folder, "sock", path);
    snprintf(text, sizeof(text), "unix:%s", path);
    place->addr = net_pair_addr(text);
}

static void test_listener_accepts_unix(void **state)
{
    CO_TASK(accept_case) root;
    struct place place;
    char text[ADDR_TEXT_MAX];
    (void)state;
    make_place(&place);
    addr_format(&place.addr, text);
    loop_fixture_run(TASK(&root, accept_case, .addr_text = text));
    assert_int_equal(rmdir(place.folder.path), 0); /* the socket is gone */
}

static void test_listener_unix_replaces_only_what_is_left_over(void **state)
{
    struct co_loop *loop = co_loop_new();
    struct listener first = {0}, second = {0};
    struct place place;
    struct stat st;
    (void)state;
    make_place(&place);
    const char *path = place.addr.u.un.sun_path;

    /* A plain file stays. */
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    close(fd);
    assert_int_equal(listener_open(&first, loop, &place.addr, 16), -EADDRINUSE);
    assert_int_equal(unlink(path), 0);

    /* A socket without a listener goes. */
    fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, &place.addr.u.sa, place.addr.len), 0);
    close(fd);
    assert_int_equal(listener_open(&first, loop, &place.addr, 16), 0);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0660);

    /* One with a listener stays, also when it is too busy to answer. */
    assert_int_equal(listener_open(&second, loop, &place.addr, 16), -EADDRINUSE);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(listen(first.fd, 0), 0); /* what connected before is still in the queue */
    assert_int_equal(listener_open(&second, loop, &place.addr, 16), -EADDRINUSE);
    assert_int_equal(stat(path, &st), 0);
    listener_close(&second);
    listener_close(&first);
    assert_int_equal(rmdir(place.folder.path), 0);
    assert_int_equal(co_loop_free(loop), 0);
}

static void test_listener_open_tells_what_is_wrong(void **state)
{
    struct co_loop *loop = co_loop_new();
    struct listener listener = {0}, second = {0};
    struct addr addr;
    addr = net_pair_addr("127.0.0.1:0");
    (void)state;
    int fds_before = loop_fixture_fd_count();
    assert_int_equal(listener_open(&listener, loop, &addr, 16), 0);
    assert_int_equal(listener_open(&second, loop, &listener.addr, 16), -EADDRINUSE);
    listener_close(&listener);
    addr = net_pair_addr("192.0.2.1:0");
    assert_int_equal(listener_open(&listener, loop, &addr, 16), -EADDRNOTAVAIL);
    addr = net_pair_addr("unix:/nonexistent/sock");
    assert_int_equal(listener_open(&listener, loop, &addr, 16), -ENOENT);
    assert_int_equal(loop_fixture_fd_count(), fds_before);
    assert_int_equal(co_loop_free(loop), 0);
}

static void test_listener_adopt_takes_only_listening_stream_sockets(void **state)
{
    struct co_loop *loop = co_loop_new();
    struct listener listener = {0};
    struct place place;
    struct stat st;
    (void)state;
    make_place(&place);
    int udp = socket(AF_INET, SOCK_DGRAM, 0);
    assert_int_equal(listener_adopt(&listener, loop, udp), -EINVAL);
    close(udp);
    int file = open("/dev/null", O_RDONLY);
    assert_int_equal(listener_adopt(&listener, loop, file), -ENOTSOCK);
    close(file);

    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, &place.addr.u.sa, place.addr.len), 0);
    assert_int_equal(listener_adopt(&listener, loop, fd), -EINVAL);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(listener_adopt(&listener, loop, fd), 0);
    assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    char text[ADDR_TEXT_MAX], expected[ADDR_TEXT_MAX];
    addr_format(&listener.addr, text);
    addr_format(&place.addr, expected);
    assert_string_equal(text, expected);
    listener_close(&listener);
    assert_int_equal(stat(place.addr.u.un.sun_path, &st), 0); /* the service manager's */
    unlink(place.addr.u.un.sun_path);
    assert_int_equal(rmdir(place.folder.path), 0);
    assert_int_equal(co_loop_free(loop), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_listener_accepts_tcp),
        cmocka_unit_test(test_listener_on_any_ipv6_takes_ipv4),
        cmocka_unit_test(test_listener_accepts_unix),
        cmocka_unit_test(test_listener_unix_replaces_only_what_is_left_over),
        cmocka_unit_test(test_listener_open_tells_what_is_wrong),
        cmocka_unit_test(test_listener_adopt_takes_only_listening_stream_sockets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
