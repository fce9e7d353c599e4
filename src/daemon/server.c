#include "daemon/server.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "async/debug.h"
#include "async/executor.h"
#include "async/loop.h"
#include "async/watchdog.h"
#include "base/check.h"
#include "base/log_event.h"
#include "chat/hub.h"
#include "daemon/log_output.h"
#include "daemon/notify.h"
#include "daemon/settings.h"
#include "daemon/setup.h"
#include "daemon/stages.h"
#include "net/tls.h"

/* Descriptors that are no sessions: log, loop, listeners, files. */
#define RESERVED_FDS 64

/* For how many descriptors the table is made in advance, at most. */
#define TABLE_FDS_MAX ((size_t)1 << 18)

#define ZONE_FOLDER "/usr/share/zoneinfo"

/* Each check of a password takes a processor and 32 MiB or more for a while: two at a time, and threads
 * left for whatever else would block. */
#define PASSWORD_CHECKS_MAX 2
#define EXECUTOR_THREADS 4

/* With debug.async: a step that takes so long is worth a line, and a loop that stands still one at once. */
#define SLOW_STEP_MS 50
#define HANG_MS 500

/* A turn of the loop that takes so long is told of, with the tree of tasks. */
#define WATCHDOG_MS 2000

/* Whose address made an HTTP request in the last 30 s has a browser, and browsers keep connections in
 * reserve: these are not greeted for 12 s. */
#define BROWSER_KEEP_MS 30000
#define BROWSER_DELAY_MS 12000

/* Failed handshakes that are told of: one a second, after so many. */
#define HANDSHAKE_LOG_MILLI 1000
#define HANDSHAKE_LOG_BURST 10

/* Where to point people who could use TLS: the first TCP listener that takes it. */
static void find_tls_address(struct server *server)
{
    server->tls_address[0] = '\0';
    if (!server->setup->tls)
        return;
    for (size_t i = 0; i < server->endpoints.count; i++) {
        const struct addr *addr = &server->endpoints.items[i]->listener.addr;
        in_port_t port = addr->u.sa.sa_family == AF_INET
                             ? ((const struct sockaddr_in *)(const void *)&addr->u.storage)->sin_port
                         : addr->u.sa.sa_family == AF_INET6
                             ? ((const struct sockaddr_in6 *)(const void *)&addr->u.storage)->sin6_port
                             : 0;
        if (!port || !endpoint_has_tls(server->endpoints.items[i]))
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

/* The kernel's table of descriptors grows by doubling, and with threads each time stops the loop for 5 to 25 ms
 * (a grace period of RCU): a crowd that connects would do that to everybody. So it grows to its size now, at
 * 8 bytes of kernel memory for each. The table stays when the descriptor is closed. */
static void make_room_for_files(const struct settings *settings)
{
    size_t count = session_limit(settings) + RESERVED_FDS;
    int fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, (int)(count < TABLE_FDS_MAX ? count : TABLE_FDS_MAX) - 1);
    if (fd >= 0)
        close(fd);
}

static void fill_session_config(struct server *server)
{
    const struct settings *settings = server->settings;
    server->session_config = (struct session_config){
        .server_name = bytes_of(settings->server.name),
        .welcome = bytes_of(settings->server.welcome),
        .tls_address = bytes_of(server->tls_address),
        .limits = {.line_bytes = (uint32_t)settings->limits.line_bytes, /* settings.c bounds them */
                   .high_bytes = (uint32_t)settings->limits.outbox_high_bytes,
                   .low_bytes = (uint32_t)settings->limits.outbox_low_bytes},
        .flood_rate_milli = settings->limits.flood.rate_milli,
        .flood_burst = settings->limits.flood.burst ? settings->limits.flood.burst : 1,
        .greeting_delay_ms = settings->greeting.delay_ms,
        .browser_delay_ms = BROWSER_DELAY_MS,
        .name_timeout_ms = settings->limits.name_timeout_ms,
        .tls_handshake_ms = settings->tls.handshake_timeout_ms,
        .keepalive_ms = settings->telnet.keepalive_ms,
        .irc_keepalive_ms = settings->irc.keepalive_ms,
        .close_ms = settings->server.shutdown_timeout_ms,
        .lines_per_turn = settings->limits.lines_per_turn,
    };
}

static struct delivery_config delivery_config(const struct settings *settings)
{
    return (struct delivery_config){
        .queue_events = settings->limits.queue,
        .log_events = settings->rooms.log,
        .inbox_events = settings->limits.inbox,
        .history_events = settings->rooms.history,
        .quiet_above = settings->rooms.quiet_above,
        .stalled_ms = settings->limits.stalled_ms,
    };
}

static int open_hub(struct server *server)
{
    const struct settings *settings = server->settings;
    const struct delivery_config delivery = delivery_config(settings);
    const struct hub_config hub = {
        .lobby = settings->rooms.lobby,
        .log_events = settings->rooms.log,
        .rooms_per_user = settings->limits.rooms_per_user,
        .version = PACKAGE_VERSION,
    };
    if (delivery_init(&server->delivery, clock_system(), &delivery) < 0)
        return -ENOMEM;
    server->hub = hub_new(&hub, clock_system(), &server->delivery.sink);
    if (!server->hub)
        return -ENOMEM;
    delivery_set_hub(&server->delivery, server->hub);
    return 0;
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
    co_semaphore_init(&server->password_checks, PASSWORD_CHECKS_MAX);
    server->executor = co_executor_new(server->loop, EXECUTOR_THREADS);
    zones_init(&server->zones, server->executor, ZONE_FOLDER);
    if (!server->executor)
        return -ENOMEM;
    int r = rest_init(&server->rest, server->loop);
    if (r < 0)
        return r;
    return server->settings->debug.async ? co_loop_set_debug(server->loop, &debug) : 0;
}

static void announce_tls(const struct tls_context *tls)
{
    char text[256];

    if (!tls)
        return;
    size_t count = tls_context_certificate_count(tls);
    snprintf(text, sizeof(text), "tls: %zu certificate%s, groups %s", count, count == 1 ? "" : "s",
             tls_context_groups(tls));
    log_event(LOG_KIND_TLS_ON, LOG_LEVEL_NOTICE, LOG_UINT("certificates", count),
              LOG_STR("groups", tls_context_groups(tls)), LOG_SAY(bytes_of(text)));
}

/* Everybody takes anew what they take from the setup. Sessions read session_config where they need it;
 * limits of a connection, its flood bucket and deadlines that run are those of its beginning. */
static void configure(struct server *server)
{
    const struct settings *settings = server->settings;
    if (settings->log.level != log_level())
        log_change_level(settings->log.level);
    log_set_limit(settings->log.limit.rate_milli, settings->log.limit.burst);
    registry_configure(&server->registry, &(struct registry_config){
                                              .sessions = session_limit(settings),
                                              .per_address = settings->limits.per_address,
                                              .unnamed_per_address = settings->limits.unnamed_per_address});
    const struct setting_flood *handshakes = &settings->tls.handshakes_per_address;
    quota_configure(&server->handshake_quota, handshakes->rate_milli,
                    handshakes->burst ? handshakes->burst : 1);
    hub_set_rooms_per_user(server->hub, settings->limits.rooms_per_user);
    find_tls_address(server);
    fill_session_config(server);
    irc_dialect_set_server(&server->irc, server->session_config.server_name);
    server->irc.rooms_per_user = settings->limits.rooms_per_user;
    server->session_env.tls = server->setup->tls;
    server->session_env.operators = &server->setup->operators;
    const struct hub_texts texts = texts_for_hub(&server->setup->texts);
    hub_set_texts(server->hub, &texts);
    announce_tls(server->setup->tls);
}

static void open_env(struct server *server)
{
    bucket_init(&server->handshake_log.bucket, HANDSHAKE_LOG_MILLI, HANDSHAKE_LOG_BURST,
                clock_mono_ms(clock_system()));
    registry_init(&server->registry, &(struct registry_config){0});
    recent_init(&server->browsers, BROWSER_KEEP_MS);
    oper_guard_init(&server->oper_guard);
    irc_dialect_init(&server->irc, bytes_of(server->settings->server.name));
    server->session_env = (struct session_env){
        .hub = server->hub,
        .delivery = &server->delivery,
        .registry = &server->registry,
        .zones = &server->zones,
        .rest = &server->rest,
        .browsers = &server->browsers,
        .bans = &server->bans,
        .handshake_log = &server->handshake_log,
        .handshake_quota = &server->handshake_quota,
        .oper_guard = &server->oper_guard,
        .clock = clock_system(),
        .config = &server->session_config,
        .irc = &server->irc,
        .executor = server->executor,
        .password_checks = &server->password_checks,
        .reload = reloader_ask_for,
        .reload_arg = server,
    };
    configure(server);
}

static int open_endpoints(struct server *server, struct buf *errors)
{
    struct endpoints *endpoints = &server->endpoints;
    struct endpoints_change change;

    int r = endpoints_adopt(endpoints, server->settings, errors);
    if (r < 0 || endpoints->is_activated)
        return r;
    r = endpoints_prepare(endpoints, server->settings, &change, errors);
    if (r == 0)
        endpoints_commit(endpoints, &change);
    return r;
}

struct server *server_new(const struct options *options, struct setup *setup, struct buf *errors)
{
    struct server *server = calloc(1, sizeof(*server));
    if (!server) {
        setup_free(setup);
        return NULL;
    }
    server->options = options;
    server->setup = setup;
    server->settings = setup->settings;
    server->started_ms = clock_wall_ms(clock_system());
    server->start_ms = clock_mono_ms(clock_system());
    ban_list_init(&server->bans);
    size_t mark = errors->len;
    make_room_for_files(setup->settings);
    int r = open_loop(server);
    endpoints_init(&server->endpoints, server->loop);
    if (r == 0)
        r = open_hub(server);
    if (r == 0)
        r = open_endpoints(server, errors);
    if (r == 0)
        r = control_open(&server->control, server, server->settings, errors);
    if (r == 0 && server->settings->metrics.address[0])
        r = metrics_port_open(&server->metrics, server->loop, server->settings->metrics.address, errors);
    if (r < 0) {
        if (errors->len == mark)
            buf_printf(errors, "cannot start: %s\n", strerror(-r));
        server_free(server);
        return NULL;
    }
    open_env(server);
    return server;
}

int server_apply(struct server *server, struct setup *setup, struct buf *errors)
{
    const struct delivery_config delivery = delivery_config(setup->settings);
    struct endpoints_change change;
    struct log_output output;

    int r = endpoints_prepare(&server->endpoints, setup->settings, &change, errors);
    if (r < 0)
        return r;
    r = log_output_prepare(setup->settings, &output, errors);
    if (r == 0) {
        r = delivery_configure(&server->delivery, &delivery);
        if (r < 0) {
            buf_printf(errors, "%s\n", strerror(-r));
            log_output_abandon(&output);
        }
    }
    if (r < 0) {
        endpoints_abandon(&server->endpoints, &change);
        return r;
    }
    struct setup *before = server->setup;
    server->setup = setup;
    server->settings = setup->settings;
    log_output_commit(&output);
    endpoints_commit(&server->endpoints, &change);
    configure(server);
    endpoints_start(&server->endpoints, server->sessions, &server->session_env);
    setup_free(before);
    return 0;
}

void server_free(struct server *server)
{
    if (!server)
        return;
    control_close(&server->control);
    metrics_port_close(&server->metrics);
    endpoints_done(&server->endpoints);
    delivery_done(&server->delivery);
    hub_free(server->hub);
    if (server->executor) /* with which they began */
        zones_done(&server->zones);
    registry_done(&server->registry);
    ban_list_done(&server->bans);
    co_executor_free(server->executor);
    reloader_done(&server->reloader);
    setup_free(server->setup);
    rest_done(&server->rest);
    size_t left = co_loop_free(server->loop);
    if (left)
        log_error("bug: %zu timers or tasks were left behind", left);
    free(server);
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
    if (server->control.is_open)
        log_event(LOG_KIND_CONTROL_ON, LOG_LEVEL_NOTICE, LOG_STR("path", server->settings->control.socket));
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
        co_kill(&server->sessions->scope);
}

void server_notify_status(const struct server *server)
{
    const char *problem = server->reloader.problem;
    notify_status("%s%zu people in %zu rooms, %zu connections%s%s",
                  server->session_env.is_draining ? "draining: " : "", hub_user_count(server->hub),
                  hub_room_count(server->hub), registry_count(&server->registry),
                  problem[0] ? "; last reload refused: " : "", problem);
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
