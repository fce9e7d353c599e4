/* The floor that mingled is measured against: the least that a broadcast server on one thread can do.
 *
 * A client's first line names its room; every later line goes, as it is, to all others in the room. There
 * are no names, limits, rooms' logs or commands. All that one turn of the loop has read is collected per room
 * and each member gets it with one write: that is the limit on one thread, a system call per client and
 * turn. With --each every line is written by itself instead, as a naive server does.
 *
 *     baseline [--each] [--tls CERTIFICATE KEY] PORT      0: a port of its own; prints "listening on PORT" */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/bytes.h"

enum { READ_BYTES = 65536, EVENTS = 1024, PIECES = 64, ROOM_NAME_BYTES = 64 };

struct bytes_out {
    char *ptr;
    size_t len, cap;
};

/* What one client has added to its room's span, which it does not get itself. */
struct own_part {
    struct client *client;
    size_t begin, end;
};

struct room {
    struct room *next;
    char name[ROOM_NAME_BYTES];
    struct client **members;
    size_t member_count, member_cap;
    struct bytes_out span; /* of this turn */
    struct own_part *parts;
    size_t part_count, part_cap;
};

struct client {
    int fd;
    SSL *ssl; /* NULL: plain */
    struct room *room;
    size_t index;        /* in room->members */
    struct bytes_out in; /* an unfinished line */
    struct bytes_out out;
    bool is_waiting; /* for EPOLLOUT */
    bool has_spoken; /* in this turn */
    bool is_dead;
};

struct server {
    int epoll_fd, listen_fd;
    SSL_CTX *tls;
    bool is_each;
    struct room *rooms;
    struct client **dead;
    size_t dead_count, dead_cap;
};

static void *grown(void *ptr, size_t *cap, size_t need, size_t size)
{
    if (need <= *cap)
        return ptr;
    while (*cap < need)
        *cap = *cap ? *cap * 2 : 16;
    ptr = realloc(ptr, *cap * size);
    if (!ptr)
        errx(1, "out of memory");
    return ptr;
}

static void append(struct bytes_out *out, const char *ptr, size_t len)
{
    out->ptr = grown(out->ptr, &out->cap, out->len + len, 1);
    memcpy(out->ptr + out->len, ptr, len);
    out->len += len;
}

static void drop_front(struct bytes_out *out, size_t len)
{
    memmove(out->ptr, out->ptr + len, out->len - len);
    out->len -= len;
}

static void die(struct server *server, struct client *client)
{
    if (client->is_dead)
        return;
    client->is_dead = true;
    server->dead = grown(server->dead, &server->dead_cap, server->dead_count + 1, sizeof(*server->dead));
    server->dead[server->dead_count++] = client;
}

static void watch(struct server *server, struct client *client, bool wants_write)
{
    if (client->is_waiting == wants_write)
        return;
    struct epoll_event event = {.events = EPOLLIN | (wants_write ? EPOLLOUT : 0), .data.ptr = client};
    epoll_ctl(server->epoll_fd, EPOLL_CTL_MOD, client->fd, &event);
    client->is_waiting = wants_write;
}

/* How much went out; 0 when the socket is full, -1 when it is gone. */
static ssize_t write_some(struct client *client, const struct iovec *pieces, int count)
{
    if (!client->ssl) {
        const struct msghdr message = {.msg_iov = (struct iovec *)pieces, .msg_iovlen = (size_t)count};
        ssize_t n = sendmsg(client->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : n;
    }
    ssize_t sum = 0;
    for (int i = 0; i < count; i++) {
        size_t n;
        if (pieces[i].iov_len == 0)
            continue;
        if (SSL_write_ex(client->ssl, pieces[i].iov_base, pieces[i].iov_len, &n) != 1)
            return SSL_get_error(client->ssl, 0) == SSL_ERROR_WANT_WRITE ? sum : -1;
        sum += (ssize_t)n;
        if (n < pieces[i].iov_len)
            break;
    }
    return sum;
}

static void flush_out(struct server *server, struct client *client)
{
    while (client->out.len && !client->is_dead) {
        struct iovec piece = {client->out.ptr, client->out.len};
        ssize_t n = write_some(client, &piece, 1);
        if (n < 0)
            die(server, client);
        if (n <= 0)
            break;
        drop_front(&client->out, (size_t)n);
    }
    if (!client->is_dead)
        watch(server, client, client->out.len > 0);
}

static void send_pieces(struct server *server, struct client *client, const struct iovec *pieces, int count)
{
    ssize_t n = client->out.len || client->is_dead ? 0 : write_some(client, pieces, count);
    if (n < 0) {
        die(server, client);
        return;
    }
    for (int i = 0; i < count; i++) {
        size_t len = pieces[i].iov_len, sent = (size_t)n < len ? (size_t)n : len;
        n -= (ssize_t)sent;
        if (sent < len)
            append(&client->out, (const char *)pieces[i].iov_base + sent, len - sent);
    }
    if (client->out.len)
        watch(server, client, true);
}

/* The room's span without what the client itself said. */
static void send_span(struct server *server, struct room *room, struct client *client)
{
    struct iovec pieces[PIECES];
    int count = 0;
    size_t at = 0;

    for (size_t i = 0; client->has_spoken && i < room->part_count; i++) {
        if (room->parts[i].client != client)
            continue;
        if (count == PIECES - 1) {
            send_pieces(server, client, pieces, count);
            count = 0;
        }
        pieces[count++] = (struct iovec){room->span.ptr + at, room->parts[i].begin - at};
        at = room->parts[i].end;
    }
    pieces[count++] = (struct iovec){room->span.ptr + at, room->span.len - at};
    send_pieces(server, client, pieces, count);
}

static void broadcast(struct server *server, struct room *room)
{
    for (size_t i = 0; i < room->member_count; i++)
        if (!room->members[i]->is_dead)
            send_span(server, room, room->members[i]);
    for (size_t i = 0; i < room->part_count; i++)
        room->parts[i].client->has_spoken = false;
    room->span.len = 0;
    room->part_count = 0;
}

static void say(struct server *server, struct client *client, const char *line, size_t len)
{
    struct room *room = client->room;
    size_t begin = room->span.len;

    append(&room->span, line, len);
    client->has_spoken = true;
    if (room->part_count && room->parts[room->part_count - 1].client == client &&
        room->parts[room->part_count - 1].end == begin) {
        room->parts[room->part_count - 1].end = room->span.len;
    } else {
        room->parts = grown(room->parts, &room->part_cap, room->part_count + 1, sizeof(*room->parts));
        room->parts[room->part_count++] = (struct own_part){client, begin, room->span.len};
    }
    if (server->is_each)
        broadcast(server, room);
}

static void enter(struct server *server, struct client *client, const char *line, size_t len)
{
    char name[ROOM_NAME_BYTES] = {0};
    struct room *room = server->rooms;

    memcpy(name, line, len < sizeof(name) ? len : sizeof(name) - 1);
    while (room && memcmp(room->name, name, sizeof(name)) != 0)
        room = room->next;
    if (!room) {
        room = calloc(1, sizeof(*room));
        if (!room)
            errx(1, "out of memory");
        memcpy(room->name, name, sizeof(name));
        room->next = server->rooms;
        server->rooms = room;
    }
    room->members = grown(room->members, &room->member_cap, room->member_count + 1, sizeof(struct client *));
    client->room = room;
    client->index = room->member_count;
    room->members[room->member_count++] = client;
    send_pieces(server, client, &(struct iovec){"entered\n", 8}, 1);
}

static void take_lines(struct server *server, struct client *client)
{
    const char *at = client->in.ptr, *end = at + client->in.len, *newline;

    while (at < end && (newline = memchr(at, '\n', (size_t)(end - at)))) {
        newline++;
        if (client->room)
            say(server, client, at, (size_t)(newline - at));
        else
            enter(server, client, at, (size_t)(newline - at));
        at = newline;
    }
    drop_front(&client->in, (size_t)(at - client->in.ptr));
}

static ssize_t read_some(struct client *client, char *into)
{
    size_t n;
    if (!client->ssl) {
        ssize_t got = recv(client->fd, into, READ_BYTES, MSG_DONTWAIT);
        return got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR) ? -1 : got < 0 ? 0 : got;
    }
    int r = SSL_read_ex(client->ssl, into, READ_BYTES, &n);
    if (r == 1)
        return (ssize_t)n;
    int error = SSL_get_error(client->ssl, r);
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? 0 : -1;
}

static void on_client(struct server *server, struct client *client, uint32_t events)
{
    ssize_t n;

    if (client->is_dead)
        return;
    if (events & EPOLLOUT)
        flush_out(server, client);
    do {
        client->in.ptr = grown(client->in.ptr, &client->in.cap, client->in.len + READ_BYTES, 1);
        n = read_some(client, client->in.ptr + client->in.len);
        if (n > 0)
            client->in.len += (size_t)n;
    } while (n > 0 && client->ssl && SSL_has_pending(client->ssl));
    take_lines(server, client);
    if (n < 0)
        die(server, client);
    if (client->in.len == 0) {
        /* Thousands of idle clients shall not hold a read buffer each. */
        free(client->in.ptr);
        client->in = (struct bytes_out){0};
    }
}

static void on_accept(struct server *server)
{
    for (int i = 0; i < 64; i++) {
        int fd = accept4(server->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
        struct client *client = calloc(1, sizeof(*client));
        if (!client)
            errx(1, "out of memory");
        client->fd = fd;
        if (server->tls) {
            client->ssl = SSL_new(server->tls);
            SSL_set_fd(client->ssl, fd);
            SSL_set_accept_state(client->ssl);
        }
        epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, fd, &(struct epoll_event){EPOLLIN, {.ptr = client}});
    }
}

static void bury(struct server *server)
{
    for (size_t i = 0; i < server->dead_count; i++) {
        struct client *client = server->dead[i];
        if (client->room) {
            struct client *last = client->room->members[--client->room->member_count];
            client->room->members[client->index] = last;
            last->index = client->index;
        }
        SSL_free(client->ssl);
        close(client->fd);
        free(client->in.ptr);
        free(client->out.ptr);
        free(client);
    }
    server->dead_count = 0;
}

static void listen_on(struct server *server, const char *port)
{
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(addr);
    uint64_t number;

    if (bytes_parse_u64(bytes_of(port), UINT16_MAX, &number) < 0)
        errx(2, "'%s' is not a port", port);
    addr.sin_port = htons((uint16_t)number);
    server->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(server->listen_fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (bind(server->listen_fd, (struct sockaddr *)&addr, len) < 0 || listen(server->listen_fd, 4096) < 0)
        err(1, "port %s", port);
    getsockname(server->listen_fd, (struct sockaddr *)&addr, &len);
    server->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, server->listen_fd, &(struct epoll_event){.events = EPOLLIN});
    printf("listening on %d\n", ntohs(addr.sin_port));
    fflush(stdout);
}

static void start_tls(struct server *server, const char *certificate, const char *key)
{
    server->tls = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_mode(server->tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                      SSL_MODE_RELEASE_BUFFERS);
    if (SSL_CTX_use_certificate_chain_file(server->tls, certificate) != 1 ||
        SSL_CTX_use_PrivateKey_file(server->tls, key, SSL_FILETYPE_PEM) != 1)
        errx(1, "cannot use %s with %s", certificate, key);
}

static void turn(struct server *server)
{
    struct epoll_event events[EVENTS];
    int count = epoll_wait(server->epoll_fd, events, EVENTS, -1);

    for (int i = 0; i < count; i++) {
        if (events[i].data.ptr)
            on_client(server, events[i].data.ptr, events[i].events);
        else
            on_accept(server);
    }
    for (struct room *room = server->rooms; room; room = room->next)
        if (room->span.len)
            broadcast(server, room);
    bury(server);
}

int main(int argc, char **argv)
{
    struct server server = {0};
    struct rlimit files;

    for (argv++; argc > 1 && argv[0] && argv[0][0] == '-'; argv++) {
        if (strcmp(argv[0], "--each") == 0) {
            server.is_each = true;
        } else if (strcmp(argv[0], "--tls") == 0 && argv[1] && argv[2]) {
            start_tls(&server, argv[1], argv[2]);
            argv += 2;
        } else {
            break;
        }
    }
    if (!argv[0] || argv[1] || argv[0][0] == '-')
        errx(2, "usage: baseline [--each] [--tls CERTIFICATE KEY] PORT");
    signal(SIGPIPE, SIG_IGN);
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    listen_on(&server, argv[0]);
    for (;;)
        turn(&server);
}
