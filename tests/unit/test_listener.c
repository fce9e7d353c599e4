#include "net/listener.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

#include "async/group.h"
#include "async/loop.h"
#include "async/sleep.h"
#include "async/timeout.h"
#include "base/log.h"
#include "support/loop_fixture.h"
#include "support/temp_folder.h"

static struct addr parse(const char *text)
{
    struct addr addr;
    const char *why;
    assert_int_equal(addr_parse(bytes_of(text), &addr, &why), 0);
    return addr;
}

static int connect_to(const struct addr *addr)
{
    struct timeval limit = {.tv_sec = 10};
    int fd = socket(addr->u.sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    assert_int_equal(connect(fd, &addr->u.sa, addr->len), 0);
    return fd;
}

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
    addr = parse(self->addr_text);
    assert_int_equal(listener_open(&self->listener, co_loop_of(co), &addr, 16), 0);
    self->client = connect_to(&self->listener.addr);
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
    addr = parse("[::]:0");
    assert_int_equal(listener_open(&self->listener, co_loop_of(co), &addr, 16), 0);
    struct addr v4;
    v4 = parse("127.0.0.1:0");
    ((struct sockaddr_in *)&v4.u.storage)->sin_port =
        ((struct sockaddr_in6 *)&self->listener.addr.u.storage)->sin6_port;
    self->client = connect_to(&v4);
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

/* ---- waiting ---- */

struct acceptor {
    struct co_frame co;
    struct listener *listener;
    struct listener_op op;
    int code, accepted_count;
};

/* Accepts and keeps nothing, until it fails. */
ASYNC(acceptor)
{
    for (;;) {
        TRY_AWAIT(self->code, listener_accept(self->listener, &self->op));
        if (self->code)
            return;
        self->accepted_count++;
        close(self->op.fd);
    }
}
END_ASYNC

struct wait_case {
    struct co_frame co;
    struct listener listener;
    CO_TASK(acceptor) acceptor;
    struct co_group group;
    struct co_sleep_op sleep;
    struct listener_op second;
    struct co_timeout timeout;
    int code, client;
    uint64_t turns_before;
};

ASYNC(wait_case)
{
    struct addr addr;
    addr = parse("127.0.0.1:0");
    assert_int_equal(listener_open(&self->listener, co_loop_of(co), &addr, 16), 0);
    WITH(co_timeout_open(co, &self->timeout, 20, false)) {
        AWAIT(listener_accept(&self->listener, &self->second));
        fail_msg("accepted without a client");
    }
    END_WITH;
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->acceptor, acceptor, .listener = &self->listener);
        AWAIT(co_sleep(&self->sleep, 10));
        TRY_AWAIT(self->code, listener_accept(&self->listener, &self->second));
        assert_int_equal(self->code, EBUSY);
        self->client = connect_to(&self->listener.addr);
        AWAIT(co_sleep(&self->sleep, 10));
        assert_int_equal(self->acceptor.fn.accepted_count, 1);
        close(self->client);
        self->turns_before = co_loop_stats(co_loop_of(co)).turns;
        AWAIT(co_sleep(&self->sleep, 100));
        assert_in_range(co_loop_stats(co_loop_of(co)).turns - self->turns_before, 1, 5);
        listener_close(&self->listener);
    }
    END_WITH;
    assert_int_equal(self->acceptor.fn.code, CO_ECLOSED);
    TRY_AWAIT(self->code, listener_accept(&self->listener, &self->second));
    assert_int_equal(self->code, CO_ECLOSED);
}
END_ASYNC

static void test_listener_waits_one_at_a_time_until_closed(void **state)
{
    CO_TASK(wait_case) root;
    (void)state;
    loop_fixture_run(TASK(&root, wait_case, .client = -1));
}

/* ---- without descriptors ---- */

#define CLIENTS 6

struct exhaust_case {
    struct co_frame co;
    struct listener listener;
    CO_TASK(acceptor) acceptor;
    struct co_group group;
    struct co_sleep_op sleep;
    int clients[CLIENTS];
    struct rlimit limit_before;
    uint64_t turns_before;
};

static void lower_limit(struct exhaust_case *self)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &self->limit_before), 0);
    limit = self->limit_before;
    int lowest = dup(0);
    assert_true(lowest >= 0);
    close(lowest);
    limit.rlim_cur = (rlim_t)lowest;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

/* Some have been told by now, one in each pause; the others still wait. */
static void check_turned_away(struct exhaust_case *self)
{
    char text[16];
    int told = 0;
    for (int i = 0; i < CLIENTS; i++) {
        ssize_t n = recv(self->clients[i], text, sizeof(text), MSG_DONTWAIT);
        if (n > 0) {
            assert_int_equal(n, 5);
            assert_memory_equal(text, "full\n", 5);
            assert_int_equal(recv(self->clients[i], text, sizeof(text), 0), 0);
            told++;
        }
    }
    assert_in_range(told, 2, 5);
    assert_int_equal(self->listener.exhausted_count, told);
    assert_int_equal(self->listener.accepted_count, 0);
}

ASYNC(exhaust_case)
{
    struct addr addr;
    addr = parse("127.0.0.1:0");
    assert_int_equal(listener_open(&self->listener, co_loop_of(co), &addr, 16), 0);
    listener_set_full_text(&self->listener, BYTES("full\n"));
    for (int i = 0; i < CLIENTS; i++)
        self->clients[i] = connect_to(&self->listener.addr);
    lower_limit(self);
    self->turns_before = co_loop_stats(co_loop_of(co)).turns;
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->acceptor, acceptor, .listener = &self->listener);
        AWAIT(co_sleep(&self->sleep, 350));
        assert_in_range(co_loop_stats(co_loop_of(co)).turns - self->turns_before, 1, 20);
        check_turned_away(self);
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &self->limit_before), 0);
        AWAIT(co_sleep(&self->sleep, 150));
        assert_int_equal(self->listener.accepted_count + self->listener.exhausted_count, CLIENTS);
        assert_true(self->listener.accepted_count > 0);
        assert_true(self->listener.reserve_fd >= 0);
        listener_close(&self->listener);
    }
    END_WITH;
    for (int i = 0; i < CLIENTS; i++)
        close(self->clients[i]);
}
END_ASYNC

static void count_line(void *arg, enum log_level level, struct bytes line)
{
    (void)level;
    (void)line;
    ++*(int *)arg;
}

static void test_listener_never_spins_without_descriptors_and_recovers(void **state)
{
    CO_TASK(exhaust_case) root;
    int lines = 0;
    (void)state;
    log_set_sink(count_line, &lines);
    loop_fixture_run(TASK(&root, exhaust_case, .clients = {0}));
    log_set_sink(NULL, NULL);
    assert_int_equal(lines, 1);
}

/* Closing in the pause leaves no timer. */
struct close_in_pause_case {
    struct co_frame co;
    struct exhaust_case limit;
    struct listener listener;
    CO_TASK(acceptor) acceptor;
    struct co_group group;
    struct co_sleep_op sleep;
    int client;
};

ASYNC(close_in_pause_case)
{
    struct addr addr;
    addr = parse("127.0.0.1:0");
    assert_int_equal(listener_open(&self->listener, co_loop_of(co), &addr, 16), 0);
    self->client = connect_to(&self->listener.addr);
    lower_limit(&self->limit);
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->acceptor, acceptor, .listener = &self->listener);
        AWAIT(co_sleep(&self->sleep, 20));
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &self->limit.limit_before), 0);
        assert_int_equal(self->listener.exhausted_count, 1);
        listener_close(&self->listener);
    }
    END_WITH;
    assert_int_equal(self->acceptor.fn.code, CO_ECLOSED);
    close(self->client);
}
END_ASYNC

static void ignore_line(void *arg, enum log_level level, struct bytes line)
{
    (void)arg;
    (void)level;
    (void)line;
}

static void test_listener_closed_while_it_rests(void **state)
{
    CO_TASK(close_in_pause_case) root;
    (void)state;
    log_set_sink(ignore_line, NULL);
    loop_fixture_run(TASK(&root, close_in_pause_case, .client = -1));
    log_set_sink(NULL, NULL);
}

/* Asking again does not shorten the rest. */
struct rest_case {
    struct co_frame co;
    struct exhaust_case limit;
    struct listener listener;
    struct listener_op op;
    struct co_timeout timeout;
    int clients[2], i;
};

ASYNC(rest_case)
{
    struct addr addr;
    addr = parse("127.0.0.1:0");
    assert_int_equal(listener_open(&self->listener, co_loop_of(co), &addr, 16), 0);
    for (int i = 0; i < 2; i++)
        self->clients[i] = connect_to(&self->listener.addr);
    lower_limit(&self->limit);
    for (self->i = 0; self->i < 3; self->i++) {
        WITH(co_timeout_open(co, &self->timeout, 10, false)) {
            AWAIT(listener_accept(&self->listener, &self->op));
        }
        END_WITH;
    }
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &self->limit.limit_before), 0);
    assert_int_equal(self->listener.exhausted_count, 1);
    AWAIT(listener_accept(&self->listener, &self->op));
    close(self->op.fd);
    for (int i = 0; i < 2; i++)
        close(self->clients[i]);
    listener_close(&self->listener);
}
END_ASYNC

static void test_listener_rests_even_when_asked_again(void **state)
{
    CO_TASK(rest_case) root;
    (void)state;
    log_set_sink(ignore_line, NULL);
    loop_fixture_run(TASK(&root, rest_case, .i = 0));
    log_set_sink(NULL, NULL);
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
    place->addr = parse(text);
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
    addr = parse("127.0.0.1:0");
    (void)state;
    int fds_before = loop_fixture_fd_count();
    assert_int_equal(listener_open(&listener, loop, &addr, 16), 0);
    assert_int_equal(listener_open(&second, loop, &listener.addr, 16), -EADDRINUSE);
    listener_close(&listener);
    addr = parse("192.0.2.1:0");
    assert_int_equal(listener_open(&listener, loop, &addr, 16), -EADDRNOTAVAIL);
    addr = parse("unix:/nonexistent/sock");
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
        cmocka_unit_test(test_listener_waits_one_at_a_time_until_closed),
        cmocka_unit_test(test_listener_never_spins_without_descriptors_and_recovers),
        cmocka_unit_test(test_listener_closed_while_it_rests),
        cmocka_unit_test(test_listener_rests_even_when_asked_again),
        cmocka_unit_test(test_listener_accepts_unix),
        cmocka_unit_test(test_listener_unix_replaces_only_what_is_left_over),
        cmocka_unit_test(test_listener_open_tells_what_is_wrong),
        cmocka_unit_test(test_listener_adopt_takes_only_listening_stream_sockets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
