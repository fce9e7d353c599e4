#include "daemon/stages.h"

#include <inttypes.h>
#include <malloc.h>
#include <signal.h>
#include <string.h>

#include "async/loop.h"
#include "base/log_event.h"
#include "chat/hub.h"
#include "daemon/notify.h"
#include "daemon/server.h"
#include "daemon/settings.h"

#include "async/poison.h"

/* The workers hold nothing that needs time to release. */
#define WORKERS_KILL_MS 100

/* How often the status line is renewed when nobody watches the loop. */
#define STATUS_MS 5000

/* So many who come are a rush. */
#define RUSH_MIN 500

static void signal_finish(struct co_task *task, struct co_with *with)
{
    (void)task;
    co_signal_close(&container_of(with, struct signal_watch, with)->signal);
}

static struct co_with *signal_open(struct signal_watch *self, struct co_task *co)
{
    int r = co_signal_open(&self->signal, co_loop_of(co), self->number);
    if (r < 0)
        log_error("cannot catch signal %d: %s", self->number, strerror(-r));
    co_with_init(&self->with, NULL, signal_finish);
    return &self->with;
}

ASYNC(signal_watch)
{
    WITH(signal_open(self, co)) {
        while (self->signal.event) {
            AWAIT(co_signal_wait(&self->signal, &self->wait));
            self->handle(self->server, self->number);
        }
    }
    END_WITH;
}
END_ASYNC

static void on_stop(struct server *server, int number)
{
    log_event(LOG_KIND_SIGNAL, LOG_LEVEL_NOTICE, LOG_INT("number", number),
              LOG_STR("signal", strsignal(number)));
    server_stop(server);
}

static void on_dump(struct server *server, int number)
{
    (void)number;
    server_dump_tasks(server);
}

static void on_hangup(struct server *server, int number)
{
    (void)number;
    log_event(LOG_KIND_RELOADING, LOG_LEVEL_NOTICE, LOG_STR("by", "SIGHUP"));
    reloader_ask(&server->reloader);
}

static void beat(struct server *server)
{
    const struct delivery *delivery = &server->delivery;
    bool was_bad = server->health.is_bad;

    log_tick();
    if (health_look(&server->health, delivery->stats.batches, delivery->events.items.count,
                    clock_mono_ms(clock_system())))
        notify_watchdog();
    else if (!was_bad)
        log_event(LOG_KIND_UNHEALTHY, LOG_LEVEL_ERROR, LOG_STR("error", "events are not delivered"),
                  LOG_UINT("queued", delivery->events.items.count));
    server_notify_status(server);
    endpoints_sweep(&server->endpoints);
}

/* Whether many have come, and now nobody does. */
static bool is_rush_over(struct heartbeat *self)
{
    uint64_t come_count = self->server->session_env.last_session_id, before = self->come_count;

    self->come_count = come_count;
    if (come_count != before || come_count - self->trimmed_count < RUSH_MIN)
        return false;
    self->trimmed_count = come_count;
    return true;
}

/* What a crowd had lies between what others still have, and there malloc keeps it: all of those who have gone, and
 * of those who have come what their handshakes needed. To look for it takes about a millisecond for 10 MiB, so it is
 * not done for a few. */
static void give_memory_back(struct heartbeat *self)
{
    /* Both are asked each time, for both count. */
    bool is_over = is_rush_over(self);
    bool is_deserted = registry_is_deserted(&self->server->registry);

    if (is_over || is_deserted)
        malloc_trim(0);
}

ASYNC(heartbeat)
{
    self->interval_ms = notify_watchdog_interval_ms();
    if (self->interval_ms == 0 || self->interval_ms > STATUS_MS)
        self->interval_ms = STATUS_MS;
    for (;;) {
        beat(self->server);
        give_memory_back(self);
        AWAIT(co_sleep(&self->sleep, self->interval_ms));
    }
}
END_ASYNC

static void start_workers(struct server_stages *self)
{
    struct server *server = self->server;
    static const struct {
        int number;
        void (*handle)(struct server *server, int number);
    } signals[STAGES_SIGNALS] = {
        {SIGTERM, on_stop}, {SIGINT, on_stop}, {SIGUSR1, on_dump}, {SIGHUP, on_hangup}};

    SPAWN(&self->workers, &self->broadcaster, broadcaster, .delivery = &server->delivery);
    SPAWN(&self->workers, &self->catch_up, catch_up, .delivery = &server->delivery);
    SPAWN(&self->workers, &self->sweeper, sweeper, .delivery = &server->delivery);
    SPAWN(&self->workers, &self->rester, rester, .rest = &server->rest);
    SPAWN(&self->workers, &self->reloads, reload_worker, .server = server);
    SPAWN(&self->workers, &self->heartbeat, heartbeat, .server = server);
    SPAWN(&self->workers, &self->metrics, metrics_server, .server = server);
    for (int i = 0; i < STAGES_SIGNALS; i++)
        SPAWN(&self->workers, &self->signals[i], signal_watch, .server = server, .number = signals[i].number,
              .handle = signals[i].handle);
    SPAWN(&self->workers, &self->tls_watch, tls_watch, .server = server);
}

static void start_acceptors(struct server_stages *self)
{
    struct server *server = self->server;
    server->sessions = &self->sessions;
    endpoints_start(&server->endpoints, server->sessions, &server->session_env);
    if (server->control.is_open)
        SPAWN(&self->sessions, &self->control, control_server, .control = &server->control);
    notify_ready();
}

static void begin_stop(struct server_stages *self)
{
    struct server *server = self->server;
    log_event(LOG_KIND_STOPPING, LOG_LEVEL_NOTICE, LOG_UINT("connections", registry_count(&server->registry)),
              LOG_INT("timeout_ms", server->settings->server.shutdown_timeout_ms));
    notify_stopping();
    endpoints_close(&server->endpoints);
    control_close(&server->control);
    server->session_env.is_shutting_down = true;
    hub_close(server->hub);
    self->sessions.kill_ms = (int)server->settings->server.shutdown_timeout_ms; /* as it is by now */
    co_group_cancel(&self->sessions);
}

static void mask_stop_signals(int how)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(how, &set, NULL); /* other threads take none */
}

/* The watches are gone; one more signal on the way out must not end us with its default action. */
static void ignore_stop_signals(void)
{
    signal(SIGTERM, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    mask_stop_signals(SIG_UNBLOCK);
}

ASYNC(server_stages)
{
    WITH(co_group_open(co, &self->workers, WORKERS_KILL_MS)) {
        start_workers(self);
        AWAIT(co_yield(&self->yield)); /* signals are caught before anybody is told that we are there */
        WITH(co_group_open(co, &self->sessions, (int)self->server->settings->server.shutdown_timeout_ms)) {
            start_acceptors(self);
            AWAIT(co_event_wait(&self->server->stop, &self->wait));
            begin_stop(self);
        }
        END_WITH;
        self->server->sessions = NULL;
        mask_stop_signals(SIG_BLOCK); /* until nobody waits for them */
        co_group_cancel(&self->workers);
    }
    END_WITH;
    ignore_stop_signals();
}
END_ASYNC
