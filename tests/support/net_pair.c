#include "support/net_pair.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

static struct net_pair finish(int server, int client)
{
    struct timeval limit = {.tv_sec = 10};
    assert_true(server >= 0 && client >= 0);
    assert_int_equal(fcntl(server, F_SETFL, O_NONBLOCK), 0);
    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    return (struct net_pair){server, client};
}

struct net_pair net_pair_tcp(void)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(in);
    int listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listening, (struct sockaddr *)&in, len), 0);
    assert_int_equal(listen(listening, 1), 0);
    assert_int_equal(getsockname(listening, (struct sockaddr *)&in, &len), 0);
    int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(client, (struct sockaddr *)&in, len), 0);
    int server = accept(listening, NULL, NULL);
    close(listening);
    return finish(server, client);
}

struct net_pair net_pair_unix(void)
{
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    return finish(fds[0], fds[1]);
}

void net_pair_send(int fd, struct bytes data)
{
    assert_int_equal(send(fd, data.ptr, data.len, MSG_NOSIGNAL), data.len);
}

void net_pair_reset(int fd)
{
    struct linger linger = {.l_onoff = 1};
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)), 0);
    close(fd);
}

void net_pair_shrink(const struct net_pair *pair)
{
    int bytes = 1;
    setsockopt(pair->server, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
    setsockopt(pair->client, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
}

struct addr net_pair_addr(const char *text)
{
    struct addr addr;
    const char *why;
    assert_int_equal(addr_parse(bytes_of(text), &addr, &why), 0);
    return addr;
}

int net_pair_connect(const struct addr *addr)
{
    struct timeval limit = {.tv_sec = 10};
    int fd = socket(addr->u.sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    assert_int_equal(connect(fd, &addr->u.sa, addr->len), 0);
    return fd;
}
