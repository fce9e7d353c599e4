#include "daemon/server.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "async/debug.h"
#include "async/loop.h"
#include "async/watchdog.h"
#include "base/check.h"
#include "base/log_event.h"
#include "chat/hub.h"
#include "chat/name.h"
#include "daemon/notify.h"
#include "daemon/operator_list.h"
#include "daemon/settings.h"
#include "daemon/stages.h"
#include "daemon/tls_setup.h"
#include "net/tls.h"
#include "net/tls_tickets.h"

/* Descriptors that are no sessions: log, loop, listeners, files. */
#define RESERVED_FDS 64

/* With debug.async: a step that takes so long is worth a line, and a loop that stands still one at once.
 * */
#define SLOW_STEP_MS 50
#define HANG_MS 500

/* A turn of the loop that takes so long is told of, with the tree of tasks. */
#define WATCHDOG_MS 2000

/* Whose address made an HTTP request in the last 30 s has a browser, and browsers keep connections in
 * reserve: these are not greeted for 12 s. */
#define BROWSER_KEEP_MS 30000
#define BROWSER_DELAY_MS 12000

/* Each check of a password takes a processor and 32 MiB or more for a while: two at a time, and threads
 * left for whatever else would block. */
#define PASSWORD_CHECKS_MAX 2
#define EXECUTOR_THREADS 4

/* TLS handshakes that begin within a millisecond. With RSA, each holds up everybody for more than one. */
#define HANDSHAKES_AT_ONCE 4

/* Failed handshakes that are told of: one a second, after so many. */
#define HANDSHAKE_LOG_MILLI 1000
#define HANDSHAKE_LOG_BURST 10

/* What connects when descriptors have run out hears this. */
#define FULL_TEXT BYTES("*** The server is full. Try again in a few minutes.\n")

static int load_tls(struct server *server, struct buf *error)
{
    const struct clock *clock = clock_system();

    co_semaphore_init(&server->handshakes, HANDSHAKES_AT_ONCE);
    bucket_init(&server->handshake_log.bucket, HANDSHAKE_LOG_MILLI, HANDSHAKE_LOG_BURST,
                clock_mono_ms(clock));
    server->tickets = tls_tickets_new(clock);
    if (!server->tickets)
        return -ENOMEM;
    return tls_setup_load(server->settings, server->tickets, true, error, &server->tls);
}

static void explain_listen(struct buf *error, const char *address, int r)
{
    buf_printf(error, "cannot listen on %s: %s", address, strerror(-r));
    if (r == -EADDRINUSE)
        buf_put_text(
            error,
            "; is another mingled running? `ss -ltnp` shows who has it; or set another listen.address");
    else if (r == -EACCES)
        buf_put_text(error, "; ports below 1024 need a socket unit (mingled.socket) or a higher port");
    else if (r == -EADDRNOTAVAIL)
        buf_put_text(error, "; this machine has no such address: `ip address` shows which it has");
}

/* Sockets of the service manager are received as the entry with their address says. */
static int find_option(const struct server *server, const struct addr *addr, struct listen_option *ret_option)
{
    const struct setting_list *addresses = &server->settings->listen.address;
    char text[ADDR_TEXT_MAX];
    struct buf ignored;

    addr_format(addr, text);
    for (size_t i = 0; i < addresses->count; i++) {
        if (!bytes_eq(listen_option_address(addresses->items[i]), bytes_of(text)))
            continue;
        buf_init(&ignored, 0);
        return listen_option_parse(addresses->items[i], ret_option, &ignored);
    }
    *ret_option = (struct listen_option){.port = {.is_greeting = true}};
    return 0;
}

static int open_listener(struct server *server, const char *text, struct buf *error)
{
    struct listen_option *option = &server->options[server->listener_count];
    struct addr addr;
    const char *why;

    int r = listen_option_parse(text, option, error);
    if (r < 0)
        return r;
    if (addr_parse(option->address, &addr, &why) < 0) {
        buf_printf(error, "listen.address = %s: %s", text, why);
        return -EINVAL;
    }
    r = listener_open(&server->listeners[server->listener_count], server->loop, &addr,
                      (int)server->settings->listen.backlog);
    if (r < 0)
        explain_listen(error, text, r);
    else
        server->listener_count++;
    return r;
}

/* Sockets from the service manager take the place of listen.address. */
static int adopt_listeners(struct server *server, const int *fds, size_t count, struct buf *error)
{
    int r = 0;
    for (size_t i = 0; i < count; i++) {
        struct listener *listener = &server->listeners[server->listener_count];
        struct listen_option *option = &server->options[server->listener_count];
        if (r == 0)
            r = listener_adopt(listener, server->loop, fds[i]);
        if (r == 0) {
            server->listener_count++;
            r = find_option(server, &listener->addr, option);
        } else {
            close(fds[i]);
        }
    }
    if (r < 0)
        buf_printf(error, "a socket from the service manager cannot be used: %s; see mingled.socket",
                   strerror(-r));
    return r;
}

static int open_listeners(struct server *server, struct buf *error)
{
    const struct setting_list *addresses = &server->settings->listen.address;
    int *fds;
    size_t count;
    int r = notify_listen_fds(&fds, &count);
    if (r < 0) {
        buf_printf(error, "the service manager's LISTEN_FDS is broken: %s", strerror(-r));
        return r;
    }
    server->listeners = calloc(count ? count : addresses->count, sizeof(*server->listeners));
    server->options = calloc(count ? count : addresses->count, sizeof(*server->options));
    if (!server->listeners || !server->options)
        r = -ENOMEM;
    else if (count)
        r = adopt_listeners(server, fds, count, error);
    for (size_t i = 0; r == 0 && count == 0 && i < addresses->count; i++)
        r = open_listener(server, addresses->items[i], error);
    for (size_t i = 0; i < server->listener_count; i++) {
        server->options[i].port.proxies = server->options[i].proxies; /* where they are now */
        listener_set_full_text(&server->listeners[i], FULL_TEXT);
    }
    free(fds);
    return r;
}

static bool has_tls(const struct session_port *port)
{
    return port->tls != SESSION_TLS_OFF && (port->refused & SESSION_DIALECT_TLS) == 0;
}

/* Where to point people who could use TLS: the first TCP listener that takes it. */
static void find_tls_address(struct server *server)
{
    for (size_t i = 0; i < server->listener_count; i++) {
        const struct addr *addr = &server->listeners[i].addr;
        in_port_t port = addr->u.sa.sa_family == AF_INET
                             ? ((const struct sockaddr_in *)(const void *)&addr->u.storage)->sin_port
                         : addr->u.sa.sa_family == AF_INET6
                             ? ((const struct sockaddr_in6 *)(const void *)&addr->u.storage)->sin6_port
                             : 0;
        if (!port || !has_tls(&server->options[i].port))
            continue;
        snprintf(server->tls_address, sizeof(server->tls_address), "%s:%u", server->settings->server.name,
                 ntohs(port));
        return;
    }
}

/* As many sessions as descriptors allow; the soft limit is raised to the hard one first. */
static size_t session_limit(const struct settings *settings)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return settings->limits.sessions;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        getrlimit(RLIMIT_NOFILE, &limit);
    size_t most = limit.rlim_cur > 2 * RESERVED_FDS ? (size_t)limit.rlim_cur - RESERVED_FDS : RESERVED_FDS;
    if (settings->limits.sessions && settings->limits.sessions < most)
        most = settings->limits.sessions;
    return most;
}

static void fill_session_config(struct server *server)
{
    const struct settings *settings = server->settings;
    server->session_config = (struct session_config){
        .server_name = bytes_of(settings->server.name),
        .welcome = bytes_of(settings->server.welcome),
        .tls_address = bytes_of(server->tls_address),
        .limits = {.line_bytes = settings->limits.line_bytes,
                   .high_bytes = settings->limits.outbox_high_bytes,
                   .low_bytes = settings->limits.outbox_low_bytes},
        .flood_rate_milli = settings->limits.flood.rate_milli,
        .flood_burst = settings->limits.flood.burst ? settings->limits.flood.burst : 1,
        .greeting_delay_ms = settings->greeting.delay_ms,
        .browser_delay_ms = BROWSER_DELAY_MS,
        .name_timeout_ms = settings->limits.name_timeout_ms,
        .tls_handshake_ms = settings->tls.handshake_timeout_ms,
        .keepalive_ms = settings->telnet.keepalive_ms,
        .close_ms = settings->server.shutdown_timeout_ms,
        .lines_per_turn = settings->limits.lines_per_turn,
    };
    server->session_env = (struct session_env){
        .hub = server->hub,
        .delivery = &server->delivery,
        .registry = &server->registry,
        .browsers = &server->browsers,
        .bans = &server->bans,
        .tls = server->tls,
        .handshakes = &server->handshakes,
        .handshake_log = &server->handshake_log,
        .clock = clock_system(),
        .config = &server->session_config,
        .operators = &server->operators,
        .executor = server->executor,
        .password_checks = &server->password_checks,
    };
}

static int open_hub(struct server *server, struct buf *error)
{
    const struct settings *settings = server->settings;
    const struct delivery_config delivery = {
        .queue_events = settings->limits.queue,
        .log_events = settings->rooms.log,
        .inbox_events = settings->limits.inbox,
        .history_events = settings->rooms.history,
        .quiet_above = settings->rooms.quiet_above,
        .stalled_ms = settings->limits.stalled_ms,
    };
    const struct hub_config hub = {
        .lobby = settings->rooms.lobby,
        .log_events = settings->rooms.log,
        .rooms_per_user = settings->limits.rooms_per_user,
        .version = PACKAGE_VERSION,
    };
    if (!name_is_room(bytes_of(settings->rooms.lobby))) {
        buf_printf(error, "rooms.lobby = %s: a room is '#' and letters, digits or -_[]{}|^.",
                   settings->rooms.lobby);
        return -EINVAL;
    }
    if (delivery_init(&server->delivery, clock_system(), &delivery) < 0)
        return -ENOMEM;
    server->hub = hub_new(&hub, clock_system(), &server->delivery.sink);
    if (!server->hub)
        return -ENOMEM;
    delivery_set_hub(&server->delivery, server->hub);
    return 0;
}

static int open_executor(struct server *server)
{
    co_semaphore_init(&server->password_checks, PASSWORD_CHECKS_MAX);
    server->executor = co_executor_new(server->loop, EXECUTOR_THREADS);
    return server->executor ? 0 : -ENOMEM;
}

/* What comes from files and is told to people, or decides about them. */
static int load_files(struct server *server, struct buf *error)
{
    int r = texts_load(server->settings, &server->texts, error);
    if (r < 0)
        return r;
    struct hub_texts texts = texts_for_hub(&server->texts);
    hub_set_texts(server->hub, &texts);
    return operator_list_load(&server->settings->operators.operator, & server->operators);
}

static void on_debug(void *arg, struct bytes text)
{
    (void)arg;
    log_warning("debug: %.*s", BYTES_ARG(text));
}

/* Settings that ask for it turn on the runtime's search for our own mistakes. */
static int open_loop(struct server *server)
{
    const struct co_debug_config debug = {
        .slow_step_ms = SLOW_STEP_MS, .hang_ms = HANG_MS, .report = on_debug};
    server->loop = co_loop_new();
    if (!server->loop)
        return -ENOMEM;
    return server->settings->debug.async ? co_loop_set_debug(server->loop, &debug) : 0;
}

struct server *server_new(const struct settings *settings, struct buf *error)
{
    struct server *server = calloc(1, sizeof(*server));
    if (!server)
        return NULL;
    server->settings = settings;
    server->started_ms = clock_wall_ms(clock_system());
    registry_init(&server->registry,
                  &(struct registry_config){.sessions = session_limit(settings),
                                            .per_address = settings->limits.per_address,
                                            .unnamed_per_address = settings->limits.unnamed_per_address});
    recent_init(&server->browsers, BROWSER_KEEP_MS);
    ban_list_init(&server->bans);
    server->start_ms = clock_mono_ms(clock_system());
    int r = open_loop(server);
    if (r == 0)
        r = load_tls(server, error);
    if (r == 0)
        r = open_hub(server, error);
    if (r == 0)
        r = load_files(server, error);
    if (r == 0)
        r = open_executor(server);
    if (r == 0)
        r = open_listeners(server, error);
    if (r == 0)
        r = control_open(&server->control, server, settings, error);
    if (r == 0 && settings->metrics.address[0])
        r = metrics_port_open(&server->metrics, server->loop, settings->metrics.address, error);
    if (r < 0) {
        if (r == -ENOMEM)
            buf_put_text(error, "out of memory");
        server_free(server);
        return NULL;
    }
    if (server->tls)
        find_tls_address(server);
    fill_session_config(server);
    return server;
}

void server_free(struct server *server)
{
    if (!server)
        return;
    for (size_t i = 0; i < server->listener_count; i++)
        listener_close(&server->listeners[i]);
    control_close(&server->control);
    ban_list_done(&server->bans);
    metrics_port_close(&server->metrics);
    free(server->listeners);
    free(server->options);
    co_executor_free(server->executor);
    operator_list_done(&server->operators);
    delivery_done(&server->delivery);
    hub_free(server->hub);
    texts_done(&server->texts);
    registry_done(&server->registry);
    tls_context_unref(server->tls);
    tls_tickets_unref(server->tickets);
    size_t left = co_loop_free(server->loop);
    if (left)
        log_error("bug: %zu timers or tasks were left behind", left);
    free(server);
}

static const char *tls_text(const struct server *server, const struct session_port *port)
{
    if (!server->tls || !has_tls(port))
        return "";
    return port->tls == SESSION_TLS_REQUIRED ? " (TLS)" : " (plain and TLS)";
}

static void announce_metrics(const struct metrics_port *port)
{
    char address[ADDR_TEXT_MAX];

    if (!port->executor)
        return;
    addr_format(&port->listener.addr, address);
    log_event(LOG_KIND_METRICS_ON, LOG_LEVEL_NOTICE, LOG_STR("address", address));
}

static void announce(const struct server *server)
{
    if (server->tls)
        log_notice("tls: %zu certificate%s, groups %s", tls_context_certificate_count(server->tls),
                   tls_context_certificate_count(server->tls) == 1 ? "" : "s",
                   tls_context_groups(server->tls));
    for (size_t i = 0; i < server->listener_count; i++) {
        const struct session_port *port = &server->options[i].port;
        char address[ADDR_TEXT_MAX], text[ADDR_TEXT_MAX + 64];
        addr_format(&server->listeners[i].addr, address);
        snprintf(text, sizeof(text), "listening on %s%s%s", address, tls_text(server, port),
                 port->proxy_count ? " behind a proxy" : "");
        log_event(LOG_KIND_LISTENING, LOG_LEVEL_NOTICE, LOG_STR("address", address), LOG_SAY(bytes_of(text)));
    }
    if (server->control.is_open)
        log_notice("control socket %s", server->settings->control.socket);
    announce_metrics(&server->metrics);
}

/* By the watchdog's thread. */
static void on_hang(void *arg, int64_t ms, struct bytes tree)
{
    (void)arg;
    log_event(LOG_KIND_LOOP_HANGS, LOG_LEVEL_ERROR, LOG_INT("ms", ms));
    while (tree.len > 0) {
        struct bytes line = bytes_cut(&tree, '\n');
        log_error("task %.*s", BYTES_ARG(line));
    }
}

int server_run(struct server *server)
{
    const struct co_watchdog_config watch = {.hang_ms = WATCHDOG_MS, .report = on_hang};
    CO_TASK(server_stages) root;

    announce(server);
    struct co_watchdog *watchdog = co_watchdog_start(server->loop, &watch);
    if (!watchdog)
        log_warning("no watchdog: out of memory or threads");
    struct co_error error = co_loop_run(server->loop, TASK(&root, server_stages, .server = server));
    co_watchdog_stop(watchdog);
    if (error.code) {
        log_error("stopped by an error: %s (%s, %s:%d)", co_error_str(error.code), error.msg, error.file,
                  error.line);
        return EXIT_FAILURE;
    }
    log_event(LOG_KIND_STOPPED, LOG_LEVEL_NOTICE, LOG_UINT("sessions", server->session_env.last_session_id));
    return EXIT_SUCCESS;
}

void server_stop(struct server *server)
{
    if (!server->stop.is_set) {
        co_event_set(&server->stop);
        return;
    }
    log_notice("asked to stop again: ending at once");
    if (server->sessions)
        co_kill(server->sessions);
}

void server_notify_status(const struct server *server)
{
    notify_status("%s%zu people in %zu rooms, %zu connections",
                  server->session_env.is_draining ? "draining: " : "", hub_user_count(server->hub),
                  hub_room_count(server->hub), registry_count(&server->registry));
}

static void log_line(void *arg, struct bytes text)
{
    (void)arg;
    log_notice("task %.*s", BYTES_ARG(text));
}

void server_dump_tasks(const struct server *server)
{
    co_loop_dump(server->loop, log_line, NULL);
}
