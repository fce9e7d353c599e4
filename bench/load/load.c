#include "load/load.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

enum {
    EVENTS = 1024,
    IN_FLIGHT_MAX = 128,     /* connecting at once: below every backlog */
    CONNECT_PATIENCE_S = 60, /* without any progress */
    ANSWER_BYTES_MAX = 1024,
};

static const int64_t second_ns = 1000000000;

int64_t load_now_ns(void)
{
    return clock_system_mono_ns();
}

static int resolve(struct load *load)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found;
    int r = getaddrinfo(load->options->host, load->options->port, &hints, &found);
    if (r != 0) {
        fprintf(stderr, "mingle-bench: %s port %s: %s\n", load->options->host, load->options->port,
                gai_strerror(r));
        return -EINVAL;
    }
    memcpy(&load->address, found->ai_addr, found->ai_addrlen);
    load->address_len = found->ai_addrlen;
    freeaddrinfo(found);
    return 0;
}

/* The server's certificate is not checked: what is measured is its speed. */
static int start_tls(struct load *load)
{
    if (!load->options->is_tls)
        return 0;
    load->tls = SSL_CTX_new(TLS_client_method());
    if (!load->tls)
        return -ENOMEM;
    SSL_CTX_set_mode(load->tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                    SSL_MODE_RELEASE_BUFFERS);
    return 0;
}

int load_init(struct load *load, const struct load_options *options, size_t peer_count)
{
    *load = (struct load){.options = options, .peer_count = peer_count};
    progress_init(&load->progress);
    load->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    load->peers = calloc(peer_count, sizeof(*load->peers));
    if (load->epoll_fd < 0 || !load->peers)
        return -ENOMEM;
    for (size_t i = 0; i < peer_count; i++)
        peer_init(&load->peers[i], (unsigned)i, (unsigned)(i / options->members), options->first);
    int r = resolve(load);
    return r < 0 ? r : start_tls(load);
}

void load_done(struct load *load)
{
    for (size_t i = 0; load->peers && i < load->peer_count; i++)
        peer_done(&load->peers[i]);
    free(load->peers);
    SSL_CTX_free(load->tls);
    if (load->epoll_fd >= 0)
        close(load->epoll_fd);
    progress_end(&load->progress);
}

void load_fail(struct load *load, const char *what, int error)
{
    if (load->failure)
        return;
    load->failure = what;
    load->failure_errno = error;
}

void load_poll(struct load *load, int64_t until_ns)
{
    struct epoll_event events[EVENTS];
    int64_t left_ns = until_ns - load_now_ns();
    if (left_ns < 0)
        left_ns = 0;
    struct timespec timeout = {left_ns / second_ns, left_ns % second_ns};
    int count = epoll_pwait2(load->epoll_fd, events, EVENTS, &timeout, NULL);
    load->now_ns = load_now_ns();
    for (int i = 0; i < count; i++) {
        peer_on_events(load, events[i].data.ptr, events[i].events);
        load->now_ns = load_now_ns();
    }
}

void load_wait(struct load *load, const char *label, int64_t until_ns)
{
    int64_t began_ns = load_now_ns(), now_ns = began_ns;

    progress_begin(&load->progress, label);
    while (now_ns < until_ns) {
        load_poll(load, now_ns + second_ns / 10 < until_ns ? now_ns + second_ns / 10 : until_ns);
        now_ns = load_now_ns();
        progress_show(&load->progress, (double)(now_ns - began_ns) / (double)(until_ns - began_ns), now_ns);
    }
}

static void answer_ping(struct load *load, struct peer *peer, struct bytes line)
{
    const struct load_dialect *dialect = load->options->dialect;
    struct buf pong;

    buf_init(&pong, ANSWER_BYTES_MAX);
    buf_put_text(&pong, dialect->pong);
    buf_put(&pong, bytes_slice(line, strlen(dialect->ping), line.len));
    buf_put_char(&pong, '\n');
    peer_send(load, peer, buf_bytes(&pong));
    buf_done(&pong);
}

static void on_in(struct load *load, struct peer *peer)
{
    peer->state = PEER_READY;
    load->entering_count--;
    load->in_count++;
    if (peer->never_reads)
        epoll_ctl(load->epoll_fd, EPOLL_CTL_MOD, peer->fd, &(struct epoll_event){.data.ptr = peer});
    if (load->listener.on_ready)
        load->listener.on_ready(load->listener.arg, peer);
}

static void on_entering(struct load *load, struct peer *peer, struct bytes line)
{
    struct buf answer;

    buf_init(&answer, ANSWER_BYTES_MAX);
    if (load->options->dialect->entering(line, load->options->first + peer->room, &answer))
        on_in(load, peer);
    else if (answer.len)
        peer_send(load, peer, buf_bytes(&answer));
    buf_done(&answer);
}

void load_on_line(struct load *load, struct peer *peer, struct bytes line)
{
    const struct load_dialect *dialect = load->options->dialect;
    struct mark mark;

    if (peer->state == PEER_READY &&
        mark_read(dialect->text ? dialect->text(line) : line, load->options->payload, &mark)) {
        if (load->listener.on_message)
            load->listener.on_message(load->listener.arg, peer, &mark);
    } else if (dialect->ping && bytes_starts_with(line, bytes_of(dialect->ping))) {
        answer_ping(load, peer, line);
    } else if (peer->state == PEER_ENTERING) {
        on_entering(load, peer, line);
    }
}

void load_on_closed(struct load *load, struct peer *peer, enum peer_state before)
{
    if (before >= PEER_READY)
        load->in_count--;
    else
        load->entering_count--;
    if (peer->never_reads && before == PEER_READY)
        load->slow_closed_count++;
    else if (before != PEER_LEAVING)
        load->closed_count++;
    if (load->listener.on_closed)
        load->listener.on_closed(load->listener.arg, peer, before);
}

/* From `cursor` on, the next peer to be connected; NULL: none is left. */
static struct peer *next_new(struct load *load, size_t *cursor)
{
    while (*cursor < load->peer_count) {
        struct peer *peer = &load->peers[(*cursor)++];
        if (peer->state == PEER_NEW && !peer->is_absent)
            return peer;
    }
    return NULL;
}

static size_t count_wanted(const struct load *load)
{
    size_t count = 0;
    for (size_t i = 0; i < load->peer_count; i++)
        count += !load->peers[i].is_absent;
    return count;
}

static void begin_some(struct load *load, size_t *cursor)
{
    struct peer *peer;
    while (load->entering_count < IN_FLIGHT_MAX && !load->failure && (peer = next_new(load, cursor))) {
        int r = peer_connect(load, peer);
        if (r < 0)
            load_fail(load, "cannot open a connection", -r);
    }
}

bool load_connect_all(struct load *load)
{
    size_t wanted = count_wanted(load), cursor = 0, progress = 0;
    int64_t patient_until_ns = load_now_ns() + CONNECT_PATIENCE_S * second_ns;

    size_t closed_before = load->closed_count;

    progress_begin(&load->progress, "connecting");
    while (!load->failure && load->in_count < wanted) {
        begin_some(load, &cursor);
        load_poll(load, load_now_ns() + second_ns / 10);
        progress_show(&load->progress, (double)load->in_count / (double)wanted, load->now_ns);
        if (load->closed_count > closed_before)
            load_fail(load, "the server closed a connection before its client was in", 0);
        if (load->in_count > progress) {
            progress = load->in_count;
            patient_until_ns = load->now_ns + CONNECT_PATIENCE_S * second_ns;
        } else if (load->now_ns > patient_until_ns) {
            load_fail(load, "clients do not get in; is it the right --dialect?", 0);
        }
    }
    return !load->failure;
}
