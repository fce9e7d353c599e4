/* The whole process state: made from a setup, run, freed. Two servers may live in one process.
 *
 * Starting order: loop, executor, hub, delivery, listeners, control socket, metrics; each failure has a
 * message for the administrator that says what to do. A reload (daemon/reload.h) puts another setup in
 * place; all that is copied or pointed to from a setup is filled in by server_apply(). */
#ifndef DAEMON_SERVER_H
#define DAEMON_SERVER_H

#include <stddef.h>

#include "async/event.h"
#include "async/semaphore.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/quota.h"
#include "daemon/control.h"
#include "daemon/endpoint.h"
#include "daemon/health.h"
#include "daemon/metrics_server.h"
#include "daemon/reload.h"
#include "proto/irc_dialect.h"
#include "session/ban_list.h"
#include "session/delivery.h"
#include "session/oper_guard.h"
#include "session/recent.h"
#include "session/registry.h"
#include "session/rest.h"
#include "session/session.h"
#include "session/zones.h"

struct options;
struct settings;
struct setup;

struct server {
    const struct options *options;   /* for the next setup */
    struct setup *setup;             /* what is in effect; owned */
    const struct settings *settings; /* its settings: do not keep pointers into them across an await */
    struct co_loop *loop;
    struct co_executor *executor;
    struct handshake_log handshake_log;
    struct quota handshake_quota;
    struct oper_guard oper_guard;
    struct endpoints endpoints;
    struct reloader reloader;
    struct hub *hub;
    struct delivery delivery;
    struct zones zones;
    struct rest rest;
    struct registry registry;
    struct ban_list bans;
    struct recent browsers;
    struct control control;
    int64_t start_ms; /* monotonic */
    struct session_config session_config;
    struct irc_dialect irc;
    struct session_env session_env;
    char tls_address[ADDR_TEXT_MAX + 256];
    struct co_semaphore password_checks;
    struct metrics_port metrics;
    struct health health;
    int64_t started_ms;        /* wall clock */
    struct co_event stop;      /* a stop was asked for */
    struct co_group *sessions; /* while running: all of them; what a second request to stop kills */
};

/* Binds and allocates. `options` must outlive the server. Takes over the setup, also when it fails. NULL:
 * the reasons, one line each, are appended to `errors`. */
MUST_CHECK struct server *server_new(const struct options *options, struct setup *setup, struct buf *errors);
void server_free(struct server *server); /* NULL is fine */

/* Serves until it is asked to stop, then stops in stages: no more clients, goodbye to all, flush, close,
 * all within server.shutdown_timeout. Returns the exit status. */
int server_run(struct server *server);

/* Begins the stop; the second time it ends everything at once. May be called from a task. */
void server_stop(struct server *server);

/* Tells the service manager what goes on, in a line. */
void server_notify_status(const struct server *server);

/* Puts another setup in the place of the one that is in effect, and takes it over: addresses are opened and
 * closed, whatever was taken from the old one is taken anew, and that is freed. The one place that swaps.
 * -Exxx: messages, one line each, are appended to `errors`, nothing has changed, and the setup is still the
 * caller's. Does not suspend. */
MUST_CHECK int server_apply(struct server *server, struct setup *setup, struct buf *errors);

/* Logs the tree of tasks. */
void server_dump_tasks(const struct server *server);

#endif
