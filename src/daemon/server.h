/* The whole process state: made once from settings, run, freed. Two servers may live in one process.
 *
 * Starting order: loop, TLS, listeners, hub, delivery, metrics; each failure has a message for the
 * administrator that says what to do. */
#ifndef DAEMON_SERVER_H
#define DAEMON_SERVER_H

#include <stddef.h>

#include "async/event.h"
#include "async/semaphore.h"
#include "base/attr.h"
#include "base/buf.h"
#include "daemon/control.h"
#include "daemon/health.h"
#include "daemon/listen_option.h"
#include "daemon/metrics_server.h"
#include "net/listener.h"
#include "async/executor.h"
#include "async/semaphore.h"
#include "daemon/texts.h"
#include "session/acceptor.h"
#include "session/ban_list.h"
#include "session/delivery.h"
#include "session/operators.h"
#include "session/recent.h"
#include "session/registry.h"
#include "session/session.h"

struct settings;

struct server {
    const struct settings *settings;
    struct co_loop *loop;
    struct tls_context *tls;
    struct tls_tickets *tickets; /* outlives each tls: a reload costs nobody a full handshake */
    struct co_semaphore handshakes;
    struct handshake_log handshake_log;
    struct listener *listeners;
    struct listen_option *options; /* of each listener */
    size_t listener_count;
    struct hub *hub;
    struct delivery delivery;
    struct registry registry;
    struct ban_list bans;
    struct recent browsers;
    struct control control;
    int64_t start_ms; /* monotonic */
    struct session_config session_config;
    struct session_env session_env;
    char tls_address[ADDR_TEXT_MAX + 256];
    struct texts texts;
    struct operators operators;
    struct co_executor *executor;
    struct co_semaphore password_checks;
    struct metrics_port metrics;
    struct health health;
    int64_t started_ms;        /* wall clock */
    struct co_event stop;      /* a stop was asked for */
    struct co_scope *sessions; /* while running: what a second request to stop kills */
};

/* Binds, loads, allocates. `settings` must outlive the server. NULL: the reason, a text without newline, is
 * appended to `error`. */
MUST_CHECK struct server *server_new(const struct settings *settings, struct buf *error);
void server_free(struct server *server); /* NULL is fine */

/* Serves until it is asked to stop, then stops in stages: no more clients, goodbye to all, flush, close,
 * all within server.shutdown_timeout. Returns the exit status. */
int server_run(struct server *server);

/* Begins the stop; the second time it ends everything at once. May be called from a task. */
void server_stop(struct server *server);

/* Tells the service manager what goes on, in a line. */
void server_notify_status(const struct server *server);

/* Logs the tree of tasks. */
void server_dump_tasks(const struct server *server);

#endif
