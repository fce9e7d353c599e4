#include "load/peer.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load/load.h"

enum {
    OUT_BYTES_MAX = 16 * 1024 * 1024,
    REST_BYTES_MAX = 64 * 1024,
    SLOW_RECEIVE_BYTES = 4096, /* of a peer that never reads: so that it is soon felt */
};

void peer_init(struct peer *peer, unsigned id, unsigned room, unsigned first)
{
    *peer = (struct peer){.fd = -1, .id = id, .room = room, .client = first + id};
    buf_init(&peer->out, OUT_BYTES_MAX);
    buf_init(&peer->rest, REST_BYTES_MAX);
}

void peer_done(struct peer *peer)
{
    if (peer->fd >= 0)
        close(peer->fd);
    SSL_free(peer->ssl);
    buf_done(&peer->out);
    buf_done(&peer->rest);
    free(peer->streams);
    *peer = (struct peer){.fd = -1};
}

/* Loopback has a whole block of addresses; each has ports of its own. */
static int bind_source(const struct load *load, const struct peer *peer)
{
    unsigned sources = load->options->sources;
    if (sources <= 1)
        return 0;
    uint32_t host = 0x7f000001u + 256u + peer->id % sources;
    struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(host)};
    setsockopt(peer->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &(int){1}, sizeof(int));
    return bind(peer->fd, (struct sockaddr *)&from, sizeof(from)) < 0 ? -errno : 0;
}

int peer_connect(struct load *load, struct peer *peer)
{
    const struct sockaddr *to = (const struct sockaddr *)&load->address;
    peer->fd = socket(to->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (peer->fd < 0)
        return -errno;
    setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    if (peer->never_reads)
        setsockopt(peer->fd, SOL_SOCKET, SO_RCVBUF, &(int){SLOW_RECEIVE_BYTES}, sizeof(int));
    int r = bind_source(load, peer);
    if (r == 0 && connect(peer->fd, to, load->address_len) < 0 && errno != EINPROGRESS)
        r = -errno;
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.ptr = peer};
    if (r == 0 && epoll_ctl(load->epoll_fd, EPOLL_CTL_ADD, peer->fd, &event) < 0)
        r = -errno;
    if (r < 0) {
        close(peer->fd);
        peer->fd = -1;
        return r;
    }
    /* Two clients with one name would be refused, and the server may still know the last one. */
    if (peer->state == PEER_CLOSED)
        peer->client += (unsigned)load->peer_count;
    peer->wants_write = true;
    peer->state = PEER_CONNECTING;
    load->entering_count++;
    peer->began_ns = load_now_ns();
    return 0;
}

void peer_close(struct load *load, struct peer *peer, bool is_reset)
{
    enum peer_state before = peer->state;
    if (peer->fd < 0)
        return;
    if (is_reset)
        setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger));
    else if (peer->ssl && peer->state > PEER_HANDSHAKE)
        SSL_shutdown(peer->ssl);
    close(peer->fd);
    SSL_free(peer->ssl);
    peer->ssl = NULL;
    peer->fd = -1;
    peer->state = PEER_CLOSED;
    buf_reset(&peer->out);
    buf_reset(&peer->rest);
    ERR_clear_error();
    load_on_closed(load, peer, before);
}

static void watch(struct load *load, struct peer *peer, bool wants_write)
{
    bool wants_read = !(peer->never_reads && peer->state == PEER_READY);
    struct epoll_event event = {.events = (wants_read ? EPOLLIN : 0u) | (wants_write ? EPOLLOUT : 0u),
                                .data.ptr = peer};
    epoll_ctl(load->epoll_fd, EPOLL_CTL_MOD, peer->fd, &event);
    peer->wants_write = wants_write;
}

/* Bytes that went out; 0: the socket is full; negative: it is gone. */
static ssize_t write_some(struct peer *peer, struct bytes data)
{
    if (!peer->ssl) {
        ssize_t n = send(peer->fd, data.ptr, data.len, MSG_NOSIGNAL | MSG_DONTWAIT);
        return n >= 0 ? n : errno == EAGAIN || errno == EINTR ? 0 : -1;
    }
    size_t n = 0;
    int r = SSL_write_ex(peer->ssl, data.ptr, data.len, &n);
    if (r == 1)
        return (ssize_t)n;
    int error = SSL_get_error(peer->ssl, r);
    return error == SSL_ERROR_WANT_WRITE || error == SSL_ERROR_WANT_READ ? 0 : -1;
}

void peer_send(struct load *load, struct peer *peer, struct bytes data)
{
    while (data.len && peer->out.len == 0) {
        ssize_t n = write_some(peer, data);
        if (n < 0) {
            peer_close(load, peer, true);
            return;
        }
        if (n == 0)
            break;
        data = bytes_slice(data, (size_t)n, data.len);
    }
    buf_put(&peer->out, data);
    if (buf_error(&peer->out))
        load_fail(load, "the server takes nothing more from a client", 0);
    if ((peer->out.len > 0) != peer->wants_write)
        watch(load, peer, peer->out.len > 0);
}

static void flush_out(struct load *load, struct peer *peer)
{
    while (peer->out.len) {
        ssize_t n = write_some(peer, buf_bytes(&peer->out));
        if (n < 0) {
            peer_close(load, peer, true);
            return;
        }
        if (n == 0)
            break;
        buf_consume(&peer->out, (size_t)n);
    }
    if ((peer->out.len > 0) != peer->wants_write)
        watch(load, peer, peer->out.len > 0);
    if (peer->state == PEER_LEAVING && peer->out.len == 0 && !load->options->dialect->leave && !peer->ssl)
        shutdown(peer->fd, SHUT_WR);
}

void peer_leave(struct load *load, struct peer *peer)
{
    const char *leave = load->options->dialect->leave;

    peer->state = PEER_LEAVING;
    if (leave)
        peer_send(load, peer, bytes_of(leave));
    else if (peer->ssl)
        SSL_shutdown(peer->ssl);
    else if (peer->out.len == 0)
        shutdown(peer->fd, SHUT_WR);
}

static void enter(struct load *load, struct peer *peer)
{
    struct buf hello;
    buf_init(&hello, 1024);
    load->options->dialect->enter(&hello, peer->client, load->options->first + peer->room);
    peer->state = PEER_ENTERING;
    peer_send(load, peer, buf_bytes(&hello));
    buf_done(&hello);
}

static void handshake(struct load *load, struct peer *peer)
{
    int r = SSL_connect(peer->ssl);
    if (r == 1) {
        enter(load, peer);
        return;
    }
    int error = SSL_get_error(peer->ssl, r);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
        peer_close(load, peer, true);
    else
        watch(load, peer, error == SSL_ERROR_WANT_WRITE);
}

static void on_connected(struct load *load, struct peer *peer)
{
    int error = 0;
    socklen_t len = sizeof(error);
    getsockopt(peer->fd, SOL_SOCKET, SO_ERROR, &error, &len);
    if (error) {
        load_fail(load, "cannot connect", error);
        peer_close(load, peer, true);
    } else if (load->tls) {
        peer->ssl = SSL_new(load->tls);
        if (!peer->ssl || SSL_set_fd(peer->ssl, peer->fd) != 1) {
            load_fail(load, "no memory for TLS", 0);
            return;
        }
        peer->state = PEER_HANDSHAKE;
        handshake(load, peer);
    } else {
        enter(load, peer);
    }
}

/* Calls back for every whole line, keeps the rest. The peer may be closed by what a line causes. */
static void take_lines(struct load *load, struct peer *peer, struct bytes data)
{
    const char *newline;
    while (data.len && (newline = memchr(data.ptr, '\n', data.len))) {
        size_t len = (size_t)(newline - data.ptr);
        struct bytes line = {data.ptr, len};
        if (peer->rest.len) {
            buf_put(&peer->rest, line);
            line = buf_bytes(&peer->rest);
        }
        load_on_line(load, peer, line);
        buf_reset(&peer->rest);
        if (peer->fd < 0)
            return;
        data = bytes_slice(data, len + 1, data.len);
    }
    buf_put(&peer->rest, data);
}

static ssize_t read_some(struct load *load, struct peer *peer)
{
    if (!peer->ssl) {
        ssize_t n = recv(peer->fd, load->in, sizeof(load->in), MSG_DONTWAIT);
        return n > 0 ? n : n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
    }
    size_t n = 0;
    int r = SSL_read_ex(peer->ssl, load->in, sizeof(load->in), &n);
    if (r == 1)
        return (ssize_t)n;
    int error = SSL_get_error(peer->ssl, r);
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? 0 : -1;
}

static void on_readable(struct load *load, struct peer *peer)
{
    do {
        ssize_t n = read_some(load, peer);
        if (n < 0)
            peer_close(load, peer, true);
        if (n <= 0)
            return;
        take_lines(load, peer, (struct bytes){load->in, (size_t)n});
    } while (peer->ssl && peer->fd >= 0);
}

void peer_on_events(struct load *load, struct peer *peer, uint32_t events)
{
    if (peer->fd < 0)
        return;
    if (peer->state == PEER_CONNECTING) {
        on_connected(load, peer);
        return;
    }
    if (peer->state == PEER_HANDSHAKE) {
        handshake(load, peer);
        return;
    }
    if (peer->never_reads && peer->state == PEER_READY && events & (EPOLLHUP | EPOLLERR)) {
        peer_close(load, peer, true);
        return;
    }
    if (events & EPOLLOUT)
        flush_out(load, peer);
    if (peer->fd >= 0 && events & (EPOLLIN | EPOLLHUP | EPOLLERR))
        on_readable(load, peer);
}
