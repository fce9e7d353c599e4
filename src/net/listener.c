/* Listening sockets. The difficult part is a process without a free descriptor: accept() fails, the
 * client stays in the backlog, and the socket stays readable, so that waiting for it spins. Here a
 * descriptor is kept in reserve to tell one client the truth, and then the listener rests. */
#include "net/listener.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "async/loop.h"
#include "base/check.h"
#include "base/log_event.h"

#define PAUSE_MS 100
#define UNIX_MODE 0660

/* Clients in a row that were gone before they were accepted; after these the listener rests, too. */
#define GONE_MAX 64

static void set_option(int fd, int level, int option, int value)
{
    /* Each of them makes a session better; none is worth refusing one. */
    (void)setsockopt(fd, level, option, &value, sizeof(value));
}

static int open_reserve(void)
{
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* ---- accepting ---- */

/* What a listening socket has, its clients' sockets have from the start (on Linux): set once, not per client. */
static void set_client_options(int fd, const struct addr *addr)
{
    if (addr->u.sa.sa_family == AF_UNIX)
        return;
    set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, 60);
    set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, 15);
    set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, 4);
    set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 120 * 1000);
}

/* A client that is gone, or an error of its network: accept(2) hands them on, and says to go on. */
static bool is_gone(int error)
{
    static const int errors[] = {ECONNABORTED, EINTR,  EPROTO,     EPERM,        ENETDOWN,    ENOPROTOOPT,
                                 EHOSTDOWN,    ENONET, EOPNOTSUPP, EHOSTUNREACH, ENETUNREACH, ETIMEDOUT};
    for (size_t i = 0; i < ARRAY_LEN(errors); i++)
        if (errors[i] == error)
            return true;
    return false;
}

static bool is_exhaustion(int error)
{
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

/* Accepts one client with the reserved descriptor, tells it why, and lets it go. */
static void turn_away(struct listener *listener)
{
    char ignored[512];

    if (listener->reserve_fd >= 0)
        close(listener->reserve_fd);
    int fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
        const struct bytes text = listener->full_text;
        if (text.len > 0)
            (void)!send(fd, text.ptr, text.len, MSG_NOSIGNAL | MSG_DONTWAIT);
        /* Closing with unread input would reset the connection and could take the text back. */
        (void)!recv(fd, ignored, sizeof(ignored), MSG_DONTWAIT);
        close(fd);
    }
    listener->reserve_fd = open_reserve();
}

static void on_exhausted(struct listener *listener, int error)
{
    listener->exhausted_count++;
    if (!listener->is_exhausted) {
        char where[ADDR_TEXT_MAX];
        addr_format(&listener->addr, where);
        log_event(LOG_KIND_ACCEPT_FAILED, LOG_LEVEL_WARNING, LOG_STR("address", where),
                  LOG_STR("error", co_error_str(error)));
    }
    listener->is_exhausted = true;
    turn_away(listener);
}

static void on_accepted(struct listener *listener, struct listener_op *op, int fd, const struct sockaddr *sa,
                        socklen_t len)
{
    listener->accepted_count++;
    listener->is_exhausted = false;
    if (listener->reserve_fd < 0)
        listener->reserve_fd = open_reserve();
    addr_from_sockaddr(sa, len, &op->peer);
    op->fd = fd;
}

/* One client, if there is one. 0; EAGAIN: none is waiting; EBUSY: rest; another errno value. */
static int accept_one(struct listener *listener, struct listener_op *op)
{
    struct sockaddr_storage storage;
    for (int i = 0; i < GONE_MAX; i++) {
        socklen_t len = sizeof(storage);
        int fd = accept4(listener->fd, (struct sockaddr *)&storage, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            on_accepted(listener, op, fd, (struct sockaddr *)&storage, len);
            return 0;
        }
        const int error = errno;
        if (is_exhaustion(error)) {
            on_exhausted(listener, error);
            return EBUSY;
        }
        if (!is_gone(error))
            return error;
    }
    return EBUSY;
}

/* Accepts, or makes sure that it is tried again. True: the wait is over, with *ret_code. */
static bool accept_or_wait(struct listener *listener, struct listener_op *op, int *ret_code)
{
    int code = accept_one(listener, op);
    if (code == EAGAIN && event_add(&listener->event, NULL) == 0)
        return false;
    if (code == EBUSY && co_loop_arm(listener->loop, &listener->retry, PAUSE_MS) == 0)
        return false;
    *ret_code = code == EAGAIN || code == EBUSY ? ENOMEM : code;
    return true;
}

static void retry(struct listener *listener)
{
    struct listener_op *op = listener->waiter;
    int code;
    if (!op || !accept_or_wait(listener, op, &code))
        return;
    listener->waiter = NULL;
    co_op_complete(&op->op, code);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    retry(arg);
}

static void retry_fire(struct co_timer *timer)
{
    retry(container_of(timer, struct listener, retry));
}

static bool accept_start(struct co_op *op)
{
    struct listener_op *accept_op = container_of(op, struct listener_op, op);
    struct listener *listener = accept_op->listener;
    if (listener->fd < 0 || listener->waiter) {
        op->code = listener->fd < 0 ? CO_ECLOSED : EBUSY;
        return true;
    }
    bool is_resting = listener->retry.index != 0;
    if (!is_resting && accept_or_wait(listener, accept_op, &op->code))
        return true;
    listener->waiter = accept_op;
    return false;
}

static bool accept_abort(struct co_op *op)
{
    struct listener *listener = container_of(op, struct listener_op, op)->listener;
    event_del(&listener->event);
    listener->waiter = NULL;
    return true;
}

static const struct co_op_vt accept_vt = {
    .name = "listener.accept", .start = accept_start, .abort = accept_abort};

struct co_call listener_accept(struct listener *listener, struct listener_op *op)
{
    op->listener = listener;
    op->fd = -1;
    return co_call_op(&op->op, &accept_vt);
}

void listener_set_full_text(struct listener *listener, struct bytes text)
{
    listener->full_text = text;
}

/* ---- opening and closing ---- */

/* Fills in *listener for a socket that listens. 0 or -errno; fd stays the caller's on failure. */
static int start(struct listener *listener, struct co_loop *loop, int fd, bool is_adopted)
{
    struct sockaddr_storage storage;
    socklen_t len = sizeof(storage);

    if (getsockname(fd, (struct sockaddr *)&storage, &len) < 0)
        return -errno;
    struct listener new = {.loop = loop, .fd = fd, .is_adopted = is_adopted, .retry.fire = retry_fire};
    new.reserve_fd = open_reserve();
    if (new.reserve_fd < 0)
        return -errno;
    addr_from_sockaddr((struct sockaddr *)&storage, len, &new.addr);
    set_client_options(fd, &new.addr);
    *listener = new;
    CHECK(event_assign(&listener->event, co_loop_base(loop), fd, EV_READ, on_readable, listener) == 0);
    return 0;
}

/* True when a unix socket is a file that is left over: nobody listens on it. */
static bool is_stale(const struct addr *addr)
{
    struct stat st;
    if (lstat(addr->u.un.sun_path, &st) < 0 || !S_ISSOCK(st.st_mode))
        return false;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    bool is_refused = connect(fd, &addr->u.sa, addr->len) < 0 && errno == ECONNREFUSED;
    close(fd);
    return is_refused;
}

static int bind_unix(int fd, const struct addr *addr)
{
    int r = bind(fd, &addr->u.sa, addr->len) < 0 ? -errno : 0;
    if (r == -EADDRINUSE && is_stale(addr)) {
        if (unlink(addr->u.un.sun_path) < 0)
            return -errno;
        r = bind(fd, &addr->u.sa, addr->len) < 0 ? -errno : 0;
    }
    if (r == 0 && chmod(addr->u.un.sun_path, UNIX_MODE) < 0)
        r = -errno;
    return r;
}

static int bind_inet(int fd, const struct addr *addr)
{
    set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    if (addr->u.sa.sa_family == AF_INET6)
        set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
    return bind(fd, &addr->u.sa, addr->len) < 0 ? -errno : 0;
}

int listener_open(struct listener *listener, struct co_loop *loop, const struct addr *addr, int backlog)
{
    const bool is_unix = addr->u.sa.sa_family == AF_UNIX;
    int fd = socket(addr->u.sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    int r = is_unix ? bind_unix(fd, addr) : bind_inet(fd, addr);
    if (r == 0 && listen(fd, backlog) < 0)
        r = -errno;
    if (r == 0)
        r = start(listener, loop, fd, false);
    if (r < 0)
        close(fd);
    return r;
}

int listener_adopt(struct listener *listener, struct co_loop *loop, int fd)
{
    int is_listening = 0, type = 0;
    socklen_t len = sizeof(int);

    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) < 0)
        return -errno;
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &len) < 0)
        return -errno;
    if (!is_listening || type != SOCK_STREAM)
        return -EINVAL;
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
        return -errno;
    return start(listener, loop, fd, true);
}

/* Ends what goes on in it, for it is about to have no socket. */
static void detach(struct listener *listener)
{
    struct listener_op *op = listener->waiter;
    event_del(&listener->event);
    co_loop_disarm(listener->loop, &listener->retry);
    listener->fd = listener->reserve_fd = -1;
    listener->waiter = NULL;
    if (op)
        co_op_complete(&op->op, CO_ECLOSED);
}

void listener_move(struct listener *from, struct listener *to)
{
    *to = *from;
    to->waiter = NULL;
    to->retry = (struct co_timer){.fire = retry_fire};
    CHECK(event_assign(&to->event, co_loop_base(to->loop), to->fd, EV_READ, on_readable, to) == 0);
    detach(from);
}

void listener_set_backlog(struct listener *listener, int backlog)
{
    if (listener->fd >= 0 && listen(listener->fd, backlog) < 0)
        log_warning("cannot change the backlog of a listener: %m");
}

void listener_close(struct listener *listener)
{
    if (!listener->loop || listener->fd < 0)
        return;
    const int fd = listener->fd, reserve_fd = listener->reserve_fd;
    detach(listener); /* first: libevent must not know a descriptor that is closed */
    if (listener->addr.u.sa.sa_family == AF_UNIX && !listener->is_adopted)
        unlink(listener->addr.u.un.sun_path);
    close(fd);
    if (reserve_fd >= 0)
        close(reserve_fd);
}
